"""The elements that a topology is declared with, and the circuit that they form.

A declaration holds no numbers. Each element names the *parameters* that it takes its values from;
a topology's rules turn design values and an operating point into those parameters. From one and
the same declaration come the SPICE deck, the state-space matrices, the token slots and the
schematic.

Node ``0`` is ground, ``in`` the input, ``out`` the output (requirement D2).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar, cast

GROUND = "0"
INPUT = "in"
OUTPUT = "out"

Gate = Literal["main", "complement"]


@dataclass(frozen=True)
class Element:
    """A two-terminal part between nodes `a` and `b`; its current is counted from `a` to `b`."""

    name: str
    a: str
    b: str


ElementT = TypeVar("ElementT", bound=Element)


@dataclass(frozen=True)
class Source(Element):
    """The input voltage source, `a` positive; parameter ``vin``."""


@dataclass(frozen=True)
class Load(Element):
    """The load resistor; parameter ``rload``."""


@dataclass(frozen=True)
class Resistor(Element):
    """A resistor; parameter: its own name, in ohm."""


@dataclass(frozen=True)
class Inductor(Element):
    """An inductor or transformer winding with its winding resistance in series.

    The dot of a coupled winding is at `a`.
    """

    @property
    def inductance(self) -> str:
        """Parameter of the inductance, in henry."""
        return self.name

    @property
    def resistance(self) -> str:
        """Parameter of the winding resistance, in ohm."""
        return f"{self.name}.dcr"

    @property
    def alternating_resistance(self) -> str:
        """Parameter of the winding's resistance to the ripple, in ohm; not simulated."""
        return f"{self.name}.rac"

    @property
    def turns_area(self) -> str:
        """Parameter of turns times core area, in m2; of a transformer, of its core winding."""
        return f"{self.name}.turns_area"

    @property
    def core_volume(self) -> str:
        """Parameter of the core's volume, in m3; of a transformer, of its core winding."""
        return f"{self.name}.core_volume"


@dataclass(frozen=True)
class Capacitor(Element):
    """A capacitor with its equivalent series resistance; its voltage is counted from `a` to `b`."""

    @property
    def capacitance(self) -> str:
        """Parameter of the capacitance, in farad."""
        return self.name

    @property
    def resistance(self) -> str:
        """Parameter of the equivalent series resistance, in ohm (> 0)."""
        return f"{self.name}_esr"


INPUT_CAPACITOR = Capacitor("Cin", INPUT, GROUND)
"""The capacitor across the input: sized, rated and paid for, but not simulated, for the source of
the circuit is ideal."""


@dataclass(frozen=True)
class Switch(Element):
    """A controlled switch: on, a resistance with a constant drop in series; off, a resistance."""

    gate: Gate = "main"

    @property
    def on_resistance(self) -> str:
        """Parameter of the on-resistance, in ohm."""
        return f"{self.name}_rds_on"

    @property
    def off_resistance(self) -> str:
        """Parameter of the off-resistance, in ohm."""
        return f"{self.name}.roff"

    @property
    def drop(self) -> str:
        """Parameter of a constant drop in series while on (bipolar switches), in volt."""
        return f"{self.name}.vdrop"

    @property
    def dead_time(self) -> str:
        """Parameter of a complementary switch's dead time at each edge, in second."""
        return f"{self.name}.dead_time"

    @property
    def gate_charge(self) -> str:
        """Parameter of the total gate charge, in coulomb; not simulated."""
        return f"{self.name}.qg"

    @property
    def output_charge(self) -> str:
        """Parameter of the output charge at half the rated voltage, in coulomb; not simulated."""
        return f"{self.name}.qoss"

    @property
    def recovered_charge(self) -> str:
        """Parameter of the body diode's reverse recovery charge, in coulomb; not simulated."""
        return f"{self.name}.qrr"


@dataclass(frozen=True)
class Diode(Element):
    """A diode, anode `a`, cathode `b`.

    V(I) = vf + n Vt ln(1 + I/is) + rs I with Vt = kT/q at 300.15 K (ngspice manual, chapter 7,
    diode model, whose default temperature is 27 degrees C).
    """

    @property
    def drop(self) -> str:
        """Parameter of the constant part of the forward voltage, in volt."""
        return f"{self.name}.vf"

    @property
    def saturation_current(self) -> str:
        """Parameter of the saturation current, in ampere."""
        return f"{self.name}.is"

    @property
    def emission(self) -> str:
        """Parameter of the emission coefficient."""
        return f"{self.name}.n"

    @property
    def resistance(self) -> str:
        """Parameter of the series resistance, in ohm."""
        return f"{self.name}.rs"

    @property
    def recovery_time(self) -> str:
        """Parameter of the reverse recovery time, in second; not simulated."""
        return f"{self.name}.trr"

    @property
    def junction_capacitance(self) -> str:
        """Parameter of the junction capacitance at 4 V reverse, in farad; not simulated."""
        return f"{self.name}.cj"


@dataclass(frozen=True)
class Coupling:
    """Magnetic coupling of two windings; parameter: its own name, the coupling factor."""

    name: str
    first: str
    second: str


@dataclass(frozen=True)
class Circuit:
    """Elements between named nodes, and the couplings between windings."""

    elements: tuple[Element, ...]
    couplings: tuple[Coupling, ...] = ()

    def of_type(self, kind: type[ElementT]) -> tuple[ElementT, ...]:
        """Return the elements of one kind, in declared order."""
        # Asked for many times a batch, where it takes as long as the arithmetic does.
        known = self._of_type.get(kind)
        if known is None:
            known = self._of_type[kind] = tuple(e for e in self.elements if isinstance(e, kind))
        return cast(tuple[ElementT, ...], known)

    @cached_property
    def _of_type(self) -> dict[type[Element], tuple[Element, ...]]:
        return {}

    def element(self, name: str) -> Element:
        """Return the element of that name; KeyError when there is none."""
        return self._named[name]

    @cached_property
    def _named(self) -> dict[str, Element]:
        return {element.name: element for element in self.elements}

    def diode(self, name: str) -> "Diode":
        """Return the diode of that name; KeyError when there is none."""
        return {diode.name: diode for diode in self.of_type(Diode)}[name]

    @property
    def inner_capacitors(self) -> tuple[Capacitor, ...]:
        """All capacitors but those across the output: coupling capacitors and clamps."""
        return tuple(c for c in self.of_type(Capacitor) if OUTPUT not in (c.a, c.b))

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes but ground, in order of first mention."""
        names = dict.fromkeys(n for e in self.elements for n in (e.a, e.b))
        return tuple(n for n in names if n != GROUND)

    @property
    def input_node(self) -> str:
        """The node that the input source holds."""
        (source,) = self.of_type(Source)
        return source.a
