"""One search with CrossHair, in a process of its own: python -m tests.crosshair.alone.

To import CrossHair switches off all contracts of icontract in the process, so nothing but this
file does. A request comes as JSON by standard input, and what was found goes out as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from crosshair.core_and_libs import MessageType, analyze_function, run_checkables
from crosshair.options import AnalysisKind, AnalysisOptionSet

from tests.crosshair.bare import Bare
from tests.crosshair.driver import driver

SECONDS_A_PATH = 5.0
FOUND = (MessageType.EXEC_ERR, MessageType.POST_FAIL)
FOUND_NOTHING = (MessageType.CONFIRMED, MessageType.CANNOT_CONFIRM)


def answer(structure: str, seconds: float, texts: Mapping[str, str]) -> dict[str, Any]:
    """Search; that CrossHair believes to have seen all paths is not passed on."""
    ended: Counter[str] = Counter()
    bare = Bare(texts, {"libvig.primitives.multiply_fold": lambda a, b: 3})  # all keys collide
    begin = importlib.import_module(f"tests.crosshair.drivers.{structure}").begin
    bare.load(f"libvig.{structure}")  # what keeps it from being loaded is no counterexample
    options = AnalysisOptionSet(
        analysis_kind=[AnalysisKind.asserts],
        per_condition_timeout=seconds,
        per_path_timeout=SECONDS_A_PATH,
    )
    searched = analyze_function(driver(begin, bare, lambda: ended.update(paths=1)), options)
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
