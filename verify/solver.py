"""Z3 on one path. It is told of facts late: of many scopes it is never asked anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import z3

from verify import congruences
from verify.formulas import Formula, Kind
from verify.solver_options import SolverOptions

RESOURCE_LIMIT = SolverOptions().budget

OPTIONS: Mapping[str, bool] = {"arith.enable_hnf": False}
"""Cuts by Hermite normal forms are left out: they took a tenth of the time, and decided nothing."""


class Solver:
    """Facts in scopes, and what Z3 says of them."""

    def __init__(self) -> None:
        self.facts: list[Formula] = []
        self.calls = 0
        self._heavy: list[Formula] = []  # of the facts, those that Z3 sees only in need
        self._scopes: list[int] = []  # how many facts there were where each begins
        self._z3 = limited(RESOURCE_LIMIT)
        self._told = 0  # of the facts, how many Z3 knows
        self._pushed = 0  # of the scopes, how many Z3 knows

    @property
    def depth(self) -> int:
        """In how many scopes it is."""
        return len(self._scopes)

    def add(self, fact: Formula) -> None:
        """Take in what is true until the scope ends."""
        self.facts.append(fact)
        if fact.is_heavy:
            self._heavy.append(fact)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Facts that are added inside are forgotten at the end."""
        heavy = len(self._heavy)
        self._scopes.append(len(self.facts))
        try:
            yield
        finally:
            begin = self._scopes.pop()
            if self._pushed > len(self._scopes):
                self._z3.pop()
                self._pushed -= 1
                self._told = begin
            del self.facts[begin:]
            del self._heavy[heavy:]

    # ------------------------------------------------------------ questions

    def check(self, *assumptions: z3.BoolRef) -> z3.CheckSatResult:
        """Whether these can be true with all facts."""
        answer = self.check_light(*assumptions)
        if answer == z3.unsat or not self._heavy:
            return answer
        if self._is_congruence_settled():
            return z3.unsat
        return self.check_light(*assumptions, *(fact.term() for fact in self._heavy))

    def check_light(self, *assumptions: z3.BoolRef) -> z3.CheckSatResult:
        """Whether these can be true with the facts that are not heavy."""
        self._catch_up()
        self.calls += 1
        return self._z3.check(*assumptions)

    def check_apart(
        self,
        formulas: Iterable[z3.BoolRef],
        limit: int,
        options: Mapping[str, bool | float] | None = None,
    ) -> z3.CheckSatResult:
        """Whether these can be true, by a solver that is told of nothing else."""
        solver = limited(limit, options)
        for formula in formulas:
            tell(solver, formula)
        self.calls += 1
        return solver.check()

    def _catch_up(self) -> None:
        for begin in self._scopes[self._pushed :]:
            self._tell_until(begin)
            self._z3.push()
        self._pushed = len(self._scopes)
        self._tell_until(len(self.facts))

    def _tell_until(self, end: int) -> None:
        for fact in self.facts[self._told : end]:
            if not fact.is_heavy:
                tell(self._z3, fact.term())
        self._told = max(self._told, end)

    def _is_congruence_settled(self) -> bool:
        """Whether the last thing assumed denies a congruence that follows from a few facts."""
        denied = self._heavy[-1]
        if denied.kind is not Kind.NOT:
            return False
        facts = congruences.enough(denied.parts[0], self.facts)
        if facts is None:
            return False
        terms = (fact.term() for fact in (*facts, denied))
        return bool(self.check_apart(terms, RESOURCE_LIMIT // 30) == z3.unsat)

    # ------------------------------------------------------------ what the last answer rests on

    def model(self) -> z3.ModelRef:
        """Values with which what was asked is true."""
        return self._z3.model()

    def unsat_core(self) -> list[z3.BoolRef]:
        """Assumptions that cannot all be true."""
        return list(self._z3.unsat_core())

    def assertions(self) -> list[z3.BoolRef]:
        """What Z3 was told, the assumptions apart."""
        return list(self._z3.assertions())


def limited(limit: int, options: Mapping[str, bool | float] | None = None) -> z3.Solver:
    """A solver that gives up, and that an interrupt ends with the program."""
    solver = z3.Solver()
    for name, value in {**OPTIONS, **(options or {}), "rlimit": limit, "ctrl_c": False}.items():
        solver.set(name, value)
    return solver


def tell(solver: z3.Solver, fact: z3.BoolRef) -> None:
    """What `solver.add` does, without its conversions: these take longer than all the rest."""
    z3.Z3_solver_assert(solver.ctx.ref(), solver.solver, fact.as_ast())
