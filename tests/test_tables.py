"""What the tables of the command line say of a design's verdict."""

import sys
from pathlib import Path

import msgspec
import pytest

from arcs_engine.circuits.spec import Spec
from arcs_engine.cli import tables
from arcs_engine.performance.bill import Part, Property
from arcs_engine.performance.candidate import Shortlist, Timing
from arcs_engine.performance.metrics import Stress

sys.path.append(str(Path(__file__).parent / "gui"))  # for the scripted candidates
from scripted_engine import candidate, confirmation

SPEC = Spec(topology="buck", vin=12, vin_min=12, vin_max=12, vout=5, iout=2, fsw=300e3)
REASON = "The estimated efficiency is 92.1%, below the wished 99.0%."


def listed(chosen):
    """Return the head of the table, and the line of the chosen design."""
    timing = Timing(sample=0, solve=0, verify=0, total=0)
    found = Shortlist(
        spec=SPEC, textbook=candidate(0), candidates=(chosen,), timing=timing, model=None, seed=0
    )
    head, _, line, *_ = tables.shortlist(found).splitlines()
    return head, line


@pytest.mark.parametrize(
    ("meets", "confirmed", "said"),
    [
        (True, True, "0.820  meets the spec, confirmed by ngspice"),
        (True, False, "0.820  meets the spec, ngspice disagrees"),
        (False, True, "—      fails the spec, figures confirmed by ngspice"),
        (False, False, "—      fails the spec, ngspice disagrees"),
    ],
)
def test_that_the_table_approves_only_of_what_meets_the_spec(meets, confirmed, said):
    word = confirmation(confirmed=confirmed, ripple=0.0043 if confirmed else 0.02)
    chosen = candidate(1, meets_spec=meets, ngspice=word)
    assert listed(chosen)[1].endswith(said)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Pmean", "720 mW"),
        ("Vol", "664 mm³"),
        ("ΔVstep", "3.10 %"),
        ("bank of Cout", "4 x 22 µF 10 V 0805 ceramic"),
    ],
)
def test_that_the_table_tells_what_the_cost_weighs_and_what_to_buy(title, said):
    head, line = listed(candidate(1))
    assert line[head.index(f" {title} ") + 1 :].startswith(said)


def test_that_a_design_without_operating_point_has_no_bank():
    head, line = listed(candidate(1, metrics=None, duty=None, mode=None, meets_spec=False, cost=3))
    assert line[head.index("bank of") :].startswith("— ")


def test_that_a_list_of_parts_says_what_to_buy_once_for_each_bank():
    ratings = {"voltage": Stress("voltage", 5.0, 10.0, 0.6, "V")}
    need = Property(name="Cout", title="capacitance", value=3e-5, unit="F", origin="chosen")
    bank = Part(
        name="Cout",
        kind="ceramic capacitor",
        properties=(need,),
        stress=ratings,
        buy="4 x 22 µF 10 V 0805 ceramic",
    )
    said = tables.parts([bank, msgspec.structs.replace(bank, name="Q1", buy="")])
    assert [line.split("  ")[0] for line in said.splitlines() if "to buy" in line] == ["Cout"]
    assert "4 x 22 µF 10 V 0805 ceramic" in said


def test_that_first_reasons_are_one_line_for_all_that_share_them():
    timing = Timing(sample=0, solve=0, verify=0, total=0)
    fails = [
        msgspec.structs.replace(candidate(k), meets_spec=False, reasons=(REASON, "Another."))
        for k in range(3)
    ]
    other = msgspec.structs.replace(fails[2], reasons=("The ripple is too large.",))
    found = Shortlist(
        spec=SPEC,
        textbook=fails[0],
        candidates=(fails[1], other),
        timing=timing,
        model=None,
        seed=0,
    )
    assert tables.first_reasons(found) == [
        f"textbook, 1: {REASON}",
        "2: The ripple is too large.",
    ]
