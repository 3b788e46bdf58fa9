"""``arcs bench physics --cold``: whether ngspice, from rest, ends where the solver says.

The other comparisons start ngspice in the solved state; this one takes over only the duty.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.analysis.verification import WINDOW
from arcs_engine.bench.designs import RandomDesigns, random_designs
from arcs_engine.bench.physics import settling_periods
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import SolverError, SpiceFailedError, SpiceTimeoutError
from arcs_engine.simulation import netlist, ngspice
from arcs_engine.simulation.steady import SteadyState

LIMIT: Final = 0.01
"""Largest relative difference of Vout, of the efficiency and of the ripple (requirement S4)."""

RIPPLE_FLOOR: Final = 0.0002
"""Ripples may differ by this share of Vout where that is more."""

LONGEST: Final = 500
"""Periods within which the slowest transient must have fallen to a thousandth."""

TIMES: Final = 2
"""So often that time is waited for: the balance of charge asks for a millionth."""

_TIMEOUT: Final = 300.0
_OVERSAMPLE: Final = 60


class ColdStarts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the designs of one topology.

    Attributes:
        designs: how many ran.
        agree: how many agree within `LIMIT` on Vout, efficiency and ripple.
        not_settled: those whose window was not in balance, and so not judged.
        periods: the longest run.
        vout: largest relative difference of the judged.
        efficiency: largest difference, a fraction.
        ripple: largest relative difference.
        apart: what differs by more, as ``design 7: ripple 1.3 %``.
    """

    designs: int
    agree: int
    not_settled: int
    periods: int
    vout: float
    efficiency: float
    ripple: float
    apart: tuple[str, ...]


class _Start(msgspec.Struct, frozen=True):
    """One run against the solver; differences are nan where it did not settle."""

    design: int
    periods: int
    vout: float
    efficiency: float
    ripple: float
    ripple_agrees: bool

    @property
    def settled(self) -> bool:
        return not np.isnan(self.vout)

    @property
    def agrees(self) -> bool:
        return self.vout <= LIMIT and self.efficiency <= LIMIT and self.ripple_agrees


class ColdReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``arcs bench physics --cold --json`` prints; by topology."""

    seed: int
    cold: dict[str, ColdStarts]


def cold_starts(count: int, seed: int, control: Control) -> ColdReport:
    """Run random designs of each topology from rest, two at a time.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        Cancelled: the control asked for a stop.
    """
    found = {}
    for number, (name, topology) in enumerate(REGISTRY.items()):
        control.progress(number / len(REGISTRY), f"Starting the {topology.title} from rest")
        found[name] = _starts(topology, count, seed, control)
    return ColdReport(seed=seed, cold=found)


def _starts(topology: Topology, count: int, seed: int, control: Control) -> ColdStarts:
    drawn = random_designs(topology, _OVERSAMPLE * count, np.random.default_rng(seed))
    quiet = Control(lambda _fraction, _text: None, control.stop)
    chosen = _that_settle(drawn, count)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda each: each.run(quiet), chosen))
    known = [each for each in runs if each is not None]
    judged = [each for each in known if each.settled]

    def worst(name: str) -> float:
        return max((getattr(each, name) for each in judged), default=float("nan"))

    return ColdStarts(
        designs=len(known),
        agree=sum(each.agrees for each in judged),
        not_settled=len(known) - len(judged),
        periods=max((each.periods for each in known), default=0),
        vout=worst("vout"),
        efficiency=worst("efficiency"),
        ripple=worst("ripple"),
        apart=tuple(
            f"design {each.design}: Vout {each.vout:.2%}, efficiency {each.efficiency:.2%}, "
            f"ripple {each.ripple:.2%}"
            for each in judged
            if not each.agrees
        ),
    )


@dataclass(frozen=True)
class _Rest:
    """A design at rest, whose duty is solved.

    Attributes:
        design: as a draw of its own.
        place: in the draw that it comes from.
        state: that it settles in.
    """

    design: RandomDesigns
    place: int
    state: SteadyState

    def run(self, control: Control) -> _Start | None:
        """Run until it has settled; None where ngspice does not finish."""
        state = self.state
        periods = TIMES * settling_periods(state) + WINDOW
        title = f"{state.topology.title} from rest"
        deck = netlist.Deck(netlist.Converter.at_rest(state), title, periods, measures=False)
        try:
            raw = ngspice.run(deck.text(), timeout=_TIMEOUT, control=control)
        except (SpiceFailedError, SpiceTimeoutError):
            return None
        circuit = state.topology.circuit
        waveforms = ngspice.to_waveforms(raw, circuit, state.period)
        measured = ngspice.Window(waveforms, circuit, state.parameters, WINDOW).measured()
        ours = self.design.figures(self.design.solved())
        vout = float(self.design.batch.vout[0])
        ripple = float(ours.ripple[0]) * vout
        apart = abs(measured.ripple - ripple)
        steady = measured.balance.steady
        return _Start(
            design=self.place,
            periods=periods,
            vout=abs(measured.vout / float(ours.vout[0]) - 1) if steady else float("nan"),
            efficiency=abs(measured.efficiency - float(ours.efficiency[0])),
            ripple=apart / ripple,
            ripple_agrees=apart <= max(LIMIT * ripple, RIPPLE_FLOOR * vout),
        )


def _that_settle(drawn: RandomDesigns, count: int) -> list[_Rest]:
    """Return the first designs of a draw that settle soon enough."""
    batch = drawn.solved()
    found = []
    for place in np.flatnonzero(batch.solved & drawn.figures(batch).balanced).tolist():
        try:
            state = drawn.design(place).state()
        except SolverError:
            continue
        if settling_periods(state) <= LONGEST:
            found.append(_Rest(drawn.take(np.array([place])), place, state))
        if len(found) == count:
            break
    return found


def markdown(found: ColdReport) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        f"Seed {found.seed}.",
        "",
        "| topology | designs | agree | not settled | longest run | Vout | efficiency | ripple |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, each in found.cold.items():
        lines.append(
            f"| {name} | {each.designs} | {each.agree} | {each.not_settled} | {each.periods} "
            f"periods | {each.vout:.2%} | {each.efficiency * 100:.2f} points | {each.ripple:.2%} |"
        )
    lines += ["", *(f"{n}, {text}." for n, each in found.cold.items() for text in each.apart), ""]
    return "\n".join(lines)
