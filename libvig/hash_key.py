"""The secret key of this process's hashes, without which nobody can choose keys that collide."""

from __future__ import annotations

import os
import re
import secrets
import struct
from collections.abc import Sequence
from functools import cache

from libvig.errors import InputError

KEY_VARIABLE = "PYVIGOR_HASH_KEY"
"""The environment variable that gives the key: its 16 bytes as 32 hexadecimal digits."""


def secret_word(number: int) -> int:
    """Return word 0 or 1 of this process's key, 64 bits with a sign: the operating system's choice.

    The environment variable PYVIGOR_HASH_KEY gives another key, so that a run can be repeated to
    the last access to memory; what comes out of a network function is the same with any key.
    Raises InputError if the variable is no key.
    """
    return _key()[number]


@cache
def _key() -> Sequence[int]:
    given = os.environ.get(KEY_VARIABLE)
    if given is None:
        return struct.unpack("<2q", secrets.token_bytes(16))
    if re.fullmatch("[0-9a-fA-F]{32}", given) is None:
        raise InputError(f"{KEY_VARIABLE}: is no key: {given!r}; give 32 hexadecimal digits")
    return struct.unpack("<2q", bytes.fromhex(given))
