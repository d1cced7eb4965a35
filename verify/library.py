"""What there is to prove in libvig: structures first, as they take longest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from verify.errors import UsageError
from verify.program import HOME, Program
from verify.source import Function, Module

FOLDER = HOME / "libvig"


def is_library(name: str) -> bool:
    """Whether a target of `verify` is libvig or a file of it."""
    path = _file(name)
    return name == "libvig" or path == FOLDER or (path.is_relative_to(FOLDER) and "." in name)


def _file(name: str) -> Path:
    """The file of this name: here, or else where libvig is installed."""
    path = Path(name).resolve()
    return HOME / name if name.startswith("libvig/") and not path.exists() else path


def library_names(program: Program, target: str) -> list[str]:
    """Full names of the functions and classes that a target names."""
    file, _, wanted = target.partition("::")
    path = _file(file)
    if file == "libvig" or path == FOLDER:
        modules = [program.load(name) for name in _module_names()]
    else:
        if not path.is_file():
            raise UsageError(f"{file}: does not exist; pyvigor verify libvig proves all there is")
        modules = [program.load(_module_name(path))]
    names = [name for module in modules for name in names_in(module)]
    if not names:
        raise UsageError(f"{file}: there is nothing to prove in it: {_why_nothing(modules)}")
    if wanted:
        found = [name for name in names if name.endswith(f".{wanted}") or f".{wanted}." in name]
        if not found:
            raise UsageError(f"{file}: nothing to prove is called {wanted}{_near(wanted, names)}")
        return found
    return names


def check(program: Program, names: Iterable[str]) -> None:
    """Refuse what is to be proved, where it leaves the verified subset."""
    from verify.subset import check_library, check_proof  # only where something is proved

    for name in dict.fromkeys(program.locate(name).module.name for name in names):
        module = program.load(name)
        (check_proof if module.is_proof else check_library)(module)


def _why_nothing(modules: list[Module]) -> str:
    """Why nothing in these modules is proved."""
    proofs = [module for module in modules if module.is_proof]
    for proof in proofs:
        last = proof.name.rpartition(".")[2]
        for name in _module_names():
            if name.rpartition(".")[2] == last and name != proof.name:
                return f"it is part of what pyvigor verify {name.replace('.', '/')}.py proves"
    return "no function has a contract"


def _near(wanted: str, names: list[str]) -> str:
    """Names that may have been meant."""
    known = {".".join(name.split(".")[-count:]) for name in names for count in (1, 2)}
    near = difflib.get_close_matches(wanted, sorted(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def names_in(module: Module) -> Iterator[str]:
    """What has a contract; what has none is part of what calls it, and proved there."""
    for cls in module.classes.values():
        if module.is_proof:
            continue  # what it says is proved with the structure that it is about
        if cls.view is not None:
            yield f"{module.name}.{cls.name}"
        for method in cls.methods.values():
            if _is_proved(method):
                yield f"{module.name}.{method.qualified_name}"
    for function in module.functions.values():
        if _is_proved(function):
            yield f"{module.name}.{function.qualified_name}"


def _is_proved(function: Function) -> bool:
    if function.owner is not None and function.owner.view is not None:
        is_word = function.is_marked("property") or function.is_marked("view")
        return not is_word and not function.name.startswith("_")
    return bool(function.requires or function.ensures)


def _module_names() -> list[str]:
    """Modules with something to prove: structures first, then their proofs' lemmas, then views."""
    folders = (FOLDER, FOLDER / "proof", FOLDER / "io", FOLDER / "packet")
    return [_module_name(path) for folder in folders for path in sorted(folder.glob("*.py"))]


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(HOME).with_suffix("").parts)
