"""Numba's type of an array of a structure: how far apart its elements lie is part of it.

So native code needs no multiplication to find one, though the arrays of a table lie in rows
(libvig/rows.py). Nor does it look whether an index is negative, which would stand for one from the
end, or out of range: the verifier proves of each access that the index is neither.
"""

# Numba's extension API is typed in part, and not always truly.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import typeof, types
from numba.extending import lower_builtin, models, register_model
from numba.np.arrayobj import load_item, store_item

from libvig.native_call import Place, place_in_memory, stride_of


class Column(types.Array):
    """Elements in one dimension, each so many bytes behind the one before."""

    def __init__(self, like: Any, stride: int, place: Place | None = None) -> None:
        """The type of an array of which Numba has the type `like`."""
        self.stride, self.place = stride, place
        super().__init__(
            like.dtype,
            1,
            "C" if stride == like.dtype.bitwidth // 8 else "A",
            readonly=not like.mutable,
            name=f"column({like.dtype}, {stride}, {like.mutable}, {place})",
            aligned=like.aligned,
        )

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it from other types."""
        return (*super().key, self.stride, self.place)


@register_model(Column)
class _ColumnModel(models.ArrayModel):
    """An array, of which a function knows where it lies beside another of its arguments.

    So one address in a register does for all arrays of a block, or of rows. How many elements one
    in a block has is a constant.
    """

    def from_argument(self, builder: Any, value: Any) -> Any:
        array = super().from_argument(builder, value)
        place = self._fe_type.place
        if place is None:
            return array
        if place.length is not None:
            length = ir.IntType(64)(place.length)
            for at in ([self.get_field_position("nitems")], [self.get_field_position("shape"), 0]):
                array = builder.insert_value(array, length, at)
        firsts = vars(builder.function).setdefault("pyvigor_memory", {})
        at = self.get_field_position("data")
        data = builder.extract_value(array, [at])
        begin, first = firsts.setdefault(place.memory, (place.offset, data))
        if first is data:
            return array
        byte = builder.bitcast(first, ir.IntType(8).as_pointer())
        moved = builder.gep(byte, [ir.IntType(64)(place.offset - begin)])
        return builder.insert_value(array, builder.bitcast(moved, data.type), [at])


def type_of(value: Any, position: int | None = None) -> Any:
    """Numba's type of an argument, its arrays being columns.

    With its position among the arguments, the type tells what lies in the same rows.
    """
    firsts: list[Any] = []

    def of(part: Any) -> Any:
        if isinstance(part, np.ndarray) and part.ndim == 1:
            place = None if position is None else place_in_memory(part, position, firsts)
            return Column(typeof(part), stride_of(part), place)
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return types.BaseTuple.from_types([of(inner) for inner in part], type(part))
        return typeof(part)

    return of(value)


def address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Return a pointer to the byte where an element of an array begins."""
    stride = (
        kind.stride
        if isinstance(kind, Column)
        else context.get_abi_sizeof(context.get_data_type(kind.dtype))
    )
    data = context.make_array(kind)(context, builder, value=array).data
    first = builder.bitcast(data, ir.IntType(8).as_pointer())
    return builder.gep(first, [builder.mul(index, index.type(stride))])


def _element(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Return a pointer to an element."""
    kind, index_type = signature.args[:2]
    index = context.cast(builder, args[1], index_type, types.intp)
    place = address(context, builder, kind, args[0], index)
    return builder.bitcast(place, context.get_data_type(kind.dtype).as_pointer())


@lower_builtin(operator.getitem, Column, types.Integer)
def _get(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    return load_item(
        context, builder, signature.args[0], _element(context, builder, signature, args)
    )


@lower_builtin(operator.setitem, Column, types.Integer, types.Any)
def _set(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    kind, _, given = signature.args
    value = context.cast(builder, args[2], given, kind.dtype)
    store_item(context, builder, kind, value, _element(context, builder, signature, args))
    return context.get_dummy_value()
