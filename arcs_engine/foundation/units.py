"""Quantities as engineers write them: ``4u7``, ``4.7 µH``, ``2k2``, ``100 kHz``, ``12±10%``.

`quantiphy` does the arithmetic of prefixes. On its own it reads ``4k7`` as 4.0 and
``1MEG`` as one EG, so this module first brings a text into the one form that it reads correctly.
"""

import math
import re
from decimal import Decimal
from typing import Final

from quantiphy import Quantity

from arcs_engine.foundation.errors import QuantityError
from arcs_engine.foundation.errors import printable as _printable

_LONGEST_TEXT = 40
_LARGEST = 1e15
_SMALLEST = 1e-21

_EXAMPLES = {
    "V": "12 V",
    "A": "2 A",
    "Hz": "300 kHz",
    "H": "4.7 µH",
    "F": "47 µF",
    "Ω": "10 mΩ",
    "s": "1 ms",
    "W": "10 W",
    "J": "1 mJ",
    "C": "37 nC",
    "": "0.5",
}

_UNIT_NAMES = {
    "V": ("v", "volt", "volts"),
    "A": ("a", "amp", "amps", "ampere", "amperes"),
    "Hz": ("hz", "hertz"),
    "H": ("h", "henry", "henries"),
    "F": ("f", "farad", "farads"),
    "Ω": ("ω", "r", "ohm", "ohms"),  # lower case of the capital omega
    "s": ("s", "sec", "second", "seconds"),
    "W": ("w", "watt", "watts"),
    "J": ("j", "joule", "joules"),
    "C": ("c", "coulomb", "coulombs"),
    "": (),
}

_PREFIXES = {
    **{letter: letter for letter in "fpnumkMGT"},
    "µ": "u",
    "K": "k",
    "meg": "M",
    "Meg": "M",
    "MEG": "M",
}

_LOOKALIKES = str.maketrans(
    {
        "\u00a0": " ",  # no-break space
        "\u2009": " ",  # thin space
        "\u202f": " ",  # narrow no-break space
        "\u03bc": "µ",  # Greek mu, which many keyboards give for the micro sign
        "\u2126": "Ω",  # ohm sign
        "\u00ba": "°",  # ordinal indicator, which keyboards have beside the degree
        "\u2010": "-",  # hyphen
        "\u2011": "-",  # no-break hyphen
        "\u2012": "-",  # figure dash
        "\u2013": "-",  # en dash
        "\u2014": "-",  # em dash
        "\u2212": "-",  # minus sign
    }
)

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*(.*)")
# IEC 60062: the letter stands where the decimal point would, as in 4u7, 4R7, R47 and 3V3.
_LETTER_AS_POINT = re.compile(r"([+-]?[0-9]*)([A-Za-zµ])([0-9]+)\s*(.*)")
_COMMA = re.compile(r"([+-]?[0-9]*),([0-9]+)(?![0-9,.])")
_TOLERANCE = re.compile(r"(.+?)\s*(?:±|\+/-|\+-)\s*(.+)")
# A hyphen joins two numbers where it follows a quantity; a sign or an exponent's minus does not.
_HYPHEN = r"(?<=[^\s+-])(?<![0-9.][eE])\s*-\s*(?=\.?[0-9])"
_UP_TO = re.compile(rf"\s*(?:\.\.+|…|\bto\b)\s*|{_HYPHEN}")
_TEMPERATURE = re.compile(rf"({_NUMBER})\s*(?:(?:°|deg)?\s*[Cc]|℃|°)?")


class _Shown(Quantity):
    """A quantity that is printed with the micro sign and never as ``10e39``."""


_Shown.set_prefs(map_sf={"u": "µ"}, output_sf="TGMkmunpf", strip_zeros=True, spacer=" ")

_PREFIX_OF = {
    power: prefix.strip() for power, prefix in zip(range(-5, 5), "fpnµm kMGT", strict=True)
}


_UNPREFIXED: Final = {
    "m²": ("mm²", 1e6),
    "mm²": ("mm²", 1.0),
    "m³": ("mm³", 1e9),
    "mm³": ("mm³", 1.0),
    "°C": ("°C", 1.0),
}
"""Units without SI prefixes, with what they are written in, and how many of it are one.

A prefix of an area or a volume would be squared or cubed, and no one writes millidegrees."""


def parse_quantity(text: str, unit: str, field: str) -> float:
    """Read one quantity.

    Args:
        text: such as ``4u7``, ``4.7uH``, ``4.7 µH``, ``4R7``, ``1Meg``, ``.1u``, ``1e-6``, ``1,5``;
            ``M`` is mega and ``m`` milli; a bare number is in `unit`.
        unit: ``V``, ``A``, ``Hz``, ``H``, ``F``, ``Ω``, ``s``, ``W``, ``J`` or empty for a number.
        field: what is being read, for the message.

    Returns:
        The value in `unit`, finite and not negative.

    Raises:
        QuantityError: naming the field, what was typed and an example.
    """
    shown = _printable(text)
    clean = _cleaned(text, unit, field)
    number, suffix = _split(clean, unit, field, shown)
    if suffix in _PREFIXES and suffix.lower() in _UNIT_NAMES[unit]:  # femto, or farad
        raise QuantityError(
            f"{field}: '{shown}' may mean {number} {suffix}{unit} or {number} {unit}; "
            "write the one that is meant."
        )
    value = float(Quantity(f"{number}{_prefix(suffix, unit, field, shown)}"))
    if value < 0:
        raise QuantityError(
            f"{field}: '{shown}' is negative; give a magnitude, for example {_EXAMPLES[unit]}."
        )
    underflow = value < _SMALLEST and any(digit in "123456789" for digit in _mantissa(number))
    if not math.isfinite(value) or value > _LARGEST or underflow:
        raise QuantityError(
            f"{field}: '{shown}' is far outside what can be built; an example is {_EXAMPLES[unit]}."
        )
    return value


def parse_range(text: str, unit: str, field: str) -> tuple[float, float, float]:
    """Read a quantity with its bounds.

    Args:
        text: ``12±10%``, ``12+-10%``, ``12 V ± 1.2 V``, ``9..36``, ``9-36 V``, ``9..12..36 V``,
            ``9 to 36`` or one quantity, which is then its own bounds. A unit that only the last
            number of a range carries holds for all of them.
        unit: as for `parse_quantity`.
        field: as for `parse_quantity`.

    Returns:
        (low, nominal, high) in `unit`; the nominal of ``9..36`` is the middle.

    Raises:
        QuantityError: as `parse_quantity`, and for bounds in the wrong order.
    """
    clean = _cleaned(text, unit, field)
    if match := _TOLERANCE.fullmatch(clean):
        return _with_tolerance(match[1], match[2], unit, field)
    texts = _UP_TO.split(clean)
    if len(texts) > 1 and all(texts):
        return _from_to(texts, clean, unit, field)
    value = parse_quantity(clean, unit, field)
    return value, value, value


def parse_fraction(text: str, field: str) -> float:
    """Read a fraction: ``1%``, ``1 %`` or ``0.01``.

    Args:
        text: with a per cent sign, or a number from 0 to 1.
        field: what is being read, for the message.

    Raises:
        QuantityError: naming the field, what was typed and an example.
    """
    shown = _printable(text)
    clean = text.strip()
    per_cent = clean.endswith("%")
    wrong = f"{field}: '{shown}' is not a fraction; an example is 1 %."
    if any(letter in _PREFIXES for letter in clean):  # 50m of ripple is meant in volts
        raise QuantityError(wrong)
    try:
        value = parse_quantity(clean.removesuffix("%"), "", field)
    except QuantityError as error:
        raise QuantityError(wrong) from error
    if per_cent:
        return value / 100
    if value > 1:
        raise QuantityError(
            f"{field}: '{shown}' is more than the whole; for per cent write {value:g} %, "
            f"or a fraction such as 0.01."
        )
    return value


def parse_share(text: str, whole: float, unit: str, field: str) -> float:
    """Read a part of a whole as a fraction of it: ``1 %``, ``0.01``, or ``50 mV`` of a voltage.

    Args:
        text: as for `parse_fraction`, or as for `parse_quantity` with its unit.
        whole: in `unit`; where it is not known, nan.
        unit: as for `parse_quantity`.
        field: what is being read, for the message.

    Returns:
        The fraction; nan for a quantity of a whole that is zero or not known.

    Raises:
        QuantityError: as `parse_fraction` and `parse_quantity`.
    """
    if not has_unit(text, unit):
        return parse_fraction(text, field)
    part = parse_quantity(text, unit, field)
    return part / whole if whole else math.nan


def parse_step(text: str, whole: float, unit: str, field: str) -> tuple[float, float]:
    """Read from which part of a whole to which other it goes, as fractions of it.

    Args:
        text: ``50%..100%``, ``50-100 %``, ``0.5 to 1``, or quantities: ``1..2 A``. A per cent sign
            or a unit that only the last number carries holds for both.
        whole: in `unit`; where it is not known, nan.
        unit: as for `parse_quantity`.
        field: what is being read, for the message.

    Returns:
        Both fractions as they were typed, in either order; nan for quantities of a whole that is
        zero or not known.

    Raises:
        QuantityError: as `parse_share`, and unless there are two.
    """
    ends = _UP_TO.split(text.strip().translate(_LOOKALIKES))
    if len(ends) != 2 or not all(ends):
        raise QuantityError(
            f"{field}: '{_printable(text)}' is not a step; an example is 50%..100%."
        )
    last = _QUANTITY.fullmatch(ends[1])
    first = ends[0] + last[2] if last and re.fullmatch(_NUMBER, ends[0]) else ends[0]
    return parse_share(first, whole, unit, field), parse_share(ends[1], whole, unit, field)


def parse_temperature(text: str, field: str) -> float:
    """Read a temperature in °C: ``40``, ``40C``, ``40 °C``, ``-20 °C``.

    Args:
        text: as typed.
        field: what is being read, for the message.

    Raises:
        QuantityError: naming the field, what was typed and an example.
    """
    clean = text.strip().translate(_LOOKALIKES).replace(",", ".", 1)
    match = _TEMPERATURE.fullmatch(clean)
    if match is None or len(clean) > _LONGEST_TEXT or not math.isfinite(float(match[1])):
        raise QuantityError(
            f"{field}: '{_printable(text)}' is not a temperature in °C; an example is 40 °C."
        )
    return float(match[1])


def has_unit(text: str, unit: str) -> bool:
    """Whether a text ends with a unit, such as ``50 mV`` with ``V``."""
    return text.strip().lower().endswith(_UNIT_NAMES[unit])


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """Write a quantity with an SI prefix: ``4.7 µH``, ``300 kHz``, ``12 V``.

    Areas, volumes and temperatures have none: ``664 mm³``, ``61.3 °C``.

    Args:
        value: in `unit`; a value that is not finite is shown as a dash.
        unit: SI unit; without one the number gets no prefix.
        digits: significant digits; trailing zeros are dropped.
    """
    if not math.isfinite(value):
        return "—"
    if not unit:
        return f"{value:.{digits}g}"
    if unit in _UNPREFIXED:
        unit, count = _UNPREFIXED[unit]
        return f"{Decimal(f'{value * count + 0.0:.{digits}g}'):f} {unit}"
    return _with_prefix(value, unit, digits) or str(_Shown(value, unit).render(prec=digits - 1))


def _with_prefix(value: float, unit: str, digits: int) -> str:
    """Write a quantity as `_Shown` does, fifty times faster; empty outside of the prefixes.

    A window that follows a moving value writes thousands of quantities a second.
    """
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    thousands, places = divmod(int(exponent), 3)
    if value == 0 or thousands not in _PREFIX_OF:
        return ""
    number = f"{float(mantissa) * 10**places:.{max(0, digits - 1 - places)}f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number} {_PREFIX_OF[thousands]}{unit}"


def _cleaned(text: str, unit: str, field: str) -> str:
    clean = text.strip().translate(_LOOKALIKES)
    if not clean:
        raise QuantityError(f"{field} is empty; an example is {_EXAMPLES[unit]}.")
    if len(clean) > _LONGEST_TEXT:
        raise QuantityError(
            f"{field}: '{_printable(text)}' is too long to be a quantity; "
            f"an example is {_EXAMPLES[unit]}."
        )
    return clean


def _split(clean: str, unit: str, field: str, shown: str) -> tuple[str, str]:
    """Return the decimal number and what follows it."""
    if match := _COMMA.match(clean):
        if len(match[2]) == 3 and match[1].strip("+-0"):
            raise QuantityError(
                f"{field}: the comma in '{shown}' may mean thousands or decimals; "
                f"write {match[1]}.{match[2]} or {match[1]}{match[2]}."
            )
        clean = clean.replace(",", ".", 1)
    if (match := _LETTER_AS_POINT.fullmatch(clean)) and match[2] not in "eE":
        whole, letter, decimals, rest = match.groups()
        own_unit = letter in ("R", "V") and letter.lower() in _UNIT_NAMES[unit]
        if own_unit or (letter in _PREFIXES and whole.strip("+-")):
            return f"{whole}.{decimals}", rest if own_unit else letter + rest
    if match := _QUANTITY.fullmatch(clean):
        return match[1], match[2]
    raise QuantityError(f"{field}: '{shown}' is not a quantity; an example is {_EXAMPLES[unit]}.")


def _prefix(suffix: str, unit: str, field: str, shown: str) -> str:
    """Return the SI prefix of a suffix such as ``µH``, ``kHz``, ``Meg`` or ``V``."""
    if suffix.lower() in ("", *_UNIT_NAMES[unit]):
        return ""
    for length in (3, 1):  # "Meg" before "M"
        prefix, name = suffix[:length], suffix[length:].strip()
        if prefix in _PREFIXES and name.lower() in ("", *_UNIT_NAMES[unit]):
            return _PREFIXES[prefix]
    wanted = f"a quantity in {unit}" if unit else "a plain number"
    raise QuantityError(f"{field}: '{shown}' is not {wanted}; an example is {_EXAMPLES[unit]}.")


def _mantissa(number: str) -> str:
    return re.split("[eE]", number)[0]


def _with_tolerance(
    centre: str, tolerance: str, unit: str, field: str
) -> tuple[float, float, float]:
    nominal = parse_quantity(centre, unit, field)
    if tolerance.endswith("%"):
        spread = nominal * parse_fraction(tolerance, field)
    else:
        spread = parse_quantity(tolerance, unit, field)
    if spread > nominal:
        raise QuantityError(f"{field}: the tolerance of '{centre}±{tolerance}' goes below zero.")
    return nominal - spread, nominal, nominal + spread


def _from_to(texts: list[str], clean: str, unit: str, field: str) -> tuple[float, float, float]:
    if len(texts) > 3:
        raise QuantityError(f"{field}: '{clean}' is not a range; an example is 9..36 or 9..12..36.")
    last = _QUANTITY.fullmatch(texts[-1])
    if last and last[2]:
        texts = [text + last[2] if re.fullmatch(_NUMBER, text) else text for text in texts]
    values = [parse_quantity(text, unit, field) for text in texts]
    if values != sorted(values):
        raise QuantityError(
            f"{field}: '{clean}' runs downwards; write the lowest value first, such as 9..36."
        )
    nominal = values[1] if len(values) == 3 else (values[0] + values[-1]) / 2
    return values[0], nominal, values[-1]
