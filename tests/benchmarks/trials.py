"""Is a NAT right? The judgement that every measured NAT has to pass, and proof that it can fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.frames import TCP, UDP, Tuple5, build, parse
from tests.benchmarks.model import LAN, WAN, Model, Outcome, Setup
from tests.benchmarks.subjects import Subject
from tests.benchmarks.workload import (
    SECOND,
    SETUP,
    START,
    Batch,
    batch,
    flow_number,
    opening,
    packets_of,
    traffic,
)

TIGHT = SETUP._replace(first_port=30_000, last_port=30_063, max_flows=50, timeout=SECOND)

Judged = tuple[Batch, Sequence[Outcome]]


def complaints(setup: Setup, judged: Sequence[Judged]) -> list[str]:
    """Return what is wrong with a NAT's outcomes on batches that it passed one after another."""
    model = Model(setup)
    found = (
        model.complaint(*packet, outcome)
        for given, made in judged
        for packet, outcome in zip(packets_of(given), made, strict=True)
    )
    return [complaint for complaint in found if complaint]


def trial(subject: Subject) -> list[Judged]:
    """Try a NAT with the TIGHT setup: full table, expiry, re-use, and whatever it must refuse."""
    judged: list[Judged] = []

    def give(given: Batch) -> list[Outcome]:
        _, made = subject.run(given)
        judged.append((given, made))
        return made

    made = give(opening(2 * TIGHT.max_flows))
    give(_at(START + SECOND // 10, traffic([m for m in made if m.verdict >= 0], 500)))
    give(_unwanted(made))
    give(_late(made, START + 3 * SECOND))
    made = give(_at(START + 4 * SECOND, opening(2 * TIGHT.max_flows, START)))
    give(_at(START + 4 * SECOND + SECOND // 2, traffic(made[:20], 200)))
    # These 20 live on, the others make room.
    made = give(_at(START + 5 * SECOND + SECOND // 4, opening(2 * TIGHT.max_flows, START)))
    give(_at(START + 5 * SECOND + SECOND // 2, _without_udp_checksums(made)))
    return judged


def _at(start: int, given: Batch) -> Batch:
    return given._replace(time=given.time - given.time[0] + start)


def _unwanted(made: list[Outcome]) -> Batch:
    """Return, for each flow, packets from outside that are not the answer."""
    packets = []
    for outcome in made:
        if outcome.verdict == WAN:
            answer = parse(outcome.frame).reversed()
            packets += [
                answer._replace(source=answer.source ^ 1),
                answer._replace(source_port=answer.source_port ^ 1),
                answer._replace(protocol=TCP + UDP - answer.protocol),
                answer._replace(destination=answer.destination ^ 1),
                answer._replace(destination_port=answer.destination_port + 1000),
            ]
    return _from_outside(packets, START + SECOND // 2)


def _late(made: list[Outcome], start: int) -> Batch:
    """Return the answer to each flow, at a time when all have expired."""
    answers = [parse(outcome.frame).reversed() for outcome in made if outcome.verdict == WAN]
    return _from_outside(answers, start)


def _from_outside(packets: list[Tuple5], start: int) -> Batch:
    frames = [build(packet, SETUP.mac[WAN], SETUP.peer[WAN]) for packet in packets]
    return batch(frames, [WAN] * len(frames), start)


def _without_udp_checksums(made: list[Outcome]) -> Batch:
    """Return UDP packets in both directions whose checksum is zero: the sender computed none."""
    frames, devices = [], []
    for index, outcome in enumerate(made):
        if outcome.verdict == WAN and flow_number(index).protocol == UDP:
            answer = parse(outcome.frame).reversed()
            frames += [
                build(flow_number(index), SETUP.mac[LAN], SETUP.peer[LAN]),
                build(answer, SETUP.mac[WAN], SETUP.peer[WAN]),
            ]
            devices += [LAN, WAN]
    return batch([frame[:40] + bytes(2) + frame[42:] for frame in frames], devices, START)


# Where a byte of a translated frame is falsified, and what that stands for.
BYTES = {
    "destination MAC": 5,
    "source MAC": 11,
    "time to live": 22,
    "IP checksum": 25,
    "source address": 29,
    "destination address": 33,
    "source port": 35,
    "destination port": 37,
    "UDP checksum": 41,
    "payload": 59,
}


def corruptions(judged: list[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    """Yield the judged outcomes with one small thing wrong, each time another thing."""
    given, made, at = _last(judged, dropped=False)
    right = made[at]
    for what, byte in BYTES.items():
        yield what, _replaced(judged, given, at, right._replace(frame=_flipped(right.frame, byte)))
    yield "other device", _replaced(judged, given, at, right._replace(verdict=1 - right.verdict))
    yield "dropped", _replaced(judged, given, at, right._replace(verdict=-1))
    given, made, at = _last(judged, dropped=True)
    yield "let in", _replaced(judged, given, at, made[at]._replace(verdict=LAN))


def _last(judged: list[Judged], dropped: bool) -> tuple[Batch, Sequence[Outcome], int]:
    """Return where the last packet is that was dropped, or that was not."""
    for given, made in reversed(judged):
        for at in range(len(made) - 1, -1, -1):
            if (made[at].verdict < 0) == dropped:
                return given, made, at
    raise ValueError("no packet of this kind in the trial")


def _replaced(judged: list[Judged], batch: Batch, at: int, outcome: Outcome) -> list[Judged]:
    return [
        (given, [*made[:at], outcome, *made[at + 1 :]] if given is batch else made)
        for given, made in judged
    ]


def _flipped(frame: bytes, at: int) -> bytes:
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]
