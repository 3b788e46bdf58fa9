"""Every published converter that ARCS is measured against, with its source.

``python -m arcs_engine.bench.reports.published`` prints `docs/published.md`.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from arcs_engine.bench.published import (
    Capacitor,
    Design,
    Measurement,
    Parts,
    Point,
    Source,
    efficiencies,
    vendor_designs,
)
from arcs_engine.foundation.units import format_quantity

_INTRODUCTION = """# Published converters

What others measured and built, to hold ARCS against. `python -m
arcs_engine.bench.reports.published` makes this page of two files, `published_efficiencies.json` and
`published_designs.json` in `arcs_engine/bench`, which `arcs_engine.bench.published` reads. Each
entry has the words or the cell that it was read from (`read`) and the address of the copy; a value
that the source does not state is missing, not guessed. Addresses outside the makers' own sites hold
copies of their documents.
"""

_EFFICIENCIES = """## Efficiencies

Complete converters at a stated switching frequency. *How*: a table or the text of a measurement, a
curve that was read off (the note says how closely), or *stated*, the figure that a data sheet names
for its example design without a measurement. A star marks an input voltage that the source does not
state: it is the customary nominal one of the range that it does.
"""

_LEFT_OUT = """### Left out

- No frequency in what could be read: boost 3.2 to 8.5 V 1.25 A, 83.6 % (TI TIDT335, Table 2-1);
  forward 24 to 19 V 4 A, 88 %, and to 40 V 2.5 A, 91 % (TI PMP23123); boost 12 to 50 V 1 A, over
  95 % (TI PMP11484); LT1952 forwards 48 to 12 V; the other two prototypes of Power Integrations
  AN-31 (84 and 87 %, 300 or 400 kHz). A frequency found later makes them count.
- No operating point: flyback 9..60 to 12 V 2 A, 89.19 % at its best load (TI PMP40555, 250 kHz);
  flyback 36..57 to 12 V 1 A, "nearly 90%" (TI PMP9648, 1 MHz); boost to 221 V 0.87 A, 97.8 % at an
  input that is not named (TI PMP21404, 125 kHz).
- No source found: flyback 48 to 5 V 5 A (about 80 %), flyback 48 to 12 V 2.1 A (86 %), boost 12 to
  185 V 55 mA (88 %).
- No measured Cuk converter with its frequency was found.
- Bipolar switches (LM2596, LM2576): their saturation voltage is no on-resistance.
- A synchronous flyback of 97 % (M. Yudayev, 24 to 12 V): measured with a supply's display while its
  transistor overheated.
"""

_DESIGNS = """## Vendors' own designs

Values that a maker chose for a stated job. Capacitances are nominal; *effective* and *least* are
the vendor's own words for the bank under bias and for what its formula asks. Of a transformer
maker's entries only the magnetics are given.
"""


def document() -> str:
    """Return the page, in Markdown."""
    measured, designed = efficiencies(), vendor_designs()
    lines = [_INTRODUCTION, _EFFICIENCIES, *_table(_MEASURED, map(_measured, measured)), ""]
    lines += [*_notes(measured), _LEFT_OUT, _DESIGNS, *_table(_DESIGNED, map(_designed, designed))]
    return "\n".join([*lines, "", *_notes(designed)]).rstrip() + "\n"


_STAR = r"\*"
_MEASURED = ("entry", "circuit", "to", "frequency", "input: efficiency, % at A", "how", "source")
_DESIGNED = (
    "entry",
    "circuit",
    "input",
    "output",
    "frequency",
    "magnetics",
    "output bank",
    "load step",
    "source",
)


def _measured(entry: Measurement) -> tuple[str, ...]:
    return (
        entry.id,
        _circuit(entry),
        format_quantity(entry.vout, "V"),
        format_quantity(entry.fsw, "Hz"),
        "; ".join(_at_one_input(entry.points)),
        entry.kind,
        _link(entry.source),
    )


def _at_one_input(points: tuple[Point, ...]) -> Iterator[str]:
    for (vin, assumed), of_input in groupby(points, lambda p: (p.vin, p.vin_assumed)):
        loads = ", ".join(f"{p.efficiency:g} at {p.iout:g}" for p in of_input)
        yield f"{format_quantity(vin, 'V')}{_STAR if assumed else ''}: {loads}"


def _designed(entry: Design) -> tuple[str, ...]:
    return (
        entry.id,
        _circuit(entry),
        _input(entry),
        f"{format_quantity(entry.vout, 'V')} {format_quantity(entry.iout, 'A')}",
        format_quantity(entry.fsw, "Hz"),
        _magnetics(entry.parts),
        _output_bank(entry),
        _step(entry),
        _link(entry.source),
    )


def _input(entry: Design) -> str:
    least, most = entry.vin_min, entry.vin_max
    if entry.vin is not None and least is None and most is None:
        return format_quantity(entry.vin, "V")
    ends = "..".join(f"{v:g}" if v is not None else "" for v in (least, most))
    nominal = f", {entry.vin:g} V nominal" if entry.vin is not None else ""
    return f"{ends} V{nominal}"


def _circuit(entry: Measurement | Design) -> str:
    words = ("coupled" if entry.coupled else "", entry.topology.replace("_", "-"))
    return " ".join(filter(None, words)) + (f", {entry.rectifier}" if entry.rectifier else "")


def _magnetics(parts: Parts) -> str:
    said = (
        ("L", parts.inductance, "H"),
        ("Lm", parts.magnetizing_inductance, "H"),
        ("leakage", parts.leakage_inductance, "H"),
        ("winding", parts.winding_resistance, "Ω"),
    )
    words = [f"{name} {format_quantity(v, unit)}" for name, v, unit in said if v is not None]
    return ", ".join([*words, *([f"n {parts.turns:g}"] if parts.turns is not None else [])])


def _output_bank(entry: Design) -> str:
    words = [_bank(bank) for bank in entry.parts.output_capacitors]
    for name, value in (
        ("effective", entry.effective_capacitance),
        ("least", entry.least_capacitance),
    ):
        if value is not None:
            words.append(f"{name} {format_quantity(value, 'F')}")
    return ", ".join(words)


def _bank(bank: Capacitor) -> str:
    of = format_quantity(bank.capacitance, "F")
    return f"{bank.count} x {of}" + (f" {bank.technology}" if bank.technology else "")


def _step(entry: Design) -> str:
    if entry.step is None:
        return ""
    size, deviation = entry.step.size, format_quantity(entry.step.deviation, "V")
    return f"{format_quantity(size, 'A')}: {deviation}, {entry.step.kind}"


def _link(source: Source) -> str:
    return f"[{source.document}]({source.url}), {source.place}"


def _notes(entries: Iterable[Measurement | Design]) -> list[str]:
    return [*(f"- {entry.id}: {entry.note}" for entry in entries if entry.note), ""]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |" for cells in lines]


if __name__ == "__main__":
    sys.stdout.write(document())
