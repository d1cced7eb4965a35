"""The modules that a verification reads: found by name in folders, and each loaded once."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from verify.errors import UsageError
from verify.imported import check_is_found, check_is_run
from verify.source import Class, Function, Module, Site

HOME = Path(__file__).resolve().parent.parent  # the folder of libvig, nfs and specs
PRODUCT = ("libvig", "nfs", "specs", "verify")
TOOL = ("libvig", "verify")
"""What comes with pyvigor, and counts as a whole: the prover, and what network functions are made
of, with its proofs."""

RIGHT_IN_LIBVIG: set[object] = set()
"""What was looked at in libvig, as it came with this verifier, and found right."""


class Program:
    """Modules by name. In the overlay, a file stands in for one: a changed NAT for `nfs.nat`."""

    def __init__(self, roots: Sequence[Path], overlay: Mapping[str, Path] | None = None) -> None:
        self.roots = list(roots)
        self.overlay = dict(overlay or {})
        self.modules: dict[str, Module] = {}
        self.files: dict[str, Path | None] = dict(self.overlay)
        self.checked: set[object] = set()

    def find(self, name: str) -> Path | None:
        """File of a module, or None if it is not in the program's folders."""
        if name not in self.files:
            self.files[name] = self._file_of(name)
        return self.files[name]

    def _file_of(self, name: str) -> Path | None:
        relative = Path(*name.split("."))
        if relative.parts[0] in sys.stdlib_module_names:
            return None  # a file of that name is not what an import of it gives
        # Nothing beside a user's file hides the product; for the rest, the file's folder is first.
        is_ours = name.partition(".")[0] in PRODUCT
        for root in self.roots if is_ours else [*self.roots[1:], *self.roots[:1]]:
            for candidate in (root / relative / "__init__.py", root / relative.with_suffix(".py")):
                if candidate.is_file():
                    if not is_ours:
                        check_is_found(name, candidate)
                    return candidate
        return None

    def load(self, name: str) -> Module:
        """The module of this name, parsed; UsageError if there is none."""
        if name not in self.modules:
            path = self.find(name)
            if path is None:
                raise UsageError(f"no module {name} in {', '.join(map(str, self.roots))}")
            self.modules[name] = self._parse(name, path)
        return self.modules[name]

    def known_right(self, module: Module) -> set[object]:
        """Where to note what was looked at in a module, and found right.

        It is one place for all programs that have all of libvig as it came with this verifier.
        """
        file = HOME / Path(*module.name.split(".")).with_suffix(".py")
        is_installed = _is_of_libvig(module.name) and module.path == file
        is_whole = self.roots[:1] == [HOME] and not any(map(_is_of_libvig, self.overlay))
        return RIGHT_IN_LIBVIG if is_installed and is_whole else self.checked

    def forget(self, kept: Collection[Module]) -> None:
        """Read the user's modules anew from now on, but for these."""
        names = {module.name for module in kept}
        self.checked.clear()
        for name in list(self.modules):
            if name.partition(".")[0] not in TOOL and name not in names:
                del self.modules[name]
        self.files = {**self.overlay, **{n: m.path for n, m in self.modules.items()}}

    def locate(self, name: str) -> Function | Class:
        """The function or class of a full name: module, class if it is a method, and its own."""
        parts = name.split(".")
        for count in (1, 2):
            module_name, rest = ".".join(parts[:-count]), parts[-count:]
            if self.find(module_name) is None:
                continue
            module = self.load(module_name)
            if count == 1 and rest[0] in module.functions:
                return module.functions[rest[0]]
            if count == 1 and rest[0] in module.classes:
                return module.classes[rest[0]]
            if count == 2 and rest[0] in module.classes:
                return module.classes[rest[0]].methods[rest[1]]
        raise KeyError(name)

    def _parse(self, name: str, path: Path) -> Module:
        try:
            text = path.read_text(encoding="utf-8")
            if name.partition(".")[0] not in TOOL:
                check_is_run(path, text)
            return Module(name, path, text, ast.parse(text, str(path)), self)
        except SyntaxError as error:
            raise UsageError(f"{Site(path, error.lineno or 1)}: not Python: {error.msg}") from None
        except ValueError as error:  # of decoding, or null bytes
            raise UsageError(f"{path}: is no Python source: {error}; name another file") from None
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error}") from None


def _is_of_libvig(name: str) -> bool:
    return name.startswith("libvig.")
