"""Whether what a model writes is a circuit: under the mask, free after a spec, from nothing."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.model.model import Model

_BATCH: Final = 500
_EACH: Final = 50
"""Designs that are drawn for one spec under the mask."""


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """Shares that are structurally valid.

    Attributes:
        samples: of each kind.
        masked: under the grammar's mask, after a spec.
        unmasked: free, after a spec.
        unconditional: free, after the start token alone.
    """

    samples: int
    masked: float
    unmasked: float
    unconditional: float


def structure(
    model: Model, tasks: Sequence[Task], samples: int, seed: int, control: Control
) -> Structure:
    """Measure structural validity at temperature 0.8, top-k 50.

    Args:
        model: to sample.
        tasks: specs, asked in turns.
        samples: of each kind.
        seed: of all draws.
        control: for progress and cancel.
    """
    asked = [(t.spec, find_topology(t.spec.topology)) for t in tasks]

    def free(count: int, batch: int) -> NDArray[np.bool_]:
        begin = batch * _BATCH
        prompts = [asked[(begin + k) % len(asked)] for k in range(count)]
        return model.valid(model.unmasked(prompts, seed=seed + batch, control=control))

    def from_nothing(count: int, batch: int) -> NDArray[np.bool_]:
        return model.valid(model.unconditional(count, seed=seed + batch, control=control))

    return Structure(
        samples=samples,
        masked=_masked(model, tasks, samples, seed, control),
        unmasked=_share(free, samples, "Free sampling after a spec", control),
        unconditional=_share(from_nothing, samples, "Free sampling from nothing", control),
    )


def _masked(
    model: Model, tasks: Sequence[Task], samples: int, seed: int, control: Control
) -> float:
    """Return the share of masked samples whose values are all of their series and range."""
    valid = total = 0
    for number in range(-(-samples // _EACH)):
        control.progress(number * _EACH / samples, "Sampling under the mask")
        task = tasks[number % len(tasks)]
        topology = find_topology(task.spec.topology)
        values = model.sample(
            task.spec, topology, _EACH, seed=seed + number, greedy_first=False, control=control
        )
        lattice = Lattice(topology)
        snapped = lattice.values(lattice.nearest(values))
        right = [np.isclose(values[name], snapped[name], rtol=1e-6) for name in lattice.names]
        valid += int(np.all(right, axis=0).sum())
        total += _EACH
    return valid / total


def _share(
    draw: Callable[[int, int], NDArray[np.bool_]], samples: int, what: str, control: Control
) -> float:
    valid = 0
    for batch, begin in enumerate(range(0, samples, _BATCH)):
        control.progress(begin / samples, what)
        valid += int(draw(min(_BATCH, samples - begin), batch).sum())
    return valid / samples
