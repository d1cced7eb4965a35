"""A network function and its specs, as they are read: nothing is checked or proved yet."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from verify import fingerprint
from verify.errors import UsageError
from verify.locate import locate
from verify.network_function import NetworkFunction, find_network_function
from verify.program import Program
from verify.source import Function, Module


@dataclass(frozen=True)
class Sources:
    """What a target of the command line names."""

    target: str
    spec_file: str | None
    program: Program
    nf: NetworkFunction
    spec_module: Module | None
    specs: list[Function]

    @property
    def modules(self) -> list[Module]:
        """The files that it is in."""
        return [self.nf.module, *([self.spec_module] if self.spec_module is not None else [])]

    @property
    def files(self) -> dict[Path, str]:
        """The user's files that it is in, and what is in them."""
        return {
            module.path: module.text for own in self.modules for module in fingerprint.closure(own)
        }

    @property
    def digest(self) -> str:
        """Of all that was read, by which another process can tell whether it reads the same."""
        files = ((path.name, text) for path, text in self.files.items())
        return fingerprint.digest(fingerprint.tool(), *(part for file in files for part in file))


def read(target: str, wanted: str = "", spec_file: str | None = None) -> Sources:
    """The network function of this name or file, and its specs, or the one that is wanted.

    Raises UsageError where they are not there, or do not follow the convention.
    """
    program, nf_name, spec_name = locate(target, spec_file)
    nf = find_network_function(program.load(nf_name))
    spec_module = None
    specs: list[Function] = []
    if spec_name is not None:
        spec_module = program.load(spec_name)
        specs = specs_in(spec_module)
    if wanted:
        names = [spec.name for spec in specs]
        specs = [spec for spec in specs if spec.name == wanted]
        if not specs:
            near = difflib.get_close_matches(wanted, names, 1)
            guess = f"did you mean {near[0]}? " if near else ""
            raise UsageError(
                f"{target}: no spec is called {wanted}; {guess}pyvigor list {target} names them"
            )
    return Sources(target, spec_file, program, nf, spec_module, specs)


def specs_in(module: Module) -> list[Function]:
    """The specs in a file. Raises UsageError if there are none."""
    specs = [function for function in module.functions.values() if function.is_marked("spec")]
    if not specs:
        raise UsageError(f"{module.path}: no function is marked @spec; mark each spec")
    return specs
