"""How fast is the NAT? `make bench`.

All packets lie in memory; each subject gets them one at a time. The subjects take turns, round by
round, so that a busy moment of the machine strikes them alike; a ratio is the median of the ratios
within a round. Before anything is measured, each NAT stands trial (trials.py), and afterwards what
the native NAT made of the last round is compared with a plain model, packet by packet.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections.abc import Sequence
from typing import NamedTuple

from libvig.io.loop import process_all
from tests.benchmarks.frames import FRAME_SIZE
from tests.benchmarks.model import LAN, WAN, Outcome
from tests.benchmarks.subjects import (
    ByHand,
    Here,
    Ours,
    Subject,
    Turn,
    Unchecked,
    compiled_loop,
    interpreted,
    nat_of,
    nop_of,
)
from tests.benchmarks.trials import TIGHT, complaints, corruptions, trial
from tests.benchmarks.workload import SETUP, Batch, opening, traffic

FLOWS = 59_000
ROUNDS = 11
JUDGED_PACKETS = 100_000

# Packets a round, so that no round takes longer than about half a second.
NATIVE_PACKETS = 1 << 20
DPKT_PACKETS = 5_000
UNCHECKED_PACKETS = 5_000
CHECKED_PACKETS = 5

REFERENCE = "nat, native"


class Row(NamedTuple):
    """One line of the result: nanoseconds a packet, by round."""

    name: str
    nanoseconds: list[float]

    def text(self, reference: Row) -> str:
        """Return the line; the ratio says how many times as long as the reference it takes."""
        median = statistics.median(self.nanoseconds)
        pairs = zip(self.nanoseconds, reference.nanoseconds, strict=True)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        spread = f"{min(self.nanoseconds):.1f} to {max(self.nanoseconds):.1f}"
        return f"{self.name:34}{1000 / median:12.6f}{median:14.1f}  {spread:24}{ratio:12.2f}"


def stand_trial() -> str:
    """Judge each kind of NAT, and the judge; return what was found, or end the program."""
    nats: dict[str, Subject] = {
        "native": Ours(nat_of(TIGHT), compiled_loop()),
        "interpreted": Ours(nat_of(TIGHT), process_all),
        "dpkt": ByHand(TIGHT),
    }
    for name, nat in nats.items():
        judged = trial(nat)
        _refuse(name, complaints(TIGHT, judged))
    wrong = list(corruptions(judged))
    missed = [what for what, outcomes in wrong if not complaints(TIGHT, outcomes)]
    _refuse("the judge", [f"did not notice: {what}" for what in missed])
    packets = sum(len(outcomes) for _, outcomes in judged)
    return f"each NAT right on {packets} packets with a full table, expiry and intruders; " + (
        f"{len(wrong)} of {len(wrong)} seeded errors noticed"
    )


def wrong_nop(given: Batch, made: Sequence[Outcome]) -> list[str]:
    """Return what is wrong with what the no-op made of packets."""
    wanted = (
        Outcome(other, SETUP.peer[other] + SETUP.mac[other] + frame[12:])
        for frame, device, _ in given.packets()
        for other in (WAN if device == LAN else LAN,)
    )
    pairs = zip(wanted, made, strict=True)
    return [f"{right} became {wrong}" for right, wrong in pairs if wrong != right]


def _refuse(name: str, found: Sequence[str]) -> None:
    if found:
        sys.exit(f"error: {name}: {len(found)} wrong outcomes, the first: {found[0]}")


def measure(turns: dict[str, Turn]) -> list[Row]:
    """Let everyone take its turn, round by round; the first round only warms up."""
    rows = [Row(name, []) for name in turns]
    for number in range(ROUNDS + 1):
        for row in rows:
            nanoseconds = turns[row.name].round()
            if number > 0:
                row.nanoseconds.append(nanoseconds)
    return rows


def main() -> None:
    """Judge, measure, judge again, print."""
    print("judging  ", stand_trial(), flush=True)
    first = opening(FLOWS)
    nat, by_hand = Ours(nat_of(SETUP), compiled_loop()), ByHand(SETUP)
    opened, opened_by_hand = nat.run(first)[1], by_hand.run(first)[1]
    packets = traffic(opened, NATIVE_PACKETS)
    native = Here(nat, packets)
    nop = Here(Ours(nop_of(SETUP), compiled_loop()), packets)
    with contextlib.closing(Unchecked(FLOWS, UNCHECKED_PACKETS)) as unchecked:
        turns: dict[str, Turn] = {
            "nop, native": nop,
            REFERENCE: native,
            "nat, interpreted, no contracts": unchecked,
            "nat, interpreted, contracts on": interpreted(FLOWS, CHECKED_PACKETS),
            "nat by hand, with dpkt": Here(by_hand, traffic(opened_by_hand, DPKT_PACKETS)),
        }
        rows = measure(turns)
    passed, made = native.passed.head(JUDGED_PACKETS), native.made[:JUDGED_PACKETS]
    _refuse(REFERENCE, complaints(SETUP, [(first, opened), (passed, made)]))
    _refuse("nop", wrong_nop(nop.passed.head(JUDGED_PACKETS), nop.made[:JUDGED_PACKETS]))
    print(
        f"judged    native nat and nop: {JUDGED_PACKETS:,} packets of the last round, all right\n"
    )
    show(turns, rows)


def show(turns: dict[str, Turn], rows: list[Row]) -> None:
    """Print the result."""
    print(f"{FLOWS:,} live flows, frames of 64 bytes ({FRAME_SIZE} without the checksum), half of")
    print(f"them replies, one at a time, from memory, on one core; {ROUNDS} interleaved rounds\n")
    print(f"{'':34}{'Mpackets/s':>12}{'ns/packet':>14}  {'lowest to highest':24}{'ratio':>12}")
    reference = next(row for row in rows if row.name == REFERENCE)
    for row in rows:
        print(row.text(reference))
    counts = ", ".join(f"{name}: {turn.packets:,}" for name, turn in turns.items())
    print(f"\nns/packet is the median round; ratio is time against {REFERENCE!r}.")
    print(f"Packets a round: {counts}.")


if __name__ == "__main__":
    main()
