"""Advice is what was tried and led to a design that meets the spec."""

import msgspec
import pytest
from converters import spec_of

from arcs_engine.sizing.advice import ENOUGH, advice
from arcs_engine.sizing.proposal import Proposer


def failing(name, spec, **asked):
    found = Proposer(None).propose(msgspec.structs.replace(spec, topology=name), count=2, **asked)
    assert not any(candidate.meets_spec for candidate in found.candidates)
    return found


def test_that_a_wish_beyond_the_diode_leads_to_the_second_switch():
    found = failing("boost", spec_of(12.0, 24.0, 1.0, 200e3, efficiency=0.96))
    first, *_, last = advice(found)
    assert first.startswith("The synchronous boost meets the spec, at an estimated efficiency of ")
    assert float(first.split()[-2]) >= 96.0
    assert last.startswith("Without the wish for 96.0 % the boost meets the spec")


def test_that_locks_that_forbid_are_named_first_and_kept_in_what_else_is_tried():
    locks = {"Cout": 1e-6, "Cout_esr": 1e-3}
    found = failing("buck", spec_of(12.0, 5.0, 2.0, 300e3), locks=locks)
    first, *others = advice(found, locks=locks)
    assert first.startswith("Without locks on Cout, Cout_esr the spec is met")
    assert len(others) < ENOUGH
    assert not any("synchronous buck" in sentence for sentence in others)  # it has the same Cout


def test_that_where_nothing_helps_this_is_what_is_said():
    found = failing("boost", spec_of(5.0, 60.0, 3.0, 100e3))
    (sentence,) = advice(found)
    assert sentence.startswith("Nothing that was tried helps")
    assert found.candidates[0].reasons


@pytest.mark.parametrize("wish", [0.93, 0.985])
def test_that_auto_is_told_of_variants_and_never_of_what_it_has_tried(wish):
    found = failing("auto", spec_of(12.0, 5.0, 2.0, 300e3, efficiency=wish))
    sentences = advice(found)
    assert any("synchronous" in sentence for sentence in sentences) == (wish == 0.93)
    assert not any(s.startswith(("The buck ", "The SEPIC ", "The flyback ")) for s in sentences)
