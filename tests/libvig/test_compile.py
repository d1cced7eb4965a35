"""The glue: what CPython does with classes and contracts, native code does without them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import icontract
import numpy as np
import pytest
from numba import njit

from libvig import numba_glue as glue
from libvig.compile import compiled, compiled_class
from libvig.compile import native as compile_native
from libvig.contracts import ensure, invariant, require
from libvig.numba_glue import NATIVE_OPTIONS
from libvig.types import I64
from tests.libvig.native_code import calls_in


class Verdict(IntEnum):
    REFUSED = -1
    TOO_LARGE = -2


@compiled_class
@invariant(lambda self: self.value >= 0)
class Amount(NamedTuple):
    """A value class: made in native code too."""

    value: int
    capacity: int  # a field here, a property of Store

    @ensure(lambda self, other, result: result.value == self.value + other.value)
    def plus(self, other: Amount) -> Amount:
        return Amount(self.value + other.value, self.capacity)


@compiled_class
class Store(NamedTuple):
    cell: I64

    @property
    def capacity(self) -> int:
        """How many amounts."""
        return len(self.cell)

    @require(lambda self, index: 0 <= index < self.capacity)
    def get(self, index: int) -> Amount:
        return Amount(int(self.cell[index]), 10)

    def put(self, index: int, amount: Amount) -> None:
        self.cell[index] = amount.value

    def after(self, index: int) -> Store:
        """A part of an array: what reference counting would count."""
        return Store(self.cell[index + 1 :])


@compiled
@require(lambda amount: amount.value != 13)
def verdict_on(amount: Amount) -> int:
    if amount.value == 0:
        return Verdict.REFUSED
    if amount.value > 100:
        return Verdict.TOO_LARGE
    return 0


@compiled_class
@invariant(lambda self: self.store.capacity > 0)
class Shop(NamedTuple):
    """A structure of structures, as NFs are."""

    store: Store
    step: int

    def buy(self, index: int, times: int = 2) -> int:
        reason = verdict_on(self.store.get(index))
        if reason != 0:
            return reason
        for _ in range(times):
            self.store.put(index, self.store.get(index).plus(Amount(self.step, 0)))
        rest = self.store.after(index).capacity
        return self.store.get(index).value + rest + Amount(0, 10).capacity


def shop(*values: int) -> Shop:
    return Shop(Store(np.array(values, np.int64)), 3)


def buy_all(shop: Shop) -> tuple[int, int, int, int]:
    return shop.buy(0), shop.buy(1, 5), shop.buy(2), shop.buy(index=3, times=1)


def without_contracts(shop: Shop) -> int:
    return verdict_on(Amount(13, 0)) + Amount(-5, 0).value


def native(function: Callable[..., Any]) -> Any:
    return njit(**NATIVE_OPTIONS)(function)


def test_methods_properties_values_and_enumerations_work_in_native_code() -> None:
    python, compiled_shop = shop(1, 2, 0, 500), shop(1, 2, 0, 500)
    expected = (1 + 6 + 3 + 10, 2 + 15 + 2 + 10, -1, -2)
    assert buy_all(python) == expected
    assert native(buy_all)(compiled_shop) == expected
    assert python.store.cell.tolist() == compiled_shop.store.cell.tolist() == [7, 17, 0, 500]


def test_contracts_are_checked_in_cpython_and_left_out_of_native_code() -> None:
    with pytest.raises(icontract.ViolationError, match="amount"):
        verdict_on(Amount(13, 0))
    with pytest.raises(icontract.ViolationError, match=r"self\.value >= 0"):
        Amount(-5, 0)
    assert native(without_contracts)(shop(1)) == -5


def test_classes_and_functions_stay_what_they_are_in_cpython() -> None:
    assert isinstance(shop(1), tuple)
    assert inspect.getdoc(Store.capacity) == "How many amounts."
    assert verdict_on.__name__ == "verdict_on"


def test_native_code_is_one_piece() -> None:
    """Nothing is called and no reference is counted."""
    function = native(buy_all)
    function(shop(1, 2, 0, 500))
    assert calls_in(function) == set()


@pytest.mark.parametrize(
    ("options", "called"),
    [
        ({"_nrt": True}, "NRT_incref"),
        ({"forceinline": False}, "sum_up"),
    ],
)
def test_the_lack_of_an_option_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, bool], called: str
) -> None:
    monkeypatch.setattr(glue, "OPTIONS", glue.OPTIONS | options)

    @compiled_class
    class Sums(NamedTuple):
        cell: I64

        def sum_up(self, depth: int) -> int:
            total = 0
            for index in range(depth):
                row = self.cell[index:]
                for other in range(len(row)):
                    total += int(row[other]) ^ total // (other + 1)
                for other in range(1, len(row)):
                    total ^= int(row[other - 1]) * total // (int(row[other]) + 3)
                for other in range(2, len(row)):
                    total -= int(row[other - 2]) % (total + other) + total // (depth + 5)
            return total

    def use(sums: Sums, depth: int) -> int:
        total = 0
        for number in range(depth):
            total += sums.sum_up(number) - sums.sum_up(number // 2) * sums.sum_up(number + 1)
        return total + sums.sum_up(total) + sums.sum_up(total + 1)

    function = njit(**(NATIVE_OPTIONS | options))(use)
    function(Sums(np.zeros(4, np.int64)), 2)
    assert any(called in name for name in calls_in(function))


def test_a_default_value_of_a_field_is_refused() -> None:
    """Numba would make an object without that field."""
    with pytest.raises(TypeError, match=r"Limits: give limit in every call, not by default"):

        @compiled_class
        class Limits(NamedTuple):
            limit: int = 5


def test_a_class_from_a_module_that_is_not_in_sources_is_refused() -> None:
    from tests.libvig import native_code

    with pytest.raises(ValueError, match=r"not in sources: \{'tests.libvig.test_compile'\}"):
        compile_native(native_code.arrays_of)(shop(1))
