"""Verdicts that were reached before, in files: what is proved need not be proved again.

Only *proved* is kept. Whatever else came of a proof is tried anew, so that a failure never comes
without what shows it. An entry is sealed (HMAC-SHA-256) with a key that is not in the folder, so
who can write to the folder cannot make it say that something is proved. An entry that is damaged,
or sealed with another key, counts as none. Reading JSON runs no code.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify.errors import UsageError
from verify.result import Result, Verdict

FOLDER = ".pyvigor_cache"
KEY_VARIABLE = "PYVIGOR_CACHE_KEY"
SHORTEST_KEY = 16  # bytes
KEPT = 60 * 24 * 3600  # seconds for which an entry stays that nobody uses
FIELDS = {"name": str, "paths": int, "obligations": int, "solver_calls": int, "seconds": float}
TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"  # that of all such folders: bford.info/cachedir
    "# Verdicts of pyvigor gate, which finds them again if this folder is deleted.\n"
)


@dataclass
class Cache:
    """Sealed verdicts, by the digest of all that they depend on."""

    folder: Path
    key: bytes
    rejected: set[Path] = field(default_factory=set)
    """Entries that are not what this key seals."""

    def get(self, digest: str, name: str) -> Result | None:
        """The verdict on what has this name and digest, without its place."""
        file = self._file(digest)
        try:
            is_plain = stat.S_ISREG(file.stat().st_mode)  # a pipe may have no end
            text = file.read_bytes() if is_plain else b""
        except FileNotFoundError:
            return None
        except OSError:
            self.rejected.add(file)
            return None
        result = _opened(text, digest, self.key)
        if result is None or result.name != name:
            self.rejected.add(file)
            return None
        result.reused = True
        with contextlib.suppress(OSError):
            os.utime(file)
        return result

    def put(self, digest: str, result: Result) -> None:
        """Keep the verdict, if it is *proved* and there is no more to say of it."""
        if result.verdict is not Verdict.PROVED or result.seen is not None or result.reused:
            return
        content = {name: getattr(result, name) for name in (*FIELDS, "relied")}
        entry = {"content": content, "seal": _seal(content, digest, self.key)}
        file = self._file(digest)
        with contextlib.suppress(OSError):  # what cannot be kept is proved again
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, json.dumps(entry))
            if not (self.folder / "CACHEDIR.TAG").exists():
                write_whole(self.folder / "CACHEDIR.TAG", TAG)
                write_whole(self.folder / ".gitignore", "*\n")

    def prune(self) -> None:
        """Remove what has not been used for long, or was not written to its end."""
        oldest = time.time() - KEPT
        for file in self.folder.glob("??/*"):
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < oldest:
                    file.unlink()

    def _file(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest[2:]}.json"


class NoCache(Cache):
    """Nothing is known before, and nothing is kept."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull), b"")

    def get(self, digest: str, name: str) -> Result | None:
        return None

    def put(self, digest: str, result: Result) -> None:
        pass

    def prune(self) -> None:
        pass


def cache_in(project: Path) -> Cache:
    """The cache of the project in this folder; none, where there can be no key for it."""
    try:
        return Cache(project.absolute() / FOLDER, sealing_key())
    except (OSError, RuntimeError) as error:  # the latter where there is no home
        text = f"no cache, as no key for it can be kept ({error}); set {KEY_VARIABLE}"
        print(f"pyvigor: {text}", file=sys.stderr)
        return NoCache()


def _opened(text: bytes, digest: str, key: bytes) -> Result | None:
    """The verdict in an entry, if it is whole, and sealed with this key for this digest."""
    try:
        entry = json.loads(text)
        content, seal = entry["content"], entry["seal"]
        if not hmac.compare_digest(seal, _seal(content, digest, key)):
            return None
        relied = content["relied"]
        values = {name: kind(content[name]) for name, kind in FIELDS.items()}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return Result(verdict=Verdict.PROVED, relied=list(relied), **values)


def _seal(content: Mapping[str, Any], digest: str, key: bytes) -> str:
    text = json.dumps([digest, content], sort_keys=True)
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def sealing_key() -> bytes:
    """The key that PYVIGOR_CACHE_KEY gives, or else this user's own, which is made if need be.

    Raises UsageError if it is too short, and OSError if there is none and none can be kept.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        if len(given.encode()) < SHORTEST_KEY:
            raise UsageError(
                f"{KEY_VARIABLE}: is shorter than {SHORTEST_KEY} bytes; give it a random text, "
                'such as python3 -c "import secrets; print(secrets.token_hex())" prints'
            )
        return given.encode()
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    file = Path(home) / "pyvigor" / "cache-key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, secrets.token_hex())
    key = file.read_bytes()
    if len(key) < SHORTEST_KEY:
        raise UsageError(f"{file}: is no key any more; delete it, and a new one is made")
    return key


def write_whole(file: Path, text: str) -> None:
    """Write a file so that others see all of it or nothing. Only its owner may read it."""
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise
