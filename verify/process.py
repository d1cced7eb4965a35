"""What a run does with the packets: through the NF, and into the files, part by part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np

from libvig.io.loop import process_all
from libvig.io.records import new_records
from libvig.io.trace import UNDECIDED, Trace, new_trace
from libvig.packet.packet import FLOOD
from verify.errors import FaultyNfError, UsageError
from verify.inputs import Parts
from verify.native_loop import Loop, is_to_look_ahead, native_loop
from verify.outputs import Target
from verify.progress import progress
from verify.registry import LoadedNetworkFunction, one_line
from verify.summary import Totals, verdicts_in

NO_PACKETS = new_trace(new_records(np.empty(0, np.uint8), 0), np.empty(0, np.int64))


class Process:
    """An NF on its way through packets."""

    def __init__(
        self,
        found: LoadedNetworkFunction,
        nf: Any,
        devices: Sequence[str],
        interpreted: bool,
        ahead: bool | None = None,
    ) -> None:
        """Compile it, unless it is to be interpreted; raises UsageError if that fails.

        `ahead` is whether the native loop looks ahead; None if that is to depend on what it takes.
        """
        self.totals = Totals(devices, found.drop)
        self.seconds = 0.0
        """Spent in the NF."""
        self.found, self.nf, self.interpreted = found, nf, interpreted
        self._devices = devices
        self._run: Loop = process_all
        if not interpreted:
            wanted = is_to_look_ahead(nf) if ahead is None else ahead
            self._run = native_loop(found.module, ahead=wanted)
            self._compile()

    def _compile(self) -> None:
        """See that native code is there before it is timed."""
        try:
            self._run(self.nf, NO_PACKETS, 0, 0)
        except Exception as error:
            raise UsageError(
                f"{self._place(error)}: cannot be compiled: outside the verified subset, as "
                "pyvigor verify will explain; to run it nevertheless, add --interpreted"
            ) from None

    def pass_on(self, parts: Parts, targets: Sequence[Target]) -> None:
        """Hand all packets to the NF, and write those that leave."""
        with progress(self.found.name, parts.total) as advance:
            for records, trace, done in parts.parts:
                self.seconds += self.run(trace)
                counts = verdicts_in(trace)
                self._check_verdicts(counts, trace)
                for target in targets:
                    target.write(records, trace, len(self._devices))
                self.totals.add(records, trace, counts)
                advance(done)

    def run(self, trace: Trace) -> float:
        """Run the NF over a trace; returns how many seconds it took."""
        began = perf_counter()
        try:
            self._run(self.nf, trace, 0, len(trace.start))
        except Exception as error:
            packet = 1 + int(np.argmax(trace.verdict == UNDECIDED))
            raise FaultyNfError(
                f"{self.found.path}: packet {self.totals.packets + packet}: "
                f"{type(error).__name__}: {one_line(error)}"
            ) from None
        return perf_counter() - began

    def _check_verdicts(self, counts: Counter[int], trace: Trace) -> None:
        """Refuse a verdict that is neither a device nor a reason to drop."""
        known = {*range(len(self._devices)), FLOOD, *self.found.drop}
        wrong = counts.keys() - known
        if wrong:
            packet = int(np.argmax(np.isin(trace.verdict, list(wrong))))
            raise FaultyNfError(
                f"{self.found.path}: packet {self.totals.packets + packet + 1}: the verdict "
                f"{trace.verdict[packet]} is neither a device (0 to {len(self._devices) - 1}) nor "
                "a reason in Drop"
            )

    def _place(self, error: Exception) -> str:
        """The NF's file, and the line of it that a message of the compiler names first, if any."""
        path = re.escape(str(self.found.path))
        lines = re.findall(rf"{path}(?: \(|\", line )(\d+)", str(error))
        return f"{self.found.path}:{lines[0]}" if lines else str(self.found.path)
