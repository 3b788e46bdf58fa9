"""From a spec to a ranked shortlist: sample, judge, improve, rank (requirement J5)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Topology, Values
from arcs_engine.foundation.control import Control
from arcs_engine.model.model import Model
from arcs_engine.model.request import Draw, Request
from arcs_engine.performance.candidate import Candidate, ModelSummary, Origin, Shortlist, Timing
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Design
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.performance.references import textbook_reference
from arcs_engine.performance.regulation import with_corners
from arcs_engine.sizing.choice import chosen, order, told
from arcs_engine.sizing.local_search import better_near
from arcs_engine.sizing.problem import Problem
from arcs_engine.sizing.refusals import fitting

SAMPLES: Final = 48
"""Designs that the model proposes for each topology."""

STARTS: Final = 8
"""How many of the best samples the local search starts from."""

ENDS: Final = (0.2, 0.9)
"""Weights of the loss that a search goes on with from its best design: what else one might want."""

ENDS_ROUNDS: Final = 3
"""Steps of those searches."""


@dataclass(frozen=True)
class Search:
    """What was found for a spec with one topology: every judged design, and the time of samples.

    Attributes:
        pool: in no order, at least one.
        sampling: s.
    """

    pool: list[Candidate]
    sampling: float

    @property
    def best(self) -> Candidate:
        """The one that a shortlist begins with."""
        return min(self.pool, key=order)


class Proposer:
    """Proposes designs with a trained model; without one, from textbook designs alone."""

    def __init__(self, model: Model | None) -> None:
        self._model = model

    def propose(
        self,
        spec: Spec,
        *,
        count: int = 8,
        seed: int = 0,
        locks: Mapping[str, float] | None = None,
        control: Control | None = None,
    ) -> Shortlist:
        """Return the textbook design and the best distinct proposals, best first.

        Args:
            spec: what the supply must do; its topology may be ``auto``.
            count: how many candidates, at least 1.
            seed: the same seed gives the same shortlist.
            locks: design values that are given, SI, by name.
            control: for progress and cancel.

        A topology that the model was not trained on is searched from the textbook design; so is
        one for which no sample meets the spec, besides the samples.

        Raises:
            SpecError: no topology that the spec allows can meet it.
            DesignError: a lock names no design value, or lies outside its range.
            Cancelled: the control asked for a stop.
        """
        control = control or Control.silent()
        began = time.perf_counter()
        topologies = fitting(spec)
        reference, textbook = common_textbook(spec, topologies)
        pool: list[Candidate] = []
        sampling = 0.0
        for index, topology in enumerate(topologies):
            searched = self.search(
                Problem(spec, topology, reference, locks or {}),
                seed=seed,
                control=control.part(index / len(topologies), 1 / len(topologies)),
            )
            pool += searched.pool
            sampling += searched.sampling
        textbook, *found = with_corners(spec, [textbook, *ranked(spec, pool, textbook, count)])
        total = time.perf_counter() - began
        control.progress(1.0, "Ranked")
        return Shortlist(
            spec=spec,
            textbook=textbook,
            candidates=tuple(found),
            timing=Timing(sample=sampling, solve=total - sampling, verify=0.0, total=total),
            model=self.summary(),
            seed=seed,
        )

    def search(self, problem: Problem, *, seed: int, control: Control) -> Search:
        """Search one topology: what a shortlist is made of, and what any comparison must ask.

        Args:
            problem: what the designs are for.
            seed: the same seed finds the same designs.
            control: for progress and cancel.
        """
        title = problem.topology.title
        control.progress(0.0, f"Proposing the {title}")
        began = time.perf_counter()
        values, origin = self._sample(problem, seed, control)
        sampling = time.perf_counter() - began
        control.progress(0.4, f"Checking the {title}")
        pool = problem.judged(_distinct(values), origin)
        starts = sorted(pool, key=order)[:STARTS]
        control.progress(0.6, f"Improving the {title}")
        if not starts[0].meets_spec:
            textbook = problem.judged(problem.around_textbook(1), "textbook")
            pool += textbook
            pool += better_near(problem, textbook, control=control)
        pool += better_near(problem, starts, control=control)
        best = min(pool, key=order)
        for weight in ENDS if best.meets_spec else ():
            control.checkpoint()
            pool += problem.recosted(better_near(problem.at(weight), [best], rounds=ENDS_ROUNDS))
        return Search(pool, sampling)

    def _sample(self, problem: Problem, seed: int, control: Control) -> tuple[Values, Origin]:
        """Return designs to start from, by the model where it knows topology and objective."""
        family = problem.topology.family
        if self._model is None or family not in self._model.card.topologies or not self.matches:
            return problem.around_textbook(SAMPLES, seed), "search"
        values = self._model.sample(
            Request(problem.spec, find_topology(family), SAMPLES, locks=problem.locks),
            Draw(seed=seed),
            control,
        )
        return problem.bought(values), "model"

    @cached_property
    def matches(self) -> bool:
        """Whether the model was trained with this engine's physics and objective.

        One that was trained for another objective proposes what nobody asks for any more.
        """
        card = None if self._model is None else self._model.card
        return card is not None and card.physics_hash == physics_hash(card.topologies)

    def summary(self) -> ModelSummary | None:
        """Return which model there is, and whether it proposes; None for none."""
        if self._model is None:
            return None
        trained = self._model.card.physics_hash
        return ModelSummary(
            name=self._model.name,
            parameters=self._model.parameter_count,
            physics_hash=trained,
            physics_matches=self.matches,
        )


def textbook_design(spec: Spec) -> tuple[Topology, dict[str, float]]:
    """Return the first topology that a spec allows, and its textbook values; none is solved.

    Raises:
        SpecError: no topology that the spec allows can meet it.
    """
    topology = fitting(spec)[0]
    values = topology.textbook(SpecBatch.of([spec])).values
    return topology, {name: float(value[0]) for name, value in values.items()}


def common_textbook(spec: Spec, topologies: Sequence[Topology]) -> tuple[Reference, Candidate]:
    """Return what costs 1 and the textbook design it belongs to.

    Several topologies are compared against one of their textbook designs, so that their costs can
    be compared: the one that, against the first one's, costs least.
    """
    batch = SpecBatch.of([spec])
    references = {t.name: textbook_reference(t, batch) for t in topologies}
    first = references[topologies[0].name]

    def cost(topology: Topology) -> float:
        own = references[topology.name]
        return float(first.cost(spec.weight, own.loss, own.volume)[0])

    chosen = min(topologies, key=cost)
    sized = chosen.textbook(batch).values
    values = {name: float(value[0]) for name, value in sized.items()}
    named = msgspec.structs.replace(spec, topology=chosen.name)
    textbook = evaluate(Design(named, values), "textbook")
    textbook = msgspec.structs.replace(
        textbook, rank=0, note=f"The textbook design: {chosen.title}."
    )
    return references[chosen.name], textbook


def _distinct(values: Values) -> Values:
    """Return each distinct design once, in the order in which they were first drawn."""
    table = np.stack(list(values.values()), axis=1)
    _, first = np.unique(table, axis=0, return_index=True)
    return dict(zip(values, table[np.sort(first)].T, strict=True))


def ranked(
    spec: Spec, pool: Sequence[Candidate], textbook: Candidate, count: int
) -> tuple[Candidate, ...]:
    """Return what a shortlist shows of a pool, with ranks from 1 and a sentence on each."""
    return tuple(
        msgspec.structs.replace(each, rank=rank, note=difference(each, textbook))
        for rank, each in enumerate(chosen(spec, pool, count), start=1)
    )


def difference(candidate: Candidate, textbook: Candidate) -> str:
    """Return one sentence on how a candidate differs from the textbook design."""
    if candidate.topology != textbook.topology:
        kind = find_topology(candidate.topology).title
        changes = [f"the {kind} instead"]
    else:
        value = find_topology(candidate.topology).value
        changes = [
            f"{value(name).label} × {ratio:.2g}"
            for name, ratio in (
                (n, candidate.values[n] / textbook.values[n]) for n in candidate.values
            )
            if abs(ratio - 1) > 0.01
        ]
    effects = _effects(candidate, textbook)
    what = ", ".join(changes) if changes else "the same values"
    named = ", ".join(told(candidate))
    text = f"{named}; {what}" if named else what
    text = f"{text}: {effects}." if effects else f"{text}."
    return text[0].upper() + text[1:]


def _effects(candidate: Candidate, textbook: Candidate) -> str:
    """Return the change of loss and volume against the textbook design, if both work."""
    mine, its = Reference.of(candidate), Reference.of(textbook)
    if mine is None or its is None:
        return ""
    loss, volume = mine.loss[0] / its.loss[0] - 1, mine.volume[0] / its.volume[0] - 1
    return f"loss {loss:+.0%}, volume {volume:+.0%}"
