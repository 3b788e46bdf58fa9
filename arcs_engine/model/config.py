"""Sizes of the transformer."""

from typing import Final

import msgspec

from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError

_RANGES: Final = {
    "width": (1, 4096),
    "layers": (1, 128),
    "heads": (1, 256),
    "hidden": (1, 32_768),
    "context": (1, 8192),
}


class TransformerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of a decoder.

    Attributes:
        width: embedding width; a multiple of `heads`.
        layers: number of blocks.
        heads: attention heads.
        hidden: width of the gated feed-forward layer.
        context: longest sequence.
    """

    width: int
    layers: int
    heads: int
    hidden: int
    context: int = 64

    def __post_init__(self) -> None:
        bounds.check(self, _RANGES, "transformer")
        if self.width % self.heads:
            raise InputError(
                f"transformer: width is {self.width}; it must be a multiple of the {self.heads} "
                "heads."
            )


CONFIGS = {
    "tiny": TransformerConfig(width=96, layers=4, heads=4, hidden=256),
    "small": TransformerConfig(width=256, layers=6, heads=4, hidden=1024),
}
"""Named sizes: ``tiny`` (0.5 M parameters) for small machines, ``small`` (6.5 M)."""


def size(name: str) -> TransformerConfig:
    """Return a named size; `InputError` when there is none."""
    if name not in CONFIGS:
        raise InputError(f"There is no model size '{name}'; choose {', '.join(CONFIGS)}.")
    return CONFIGS[name]
