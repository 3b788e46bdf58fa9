"""Batched sampling with a key-value cache, under the mask or free.

Under the mask only numbers are sampled: the prompt is the same for every row, so it is computed
once, and what stands between the numbers is given by the representation's layout. Every sequence is
a design that can be built. Rows that are guided are accompanied by a row that asks for a failure
and is given the same numbers, in the same batch. Free sampling draws every token until the end, to
see how much of the structure the model knows by itself.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.model.guidance import Guidance, guided
from arcs_engine.model.tokens.prompt import Prompt
from arcs_engine.model.tokens.representation import Representation
from arcs_engine.model.tokens.sequence import Sequences, joined, stacked
from arcs_engine.model.tokens.values import centre_of, exact, legal_values, mask_of, token_of
from arcs_engine.model.tokens.vocabulary import END, PAD, VOCABULARY, Kind
from arcs_engine.model.transformer import Cache, Transformer

_ROWS = 256
"""Rows that are sampled freely at a time; more take memory and no less time."""


@torch.inference_mode()
def sample(
    transformer: Transformer,
    representation: Representation,
    prompt: Prompt,
    topology: Topology,
    count: int,
    *,
    temperature: float,
    top_k: int,
    seed: int,
    locks: Mapping[str, float],
    greedy_first: bool,
    guidance: Guidance,
    control: Control,
) -> dict[str, FloatArray]:
    """Return design values by name in canonical order, shape (count,) each.

    Args:
        transformer: the decoder.
        representation: that it was trained on.
        prompt: one prompt.
        topology: the topology that it names.
        count: rows to sample, at least 1.
        temperature: divides the logits, above 0.
        top_k: how many of the likeliest legal tokens may be drawn.
        seed: fixes what is drawn.
        locks: values that are kept exactly, by name; they come first where the representation lets
            them, else the model learns of them in their place.
        greedy_first: whether row 0 takes the likeliest token throughout.
        guidance: how strongly rows are led away from the failures that are near.
        control: asked before every value whether to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    layout = representation.layout(topology, locks.keys())
    given, places = layout.tokens[0], layout.places[0]
    strengths = guidance.strengths(count, greedy_first)
    led = np.flatnonzero(strengths)
    failed = [replace(prompt, status=(label,)) for label in topology.edges] if len(led) else []
    pending, cache = stacked([each.sequences() for each in (prompt, *failed)]), Cache()
    rows = np.concatenate((np.zeros(count), np.repeat(np.arange(1, len(failed) + 1), len(led))))
    rows = rows.astype(np.intp)
    spread = False  # whether every row has its own cache; until numbers differ, prompts have
    chosen: dict[str, FloatArray] = {}
    written = 0
    for slot in np.argsort(places):
        control.checkpoint()
        value, place = topology.design_values[slot], int(places[slot])
        pending = joined(pending, _structure(given[written:place], len(pending)))
        written = place + 1
        if value.name in locks:
            chosen[value.name] = np.full(count, locks[value.name])
            pending = joined(pending, _number(np.full(len(pending), locks[value.name])))
            continue
        logits = _advance(transformer, pending, cache)
        if not spread:
            logits, cache, spread = logits[rows], cache.take(torch.from_numpy(rows)), True
        legal, decoded = legal_values(value)
        scores = guided(logits, strengths)
        masked = scores.masked_fill(~torch.from_numpy(mask_of(value)), -torch.inf)
        drawn = _draw(masked, temperature, top_k, generator)
        if greedy_first:
            drawn[0] = masked[0].argmax()
        chosen[value.name] = decoded[np.searchsorted(legal, drawn.numpy())]
        again = np.tile(chosen[value.name][led], len(failed))
        pending = _number(np.concatenate((chosen[value.name], again)))
    return {v.name: chosen[v.name] for v in topology.design_values}


@torch.inference_mode()
def complete(
    transformer: Transformer,
    rows: Sequences,
    *,
    temperature: float,
    top_k: int,
    seed: int,
    control: Control,
) -> NDArray[np.int64]:
    """Return each row with what the model makes of it, unmasked, shape (n, context).

    Rows end with the end token and padding, or where the model's context ends.

    Args:
        transformer: the decoder.
        rows: how the sequences begin, of equal length, none of them padded.
        temperature: divides the logits, above 0.
        top_k: how many of the likeliest tokens may be drawn.
        seed: fixes what is drawn.
        control: asked before every token whether to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    finished = [
        _completed(transformer, rows.take(part), temperature, top_k, generator, control)
        for part in np.array_split(np.arange(len(rows)), -(-len(rows) // _ROWS))
    ]
    return np.concatenate(finished)


def _completed(
    transformer: Transformer,
    rows: Sequences,
    temperature: float,
    top_k: int,
    generator: torch.Generator,
    control: Control,
) -> NDArray[np.int64]:
    cache, pending = Cache(), rows
    tokens = rows.padded(transformer.config.context).tokens
    ended = np.zeros(len(rows), dtype=bool)
    for place in range(rows.tokens.shape[1], tokens.shape[1]):
        control.checkpoint()
        logits = _advance(transformer, pending, cache)
        drawn = np.where(ended, PAD, _draw(logits, temperature, top_k, generator).numpy())
        tokens[:, place] = drawn
        ended |= drawn == END
        if ended.all():
            break
        is_number = VOCABULARY.kinds[drawn] == Kind.VALUE
        beside = np.where(is_number, exact(centre_of(drawn)), np.nan)
        pending = Sequences(drawn[:, None], beside[:, None])
    return tokens


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


def _structure(tokens: NDArray[np.int64], rows: int) -> Sequences:
    """Return tokens that stand for no number, the same in every row."""
    repeated = np.tile(tokens, (rows, 1))
    return Sequences(repeated, np.full(repeated.shape, np.nan))


def _number(numbers: FloatArray) -> Sequences:
    return Sequences(token_of(numbers)[:, None], exact(numbers)[:, None])
