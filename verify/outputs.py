"""What `pyvigor run` writes: which packets into which file, and in which format."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from libvig.io.output import STANDARD_OUTPUT, Outputs, check_writable
from libvig.io.packed import packed, unpacked_name
from libvig.io.pcap import Layout
from libvig.io.records import Records, select
from libvig.io.source import STANDARD_INPUT
from libvig.io.trace import Trace
from libvig.io.writer import Writer, pcap_writer, pcapng_writer
from libvig.packet.packet import FLOOD
from libvig.types import I64
from verify.errors import UsageError
from verify.inputs import NamedFile, device_number


def check_files(inputs: Sequence[NamedFile], outputs: Sequence[NamedFile]) -> None:
    """Refuse to write over what is read, or to one file twice."""
    if len(outputs) > 1 and outputs[0].device is None:
        raise UsageError("-w: several files; say which device each is for: -w DEVICE=FILE")
    if [file.file for file in inputs].count(STANDARD_INPUT) > 1:
        raise UsageError("-r -: standard input can be read once only")
    seen = {_identity(file.file): "-r" for file in inputs if file.file != STANDARD_INPUT}
    for output in outputs:
        identity = _identity(output.file)
        if identity in seen and not _is_stream(output.file):
            raise UsageError(
                f"-w {output.file}: is also given with {seen[identity]}; write to another file"
            )
        check_writable(output.file)
        seen[identity] = "another -w"


def _identity(name: str) -> object:
    """What two names of the same file have in common."""
    if name == STANDARD_OUTPUT:
        return name
    try:
        status = Path(name).stat()
    except OSError:
        return os.path.realpath(name)
    return status.st_dev, status.st_ino


def _is_stream(name: str) -> bool:
    return name != STANDARD_OUTPUT and Path(name).exists() and not Path(name).is_file()


class Target:
    """A file that is open for writing."""

    def __init__(self, outputs: Outputs, name: str, device: int | None, writer: Writer) -> None:
        """Open it; `device` is that whose packets it gets, None for those of all."""
        self._outputs, self._name, self._device, self._writer = outputs, name, device, writer
        self._file = outputs.open(name, packed)
        self._outputs.write(name, self._file, [writer.header])

    def write(self, records: Records, trace: Trace, devices: int) -> None:
        """Write what left of these packets."""
        chosen = forwarded(records, trace, self._device, devices)
        self._outputs.write(self._name, self._file, self._writer.pieces(chosen))


def open_targets(
    outputs: Outputs,
    files: Sequence[NamedFile],
    devices: Sequence[str],
    new_writer: Callable[[str], Writer],
) -> list[Target]:
    """Open all files, before anything is run that they could not take."""
    numbers = [
        None if file.device is None else device_number("-w", file, devices) for file in files
    ]
    return [
        Target(outputs, file.file, number, new_writer(file.file))
        for file, number in zip(files, numbers, strict=True)
    ]


def forwarded(records: Records, trace: Trace, device: int | None, devices: int) -> Records:
    """The packets that left, by this device if one is given; `interface` is the device.

    A packet that is flooded is there once for each device that it left by.
    """
    if device is None:
        if (trace.verdict >= 0).all() and (trace.verdict < FLOOD).all():
            return records._replace(interface=trace.verdict)
        packet, left_by = departures(trace, devices)
    else:
        floods = (trace.verdict == FLOOD) & (trace.device != device)
        packet = np.flatnonzero(floods | (trace.verdict == device))
        left_by = np.full(len(packet), device)
    return select(records, packet)._replace(interface=left_by)


def departures(trace: Trace, devices: int) -> tuple[I64, I64]:
    """The packets that left, in order, and the device by which each did."""
    times = np.where(trace.verdict == FLOOD, devices - 1, trace.verdict >= 0)
    packet = np.repeat(np.arange(len(times)), times)
    copy = np.arange(len(packet)) - (np.cumsum(times) - times)[packet]
    other = copy + (copy >= trace.device[packet])  # passes over the one that it came in by
    return packet, np.where(trace.verdict[packet] == FLOOD, other, trace.verdict[packet])


def writer(
    name: str, layouts: set[Layout | None], devices: Sequence[str], interpreted: bool
) -> Writer:
    """That of the file of this name: pcapng by its suffix or as the captures are, else pcap."""
    streamed = name == STANDARD_OUTPUT and layouts == {None}
    if unpacked_name(name).endswith(".pcapng") or streamed:
        return pcapng_writer(devices, interpreted=interpreted)
    (layout,) = layouts if len(layouts) == 1 else (None,)
    return pcap_writer(layout or Layout(), interpreted=interpreted)
