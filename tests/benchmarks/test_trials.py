"""The benchmark's judge: it accepts right NATs and refuses whatever is wrong, however small."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from libvig.io.loop import process_all
from tests.benchmarks.model import Outcome, Setup
from tests.benchmarks.subjects import ByHand, Ours, Subject, compiled_loop, nat_of, nop_of
from tests.benchmarks.trials import TIGHT, Judged, complaints, corruptions, trial
from tests.benchmarks.workload import Batch


def native(setup: Setup) -> Subject:
    return Ours(nat_of(setup), compiled_loop())


def interpreted(setup: Setup) -> Subject:
    return Ours(nat_of(setup), process_all)


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return trial(ByHand(TIGHT))


@pytest.mark.parametrize("nat", [native, interpreted, ByHand])
def test_every_measured_nat_passes_the_trial(nat: Callable[[Setup], Subject]) -> None:
    judged = trial(nat(TIGHT))
    verdicts = [outcome.verdict for _, made in judged for outcome in made]
    assert complaints(TIGHT, judged) == []
    assert len(verdicts) > 1200
    assert sum(verdict < 0 for verdict in verdicts) > 400


def test_each_corruption_of_an_output_is_noticed(judged: list[Judged]) -> None:
    noticed = {what: len(complaints(TIGHT, wrong)) for what, wrong in corruptions(judged)}
    assert len(noticed) == 13
    assert [what for what, found in noticed.items() if not found] == []


@pytest.mark.parametrize(
    "wrong",
    [
        TIGHT._replace(timeout=4 * TIGHT.timeout),  # forgets too late
        TIGHT._replace(timeout=TIGHT.timeout // 4),  # forgets too early
        TIGHT._replace(max_flows=TIGHT.max_flows + 1),
        TIGHT._replace(max_flows=TIGHT.max_flows - 1),
        TIGHT._replace(first_port=TIGHT.first_port - 1),
        TIGHT._replace(external_address=TIGHT.external_address + 1),
        TIGHT._replace(mac=TIGHT.peer),
    ],
)
def test_a_nat_with_other_rules_is_refused(wrong: Setup) -> None:
    assert complaints(TIGHT, trial(ByHand(wrong))) != []


def test_a_network_function_that_is_no_nat_is_refused() -> None:
    judged = trial(Ours(nop_of(TIGHT), process_all))
    assert complaints(TIGHT, judged) != []


class Forgetful(ByHand):
    """Gives every port out anew for each batch, as if no flow were live."""

    def run(self, batch: Batch) -> tuple[int, list[Outcome]]:
        ByHand.__init__(self, TIGHT)
        return super().run(batch)


def test_a_nat_that_gives_a_live_flow_another_port_is_refused() -> None:
    assert complaints(TIGHT, trial(Forgetful(TIGHT))) != []
