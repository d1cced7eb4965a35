"""What `pyvigor verify` prints."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from verify import explain, second_opinions
from verify.formats.document import Problem, Target, summary_of
from verify.path_tree import tree_of
from verify.result import Result, Verdict

TRUSTED = (
    "Z3, CPython and its parser, NumPy, Numba and LLVM, libvig/compile.py with "
    "libvig/numba_glue.py, libvig/numba_column.py and libvig/native_call.py, libvig/rows.py, the "
    "loads, stores, windows, selections, hashes, prefetches and guesses of "
    "libvig/native_primitives.py and libvig/native_hashes.py with libvig/native_operation.py, "
    "this verifier, the operating system and the hardware"
)

SLOWEST = 5


class Report:
    """One line a property as it is decided; counterexamples and counts at the end.

    `form` is that of the text; None where a document takes its place.
    """

    def __init__(self, form: str | None, *, is_library: bool = False) -> None:
        self.form = form
        self.is_library = is_library
        self.lists_functions = is_library or form == "full"
        self.functions: list[Result] = []

    def begin(self, title: str) -> None:
        if self.form is not None:
            print(title, flush=True)

    def add(self, result: Result) -> None:
        if self.form is None:
            return
        if result.name.startswith("libvig.") and result.verdict is Verdict.PROVED:
            self.functions.append(result)
            if not self.lists_functions:
                return
        print(line(result, counts_solver_calls=self.form == "full"), flush=True)
        if result.dismissed:
            found = counted(result.dismissed, "finding")
            print(f"         {found} dismissed: not seen to go wrong on the real code")
        if result.verdict in (Verdict.REFUTED, Verdict.UNKNOWN):
            print(f"         at {result.place}: {result.reason}")
            for text in "\n".join(result.details).splitlines():
                print(f"         {text}")
        for text in explain.lines(tree_of(result.ends)):
            print(f"         {text}")
        if explain.is_partial(result):
            print(f"         {explain.PARTIAL}")

    def add_all(self, results: Iterable[Result]) -> list[Result]:
        """Add results as they come."""
        found = []
        for result in results:
            self.add(result)
            found.append(result)
        return found

    def target(self, target: Target) -> None:
        """All that was found of one target: in one line, as far as it is proved."""
        if self.form == "full":
            print(target.name)
            for result in target.results:
                self.add(result)
        elif self.form is not None:
            proved = [result for result in target.results if result.verdict is Verdict.PROVED]
            things = counted(len(proved), "property" if target.name != "libvig" else "function")
            paths = counted(sum(result.paths for result in proved), "path")
            obligations = counted(sum(result.obligations for result in proved), "obligation")
            seconds = sum(result.seconds for result in proved)
            print(f"proved   {target.name}  {things}  {paths}  {obligations}  {seconds:.1f} s")
            for result in target.results:
                if result.verdict is not Verdict.PROVED:
                    self.add(result)

    def targets(self, targets: Iterable[Target]) -> list[Target]:
        """Tell of targets as they come."""
        found = []
        for target in targets:
            self.target(target)
            found.append(target)
        return found

    def problems(self, problems: Sequence[Problem]) -> None:
        """What a gate does not let pass apart from verdicts."""
        for problem in problems if self.form is not None else ():
            print(f"refused  {problem.reason}")
            print(f"         at {problem.place}")

    def end(self, results: list[Result], seconds: float, given: Sequence[str] = ()) -> None:
        """`given` is what the caller of the NF guarantees."""
        if self.form is None:
            return
        if self.functions and not self.lists_functions:
            total = sum(result.seconds for result in self.functions)
            obligations = sum(result.obligations for result in self.functions)
            functions = counted(len(self.functions), "function")
            print(
                f"proved   {functions} of libvig that these rely on: in bounds and as their "
                f"contracts say  {counted(obligations, 'obligation')}  {total:.1f} s"
            )
        if self.is_library and len(results) > SLOWEST:
            slowest = sorted(results, key=lambda result: -result.seconds)[:SLOWEST]
            names = ", ".join(f"{result.name} {result.seconds:.1f} s" for result in slowest)
            obligations = sum(result.obligations for result in results)
            print(f"{obligations} obligations; the slowest five: {names}")
        if any(result.engine for result in results):
            print("bounded  nothing was found on so many paths of a small NF; this proves nothing")
        elif self.form == "full":
            for condition in given:
                print(f"given    process is called with {condition}")
            print(f"trusted  {TRUSTED}")
        for text in second_opinions.lines(results):
            print(text)
        summary = summary_of(results)
        text = ", ".join(f"{number} {verdict}" for verdict, number in summary.items())
        print(f"{text} in {seconds:.1f} s")
        sys.stdout.flush()


def line(result: Result, *, counts_solver_calls: bool = False) -> str:
    parts = [
        f"{result.verdict.value:<8} {result.name}",
        counted(result.paths, "path"),
        *([counted(result.obligations, "obligation")] if not result.engine else []),
        *(
            [counted(result.solver_calls, "solver call")]
            if counts_solver_calls and not result.engine
            else []
        ),
        f"{result.seconds:.1f} s",
    ]
    return "  ".join(parts)


def counted(number: int, thing: str) -> str:
    if number != 1:
        thing = f"{thing.removesuffix('y')}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number} {thing}"
