"""One search with CrossHair, in a process of its own: python -m tests.crosshair.alone.

To import CrossHair switches off all contracts of icontract in the process, so nothing but this
file does. A request comes as JSON by standard input, and what was found goes out as JSON.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from crosshair.core_and_libs import MessageType, analyze_function, run_checkables
from crosshair.options import AnalysisKind, AnalysisOptionSet

from tests.crosshair.driver import driver
from tests.crosshair.search import ROOT
from verify.crosshair.plain import Plain
from verify.program import Program
from verify.source import Module

SECONDS_A_PATH = 5.0
FOUND = (MessageType.EXEC_ERR, MessageType.POST_FAIL)
FOUND_NOTHING = (MessageType.CONFIRMED, MessageType.CANNOT_CONFIRM)


def program_of(texts: Mapping[str, str]) -> Program:
    """The program of this project, with other texts of some modules."""
    program = Program([ROOT])
    for name, text in texts.items():
        path = program.find(name)
        assert path is not None
        program.modules[name] = Module(name, path, text, ast.parse(text), program)
    return program


def answer(structure: str, seconds: float, texts: Mapping[str, str]) -> dict[str, Any]:
    """Search; that CrossHair believes to have seen all paths is not passed on."""
    ended: Counter[str] = Counter()
    plain = Plain(
        program_of(texts),
        {
            "libvig.primitives.multiply_fold": lambda a, b: 3,
            "libvig.primitives.keyed_hash": lambda *words: 3,  # all keys collide
        },
    )
    begin = importlib.import_module(f"tests.crosshair.drivers.{structure}").begin
    plain.load(f"libvig.{structure}")  # what keeps it from being loaded is no counterexample
    options = AnalysisOptionSet(
        analysis_kind=[AnalysisKind.asserts],
        per_condition_timeout=seconds,
        per_path_timeout=SECONDS_A_PATH,
    )
    searched = analyze_function(driver(begin, plain, lambda: ended.update(paths=1)), options)
    for message in run_checkables(searched):
        if message.state in FOUND:
            return {"counterexample": message.message, "paths": ended["paths"]}
        if message.state not in FOUND_NOTHING:
            return {"trouble": f"CrossHair could not search: {message.message}"}
    if not ended["paths"]:
        return {"trouble": "no path came to its end in time"}
    return {"counterexample": None, "paths": ended["paths"]}


if __name__ == "__main__":
    print(json.dumps(answer(**json.load(sys.stdin))))
