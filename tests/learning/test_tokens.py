import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.errors import DesignError
from arcs_engine.spec import Spec
from arcs_engine.tokens import prompt, slots
from arcs_engine.tokens.grammar import Grammar
from arcs_engine.tokens.prompt import LENGTH
from arcs_engine.tokens.values import centre_of, legal_values, token_of
from arcs_engine.tokens.vocabulary import (
    END,
    FIRST_VALUE,
    NONE,
    PAD,
    QUANTITIES,
    VALUE_COUNT,
    VOCABULARY,
    Kind,
)
from arcs_engine.topologies import REGISTRY

KNOWN_HASH = "de1193103b64e8da"


def test_that_the_vocabulary_has_676_tokens_in_seven_kinds():
    counts = {kind: len(VOCABULARY.names_of(kind)) for kind in Kind}
    assert list(counts.values()) == [5, 20, 10, 20, 21, 100, 500]
    assert len(VOCABULARY) == 676 == len(VOCABULARY.kinds)


def test_that_the_vocabulary_hash_is_the_one_that_shipped_models_were_made_with():
    assert VOCABULARY.hash == KNOWN_HASH


def test_that_names_are_unique_within_their_kind():
    for kind in Kind:
        names = VOCABULARY.names_of(kind)
        assert len(set(names)) == len(names)


def test_that_every_registered_name_has_a_token_of_its_own():
    for topology in REGISTRY.values():
        assert VOCABULARY.names[VOCABULARY.id(Kind.TOPOLOGY, topology.name)] == topology.name
        for value in topology.design_values:
            assert VOCABULARY.names[VOCABULARY.id(Kind.COMPONENT, value.name)] == value.name


@given(st.floats(1e-12, 9.99e5))
def test_that_a_bin_is_8_6_percent_wide_and_holds_its_number(number):
    token = token_of(number)
    ratio = float(centre_of(token)) / number
    assert 1 / 1.0865**0.5 <= ratio <= 1.0865**0.5


def test_that_numbers_beyond_the_range_take_the_last_bins():
    assert token_of(1e-15) == FIRST_VALUE
    assert token_of(1e9) == FIRST_VALUE + VALUE_COUNT - 1


def test_that_legal_values_are_of_the_series_and_decode_to_the_nearest_of_the_bin(topology):
    for value in topology.design_values:
        tokens, decoded = legal_values(value)
        assert np.array_equal(token_of(decoded), tokens)
        assert len(set(tokens)) == len(tokens)
        assert decoded[0] >= value.low * (1 - 1e-9)
        assert decoded[-1] <= value.high * (1 + 1e-9)


designs = st.sampled_from(list(REGISTRY.values())).flatmap(
    lambda topology: st.tuples(
        st.just(topology),
        st.tuples(
            *(
                st.integers(0, len(legal_values(v)[1]) - 1).map(
                    lambda i, v=v: float(legal_values(v)[1][i])
                )
                for v in topology.design_values
            )
        ),
        st.permutations(range(len(topology.design_values))),
    )
)


@given(designs)
def test_that_a_design_survives_encoding_in_any_order_of_its_slots(case):
    topology, numbers, order = case
    spec = Spec(vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=3e5)
    design = {v.name: n for v, n in zip(topology.design_values, numbers, strict=True)}
    rows = slots.encode(
        prompt.for_spec(spec, topology.name),
        topology,
        {name: np.array([n]) for name, n in design.items()},
        np.array([order]),
    )
    assert slots.decode(topology, rows.tokens[0]) == design
    assert slots.decode(topology, rows.padded(60).tokens[0]) == design
    body = [int(t) for t in rows.tokens[0, LENGTH:]]
    assert Grammar(topology).accepts(body)
    written = rows.exact[0, LENGTH:][1::2]
    assert np.allclose(10**written, np.array(numbers)[list(order)], rtol=1e-12)


def test_that_the_prompt_carries_every_field_exactly_beside_its_token(spec):
    rows = prompt.for_spec(spec, "buck").sequences()
    for i, name in enumerate(QUANTITIES):
        assert rows.tokens[0, 3 + 2 * i] == VOCABULARY.id(Kind.SPEC, name)
    assert 10 ** rows.exact[0, 4 + 2 * QUANTITIES.index("vout")] == pytest.approx(5, rel=1e-12)
    assert rows.tokens[0, -2] == VOCABULARY.id(Kind.SPEC, "status_good")


def test_that_an_efficiency_without_a_wish_is_left_open_and_a_wish_is_coded_as_loss(spec):
    place = 4 + 2 * QUANTITIES.index("loss_fraction")
    silent = prompt.for_spec(spec, "buck").sequences()
    assert silent.tokens[0, place] == NONE
    assert np.isnan(silent.exact[0, place])
    wishing = Spec(vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=3e5, efficiency=0.9)
    rows = prompt.for_spec(wishing, "buck").sequences()
    assert 10 ** rows.exact[0, place] == pytest.approx(0.1)


def test_that_broken_sequences_are_refused(topology, spec):
    values = {v.name: np.array([float(legal_values(v)[1][0])]) for v in topology.design_values}
    good = slots.encode(prompt.for_spec(spec, topology.name), topology, values).tokens[0]
    broken = []
    repeated = good.copy()
    repeated[LENGTH + 2] = repeated[LENGTH]
    broken.append(repeated)
    out_of_range = good.copy()
    out_of_range[LENGTH + 1] = FIRST_VALUE
    broken.append(out_of_range)
    endless = good.copy()
    endless[-1] = PAD
    broken.append(endless)
    broken.append(good[:-1])
    too_early = good.copy()
    too_early[LENGTH + 2] = END
    broken.append(too_early)
    for row in broken:
        with pytest.raises(DesignError, match="does not describe"):
            slots.decode(topology, row)


def test_that_nothing_is_legal_after_the_end(topology, spec):
    values = {v.name: np.array([float(legal_values(v)[1][0])]) for v in topology.design_values}
    rows = slots.encode(prompt.for_spec(spec, topology.name), topology, values)
    body = [int(t) for t in rows.tokens[0, LENGTH:]]
    assert not Grammar(topology).legal_next(body).any()
