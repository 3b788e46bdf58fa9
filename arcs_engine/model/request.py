"""What a model is asked for, and how it draws its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.model.tokens import prompt


@dataclass(frozen=True)
class Request:
    """A number of designs for a spec.

    Attributes:
        spec: what the supply must do; its own `topology` field is not looked at.
        topology: the circuit to propose values for.
        count: how many designs, at least 1; they may repeat.
        locks: values that are kept exactly, by name; they need not be of an E-series. They come
            first where the representation lets them, else the model learns of them in their place.
        greedy_first: whether the first design takes the likeliest value of every slot, by the
            score of the model's guidance.
    """

    spec: Spec
    topology: Topology
    count: int
    locks: Mapping[str, float] = field(default_factory=dict)
    greedy_first: bool = True

    @property
    def prompt(self) -> prompt.Prompt:
        """The spec as the model reads it."""
        return prompt.for_spec(self.spec, self.topology.name)


@dataclass(frozen=True)
class Draw:
    """How tokens are drawn.

    Attributes:
        temperature: divides the logits, above 0; small keeps to the likeliest.
        top_k: how many of the likeliest tokens that may stand in a place may be drawn.
        seed: the same seed draws the same tokens.
    """

    temperature: float = 0.8
    top_k: int = 50
    seed: int = 0
