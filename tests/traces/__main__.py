"""Run specs and native code beside captures that others made: python -m tests.traces."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.traces import FOLDER, REASON, traces
from tests.traces.check import Tally, tally
from verify.progress import progress
from verify.shipped import shipped


def main(arguments: Sequence[str]) -> int:
    """Return 0 if nothing is wrong, 1 if something is, 2 if there are no captures."""
    parser = argparse.ArgumentParser(prog="python -m tests.traces", description=__doc__)
    parser.add_argument("nf", nargs="*", help=f"of {', '.join(shipped())}; default: all")
    chosen = parser.parse_args(arguments).nf or shipped()
    if unknown := sorted(set(chosen) - set(shipped())):
        parser.error(f"no network function is called {', '.join(unknown)}")
    files = traces()
    if not files:
        print(REASON, file=sys.stderr)
        return 2
    print(f"{len(files)} files in {FOLDER}")
    totals = []
    for nf in chosen:
        with progress(nf, len(files)) as advance:

            def done(_: Path) -> None:
                advance(1)

            totals.append(tally(nf, files, done=done))
        print("\n".join(lines(totals[-1])), flush=True)
    return int(any(total.wrong for total in totals))


def lines(total: Tally) -> Iterator[str]:
    """What came of it, for people."""
    specs, never = len(total.applied), total.never_applied
    yield (
        f"{total.nf}: {total.captures} captures ({total.refused} refused), {total.runs} runs, "
        f"{total.packets:,} packets, {total.seconds:.0f} s "
        f"({total.in_specs:.0f} s in specs)"
    )
    yield f"  native code does the same with {total.compared:,} of {total.packets:,} packets"
    yield f"  {specs} specs, {specs - len(never)} of them applied, {len(total.wrong)} runs wrong"
    for name, number in total.applied.items():
        yield f"    {number:>9,}  {name}"
    yield from (f"  WRONG  {line}" for line in total.wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
