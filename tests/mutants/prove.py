"""Whether the prover still proves all that a change could make wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import z3

from tests.edits import path_of
from tests.mutants.depends import Dependencies, Place
from tests.mutants.limits import prover_limits, time_limit
from tests.mutants.mutant import Mutant
from tests.mutants.subjects import READERS, STRUCTURES, proof_of
from verify.errors import UsageError
from verify.prepare import library_prover
from verify.program import HOME, Program
from verify.prover import FunctionProver
from verify.source import Class
from verify.structure_verification import StructureVerification
from verify.subset import check_library, check_proof
from verify.symbolic import is_structure_function
from verify.values import NeedsFork, Unsupported
from verify.verification import FunctionVerification

UNITS = 4_000_000
"""Z3's for an obligation: two fifths of what `pyvigor verify` gives. What cannot be proved is found
out sooner; all that can be must be so with these, or else no mutant is judged."""
RIGHT_ANSWERS = (
    "joins bits that may overlap",
    "without `@ensure`",
    "has no value that can be followed here",
    "may have no value here",
    "must be of type",
    "` is to be ",
)
"""Refusals that are what should be said of a wrong program: bits are joined with `|` where the
contracts do not keep them apart, every public method says what it does, nothing has given a value
to a variable of what was understood before, and arguments are of the kinds and types that are
declared."""
SECONDS = 300  # for all proofs that a mutant may concern

z3.z3.Z3_DEBUG = False  # as `pyvigor verify` has it: the bindings' own type checks take time

CLIENTS = {
    f"libvig.proof.clients.{path.stem}": path
    for path in sorted(Path(__file__).with_name("clients").glob("[!_]*.py"))
}

READ = (
    "libvig.packet.ethernet",
    "libvig.packet.icmp",
    "libvig.packet.ipv4",
    "libvig.packet.packet",
    "libvig.packet.tcp",
    "libvig.packet.transport",
    "libvig.packet.udp",
    "libvig.packet.word_sum",
    "libvig.primitives",
    "libvig.hash_key",
    "libvig.types",
)
"""Modules whose functions the proofs read, and of which there are no mutants."""


class Attempt(NamedTuple):
    """What became of the proof of one function or class."""

    proved: bool
    refused: bool = False  # the verifier does not understand what it says
    reason: str = ""
    seconds: float = 0.0


def attempt(name: str, prover: FunctionProver) -> Attempt:
    """Prove a function or class, up to the first obligation that cannot be proved."""
    began = time.process_time()
    with prover_limits(UNITS):
        try:
            return _proved(name, prover)._replace(seconds=time.process_time() - began)
        except (UsageError, Unsupported, NeedsFork) as error:
            return refusal(error)


def refusal(error: Exception) -> Attempt:
    """Return what it means that the verifier does not take a program."""
    reason = str(error) or type(error).__name__
    is_right = any(answer in reason for answer in RIGHT_ANSWERS)
    return Attempt(False, refused=not is_right, reason=reason)


def check(mutant: Mutant, file: Path) -> Attempt:
    """Tell whether a mutant is in the verified subset; what is not may be wrong all the same."""
    module = Program([HOME], {mutant.module: file}).load(mutant.module)
    try:
        (check_proof if module.is_proof else check_library)(module)
    except UsageError as error:
        return refusal(error)
    return Attempt(True)


def _proved(name: str, prover: FunctionProver) -> Attempt:
    subject = prover.program.locate(name)
    proofs = prover.verification.proofs
    if isinstance(subject, Class):
        exploration = StructureVerification(proofs).definitions(subject)
    elif is_structure_function(subject):
        exploration = StructureVerification(proofs).run(subject)
    else:
        exploration = FunctionVerification(proofs).function(subject)
    if exploration.failures:
        return Attempt(False, reason=f"{name}: {exploration.failures[0].label}")
    if not exploration.came_to_end:
        return Attempt(False, reason=f"{name}: nothing gets to its end")
    return Attempt(True)


@cache
def unchanged(name: str) -> Attempt:
    """Prove what nobody has changed: else it means nothing that a mutant is not proved."""
    return attempt(name, _prover_of_unchanged())


@cache
def _prover_of_unchanged() -> FunctionProver:
    return library_prover(CLIENTS)


@cache
def dependencies() -> Dependencies:
    """Return what the proofs of the library read."""
    proofs = [name for name in map(proof_of, (*STRUCTURES, *READERS)) if path_of(name).exists()]
    modules = [*READ, *STRUCTURES, *READERS, *proofs, *CLIENTS]
    return Dependencies(Program([HOME], CLIENTS), modules)


def concerned(mutant: Mutant) -> list[str]:
    """Return what a mutant could make wrong."""
    return dependencies().provers_of(Place(f"{mutant.module}.{mutant.function}", mutant.part))


def attempts(mutant: Mutant, file: Path) -> Iterator[Attempt]:
    """Yield what becomes of each proof that a mutant concerns, the quickest first."""
    names = concerned(mutant)
    if unproved := [name for name in names if not unchanged(name).proved]:
        raise ValueError(f"not proved even unchanged: {', '.join(unproved)}")
    with time_limit(SECONDS, "the proof of what it concerns"):
        try:
            prover = library_prover({**CLIENTS, mutant.module: file})
        except UsageError as error:
            yield refusal(error)
            return
        for name in sorted(names, key=lambda name: unchanged(name).seconds):
            yield attempt(name, prover)
        yield check(mutant, file)
