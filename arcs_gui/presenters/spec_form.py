"""The spec form: from what the user typed to a `Spec`, or to a message for each wrong field."""

from collections.abc import Callable
from dataclasses import dataclass

from arcs_engine.errors import InputError, SpecError
from arcs_engine.spec import AUTO, TRAINED_FSW_RANGE, Polarity, Spec
from arcs_engine.topologies import REGISTRY, topology
from arcs_engine.units import format_quantity, parse_fraction, parse_quantity, parse_range


@dataclass(frozen=True)
class FormTexts:
    """The form as it stands, as typed; field names are those of `Spec`.

    Attributes:
        weight: the slider, 0 (small) to 1 (efficient).
    """

    topology: str = AUTO
    polarity: Polarity = "positive"
    vin: str = ""
    vin_min: str = ""
    vin_max: str = ""
    vout: str = ""
    iout: str = ""
    fsw: str = ""
    ripple: str = ""
    efficiency: str = ""
    weight: float = 0.5


@dataclass(frozen=True)
class Example:
    """A spec to start from."""

    title: str
    texts: FormTexts


EXAMPLES = (
    Example(
        "12 V to 5 V, 2 A (buck)",
        FormTexts("buck", "positive", "12 ± 10%", "", "", "5 V", "2 A", "300 kHz", "1 %"),
    ),
    Example(
        "24 V bus to 3.3 V, 3 A (buck)",
        FormTexts("buck", "positive", "18..24..32", "", "", "3V3", "3 A", "250k", "1 %"),
    ),
    Example(
        "12 V to −9 V, 0.5 A (buck-boost)",
        FormTexts("buck_boost", "negative", "12 ± 10%", "", "", "9 V", "0.5 A", "100 kHz", "1 %"),
    ),
    Example(
        "12 V to −5 V, 1 A (buck-boost)",
        FormTexts("buck_boost", "negative", "9..12..16", "", "", "5 V", "1 A", "200 kHz", "1 %"),
    ),
)


class FormError(Exception):
    """One or more fields cannot be right; `messages` has a sentence by field name."""

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__("; ".join(messages.values()))
        self.messages = messages


def topology_choices() -> tuple[tuple[str, str, str], ...]:
    """Return (name, title, hint) of what can be chosen, ``auto`` first."""
    choices = [(AUTO, "Auto", "Compare every topology that fits the spec.")]
    choices += [(t.name, t.title.capitalize(), t.summary) for t in REGISTRY.values()]
    return tuple(choices)


def read(texts: FormTexts) -> Spec:
    """Read the form.

    Raises:
        FormError: with one message for each field that is wrong.
    """
    numbers, messages = _numbers(texts)
    if messages:
        raise FormError(messages)
    try:
        spec = Spec(
            topology=texts.topology,
            polarity=texts.polarity,
            weight=texts.weight,
            vin=numbers["vin"][1],
            vin_min=numbers.get("vin_min", numbers["vin"])[0],
            vin_max=numbers.get("vin_max", numbers["vin"])[2],
            vout=numbers["vout"][1],
            iout=numbers["iout"][1],
            fsw=numbers["fsw"][1],
            ripple=numbers["ripple"][1],
            efficiency=numbers["efficiency"][1] if "efficiency" in numbers else None,
        )
        if spec.topology != AUTO:
            topology(spec.topology).check(spec)
    except SpecError as error:
        raise FormError({error.field or "topology": str(error)}) from error
    return spec


def hints(texts: FormTexts) -> dict[str, str]:
    """Return what ARCS understood or wants to point out, by field; never an error."""
    numbers, _ = _numbers(texts)
    found = {}
    if "vin" in numbers:
        low = numbers.get("vin_min", numbers["vin"])[0]
        high = numbers.get("vin_max", numbers["vin"])[2]
        nominal = numbers["vin"][1]
        found["vin"] = " … ".join(_volts(value) for value in (low, nominal, high))
    if "vout" in numbers and "iout" in numbers:
        power = numbers["vout"][1] * numbers["iout"][1]
        found["iout"] = f"{format_quantity(power, 'W', 3)} at full load"
    lowest, highest = TRAINED_FSW_RANGE
    if "fsw" in numbers and not lowest <= numbers["fsw"][1] <= highest:
        span = f"{format_quantity(lowest, 'Hz')} to {format_quantity(highest, 'Hz')}"
        found["fsw"] = f"The model was trained on {span}; proposals may be worse."
    return found


_Reader = Callable[[str], tuple[float, float, float]]


def _single(unit: str, field: str) -> _Reader:
    def read_it(text: str) -> tuple[float, float, float]:
        value = parse_quantity(text, unit, field)
        return value, value, value

    return read_it


def _fraction(field: str) -> _Reader:
    def read_it(text: str) -> tuple[float, float, float]:
        value = parse_fraction(text, field)
        return value, value, value

    return read_it


_READERS: dict[str, _Reader] = {
    "vin": lambda text: parse_range(text, "V", "Vin"),
    "vin_min": _single("V", "Vin min"),
    "vin_max": _single("V", "Vin max"),
    "vout": _single("V", "Vout"),
    "iout": _single("A", "Iout"),
    "fsw": _single("Hz", "fsw"),
    "ripple": _fraction("Ripple"),
    "efficiency": _fraction("Efficiency"),
}
_OPTIONAL = {"vin_min", "vin_max", "efficiency"}


def _numbers(texts: FormTexts) -> tuple[dict[str, tuple[float, float, float]], dict[str, str]]:
    """Return (low, nominal, high) by field, and messages for what could not be read."""
    numbers, messages = {}, {}
    for field, read_it in _READERS.items():
        text = getattr(texts, field)
        if field in _OPTIONAL and not text.strip():
            continue
        try:
            numbers[field] = read_it(text)
        except InputError as error:
            messages[field] = str(error)
    return numbers, messages


def _volts(value: float) -> str:
    return format_quantity(value, "V")
