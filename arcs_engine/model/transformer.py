"""The decoder-only transformer.

Pre-norm RMSNorm, SwiGLU, learned positions, a head tied to the token embedding, an embedding of
each token's kind, and one of the exact number that a value token stands for.

Shapes: n rows, t new positions, p positions already in the cache, d width, h heads.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from arcs_engine.model.config import TransformerConfig
from arcs_engine.model.tokens.vocabulary import HIGHEST_DECADE, LOWEST_DECADE, VOCABULARY, Kind

_HARMONICS = 6


@dataclass
class Cache:
    """Keys and values of the positions seen so far, (n, h, p, d / h) for each layer."""

    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Number of positions seen."""
        return self.keys[0].shape[2] if self.keys else 0

    def extended(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Append a layer's new keys and values, and return all of them."""
        if layer == len(self.keys):
            self.keys.append(key)
            self.values.append(value)
        else:
            self.keys[layer] = torch.cat((self.keys[layer], key), dim=2)
            self.values[layer] = torch.cat((self.values[layer], value), dim=2)
        return self.keys[layer], self.values[layer]

    def take(self, rows: Tensor) -> "Cache":
        """Return the cache of the rows at an index, in that order; they may repeat."""
        return Cache([k[rows] for k in self.keys], [v[rows] for v in self.values])

    def repeated(self, times: int) -> "Cache":
        """Return the cache with every row so many times, one after the other.

        The gradient adds up over the repeats; that of `take` goes through an index and is slow.
        """

        def spread(held: Tensor) -> Tensor:
            return held.unsqueeze(1).expand(-1, times, -1, -1, -1).flatten(0, 1)

        return Cache([spread(k) for k in self.keys], [spread(v) for v in self.values])


class NumberEmbedding(nn.Module):
    """Embeds a number's decimal logarithm: its place in the range and harmonics of its mantissa."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(3 + 2 * _HARMONICS, width, bias=False)
        multiples = 2 * math.pi * 2.0 ** torch.arange(-2, _HARMONICS - 2)
        self.register_buffer("multiples", multiples, persistent=False)
        self.multiples: Tensor

    def forward(self, exact: Tensor) -> Tensor:
        """Return (n, t, d) from logarithms (n, t); zero where they are nan."""
        given = torch.isfinite(exact)
        number = torch.where(given, exact, 0.0).unsqueeze(-1)
        middle = (LOWEST_DECADE + HIGHEST_DECADE) / 2
        place = (number - middle) / (HIGHEST_DECADE - middle)
        angle = number * self.multiples
        features = torch.cat(
            (torch.ones_like(place), place, place**2, angle.sin(), angle.cos()), dim=-1
        )
        embedded: Tensor = self.project(features * given.unsqueeze(-1))
        return embedded


class Block(nn.Module):
    """Causal self-attention and a gated feed-forward layer, each on a normed residual."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.attention_norm = nn.RMSNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.hidden_norm = nn.RMSNorm(config.width)
        self.gate_up = nn.Linear(config.width, 2 * config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor, cache: Cache | None, layer: int) -> Tensor:
        """Return (n, t, d) from (n, t, d)."""
        x = x + self._attend(self.attention_norm(x), cache, layer)
        gate, up = self.gate_up(self.hidden_norm(x)).chunk(2, dim=-1)
        lifted: Tensor = x + self.down(functional.silu(gate) * up)
        return lifted

    def _attend(self, x: Tensor, cache: Cache | None, layer: int) -> Tensor:
        rows, new, width = x.shape
        split = self.qkv(x).view(rows, new, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mask = None
        if cache is not None:
            key, value = cache.extended(layer, key, value)
            seen = key.shape[2] - new
            mask = torch.ones(new, key.shape[2], dtype=torch.bool).tril(seen).to(x.device)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=mask is None
        )
        out: Tensor = self.out(mixed.transpose(1, 2).reshape(rows, new, width))
        return out


class Transformer(nn.Module):
    """The decoder."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(len(VOCABULARY), config.width)
        self.kinds = nn.Embedding(len(Kind), config.width)
        self.positions = nn.Embedding(config.context, config.width)
        self.number = NumberEmbedding(config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width)
        self.register_buffer("kind_of", torch.from_numpy(VOCABULARY.kinds), persistent=False)
        self.kind_of: Tensor

    def initialise(self, seed: int) -> "Transformer":
        """Draw all weights from a seed (GPT-2's rule: 0.02, residual outputs / sqrt(2 layers))."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.ndim < 2:  # norms start at one
                continue
            residual = name.endswith(("out.weight", "down.weight"))
            scale = 0.02 / math.sqrt(2 * self.config.layers) if residual else 0.02
            with torch.no_grad():
                parameter.normal_(0.0, scale, generator=generator)
        return self

    def forward(self, tokens: Tensor, exact: Tensor, cache: Cache | None = None) -> Tensor:
        """Return the logits of the next token, (n, t, 676).

        Args:
            tokens: token numbers, (n, t), int64.
            exact: decimal logarithm of each token's number, nan where it has none, (n, t), float32.
            cache: earlier positions; grows by t.
        """
        return self.scores(self.read(tokens, exact, cache))

    def read(self, tokens: Tensor, exact: Tensor, cache: Cache | None = None) -> Tensor:
        """Return what the blocks make of each position, (n, t, d); the arguments of `forward`."""
        seen = cache.length if cache is not None else 0
        places = torch.arange(seen, seen + tokens.shape[1], device=tokens.device)
        x: Tensor = self.tokens(tokens) + self.kinds(self.kind_of[tokens]) + self.positions(places)
        x = x + self.number(exact)
        for layer, block in enumerate(self.blocks):
            x = block(x, cache, layer)
        return x

    def scores(self, x: Tensor, tokens: slice = slice(None)) -> Tensor:
        """Return the logits of the tokens that may come next, (n, t, tokens), from (n, t, d)."""
        logits: Tensor = functional.linear(self.norm(x), self.tokens.weight[tokens])
        return logits

    @property
    def parameter_count(self) -> int:
        """Number of trained numbers; the tied head counts once."""
        return sum(p.numel() for p in self.parameters())


def shapes(config: TransformerConfig) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a decoder's weights by name, without making room for one.

    PyTorch's meta device would tell them too, and takes seconds to import.
    """
    width, hidden = config.width, config.hidden
    block = {
        "attention_norm.weight": (width,),
        "qkv.weight": (3 * width, width),
        "out.weight": (width, width),
        "hidden_norm.weight": (width,),
        "gate_up.weight": (2 * hidden, width),
        "down.weight": (width, hidden),
    }
    return {
        "tokens.weight": (len(VOCABULARY), width),
        "kinds.weight": (len(Kind), width),
        "positions.weight": (config.context, width),
        "number.project.weight": (width, 3 + 2 * _HARMONICS),
        **{
            f"blocks.{n}.{name}": shape
            for n in range(config.layers)
            for name, shape in block.items()
        },
        "norm.weight": (width,),
    }
