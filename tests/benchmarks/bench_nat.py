"""How fast? `make bench`: what `pyvigor bench` measures, and the NAT in CPython and with dpkt.

Before anything is measured, each NAT stands trial (trials.py). Those in CPython and the native one
then take turns as the others do, and what the native one made of the last round is compared with
a plain model, packet by packet.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

from libvig.io.loop import process_all
from tests.benchmarks.frames import FRAME_SIZE
from tests.benchmarks.subjects import (
    ByHand,
    Here,
    Ours,
    Subject,
    Turns,
    Unchecked,
    compiled_loop,
    interpreted,
    nat_of,
)
from tests.benchmarks.trials import TIGHT, complaints, corruptions, trial
from tests.benchmarks.workload import SETUP, opening, traffic
from verify.bench.rounds import interleaved, ratios, spread
from verify.cli import main as pyvigor

FLOWS = 59_000
ROUNDS = 11
JUDGED_PACKETS = 100_000

# Packets a round, so that no round takes longer than about half a second.
NATIVE_PACKETS = 1 << 20
DPKT_PACKETS = 5_000
UNCHECKED_PACKETS = 5_000
CHECKED_PACKETS = 5

REFERENCE = "nat, native"


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


def _refuse(name: str, found: Sequence[str]) -> None:
    if found:
        sys.exit(f"error: {name}: {len(found)} wrong outcomes, the first: {found[0]}")


def beside_dpkt() -> None:
    """Measure the native NAT, those in CPython, and the one that is written by hand."""
    first = opening(FLOWS)
    nat, by_hand = Ours(nat_of(SETUP), compiled_loop()), ByHand(SETUP)
    opened, opened_by_hand = nat.run(first)[1], by_hand.run(first)[1]
    native = Here(nat, traffic(opened, NATIVE_PACKETS))
    with contextlib.closing(Unchecked(FLOWS, UNCHECKED_PACKETS)) as unchecked:
        turns: Turns = {
            REFERENCE: native,
            "nat, interpreted, no contracts": unchecked,
            "nat, interpreted, contracts on": interpreted(FLOWS, CHECKED_PACKETS),
            "nat by hand, with dpkt": Here(by_hand, traffic(opened_by_hand, DPKT_PACKETS)),
        }
        measured = interleaved({name: turn.round for name, turn in turns.items()}, ROUNDS)
    passed, made = native.passed.head(JUDGED_PACKETS), native.made[:JUDGED_PACKETS]
    _refuse(REFERENCE, complaints(SETUP, [(first, opened), (passed, made)]))
    print(f"judged    native nat: {JUDGED_PACKETS:,} packets of the last round, all right\n")
    show(turns, measured)


def show(turns: Turns, measured: dict[str, list[float]]) -> None:
    """Print the result; the ratio says how many times as long as the reference one takes."""
    print(f"{FLOWS:,} live flows, frames of 64 bytes ({FRAME_SIZE} without the checksum), half of")
    print(f"them replies, one at a time, from memory, on one core; {ROUNDS} interleaved rounds\n")
    print(f"{'':34}{'Mpackets/s':>12}{'ns/packet':>14}  {'lowest to highest':24}{'ratio':>12}")
    for name, nanoseconds in measured.items():
        median, lowest, highest = spread(nanoseconds)
        ratio = spread(ratios(nanoseconds, measured[REFERENCE])).median
        print(
            f"{name:34}{1000 / median:12.6f}{median:14.1f}  "
            f"{f'{lowest:.1f} to {highest:.1f}':24}{ratio:12.2f}"
        )
    counts = ", ".join(f"{name}: {turn.packets:,}" for name, turn in turns.items())
    print(f"\nns/packet is the median round; ratio is time against {REFERENCE!r}.")
    print(f"Packets a round: {counts}.")


def main(arguments: Sequence[str]) -> int:
    """Judge, measure, judge again, print."""
    print("judging  ", stand_trial(), flush=True)
    status = pyvigor(["bench", *arguments])
    if status == 0:
        beside_dpkt()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
