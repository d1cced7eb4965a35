"""From a name or a file to the sources that are read."""

from __future__ import annotations

from pathlib import Path

from verify.errors import UsageError
from verify.file_names import import_folders, is_file_name, package_root
from verify.program import HOME, Program
from verify.shipped import check_shipped


def parted(target: str) -> tuple[str, str]:
    """The network function or file that a target names, and the property, if it names one."""
    name, mark, wanted = target.partition("::")
    if not name:
        raise UsageError(
            f'"{target}": names no network function; write a name that pyvigor list prints, or '
            "its file"
        )
    if mark and not wanted:
        raise UsageError(f"{target}: names no property; write {name}, or {name}::PROPERTY")
    return name, wanted


def locate(name: str, spec_file: str | None) -> tuple[Program, str, str | None]:
    """The program, the NF's module in it, and the module of its specs, if it has any."""
    alias, equals, file = name.partition("=")
    if is_file_name(alias):
        stands_in = existing(file) if equals else None
        return _of_file(existing(alias), spec_file, stands_in)
    check_shipped(alias)
    overlay = {f"nfs.{alias}": existing(file)} if equals else {}
    if spec_file is not None:
        overlay[f"specs.{alias}"] = existing(spec_file)
    program = Program([HOME], overlay)
    return program, f"nfs.{alias}", _if_there(program, f"specs.{alias}")


def _of_file(
    path: Path, spec_file: str | None, stands_in: Path | None
) -> tuple[Program, str, str | None]:
    """An NF anywhere; its specs have the same name, in a folder `specs` beside it or above.

    Another file may stand in for it, as it does for one that is shipped.
    """
    specs = [existing(spec_file)] if spec_file is not None else specs_beside(path)
    module = _module_name(path, specs)
    overlay = {module: stands_in or path}
    if specs:
        overlay[f"specs.{path.stem}"] = specs[0]
    roots = dict.fromkeys([HOME, *import_folders(path), path.parents[module.count(".")]])
    return Program(list(roots), overlay), module, f"specs.{path.stem}" if specs else None


def specs_beside(path: Path) -> list[Path]:
    """Files of specs for an NF, the nearest one first."""
    return [file for file in places_of_specs(path) if file.is_file()]


def places_of_specs(path: Path) -> list[Path]:
    """Where the specs for an NF are looked for."""
    return [folder / "specs" / path.name for folder in (path.parent, path.parent.parent)]


def _module_name(path: Path, specs: list[Path]) -> str:
    """What specs import an NF by: its file's name, or the full one, if it is in a package."""
    full_name = dotted_name(path)
    if specs and full_name in _imported(specs[0]):
        return full_name
    return f"nfs.{path.stem}" if path.parent.name == "nfs" else path.stem


def _imported(file: Path) -> set[str]:
    """The modules that a file imports from."""
    imports = Program([], {file.stem: file}).load(file.stem).imports
    return {module for module, _ in imports.values()}


def dotted_name(path: Path) -> str:
    """The full name of the module in a file, with those of the packages that it is in."""
    return ".".join(path.relative_to(package_root(path)).with_suffix("").parts)


def _if_there(program: Program, module: str) -> str | None:
    return module if program.find(module) is not None else None


def existing(name: str) -> Path:
    """The file of this name; raises UsageError if there is none."""
    path = Path(name).resolve()
    if not path.is_file():
        raise UsageError(f"{name}: {'is not a file' if path.exists() else 'does not exist'}")
    return path
