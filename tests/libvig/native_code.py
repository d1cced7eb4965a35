"""What native code consists of, and whether it does what CPython does."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba import njit

from libvig.numba_glue import NATIVE_OPTIONS
from libvig.types import I64

DONE_NOTHING = -99


def body_of(dispatcher: Any) -> str:
    """The optimised LLVM text of the last version of a compiled function."""
    signature = dispatcher.signatures[-1]
    name = dispatcher.overloads[signature].fndesc.llvm_func_name
    text = dispatcher.inspect_llvm(signature)
    [body] = re.findall(rf'^define [^\n]*@"?{re.escape(name)}"?\(.*?^}}', text, re.M | re.S)
    return str(body)


def calls_in(dispatcher: Any) -> set[str]:
    """The functions that a compiled function calls, other than LLVM's own.

    But for that which expands the key of hashes, once.
    """
    called = re.findall(r'\b(?:call|invoke) [^@\n]*@"?([^"(]*)', body_of(dispatcher))
    return {n for n in called if not n.startswith("llvm.") and n != "pyvigor_expand_key"}


def assert_same_in_both_worlds(
    run: Callable[[Any, I64, I64], None], new: Callable[[], Any], operations: I64
) -> None:
    """Run operations in CPython and as native code: the results and the arrays are the same.

    `run` performs each row of `operations` on a structure and writes what it returned.
    """
    python, native = new(), new()
    results = np.full((2, len(operations)), DONE_NOTHING, np.int64)
    run(python, operations, results[0])
    compiled_version(run)(native, operations, results[1])
    assert results[0].tolist() == results[1].tolist()
    assert (results[0] != DONE_NOTHING).any(), "no operation was done"
    for one, other in zip(arrays_of(python), arrays_of(native), strict=True):
        assert one.tolist() == other.tolist()


_compiled: dict[Callable[..., None], Any] = {}


def compiled_version(run: Callable[..., None]) -> Any:
    """A compiled function, the same each time, as compilation takes long."""
    if run not in _compiled:
        _compiled[run] = njit(**NATIVE_OPTIONS)(run)
    return _compiled[run]


def arrays_of(structure: Any) -> Iterator[Any]:
    """All arrays of a structure and of its parts."""
    for field in structure:
        if isinstance(field, np.ndarray):
            yield field
        elif isinstance(field, tuple):
            yield from arrays_of(field)
