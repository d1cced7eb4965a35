"""Integer arithmetic as CPython and compiled code agree on it: every value must fit 64 bits."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from verify import bits, maps
from verify.frame import Frame
from verify.integers import Int, bits_of, masked, pieces_of
from verify.laws import LawfulPath
from verify.path import PathEnds
from verify.source import Site, text_of
from verify.subset_words import MAX_INT, MIN_INT
from verify.values import Single, Unsupported, Value, View

if TYPE_CHECKING:
    from verify.machine import Machine


NEVER = Int(0)  # the value of what is never evaluated


class Words(NamedTuple):
    """An operation as it is written, and where."""

    site: Site
    text: str


def operation(machine: Machine, node: ast.BinOp | ast.UnaryOp, frame: Frame) -> Value:
    """A binary or unary operator."""
    if isinstance(node, ast.UnaryOp):
        value = machine.number(node.operand, frame)
        match node.op:
            case ast.USub():
                return checked(machine, value.times(-1), node, frame)
            case ast.Invert():
                return value.times(-1).plus(Int(-1))
        raise Unsupported(f"{frame.site(node)}: this operator is outside the subset")
    left = machine.expression(node.left, frame)
    right = machine.expression(node.right, frame)
    return binary(machine, node, left, right, frame)


def binary(
    machine: Machine, node: ast.BinOp | ast.AugAssign, left: Value, right: Value, frame: Frame
) -> Value:
    """The value of `left operator right`, or the union of two views."""
    if isinstance(left, View) and isinstance(right, Single | View):
        return maps.union(machine, left, right, frame.site(node))
    if not isinstance(left, Int) or not isinstance(right, Int):
        raise Unsupported(f"{frame.site(node)}: `{text_of(node)}` needs integers")
    result = _apply(machine, node.op, left, right, Words(frame.site(node), text_of(node)))
    return checked(machine, result, node, frame)


def checked(machine: Machine, value: Int, node: ast.AST, frame: Frame) -> Int:
    """The value, proved to fit 64 bits wherever it could be compiled."""
    if not frame.is_spec:
        label = f"fits 64 bits: {text_of(node)}"
        machine.check_range(value, MIN_INT, MAX_INT, label, frame.site(node))
    return value


def _apply(machine: Machine, operator: ast.operator, a: Int, b: Int, words: Words) -> Int:
    match operator:
        case ast.Add():
            return a.plus(b)
        case ast.Sub():
            return a.plus(b, -1)
        case ast.Mult():
            return _product(machine, a, b)
        case ast.LShift():
            if not _shift_in_range(machine, b, words):
                return NEVER
            return a.times(1 << b.constant)
        case ast.RShift():
            if not _shift_in_range(machine, b, words):
                return NEVER
            return _shifted_right(machine, a, b.constant)
        case ast.BitAnd():
            if a.is_constant:
                a, b = b, a
            return _masked(machine, a, b, words)
        case ast.BitOr():
            return _joined(a, b, words)
        case ast.BitXor():
            return _exclusive(machine, a, b, words)
        case ast.FloorDiv() | ast.Mod():
            return _divided(machine, operator, a, b, words)
        case ast.Pow() if a.is_constant and b.is_constant and 0 <= b.constant < 64:
            return Int(a.constant**b.constant)
    raise Unsupported(f"{words.site}: `{words.text}` uses an operator outside the subset")


def _product(machine: Machine, a: Int, b: Int) -> Int:
    if b.is_constant:
        return a.times(b.constant)
    if a.is_constant:
        return b.times(a.constant)
    (al, ah), (bl, bh) = a.range(), b.range()
    ends = [al * bl, al * bh, ah * bl, ah * bh]
    term = machine.path.term(a) * machine.path.term(b)
    return machine.path.number(term, min(ends), max(ends))


def _shift_in_range(machine: Machine, amount: Int, words: Words) -> bool:
    if not amount.is_constant:
        raise Unsupported(f"{words.site}: `{words.text}` shifts by an amount that is no constant")
    machine.oblige(f"shift by 0 to 63: {words.text}", words.site, 0 <= amount.constant <= 63)
    return 0 <= amount.constant <= 63 or _nothing_gets_here(machine)


def _nothing_gets_here(machine: Machine) -> bool:
    """That is proved, here or apart: the path ends, or of what is merged this is not chosen."""
    if not machine.pure_depth:
        raise PathEnds
    return False


def _shifted_right(machine: Machine, value: Int, amount: int) -> Int:
    sliced = bits_of(value, amount, 4096)
    if sliced is not None:
        return sliced
    return _quotient(machine, value, 1 << amount)


def low_bits(machine: Machine, value: Int, shift: int) -> Int:
    """(value >> shift) & 0xFF, for a value that fits."""
    sliced = bits_of(value, shift, 8)
    if sliced is not None:
        return sliced
    return _remainder(machine, _quotient(machine, value, 1 << shift) if shift else value, 256)


def _quotient(machine: Machine, value: Int, divisor: int) -> Int:
    low, high = value.range()
    term = machine.path.term(value) / divisor  # Z3's division rounds down for positive divisors
    return machine.path.number(term, low // divisor, high // divisor, is_heavy=_is_heavy(divisor))


def _is_heavy(divisor: int) -> bool:
    """Whether dividing by it is slow to solve: it is no power of two."""
    return divisor & (divisor - 1) != 0


def _remainder(machine: Machine, value: Int, divisor: int) -> Int:
    low, high = value.range()
    if low >= 0 and high < divisor:
        return value
    return machine.path.remainder(value, divisor, is_heavy=_is_heavy(divisor))


def _masked(machine: Machine, value: Int, mask: Int, words: Words) -> Int:
    is_known = mask.is_constant and mask.constant >= 0
    if not is_known and isinstance(machine.path, LawfulPath):
        _are_words(machine, value, mask, words)
        return machine.path.bits(bits.AND, (value, mask), (MIN_INT, MAX_INT))
    if not mask.is_constant or mask.constant < 0:
        raise Unsupported(
            f"{words.site}: `{words.text}` masks with what is no constant of 0 or more"
        )
    sliced = masked(value, mask.constant)
    if sliced is not None:
        return sliced
    if mask.constant & (mask.constant + 1) == 0:
        return _remainder(machine, value, mask.constant + 1)
    raise Unsupported(
        f"{words.site}: `{words.text}` masks a sum; mask its parts, or use a mask like 0xFF"
    )


def _exclusive(machine: Machine, a: Int, b: Int, words: Words) -> Int:
    if a.is_constant and b.is_constant:
        return Int(a.constant ^ b.constant)
    _are_words(machine, a, b, words)
    return machine.path.bits(bits.XOR, (a, b), (MIN_INT, MAX_INT))


def _are_words(machine: Machine, a: Int, b: Int, words: Words) -> None:
    for number in (a, b):
        machine.check_word(number, words.text, words.site)


def _joined(a: Int, b: Int, words: Words) -> Int:
    x, y = pieces_of(a), pieces_of(b)
    if x is not None and y is not None:
        apart = all(
            p.position + p.width <= q.position or q.position + q.width <= p.position
            for p in x
            for q in y
        )
        if apart:
            return a.plus(b)
    raise Unsupported(
        f"{words.site}: `{words.text}` joins bits that may overlap; use + or shift one side"
    )


def _divided(machine: Machine, operator: ast.operator, a: Int, b: Int, words: Words) -> Int:
    if not b.is_constant:
        machine.oblige(f"divisor positive: {words.text}", words.site, machine.path.less(Int(0), b))
        quotient, remainder = machine.path.division(a, b)
        return quotient if isinstance(operator, ast.FloorDiv) else remainder
    machine.oblige(f"divisor not zero: {words.text}", words.site, b.constant != 0)
    if b.constant == 0 and not _nothing_gets_here(machine):
        return NEVER
    if b.constant < 0:
        raise Unsupported(f"{words.site}: `{words.text}` divides by a negative number")
    power = b.constant & (b.constant - 1) == 0
    shift = b.constant.bit_length() - 1
    if isinstance(operator, ast.FloorDiv):
        return _shifted_right(machine, a, shift) if power else _quotient(machine, a, b.constant)
    sliced = bits_of(a, 0, shift) if power else None
    return sliced if sliced is not None else _remainder(machine, a, b.constant)
