"""Packing a flow's key into two words loses nothing."""

import icontract
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libvig.flow_key import FlowKey, unpack
from libvig.hash_map import Key

LIMITS = FlowKey(
    device=2**15 - 1,
    protocol=2**8 - 1,
    source_address=2**32 - 1,
    source_port=2**16 - 1,
    destination_address=2**32 - 1,
    destination_port=2**16 - 1,
)
FLOW_KEYS = st.builds(FlowKey, *(st.integers(0, limit) for limit in LIMITS))


@given(FLOW_KEYS)
def test_what_is_packed_can_be_unpacked(key: FlowKey) -> None:
    assert unpack(key.pack()) == key


@given(FLOW_KEYS, FLOW_KEYS)
def test_different_keys_give_different_words(one: FlowKey, other: FlowKey) -> None:
    assert (one.pack() == other.pack()) == (one == other)


def test_the_words_are_laid_out_as_documented() -> None:
    key = FlowKey(3, 17, 0x0A000001, 1234, 0xC0000201, 53)
    assert key.pack() == Key(3 << 48 | 0x0A000001 << 16 | 1234, 17 << 48 | 0xC0000201 << 16 | 53)


def test_the_largest_values_fit() -> None:
    assert LIMITS.pack() == Key(2**63 - 1, 2**56 - 1)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_any_words_give_a_valid_key(first: int, second: int) -> None:
    assert unpack(Key(first, second)).pack().first == first


@pytest.mark.parametrize("field", FlowKey._fields)
def test_a_field_outside_its_range_is_refused(field: str) -> None:
    for value in (-1, getattr(LIMITS, field) + 1):
        fields = LIMITS._asdict() | {field: value}
        with pytest.raises(icontract.ViolationError):
            FlowKey(**fields)
