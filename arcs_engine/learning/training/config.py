"""The config of a training run."""

from typing import Final

import msgspec

from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.datasets.config import DataConfig, Effort
from arcs_engine.learning.settings import differences
from arcs_engine.model.tokens.representations import representation

_RANGES: Final = {
    "epochs": (1, 100_000),
    "batch": (1, 65_536),
    "processes": (1, 256),
    "threads": (1, 256),
    "learning_rate": (1e-12, 100.0),
    "final_learning_rate": (0.0, 100.0),
    "warmup_epochs": (0.0, 100_000.0),
    "weight_decay": (0.0, 100.0),
    "clip": (1e-9, 1e9),
    "value_weight": (0.0, 1e6),
    "prompt_weight": (0.0, 1e6),
    "label_bins": (0.0, 500.0),
    "shuffle": (0.0, 1.0),
    "wishes": (0.0, 1.0),
    "hindsight": (0.0, 1000.0),
    "failures": (0.0, 1000.0),
    "validation": (0.0, 0.9),
    "patience": (1, 100_000),
    "report_steps": (1, 10_000_000),
    "checkpoint_steps": (1, 10_000_000),
    "assess": (0, 100_000),
}


class TrainingConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a model is trained.

    Attributes:
        name: of the model.
        model: a name of `arcs_engine.model.CONFIGS`.
        tokens: representation of designs, a name of `arcs_engine.model.tokens.representations`.
        data: how to make the data set, or which one `data_folder` must hold.
        data_folder: where the data set lies or will lie; in the run's folder when None.
        start: folder of a model of the same shape, whose weights training begins with; drawn from
            the seed when None.
        epochs: passes over the targets.
        batch: sequences in a step, over all processes.
        processes: that share each batch, when they are not started by ``torchrun``.
        threads: of the processor in each process; the last digits of the curves depend on both.
        learning_rate: after warm-up.
        final_learning_rate: at the end of the cosine.
        warmup_epochs: of linear warm-up.
        weight_decay: of AdamW, on matrices only.
        clip: largest norm of the gradient.
        value_weight: weight of component values in the loss; names and the end have 1.
        prompt_weight: weight of prompt tokens.
        label_bins: width, in bins, of the soft labels over neighbouring values.
        shuffle: share of sequences whose first slots are a random subset in random order, or whose
            walk is a random one.
        wishes: share of targets whose prompt states their efficiency.
        hindsight: further designs that met their spec, as a share of the targets.
        failures: failed designs with their label, as a share of the targets.
        validation: share of the specs that is held out.
        patience: epochs without a better validation loss after which to stop.
        report_steps: steps between points of the loss curve.
        checkpoint_steps: steps between checkpoints.
        assess: fresh specs for each topology on which the finished model is measured; 0 for none.
    """

    name: str
    model: str
    tokens: str = "slots"
    data: DataConfig = DataConfig()
    data_folder: str | None = None
    start: str | None = None
    epochs: int = 30
    batch: int = 64
    processes: int = 1
    threads: int = 1
    learning_rate: float = 2e-3
    final_learning_rate: float = 2e-5
    warmup_epochs: float = 0.5
    weight_decay: float = 0.1
    clip: float = 1.0
    value_weight: float = 5.0
    prompt_weight: float = 0.02
    label_bins: float = 0.5
    shuffle: float = 0.3
    wishes: float = 0.3
    hindsight: float = 0.15
    failures: float = 0.1
    validation: float = 0.08
    patience: int = 10
    report_steps: int = 20
    checkpoint_steps: int = 250
    assess: int = 100

    def __post_init__(self) -> None:
        bounds.check_name(self.name, "name")
        bounds.check_name(self.model, "model")
        representation(self.tokens)
        for folder in (self.data_folder, self.start):
            if folder is not None:
                bounds.check_path(folder, "data_folder and start")
        bounds.check(self, _RANGES, "training config")


PRESETS: dict[str, TrainingConfig] = {
    "quick": TrainingConfig(
        name="quick",
        model="tiny",
        data=DataConfig(
            topologies=("buck", "buck_boost"),
            specs=60,
            shard=20,
            effort=Effort(rounds=2, steps=1),
        ),
        epochs=8,
        report_steps=2,
        checkpoint_steps=20,
        assess=20,
    ),
    "tiny": TrainingConfig(
        name="tiny",
        model="tiny",
        data=DataConfig(specs=3600, shard=100),
        epochs=9,
    ),
    "small": TrainingConfig(
        name="small",
        model="small",
        data=DataConfig(specs=25_000),
        epochs=8,
        learning_rate=6e-4,
    ),
    "seed": TrainingConfig(
        name="seed",
        model="small",
        epochs=100,
        learning_rate=3e-4,
        final_learning_rate=3e-5,
        warmup_epochs=5,
    ),
}
"""``quick`` shows in a minute that everything works; ``tiny`` is the shipped model; ``seed`` is
the published recipe (batch 64, 3e-4 to 3e-5, 5 epochs of warm-up, value weight 5)."""


def preset(name: str) -> TrainingConfig:
    """Return a named config; `InputError` when there is none."""
    if name not in PRESETS:
        raise InputError(f"There is no training config '{name}'; choose {', '.join(PRESETS)}.")
    return PRESETS[name]


def command(config: TrainingConfig, seed: int) -> str:
    """Return the command that trains with a config once more."""
    base = PRESETS.get(config.name, TrainingConfig(name=config.name, model=config.model))
    base = msgspec.structs.replace(
        base,
        data=msgspec.structs.replace(base.data, seed=seed),
        data_folder=config.data_folder,  # where data lies makes no difference to what is made
    )
    settings = differences(msgspec.to_builtins(base), msgspec.to_builtins(config))
    options = [f"--set {name}={value}" for name, value in settings]
    return " ".join(["arcs train", f"--config {config.name}", f"--seed {seed}", *options])
