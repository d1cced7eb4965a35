"""Runs of `pyvigor run`: what goes in and out, and by which network function."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from libvig.io.capture import read_capture
from libvig.io.pcap import Layout
from libvig.io.writer import encode_pcap, encode_pcapng
from tests.libvig.io.captures import Frame, frames_of, records_of
from verify.cli import main

ROOT = Path(__file__).parents[2]
SECOND = 10**9

INSIDE, SERVER, NAT = "192.168.1.5", "8.8.8.8", "192.0.2.1"


def frame(seconds: float, packet: Any, interface: int = 0, captured: int = 10_000) -> Frame:
    data = bytes(packet)
    return Frame(int(seconds * SECOND), data[:captured], len(data), interface)


def udp(source: str, sport: int, destination: str, dport: int) -> Any:
    return Ether() / IP(src=source, dst=destination) / UDP(sport=sport, dport=dport) / b"payload"


REQUEST = udp(INSIDE, 1111, SERVER, 53)
REPLY = udp(SERVER, 53, NAT, 5000)
SPOOFED = udp("6.6.6.6", 53, NAT, 5000)
UNSOLICITED = udp(SERVER, 53, NAT, 5003)

CONVERSATION = [
    frame(10, REQUEST),
    frame(10.5, REPLY, interface=1),
    frame(10.6, SPOOFED, interface=1),
    frame(10.7, UNSOLICITED, interface=1),
    frame(10.2, Ether() / ARP(), interface=0),
    frame(11, REQUEST, captured=44),
    frame(12, Ether() / IP(src=INSIDE, dst=SERVER, proto=47), interface=0),
]


def write_pcapng(file: Path, frames: list[Frame]) -> Path:
    interfaces = 1 + max(frame.interface for frame in frames)
    file.write_bytes(
        b"".join(encode_pcapng(records_of(frames), [f"eth{i}" for i in range(interfaces)]))
    )
    return file


def write_pcap(file: Path, frames: list[Frame], layout: Layout | None = None) -> Path:
    file.write_bytes(b"".join(encode_pcap(records_of(frames), layout or Layout())))
    return file


def run(*arguments: object) -> int:
    return main(["run", *map(str, arguments)])


def frames_in(file: Path) -> list[Frame]:
    return frames_of(read_capture(str(file), interpreted=True).records)


def check_one_line(capsys: pytest.CaptureFixture[str], message: str) -> None:
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("pyvigor: ")
    assert output.err.count("\n") == 1
    assert message in output.err


def pyvigor(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "verify.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, capture_output=True, timeout=120, check=False, **options
    )


NOP = (ROOT / "nfs" / "nop.py").read_text()
MINE = NOP.replace("class Nop(", "class Mine(").replace("-> Nop", "-> Mine")
MINE = MINE.replace("return Nop(", "return Mine(").replace("new_nop", "new_mine")


def nf_file(folder: Path, text: str) -> Path:
    file = folder / "mine.py"
    file.write_text(text)
    return file
