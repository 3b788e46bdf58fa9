"""What the waveform panes show: which signals of which run, cursors, measurements, spectrum."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from arcs_engine.circuits.topologies.base import Topology
from arcs_gui.ports import Background
from arcs_gui.presenters.latest import Latest
from arcs_gui.presenters.waveforms import measurements, spectrum, table
from arcs_gui.presenters.waveforms.measurements import Measurement
from arcs_gui.presenters.waveforms.panes import (
    Axis,
    Pane,
    arranged,
    spectrum_of,
    spectrum_span,
    waveforms_of,
)
from arcs_gui.presenters.waveforms.readout import CursorName, Readout, readout
from arcs_gui.presenters.waveforms.spectrum import Spectrum, Window
from arcs_gui.presenters.waveforms.traces import (
    PERIODS,
    SLACK,
    SOURCE_TITLES,
    Signal,
    TraceSet,
    defaults,
    signals,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """A signal that can be shown."""

    name: str
    title: str
    shown: bool


class WaveformsView(Protocol):
    """Panes over a readout."""

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """Say which signals there are."""

    def set_panes(self, panes: tuple[Pane, ...], axis: Axis) -> None:
        """Replace the curves; cursors and the instants in view stay."""

    def set_span(self, start: float, stop: float) -> None:
        """Show these instants or frequencies."""

    def set_source(self, text: str) -> None:
        """Say where the curves come from."""

    def refit(self) -> None:
        """Show all of the values in view, whatever part of them was looked at."""

    def set_readout(self, readout: Readout) -> None:
        """Replace the table."""

    def set_cursors(self, instants: tuple[float, float] | None) -> None:
        """Show both cursors at these instants, or hide them."""


class Viewer:
    """Keeps what the user wants to see, and shows it of whatever curves there are."""

    def __init__(self, view: WaveformsView, background: Background) -> None:
        self._view = view
        self._topology: Topology | None = None
        self._signals: tuple[Signal, ...] = ()
        self._sets: tuple[TraceSet, ...] = ()
        self._chosen: dict[str, tuple[str, ...]] = {}
        self._by_unit = False
        self._span = 0.0
        self._window = (0.0, 0.0)
        self._cursors: dict[CursorName, float] | None = None
        self._measuring = False
        self._measured: dict[str, Measurement] = {}
        self._spectral = False
        self._log_axes = False
        self._taper: Window = "rectangular"
        self._spectrum: Spectrum | None = None
        self._spectrum_fitted = False
        self._source = ""
        self._measurer: Latest[dict[str, Measurement]] = Latest(
            background, "measure", self._on_measured, self._on_failure
        )
        self._analyser: Latest[Spectrum | None] = Latest(
            background, "measure", self._on_spectrum, self._on_failure
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the signals that are shown, in the order of the panes."""
        if self._topology is None:
            return ()
        return self._chosen.get(self._topology.name, defaults(self._topology))

    @property
    def front(self) -> TraceSet | None:
        """The run that is measured: the one drawn as lines."""
        return self._sets[-1] if self._sets else None

    def set_traces(
        self, declared: Topology, sets: tuple[TraceSet, ...], *, whole: bool = False
    ) -> None:
        """Take in the runs of a design; the last one is drawn as lines, the others behind it.

        Of a run of another length all is shown, with `whole` of any.
        """
        if self._topology is None or declared.name != self._topology.name:
            self._topology = declared
            self._signals = signals(declared)
            self._show_choices()
        self._sets = sets
        if not sets:
            self._forget()
        if not self._is_of_another_length() and not whole:
            self._show()
            return
        self._window, self._spectrum_fitted = (0.0, self._span), False
        self._show()
        if not self._spectral:
            self._view.set_span(0.0, self._span)

    def refit(self) -> None:
        """Show all of the values in view: another design is selected."""
        self._view.refit()

    def start_over(self) -> None:
        """Show all of the next run, however long: it is of another spec."""
        self._span = 0.0

    def set_source(self, text: str) -> None:
        """Say where the curves come from."""
        self._source = text
        self._show_source()

    def toggle(self, name: str) -> None:
        """Show a signal, or show it no more; one always stays."""
        if self._topology is None or name not in {s.name for s in self._signals}:
            return
        shown = self.shown
        kept = tuple(s for s in shown if s != name) if name in shown else (*shown, name)
        self._choose(kept or shown)

    def show_defaults(self) -> None:
        """Show what is shown at first."""
        if self._topology is not None:
            self._choose(defaults(self._topology))

    def arrange(self, *, by_unit: bool) -> None:
        """Give each unit a pane, or each signal."""
        self._by_unit = by_unit
        self._show()

    def fit(self) -> None:
        """Show the whole run."""
        if self._spectral:
            self._fit_spectrum()
        elif self._span > 0:
            self._view.set_span(0.0, self._span)

    def show_last(self) -> None:
        """Show the last periods of the run."""
        if self.front is not None and not self._spectral:
            self._view.set_span(*self._last)

    def set_window(self, start: float, stop: float) -> None:
        """Hear which instants are in view; of a spectrum, it is its own range."""
        if self._spectral:
            return
        self._window = (start, stop)
        self._measure()

    def set_cursors(self, *, wanted: bool) -> None:
        """Show both cursors, at first at a third and two thirds of the view, or hide them."""
        self._cursors = None
        if wanted:
            start, stop = self._window
            third = (stop - start) / 3
            self._cursors = {"A": start + third, "B": stop - third}
        self._show_cursors()
        self._show_readout()

    def place_cursors(self) -> None:
        """Put the cursors that are shown into the view: another run has other instants."""
        if self._cursors is not None:
            self.set_cursors(wanted=True)

    def move_cursor(self, name: CursorName, instant: float) -> None:
        """Hear that the user moved a cursor."""
        if self._cursors is not None:
            self._cursors[name] = instant
            self._show_readout()

    def set_measuring(self, *, wanted: bool) -> None:
        """Measure what is in view, or do not."""
        self._measuring = wanted
        self._measured = {}
        self._measure()
        self._show_readout()

    def set_spectral(self, *, wanted: bool) -> None:
        """Show the spectrum of what is in view, or the waveforms again."""
        if wanted == self._spectral:
            return
        self._spectral = wanted
        window = self._window
        self._spectrum, self._spectrum_fitted = None, False
        if wanted:
            self._show_cursors()
            self._analyse()
            return
        self._analyser.drop()
        self._show()
        self._view.set_span(*window)
        self._show_cursors()
        self._show_source()
        self._show_readout()

    def set_log(self, *, wanted: bool) -> None:
        """Give a spectrum logarithmic axes, or linear ones."""
        self._log_axes = wanted
        if self._spectral:
            self._show()
            self._fit_spectrum()

    def set_taper(self, window: Window) -> None:
        """Weigh the samples of a spectrum with another window."""
        self._taper = window
        if self._spectral:
            self._analyse()

    def csv(self) -> Callable[[], str] | None:
        """Return what writes the shown curves as a table; None where there are none."""
        if self._spectral:
            found, shown = self._spectrum, self._of_shown()
            return None if found is None else lambda: table.spectrum_table(found, shown)
        sets, shown = self._sets, self._of_shown()
        return (lambda: table.trace_table(sets, shown)) if sets and shown else None

    def _choose(self, names: tuple[str, ...]) -> None:
        assert self._topology is not None
        self._chosen[self._topology.name] = names
        self._measured = {}
        self._show_choices()
        self._show()

    def _of_shown(self) -> tuple[Signal, ...]:
        by_name = {signal.name: signal for signal in self._signals}
        return tuple(by_name[name] for name in self.shown)

    def _forget(self) -> None:
        """Drop what was worked out of curves that are gone."""
        self._measurer.drop()
        self._analyser.drop()
        self._measured, self._spectrum, self._spectrum_fitted = {}, None, False

    def _is_of_another_length(self) -> bool:
        """Take in the length; what ngspice ends early is no other one."""
        span = max((float(drawn.time[-1]) for drawn in self._sets), default=self._span)
        changed = not math.isclose(span, self._span, rel_tol=SLACK)
        self._span = span
        return changed

    @property
    def _last(self) -> tuple[float, float]:
        period = 0.0 if self.front is None else self.front.period
        return (max(0.0, self._span - PERIODS * period), self._span)

    def _show(self) -> None:
        self._show_panes()
        if self._spectral:
            self._analyse()
            return
        self._measure()
        self._show_readout()

    def _fit_spectrum(self) -> None:
        found, front = self._spectrum, self.front
        if found is not None and front is not None:
            self._view.set_span(*spectrum_span(found, front.period, log=self._log_axes))

    def _show_choices(self) -> None:
        shown = self.shown
        self._view.set_choices(
            tuple(Choice(s.name, s.title, s.name in shown) for s in self._signals)
        )

    def _show_source(self) -> None:
        text = self._source
        if self._spectral:
            source = "" if self.front is None else f" ({SOURCE_TITLES[self.front.source]})"
            found = self._spectrum
            text = "No whole period in view." if found is None else f"{found.caption}{source}."
        self._view.set_source(text)

    def _show_cursors(self) -> None:
        if self._cursors is None or self._spectral:
            self._view.set_cursors(None)
        else:
            self._view.set_cursors((self._cursors["A"], self._cursors["B"]))

    def _measure(self) -> None:
        front = self.front
        if not self._measuring or front is None or self._spectral:
            return
        wanted = {n: front.values[n] for n in self.shown if n in front.values}
        time, (start, stop) = front.time, self._window
        self._measurer.ask(
            lambda: {n: measurements.measure(time, y, start, stop) for n, y in wanted.items()}
        )

    def _analyse(self) -> None:
        front = self.front
        if front is None:
            return
        wanted = {n: front.values[n] for n in self.shown if n in front.values}
        window, taper = self._window, self._taper
        self._analyser.ask(
            lambda: spectrum.spectrum(front.time, wanted, front.period, window, taper)
        )

    def _on_measured(self, found: dict[str, Measurement]) -> None:
        self._measured = found
        self._show_readout()

    def _on_spectrum(self, found: Spectrum | None) -> None:
        self._spectrum = found
        self._show_panes()
        if not self._spectrum_fitted:
            self._fit_spectrum()
            self._spectrum_fitted = found is not None
        self._show_source()
        self._show_readout()

    @staticmethod
    def _on_failure(error: Exception) -> None:
        _log.error("Measuring the waveforms failed", exc_info=error)

    def _show_readout(self) -> None:
        cursors = None if self._spectral else self._cursors
        measured = self._measured if self._measuring and not self._spectral else None
        self._view.set_readout(readout(self.front, self._of_shown(), cursors, measured))

    def _show_panes(self) -> None:
        shown, front = self._of_shown(), self.front
        if self._spectral:
            curves_of = spectrum_of(self._spectrum, front, log=self._log_axes)
            axis = Axis("frequency", self._log_axes)
        else:
            curves_of, axis = waveforms_of(self._sets), Axis("time")
        self._view.set_panes(arranged(shown, curves_of, by_unit=self._by_unit), axis)
