"""The 676 tokens, by kind and name.

A token's place in the list is its number, so models depend on every name and on their order; the
hash in a model's card says which list it was made with. Reserved names keep the numbers of the
others where they are when a component or a topology is added.
"""

import hashlib
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Kind(IntEnum):
    """The seven kinds of token; the model adds an embedding of the kind to that of the token."""

    SPECIAL = 0
    COMPONENT = 1
    TOPOLOGY = 2
    SPEC = 3
    PIN = 4
    NET = 5
    VALUE = 6


VALUE_COUNT = 500
LOWEST_DECADE, HIGHEST_DECADE = -12, 6
BINS_PER_DECADE = VALUE_COUNT / (HIGHEST_DECADE - LOWEST_DECADE)

STATUS_FIELD = "status"
ABSENT = "absent"
"""Stands in the place of a value that the prompt leaves open, such as an efficiency wish."""

QUANTITIES = (
    "vin_min",
    "vin",
    "vin_max",
    "vout",
    "iout",
    "fsw",
    "ripple",
    "loss_fraction",
    "weight",
)
"""Prompt fields that carry a number, in canonical order (see `arcs_engine.model.tokens.prompt`)."""

PINS = (
    *("source_plus", "source_minus", "load_plus", "load_minus", "resistor_1", "resistor_2"),
    *("inductor_dot", "inductor_end", "capacitor_1", "capacitor_2", "drain", "source"),
    *("complement_drain", "complement_source", "anode", "cathode"),
)
"""Pins of parts, the two of a kind beside each other (see `arcs_engine.model.tokens.walk`)."""

STATUS_LABELS = ("good", "unsolved", "infeasible", "vout", "ripple", "stress", "esr")
"""What became of a design; inference asks for ``good``."""


def status_name(label: str) -> str:
    """Return the name of a status label's token; some labels are also names of quantities."""
    return f"{STATUS_FIELD}_{label}"


def _filled(names: tuple[str, ...], kind: str, count: int) -> tuple[str, ...]:
    return names + tuple(f"{kind}_{i}" for i in range(len(names), count))


_NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.SPECIAL: ("pad", "start", "separator", "end", ABSENT),
    Kind.COMPONENT: _filled(
        ("L1", "L2", "Cc", "Cout", "Cout_esr", "Q1_rds_on", "T1_lm", "T1_n"), "component", 20
    ),
    Kind.TOPOLOGY: _filled(
        ("buck", "boost", "buck_boost", "cuk", "sepic", "flyback", "forward"), "topology", 10
    ),
    Kind.SPEC: _filled(
        (*QUANTITIES, STATUS_FIELD, *(status_name(label) for label in STATUS_LABELS)), "spec", 20
    ),
    Kind.PIN: _filled(PINS, "pin", 21),
    Kind.NET: _filled((), "net", 100),
    Kind.VALUE: tuple(
        f"{10 ** (LOWEST_DECADE + (i + 0.5) / BINS_PER_DECADE):.3e}" for i in range(VALUE_COUNT)
    ),
}


class Vocabulary:
    """The list of tokens; there is one, `VOCABULARY`."""

    def __init__(self) -> None:
        self.names = tuple(name for kind in Kind for name in _NAMES[kind])
        self.kinds: NDArray[np.int64] = np.repeat(
            np.arange(len(Kind)), [len(_NAMES[kind]) for kind in Kind]
        )
        """Kind of each token, shape (676,)."""
        self._ids = {
            (kind, name): self.first(kind) + i
            for kind in Kind
            for i, name in enumerate(_NAMES[kind])
        }

    def __len__(self) -> int:
        return len(self.names)

    def knows(self, tokens: ArrayLike) -> bool:
        """Whether each of some numbers is a token's."""
        numbers = np.asarray(tokens, dtype=np.int64)
        return bool(((numbers >= 0) & (numbers < len(self))).all())

    def first(self, kind: Kind) -> int:
        """Return the number of the first token of a kind."""
        return sum(len(_NAMES[k]) for k in Kind if k < kind)

    def id(self, kind: Kind, name: str) -> int:
        """Return the number of a token; KeyError when there is none of that name."""
        return self._ids[kind, name]

    def names_of(self, kind: Kind) -> tuple[str, ...]:
        """Return the names of one kind, in order."""
        return _NAMES[kind]

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that change with any name, kind or order.

        Value tokens are named after the centres of their bins, so the bins count too.
        """
        lines = [f"{kind}:{name}" for kind, name in zip(self.kinds, self.names, strict=True)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


VOCABULARY = Vocabulary()

PAD = VOCABULARY.id(Kind.SPECIAL, "pad")
START = VOCABULARY.id(Kind.SPECIAL, "start")
SEPARATOR = VOCABULARY.id(Kind.SPECIAL, "separator")
END = VOCABULARY.id(Kind.SPECIAL, "end")
NONE = VOCABULARY.id(Kind.SPECIAL, ABSENT)
FIRST_VALUE = VOCABULARY.first(Kind.VALUE)
