"""A genetic algorithm on the E-series lattice, by PyGAD (docs/decisions/0008)."""

from itertools import islice

import numpy as np
import pygad

from arcs_engine.circuits.design_space import Places
from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.ledger import Ledger
from arcs_engine.sizing.search.sources import SPREAD, Source, around_textbook

POPULATION = 64
ELITE = 8
"""Best designs that live on unchanged."""

TOURNAMENT = 3
STALLED = 50
"""Generations without a new design that end a run before its budget does: the lattice is small."""

_MUTATION_SPREADS = (0.02, 0.2)
"""Standard deviations of mutations, in decades: half of them to refine, half to explore."""

_UNJUDGED = -1e9
"""Fitness of what the budget no longer reached."""


class _Evolution:
    """One spec's run: what PyGAD asks for, answered by the ledger."""

    def __init__(
        self, ledger: Ledger, spec: int, rng: np.random.Generator, control: Control
    ) -> None:
        self._ledger = ledger
        self._spec = spec
        self._rng = rng
        self._control = control
        self._idle = 0
        self._count = 0

    def run(self, population: Places) -> None:
        """Evolve a population, shape (p, slots), until the budget is spent."""
        evolution = pygad.GA(
            num_generations=np.iinfo(np.int32).max,
            initial_population=self._settled(population),
            num_parents_mating=len(population) // 2,
            keep_elitism=ELITE,
            parent_selection_type="tournament",
            K_tournament=TOURNAMENT,
            crossover_type="uniform",
            mutation_type=self._mutated,
            gene_type=int,
            fitness_func=self._fitness,
            fitness_batch_size=len(population),
            on_generation=self._ended,
            random_seed=int(self._rng.integers(2**32)),
            suppress_warnings=True,
        )
        evolution.run()

    def _settled(self, places: Places) -> Places:
        return self._ledger.problems.settled(np.full(len(places), self._spec), places)

    def _fitness(self, evolution: pygad.GA, places: Places, rows: list[int]) -> list[float]:
        score = self._ledger.score(np.full(len(places), self._spec), places.astype(np.int64))
        return [float(f) for f in np.where(np.isfinite(score), -score, _UNJUDGED)]

    def _mutated(self, offspring: Places, evolution: pygad.GA) -> Places:
        lattice = self._ledger.problems.lattice
        places = offspring.astype(np.int64)
        odds = 1 / len(lattice.names)
        fine, wide = (lattice.near(places, s, self._rng, odds) for s in _MUTATION_SPREADS)
        return self._settled(np.where(self._rng.random((len(places), 1)) < 0.5, fine, wide))

    def _ended(self, evolution: pygad.GA) -> str | None:
        self._control.checkpoint()
        count = int(self._ledger.counts[self._spec])
        self._idle = self._idle + 1 if count == self._count else 0
        self._count = count
        done = self._ledger.left[self._spec] <= 0 or self._idle >= STALLED
        return "stop" if done else None


def genetic(ledger: Ledger, source: Source, rng: np.random.Generator, control: Control) -> None:
    """Spend each spec's budget on the evolution of a population.

    Args:
        ledger: judges and counts.
        source: of the first population; designs around its own fill up what it lacks.
        rng: source of all chance.
        control: asked after each generation whether to stop.
    """
    problems = ledger.problems
    first = np.stack(list(islice(source(problems, rng), POPULATION)), axis=1)
    for spec in range(len(problems)):
        control.progress(spec / len(problems), "Evolving")
        lacking = POPULATION - first.shape[1]
        parents = first[spec, rng.integers(0, first.shape[1], size=lacking)]
        more = problems.lattice.near(parents, SPREAD, rng)
        _Evolution(ledger, spec, rng, control).run(np.concatenate((first[spec], more)))


def from_textbook(ledger: Ledger, rng: np.random.Generator, control: Control) -> None:
    """Evolve a population around the hand design."""
    genetic(ledger, around_textbook, rng, control)
