"""Whether a network function may be run, found out once for each content of its sources.

To read an NF and all that it imports, and to look whether it lies within the verified subset, takes
longer than to load its native code. So what was found to be fit to run is noted beside that code,
under a key of the same kind: of the sources, and of all that decides what is found.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType

from libvig import compile_cache
from verify.errors import UsageError


def check_runnable(nf: str, module: ModuleType, interpreted: bool) -> None:
    """Refuse a network function, imported as a module, that is outside of the verified subset.

    Native code counts on what `process` requires: refuse what nothing here makes true.
    """
    sources = compile_cache.with_imports([module])
    verifier = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
    note = compile_cache.folder(compile_cache.key(sources, verifier, nf, interpreted)) / "runnable"
    if _is_noted(note):
        return
    read = _check(nf, interpreted)
    compile_cache.keep(note, json.dumps(read).encode())


def _is_noted(note: Path) -> bool:
    """Whether it was found fit to run, in files that are as they were."""
    content = compile_cache.kept(note)
    if content is None:
        return False
    try:
        files = json.loads(content).items()
        return all(_digest(Path(file).read_bytes()) == was for file, was in files)
    except OSError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check(nf: str, interpreted: bool) -> dict[str, str]:
    """Look at it; returns the files that were read, each with a digest of what it held."""
    from verify.locate import locate  # these are long to import, and rarely used
    from verify.network_function import find_network_function
    from verify.subset import check_network_function

    program, name, _ = locate(nf, None)
    module = program.load(name)
    check_network_function(module, to_prove=False)
    for contract in () if interpreted else find_network_function(module).assumptions:
        raise UsageError(
            f"{contract.site}: native code cannot count on `{contract.text}`; check it in "
            "process and drop the packet, or add --interpreted"
        )
    return {str(part.path): _digest(part.text.encode()) for part in program.modules.values()}
