"""A second opinion: of what Z3 says that it cannot be, cvc5 is asked too.

The two have no code in common, so an answer on which they agree rests on neither alone. What goes
from one to the other is SMT-LIB text: this checks Z3's answers, not the formulas that the verifier
makes, nor what it settles by ranges of numbers without any solver; that is counted apart. A
question is bounded by cvc5's own units of work, so that it is answered alike on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import z3

from verify.result import Result, SecondOpinion, Tally, Verdict
from verify.second_opinions import cvc5, version

if TYPE_CHECKING:
    from verify.path import Path
    from verify.source import Site

RESOURCES = 60_000  # cvc5's units an attempt: a second or two, where it comes to that

# Laws are applied where their patterns match, as Z3 applies them, and in no other way.
_PATTERNS_ONLY = {"cegqi": "false"}

ATTEMPTS: tuple[Mapping[str, str], ...] = (
    _PATTERNS_ONLY,
    {**_PATTERNS_ONLY, "use-soi": "true", "user-pat": "strict"},
    {**_PATTERNS_ONLY, "use-soi": "true"},  # another simplex, for slices of words
)
"""Options of cvc5, tried in turn until it gives an answer."""


class Answer(Enum):
    """What cvc5 says of what Z3 says cannot be; the gravest first."""

    DISAGREES = "sat"
    UNDECIDED = "unknown"
    AGREES = "unsat"


@dataclass
class Listener:
    """Asks cvc5 whatever Z3 refuted, until a property is done."""

    opinion: SecondOpinion = field(default_factory=SecondOpinion)
    parts: list[Answer] = field(default_factory=list)  # of the obligation at hand
    failed: int = 0  # obligations that Z3 did not prove

    def conclude(self, name: str) -> None:
        """The obligation is proved: note what cvc5 says of its parts."""
        if self.parts:
            note(self.opinion.obligations, name, min(self.parts, key=list(Answer).index))
        self.parts = []


_listener: Listener | None = None


def turn(*, on: bool) -> None:
    """Ask cvc5 from now on, or do not; UsageError where there is no cvc5."""
    global _listener  # noqa: PLW0603 (one proof at a time in a process)
    if on:
        version()
    _listener = Listener() if on else None


# ---------------------------------------------------------------- while properties are proved


def heard(run: Callable[[], Result]) -> Result:
    """What comes of a property, and the second opinion on it where that is asked for."""
    global _listener  # noqa: PLW0603 (one proof at a time in a process)
    if _listener is None:
        return run()
    _listener = listener = Listener()
    result = run()
    opinion = result.second_opinion = listener.opinion
    settled = result.obligations - opinion.obligations.asked - listener.failed
    opinion.unasked = max(settled, 0)  # nothing was counted of what is outside of the subset
    contested = [*opinion.obligations.disagree, *opinion.dead_ends.disagree]
    if contested and result.verdict is not Verdict.REFUTED:
        result.verdict = Verdict.UNKNOWN
        result.reason = "the solvers disagree"
        result.details = [
            f"THE SOLVERS DISAGREE: Z3 says that it cannot be otherwise, cvc5 says it can: {name}"
            for name in contested
        ]
    return result


def ask_part(path: Path) -> None:
    """Z3 says that what is known on the path cannot be: part of an obligation is proved."""
    if _listener is not None:
        _listener.parts.append(ask(path.everything()))


def conclude(label: str, site: Site) -> None:
    """All parts of the obligation are proved."""
    if _listener is not None:
        _listener.conclude(named(label, site))


def drop() -> None:
    """The obligation is not proved."""
    if _listener is not None:
        _listener.parts = []
        _listener.failed += 1


def ask_dead_end(path: Path, assumptions: Sequence[z3.BoolRef]) -> None:
    """Z3 says that nothing takes this branch of the path: nothing is proved beyond."""
    if _listener is not None:
        answer = ask([*path.solver.assertions(), *assumptions])
        step = path.steps[-1] if path.steps else None
        name = named(f"dead end behind `{step.text}`", step.site) if step else "dead end"
        note(_listener.opinion.dead_ends, name, answer)


def note(tally: Tally, name: str, answer: Answer) -> None:
    tally.asked += 1
    if answer is Answer.DISAGREES:
        tally.disagree.append(name)
    elif answer is Answer.UNDECIDED:
        tally.undecided.append(name)


def named(label: str, site: Site) -> str:
    return f"{label} ({site.place})"


# ---------------------------------------------------------------- cvc5


def ask(formulas: Iterable[z3.BoolRef]) -> Answer:
    """What cvc5 says of all these formulas together."""
    solver = z3.Solver()
    solver.add(*formulas)
    text = f"(set-logic ALL)\n{solver.to_smt2()}"
    for options in ATTEMPTS:
        answer = attempt(text, options)
        if answer is not Answer.UNDECIDED:
            return answer
    return Answer.UNDECIDED


def attempt(text: str, options: Mapping[str, str]) -> Answer:
    """What cvc5 says of an SMT-LIB text; what it cannot read is undecided."""
    module = cvc5()
    solver = module.Solver(module.TermManager())
    for name, value in {"verbosity": "-1", "rlimit": str(RESOURCES), **options}.items():
        solver.setOption(name, value)
    parser = module.InputParser(solver)
    parser.setStringInput(module.InputLanguage.SMT_LIB_2_6, text, "obligation")
    symbols, said = parser.getSymbolManager(), ""
    try:
        while not (command := parser.nextCommand()).isNull():
            said = command.invoke(solver, symbols).strip() or said
    except RuntimeError:  # what the parser raises
        return Answer.UNDECIDED
    return Answer(said) if said in {"sat", "unsat"} else Answer.UNDECIDED
