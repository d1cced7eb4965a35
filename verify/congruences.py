"""Which facts a congruence follows from: sums that are equal up to multiples of a modulus.

Checksums are sums modulo 2^16 - 1, and what changes them is known by congruences, too. A solver
that is given all that is known of a packet searches long for what is plain elimination. So the
facts that matter are found here, and it is for the solver to say that they are enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import gcd

from verify.formulas import Formula, Kind
from verify.integers import Atom, Int

Row = dict[int, int]  # coefficients by the number of the atom; that of 1 is under CONSTANT
CONSTANT = -1


@dataclass(frozen=True)
class Relation:
    """What a fact says modulo the modulus: this sum is 0; and which facts that rests on."""

    row: Row
    facts: frozenset[Formula]


def enough(goal: Formula, facts: Iterable[Formula]) -> list[Formula] | None:
    """Facts from which the goal follows; None if it is no congruence, or none are found.

    What is found is no proof: elimination passes over what has no inverse under the modulus.
    """
    if goal.form is None or goal.kind is not Kind.EQUAL:
        return None
    moduli = {atom.divisor for atom, _ in goal.form.terms if atom.dividend is not None}
    if len(moduli) != 1:
        return None
    (modulus,) = moduli
    wanted = row_of(goal.form, modulus)
    used: frozenset[Formula] = frozenset()
    for pivot, relation in eliminated(said_by(facts, modulus), modulus):
        if pivot in wanted:
            wanted = without(wanted, pivot, relation.row, modulus)
            used |= relation.facts
    return None if wanted else list(used)


def said_by(facts: Iterable[Formula], modulus: int) -> Iterator[Relation]:
    """The equations among the facts."""
    given = list(facts)
    known = set(given)
    for fact in given:
        equation, reasons = only_possibility(fact, known)
        if equation.kind is Kind.EQUAL and equation.form is not None:
            yield Relation(row_of(equation.form, modulus), frozenset({fact, *reasons}))


def only_possibility(fact: Formula, known: set[Formula]) -> tuple[Formula, list[Formula]]:
    """What is left of a disjunction, or the fact; and the facts that make all else in it false."""
    if fact.kind is Kind.NOT and fact.parts[0].kind is Kind.AND:
        denied = fact.parts[0].parts
        left = [part for part in denied if part not in known]
        if len(left) == 1 and left[0].kind is Kind.NOT:
            return left[0].parts[0], [part for part in denied if part in known]
    return fact, []


def row_of(form: Int, modulus: int) -> Row:
    """The form modulo the modulus; remainders by it count as what they are remainders of."""
    row: Row = {CONSTANT: form.constant}
    pending: list[tuple[Atom, int]] = list(form.terms)
    while pending:
        atom, coefficient = pending.pop()
        if atom.dividend is not None and atom.divisor == modulus:
            row[CONSTANT] += coefficient * atom.dividend.constant
            pending += [(inner, coefficient * c) for inner, c in atom.dividend.terms]
        else:
            row[atom.number] = row.get(atom.number, 0) + coefficient
    return {at: c % modulus for at, c in row.items() if c % modulus}


def eliminated(relations: Iterable[Relation], modulus: int) -> list[tuple[int, Relation]]:
    """The same relations, each with an atom of its own that no later one has."""
    solved: list[tuple[int, Relation]] = []
    for relation in relations:
        row, facts = relation.row, relation.facts
        for pivot, earlier in solved:
            if pivot in row:
                row = without(row, pivot, earlier.row, modulus)
                facts |= earlier.facts
        pivots = [at for at, c in row.items() if at != CONSTANT and gcd(c, modulus) == 1]
        if pivots:
            solved.append((pivots[-1], Relation(row, facts)))
    return solved


def without(row: Row, pivot: int, other: Row, modulus: int) -> Row:
    """The row minus as much of the other one as takes the pivot away."""
    factor = row[pivot] * pow(other[pivot], -1, modulus)
    result = dict(row)
    for at, c in other.items():
        result[at] = (result.get(at, 0) - factor * c) % modulus
    return {at: c for at, c in result.items() if c}
