"""The properties of a network function, proved one at a time, by a process of its own.

Whoever asks imports no solver, and each network function meets the solver as fresh as
`pyvigor verify` meets it. The process executes `process` and the constructor once, when it is
asked for the first time, and proves a function of libvig only if nobody has told it of that.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, NamedTuple, cast

from verify.parallel import Lost, in_parallel

if TYPE_CHECKING:
    from verify.result import Result

LIBRARY = "libvig."


class Part(NamedTuple):
    """One thing to prove: `process`, the constructor, or a spec."""

    kind: str
    name: str


PROCESS, CONSTRUCTOR, SPEC = "process", "constructor", "spec"


class Answer(NamedTuple):
    """A result, and what was found of libvig on the way."""

    result: Result
    library: list[Result]


class OneByOne:
    """Proves parts of a network function, given by its target and its specs' file."""

    def __init__(
        self, target: str, spec_file: str, library: Mapping[str, Result], jobs: int
    ) -> None:
        context = multiprocessing.get_context("spawn")  # to fork is not safe beside threads
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, target, spec_file, list(library.values()), jobs)
        )
        self._process.start()
        theirs.close()

    def prove(self, part: Part) -> Answer:
        """The result of a part; raises what the prover raises, such as a UsageError."""
        try:
            self._connection.send(part)
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            self.close()
            status = self._process.exitcode
            raise Lost(f"the prover ended by itself, with status {status}") from None
        if isinstance(answer, Exception):
            raise answer
        return cast(Answer, answer)

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.terminate()
        self._process.join()


def _serve(
    connection: Connection, target: str, spec_file: str, library: list[Result], jobs: int
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is for the parent to tell of
    prover: _Prover | None = None
    while True:
        try:
            part = connection.recv()
        except EOFError:
            return
        try:
            prover = prover or _Prover(target, spec_file, library, jobs)
            connection.send(prover.prove(part))
        except Exception as error:
            connection.send(error)


class _Prover:
    def __init__(self, target: str, spec_file: str, library: list[Result], jobs: int) -> None:
        import z3

        from verify.prepare import prepare

        z3.z3.Z3_DEBUG = False  # the bindings' own type checks take a third of the time
        self.prover = prepare(target, spec_file=spec_file)
        self.prover.jobs = jobs
        self.prover.know(library)
        self.told = set(self.prover.relied)
        self.process, self.constructor = self.prover.process(), self.prover.constructor()
        self.prover.take(self.process)
        self.prover.take(self.constructor)
        self.prover.replay.load()

    def prove(self, part: Part) -> Answer:
        result = self._result(part)
        relied = self.prover.relied
        new = [name for name in relied if name.startswith(LIBRARY) and name not in self.told]
        self.told.update(new)
        return Answer(result, [relied[name] for name in new])

    def _result(self, part: Part) -> Result:
        if part.kind == PROCESS:
            return self.process
        if part.kind == CONSTRUCTOR:
            return self.constructor
        (spec,) = (spec for spec in self.prover.specs if spec.name == part.name)
        (result,) = in_parallel([partial(self.prover.spec, spec)], 1)
        self.prover.take(result, self.process, self.constructor)
        return result
