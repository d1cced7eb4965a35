"""The time in native code: what a packet takes is measured around it, not from Python.

A clock that Python reads takes longer than a packet. This one takes what clock_gettime does.
"""

# Numba's extension API is typed in part, and an intrinsic is not called as it is written.
# mypy: disable-error-code="call-arg"

import time
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

MONOTONIC = time.CLOCK_MONOTONIC
SECOND = 1_000_000_000


def nanoseconds() -> int:
    """Return the time since any fixed moment."""
    return time.clock_gettime_ns(MONOTONIC)


@intrinsic
def _native_nanoseconds(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        number, word = ir.IntType(32), ir.IntType(64)
        timespec = ir.LiteralStructType([word, word])  # seconds and nanoseconds, on 64-bit Linux
        kind = ir.FunctionType(number, [number, timespec.as_pointer()])
        name = "clock_gettime"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        with builder.goto_entry_block():
            now = builder.alloca(timespec)
        builder.call(function, [number(MONOTONIC), now])
        value = builder.load(now)
        seconds = builder.mul(builder.extract_value(value, 0), word(SECOND))
        return builder.add(seconds, builder.extract_value(value, 1))

    return types.int64(), generate


_INLINED: Any = {"forceinline": True, "_nrt": False}


@overload(nanoseconds, jit_options=_INLINED, strict=False)
def _choose() -> Any:
    return lambda: _native_nanoseconds()  # noqa: PLW0108 (an intrinsic is no function)
