"""What is expected is any number, and the result of a look must not depend on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from libvig.compile import compiled_class
from libvig.contracts import ensure, require, view
from libvig.primitives import expected
from libvig.types import I64


@compiled_class
class Words(NamedTuple):
    word: I64

    @view
    def entries(self) -> dict[int, int]:
        # refused: return {i: expected() for i in range(len(self.word))}
        return {i: int(self.word[i]) for i in range(len(self.word))}

    # unknown at depends: @ensure(lambda self, i, word, result: not result or i in self.entries)
    # at contract
    @ensure(lambda self, i, word, result: result == (i in self.entries and self.entries[i] == word))
    # at depends
    def is_at(self, i: int, word: int) -> bool:
        # fails at read: if expected() == i:
        if expected() == i and 0 <= i < len(self.word):
            # at read
            return int(self.word[i]) == word
        # fails at contract: return expected() == i
        return 0 <= i < len(self.word) and self._is(i, word)

    @ensure(lambda self, i, word, OLD: self.entries == OLD.entries | {i: word})
    @require(lambda self, i: i in self.entries)
    # refused: @require(lambda self, word: word != expected())
    @require(lambda self, word: word >= 0)
    def put(self, i: int, word: int) -> None:
        # fails: self.word[expected()] = word
        self.word[i] = word

    # at twice
    @ensure(lambda result: result)
    def is_the_same(self) -> bool:
        # unknown at twice: return expected() == expected()
        return True

    def _is(self, i: int, word: int) -> bool:
        return int(self.word[i]) == word


@require(lambda n: n >= 1)
@ensure(lambda result: all(word == 0 for word in result.entries.values()))
def new_words(n: int) -> Words:
    # refused: return Words(np.zeros(n + 0 * expected(), np.int64))
    return Words(np.zeros(n, np.int64))
