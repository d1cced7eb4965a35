"""Division by what is no constant: two functions of the solver, and what they mean."""

from __future__ import annotations

import z3

_INT = z3.IntSort()
QUOTIENT = z3.Function("quotient", _INT, _INT, _INT)
REMAINDER = z3.Function("remainder", _INT, _INT, _INT)


def division_law(a: z3.ArithRef, b: z3.ArithRef) -> z3.BoolRef:
    """What division means, where the divisor is positive."""
    quotient, remainder = QUOTIENT(a, b), REMAINDER(a, b)
    whole = z3.And(a == quotient * b + remainder, remainder >= 0, remainder < b)
    return z3.Implies(b > 0, whole)
