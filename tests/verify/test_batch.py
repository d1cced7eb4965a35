"""`pyvigor verify` without a target: what it proves apart is put together again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.projects import edit, write_project
from verify import incremental
from verify.batch import LibraryTask, NetworkFunctionTask
from verify.cache import Cache
from verify.errors import UsageError
from verify.known import Known
from verify.library import library_names
from verify.parallel import Forked
from verify.prepare import library_prover
from verify.prover import FunctionProver
from verify.result import Result, Verdict
from verify.solver_options import SolverOptions
from verify.sources import read


def proved_but(unproved: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Result]]:
    """The results if libvig is proved at once, but for one function of it."""

    def subject(self: FunctionProver, name: str) -> Result:
        return Result(name, Verdict.UNKNOWN if name == unproved else Verdict.PROVED)

    monkeypatch.setattr(FunctionProver, "subject", subject)
    targets = incremental.prove([read("nop")], Forked(2), whole_library=True)
    return {target.name: target.results for target in targets}


def test_all_of_libvig_and_the_network_functions_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    found = proved_but("", monkeypatch)
    assert list(found) == ["libvig", "nop"]
    names = [result.name for result in found["libvig"]]
    assert sorted(names) == sorted(library_names(library_prover().program, "libvig"))
    assert {result.verdict for results in found.values() for result in results} == {Verdict.PROVED}


def test_what_rests_on_something_unproved_is_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    relied = proved_but("", monkeypatch)["nop"][0].relied
    assert relied
    found = proved_but(relied[0], monkeypatch)
    assert [r.name for r in found["libvig"] if r.verdict is Verdict.UNKNOWN] == [relied[0]]
    process, constructor, *specs = found["nop"]
    assert constructor.verdict is Verdict.PROVED  # it is told apart, and relies on nothing
    assert specs
    assert {result.verdict for result in (process, *specs)} == {Verdict.UNKNOWN}
    assert f"rests on what is not proved: {relied[0]}" in process.reason


HELPERS = """@ensure(lambda result: 0 <= result <= 1)
@compiled
def first(device: int) -> int:
    return second(device)


@ensure(lambda result: 0 <= result <= 1)
@compiled
def second(device: int) -> int:
    return RESULT


@compiled_class"""
SHORT = "assume(packet.length() < 14)\n    assert nop.process(packet, now) < 0"


def with_helpers(folder: Path, result: str) -> str:
    """A network function whose two helpers count on each other's contracts; gives its file."""
    folder.mkdir()
    nf = write_project(folder) / "my_nf.py"
    edit(nf, "import compiled_class", "import compiled, compiled_class")
    edit(nf, "@compiled_class", HELPERS.replace("RESULT", result))
    edit(nf, "1 if packet.device == 0 else 0", "first(packet.device)")
    specs = folder / "specs" / "my_nf.py"
    edit(specs, "assert nop.process(packet, now) >= 0", SHORT)  # helpers that never end
    edit(specs, "assume(is_whole(packet))\n    ", "")
    edit(specs, "assert nop.process(packet, now) != packet.device", SHORT)
    return str(nf)


def test_a_function_that_rests_on_itself_is_not_proved_when_it_is_recalled(tmp_path: Path) -> None:
    """Another file may have functions of the same names, which do not."""
    targets = [
        with_helpers(tmp_path / "round", "first(device)"),
        with_helpers(tmp_path / "straight", "1 if device == 0 else 0"),
    ]
    for expected in (False, True):
        known = Known(Cache(tmp_path / "cache", b"k" * 32))
        found = list(incremental.prove([read(t) for t in targets], Forked(1), known=known))[1:]
        for target, is_right in zip(found, (False, True), strict=True):
            verdicts = {result.name: result.verdict for result in target.results}
            proved = {name for name, verdict in verdicts.items() if verdict is Verdict.PROVED}
            helpers = {"my_nf.first", "my_nf.second"}
            assert proved & helpers == (helpers if is_right else set())
            assert all(result.reused for result in target.results) == expected


@pytest.mark.parametrize("task", [
    NetworkFunctionTask(SolverOptions(), "nop", None, "another", frozenset()),
    LibraryTask(SolverOptions(), "libvig.packet.ethernet.Ethernet.set_addresses", "another"),
])  # fmt: skip
def test_a_worker_with_other_files_proves_nothing(task: NetworkFunctionTask | LibraryTask) -> None:
    with pytest.raises(UsageError, match="reads other files than what asks for it"):
        task()


def test_a_worker_with_the_same_files_proves() -> None:
    digest = read("nop").digest
    results = NetworkFunctionTask(SolverOptions(), "nop", None, digest, frozenset())()
    assert [result.verdict for result in results[:2]] == [Verdict.PROVED] * 2
