"""The curves of a run, read from its events."""

from collections.abc import Iterable

import msgspec

from arcs_engine.learning.jobs.events import Artifact, Event, Scalar, Warned


class Curve(msgspec.Struct, frozen=True):
    """One scalar over the steps of a run, steps rising.

    Attributes:
        name: such as ``loss``.
        steps: at which it was reported.
        values: as many.
    """

    name: str
    steps: list[int]
    values: list[float]


class Record(msgspec.Struct, frozen=True):
    """What a run reported so far.

    Attributes:
        curves: in the order of their first point.
        artifacts: paths of what was made, relative to the run's folder, by name.
        warnings: in order.
    """

    curves: list[Curve]
    artifacts: dict[str, str]
    warnings: list[str]


def record_of(events: Iterable[Event]) -> Record:
    """Gather a run's events; a point that comes again after a resume replaces the first one."""
    points: dict[str, dict[int, float]] = {}
    artifacts: dict[str, str] = {}
    warnings: list[str] = []
    for event in events:
        match event:
            case Scalar(name, step, value):
                points.setdefault(name, {})[step] = value
            case Artifact(name, path):
                artifacts[name] = path
            case Warned(text):
                warnings.append(text)
            case _:
                pass
    curves = [
        Curve(name, sorted(found), [found[step] for step in sorted(found)])
        for name, found in points.items()
    ]
    return Record(curves, artifacts, warnings)
