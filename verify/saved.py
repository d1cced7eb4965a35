"""What the tests do that `pyvigor verify --save-test` writes.

They run the very files that were verified, with the checks that CPython leaves out, and fail until
what they show is mended. Once a case is ruled out instead, they are skipped.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import icontract
import numpy as np
import pytest

from libvig.proof.rehearsal.arrays import StrictArray
from libvig.spec import AssumptionFalse
from verify.file_names import import_folders
from verify.network_function import find_network_function
from verify.program import HOME, Program
from verify.rebuild import structure
from verify.replay import checked_module, one_line
from verify.verdicts import is_known

__all__ = ["HOME", "array", "assert_known", "call", "load", "make", "octets", "structure"]


def load(files: Mapping[str, Path]) -> None:
    """Import files anew, under the names that they have for each other."""
    program = Program([HOME], {name: file.resolve() for name, file in files.items()})
    sys.path += [str(at) for file in program.overlay.values() for at in import_folders(file)]
    for name in files:
        sys.modules[name] = checked_module(program.load(name))


def make(module: str, name: str, *fields: Any) -> Any:
    """An object of the class of this name. Where rules forbid it by now, the test is skipped."""
    try:
        return getattr(importlib.import_module(module), name)(*fields)
    except icontract.ViolationError as error:
        pytest.skip(f"{name} of this case is ruled out now: {one_line(error)}")


def array(elements: Sequence[int], kind: str) -> Any:
    """An array in which an index that is not in range is an error."""
    return np.array(elements, kind).view(StrictArray)


def octets(text: str) -> Any:
    """The same, of bytes in hexadecimal digits."""
    return array(list(bytes.fromhex(text)), "uint8")


def call(module: str, name: str, **arguments: Any) -> Any:
    """Call a spec, or the constructor. Where a spec assumes otherwise by now, it is skipped."""
    try:
        return getattr(importlib.import_module(module), name)(**arguments)
    except AssumptionFalse:
        pytest.skip(f"{name} does not speak of this case now")


def assert_known(state: Any, packet: Any, verdict: int) -> None:
    """Fail unless a verdict of `process` is a device, or a reason in Drop."""
    module = sys.modules[type(state).__module__]
    program = Program([HOME], {module.__name__: Path(str(module.__file__))})
    nf = find_network_function(program.load(module.__name__))
    assert is_known(nf, module, state, packet, verdict), f"process returned {int(verdict)}"
