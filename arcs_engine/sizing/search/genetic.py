"""A genetic algorithm on the E-series lattice, by PyGAD (docs/decisions/0008)."""

from itertools import islice

import numpy as np
import pygad

from arcs_engine.circuits.design_space import Places
from arcs_engine.sizing.search.ledger import Search
from arcs_engine.sizing.search.sources import SPREAD, Source, around_textbook
from arcs_engine.sizing.search.trials import Trials

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

    def __init__(self, search: Search, spec: int) -> None:
        self._search = search
        self._spec = spec
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
            random_seed=int(self._search.rng.integers(2**32)),
            suppress_warnings=True,
        )
        evolution.run()

    def _trials(self, places: Places) -> Trials:
        return Trials(np.full(len(places), self._spec), places)

    def _settled(self, places: Places) -> Places:
        return self._search.problems.settled(self._trials(places)).places

    def _fitness(self, evolution: pygad.GA, places: Places, rows: list[int]) -> list[float]:
        score = self._search.ledger.score(self._trials(places.astype(np.int64)))
        return [float(f) for f in np.where(np.isfinite(score), -score, _UNJUDGED)]

    def _mutated(self, offspring: Places, evolution: pygad.GA) -> Places:
        lattice, rng = self._search.problems.lattice, self._search.rng
        places = offspring.astype(np.int64)
        odds = 1 / len(lattice.names)
        fine, wide = (lattice.near(places, s, rng, odds) for s in _MUTATION_SPREADS)
        return self._settled(np.where(rng.random((len(places), 1)) < 0.5, fine, wide))

    def _ended(self, evolution: pygad.GA) -> str | None:
        self._search.control.checkpoint()
        ledger = self._search.ledger
        count = int(ledger.counts[self._spec])
        self._idle = self._idle + 1 if count == self._count else 0
        self._count = count
        done = ledger.left[self._spec] <= 0 or self._idle >= STALLED
        return "stop" if done else None


def genetic(search: Search, source: Source) -> None:
    """Spend each spec's budget on the evolution of a population.

    Args:
        search: to spend it in; asked after each generation whether to stop.
        source: of the first population; designs around its own fill up what it lacks.
    """
    problems, rng = search.problems, search.rng
    first = np.stack(list(islice(source(problems, rng), POPULATION)), axis=1)
    for spec in range(len(problems)):
        search.control.progress(spec / len(problems), "Evolving")
        lacking = POPULATION - first.shape[1]
        parents = first[spec, rng.integers(0, first.shape[1], size=lacking)]
        more = problems.lattice.near(parents, SPREAD, rng)
        _Evolution(search, spec).run(np.concatenate((first[spec], more)))


def from_textbook(search: Search) -> None:
    """Evolve a population around the textbook design."""
    genetic(search, around_textbook)
