"""The same network functions in C, where a checkout has them and there is a compiler."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from time import thread_time_ns
from typing import Any, NamedTuple

import numpy as np

from libvig.io.trace import Trace
from libvig.types import I64
from verify.errors import FaultyNfError
from verify.program import HOME

FOLDER = HOME / "tests" / "benchmarks" / "c"
COMPILER = "cc"
OPTIONS = ("-O3", "-march=native", "-flto", "-shared", "-fPIC")
MORE_OPTIONS = "CFLAGS"  # the variable of the environment

I64_POINTER = ctypes.POINTER(ctypes.c_int64)
RECORD = ("start", "length", "wire_length", "time", "device", "verdict")
"""`struct record` of loop.h, 8 bytes each."""


class InRows(ctypes.Structure):
    """`struct trace` of loop.h."""

    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint8)), ("records", I64_POINTER))


class Missing(NamedTuple):
    """There is no C to compare with."""

    reason: str


def options() -> list[str]:
    """What the compiler is given."""
    return [*OPTIONS, *shlex.split(os.environ.get(MORE_OPTIONS, ""))]


def compiler() -> str | Missing:
    """The first line that the compiler says of its version."""
    if shutil.which(COMPILER) is None:
        return Missing(f"no C compiler is called {COMPILER}")
    done = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout or COMPILER).splitlines()[0]


@cache
def library(name: str) -> ctypes.CDLL | Missing:
    """The network function in C, compiled anew in each run."""
    source = FOLDER / f"{name}.c"
    if not source.is_file():
        return Missing(f"{name}.c is not here: the baseline is in the repository, and not shipped")
    found = compiler()
    if isinstance(found, Missing):
        return found
    with tempfile.TemporaryDirectory(prefix="pyvigor-bench-") as folder:
        made = Path(folder) / f"{name}.so"
        done = subprocess.run(
            [COMPILER, *options(), str(source), "-o", str(made)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            first = (done.stderr.splitlines() or ["no reason given"])[0]
            return Missing(f"{COMPILER} cannot compile {name}.c: {first}")
        return _typed(ctypes.CDLL(str(made)))


def _typed(loaded: ctypes.CDLL) -> ctypes.CDLL:
    nf, trace, number = ctypes.c_void_p, ctypes.POINTER(InRows), ctypes.c_int64
    loaded.nf_new.argtypes, loaded.nf_new.restype = [I64_POINTER], nf
    loaded.nf_delete.argtypes, loaded.nf_delete.restype = [nf], None
    loaded.nf_bytes.argtypes, loaded.nf_bytes.restype = [nf], number
    loaded.nf_run.argtypes, loaded.nf_run.restype = [nf, trace, number, number], None
    loaded.nf_run_timed.argtypes = [nf, trace, I64_POINTER, number, number]
    loaded.nf_run_timed.restype = None
    return loaded


class InC:
    """A network function in C, with the settings of ours."""

    def __init__(self, loaded: ctypes.CDLL, config: Any) -> None:
        self._library = loaded
        self._nf = loaded.nf_new(_pointer(_flat(loaded, config)))

    def run(self, trace: Trace) -> int:
        rows, count = _in_rows(trace), len(trace.start)
        began = thread_time_ns()
        self._library.nf_run(self._nf, ctypes.byref(rows), 0, count)
        return thread_time_ns() - began

    def run_timed(self, trace: Trace, took: I64) -> None:
        rows = _in_rows(trace)
        self._library.nf_run_timed(self._nf, ctypes.byref(rows), _pointer(took), 0, len(took))

    @property
    def bytes(self) -> int:
        return int(self._library.nf_bytes(self._nf))

    def __del__(self) -> None:
        self._library.nf_delete(self._nf)


def _flat(loaded: ctypes.CDLL, config: Any) -> I64:
    """The settings that it names, one after the other; a list comes after its length."""
    names = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(loaded, "settings")))
    values: list[int] = []
    for name in names.decode().split():
        value = getattr(config, name)
        values += [len(value), *value.tolist()] if isinstance(value, np.ndarray) else [int(value)]
    return np.array(values, np.int64)


def _pointer(array: I64) -> Any:
    return array.ctypes.data_as(I64_POINTER)


def _in_rows(trace: Trace) -> InRows:
    """The addresses of its bytes and its rows, which have to outlive this."""
    assert trace.data.flags.c_contiguous
    for place, name in enumerate(RECORD):
        column = getattr(trace, name)
        assert column.strides == (8 * len(RECORD),)
        assert column.ctypes.data == trace.start.ctypes.data + 8 * place
    data = trace.data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
    return InRows(data, _pointer(trace.start))


def check_same(name: str, ours: Trace, theirs: Trace, whose: str = "c") -> None:
    """Refuse a packet on which the two differ."""
    other = {"c": "the same in C", "plain": "the same without looking ahead"}[whose]
    differs = ours.verdict != theirs.verdict
    if differs.any():
        at = int(np.argmax(differs))
        raise FaultyNfError(
            f"{name}: packet {at + 1}: the verdict is {ours.verdict[at]}, and that of {other} is "
            f"{theirs.verdict[at]}"
        )
    if not np.array_equal(ours.data, theirs.data):
        byte = int(np.argmax(ours.data != theirs.data))
        at = int(np.searchsorted(ours.start, byte, side="right"))
        raise FaultyNfError(
            f"{name}: packet {at}: byte {byte - int(ours.start[at - 1])} is {ours.data[byte]}, and "
            f"with {other} it is {theirs.data[byte]}"
        )
