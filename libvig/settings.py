"""An NF's configuration, from a TOML file and from key=value assignments.

The fields of the NF's Config class say which keys there are, by their names with "-" for "_", and
their annotations (see libvig/types.py) say how the values are written. A field of MAC addresses is
a table with one key a device; a field of stations, one with a device for each Ethernet address.
The key `devices` names the devices, in the order of their numbers.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np
from icontract import ViolationError

from libvig.errors import InputError
from libvig.station import Station
from libvig.types import DROP_STATION, I64, MAX_TIME, Mac, Quantity

MAC: Quantity = get_args(Mac)[1]
DEFAULT_DEVICES = ("lan", "wan")
MAX_DEVICES = 2**15
DEVICES = "devices"
CLOCK_TICK = "clock-tick"
DROP = "drop"

_TIMES = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "h": 3600 * 10**9,
}
_SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_RATES = {
    **{f"{unit}/s": size for unit, size in _SIZES.items()},
    **{"kbit/s": 125, "Mbit/s": 125 * 10**3, "Gbit/s": 125 * 10**6},
}
_MEASURES = {
    "duration": (_TIMES, "120 s"),
    "rate": (_RATES, "1 MB/s"),
    "size": (_SIZES, "100 kB"),
    "time": (_TIMES, "120 s"),
}
"""By quantity: how much each unit is, and an example."""
_MEASURE = re.compile(r"(\d{1,20}(?:\.\d{1,20})?)\s*([A-Za-z/]+)")
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
_OF_DEVICES = ("device", "number of devices", "MAC address", "station")
_DEVICE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Setting(NamedTuple):
    """One value as the user wrote it."""

    value: Any
    """A string, or what TOML made of it."""
    place: str
    """Where it stands: the file's name, or --set."""


Settings = dict[str, Setting]
"""The settings by key; a key in a table has the table's name and a dot in front."""


def read_settings(file: str | None, assignments: Iterable[str]) -> Settings:
    """The settings of a TOML file, overridden by assignments of the form key=value."""
    settings: Settings = {}
    if file is not None:
        for key, value in _flat(_read_toml(file)):
            settings[key] = Setting(value, file)
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key:
            raise InputError(f"--set {assignment}: not an assignment; write --set key=value")
        settings[key.strip()] = Setting(value.strip(), "--set")
    return settings


def _read_toml(file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: is not text in UTF-8; write a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: is not TOML: {error}") from None


def _flat(table: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def device_names(settings: Settings, at_least: int) -> tuple[str, ...]:
    """The names of the devices, by number; enough of them for the interfaces of a capture."""
    if at_least > MAX_DEVICES:
        raise InputError(f"{at_least} interfaces; there can be {MAX_DEVICES} devices at most")
    given = settings.get(DEVICES)
    if given is None:
        more = (f"device{i}" for i in range(len(DEFAULT_DEVICES), at_least))
        return (*DEFAULT_DEVICES, *more)
    names = given.value
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    well_formed = isinstance(names, list) and all(
        isinstance(name, str) and _DEVICE_NAME.fullmatch(name) for name in names
    )
    if not well_formed or not names or len(set(names)) < len(names):
        raise _bad(DEVICES, given, "different names that start with a letter", "lan,wan")
    if not at_least <= len(names) <= MAX_DEVICES:
        raise InputError(
            f"{given.place}: {DEVICES}: {len(names)} names, but the capture has {at_least} "
            "interfaces; name them all"
        )
    return tuple(names)


def clock_tick(settings: Settings) -> int:
    """By how many nanoseconds at once the NF's clock goes forward, 1 to MAX_TIME; 1 if unset.

    Raises InputError for what is no such time.
    """
    given = settings.get(CLOCK_TICK)
    if given is None:
        return 1
    tick = duration(given.value)
    if tick is None or not 1 <= tick <= MAX_TIME:
        expected = f"a time of 1 ns or more with a unit ({', '.join(_TIMES)})"
        raise _bad(CLOCK_TICK, given, expected, "1 s")
    return tick


def make_config(config: type[Any], settings: Settings, devices: Sequence[str]) -> Any:
    """The configuration of class `config` that the settings ask for; the rest has defaults."""
    hints = get_type_hints(config, include_extras=True)
    if CLOCK_TICK in map(_key, config._fields):
        raise InputError(
            f"{config.__name__}.clock_tick: clock-tick is a setting of every network function; "
            "give the field another name"
        )
    fields = {field: _quantity(config, field, hints[field]) for field in config._fields}
    _refuse_unknown(settings, fields, devices)
    values: dict[str, Any] = {}
    tables = [field for field, quantity in fields.items() if quantity.name == "MAC address"]
    for field, quantity in fields.items():
        key = _key(field)
        if field in tables:
            values[field] = _macs(key, tables.index(field), settings, devices)
        elif quantity.name == "station":
            values[field] = _stations(key, settings, quantity, devices)
        elif quantity.name == "number of devices":
            values[field] = len(devices)
        elif key in settings:
            values[field] = _parse(key, settings[key], quantity, devices)
        elif field not in config._field_defaults:
            raise InputError(f"{key}: has no value; give one with --set {key}=VALUE")
    try:
        return config(**values)
    except ViolationError as error:
        unchecked = tuple.__new__(config, [(config._field_defaults | values)[f] for f in fields])
        rules = getattr(config, "__invariants__", [])
        rule = broken_rule(rules, error, self=unchecked)
        raise InputError(f"{rule}{_found(rule, settings)}") from None


def _found(rule: str, settings: Settings) -> str:
    """The settings that the text of a rule mentions, with their places."""
    mentioned = [
        f"{setting.place}: {key} = {setting.value}"
        for key, setting in settings.items()
        if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", rule)
    ]
    return f" (found {', '.join(mentioned)})" if mentioned else ""


def broken_rule(rules: Iterable[Any], error: ViolationError, **values: Any) -> str:
    """The first of some contracts that does not hold for the values, in the words of its author."""
    for rule in rules:
        if rule.description and not rule.condition(**values):
            return f"the settings are not valid: {rule.description}"
    return " ".join(str(error).split())


def _quantity(config: type[Any], field: str, hint: Any) -> Quantity:
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, Quantity) and note.name in (*_PARSERS, *_OF_DEVICES):
            return note
    if hint is int:
        return Quantity("count", -(2**63), 2**63 - 1)
    raise InputError(
        f"{config.__name__}.{field}: cannot be read from settings; "
        "annotate it with an alias of libvig/types.py"
    )


def _key(field: str) -> str:
    return field.replace("_", "-")


def _refuse_unknown(
    settings: Settings, fields: dict[str, Quantity], devices: Sequence[str]
) -> None:
    known = [DEVICES, CLOCK_TICK]
    for field, quantity in fields.items():
        if quantity.name == "MAC address":
            known += [f"{_key(field)}.{device}" for device in devices]
        elif quantity.name == "station":
            known.append(f"{_key(field)}.ADDRESS")
        elif quantity.name != "number of devices":
            known.append(_key(field))
    for key, setting in settings.items():
        if key not in known and re.sub(r"\..*", ".ADDRESS", key) not in known:
            table, dot, device = key.partition(".")
            if dot and f"{table}.{devices[0]}" in known:
                raise InputError(
                    f"{setting.place}: {key}: no device is called {device}; "
                    f"there are {', '.join(devices)}"
                )
            close = difflib.get_close_matches(key, known, 1)
            remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(known[:12])}"
            raise InputError(f"{setting.place}: no setting is called {key}; {remedy}")


def _macs(key: str, table: int, settings: Settings, devices: Sequence[str]) -> I64:
    """One address a device; by default locally administered ones, 02:00:00:00:TABLE:DEVICE."""
    macs = np.zeros(len(devices), np.int64)
    for number, device in enumerate(devices):
        setting = settings.get(f"{key}.{device}")
        if setting is None:
            macs[number] = 2 << 40 | number >> 8 << 16 | table << 8 | number & 255
        else:
            macs[number] = _parse(f"{key}.{device}", setting, MAC, devices)
    return macs


def _stations(table: str, settings: Settings, quantity: Quantity, devices: Sequence[str]) -> I64:
    """The stations that a table lists."""
    listed: dict[int, int] = {}
    for key, setting in settings.items():
        if not key.startswith(f"{table}."):
            continue
        address = key.removeprefix(f"{table}.")
        number = _mac(address)
        if number is None:
            raise InputError(
                f"{setting.place}: {key}: {address} is not a MAC address; "
                f"write {table}.02:00:00:00:00:01"
            )
        if number in listed:
            raise InputError(f"{setting.place}: {key}: is listed twice; leave one of them out")
        listed[number] = _device(key, setting, quantity, devices)
    return np.array([Station(*entry).pack() for entry in sorted(listed.items())], np.int64)


def _device(key: str, setting: Setting, quantity: Quantity, devices: Sequence[str]) -> int:
    """The number of a device, or DROP_STATION where that is a sensible value."""
    if setting.value in devices:
        return devices.index(setting.value)
    may_drop = quantity.highest == DROP_STATION
    if may_drop and setting.value == DROP:
        return DROP_STATION
    number = _whole(setting.value)
    if number is None or not 0 <= number < len(devices):
        expected = f"a device ({', '.join(devices)})" + f" or {DROP}" * may_drop
        raise _bad(key, setting, expected, devices[-1])
    return number


def _parse(key: str, setting: Setting, quantity: Quantity, devices: Sequence[str]) -> int:
    if quantity.name == "device":
        return _device(key, setting, quantity, devices)
    value = _PARSERS[quantity.name](setting.value)
    if value is None or not quantity.lowest <= value <= quantity.highest:
        expected, example = _expected(quantity)
        raise _bad(key, setting, expected, example)
    return value


def _expected(quantity: Quantity) -> tuple[str, str]:
    if quantity.name == "address":
        return "an IPv4 address", "192.0.2.1"
    if quantity == MAC:
        return "a MAC address", "02:00:00:00:00:01"
    if quantity.name in _MEASURES:
        units, example = _MEASURES[quantity.name]
        return f"a number with a unit ({', '.join(units)})", example
    return f"a whole number from {quantity.lowest} to {quantity.highest}", "1024"


def _bad(key: str, setting: Setting, expected: str, example: str) -> InputError:
    if setting.place == "--set":
        line = f"{key}={example.replace(' ', '')}"
    elif ":" in key:
        line = re.sub(r"\.(.*)", r'."\1"', key) + f' = "{example}"'
    elif key == DEVICES:
        line = f"{key} = {example.split(',')}".replace("'", '"')
    elif example.isdigit():
        line = f"{key} = {example}"
    else:
        line = f'{key} = "{example}"'
    return InputError(f"{setting.place}: {key}: {setting.value!r} is not {expected}; write {line}")


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value):
        return int(value)
    return value if type(value) is int else None


def _address(value: Any) -> int | None:
    try:
        return int(IPv4Address(value)) if isinstance(value, str) else None
    except AddressValueError:
        return None


def _mac(value: Any) -> int | None:
    is_one = isinstance(value, str) and _MAC.fullmatch(value)
    return int(value.replace(":", ""), 16) if is_one else None


def _measured(units: Mapping[str, int]) -> Callable[[Any], int | None]:
    """A parser of numbers with a unit; what is less than a nanosecond or byte is dropped."""

    def parse(value: Any) -> int | None:
        match = _MEASURE.fullmatch(value) if isinstance(value, str) else None
        if match is None or match[2] not in units:
            return None
        return int(Fraction(match[1]) * units[match[2]])

    return parse


duration = _measured(_TIMES)
"""The nanoseconds of a text such as "120 s"; None if it is none."""

_PARSERS: dict[str, Callable[[Any], int | None]] = {
    "address": _address,
    MAC.name: _mac,
    "count": _whole,
    "port": _whole,
    **{name: _measured(units) for name, (units, _) in _MEASURES.items()},
}
