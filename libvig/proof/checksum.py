"""A running sum is folded at every step, so it stays one 16-bit word however long the data is.

Folding a carry in takes 0x10000 away and adds 1, which is the same modulo 0xFFFF; and it never
makes a zero of a sum that is none. So the checksum is that of the plain sum of all words, and to
replace a word is to add the difference: an updated checksum is the one computed anew, but that
for nothing but zeroes RFC 1624 gives 0000 and RFC 1071 gives FFFF, the other encoding of zero.
"""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.packet.checksum import MAX_WORDS, fold, internet_checksum, updated, words
from libvig.packet.word_sum import word_sum
from libvig.primitives import load16, load32, store16
from libvig.proof.notation import loop
from libvig.types import Bytes


@loop(internet_checksum)
def sum_is_one_word(total: int) -> bool:
    return 0 <= total <= 0xFFFF


@loop(internet_checksum)
def within_the_region(stop: int, at: int) -> bool:
    return at <= stop


@loop(internet_checksum)
def sum_is_that_of_the_words(data: Bytes, start: int, at: int, total: int) -> bool:
    return total % 0xFFFF == word_sum(data, start, at) % 0xFFFF


@loop(internet_checksum)
def only_zeroes_sum_to_zero(data: Bytes, start: int, at: int, total: int) -> bool:
    return (total > 0) == (word_sum(data, start, at) > 0)


@require(lambda data, start, stop: 0 <= start <= stop <= len(data))
@require(lambda start, stop, index: start <= start + 2 * index <= stop - 2)
@require(lambda word: 0 <= word <= 0xFFFF)
@ensure(lambda result: result)
def incremental_equals_recomputed(
    data: Bytes, start: int, stop: int, index: int, word: int
) -> bool:
    """A word of a region is replaced: RFC 1624 gives what RFC 1071 gives, FFFF taken as 0000."""
    at = start + 2 * index
    before, old = internet_checksum(data, start, stop), load16(data, at)
    store16(data, at, word)
    return updated(before, old, word) == internet_checksum(data, start, stop) % 0xFFFF


@require(lambda data, start, stop: word_sum(data, start, stop) % 0xFFFF == 0)
@require(lambda data, start, stop: 0 <= start <= stop <= len(data))
@require(lambda start, stop, index: start <= start + 2 * index <= stop - 2)
@require(lambda start, stop, field: start <= start + 2 * field <= stop - 2)
@require(lambda field, index: field != index)
@require(lambda word: 0 <= word <= 0xFFFF)
@ensure(lambda data, start, stop: word_sum(data, start, stop) % 0xFFFF == 0)
def correct_stays_correct(  # noqa: PLR0917 (a region, where its checksum is, and what changes)
    data: Bytes, start: int, stop: int, field: int, index: int, word: int
) -> None:
    """The region holds its checksum, which is updated: what was accepted before is accepted."""
    at, checksum_at = start + 2 * index, start + 2 * field
    checksum = updated(load16(data, checksum_at), load16(data, at), word)
    store16(data, at, word)
    store16(data, checksum_at, checksum)


# What each function is good for, from its contract alone.


@require(lambda total: 0 <= total < 2**32)
@ensure(lambda result: result)
def sums_of_32_bits_can_be_folded(total: int) -> bool:
    """A sum of up to 0x10001 words is folded into one that counts the same."""
    folded = fold(total)
    same = folded % 0xFFFF == total % 0xFFFF and (folded > 0) == (total > 0)
    return 0 <= folded <= 0xFFFF and same


@require(lambda data, at: 0 <= at <= len(data) - 4)
@ensure(lambda result: result)
def address_counts_as_its_words(data: Bytes, at: int) -> bool:
    """So an address is replaced as two words are."""
    return words(load32(data, at)) == load16(data, at) + load16(data, at + 2)


@require(lambda checksum: 0 <= checksum <= 0xFFFF)
@require(lambda old: 0 <= old <= MAX_WORDS)
@require(lambda new: 0 <= new <= MAX_WORDS)
@ensure(lambda result: result)
def update_adds_the_difference(checksum: int, old: int, new: int) -> bool:
    """Three words, such as an address and a port, may be replaced at once."""
    result = updated(checksum, old, new)
    return 0 <= result <= 0xFFFF and (result + new - checksum - old) % 0xFFFF == 0


@require(lambda data, start, stop: 0 <= start <= stop <= len(data))
@ensure(lambda result: result)
def checksum_makes_the_sum_whole(data: Bytes, start: int, stop: int) -> bool:
    """Sum and checksum make 0xFFFF, and only zeroes have a checksum of 0xFFFF."""
    checksum, total = internet_checksum(data, start, stop), word_sum(data, start, stop)
    is_whole = (checksum + total) % 0xFFFF == 0 and (checksum == 0xFFFF) == (total == 0)
    return 0 <= checksum <= 0xFFFF and is_whole
