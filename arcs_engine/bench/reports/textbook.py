"""The textbook design of every topology: ``python -m arcs_engine.bench.reports.textbook``."""

import sys
from collections.abc import Iterator

import numpy as np

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.learning.datasets.specs import draw
from arcs_engine.performance.design import Designs
from arcs_engine.performance.verdict import judge

SEED = 20261
DRAWN = 200

_INTRODUCTION = f"""# The hand design

Every shortlist begins with the classic hand design, and the cost of every other design is measured
against it. `arcs design --explain` shows its calculation for a spec; this page, made by
`python -m arcs_engine.bench.reports.textbook`, shows it for one spec a topology.

What is chosen, not calculated, is one table of numbers
(`arcs_engine.circuits.topologies.textbook.Choices`): ripple ratio r = 0.3 where it is largest,
efficiency η = 0.85 at the lowest input, rectifier drop
VF = 0.7 V, coupling capacitor ripple rc = 5 %, magnetizing current m = 10 % of the load current,
share of the output power lost in the conducting switch 1 %. Three quarters (rs) of the ripple asked
for size the output capacitor: ΔQ / C + ESR ΔI, of which the capacitor is the smallest that is sold
with so little ESR. The rest is for what the formulas leave out.

Sources: Erickson 2e is Erickson and Maksimovic, Fundamentals of Power Electronics, 2nd edition;
Hart is Hart, Power Electronics (2011), whose examples 6-1, 6-2, 6-4, 6-6, 6-7, 6-8, 7-1 and 7-4 the
formulas reproduce, as they do Rashid's 5.6 and 5.7 and Eaton's SEPIC
(`tests/physics/test_textbook.py`).

## How often it passes

Of {DRAWN} random specs a topology (seed {SEED}), judged as every other design is.
"""

_EXAMPLES = {
    "buck": (12.0, 5.0, 2.0, 300e3),
    "boost": (12.0, 24.0, 1.0, 200e3),
    "buck_boost": (12.0, 9.0, 1.0, 200e3),
    "cuk": (12.0, 9.0, 1.0, 200e3),
    "sepic": (12.0, 9.0, 1.0, 200e3),
    "flyback": (24.0, 5.0, 2.0, 150e3),
    "forward": (48.0, 12.0, 3.0, 150e3),
}
"""Input, output, current and frequency of each topology's example."""


def document() -> str:
    """Return the document, in Markdown."""
    lines = [_INTRODUCTION, *_table(("topology", "nominal point", "every corner"), _passes())]
    for name, (vin, vout, iout, fsw) in _EXAMPLES.items():
        spec = Spec(
            vin=vin,
            vin_min=0.9 * vin,
            vin_max=1.1 * vin,
            vout=vout,
            iout=iout,
            fsw=fsw,
            ripple=0.01,
        )
        lines += ["", *_example(REGISTRY[name], spec)]
    return "\n".join(lines) + "\n"


def _passes() -> Iterator[tuple[str, ...]]:
    for name, topology in REGISTRY.items():
        batch = SpecBatch.of(draw(topology, DRAWN, np.random.default_rng(SEED)))
        found = judge(Designs.of(topology, topology.textbook(batch).values, batch))
        passes = (found.strict_pass.mean(), found.meets_spec.mean())
        yield name, *(f"{share:.1%}" for share in passes)


def _example(topology: Topology, spec: Spec) -> list[str]:
    asked = (
        f"{format_quantity(spec.vin, 'V')} ± 10 % to {format_quantity(spec.vout, 'V')}, "
        f"{format_quantity(spec.iout, 'A')}, {format_quantity(spec.fsw, 'Hz')}, ripple 1 %."
    )
    steps = topology.textbook(SpecBatch.of([spec])).steps
    rows = (
        (s.name, f"{s.result.symbol} = {s.formula}", s.with_numbers(0), s.result.text(0), s.source)
        for s in steps
    )
    head = ("step", "formula", "with numbers", "value", "source")
    title = topology.title[0].upper() + topology.title[1:]
    return [f"## {title}", "", asked, "", *_table(head, rows)]


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


if __name__ == "__main__":
    sys.stdout.write(document())
