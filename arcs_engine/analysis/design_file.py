"""Design files: what ``arcs design -o`` writes, and hand-written single designs.

A hand-written file names a topology, the spec (under ``spec`` or flat) and the design values; its
numbers are SI or texts such as ``"22u"``::

    {"topology": "buck", "vin": 12, "vout": 5, "rload": 2.5, "fsw": "300k", "ripple": "1%",
     "values": {"L1": "22u", "Cout": "47u", "Cout_esr": "10m", "Q1_rds_on": "20m"}}

What is read came from outside: it is bounded in size, and every entry is checked.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from arcs_engine.circuits.settings import Assignments, assign, read_value, value_names
from arcs_engine.circuits.spec import DEFAULT_WEIGHT, HIGHEST_WEIGHT, Spec
from arcs_engine.circuits.spec_entries import ENTRIES
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation.errors import ArcsError, DesignError, FileError, InputError, printable
from arcs_engine.foundation.files import read_bounded, replace_whole
from arcs_engine.foundation.units import parse_fraction, parse_share
from arcs_engine.performance.candidate import Shortlist
from arcs_engine.performance.design import Design

VERSION: Final = 1
_LARGEST_FILE = 8_000_000

_UNITS = {"vin": "V", "vin_min": "V", "vin_max": "V", "vout": "V", "iout": "A", "fsw": "Hz"}
_FRACTIONS = {"ripple": "V", "efficiency": ""}
"""The ripple may also be given in volts, as a part of ``vout``."""
_OPTIONAL = {"vin_min", "vin_max", "iout"}
_STORED = {field.name: field.type for field in msgspec.structs.fields(Spec)}
_STORED_SO = {
    "load_step": 'two shares of the full load, such as [0.5, 1] or "50%..100%"',
    "deviation": 'a fraction of vout, a text such as "100mV", or "none"',
    "ambient": "a temperature in °C, such as 40",
    "ripple_current": 'a fraction, "none" or "custom"',
    "longest_duty": 'a fraction, "none" or "custom"',
}
_OTHER = {"rload", "weight", "polarity", "topology"}


class DesignFile(Shortlist, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shortlist as it is stored and printed, with the version of its format."""

    version: Literal[1] = VERSION


def stored(shortlist: Shortlist) -> DesignFile:
    """Return a shortlist in the form in which it is stored and printed."""
    fields = {name: getattr(shortlist, name) for name in Shortlist.__struct_fields__}
    return DesignFile(**fields)


def encode(document: msgspec.Struct | Mapping[str, msgspec.Struct]) -> bytes:
    """Return a document as indented JSON with a final newline; what is not finite becomes null."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; `FileError` where that is not possible."""
    try:
        replace_whole(path, content)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {_reason(error)}.") from error


def read(path: Path, rank: int = 1) -> Design:
    """Read one design.

    Args:
        path: a file that ``arcs design -o`` wrote, or a hand-written design.
        rank: which candidate of a shortlist; 0 is the textbook design.

    Raises:
        FileError: for a file that cannot be read or understood.
        InputError: for entries that cannot be.
    """
    content = _content(path)
    if "candidates" in content:
        return _from_shortlist(path, content, rank)
    try:
        return _from_entries(content)
    except InputError as error:
        raise type(error)(f"{path}: {error}") from error


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


def _content(path: Path) -> dict[str, object]:
    try:
        text = read_bounded(path, _LARGEST_FILE)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {_reason(error)}.") from error
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"{path} is not a design file: it is not valid JSON ({error}).") from error
    if not isinstance(content, dict):
        raise FileError(f"{path} is not a design file: it must hold one JSON object.")
    return content


def _from_shortlist(path: Path, content: dict[str, object], rank: int) -> Design:
    version = content.get("version")
    if version != VERSION:
        raise FileError(
            f"{path} has version {printable(repr(version))}; this ARCS reads version {VERSION}. "
            "Update ARCS."
        )
    _lower_weight(content.get("spec"))
    try:
        found = msgspec.convert(content, DesignFile)
    except (msgspec.ValidationError, RecursionError) as error:
        raise FileError(f"{path} is damaged: {printable(str(error), 200)}.") from error
    except ArcsError as error:
        raise FileError(f"{path} is damaged: {error}") from error
    ranked = {candidate.rank: candidate for candidate in (found.textbook, *found.candidates)}
    if rank not in ranked:
        shown = ", ".join(str(number) for number in sorted(ranked))
        raise FileError(f"{path} has no candidate of rank {rank}; it has {shown}.")
    candidate = ranked[rank]
    checked = Assignments()
    _assign_values(checked, candidate.values, candidate.topology)
    _assign_overrides(checked, candidate.overrides, candidate.topology)
    if candidate.given_duty is not None:
        read_duty(candidate.given_duty, "given_duty")
    judged = msgspec.structs.replace(candidate, values=checked.values, overrides=checked.overrides)
    return Design.of(found.spec, judged)


def _lower_weight(spec: object) -> None:
    """Bring a stored spec's weight to where weights end; they went to 1 in earlier versions."""
    if isinstance(spec, dict):
        weight = spec.get("weight")
        if isinstance(weight, int | float) and HIGHEST_WEIGHT < weight <= 1:
            spec["weight"] = HIGHEST_WEIGHT


def _from_entries(content: dict[str, object]) -> Design:
    """Return the design of a hand-written file."""
    known = {"topology", "spec", "values", "duty", "overrides", "name", "version"}
    entries = content.get("spec", {k: v for k, v in content.items() if k not in known})
    if not isinstance(entries, dict):
        raise DesignError("the entry 'spec' must be an object.")
    surplus = set(content) - known if "spec" in content else set()
    surplus |= set(entries) - set(_UNITS) - set(_FRACTIONS) - set(ENTRIES) - _OTHER
    if surplus:
        raise DesignError(f"there is no entry '{printable(min(surplus))}' in a design.")
    name = content.get("topology", entries.get("topology"))
    if not isinstance(name, str):
        raise DesignError("the entry 'topology' is missing, for example \"buck\".")
    registered(name)
    found = Assignments()
    _assign_values(found, _object(content, "values"), name)
    _assign_overrides(found, _object(content, "overrides"), name)
    duty = None if content.get("duty") is None else read_duty(content["duty"], "duty")
    return Design(_spec(name, entries), found.values, duty, found.overrides)


def _assign_values(found: Assignments, values: Mapping[str, object], name: str) -> None:
    """Add exactly the design values of a topology."""
    topology = registered(name)
    wanted = value_names(topology)
    missing = [key for key in wanted if key not in values]
    if missing:
        raise DesignError(f"values: {', '.join(missing)} missing; a {name} needs all of {wanted}.")
    for key, value in values.items():
        if key not in wanted:
            raise DesignError(
                f"values: a {name} has no '{printable(key)}'; its values are {wanted}."
            )
        assign(found, key, _number(value, key), topology, "values")


def _assign_overrides(found: Assignments, overrides: Mapping[str, object], name: str) -> None:
    """Add part parameters of a topology."""
    for key, value in overrides.items():
        assign(found, key, _number(value, key), registered(name), "overrides")


def _spec(name: str, entries: dict[str, object]) -> Spec:
    for key in _UNITS:
        if entries.get(key) is None and key not in _OPTIONAL:
            raise DesignError(f"the entry '{key}' is missing.")
    numbers = {
        key: read_value(_number(entries[key], key), unit, key)
        for key, unit in _UNITS.items()
        if entries.get(key) is not None
    }
    for key, unit in _FRACTIONS.items():
        if entries.get(key) is not None:
            text = str(_number(entries[key], key))
            numbers[key] = parse_share(text, numbers["vout"], unit, key)
    if entries.get("rload") is not None:
        load = read_value(_number(entries["rload"], "rload"), "Ω", "rload")
        numbers.setdefault("iout", numbers["vout"] / load)
    if "iout" not in numbers:
        raise DesignError("the load is missing: give 'iout' in ampere or 'rload' in ohm.")
    weight = _number(entries.get("weight", DEFAULT_WEIGHT), "weight")
    polarity = entries.get("polarity", "any")
    if polarity not in ("positive", "negative", "any"):
        raise DesignError("polarity must be positive, negative or any.")
    return Spec(
        topology=name,
        vin=numbers["vin"],
        vin_min=numbers.get("vin_min", numbers["vin"]),
        vin_max=numbers.get("vin_max", numbers["vin"]),
        vout=numbers["vout"],
        iout=numbers["iout"],
        fsw=numbers["fsw"],
        ripple=numbers.get("ripple", 0.01),
        efficiency=numbers.get("efficiency"),
        polarity=polarity,
        weight=read_value(weight, "", "weight", zero_allowed=True),
        **_judged_by(entries, numbers["vout"], numbers["iout"]),
    )


def _judged_by(entries: dict[str, object], vout: float, iout: float) -> dict[str, Any]:
    """Return those of `ENTRIES` that there are, from texts, or from JSON as a spec is stored."""
    found: dict[str, Any] = {}
    for key in [name for name in ENTRIES if name in entries]:
        value = entries[key]
        try:
            if isinstance(value, str):
                found[key] = ENTRIES[key](value, vout, iout, key)
            else:
                found[key] = msgspec.convert(value, _STORED[key])
        except msgspec.ValidationError as error:
            raise DesignError(f"the entry '{key}' must be {_STORED_SO[key]}.") from error
    return found


def _object(content: dict[str, object], key: str) -> dict[str, object]:
    found = content.get(key, {})
    if not isinstance(found, dict):
        raise DesignError(f"the entry '{key}' must be an object of names and numbers.")
    return found


def _number(value: object, key: str) -> float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        shown = printable(key)
        raise DesignError(f"the entry '{shown}' must be a number or a text such as \"22u\".")
    return value


def read_duty(value: object, where: str) -> float:
    """Return a duty between 0 and 1 from a number or a text such as ``42%``."""
    duty = parse_fraction(str(_number(value, where)), where)
    if not 0 < duty < 1:
        raise DesignError(f"{where} is {duty:g}; it must lie between 0 and 1.")
    return duty
