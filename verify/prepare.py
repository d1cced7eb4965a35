"""From what the command line names to a prover of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from verify.errors import UsageError
from verify.library import FOLDER
from verify.network_function import spec_roles
from verify.program import HOME, Program
from verify.proofs import Proofs
from verify.prover import FunctionProver, Prover
from verify.replay import Replay
from verify.sources import Sources, read
from verify.subset import check_network_function, check_proof, check_spec
from verify.verification import FunctionVerification, Verification


def prepare(name: str, wanted: str = "", spec_file: str | None = None) -> Prover:
    """The prover of a network function and its specs, or of the one that is wanted.

    Raises UsageError where the sources are not there, or not in the verified subset.
    """
    return prover_of(read(name, wanted, spec_file))


def prover_of(sources: Sources) -> Prover:
    """The same, of what has been read."""
    module = sources.nf.module
    for cls in module.classes.values():
        if cls.view is not None:
            raise UsageError(
                f"{cls.site}: {cls.name} is a structure, as it has a view; put the file into "
                f"{FOLDER}, where structures are proved"
            )
    check_network_function(module)
    if sources.spec_module is not None:
        check_spec(sources.spec_module)
    for spec in sources.specs:
        spec_roles(spec, sources.nf)
    return Prover(
        verification=Verification(Proofs(sources.program, check_proof), nf=sources.nf),
        program=sources.program,
        replay=Replay(sources.program, sources.modules),
        specs=sources.specs,
    )


def library_prover(overlay: Mapping[str, Path] | None = None) -> FunctionProver:
    """A prover of libvig, with files that stand in for some of its modules."""
    program = Program([HOME], overlay)
    verification = FunctionVerification(Proofs(program, check_proof))
    changed = [program.load(name) for name in program.overlay]
    return FunctionProver(verification, program, Replay(program, changed))
