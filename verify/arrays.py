"""Arrays: reading and writing, and those that constructors make with NumPy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from verify.frame import Frame
from verify.integers import Int
from verify.path import Path
from verify.source import text_of
from verify.symbolic import ARRAYS
from verify.values import Array, Bool, Unsupported, Value

if TYPE_CHECKING:
    from verify.machine import Machine

KINDS = {"int32": "I32", "int64": "I64", "uint8": "Bytes"}
MAKERS = ("arange", "full", "zeros")


def read(path: Path, array: Array, at: Int) -> Int:
    """The element at an index that is in range."""
    value: Int | None = None
    pending: list[tuple[Bool, Int]] = []
    for index, stored in reversed(array.writes):
        same = path.equal(index, at)
        if same is True:
            value = stored
            break
        if same is not False:
            pending.append((same, stored))
    if value is None:
        value = array.content(path, at)
    for same, stored in reversed(pending):
        value = path.pick(same, stored, value)
    return value


def write(machine: Machine, array: Array, at: Int, value: Int) -> None:
    """Write to an array; index and value are in range."""
    machine.may_write(is_ghost=array.is_ghost)
    kept = tuple(w for w in array.writes if machine.path.equal(w[0], at) is not True)
    array.writes = (*kept, (at, value))


def is_maker(node: ast.Call, frame: Frame) -> bool:
    """Whether NumPy is called to make an array."""
    match node.func:
        case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in MAKERS:
            return "np" not in frame.names
    return False


def made(machine: Machine, node: ast.Call, frame: Frame) -> Array:
    """The array that `np.full`, `np.zeros` or `np.arange` makes."""
    site, text = frame.site(node), text_of(node)
    assert isinstance(node.func, ast.Attribute)
    given = [*node.args, *(k.value for k in node.keywords if k.arg == "dtype")]
    kinds = [d.attr for d in given if isinstance(d, ast.Attribute) and d.attr in KINDS]
    numbers = [
        machine.number(argument, frame)
        for argument in node.args
        if not (isinstance(argument, ast.Attribute) and argument.attr in KINDS)
    ]
    if len(kinds) != 1 or len(kinds) + len(numbers) != len(node.args) + len(node.keywords):
        raise Unsupported(f"{site}: `{text}`: give the type: np.uint8, np.int32 or np.int64")
    path = machine.path
    limits = ARRAYS[KINDS[kinds[0]]]
    match node.func.attr, numbers:
        case "full", [length, value]:
            ends = [value]
        case "zeros", [length]:
            ends = [Int(0)]
        case "arange", [length]:
            ends = [Int(0), length.plus(Int(-1))]
        case "arange", [start, stop]:
            length = stop.plus(start, -1)
            ends = [start, stop.plus(Int(-1))]
        case _:
            raise Unsupported(f"{site}: `{text}` is outside the subset")
    machine.oblige(f"size not negative: {text}", site, path.less_equal(Int(0), length))
    first, is_row = ends[0], node.func.attr == "arange"
    with machine.guarded(*([path.less(Int(0), length)] if is_row else [])):
        for end in ends:
            machine.check_range(end, *limits, f"fits the array: {text}", site)
    array = Array(
        path.fresh_name(node.func.attr),
        length,
        lambda path, at: first.plus(at) if is_row else first,
        limits,
    )
    array.is_filled_with = None if is_row else first
    return array


def assign_slice(
    machine: Machine, target: ast.Subscript, value: Value, array: Value, frame: Frame
) -> None:
    """`array[:stop] = value`, for a value of that length."""
    site, text = frame.site(target), text_of(target)
    match target.slice:
        case ast.Slice(lower=None, upper=ast.expr() as upper, step=None):
            stop = machine.number(upper, frame)
        case _:
            raise Unsupported(f"{site}: `{text}`: write `array[:stop] = …`")
    if not isinstance(value, Array) or not isinstance(array, Array) or value is array:
        raise Unsupported(f"{site}: `{text}` takes another array")
    if value.limits != array.limits:
        raise Unsupported(f"{site}: `{text}` takes an array of the same type")
    path = machine.path
    machine.may_write()
    machine.oblige(f"index not negative: {text}", site, path.less_equal(Int(0), stop))
    machine.oblige(f"index in range: {text}", site, path.less_equal(stop, array.length))
    machine.oblige(f"as many as there is room for: {text}", site, path.equal(value.length, stop))
    before, source = array.copy(), value.copy()
    array.content = lambda path, at: path.pick(
        path.less(at, stop), read(path, source, at), read(path, before, at)
    )
    array.writes = ()
    array.is_filled_with = None
    array.name = path.fresh_name(array.name)
