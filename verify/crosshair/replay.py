"""What CrossHair found, on the real code in CPython: contracts on, indices and integers strict."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import numpy as np

from libvig.packet.packet import Packet
from libvig.proof.rehearsal.account import violation
from libvig.spec import AssumptionFalse
from verify import save, show
from verify.cases import Parameters
from verify.check import place_of
from verify.check_report import counted
from verify.counterexample import (
    Concrete,
    ConcreteArray,
    ConcreteObject,
    ConcreteStructure,
    Counterexample,
    Target,
)
from verify.crosshair.findings import Arrival, Finding
from verify.judgement import identifier
from verify.network_function import NetworkFunction
from verify.program import Program
from verify.replay import BREACHES, Replay, one_line
from verify.result import Result, SavedPacket, Verdict
from verify.source import Function, Site
from verify.time_limit import TakesTooLong, limited


class Judge:
    """Runs findings on the real code of an NF with these settings."""

    def __init__(self, replay: Replay, nf: NetworkFunction, config: Any) -> None:
        self.replay, self.nf, self.settings = replay, nf, config._asdict()

    def refutes(self, result: Result, spec: Function | None, finding: Finding) -> bool:
        """Whether the property fails on the real code, too; the result then says how."""
        target = Target("spec", spec) if spec else Target("process", self.nf.process)
        try:
            with self.replay.world(), limited():
                nf = self._reached(finding)
                arguments = self._arguments(target, nf, finding)
                program = self.replay.program
                shown = {name: concrete(value, program) for name, value in arguments.items()}
                error = self._error(target, arguments)
        except (*BREACHES, TakesTooLong):  # it is for others to tell of what came before
            return False
        if error is None:
            return False
        case = Counterexample(target, shown)
        result.verdict = Verdict.REFUTED
        result.place, result.reason = self._place_of(target, error)
        result.details = [reached_by(finding)]
        result.details += [x for name, value in shown.items() for x in show.describe(name, value)]
        seen = f"{type(error).__name__}: {one_line(error)}".rstrip(": ")
        result.details.append(f"replayed: {seen}")
        arrivals = (*finding.before, *finding.packets)
        result.packets = [SavedPacket(a.time, a.device, a.data, a.wire_length) for a in arrivals]
        if self.replay.witness(case).seen.startswith("the real code fails"):  # made anew, too
            said = [f"{result.place}: {result.reason}"]
            name = identifier(result.name)
            result.test = save.test_of(name, case, self.replay.modules, result.reason, said)
        return True

    def _reached(self, finding: Finding) -> Any:
        """The real NF after what it has had."""
        module = importlib.import_module(self.nf.module.name)
        new = getattr(module, self.nf.constructor.name)
        parameter = self.nf.constructor.parameters[0][1]
        assert parameter is not None
        nf = new(getattr(module, ast.unparse(parameter))(**self.settings))
        for arrival in finding.before:
            nf.process(packet_of(arrival), arrival.time)
        return nf

    def _arguments(self, target: Target, nf: Any, finding: Finding) -> dict[str, Any]:
        """The arguments of the target, by name."""
        chosen = [(packet_of(arrival), arrival.time) for arrival in finding.packets]
        names = [name for name, _ in target.function.parameters]
        if target.kind == "process":
            return dict(zip(names, (nf, *chosen[0]), strict=True))
        arguments = Parameters(self._real(target.function)).arguments(chosen)
        return dict(zip(names, (nf, *arguments), strict=True))

    def _real(self, spec: Function) -> Any:
        return getattr(importlib.import_module(spec.module.name), spec.name)

    def _error(self, target: Target, arguments: dict[str, Any]) -> Exception | None:
        """How the property fails, if it does."""
        try:
            if target.kind == "spec":
                self._real(target.function)(**arguments)
            else:
                nf, packet, now = arguments.values()
                nf.process(packet, now)
        except AssumptionFalse:
            return None
        except BREACHES as error:
            return error
        return None

    def _place_of(self, target: Target, error: Exception) -> tuple[str, str]:
        """Where it failed, and what stands there."""
        violated = violation(error)
        if target.kind == "spec" or violated is None:
            return place_of(target.function.module, error)
        condition = " ".join(violated[3].partition(":\n")[0].split())
        return Site(Path(violated[1]), int(violated[2])).place, condition


def packet_of(arrival: Arrival) -> Packet:
    data = np.frombuffer(bytearray(arrival.data), np.uint8)
    return Packet(data, arrival.wire_length, arrival.device)


def reached_by(finding: Finding) -> str:
    """How the NF came to be in its state."""
    return f"from start-up, after {counted(len(finding.before), 'packet')}:"


def concrete(value: Any, program: Program) -> Concrete:
    """What a real value is, in a form that can be shown and saved."""
    if isinstance(value, np.ndarray):
        limits = np.iinfo(value.dtype)
        return ConcreteArray(tuple(map(int, value)), (int(limits.min), int(limits.max)))
    if not isinstance(value, tuple):
        return int(value)
    cls = program.load(type(value).__module__).classes[type(value).__name__]
    if cls.view is None:
        fields = zip(value._fields, value, strict=True)  # type: ignore[attr-defined]
        return ConcreteObject(cls, {name: concrete(part, program) for name, part in fields})
    real: Any = value
    numbers = {name: int(getattr(real, name)) for name in cls.numbers}
    entries = {key: concrete(entry, program) for key, entry in real.entries.items()}
    return ConcreteStructure(cls, numbers, entries)
