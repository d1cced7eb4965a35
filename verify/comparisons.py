"""What comparisons mean, and which of them are slow to solve: kept beside the solver's formulas."""

from __future__ import annotations

import z3

from verify.integers import Int

# Facts are kept with their ids, so that these stay theirs.
_heavy: dict[int, z3.BoolRef] = {}  # slow to solve with
_light: dict[int, z3.BoolRef] = {}
_meanings: dict[int, tuple[z3.BoolRef, Int, bool]] = {}  # of comparisons: form <= 0, or form == 0


def remember(condition: z3.BoolRef, form: Int, *, is_equation: bool) -> None:
    """Note that a condition says form == 0, or form <= 0."""
    _meanings[condition.get_id()] = (condition, form, is_equation)
    if any(atom.is_heavy for atom, _ in form.terms):
        note_heavy(condition)


def meaning(fact: z3.BoolRef) -> tuple[Int, bool] | None:
    """The form of a comparison, and whether it says == 0; None of another fact."""
    known = _meanings.get(fact.get_id())
    return None if known is None else known[1:]


def note_heavy(fact: z3.BoolRef) -> None:
    """Note that a fact is slow to solve with."""
    _heavy[fact.get_id()] = fact


def is_heavy(fact: z3.BoolRef) -> bool:
    """Whether a comparison in it is slow to solve."""
    number = fact.get_id()
    if number in _heavy:
        return True
    if number in _light or number in _meanings:
        return False
    found = any(is_heavy(part) for part in fact.children() if isinstance(part, z3.BoolRef))
    (_heavy if found else _light)[number] = fact
    return found
