"""Waveforms and spectra as comma-separated values, every figure in full."""

import itertools
from collections.abc import Iterable, Sequence

from arcs_engine.circuits.spec import FloatArray
from arcs_gui.presenters.waveforms.spectrum import Spectrum
from arcs_gui.presenters.waveforms.traces import SOURCE_TITLES, Signal, TraceSet


def trace_table(sets: Sequence[TraceSet], shown: Iterable[Signal]) -> str:
    """Return every sample of the shown signals.

    The runs have instants of their own, so each brings its own column of time; the shorter one's
    cells are empty at the end. Nothing is interpolated.
    """
    signals = tuple(shown)
    titles: list[str] = []
    columns: list[FloatArray] = []
    for found in sets:
        source = SOURCE_TITLES[found.source]
        titles.append(f"Time {source} (s)")
        columns.append(found.time)
        for signal in signals:
            if signal.name in found.values:
                titles.append(f"{signal.title} {source} ({signal.unit})")
                columns.append(found.values[signal.name])
    return _written(titles, columns)


def spectrum_table(found: Spectrum, shown: Iterable[Signal]) -> str:
    """Return the amplitudes of the shown signals over frequency."""
    signals = [signal for signal in shown if signal.name in found.amplitudes]
    titles = [f"{signal.title} amplitude ({signal.unit})" for signal in signals]
    columns = [found.amplitudes[signal.name] for signal in signals]
    return _written(["Frequency (Hz)", *titles], [found.frequency, *columns])


def _written(titles: Sequence[str], columns: Sequence[FloatArray]) -> str:
    texts = [list(map(repr, column.tolist())) for column in columns]
    lines = map(",".join, itertools.zip_longest(*texts, fillvalue=""))
    return "\n".join((",".join(titles), *lines)) + "\n"
