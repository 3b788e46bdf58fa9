"""The textbook design of every topology: ``python -m arcs_engine.bench.reports.textbook``."""

import sys
from collections.abc import Iterator

import numpy as np

from arcs_engine.bench.published import vendor_designs
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.circuits.topologies.textbook import Choices
from arcs_engine.foundation.units import format_quantity
from arcs_engine.learning.datasets.specs import draw
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import judge

SEED = 20261
DRAWN = 200

_CHOICES = Choices()
_FLYBACK, _FORWARD = (REGISTRY[name].textbook_choices for name in ("flyback", "forward"))
_RATIO = f"{_CHOICES.ripple_ratio:g}, flyback {_FLYBACK.ripple_ratio:g}"
_DUTY = f"flyback {_FLYBACK.lowest_input_duty:g}, forward {_FORWARD.lowest_input_duty:g}"
_SPREAD = " %, ".join(
    f"{spread * 100:g}" for spread in (_CHOICES.inductance_spread, _CHOICES.capacitance_spread)
)
_VENDORS = len(vendor_designs())

_INTRODUCTION = f"""# The textbook design

Every shortlist begins with the textbook design, which costs 1; the cost of every other design is
relative to it. `arcs design --explain` shows the calculation for a spec. This page shows it for one
spec of each topology; `python -m arcs_engine.bench.reports.textbook` makes it.

The calculation rests on a few numbers that are chosen, not calculated
(`arcs_engine.circuits.topologies.textbook.Choices`):

| symbol | choice | value |
| --- | --- | --- |
| r | largest ripple of an inductor's current over its largest mean | {_RATIO} |
| η | efficiency at the lowest input | {_CHOICES.efficiency:g} |
| VF | forward drop of the rectifier | {_CHOICES.rectifier_drop:g} V |
| Dmax | duty at the lowest input that the turns ratio gives | {_DUTY} |
| rc | ripple of the coupling capacitor's voltage | {_CHOICES.coupling_ripple * 100:g} % |
| m | magnetizing current over the load current | {_CHOICES.magnetizing_ratio * 100:g} % |
| share | output power lost in the conducting switch | {_CHOICES.conduction_share * 100:g} % |
| Pmax | the same at most | {_CHOICES.conduction_limit:g} W |
| rs | share of the ripple that sizes the output capacitors | {_CHOICES.ripple_share * 100:g} % |
| tL, tC | tolerance of inductances and capacitances | {_SPREAD} % |
| tf | how slow the oscillator may be | {_CHOICES.clock_spread * 100:g} % |
| g | largest ESR over the typical one | {_CHOICES.esr_growth:g} |

A guard of the spec goes before a choice: r is at most 1 - tL of the ripple current allowed, so that
the least inductance keeps within it too, and Dmax at most the duty allowed.

Capacitors are banks of equal parts that are sold, the least volume of those that do it. The output
bank keeps the ripple, carries its current and holds the output within the deviation allowed when
the load steps, with the least capacitance, the largest ESR, the most inductance and the slowest
clock, under peak current control; [parts.md](parts.md#load-step) has the law and its limits. `Cout`
and `Cc` are what is left of the bank under bias, `Cout_esr` is the ESR of the bank. Where a slow
loop would take more than {_CHOICES.most_in_parallel} output capacitors in parallel, r grows up to
what custom allows: a smaller inductance has a higher right-half-plane zero.

Erickson 2e is Erickson and Maksimovic, Fundamentals of Power Electronics, 2nd edition. Hart is
Hart, Power Electronics (2011). The formulas reproduce Hart's examples 6-1, 6-2, 6-4, 6-6, 6-7, 6-8,
7-1 and 7-4, Rashid's 5.6 and 5.7, and Eaton's SEPIC (`tests/physics/test_textbook.py`).

Of {_VENDORS} designs that vendors publish ([published.md](published.md)) the inductance is within a
factor of two of the vendor's on four in five (`tests/physics/test_textbook_and_vendors.py`).

## How often it meets the spec

Of {DRAWN} random specs of each topology (seed {SEED}), under the judge of all designs:
"""

_EXAMPLES = {
    "buck": (12.0, 5.0, 2.0, 300e3),
    "boost": (12.0, 24.0, 1.0, 200e3),
    "buck_boost": (12.0, 9.0, 1.0, 200e3),
    "cuk": (12.0, 9.0, 1.0, 200e3),
    "sepic": (12.0, 9.0, 1.0, 200e3),
    "flyback": (24.0, 5.0, 2.0, 150e3),
    "forward": (48.0, 12.0, 3.0, 150e3),
}
"""Input, output, current and frequency of each topology's example."""


def document() -> str:
    """Return the document, in Markdown."""
    lines = [_INTRODUCTION, *_table(("topology", "nominal point", "every corner"), _passes())]
    for name, (vin, vout, iout, fsw) in _EXAMPLES.items():
        spec = Spec(
            vin=vin,
            vin_min=0.9 * vin,
            vin_max=1.1 * vin,
            vout=vout,
            iout=iout,
            fsw=fsw,
            ripple=0.01,
        )
        lines += ["", *_example(REGISTRY[name], spec)]
    return "\n".join(lines) + "\n"


def _passes() -> Iterator[tuple[str, ...]]:
    for name, topology in REGISTRY.items():
        batch = SpecBatch.of(draw(topology, DRAWN, np.random.default_rng(SEED)))
        found = judge(Designs.of(topology, topology.textbook(batch).values, batch))
        passes = (found.strict_pass.mean(), found.meets_spec.mean())
        yield name, *(f"{share:.1%}" for share in passes)


def _example(topology: Topology, spec: Spec) -> list[str]:
    asked = (
        f"{format_quantity(spec.vin, 'V')} ± 10 % to {format_quantity(spec.vout, 'V')}, "
        f"{format_quantity(spec.iout, 'A')}, {format_quantity(spec.fsw, 'Hz')}, ripple 1 %."
    )
    steps = topology.textbook(SpecBatch.of([spec])).steps
    rows = (
        (s.name, f"{s.result.symbol} = {s.formula}", s.with_numbers(0), s.result.text(0), s.source)
        for s in steps
    )
    head = ("step", "formula", "with numbers", "value", "source")
    title = topology.title[0].upper() + topology.title[1:]
    return [f"## {title}", "", asked, "", *_table(head, rows)]


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


if __name__ == "__main__":
    sys.stdout.write(document())
