"""Counterexamples as files: a capture to look at or run again, and a pytest file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from libvig.io.frames import Frame, write_capture
from libvig.io.output import Outputs
from verify import verdicts
from verify.counterexample import (
    FIRST_TIME,
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
    dtype_of,
)
from verify.program import HOME
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
    here = os.path.relpath(Path.cwd(), Path(name).resolve().parent)
    tests = "\n\n".join(result.test for result in results if result.test)
    with Outputs() as outputs:
        outputs.write(name, outputs.open(name), [f"{HEADER.format(here)}{tests}".encode()])


TITLE = '"""Counterexamples that pyvigor found: each test fails until what it shows is mended."""'
HEADER = f"""{TITLE}

from pathlib import Path

import numpy as np

from libvig.proof.rehearsal import Play
from verify import saved

HERE = Path(__file__).parent / {{!r}}


"""


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


def test_of(
    name: str, case: Counterexample, modules: Sequence[Module], label: str, said: Sequence[str]
) -> str:
    """A test function that loads these files, builds the arguments and calls what failed.

    `label` says what did. What was said of it stands above, as comments.
    """
    files = code_of_files({module.name: module.path for module in modules})
    comments = [f"# {line}" for text in said for line in text.splitlines()]
    values = [f"{name} = {code(value)}" for name, value in named_arguments(case).items()]
    lines = [f"saved.load({files})", *values, *calls_of(case, label)]
    return "\n".join([*comments, f"def test_{name}():", *(f"    {line}" for line in lines)]) + "\n"


def named_arguments(case: Counterexample) -> dict[str, Concrete]:
    """The arguments; the time of the first packet after start-up has no parameter."""
    names = {FIRST_TIME: "first_time"}
    return {names.get(name, name): value for name, value in case.arguments.items()}


def calls_of(case: Counterexample, label: str) -> Iterator[str]:
    """Calls of what failed, and of what it failed for."""
    function = case.target.function
    given = [name for name in case.arguments if name not in ("self", FIRST_TIME)]
    arguments = ", ".join(f"{name}={name}" for name in given)
    is_next_call = "next call" in label
    if function.owner is not None:
        called = f"self.{function.name}({arguments})"
        if label == verdicts.LABEL:
            yield f"saved.assert_known(self, packet, {called})"
        else:
            yield from [called] * (1 + is_next_call)
        return
    called = f"saved.call({function.module.name!r}, {function.name!r}, {arguments})"
    if case.target.kind == "constructor" and is_next_call:
        packet = "saved.make('libvig.packet.packet', 'Packet', saved.octets(''), 0, 0)"
        called = f"{called}.process({packet}, first_time)"
    yield called


def code_of_files(files: Mapping[str, Path]) -> str:
    """Python for files by name, seen from where pyvigor is run; its own are where it is."""
    paths = {
        name: f"saved.HOME / {path.relative_to(HOME).as_posix()!r}"
        if path.is_relative_to(HOME)
        else f"HERE / {os.path.relpath(path)!r}"
        for name, path in files.items()
    }
    return f"{{{', '.join(f'{name!r}: {path}' for name, path in paths.items())}}}"


def code(value: Concrete) -> str:
    """Python that makes the value."""
    if isinstance(value, ConcreteArray):
        if value.limits == (0, 255):
            return f"saved.octets({bytes(value.elements).hex()!r})"
        return f"saved.array({list(value.elements)}, {np.dtype(dtype_of(value)).name!r})"
    if isinstance(value, ConcreteObject):
        fields = ", ".join(code(part) for part in value.fields.values())
        return f"saved.make({value.cls.module.name!r}, {value.cls.name!r}, {fields})"
    if isinstance(value, ConcreteStructure):
        entries = "{" + ", ".join(f"{k}: {code(v)}" for k, v in value.entries.items()) + "}"
        return f"saved.structure({value.cls.name!r}, {dict(value.numbers)}, {entries})"
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
