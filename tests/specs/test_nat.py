"""The specs of the NAT hold of random traffic, and not of a broken NAT."""

from __future__ import annotations

import copy
import functools
import inspect
from random import Random

import pytest

from specs import nat as module
from tests.nfs.nats import LAN, WAN
from tests.nfs.traffic import (
    Conversation,
    Step,
    follow_up,
    random_nat,
    random_step,
    random_steps,
)
from tests.specs.bugs import BUGS, put_in
from tests.specs.running import Spec, packets_of, speaks_of, specs_of

SPECS = specs_of(module)
EXAMPLES = 300  # the same each time
LEAST = 5  # of them must be ones that the spec speaks of


def is_spoken_of(conversation: Conversation, spec: Spec, future: list[Step]) -> bool:
    """Check a spec of the NAT as it is, and of the packets that come next."""
    coming = conversation.foresee(future)
    arguments = [part for packet_and_time in coming for part in packet_and_time]
    return speaks_of(spec, conversation.nat, *arguments)


def next_steps(spec: Spec, random: Random) -> list[Step]:
    """A packet, if need be with what comes back for it; or one that follows an earlier one.

    A spec that is named for what comes back is tried on that.
    """
    if packets_of(spec) == 2:
        kind = "error" if "error" in inspect.signature(spec).parameters else "reply"
        return [random_step(random), follow_up(random, kind)]
    kinds = [kind for kind in ("reply", "error") if kind in spec.__name__]
    kind = random.choice(kinds or ["new", "again", "reply", "error"])
    if random.randint(0, 1):
        return [random_step(random, [kind])]
    return [follow_up(random, kind, random.choice([LAN, WAN]))]


@functools.cache
def conversations() -> list[Conversation]:
    """NATs that have had some packets."""
    result = []
    for number in range(EXAMPLES):
        random = Random(number)
        result.append(Conversation(random_nat(random)))
        result[-1].play(random_steps(random, most=6))
        result[-1].play([follow_up(random, "reply")])
    return result


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_holds(spec: Spec) -> None:
    spoken_of = 0
    random = Random(spec.__name__)
    for conversation in map(copy.deepcopy, conversations()):
        spoken_of += is_spoken_of(conversation, spec, next_steps(spec, random))
    assert spoken_of >= LEAST


def test_there_is_a_bug_for_every_spec() -> None:
    """But for what the rules of the settings keep, whatever `process` does."""
    assert {name for bug in BUGS.values() for name in bug.specs} == set(SPECS) - {
        "settings_are_in_range"
    }


CASES = [(bug, name) for bug, (*_, names) in BUGS.items() for name in names]


@pytest.mark.parametrize(("bug", "name"), CASES)
def test_a_bug_breaks_the_spec(monkeypatch: pytest.MonkeyPatch, bug: str, name: str) -> None:
    twice = conversations() * 2  # held by a NAT that is not broken yet
    put_in(monkeypatch, BUGS[bug])
    random = Random(name)
    with pytest.raises(AssertionError):
        for conversation in map(copy.deepcopy, twice):
            is_spoken_of(conversation, SPECS[name], next_steps(SPECS[name], random))
