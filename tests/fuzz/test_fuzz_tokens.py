"""Token sequences, attacked: any numbers in any order are a design or none."""

from functools import cache

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.foundation.errors import DesignError
from arcs_engine.model.tokens import prompt, walk
from arcs_engine.model.tokens.prompt import LENGTH, is_prompt
from arcs_engine.model.tokens.representations import REPRESENTATIONS
from arcs_engine.model.tokens.values import legal_values
from arcs_engine.model.tokens.vocabulary import END, VOCABULARY

EVERY = list((REGISTRY | VARIANTS).values())
SPEC = Spec(vin=24.0, vin_min=20.0, vin_max=28.0, vout=12.0, iout=1.0, fsw=2e5)
HIGH = msgspec.structs.replace(SPEC, vout=48.0)

tokens = st.one_of(
    st.integers(0, len(VOCABULARY) - 1),
    st.integers(-3, len(VOCABULARY) + 3),
    st.sampled_from([-(2**63), 2**63 - 1, END, 0]),
)
speakers = st.sampled_from(list(REPRESENTATIONS.values()))
topologies = st.sampled_from(EVERY)


@cache
def written(speaks, topology):
    spec = HIGH if topology.family == "boost" else SPEC
    values = topology.textbook(SpecBatch.of([spec])).values
    return speaks.encode(prompt.for_spec(spec, topology.family), topology, values).tokens[0]


@st.composite
def sequences(draw):
    """A written design with some of its tokens changed, moved, added or cut off."""
    speaks, topology = draw(speakers), draw(topologies)
    row = written(speaks, topology).tolist()
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(LENGTH * draw(st.booleans()), len(row) - 1))
        match draw(st.sampled_from(["change", "swap", "insert", "remove"])):
            case "change":
                row[at] = draw(tokens)
            case "swap":
                other = draw(st.integers(0, len(row) - 1))
                row[at], row[other] = row[other], row[at]
            case "insert":
                row.insert(at, draw(tokens))
            case "remove" if len(row) > LENGTH + 1:
                del row[at]
    return speaks, topology, np.array(row[: draw(st.integers(0, 2 * len(row)))], dtype=np.int64)


def check_decoded(speaks, topology, row):
    """A sequence is a design whose numbers are of their series, or it is refused in words."""
    valid = speaks.is_valid(row, [topology])
    try:
        design = speaks.decode(topology, row)
    except DesignError as error:
        assert str(error).isprintable()
        assert not valid
        return
    assert list(design) == [value.name for value in topology.design_values]
    for value in topology.design_values:
        assert design[value.name] in legal_values(value)[1]


@given(sequences())
def test_that_any_changed_sequence_is_a_design_or_refused_in_words(case):
    check_decoded(*case)


def numbers_of(content):
    """Tokens, and some numbers that are none, from bytes, which are drawn much faster."""
    return np.frombuffer(content[: len(content) // 2 * 2], np.int16).astype(np.int64) % 690 - 7


rows = st.binary(max_size=160).map(numbers_of)


@given(speakers, topologies, rows)
def test_that_any_sequence_is_a_design_or_refused_in_words(speaks, topology, row):
    check_decoded(speaks, topology, row)


@given(rows)
def test_that_any_tokens_are_a_walk_through_whole_parts_or_none(row):
    found = walk.read(row.tolist())
    if found is not None:
        again = walk.walk(found, np.random.default_rng(0))
        assert walk.read(again) == found


@given(topologies, st.integers(0, LENGTH - 1), tokens, st.integers(-1, 1))
def test_that_a_prompt_with_a_wrong_token_or_length_is_none(topology, at, token, longer):
    row = written(REPRESENTATIONS["slots"], topology)[: LENGTH + longer].copy()
    assert is_prompt(row) == (longer == 0)
    row[min(at, len(row) - 1)] = token
    assert is_prompt(row) in (True, False)


@given(rows)
def test_that_any_tokens_are_no_prompt(row):
    assert not is_prompt(row)
