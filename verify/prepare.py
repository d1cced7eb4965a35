"""From what the command line names to a prover of it."""

from __future__ import annotations

from verify.errors import UsageError
from verify.library import FOLDER
from verify.locate import locate
from verify.network_function import find_network_function
from verify.proofs import Proofs
from verify.prover import Prover
from verify.replay import Replay
from verify.source import Function
from verify.subset import check_network_function, check_proof, check_spec
from verify.verification import Verification


def prepare(name: str, wanted: str = "", spec_file: str | None = None) -> Prover:
    """The prover of a network function and its specs, or of the one that is wanted.

    Raises UsageError where the sources are not there, or not in the verified subset.
    """
    program, nf_name, spec_name = locate(name, spec_file)
    module = program.load(nf_name)
    for cls in module.classes.values():
        if cls.view is not None:
            raise UsageError(
                f"{cls.site}: {cls.name} is a structure, as it has a view; put the file into "
                f"{FOLDER}, where structures are proved"
            )
    check_network_function(module)
    nf = find_network_function(module)
    modules = [module]
    specs: list[Function] = []
    if spec_name is not None:
        spec_module = program.load(spec_name)
        check_spec(spec_module)
        modules.append(spec_module)
        specs = [f for f in spec_module.functions.values() if f.is_marked("spec")]
        if not specs:
            raise UsageError(f"{spec_module.path}: no function is marked @spec; mark each spec")
    if wanted:
        specs = [spec for spec in specs if spec.name == wanted]
        if not specs:
            raise UsageError(
                f"{name}: no spec is called {wanted}; pyvigor verify {name} lists them"
            )
    verification = Verification(Proofs(program, check_proof), nf=nf)
    return Prover(
        verification=verification,
        program=program,
        replay=Replay(program, modules),
        specs=specs,
    )
