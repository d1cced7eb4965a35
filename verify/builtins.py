"""Functions that the verifier knows by itself: some of Python's, loads, stores and sums.

Each takes the call's arguments, its text and its place, and gives the value of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from verify import arrays, bits
from verify.arithmetic import low_bits
from verify.formulas import Formula
from verify.integers import Int
from verify.laws import UNBOUNDED, LawfulPath
from verify.logic import conjunction, implication, negation
from verify.source import Class, Function, Site
from verify.subset_words import HOME_OF, MAX_INT, MIN_INT
from verify.values import Array, Bool, Object, Range, Unsupported, Value, View, freeze

if TYPE_CHECKING:
    from verify.machine import Machine

Builtin = Callable[["Machine", list[Value], str, Site], Value]

UNBOUNDED_ELEMENTS = (-UNBOUNDED, UNBOUNDED)
LARGEST_SUM = 2**80  # of 16-bit words that lie between two 64-bit offsets, and more
LOADS = {"load8": 1, "load16": 2, "load32": 4}
STORES = {"store8": 1, "store16": 2, "store32": 4}


def is_genuine(name: str, found: object) -> bool:
    """Whether a builtin's name stands for it: for what libvig defines, or for what Python does."""
    origin = HOME_OF.get(name)
    if isinstance(found, Function):
        return origin == found.module.name
    return found is None and origin is None


def _length(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Array() as array]:
            return array.length
        case [View(size=size)] if size is not None:
            return size(machine.path)
    raise Unsupported(f"{site}: `{text}`: len is known of arrays, and of a structure's own view")


def _range(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Int() as stop]:
            return Range(Int(0), stop)
        case [Int() as start, Int() as stop]:
            return Range(start, stop)
    raise Unsupported(f"{site}: `{text}` takes one or two integers")


def _integer(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Int() as value]:
            return value
        case [bool() | Formula() as value]:
            return machine.path.pick(value, Int(1), Int(0))
    raise Unsupported(f"{site}: `{text}`: int() takes an integer here")


def _truth(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [bool() | Formula() as value]:
            return value
    raise Unsupported(f"{site}: `{text}`: bool() takes a truth value here")


def _list(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Range(start, stop)]:
            length = stop.plus(start, -1)
            machine.oblige(f"size not negative: {text}", site, machine.path.less_equal(start, stop))
            name = machine.path.fresh_name("list")
            return Array(name, length, lambda path, at: start.plus(at), UNBOUNDED_ELEMENTS)
    raise Unsupported(f"{site}: `{text}`: a list is of a range here")


def _select(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """Like `one if condition else other`, but both are evaluated before."""
    match arguments:
        case [bool() | Formula() as condition, Int() as one, Int() as other]:
            if machine.pure_depth or machine.path.merges_choices:
                return machine.path.pick(condition, one, other)
            return one if machine.path.branch(condition, site, text) else other
    raise Unsupported(f"{site}: `{text}` takes a condition and two numbers")


def _multiply_fold(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Int() as a, Int() as b]:
            for factor in (a, b):
                machine.check_range(factor, 0, bits.LARGEST, f"factor of 63 bits: {text}", site)
            return machine.path.bits(bits.FOLD, (a, b), (0, bits.LARGEST))
    raise Unsupported(f"{site}: `{text}` takes two factors")


def _prefetch(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """Nothing comes of it, whatever the index is."""
    match arguments:
        case [Array(), Int()]:
            return None
    raise Unsupported(f"{site}: `{text}` takes an array and a number")


def _expected(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """Any number, and perhaps another the next time."""
    machine.may_write()
    return machine.path.fresh("expected", MIN_INT, MAX_INT)


def _keyed_hash(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """Some function of its four words: nothing is proved of which one it is."""
    match arguments:
        case [Int() as a, Int() as b, Int() as c, Int() as d]:
            return machine.path.bits(bits.KEYED_HASH, (a, b, c, d), (0, bits.LARGEST))
    raise Unsupported(f"{site}: `{text}` takes four words")


def _secret_word(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Int() as number]:
            machine.check_range(number, 0, 1, f"number of a secret word: {text}", site)
            return machine.path.bits(bits.SECRET, (number,), (MIN_INT, MAX_INT))
    raise Unsupported(f"{site}: `{text}` takes a number")


def _is_power_of_two(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Int() as number] if isinstance(machine.path, LawfulPath):
            machine.path.state_bits()
            return machine.path.predicate(bits.IS_POWER.name(), number)
    raise Unsupported(f"{site}: `{text}` takes a number, in the proof of a structure")


def _extreme(*, largest: bool) -> Builtin:
    def builtin(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
        match arguments:
            case [Int() as a, Int() as b]:
                a_first = machine.path.less_equal(a, b)
                return machine.path.pick(a_first, b if largest else a, a if largest else b)
        raise Unsupported(f"{site}: `{text}` takes two integers here")

    return builtin


def _load(size: int) -> Builtin:
    def builtin(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
        match arguments:
            case [Array() as array, Int() as at]:
                machine.check_index(array, at, size, text, site)
                total = Int(0)
                for offset in range(size):
                    byte = arrays.read(machine.path, array, at.plus(Int(offset)))
                    total = total.plus(byte, 1 << 8 * (size - 1 - offset))
                return total
        raise Unsupported(f"{site}: `{text}` takes an array and an offset")

    return builtin


def _store(size: int) -> Builtin:
    def builtin(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
        match arguments:
            case [Array() as array, Int() as at, Int() as value]:
                machine.check_index(array, at, size, text, site)
                fits = f"value fits {8 * size} bits: {text}"
                machine.check_range(value, 0, 256**size - 1, fits, site)
                for offset in range(size):
                    byte = low_bits(machine, value, 8 * (size - 1 - offset))
                    arrays.write(machine, array, at.plus(Int(offset)), byte)
                return None
        raise Unsupported(f"{site}: `{text}` takes an array, an offset and a value")

    return builtin


def _snapshot(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    match arguments:
        case [Object(cls=Class(name="Packet")) as packet]:
            return freeze(packet)
    raise Unsupported(f"{site}: `{text}`: a snapshot is of a packet")


def _word_sum(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """The sum over the first content, plus what each write since has changed of it.

    A sum is linear: a byte that becomes another adds the difference, times the weight of its place.
    """
    match arguments:
        case [Array() as array, Int() as start, Int() as stop]:
            pass
        case _:
            raise Unsupported(f"{site}: `{text}` takes an array and two offsets")
    path = machine.path
    machine.oblige(f"index not negative: {text}", site, path.less_equal(Int(0), start))
    machine.oblige(f"index in range: {text}", site, path.less_equal(stop, array.length))

    def first_sum(end: Int) -> Int:
        return path.apply(f"{array.name}.word_sum", (start, end), 0, LARGEST_SUM)

    total = first_sum(stop)
    path.note_word_sum((array.copy(), start, stop, total))
    current = Array(array.name, array.length, array.content, array.limits)
    if machine.hooks.process is None and not machine.quantifier_depth:
        _unfold_sum(machine, current, (start, stop), first_sum)
    for at, value in array.writes:
        weight = 1 if _is_odd(at.plus(start, -1), text, site) else 256
        change = value.plus(arrays.read(machine.path, current, at), -1).times(weight)
        inside: Bool = conjunction([path.less_equal(start, at), path.less(at, stop)])
        total = total.plus(path.pick(inside, change, Int(0)))
        current.writes = (*current.writes, (at, value))
    return total


def _count(machine: Machine, arguments: list[Value], text: str, site: Site) -> Value:
    """How many elements have a value: of the first content, and what each write changed of it."""
    match arguments:
        case [Array() as array, Int() as value]:
            pass
        case _:
            raise Unsupported(f"{site}: `{text}` takes an array and a number")
    path = machine.path
    total = array.counted(path, value)
    current = Array(array.name, array.length, array.content, array.limits)
    for at, stored in array.writes:
        before = arrays.read(machine.path, current, at)
        total = total.plus(path.pick(path.equal(stored, value), Int(1), Int(0)))
        total = total.plus(path.pick(path.equal(before, value), Int(1), Int(0)), -1)
        current.writes = (*current.writes, (at, stored))
    return total


def _unfold_sum(
    machine: Machine, array: Array, ends: tuple[Int, Int], first_sum: Callable[[Int], Int]
) -> None:
    """State how a sum comes from the one without its last word; specs of NFs do not need it."""
    path = machine.path
    start, stop = ends
    last, before = (array.content(path, stop.plus(Int(-back))) for back in (1, 2))
    with_byte = first_sum(stop.plus(Int(-1))).plus(last, 256)
    with_word = first_sum(stop.plus(Int(-2))).plus(before, 256).plus(last)
    size = stop.plus(start, -1)
    parity = path.number(path.term(size) % 2, 0, 1)
    some, odd = path.less(Int(0), size), path.equal(parity, Int(1))
    total = first_sum(stop)
    path.assume(implication([negation(some)], path.equal(total, Int(0))))
    path.assume(implication([some, odd], path.equal(total, with_byte)))
    path.assume(implication([some, negation(odd)], path.equal(total, with_word)))


def _is_odd(distance: Int, text: str, site: Site) -> bool:
    if any(coefficient % 2 for _, coefficient in distance.terms):
        raise Unsupported(f"{site}: `{text}`: whether a write hits an odd offset is not known")
    return distance.constant % 2 == 1


BUILTINS: dict[str, Builtin] = {
    "len": _length,
    "int": _integer,
    "bool": _truth,
    "select": _select,
    "count": _count,
    "list": _list,
    "multiply_fold": _multiply_fold,
    "expected": _expected,
    "prefetch": _prefetch,
    "keyed_hash": _keyed_hash,
    "secret_word": _secret_word,
    "is_power_of_two": _is_power_of_two,
    "range": _range,
    "min": _extreme(largest=False),
    "max": _extreme(largest=True),
    "snapshot": _snapshot,
    "word_sum": _word_sum,
    **{name: _load(size) for name, size in LOADS.items()},
    **{name: _store(size) for name, size in STORES.items()},
}
