"""Batched sampling with a key-value cache, under the mask or free.

Under the mask only numbers are sampled: the prompt is the same for every row, so it is computed
once, and what stands between the numbers is given by the representation's layout. Every sequence is
a design that can be built. Rows that are guided are accompanied by a row that asks for a failure
and is given the same numbers, in the same batch. Free sampling draws every token until the end, to
see how much of the structure the model knows by itself.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.control import Control
from arcs_engine.model.guidance import Guidance, guided
from arcs_engine.model.request import Draw, Request
from arcs_engine.model.tokens.representation import Representation
from arcs_engine.model.tokens.sequence import Sequences, joined, stacked
from arcs_engine.model.tokens.values import centre_of, exact, legal_values, mask_of, token_of
from arcs_engine.model.tokens.vocabulary import END, PAD, VOCABULARY, Kind
from arcs_engine.model.transformer import Cache, Transformer

_ROWS = 256
"""Rows that are sampled freely at a time; more take memory and no less time."""


@dataclass(frozen=True)
class Sampler:
    """Draws sequences from a transformer.

    Attributes:
        transformer: the decoder.
        representation: that it was trained on.
        guidance: how strongly rows under the mask are led away from the failures that are near.
    """

    transformer: Transformer
    representation: Representation
    guidance: Guidance

    @torch.inference_mode()
    def sample(self, request: Request, draw: Draw, control: Control) -> dict[str, FloatArray]:
        """Return design values by name in canonical order, shape (count,) each.

        Args:
            request: the designs; its locks name values of its topology.
            draw: how values are drawn, of those that are legal.
            control: asked before every value whether to stop.
        """
        dice, reader = _Dice(draw), _Reader(self.transformer)
        topology, count, locks = request.topology, request.count, request.locks
        layout = self.representation.layout(topology, locks.keys())
        given, places = layout.tokens[0], layout.places[0]
        strengths = self.guidance.strengths(request)
        led = np.flatnonzero(strengths)
        asked = request.prompt
        failed = [replace(asked, status=(label,)) for label in topology.edges] if len(led) else []
        pending = stacked([each.sequences() for each in (asked, *failed)])
        behind = np.repeat(np.arange(1, len(failed) + 1, dtype=np.intp), len(led))
        rows = np.concatenate((np.zeros(count, dtype=np.intp), behind))
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
            logits = reader.logits_after(pending)
            if not spread:
                reader.take(rows)
                logits, spread = logits[rows], True
            legal, decoded = legal_values(value)
            scores = guided(logits, strengths)
            masked = scores.masked_fill(~torch.from_numpy(mask_of(value)), -torch.inf)
            drawn = dice.tokens(masked)
            if request.greedy_first:
                drawn[0] = masked[0].argmax()
            chosen[value.name] = decoded[np.searchsorted(legal, drawn.numpy())]
            again = np.tile(chosen[value.name][led], len(failed))
            pending = _number(np.concatenate((chosen[value.name], again)))
        return {v.name: chosen[v.name] for v in topology.design_values}

    @torch.inference_mode()
    def complete(self, rows: Sequences, draw: Draw, control: Control) -> NDArray[np.int64]:
        """Return each row with what the model makes of it, unmasked, shape (n, context).

        Rows end with the end token and padding, or where the model's context ends.

        Args:
            rows: how the sequences begin, of equal length, none of them padded.
            draw: how tokens are drawn.
            control: asked before every token whether to stop.
        """
        dice = _Dice(draw)
        finished = [
            self._completed(rows.take(part), dice, control)
            for part in np.array_split(np.arange(len(rows)), -(-len(rows) // _ROWS))
        ]
        return np.concatenate(finished)

    def _completed(self, rows: Sequences, dice: "_Dice", control: Control) -> NDArray[np.int64]:
        reader, pending = _Reader(self.transformer), rows
        tokens = rows.padded(self.transformer.config.context).tokens
        ended = np.zeros(len(rows), dtype=bool)
        for place in range(rows.tokens.shape[1], tokens.shape[1]):
            control.checkpoint()
            drawn = np.where(ended, PAD, dice.tokens(reader.logits_after(pending)).numpy())
            tokens[:, place] = drawn
            ended |= drawn == END
            if ended.all():
                break
            is_number = VOCABULARY.kinds[drawn] == Kind.VALUE
            beside = np.where(is_number, exact(centre_of(drawn)), np.nan)
            pending = Sequences(drawn[:, None], beside[:, None])
        return tokens


class _Dice:
    """Draws tokens; what was drawn before decides what comes."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._generator = torch.Generator().manual_seed(draw.seed)

    def tokens(self, logits: Tensor) -> Tensor:
        """Return a token for each row of logits, shape (n,)."""
        best, places = logits.topk(min(self._draw.top_k, logits.shape[-1]), dim=-1)
        # In double precision: float32 rounding of the cumulated tail must not decide a draw.
        chances = torch.softmax(best.double() / self._draw.temperature, dim=-1)
        picked = torch.multinomial(chances, 1, generator=self._generator)
        return places.gather(1, picked).squeeze(1)


class _Reader:
    """A transformer and what it has read."""

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer
        self._cache = Cache()

    def logits_after(self, rows: Sequences) -> Tensor:
        """Read on in every row and return the logits of the token that follows, (n, 676)."""
        tokens = torch.from_numpy(rows.tokens)
        beside = torch.from_numpy(rows.exact).float()
        logits: Tensor = self._transformer(tokens, beside, self._cache)[:, -1]
        return logits

    def take(self, rows: NDArray[np.intp]) -> None:
        """Go on with the rows at an index, in that order; they may repeat."""
        self._cache = self._cache.take(torch.from_numpy(rows))


def _structure(tokens: NDArray[np.int64], rows: int) -> Sequences:
    """Return tokens that stand for no number, the same in every row."""
    repeated = np.tile(tokens, (rows, 1))
    return Sequences(repeated, np.full(repeated.shape, np.nan))


def _number(numbers: FloatArray) -> Sequences:
    return Sequences(token_of(numbers)[:, None], exact(numbers)[:, None])
