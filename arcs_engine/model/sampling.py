"""Batched sampling of designs under the grammar, with a key-value cache.

Only values are sampled. The prompt is the same for every row, so it is computed once; names and
the end follow from the grammar and are given, not sampled.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.jobs.control import Control
from arcs_engine.model.transformer import Cache, Transformer
from arcs_engine.spec import FloatArray
from arcs_engine.tokens.grammar import Grammar
from arcs_engine.tokens.prompt import Prompt
from arcs_engine.tokens.sequence import Sequences, joined
from arcs_engine.tokens.values import exact, legal_values, token_of
from arcs_engine.tokens.vocabulary import VOCABULARY, Kind
from arcs_engine.topologies.base import Topology


@torch.inference_mode()
def sample(
    transformer: Transformer,
    prompt: Prompt,
    topology: Topology,
    count: int,
    *,
    temperature: float,
    top_k: int,
    seed: int,
    locks: Mapping[str, float],
    greedy_first: bool,
    control: Control,
) -> dict[str, FloatArray]:
    """Return design values by name in canonical order, shape (count,) each.

    Args:
        transformer: the decoder.
        prompt: one prompt.
        topology: the topology that it names.
        count: rows to sample, at least 1.
        temperature: divides the logits, above 0.
        top_k: how many of the likeliest legal tokens may be drawn.
        seed: fixes what is drawn.
        locks: values that are given first and kept exactly, by name.
        greedy_first: whether row 0 takes the likeliest token throughout.
        control: asked before every value whether to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    grammar = Grammar(topology)
    given = {v.name: locks[v.name] for v in topology.design_values if v.name in locks}
    free = [v for v in topology.design_values if v.name not in given]
    pending = joined(prompt.sequences(), *(_written(n, np.array([v])) for n, v in given.items()))
    cache, chosen = Cache(), {name: np.full(count, number) for name, number in given.items()}
    for value in free:
        control.checkpoint()
        component = VOCABULARY.id(Kind.COMPONENT, value.name)
        logits = _advance(transformer, joined(pending, _name(component, len(pending))), cache)
        if len(logits) < count:
            logits, cache = logits.expand(count, -1), cache.repeated(count)
        legal, decoded = legal_values(value)
        mask = torch.from_numpy(grammar.value_mask(component))
        drawn = _draw(logits.masked_fill(~mask, -torch.inf), temperature, top_k, generator)
        if greedy_first:
            drawn[0] = logits[0].masked_fill(~mask, -torch.inf).argmax()
        chosen[value.name] = decoded[np.searchsorted(legal, drawn.numpy())]
        pending = _number(chosen[value.name], drawn.numpy())
    return {v.name: chosen[v.name] for v in topology.design_values}


def _draw(logits: Tensor, temperature: float, top_k: int, generator: torch.Generator) -> Tensor:
    best, places = logits.topk(min(top_k, logits.shape[-1]), dim=-1)
    # In double precision: float32 rounding of the cumulated tail must not decide a draw.
    chances = torch.softmax(best.double() / temperature, dim=-1)
    picked = torch.multinomial(chances, 1, generator=generator)
    return places.gather(1, picked).squeeze(1)


def _advance(transformer: Transformer, rows: Sequences, cache: Cache) -> Tensor:
    """Feed rows and return the logits after their last token, (n, 676)."""
    tokens = torch.from_numpy(rows.tokens)
    beside = torch.from_numpy(rows.exact).float()
    logits: Tensor = transformer(tokens, beside, cache)[:, -1]
    return logits


def _name(component: int, rows: int) -> Sequences:
    return Sequences(np.full((rows, 1), component), np.full((rows, 1), np.nan))


def _number(numbers: FloatArray, tokens: NDArray[np.int64]) -> Sequences:
    return Sequences(tokens[:, None], exact(numbers)[:, None])


def _written(name: str, numbers: FloatArray) -> Sequences:
    component = VOCABULARY.id(Kind.COMPONENT, name)
    return joined(_name(component, len(numbers)), _number(numbers, token_of(numbers)))
