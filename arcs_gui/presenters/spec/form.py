"""The spec form: from what the user typed to a `Spec`, or to a message for each wrong field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, nan
from typing import Any

from arcs_engine.circuits.examples import EXAMPLES as SPECS
from arcs_engine.circuits.spec import AUTO, DEFAULT_WEIGHT, TRAINED_FSW_RANGE, Polarity, Spec
from arcs_engine.circuits.spec_entries import ENTRIES
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology, variant_of
from arcs_engine.foundation.errors import InputError, SpecError
from arcs_engine.foundation.units import (
    format_quantity,
    has_unit,
    parse_fraction,
    parse_quantity,
    parse_range,
    parse_share,
)
from arcs_engine.learning.datasets.specs import RANGES, SpecRange
from arcs_engine.performance.metrics import per_cent
from arcs_engine.sizing.refusals import fitting


@dataclass(frozen=True)
class FormTexts:
    """The form as it stands, as typed; field names are those of `Spec`.

    What `ENTRIES` reads may be empty, and is then what `Spec` takes it to be.

    Attributes:
        weight: the slider, 0 (small) to `HIGHEST_WEIGHT` (efficient).
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
    load_step: str = "50 % to 100 %"
    deviation: str = "5 %"
    ambient: str = "40 °C"
    ripple_current: str = ""
    longest_duty: str = ""
    weight: float = DEFAULT_WEIGHT
    variant: str = ""
    isolated: bool = False


@dataclass(frozen=True)
class Example:
    """A spec to start from, and where it was published."""

    title: str
    texts: FormTexts
    source: str = ""


EXAMPLES = tuple(
    Example(
        spec.title,
        FormTexts(
            topology=spec.topology,
            polarity="negative" if spec.inverting else "positive",
            vin=spec.vin,
            vout=spec.vout,
            iout=spec.iout,
            fsw=spec.fsw,
            ripple=spec.ripple,
            isolated=topology(spec.topology).isolated,
        ),
        spec.source,
    )
    for spec in SPECS
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


def variant_choices() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return for each topology the (kind, title) of its variants."""
    return {
        name: tuple(
            (v.variant, v.variant.capitalize()) for v in VARIANTS.values() if v.base == name
        )
        for name in REGISTRY
    }


def read(texts: FormTexts) -> Spec:
    """Read the form.

    Raises:
        FormError: with one message for each field that is wrong.
    """
    numbers, messages = _numbers(texts)
    entries, more = _entries(texts, numbers)
    if messages or more:
        raise FormError(messages | more)
    try:
        spec = Spec(
            topology=_chosen(texts),
            polarity=texts.polarity,
            isolated=texts.isolated,
            weight=texts.weight,
            vin=numbers["vin"][1],
            vin_min=numbers.get("vin_min", numbers["vin"])[0],
            vin_max=numbers.get("vin_max", numbers["vin"])[2],
            vout=numbers["vout"][1],
            iout=numbers["iout"][1],
            fsw=numbers["fsw"][1],
            ripple=numbers["ripple"][1],
            efficiency=numbers["efficiency"][1] if "efficiency" in numbers else None,
            **entries,
        )
        fitting(spec)
    except SpecError as error:
        raise FormError(message_of(error)) from error
    return spec


def message_of(error: SpecError) -> dict[str, str]:
    """Return what is wrong with a spec, by the field to show it under."""
    field = error.field or "topology"
    return {field: error.naming(TITLES.get(field, field))}


def _chosen(texts: FormTexts) -> str:
    if texts.topology == AUTO or not texts.variant:
        return texts.topology
    return variant_of(texts.topology, texts.variant)


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
    if "ripple" in numbers and "vout" in numbers and has_unit(texts.ripple, "V"):
        found["ripple"] = f"{per_cent(numbers['ripple'][1])} of Vout"
    found |= _shares(texts, _entries(texts, numbers)[0])
    return found | _warnings(texts, {name: each[1] for name, each in numbers.items()}, found)


def _shares(texts: FormTexts, entries: dict[str, Any]) -> dict[str, str]:
    """Return which part of the whole the load step and the deviation are, where that is unsaid."""
    found = {}
    if has_unit(texts.load_step, "A") and isfinite(sum(entries.get("load_step", (nan,)))):
        low, high = entries["load_step"]
        found["load_step"] = f"{per_cent(low)} to {per_cent(high)} of Iout"
    if has_unit(texts.deviation, "V") and isfinite(entries.get("deviation", nan)):
        found["deviation"] = f"{per_cent(entries['deviation'])} of Vout"
    return found


def _warnings(texts: FormTexts, nominal: dict[str, float], hints: dict[str, str]) -> dict[str, str]:
    """Return what lies outside of what the model was trained on, after the hint of its field."""
    limits = RANGES.get(texts.topology, _ANY)
    checked = {
        "vin": (nominal.get("vin"), limits.vin, "V"),
        "vout": (nominal.get("vout"), _vout_range(limits, nominal.get("vin")), "V"),
        "iout": (nominal.get("iout"), limits.iout, "A"),
        "fsw": (nominal.get("fsw"), TRAINED_FSW_RANGE, "Hz"),
    }
    found = {}
    for field, (value, (low, high), unit) in checked.items():
        if value is not None and not low * (1 - _SLACK) <= value <= high * (1 + _SLACK):
            span = f"{format_quantity(low, unit, 3)} to {format_quantity(high, unit, 3)}"
            found[field] = _warning(hints.get(field), span)
    if "vout" in nominal and "iout" in nominal and "iout" not in found:
        power = nominal["vout"] * nominal["iout"]
        if power > limits.pout:
            span = f"up to {format_quantity(limits.pout, 'W', 3)}"
            found["iout"] = _warning(hints.get("iout"), span)
    return found


def _vout_range(limits: SpecRange, vin: float | None) -> tuple[float, float]:
    if limits.vout is not None:
        return limits.vout
    if limits.ratio is None or vin is None:
        return (0.0, float("inf"))
    return (limits.ratio[0] * vin, limits.ratio[1] * vin)


def _warning(hint: str | None, span: str) -> str:
    before = f"{hint}. " if hint else ""
    return f"{before}⚠ Trained on {span}; proposals may be worse."


_SLACK = 1e-9

_ANY = SpecRange(
    vin=(min(r.vin[0] for r in RANGES.values()), max(r.vin[1] for r in RANGES.values())),
    iout=(min(r.iout[0] for r in RANGES.values()), max(r.iout[1] for r in RANGES.values())),
    pout=max(r.pout for r in RANGES.values()),
)
"""What one or another topology was trained on, for ``auto``."""

_Reader = Callable[[str], tuple[float, float, float]]


TITLES = {
    "vin": "Vin",
    "vin_min": "Vin min",
    "vin_max": "Vin max",
    "vout": "Vout",
    "iout": "Iout",
    "fsw": "fsw",
    "ripple": "Ripple",
    "efficiency": "Efficiency",
    "load_step": "Load step",
    "deviation": "Deviation",
    "ambient": "Ambient",
    "ripple_current": "Ripple current",
    "longest_duty": "Longest duty",
}
"""What the user calls the fields."""


def _single(unit: str, field: str) -> _Reader:
    def read_it(text: str) -> tuple[float, float, float]:
        value = parse_quantity(text, unit, TITLES[field])
        return value, value, value

    return read_it


def _fraction(field: str) -> _Reader:
    def read_it(text: str) -> tuple[float, float, float]:
        value = parse_fraction(text, TITLES[field])
        return value, value, value

    return read_it


_READERS: dict[str, _Reader] = {
    "vin": lambda text: parse_range(text, "V", TITLES["vin"]),
    "vin_min": _single("V", "vin_min"),
    "vin_max": _single("V", "vin_max"),
    "vout": _single("V", "vout"),
    "iout": _single("A", "iout"),
    "fsw": _single("Hz", "fsw"),
    "efficiency": _fraction("efficiency"),
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
    _, vout, _ = numbers.get("vout", (nan, nan, nan))
    try:
        numbers["ripple"] = (parse_share(texts.ripple, vout, "V", TITLES["ripple"]),) * 3
    except InputError as error:
        messages["ripple"] = str(error)
    return numbers, messages


def _entries(
    texts: FormTexts, numbers: dict[str, tuple[float, float, float]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what `ENTRIES` reads, by field, and messages for what could not be read."""
    entries, messages = {}, {}
    vout, iout = (numbers.get(field, (nan, nan))[1] for field in ("vout", "iout"))
    for field, read_it in ENTRIES.items():
        text = getattr(texts, field)
        if not text.strip():
            continue
        try:
            entries[field] = read_it(text, vout, iout, TITLES[field])
        except InputError as error:
            messages[field] = str(error)
    return entries, messages


def _volts(value: float) -> str:
    return format_quantity(value, "V")


def stepped(text: str, cursor: int, steps: int) -> str:
    """Return a text with the number at the cursor a few steps on; a text without one stays.

    A step is one in the second digit.

    Args:
        text: as it stands.
        cursor: place in the text.
        steps: up, or down if negative.
    """
    numbers = list(_A_NUMBER.finditer(text))
    if not numbers:
        return text
    match = next((m for m in reversed(numbers) if m.start() <= cursor), numbers[0])
    number = Decimal(match[0])
    if text[: match.start()].strip() in _MINUS:
        steps = -steps  # warmer is nearer to zero
    for _ in range(abs(steps)):
        power = number.adjusted() - 1 if number else 0
        if steps < 0 and number == Decimal(1).scaleb(number.adjusted()):
            power -= 1  # 10 is followed by 9.9, as it is by 11
        number += Decimal(1 if steps > 0 else -1).scaleb(power)
    if number <= 0:
        return text
    return f"{text[: match.start()]}{number.normalize():f}{text[match.end() :]}"


_MINUS = ("-", "\u2212")
_A_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
