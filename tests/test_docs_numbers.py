"""The reference pages are true to the program: their numbers are those of its constants."""

import re
from pathlib import Path

import pytest

from arcs_engine.analysis import tolerances, transients, verification
from arcs_engine.circuits import examples, parts, spec
from arcs_engine.circuits.control import methods
from arcs_engine.circuits.crossover import FASTEST_SHARE, SLOPE_SHARE
from arcs_engine.circuits.parts import capacitor_bank, drivers
from arcs_engine.circuits.topologies import variants
from arcs_engine.learning.datasets.config import DataConfig, DatagenConfig
from arcs_engine.learning.training.config import TrainingConfig
from arcs_engine.model.tokens.vocabulary import BINS_PER_DECADE, VALUE_COUNT, VOCABULARY
from arcs_engine.performance import cautions, cores, cost, limits, thermal, worst_parts
from arcs_engine.performance.loop import limits as loop_limits
from arcs_engine.simulation import netlist
from arcs_engine.simulation.ngspice.measure import LARGEST_IMBALANCE, LARGEST_SIGNAL
from arcs_engine.simulation.ngspice.rawfile import LARGEST_RESULT
from arcs_engine.sizing import advice, choice, proposal
from arcs_engine.sizing.compensation.search import LEVELS
from arcs_engine.sizing.search import genetic, local, optimum, problems, sources
from arcs_gui.app import PAUSE_MS
from arcs_gui.presenters.designs.board import MOST_PINNED
from arcs_gui.presenters.waveforms.measurements import HYSTERESIS
from arcs_gui.presenters.waveforms.traces import PERIODS
from arcs_gui.views.spec.spec_panel import SETTLING_MS

DOCS = Path(__file__).resolve().parent.parent / "docs"

IN_WORDS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 8: "eight"}
IN_WORDS |= {16: "sixteen"}


def per_cent(share):
    return f"{share * 100:g} %"


PUBLISHED = sum(bool(example.source) for example in examples.EXAMPLES)
TRAINING = TrainingConfig(name="docs", model="tiny")
DATAGEN = DatagenConfig(folder="docs", data=DataConfig())
PATIENCE = optimum.Patience()

TRUE = {
    "app.md": (
        f"ARCS proposes {SETTLING_MS} ms after your last change",
        f"once nothing has moved for {PAUSE_MS / 1000:g} s",
        f"{IN_WORDS[PUBLISHED]} of them are published",
        f"shows up to {IN_WORDS[MOST_PINNED]} pinned designs",
        f"shows the last {IN_WORDS[PERIODS]} periods",
        f"with a hysteresis of {per_cent(HYSTERESIS)}",
    ),
    "design-screen.md": (
        f"There are {IN_WORDS[PUBLISHED]}, for all seven topologies",
        f"It starts after {SETTLING_MS} ms",
        f"It starts after {PAUSE_MS / 1000:g} s",
        f"up to {IN_WORDS[MOST_PINNED]} pinned",
    ),
    "search.md": (
        f"{sources.SPREAD:g} decades wide",
        f"a genetic algorithm of {genetic.POPULATION}",
        f"leaps by {IN_WORDS[local.LEAPS[0]]}, {IN_WORDS[local.LEAPS[1]]} and "
        f"{IN_WORDS[local.LEAPS[2]]} steps",
        f"exceed their limits by up to {per_cent(problems.NEARLY - 1)} together",
        f"single steps stop after {IN_WORDS[local.BEFORE_TURNING]} rounds",
        f"the best {IN_WORDS[proposal.STARTS]} of its {proposal.SAMPLES} samples",
        f"finds in {PATIENCE.evaluations:,} evaluations",
        f"local searches from {PATIENCE.starts} starts",
    ),
    "data.md": (
        f"how many processes work ({DATAGEN.workers})",
        f"The best {IN_WORDS[DATAGEN.data.keep]} designs that meet their spec are the targets",
        f"(`--samples`, {DATAGEN.samples})",
        f"with up to {IN_WORDS[DATAGEN.rounds]} steps (`--rounds`)",
        f"ripple at most {verification.RIPPLE_ALLOWANCE:g} times",
    ),
    "training.md": (
        f"{len(VOCABULARY)} tokens, each value token a bin of",
        f"component values weighted {IN_WORDS[int(TRAINING.value_weight)]} times",
        f"prompt tokens {IN_WORDS[int(TRAINING.prompt_weight * 100)]} hundredths",
        f"in {per_cent(TRAINING.wishes)} of cases achieved",
        f"In {per_cent(TRAINING.shuffle)} of the examples a random subset",
    ),
    "tokens.md": (
        f"The vocabulary has {len(VOCABULARY)} tokens",
        f"one of {VALUE_COUNT} bins",
        f"{(10 ** (1 / BINS_PER_DECADE) - 1) * 100:.1f} % each",
    ),
    "transients.md": (
        f"{transients.SHORTEST_RAMP} to {transients.LONGEST_RAMP} periods; it may have at most "
        f"{netlist.LONGEST_SOFT_START}",
        f"at least {transients.SHORTEST_STAGE} periods; a whole run has at most "
        f"{transients.MOST_PERIODS}",
        f"stays within {per_cent(transients.BAND)} of the solved output",
        f"Steps are at most T/{transients.STEPS}",
        f"passes {LARGEST_RESULT / 1e9:g} GB",
    ),
    "physics.md": (
        f"runs {verification.PERIODS} periods",
        f"steps of at most T/{netlist.STEPS_PER_PERIOD}, and judges the last {verification.WINDOW}",
        f"charge and flux balance within {per_cent(LARGEST_IMBALANCE)}",
        f"is beyond {LARGEST_SIGNAL:.0e} V or A".replace("e+", "e"),
        f"Vout is within {per_cent(limits.VOUT_TOLERANCE)} of the target",
        f"at most {verification.RIPPLE_ALLOWANCE:g} times the ripple asked for",
        f"driven beyond {cores.SATURATION:g} T",
    ),
    "metrics.md": (
        f"under {cautions.SHORTEST_TIME * 1e9:.0f} ns at any corner",
        f"an estimated efficiency under {per_cent(cautions.LEAST_EFFICIENCY)}",
        f"would saturate ({cores.SATURATION:g} T)",
    ),
    "parts.md": (
        f"| MOSFET and diode voltage | {per_cent(parts.VOLTAGE_DERATING)} |",
        f"| capacitor voltage | {per_cent(parts.CAPACITOR_DERATING)} |",
        f"| inductor's saturation current | {per_cent(parts.SATURATION_DERATING)} |",
        f"| rms currents of switches, diodes, inductors | {per_cent(parts.CURRENT_DERATING)} |",
        f"| resistor's power | {per_cent(parts.RESISTOR_DERATING)} |",
    ),
    "variants.md": (
        f"`Q2.dead_time` is {drivers.DEAD_TIME * 1e9:g} ns unless you set it",
        f"The coupling k is {variants.COUPLING:g} unless you set `K1`",
    ),
    "cli.md": (
        f"and {IN_WORDS[advice.ENOUGH]} ways at most",
        f"the largest rating is {parts.CAPACITOR_CLASSES[-1]:g} V and derating allows "
        f"{per_cent(parts.CAPACITOR_DERATING)} of it",
        f"a penalty of {cost.FAILED_COST:g} as its cost",
    ),
    "loop.md": (
        f"| at least {loop_limits.LEAST_PHASE_MARGIN:g}°, at every crossing |",
        f"| -L(fs/2) | at most {loop_limits.MOST_HALF:g} |",
        f"| at least {loop_limits.LEAST_MODULUS:g} | the loop makes no disturbance worse than "
        f"{1 / loop_limits.LEAST_MODULUS:.2f} times",
        f"at most fs/{FASTEST_SHARE:g}",
        f"the least output capacitance ({per_cent(worst_parts.LEAST_CAPACITANCE)} of it)",
        f"is sensed as {methods.SENSED_PEAK:g} V",
        f"the slope compensation is {SLOPE_SHARE:g} of the fastest fall",
        f"down to {per_cent(LEVELS[-1])}, until",
    ),
    "requirements.md": (
        f"inductance −{per_cent(1 - worst_parts.LEAST_INDUCTANCE)}, capacitance "
        f"−{per_cent(1 - worst_parts.LEAST_CAPACITANCE)}, ESR × {worst_parts.MOST_ESR:g}",
        f"with inductance +{per_cent(worst_parts.MOST_INDUCTANCE - 1)}, capacitance "
        f"−{per_cent(1 - worst_parts.LEAST_CAPACITANCE)} and ESR × {worst_parts.MOST_ESR:g}",
        f"({spec.DEFAULT_WEIGHT:g} by default, at most {spec.HIGHEST_WEIGHT:g})",
        f"near-equals (within {per_cent(choice.NEAR - 1)} in all three)",
        f"at most {IN_WORDS[choice.NEAREST]} designs that come nearest are listed",
        f"stay at {thermal.JUNCTION_LIMIT:g} °C or below, at the ambient of the spec "
        f"({thermal.AMBIENT:g} °C by default)",
        f"are banks of up to {capacitor_bank.MOST_IN_PARALLEL} equal parts that are sold",
        f"A design that fails has cost {cost.FAILED_COST:g} in every average",
    ),
}
"""What each page says, with the numbers of the program in it."""


@pytest.mark.parametrize(
    ("page", "statement"), [(page, each) for page, said in TRUE.items() for each in said]
)
def test_that_a_number_of_the_docs_is_that_of_the_program(page, statement):
    assert statement in (DOCS / page).read_text(encoding="utf-8")


def test_that_the_tolerances_of_the_docs_are_those_of_the_program():
    page = (DOCS / "analyses.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*`) \| (\d+) % \|", page, re.MULTILINE)
    shown = {
        kind.strip(" `"): int(width) / 100 for kinds, width in rows for kind in kinds.split(",")
    }
    assert shown == dict(tolerances.DEFAULTS)
