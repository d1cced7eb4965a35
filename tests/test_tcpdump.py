"""tcpdump and tshark read what the NAT wrote, and find good checksums where they were good.

All packets of the real captures go through the NAT at once. Then each packet that it sent out is
answered by its mirror image, in which only the two ends have changed places, so that its checksums
stay as good as they were; an echo request, by the reply to it.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from libvig.errors import InputError
from libvig.io.capture import read_capture
from libvig.io.writer import encode_pcapng
from tests.libvig.io.captures import Frame, frames_of, records_of
from tests.traces import REASON, traces
from verify.cli import main

PROTOCOLS = ("ip", "tcp", "udp", "icmp")
ICMP = 1
ECHO = (0, 8)  # reply and request
SPACING = 10**6
"""Nanoseconds between packets; a packet is known by its time."""

Verdicts = dict[int, str]
"""By the number of the packet: good, bad, or unknown."""

BAD = re.compile(r"bad cksum|bad udp cksum|incorrect ->|wrong icmp cksum")
GOOD = re.compile(r"\(correct\)|udp sum ok")


def judged_by_tcpdump(file: Path) -> Verdicts:
    command = ["tcpdump", "-r", str(file), "-n", "-vv", "-tt"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    verdicts = {}
    for packet in re.split(r"\n(?=\d+\.\d{6})", done.stdout.decode(errors="replace")):
        bad, good = BAD.search(packet), GOOD.search(packet)
        verdict = "bad" if bad else "good" if good else "unknown"
        verdicts[_number(packet.split(" ")[0])] = verdict
    return verdicts


def judged_by_tshark(file: Path) -> Verdicts:
    command = ["tshark", "-r", str(file), "-n", "-T", "fields", "-E", "occurrence=f"]
    fields = [f"{protocol}.checksum.status" for protocol in PROTOCOLS]
    for field in ("frame.time_epoch", *fields):
        command += ["-e", field]
    for protocol in PROTOCOLS[:-1]:  # that of ICMP is always checked
        command += ["-o", f"{protocol}.check_checksum:TRUE"]
    command += ["-o", "ip.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    verdicts = {}
    for line in done.stdout.decode().splitlines():
        time, *statuses = line.split("\t")
        found = {status for status in statuses if status}
        bad, good = found & {"0", "Bad"}, found & {"1", "Good"}
        verdicts[_number(time)] = "bad" if bad else "good" if good else "unknown"
    return verdicts


def _number(time: str) -> int:
    seconds, fraction = time.split(".")
    return (int(seconds) * 10**9 + int(fraction[:9].ljust(9, "0"))) // SPACING


JUDGES = [
    pytest.param(
        judge,
        id=tool,
        marks=pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} is not installed"),
    )
    for tool, judge in (("tcpdump", judged_by_tcpdump), ("tshark", judged_by_tshark))
]


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int]:
    """What goes into the NAT and what comes out, and the number of the first answer."""
    if not traces():
        pytest.skip(REASON)
    folder = tmp_path_factory.mktemp("conversation")
    requests = [
        frame._replace(time=number * SPACING, interface=0)
        for number, frame in enumerate(_all_frames())
    ]
    sent = through_nat(folder, "requests", requests)
    answers = [
        Frame((len(requests) + i) * SPACING, mirrored(frame.data), frame.wire_length, 1)
        for i, frame in enumerate(filter(is_answered, sent))
    ]
    through_nat(folder, "everything", requests + answers)
    return folder / "everything.in.pcapng", folder / "everything.out.pcapng", len(requests)


def _all_frames() -> list[Frame]:
    frames = []
    for file in traces():
        try:
            frames += frames_of(read_capture(str(file)).records)
        except InputError:
            continue  # not Ethernet
    return frames


def through_nat(folder: Path, name: str, frames: list[Frame]) -> list[Frame]:
    """What the NAT sends when these frames come in by two devices."""
    into, out = folder / f"{name}.in.pcapng", folder / f"{name}.out.pcapng"
    into.write_bytes(b"".join(encode_pcapng(records_of(frames), ["lan", "wan"])))
    assert main(["run", "nat", "-r", str(into), "-w", str(out), "--set", "max-flows=60000"]) == 0
    return frames_of(read_capture(str(out)).records)


def is_answered(frame: Frame) -> bool:
    """Whether the IPv4 packet has ports, or is an echo request or reply."""
    return frame.data[23] != ICMP or frame.data[payload_at(frame.data)] in ECHO


def payload_at(frame: bytes) -> int:
    return 14 + 4 * (frame[14] & 15)


def mirrored(frame: bytes) -> bytes:
    """The same IPv4 packet, from its receiver to its sender."""
    at = payload_at(frame)
    addresses = frame[30:34] + frame[26:30]
    head, rest = frame[at : at + 4], frame[at + 4 :]
    turned = echo_turned(head) if frame[23] == ICMP else head[2:] + head[:2]
    return frame[6:12] + frame[:6] + frame[12:26] + addresses + frame[34:at] + turned + rest


def echo_turned(head: bytes) -> bytes:
    """Type, code and checksum of the reply to a request, or of the request of a reply."""
    reply, request = ECHO
    is_request = head[0] == request
    total = int.from_bytes(head[2:], "big") + (0x0800 if is_request else -0x0800)
    checksum = total % 0xFFFF  # never 0xFFFF: RFC 1624, section 3
    return bytes([reply if is_request else request, head[1]]) + checksum.to_bytes(2, "big")


@pytest.mark.parametrize("judge", JUDGES)
def test_no_good_checksum_becomes_bad(
    conversation: tuple[Path, Path, int], judge: Callable[[Path], Verdicts]
) -> None:
    into, out, first_answer = conversation
    before, after = judge(into), judge(out)
    spoiled = [n for n in after if before[n] == "good" and after[n] != "good"]
    bad = [n for n in after if before[n] != "bad" and after[n] == "bad"]
    assert (spoiled, bad) == ([], [])
    good = [n for n in after if after[n] == "good"]
    assert sum(n < first_answer for n in good) > 1000
    assert sum(n >= first_answer for n in good) > 1000


def test_answers_reach_those_who_asked(conversation: tuple[Path, Path, int]) -> None:
    into, out, first_answer = conversation
    requests = frames_of(read_capture(str(into)).records)[:first_answer]
    sent = frames_of(read_capture(str(out)).records)
    outward = [f for f in sent if f.time < first_answer * SPACING and is_answered(f)]
    inward = [frame for frame in sent if frame.time >= first_answer * SPACING]
    assert len(inward) == len(outward) > 1000
    for request, answer in zip(outward, inward, strict=True):
        asked = requests[request.time // SPACING].data
        assert mirrored(answer.data)[14:] == asked[14:]
