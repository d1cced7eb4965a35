"""Counterexamples as files: a capture to look at or run again, and a pytest file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from libvig.io.frames import Frame, write_capture
from libvig.io.output import Outputs
from verify.counterexample import (
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
)
from verify.report import counted
from verify.result import Result, SavedPacket
from verify.source import Module


def save_pcap(name: str, packets: Sequence[SavedPacket]) -> None:
    """Write the packets to a pcapng file, one interface for each device."""
    devices = max((packet.device for packet in packets), default=0) + 1
    frames = [Frame(p.time, p.data, p.wire_length, p.device) for p in packets]
    write_capture(name, [f"device{d}" for d in range(devices)], frames)


def save_tests(name: str, results: Sequence[Result]) -> None:
    """Write a pytest file with a test for each counterexample. Raises InputError."""
    text = HEADER + "\n\n".join(result.test for result in results if result.test)
    with Outputs() as outputs:
        outputs.write(name, outputs.open(name), [text.encode()])


TITLE = '"""Counterexamples that pyvigor found: each test fails until what it shows is mended."""'
HEADER = f'''{TITLE}

import importlib
import importlib.util
import sys

import numpy as np

from libvig.proof.rehearsal import Play
from verify import rebuild


def load(**files):
    """Import the very files that were verified, under the names that they have for each other."""
    for name, file in files.items():
        spec = importlib.util.spec_from_file_location(name, file)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])


def make(module, name, *fields):
    """An object of the class of this name."""
    return getattr(importlib.import_module(module), name)(*fields)


'''


def packets_of(case: Counterexample) -> list[SavedPacket]:
    """The packets, each with the first time that follows it among the arguments."""
    packets = []
    values = list(case.arguments.values())
    for position, value in enumerate(values):
        if isinstance(value, ConcreteObject) and value.cls.name == "Packet":
            times = [v for v in values[position:] if isinstance(v, int)] or [0]
            data, wire, device = (value.fields[f] for f in ("data", "wire_length", "device"))
            assert (
                isinstance(data, ConcreteArray)
                and isinstance(wire, int)
                and isinstance(device, int)
            )
            packets.append(SavedPacket(max(times[0], 0), device, bytes(data.elements), wire))
    return packets


def test_of(name: str, case: Counterexample, modules: Sequence[Module], said: Sequence[str]) -> str:
    """A test function that loads these files, builds the arguments and calls what failed.

    What was said of it stands above, as comments.
    """
    function = case.target.function
    files = {module.name: str(module.path) for module in modules}
    comments = [f"# {line}" for text in said for line in text.splitlines()]
    lines = [*comments, f"def test_{name}():", f"    load(**{files!r})"]
    lines += [f"    {argument} = {code(value)}" for argument, value in case.arguments.items()]
    given = [argument for argument in case.arguments if argument != "self"]
    if function.owner is not None:
        lines.append(f"    self.{function.name}({', '.join(f'{g}={g}' for g in given)})")
    else:
        lines.append(
            f"    target = importlib.import_module({function.module.name!r}).{function.name}\n"
            f"    target({', '.join(f'{g}={g}' for g in given)})"
        )
    return "\n".join(lines) + "\n"


def code(value: Concrete) -> str:
    """Python that makes the value."""
    if isinstance(value, ConcreteArray):
        if value.limits == (0, 255):
            return f"np.frombuffer(bytes.fromhex({bytes(value.elements).hex()!r}), np.uint8).copy()"
        kind = "int32" if value.limits[1] == 2**31 - 1 else "int64"
        return f"np.array({list(value.elements)}, np.{kind})"
    if isinstance(value, ConcreteObject):
        fields = ", ".join(code(part) for part in value.fields.values())
        return f"make({value.cls.module.name!r}, {value.cls.name!r}, {fields})"
    if isinstance(value, ConcreteStructure):
        entries = "{" + ", ".join(f"{k}: {code(v)}" for k, v in value.entries.items()) + "}"
        return f"rebuild.structure({value.cls.name!r}, {dict(value.numbers)}, {entries})"
    return repr(value)


def save(refuted: Sequence[Result], pcap: str | None, test: str | None) -> None:
    """Write the files that were asked for, and say so. Raises InputError."""
    if pcap is not None:
        packets = next((result.packets for result in refuted if result.packets), [])
        if packets:
            save_pcap(pcap, packets)
        tell(pcap, len(packets), "packet")
    if test is not None:
        tests = [result for result in refuted if result.test]
        if tests:
            save_tests(test, tests)
        tell(test, len(tests), "test")


def tell(file: str, number: int, thing: str) -> None:
    """Say on standard error, where no document is, what was written."""
    written = f"{counted(number, thing)} written" if number else f"not written: no {thing} to save"
    print(f"pyvigor: {file}: {written}", file=sys.stderr)
