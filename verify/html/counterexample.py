"""A counterexample for the page: the state as tables, and the packets with their headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from verify.arguments import Argument, Elements, Instance, Table
from verify.html.headers import PROTOCOLS, Layer, layers_of
from verify.show import scalar

TIMES = {"Time", "Duration"}
UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))
GROUP = 8  # bytes that stand together


@dataclass(frozen=True)
class Group:
    """Some bytes of a packet: each with the number of the layer that it is of."""

    offset: int
    cells: tuple[tuple[str, int], ...]
    text: str


@dataclass(frozen=True)
class DrawnPacket:
    """A packet: by which device and when it came in, its headers and its bytes."""

    name: str
    device: int
    length: int
    wire_length: int
    time: str
    layers: tuple[Layer, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Rows:
    """A structure: what is in it, as far as it matters."""

    name: str
    cls: str
    numbers: dict[str, int]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Drawn:
    """The arguments of a counterexample, sorted by how they are drawn."""

    settings: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # by their owner
    tables: list[Rows] = field(default_factory=list)
    packets: list[DrawnPacket] = field(default_factory=list)


def drawn(arguments: dict[str, Argument]) -> Drawn:
    """The arguments; a packet comes in at the first time that follows it among them."""
    result = Drawn()
    others = list(arguments.items())
    while others:
        name, value = others.pop(0)
        if isinstance(value, Instance) and value.cls == "Packet":
            at = next((n for n, (_, other) in enumerate(others) if isinstance(other, int)), None)
            time = others.pop(at) if at is not None else ("", 0)
            result.packets.append(packet_of(name, value, *time))
        else:
            _sort(name, value, "", result)
    return result


def _sort(name: str, value: Argument, kind: str, result: Drawn) -> None:
    if isinstance(value, Table):
        result.tables.append(rows_of(name, value))
    elif isinstance(value, Instance):
        for part, inner in value.fields.items():
            _sort(f"{name}.{part}", inner, value.kinds[part], result)
    else:
        owner, _, last = name.rpartition(".")
        result.settings.setdefault(owner, []).append((last, worded(name, value, kind)))


# ---------------------------------------------------------------- packets


def packet_of(name: str, value: Instance, clock: str, time: Argument) -> DrawnPacket:
    """A packet; it comes in when the clock, an argument of the spec, is at that time."""
    assert isinstance(time, int)
    data, wire_length, device = (value.fields[f] for f in ("data", "wire_length", "device"))
    assert isinstance(data, Elements)
    assert isinstance(wire_length, int) and isinstance(device, int)
    packet = bytes(data.values)
    layers = layers_of(packet)
    return DrawnPacket(
        name,
        device,
        len(packet),
        wire_length,
        f"{clock} = {time_words(time)}" if clock else "",
        tuple(layers),
        tuple(groups(packet, layers)),
    )


def groups(packet: bytes, layers: list[Layer]) -> Iterator[Group]:
    """The bytes as a dump has them."""
    for offset in range(0, len(packet), GROUP):
        some = packet[offset : offset + GROUP]
        cells = tuple(
            (f"{byte:02x}", next(n for n, layer in enumerate(layers) if at < layer.stop))
            for at, byte in enumerate(some, start=offset)
        )
        yield Group(offset, cells, "".join(chr(b) if 32 <= b < 127 else "·" for b in some))


# ---------------------------------------------------------------- tables


def rows_of(name: str, table: Table) -> Rows:
    """A row an entry, with a column for each number in it."""
    flat = {key: dict(_flat("", entry, "")) for key, entry in table.entries.items()}
    columns = tuple(dict.fromkeys(column for row in flat.values() for column in row))
    rows = tuple(
        (str(key), *(row.get(column, "") for column in columns)) for key, row in flat.items()
    )
    words = tuple(column.replace("_", " ") or "value" for column in columns)
    return Rows(name, table.cls, table.numbers, words, rows)


def _flat(name: str, value: Argument, kind: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Instance):
        for part, inner in value.fields.items():
            yield from _flat(part, inner, value.kinds[part])
    elif not isinstance(value, Table):  # no structure is an entry of one
        yield name, worded(name, value, kind)


# ---------------------------------------------------------------- words


def worded(name: str, value: int | Elements, kind: str) -> str:
    """A number or an array in the form that is usual for what it is."""
    if isinstance(value, Elements):
        return ", ".join(worded(name, number, kind) for number in value.values) or "none"
    last = name.rpartition(".")[2]
    if kind in TIMES or last == "time":
        return time_words(value)
    if last == "protocol":
        return f"{value} {PROTOCOLS.get(value, '')}".strip()
    return scalar(last, value, kind)


def time_words(nanoseconds: int) -> str:
    """A time or a duration, exactly, in the largest unit that leaves something before the point."""
    size, unit = next(((size, unit) for size, unit in UNITS if abs(nanoseconds) >= size), UNITS[-1])
    whole, rest = divmod(abs(nanoseconds), size)
    digits = f"{rest:0{len(str(size)) - 1}}".rstrip("0") if rest else ""
    sign = "-" if nanoseconds < 0 else ""
    return f"{sign}{whole:,}{'.' if digits else ''}{digits} {unit}"
