"""What is searched: a property of an NF, both plain, and the NF in the states of some stories."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from verify.cases import Parameters
from verify.crosshair.cells import Cells, numpy
from verify.crosshair.frame import ACCESSORS, PRIMITIVES, frame_of
from verify.crosshair.plain import Plain
from verify.crosshair.traffic import Coming, scenes
from verify.network_function import NetworkFunction
from verify.source import Contract, Function


def all_collide(*words: Any) -> int:
    """A hash of a key or of words."""
    return 3


STAND_INS = {
    **PRIMITIVES,
    **ACCESSORS,
    "libvig.hash_map.Key.hash": all_collide,
    "libvig.primitives.keyed_hash": all_collide,
}
FIRST = (("packet", 0), ("time", 0))

Settings = Mapping[str, "int | list[int]"]


class CannotSearch(Exception):
    """The property is none that can be searched; the message says why."""


class Property(NamedTuple):
    """A plain function of an NF, packets and times, and which of them it takes in which order."""

    function: Callable[..., None]
    plan: Sequence[tuple[str, int]]
    packets: int


class World:
    """The plain NF with these settings, and its properties."""

    def __init__(self, nf: NetworkFunction, settings: Settings) -> None:
        self.nf, self.plain = nf, Plain(nf.module.program, STAND_INS)
        self.packet = self.plain.load("libvig.packet.packet").Packet
        self.assumption_false = self.plain.load("libvig.spec").AssumptionFalse
        self.code = self.plain.load(nf.module.name)
        new = getattr(self.code, nf.constructor.name)
        self.scenes = list(scenes(new(config_of(self.code, nf, settings)), self.packet_of))

    def property(self, spec: Function | None) -> Property:
        """What a spec says, or `process` itself if there is none. Raises CannotSearch."""
        if spec is None:
            return Property(process_of(self.code, self.nf.cls.invariants), FIRST, 1)
        function = getattr(self.plain.load(spec.module.name), spec.name)
        parameters = Parameters(function)
        if parameters.refusal:
            raise CannotSearch(f"it {parameters.refusal}")
        return Property(function, parameters.plan, parameters.packets)

    def packet_of(self, coming: Coming) -> Any:
        """The whole frame as a packet."""
        return self.packet(frame_of(coming.frame), len(coming.frame), coming.device)

    def holds(
        self, wanted: Property, nf: Any, packets: Sequence[Any], times: Sequence[int]
    ) -> bool:
        """Whether the property speaks of these; it raises something where it does not hold."""
        values = {"packet": packets, "time": times}
        try:
            wanted.function(nf, *(values[kind][number] for kind, number in wanted.plan))
        except self.assumption_false:
            return False
        return True


def config_of(code: ModuleType, nf: NetworkFunction, settings: Settings) -> Any:
    """The plain settings."""
    ((_, annotation),) = nf.constructor.parameters
    assert annotation is not None
    return vars(code)[ast.unparse(annotation)](
        **{
            name: Cells(value, numpy.int64) if isinstance(value, list) else value
            for name, value in settings.items()
        }
    )


def process_of(code: ModuleType, invariants: Sequence[Contract]) -> Callable[..., None]:
    """What must hold of `process` alone: the invariant, after it."""
    conditions = [
        (contract.text, eval(compile(ast.Expression(contract.condition), "", "eval"), vars(code)))
        for contract in invariants
    ]

    def process(nf: Any, packet: Any, now: int) -> None:
        nf.process(packet, now)
        for text, holds in conditions:
            assert holds(nf), text

    return process
