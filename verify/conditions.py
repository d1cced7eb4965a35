"""Contracts and invariants that are taken for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify.frame import WRITING_CONTRACT, contract_frame
from verify.source import Contract
from verify.values import Object, Structure, Value

if TYPE_CHECKING:
    from verify.machine import Machine


def assume_invariants(machine: Machine, instance: Object | Structure) -> None:
    """Assume what always holds of an object."""
    for invariant in instance.cls.invariants:
        assume_contract(machine, invariant, {"self": instance})


def assume_contract(machine: Machine, contract: Contract, names: dict[str, Value]) -> None:
    """Assume a condition; that it can be evaluated is proved where it is written."""
    with machine.trusted(), machine.read_only(f"{contract.site}: {WRITING_CONTRACT}"):
        machine.assume(contract.condition.body, contract_frame(contract, names))
