"""Fields of configs as people set them: ``NAME=VALUE``, with dots for what lies inside."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from arcs_engine.foundation.errors import InputError

ConfigT = TypeVar("ConfigT", bound=msgspec.Struct)


def with_settings(config: ConfigT, settings: Iterable[str]) -> ConfigT:
    """Return a config with fields set as ``NAME=VALUE``; ``data.NAME=VALUE`` for those inside.

    Raises:
        InputError: there is no such field, or it cannot have that value.
    """
    fields = msgspec.to_builtins(config)
    for setting in settings:
        name, sign, value = setting.partition("=")
        *outer, last = name.strip().split(".")
        inner = fields
        for part in outer:
            inner = inner.get(part)
            if not isinstance(inner, dict):
                break
        if not sign or not isinstance(inner, dict) or isinstance(inner.get(last, {}), dict):
            raise InputError(
                f"--set: '{setting}' sets no field of the config; it must be NAME=VALUE, and the "
                f"fields are {', '.join(_names(msgspec.to_builtins(config)))}."
            )
        inner[last] = value.split(",") if isinstance(inner[last], list | tuple) else value.strip()
    try:
        return msgspec.convert(fields, type(config), strict=False)
    except msgspec.ValidationError as error:
        raise InputError(f"--set: the config cannot be so: {error}.") from error


def differences(base: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what differs between two configs as builtins: names and texts to set."""
    found = []
    for name, value in other.items():
        if isinstance(value, dict):
            found += [(f"{name}.{inner}", v) for inner, v in differences(base[name], value)]
        elif value != base[name]:
            text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            found.append((name, text))
    return found


def _names(fields: Mapping[str, Any]) -> list[str]:
    """Return the names of all fields, those inside others with a dot."""
    names: list[str] = []
    for name, value in fields.items():
        inside = _names(value) if isinstance(value, dict) else []
        names += [f"{name}.{inner}" for inner in inside] or [name]
    return names
