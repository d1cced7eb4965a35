"""From a name or a file to the sources that are read."""

from __future__ import annotations

from pathlib import Path

from verify import registry
from verify.errors import UsageError
from verify.program import Program

HOME = Path(__file__).resolve().parent.parent  # the folder of libvig, nfs and specs


def locate(name: str, spec_file: str | None) -> tuple[Program, str, str | None]:
    """The program, the NF's module in it, and the module of its specs, if it has any."""
    alias, equals, file = name.partition("=")
    if not equals and ("/" in name or name.endswith(".py")):
        return _of_file(existing(name), spec_file)
    registry.check_shipped(alias)
    overlay = {f"nfs.{alias}": existing(file)} if equals else {}
    if spec_file is not None:
        overlay[f"specs.{alias}"] = existing(spec_file)
    program = Program([HOME], overlay)
    return program, f"nfs.{alias}", _if_there(program, f"specs.{alias}")


def _of_file(path: Path, spec_file: str | None) -> tuple[Program, str, str | None]:
    """An NF anywhere; its specs have the same name, in a folder `specs` beside it or its folder."""
    in_nfs = path.parent.name == "nfs"
    module = f"nfs.{path.stem}" if in_nfs else path.stem
    overlay = {module: path}
    beside = [folder / "specs" / path.name for folder in (path.parent, path.parent.parent)]
    specs = [existing(spec_file)] if spec_file is not None else [p for p in beside if p.is_file()]
    if specs:
        overlay[f"specs.{path.stem}"] = specs[0]
    program = Program([HOME, path.parent.parent if in_nfs else path.parent], overlay)
    return program, module, f"specs.{path.stem}" if specs else None


def _if_there(program: Program, module: str) -> str | None:
    return module if program.find(module) is not None else None


def existing(name: str) -> Path:
    """The file of this name; raises UsageError if there is none."""
    path = Path(name).resolve()
    if not path.is_file():
        raise UsageError(f"{name}: {'is not a file' if path.exists() else 'does not exist'}")
    return path
