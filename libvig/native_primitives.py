"""The operations of libvig/primitives.py as Numba intrinsics: a few machine instructions each."""

# Numba's extension API is typed in part, and an intrinsic is not called as it is written.
# mypy: disable-error-code="call-arg"

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from libvig.numba_column import address
from libvig.primitives import (
    choose,
    expect,
    expected,
    load8,
    load16,
    load32,
    prefetch,
    store8,
    store16,
    store32,
)

_WRAPPED_FOR_NOBODY: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
INLINED: Any = {"forceinline": True, "_nrt": False, **_WRAPPED_FOR_NOBODY}


def _pointer(context: Any, builder: Any, signature: Any, args: Any, bits: int) -> Any:
    """Return the address of element args[1] of array args[0], as that of a wider number."""
    kind = signature.args[0]
    if getattr(kind, "stride", 1) != 1:
        raise TypeError("bytes in rows cannot be loaded or stored, several at once")
    array = context.make_array(kind)(context, builder, value=args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(bits).as_pointer())


def _swapped(builder: Any, value: Any, bits: int) -> Any:
    return value if bits == 8 else builder.bswap(value)


def _native_load(meaning: Callable[..., Any], bits: int) -> None:
    @intrinsic
    def load(typing: Any, data: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, signature, args, bits)
            value = _swapped(builder, builder.load(pointer, align=1), bits)
            return builder.zext(value, ir.IntType(64))

        return types.int64(data, types.int64), generate

    @overload(meaning, jit_options=INLINED, strict=False)
    def choose(data: Any, at: Any) -> Any:
        return lambda data, at: load(data, at)  # noqa: PLW0108 (an intrinsic is no function)


def _native_store(meaning: Callable[..., Any], bits: int) -> None:
    @intrinsic
    def store(typing: Any, data: Any, at: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, signature, args, bits)
            value = builder.trunc(args[2], ir.IntType(bits))
            builder.store(_swapped(builder, value, bits), pointer, align=1)
            return context.get_dummy_value()

        return types.void(data, types.int64, types.int64), generate

    @overload(meaning, jit_options=INLINED, strict=False)
    def choose(data: Any, at: Any, value: Any) -> Any:
        return lambda data, at, value: store(data, at, value)  # noqa: PLW0108 (as above)


@intrinsic
def _native_choose(typing: Any, condition: Any, one: Any, other: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        chosen = builder.select(*args)
        chosen.set_metadata("unpredictable", builder.module.add_metadata([]))
        # No instruction, but nothing behind it can be done twice, once for each of the two.
        kind = ir.FunctionType(chosen.type, [chosen.type])
        return builder.asm(kind, "", "=r,0", [chosen], side_effect=False)

    return types.int64(types.boolean, types.int64, types.int64), generate


@overload(choose, jit_options=INLINED, strict=False)
def _choose_choose(condition: Any, one: Any, other: Any) -> Any:
    return lambda condition, one, other: _native_choose(condition, one, other)  # noqa: PLW0108


_FOR_READING, _KEEP, _DATA = 0, 3, 1  # of llvm.prefetch: what for, how near, from which cache


@intrinsic
def _native_prefetch(typing: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        # No instruction of this kind fails, whatever the address is.
        place = address(context, builder, signature.args[0], *args)
        flags = [ir.IntType(32)(flag) for flag in (_FOR_READING, _KEEP, _DATA)]
        kind = ir.FunctionType(ir.VoidType(), [place.type, *(flag.type for flag in flags)])
        insert: Any = cgutils.get_or_insert_function
        fetch = insert(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [place, *flags])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@overload(prefetch, jit_options=INLINED, strict=False)
def _choose_prefetch(array: Any, index: Any) -> Any:
    return lambda array, index: _native_prefetch(array, index)  # noqa: PLW0108 (as above)


def _expectation(builder: Any) -> Any:
    """Where the guess is kept: one place in all native code that is linked into one piece."""
    module, name = builder.module, "pyvigor_expectation"
    if name not in module.globals:
        word = ir.IntType(64)
        variable = ir.GlobalVariable(module, word, name)
        variable.linkage, variable.initializer = "linkonce_odr", word(-1)
    return module.globals[name]


@intrinsic
def _native_expect(typing: Any, hint: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[0], _expectation(builder))
        return context.get_dummy_value()

    return types.void(types.int64), generate


@overload(expect, jit_options=INLINED, strict=False)
def _choose_expect(hint: Any) -> Any:
    return lambda hint: _native_expect(hint)  # noqa: PLW0108 (as above)


@intrinsic
def _native_expected(typing: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_expectation(builder))

    return types.int64(), generate


@overload(expected, jit_options=INLINED, strict=False)
def _choose_expected() -> Any:
    return lambda: _native_expected()  # noqa: PLW0108 (as above)


_native_load(load8, 8)
_native_load(load16, 16)
_native_load(load32, 32)
_native_store(store8, 8)
_native_store(store16, 16)
_native_store(store32, 32)
