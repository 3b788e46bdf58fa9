import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.circuit import (
    GROUND,
    Capacitor,
    Circuit,
    Coupling,
    Diode,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.foundation.errors import DesignError, InputError
from arcs_engine.model.tokens import prompt, walk
from arcs_engine.model.tokens.euler import circuit_of
from arcs_engine.model.tokens.prompt import LENGTH
from arcs_engine.model.tokens.representation import NO_SLOT
from arcs_engine.model.tokens.representations import REPRESENTATIONS, representation
from arcs_engine.model.tokens.slots import Slots
from arcs_engine.model.tokens.values import centre_of, legal_values, token_of
from arcs_engine.model.tokens.vocabulary import (
    FIRST_VALUE,
    NONE,
    PAD,
    QUANTITIES,
    VALUE_COUNT,
    VOCABULARY,
    Kind,
)

EVERY = REGISTRY | VARIANTS
FIRST = np.zeros(1, dtype=np.intp)


@pytest.fixture(params=list(EVERY.values()), ids=list(EVERY))
def every_topology(request):
    return request.param


KNOWN_HASH = "f875a93fdc0de23c"


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


designs = st.sampled_from(list(EVERY.values())).flatmap(
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
    )
)


SPEC = Spec(vin=12, vin_min=10, vin_max=14, vout=5, iout=2, fsw=3e5)
SPEAKERS = list(REPRESENTATIONS.values())


@pytest.fixture(params=SPEAKERS, ids=list(REPRESENTATIONS))
def speaks(request):
    return request.param


@settings(max_examples=100)
@given(designs, st.sampled_from(SPEAKERS), st.integers(0, 2**32), st.sampled_from([0.0, 1.0]))
def test_that_a_design_survives_encoding_in_every_representation_and_layout(
    case, speaks, seed, share
):
    topology, numbers = case
    design = {v.name: n for v, n in zip(topology.design_values, numbers, strict=True)}
    layout = speaks.layouts(topology, 2, np.random.default_rng(seed), share)
    asked = prompt.for_spec(SPEC, topology.family)
    rows = speaks.encode(
        asked, topology, {name: np.array([n]) for name, n in design.items()}, layout.take(FIRST)
    )
    assert speaks.decode(topology, rows.tokens[0]) == design
    assert speaks.decode(topology, rows.padded(speaks.context).tokens[0]) == design
    assert speaks.is_valid(rows.tokens[0], [topology])
    owners = speaks.owners(topology, rows.tokens)[0]
    written = {
        VOCABULARY.names[owner]: exact
        for owner, exact in zip(owners, rows.exact[0], strict=True)
        if owner != NO_SLOT
    }
    assert written == {name: pytest.approx(np.log10(n), rel=1e-12) for name, n in design.items()}


def test_that_any_subset_of_slots_can_come_first(topology):
    names = [v.name for v in topology.design_values]
    for count in range(len(names) + 1):
        for subset in combinations(names, count):
            layout = Slots().layout(topology, subset)
            written = [VOCABULARY.names[t] for t in layout.tokens[0, 0:-1:2]]
            rest = [name for name in names if name not in subset]
            assert written == [n for n in names if n in subset] + rest


def test_that_shuffled_slots_begin_with_every_subset_and_keep_their_numbers_places(topology):
    names = [v.name for v in topology.design_values]
    layouts = Slots().layouts(topology, 4000, np.random.default_rng(0), 1.0)
    assert {VOCABULARY.names[t] for t in layouts.tokens[:, 0]} == set(names)
    orders = {tuple(row) for row in layouts.tokens[:, 0:-1:2]}
    assert len(orders) >= min(math.factorial(len(names)), 300)
    before = np.take_along_axis(layouts.tokens, layouts.places - 1, axis=1)
    assert (before == [VOCABULARY.id(Kind.COMPONENT, name) for name in names]).all()


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


def _good(speaks, topology):
    values = {v.name: np.array([float(legal_values(v)[1][0])]) for v in topology.design_values}
    asked = prompt.for_spec(SPEC, topology.family)
    return speaks.encode(asked, topology, values).tokens[0]


def test_that_one_wrong_token_anywhere_in_a_body_breaks_it_or_makes_another_design(
    speaks, every_topology
):
    topology = every_topology
    good = _good(speaks, topology)
    rng = np.random.default_rng(0)
    design = speaks.decode(topology, good)
    for place in range(LENGTH, len(good)):
        for token in rng.choice(np.delete(np.arange(676), good[place]), 12, replace=False):
            row = good.copy()
            row[place] = token
            try:
                other = speaks.decode(topology, row)
            except DesignError as error:
                assert "does not describe" in str(error)
                assert not speaks.is_valid(row, [topology])
            else:
                assert VOCABULARY.kinds[[token, good[place]]].tolist() == [Kind.VALUE] * 2
                assert sum(other[name] != design[name] for name in design) == 1


def test_that_cut_and_unended_sequences_are_refused(speaks, every_topology):
    good = _good(speaks, every_topology)
    endless = good.copy()
    endless[-1] = PAD
    for row in (endless, *(good[:length] for length in range(2, len(good)))):
        assert not speaks.is_valid(row, [every_topology])
    with pytest.raises(DesignError, match="does not describe"):
        speaks.decode(every_topology, endless)


def test_that_one_wrong_token_in_a_prompt_makes_it_invalid(speaks):
    good = _good(speaks, REGISTRY["buck"])
    known = list(REGISTRY.values())
    assert speaks.is_valid(good, known)
    weight = 4 + 2 * QUANTITIES.index("weight")
    open_weight = good.copy()
    open_weight[weight] = NONE
    assert speaks.is_valid(open_weight, known)
    for place in range(LENGTH):
        row = good.copy()
        row[place] = NONE if place not in {weight, weight - 4 + 2} else PAD
        assert not speaks.is_valid(row, known), place


def test_that_a_number_out_of_its_range_is_refused(speaks, topology):
    good = _good(speaks, topology)
    place = int(np.flatnonzero(speaks.owners(topology, good[None])[0] != NO_SLOT)[0])
    good[place] = FIRST_VALUE + VALUE_COUNT - 1
    assert not speaks.is_valid(good, [topology])


def test_that_a_walk_through_a_topology_passes_every_part_once_and_tells_it_from_all_others():
    rng = np.random.default_rng(0)
    known = [circuit_of(t) for t in EVERY.values()]
    assert len(set(known)) == len(known)
    for topology, circuit in zip(EVERY.values(), known, strict=True):
        walks = {tuple(walk.walk(circuit, rng)) for _ in range(40)}
        assert len(walks) > 20
        assert len({len(w) for w in walks}) == 1
        pins = 2 * len(topology.circuit.elements)
        for tokens in walks:
            assert walk.read(tokens) == circuit
            assert (VOCABULARY.kinds[list(tokens)] == Kind.PIN).sum() == pins


def test_that_a_walk_jumps_only_where_the_circuit_has_no_eulerian_trail():
    for topology in EVERY.values():
        circuit = circuit_of(topology)
        degrees = Counter(net for part in circuit for net in (part.a, part.b))
        odd = sum(count % 2 for count in degrees.values())
        kinds = VOCABULARY.kinds[walk.walk(circuit, np.random.default_rng(0))]
        cores = sum(part.core != walk.NO_CORE for part in circuit)
        jumps = int((kinds == Kind.NET).sum()) - cores - len(circuit) - 1
        assert jumps == max(0, odd // 2 - 1)


KINDS = [
    Source, Load, Resistor, Capacitor, Diode, Inductor, Switch,
    lambda name, a, b: Switch(name, a, b, "complement"),
]  # fmt: skip


@st.composite
def circuits(draw):
    """Draw any parts between any nets, whether it all hangs together or not."""
    nets = [GROUND, *(f"n{i}" for i in range(draw(st.integers(1, 12))))]
    elements = [
        draw(st.sampled_from(KINDS))(f"X{i}", *draw(st.tuples(*[st.sampled_from(nets)] * 2)))
        for i in range(draw(st.integers(1, 20)))
    ]
    windings = [e.name for e in elements if isinstance(e, Inductor)]
    cores = draw(st.lists(st.integers(0, 2), min_size=len(windings), max_size=len(windings)))
    couplings = [
        Coupling(f"K{one}{other}", one, other)
        for (one, core), (other, same) in combinations(zip(windings, cores, strict=True), 2)
        if core == same != 0
    ]
    return Circuit(tuple(elements), tuple(couplings))


@st.composite
def component_lists(draw, circuit):
    """Draw design values, named or with reserved names, for any of the parts."""
    first = VOCABULARY.first(Kind.COMPONENT)
    slots = st.tuples(
        st.integers(first, first + 19), st.integers(FIRST_VALUE, FIRST_VALUE + VALUE_COUNT - 1)
    )
    return {e.name: tuple(draw(st.lists(slots, max_size=3))) for e in circuit.elements}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(0, 2**32))
def test_that_any_circuit_survives_its_walk(data, seed):
    circuit = data.draw(circuits())
    diagram = walk.diagram_of(circuit, data.draw(component_lists(circuit)))
    rng = np.random.default_rng(seed)
    one, other = walk.walk(diagram, rng), walk.walk(diagram, rng)
    assert walk.read(one) == walk.read(other) == diagram
    assert len(one) == len(other)
    assert len(diagram) == len(circuit.elements)


def test_that_a_circuit_with_too_many_nets_is_refused():
    row = Circuit(tuple(Resistor(f"R{i}", f"n{i}", f"n{i + 1}") for i in range(100)))
    with pytest.raises(DesignError, match="100 nets"):
        walk.diagram_of(row, {})


def test_that_an_unknown_representation_is_refused():
    with pytest.raises(InputError, match="choose slots, flat, euler"):
        representation("letters")
