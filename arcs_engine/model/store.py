"""Models on disk: a folder with ``model.safetensors`` and ``card.json``."""

from hashlib import sha256
from pathlib import Path

import msgspec
import torch
from safetensors.torch import save

from arcs_engine.foundation import documents
from arcs_engine.foundation.errors import FileError, ModelError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.model import tensors
from arcs_engine.model.card import CARD_VERSION, Card
from arcs_engine.model.tokens.vocabulary import VOCABULARY
from arcs_engine.model.transformer import Transformer, shapes

WEIGHTS = "model.safetensors"
CARD = "card.json"


def write(folder: Path, transformer: Transformer, card: Card) -> None:
    """Write a model, each file replaced whole.

    Raises:
        FileError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_whole(folder / WEIGHTS, save(transformer.state_dict()))
        card_text = msgspec.json.format(msgspec.json.encode(card), indent=1)
        replace_whole(folder / CARD, card_text + b"\n")
    except OSError as error:
        raise FileError(f"The model could not be written to {folder}: {error}.") from error


def read(folder: Path) -> tuple[Transformer, Card]:
    """Read and check a model; nothing in it is ever executed.

    Raises:
        ModelError: missing, damaged, or made for another vocabulary.
    """
    card = _read_card(folder)
    if card.vocabulary_hash != VOCABULARY.hash:
        raise ModelError(
            f"The model in {folder} was made for another vocabulary ({card.vocabulary_hash}, this "
            f"version speaks {VOCABULARY.hash}); train it again or use the shipped model."
        )
    file = folder / WEIGHTS
    if not file.exists():
        raise ModelError(f"The model in {folder} has no {WEIGHTS}; copy it again.")
    try:
        weights = tensors.read(file, shapes(card.config))
    except FileError as error:
        raise ModelError(
            f"The weights in {file} are damaged or do not fit their card ({error}); copy the model "
            "again."
        ) from error
    transformer = Transformer(card.config)
    transformer.load_state_dict(weights)
    if not all(bool(torch.isfinite(p).all()) for p in transformer.parameters()):
        raise ModelError(f"The weights in {file} hold numbers that are not finite.")
    return transformer.eval(), card


def name_of(folder: Path) -> str:
    """Return a model's name with the hash of its weights.

    Raises:
        ModelError: there is no model.
    """
    card = _read_card(folder)
    try:
        content = (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise ModelError(f"The model {folder} cannot be read: {error}.") from error
    return f"{card.name}:{sha256(content).hexdigest()[:16]}"


def _read_card(folder: Path) -> Card:
    if not folder.is_dir():
        raise ModelError(f"There is no model in {folder}; train one or name another folder.")
    if not (folder / CARD).exists():
        raise ModelError(f"The model in {folder} has no {CARD}; copy it again.")
    try:
        card = documents.read(folder / CARD, Card)
    except FileError as error:
        raise ModelError(f"The model's card is damaged: {error}") from error
    if card.version != CARD_VERSION:
        raise ModelError(
            f"The card {folder / CARD} has version {card.version}; this version of ARCS reads "
            f"version {CARD_VERSION}."
        )
    return card
