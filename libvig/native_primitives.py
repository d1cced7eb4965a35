"""The operations of libvig/primitives.py in native code: a few machine instructions each."""

# Numba's extension API is typed in part.
# mypy: disable-error-code="no-untyped-call"

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from libvig.native_operation import AS_GIVEN, OWN, native_operation
from libvig.numba_column import address
from libvig.primitives import (
    expect,
    expected,
    load8,
    load16,
    load32,
    prefetch,
    select,
    store8,
    store16,
    store32,
    window,
)

_WORD = ir.IntType(64)


def _pointer(context: Any, builder: Any, kind: Any, args: Any, bits: int) -> Any:
    """Return the address of byte args[1] of array args[0], as that of a wider number."""
    if getattr(kind, "stride", 1) != 1:
        raise TypeError("bytes in rows cannot be loaded or stored, several at once")
    data = context.make_array(kind)(context, builder, value=args[0]).data
    return builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(bits).as_pointer())


def _swapped(builder: Any, value: Any, bits: int) -> Any:
    return value if bits == 8 else builder.bswap(value)


def _native_load(meaning: Any, bits: int) -> None:
    @native_operation(meaning, types.int64, AS_GIVEN, types.int64)
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args, bits)
        value = _swapped(builder, builder.load(pointer, align=1), bits)
        return builder.zext(value, _WORD)


def _native_store(meaning: Any, bits: int) -> None:
    @native_operation(meaning, types.void, AS_GIVEN, types.int64, types.int64)
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args, bits)
        value = builder.trunc(args[2], ir.IntType(bits))
        builder.store(_swapped(builder, value, bits), pointer, align=1)
        return context.get_dummy_value()


_native_load(load8, 8)
_native_load(load16, 16)
_native_load(load32, 32)
_native_store(store8, 8)
_native_store(store16, 16)
_native_store(store32, 32)


def _bytes_within(data: Any) -> Any:
    return types.Array(data.dtype, 1, "C", readonly=not data.mutable)


@native_operation(window, _bytes_within, AS_GIVEN, types.int64, types.int64)
def _window(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    result = context.make_array(signature.return_type)(context, builder)
    first = address(context, builder, signature.args[0], *args[:2])
    place = _as_one_value(builder, builder.bitcast(first, result.data.type))
    one = context.get_constant(types.intp, 1)
    populate_array(result, place, [args[2]], [one], one, None)
    return result._getvalue()


@native_operation(select, types.int64, types.boolean, types.int64, types.int64)
def _select(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    chosen = builder.select(*args)
    chosen.set_metadata("unpredictable", builder.module.add_metadata([]))
    # Or LLVM makes a branch of it again, with what follows in both.
    return _as_one_value(builder, chosen)


def _as_one_value(builder: Any, value: Any) -> Any:
    """No instruction. It keeps LLVM from making the value of its parts wherever it is used."""
    opaque = ir.InlineAsm(ir.FunctionType(value.type, [value.type]), "", "=r,0")
    return builder.call(opaque, [value], attrs=("readnone", "nounwind"))


_FOR_READING, _KEEP, _DATA = 0, 3, 1  # of llvm.prefetch: what for, how near, from which cache


@native_operation(prefetch, types.void, AS_GIVEN, types.int64)
def _prefetch(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    # No instruction of this kind fails, whatever the address is.
    place = address(context, builder, signature.args[0], *args)
    flags = [ir.IntType(32)(flag) for flag in (_FOR_READING, _KEEP, _DATA)]
    kind = ir.FunctionType(ir.VoidType(), [place.type, *(flag.type for flag in flags)])
    insert: Any = cgutils.get_or_insert_function
    fetch = insert(builder.module, kind, "llvm.prefetch.p0")
    builder.call(fetch, [place, *flags])
    return context.get_dummy_value()


def _expectation(builder: Any) -> Any:
    """Where the guess is kept: one place in all native code that is linked into one piece."""
    module, name = builder.module, OWN + "expectation"
    if name not in module.globals:
        variable = ir.GlobalVariable(module, _WORD, name)
        variable.linkage, variable.initializer = "linkonce_odr", _WORD(-1)
    return module.globals[name]


@native_operation(expect, types.void, types.int64)
def _expect(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    builder.store(args[0], _expectation(builder))
    return context.get_dummy_value()


@native_operation(expected, types.int64)
def _expected(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return builder.load(_expectation(builder))
