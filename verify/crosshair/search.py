"""One search with CrossHair, in a process of its own.

To import CrossHair switches off all contracts of icontract in the process, so nothing but the
search is done in it. CrossHair follows one path through NF and property at a time: it decides
which frames come, and which field of each is free; and it asks Z3 for numbers in these fields, and
for times, that lead along another path.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, TypeVar, cast

from crosshair import enforce
from crosshair.core import deep_realize
from crosshair.core_and_libs import MessageType, analyze_function, run_checkables
from crosshair.libimpl.builtinslib import make_bounded_int
from crosshair.options import AnalysisKind, AnalysisOptionSet
from crosshair.statespace import context_statespace
from crosshair.tracers import NoTracing as Untyped

from libvig.types import MAX_TIME
from verify.crosshair import tracing
from verify.crosshair.cells import begin_path, copied
from verify.crosshair.findings import BREACHES, Arrival, Finding, Searched
from verify.crosshair.traffic import (
    CUTS,
    PAUSE,
    UNRELATED,
    Coming,
    Group,
    Scene,
    answers,
    following,
    groups_of,
    had,
)
from verify.crosshair.world import Property, World

SECONDS_A_PATH = 2.0
NoTracing = cast(Callable[[], AbstractContextManager[None]], Untyped)
LATEST = MAX_TIME // 4  # so that no sum of pauses is too late
ODD = (MessageType.EXEC_ERR, MessageType.POST_FAIL, MessageType.SYNTAX_ERR, MessageType.IMPORT_ERR)

Item = TypeVar("Item")


class Enough(AssertionError):
    """What was found counts, or the time is over: the search ends."""


class Chosen(NamedTuple):
    """What comes: CrossHair has decided which frame, and which numbers are left to Z3."""

    coming: Coming
    fields: Group
    cut: int  # so many bytes are not captured
    pause: int  # after the packet before
    content: tuple[int, ...]  # of the fields
    is_open: bool  # something is left to Z3

    def packet(self, world: World) -> Any:
        """The packet with this content."""
        packet = world.packet_of(self.coming)
        for (at, size), value in zip(self.fields, self.content, strict=True):
            packet.data.store(at, value, size)
        return packet._replace(data=packet.data.without_last(self.cut))


class Search:
    """A search for what breaks a property, until something found counts or the time is over."""

    def __init__(
        self, world: World, wanted: Property, seconds: float, counts: Callable[[Finding], bool]
    ) -> None:
        self.world, self.wanted, self.counts = world, wanted, counts
        self.start = time.monotonic()
        self.end = self.start + seconds
        self.paths = self.applied = 0
        self.later: dict[tuple[int, tuple[Coming, ...]], Scene] = {}  # scenes, and what then came

    def run(self) -> Searched:
        """Search."""

        def drive() -> None:
            assert self.world.scenes  # such functions are searched as begin with an assert
            self.follow()

        options = AnalysisOptionSet(
            analysis_kind=[AnalysisKind.asserts],
            per_condition_timeout=max(self.end - self.start, 0.0),
            per_path_timeout=SECONDS_A_PATH,
        )
        tracing.unwatched = NoTracing
        # Contracts are not looked for at each call: there are none, and it takes most of the time.
        enforce._FILE_SUFFIXES_WITHOUT_ENFORCEMENT = (".py",)
        messages = run_checkables(analyze_function(drive, options))
        odd = [m for m in messages if m.state in ODD and Enough.__name__ not in m.message]
        trouble, took = odd[0].message if odd else "", time.monotonic() - self.start
        return Searched(self.paths, self.applied, trouble, took)

    def follow(self) -> None:
        """Follow one path, to where the property holds, says nothing, or is broken."""
        begin_path()
        with NoTracing():
            begun, plan = self._choose()
            nf = copied(begun.nf)
        packets = [chosen.packet(self.world) for chosen in plan]
        times, now = [], begun.time
        for chosen in plan:
            now += chosen.pause
            times.append(now)
        try:
            applies = self.world.holds(self.wanted, nf, packets, times)
        except BREACHES:
            applies = True
            self._tell(begun, plan)
        with NoTracing():
            self.paths += 1
            self.applied += applies
            if time.monotonic() > self.end:  # CrossHair's own limits are of the processor's time
                raise Enough

    # ------------------------------------------------------------ what comes

    def _choose(self) -> tuple[Scene, list[Chosen]]:
        """A scene, and what comes in it; CrossHair decides."""
        number = choose(range(len(self.world.scenes)))
        plan: list[Chosen] = []
        for left in reversed(range(self.wanted.packets)):
            scene = self._scene(number, tuple(chosen.coming for chosen in plan))
            coming = choose(self._candidates(scene, follows=bool(plan)))
            is_open = any(chosen.is_open for chosen in plan)
            often = 0.1 if left else 0.4  # so that the last packet still answers the others
            fields = choose(groups_of(coming.frame)) if decide(often) else ()
            is_time_free = decide(often) or not (left or is_open or fields)
            pause = any_number(LATEST) if is_time_free else PAUSE
            content = tuple(any_number(2 ** (8 * field.size) - 1) for field in fields)
            cut = choose(CUTS) if decide(0.1) else 0
            plan.append(
                Chosen(coming, fields, cut, pause, content, is_open=bool(fields) or is_time_free)
            )
        return self.world.scenes[number], plan

    def _candidates(self, scene: Scene, *, follows: bool) -> Sequence[Coming]:
        """New frames, or such as have to do with earlier ones; most often, answers to the last."""
        last = answers(scene.sent[-1]) if follows and scene.sent else []
        if last and decide(0.85):
            return last
        return following(scene) if scene.sent and decide(0.7) else UNRELATED

    def _scene(self, number: int, came: tuple[Coming, ...]) -> Scene:
        """The scene of this number, after frames that came as they are."""
        if (number, came) not in self.later:
            scene = self.world.scenes[number]
            if came:
                before = self._scene(number, came[:-1])
                try:
                    scene = had(before, came[-1], self.world.packet_of)
                except BREACHES:  # for the property to tell
                    scene = before
            self.later[number, came] = scene
        return self.later[number, came]

    # ------------------------------------------------------------ what is found

    def _tell(self, begun: Scene, plan: Sequence[Chosen]) -> None:
        """Tell of packets that break the property; ends the search if they count."""
        with NoTracing():
            now, packets = begun.time, []
            for chosen in plan:
                now += deep_realize(chosen.pause)
                packets.append(arrival(chosen, deep_realize(chosen.content), now))
            before = [
                Arrival(sent.came.frame, len(sent.came.frame), sent.came.device, begun.time_of(i))
                for i, sent in enumerate(begun.sent)
            ]
            does_count = self.counts(Finding(tuple(before), tuple(packets)))
        if does_count:
            self.paths += 1
            raise Enough


def arrival(chosen: Chosen, content: Sequence[int], now: int) -> Arrival:
    """A packet with values in its free fields."""
    frame, device = chosen.coming
    for (at, size), value in zip(chosen.fields, content, strict=True):
        frame = frame[:at] + value.to_bytes(size, "big") + frame[at + size :]
    return Arrival(frame[: max(len(frame) - chosen.cut, 0)], len(frame), device, now)


def any_number(highest: int) -> int:
    """A number from 0 that is left to Z3."""
    name = f"number{cast(Any, context_statespace()).uniq()}"
    return cast(int, make_bounded_int(name, 0, highest))


def decide(probability: float) -> bool:
    """A decision that CrossHair takes both ways in the end, one way more often at first."""
    return cast(bool, context_statespace().smt_fork(desc="decision", probability_true=probability))


def choose(items: Sequence[Item]) -> Item:
    """One of the items, as CrossHair decides; each is as likely at first."""
    while len(items) > 1:
        middle = len(items) // 2
        items = items[:middle] if decide(middle / len(items)) else items[middle:]
    return items[0]
