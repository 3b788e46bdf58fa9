"""Sizes of the transformer."""

import msgspec

from arcs_engine.foundation.errors import InputError


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
        fields = (self.width, self.layers, self.heads, self.hidden, self.context)
        if min(fields) < 1 or max(fields) > 8192 or self.width % self.heads:
            raise InputError(
                f"A transformer of width {self.width}, {self.layers} layers, {self.heads} heads "
                f"cannot be built; the width must be a multiple of the heads."
            )


CONFIGS = {
    "tiny": TransformerConfig(width=96, layers=4, heads=4, hidden=256),
    "small": TransformerConfig(width=256, layers=6, heads=4, hidden=1024),
}
"""Named sizes: ``tiny`` (0.5 M parameters) for small machines, ``small`` (6.5 M)."""
