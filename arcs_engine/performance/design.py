"""One design as it is judged: what it must do, what it is made of, how it is operated."""

from dataclasses import dataclass, field

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.performance.candidate import Candidate


@dataclass(frozen=True)
class Design:
    """One design of a file: what it must do, and what it is made of.

    Attributes:
        spec: the requirements, with the design's own topology.
        values: design values by name, SI.
        duty: as given in the file; None to have it solved.
        overrides: part parameters by name, SI.
        candidate: the whole candidate, if the file holds a shortlist.
    """

    spec: Spec
    values: dict[str, float]
    duty: float | None = None
    overrides: dict[str, float] = field(default_factory=dict)
    candidate: Candidate | None = None

    @classmethod
    def of(cls, spec: Spec, candidate: Candidate) -> "Design":
        """Return a candidate of a spec as it was judged: the same parts at the same duty."""
        return cls(
            msgspec.structs.replace(spec, topology=candidate.topology),
            candidate.values,
            candidate.given_duty,
            candidate.overrides,
            candidate,
        )
