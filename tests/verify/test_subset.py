"""The verified subset: of each rule an example that passes and its twin that is refused.

The examples are in the folder `subset`; `# <- refused: text` marks the lines that must be
refused, and a part of what must be said about them.
"""

from __future__ import annotations

import ast
import re
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import pytest

from verify import subset
from verify.calls import Hooks, inline
from verify.errors import UsageError
from verify.explore import explore
from verify.integers import Int
from verify.machine import Machine
from verify.source import Module, Program
from verify.subset_words import REFUSED, Kind
from verify.values import Unsupported

HOME = Path(subset.__file__).parent.parent

COMMON = """\
from __future__ import annotations
from enum import IntEnum
from typing import NamedTuple
from libvig.compile import compiled, compiled_class
from libvig.contracts import all_different, ensure, invariant, require
from libvig.packet.packet import Packet
from libvig.primitives import load16, store16
from libvig.types import I64, Bytes, Time
"""
MODULE = (
    COMMON
    + """\
LIMIT = 5
class Drop(IntEnum):
    SHORT = -1
@compiled
def twice(x: int) -> int:
    return x + x
"""
)
CLASS = (
    COMMON
    + """\
@compiled_class
class State(NamedTuple):
    count: I64
"""
)
NETWORK_FUNCTION = (
    COMMON
    + """\
class Config(NamedTuple):
    mac: I64
@compiled_class
class Example(NamedTuple):
    config: Config
    count: I64
"""
)
SPECS = (
    COMMON
    + """\
from libvig.spec import assume, snapshot, spec, word_sum
from nfs.nat import Nat
"""
)
PROOF = """\
from libvig.packet.checksum import internet_checksum
from libvig.proof.notation import loop
"""
STARTS = {
    "module": MODULE,
    "function": MODULE + "@compiled\ndef f(a: int, b: int, data: Bytes) -> int:\n",
    "procedure": MODULE + "@compiled\ndef f(a: int, b: int, data: Bytes) -> None:\n",
    "class": CLASS,
    "network function": NETWORK_FUNCTION,
    "spec module": SPECS,
    "spec": SPECS + "@spec\ndef s(nat: Nat, packet: Packet, now: Time) -> None:\n",
    "helper": SPECS + "def h(nat: Nat, packet: Packet, now: Time) -> bool:\n",
    "proof": PROOF,
}
"""What an example goes on from; behind a `def` or in a class it is indented."""
KINDS = {**dict.fromkeys(("spec module", "spec", "helper"), Kind.SPEC), "proof": Kind.PROOF}
MARK = re.compile(r"# <- refused: (.*)$")


@dataclass(frozen=True)
class Rule:
    """A rule's name, what its examples go on from, what passes and what is refused."""

    name: str
    start: str
    passing: str
    refused: str

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.start, Kind.CODE)

    def text(self, example: str) -> str:
        is_inside = self.start not in ("module", "spec module", "proof")
        return STARTS[self.start] + (indent(example, "    ") if is_inside else example)


def rules() -> list[Rule]:
    """All examples: `=== name: start`, what passes, `---`, what is refused."""
    found = []
    for path in sorted((Path(__file__).parent / "subset").glob("*.txt")):
        for part in re.split(r"^=== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, examples = part.split("\n", 1)
            name, start = title.split(": ")
            passing, refused = examples.split("---\n")
            found.append(Rule(name, start, passing, refused))
    return found


every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)


def module_of(text: str, tmp_path: Path) -> Module:
    path = tmp_path / "example.py"
    path.write_text(text, encoding="utf-8")
    return Program([HOME], {"example": path}).load("example")


@every_rule
def test_what_is_in_the_subset_passes(rule: Rule, tmp_path: Path) -> None:
    module = module_of(rule.text(rule.passing), tmp_path)
    assert not list(map(str, subset.findings(module, rule.kind)))


@every_rule
def test_what_is_outside_of_the_subset_is_refused(rule: Rule, tmp_path: Path) -> None:
    module = module_of(rule.text(rule.refused), tmp_path)
    lines = [(n, MARK.search(line)) for n, line in enumerate(module.text.split("\n"), 1)]
    expected = {number: mark[1] for number, mark in lines if mark}
    found = subset.findings(module, rule.kind)
    assert {finding.site.line for finding in found} == set(expected)
    for line, said in expected.items():
        assert any(said in str(f) for f in found if f.site.line == line), list(map(str, found))


def test_there_is_an_example_of_each_refused_kind_of_syntax() -> None:
    trees = [ast.parse(rule.text(rule.refused)) for rule in rules()]
    assert not REFUSED.keys() - {type(node) for tree in trees for node in ast.walk(tree)}


@every_rule
def test_what_passes_is_python(rule: Rule, tmp_path: Path) -> None:
    name = "subset_example"
    code = compile(rule.text(rule.passing), str(tmp_path / "example.py"), "exec")
    sys.modules[name] = types.ModuleType(name)
    try:
        exec(code, vars(sys.modules[name]))
    finally:
        del sys.modules[name]


def shipped() -> list[tuple[str, Kind]]:
    """All modules that the verifier executes; `notation` is what proof files are written in."""
    found = [("libvig.flow_key", Kind.CODE)]
    folders = {"nfs": Kind.CODE, "specs": Kind.SPEC, "libvig.packet": Kind.CODE}
    for folder, kind in (folders | {"libvig.proof": Kind.PROOF}).items():
        paths = sorted((HOME / folder.replace(".", "/")).glob("*.py"))
        found += [(f"{folder}.{path.stem}", kind) for path in paths if path.stem[0] != "_"]
    return [pair for pair in found if pair[0] != "libvig.proof.notation"]


@pytest.mark.parametrize(("name", "kind"), shipped())
def test_what_is_shipped_passes(name: str, kind: Kind) -> None:
    assert not list(map(str, subset.findings(Program([HOME]).load(name), kind)))


@pytest.mark.parametrize("name", ["nat", "nop"])
def test_shipped_network_functions_pass_with_all_that_they_import(name: str) -> None:
    program = Program([HOME])
    subset.check_network_function(program.load(f"nfs.{name}"))
    subset.check_spec(program.load(f"specs.{name}"))
    subset.check_library(program.load("libvig.packet.transport"))
    subset.check_proof(program.load("libvig.proof.checksum"))
    assert "libvig.packet.packet" in program.modules


def test_one_line_names_place_finding_and_remedy(tmp_path: Path) -> None:
    module = module_of("DEBUG = True\nLIMIT = 1.5\n", tmp_path)
    with pytest.raises(UsageError) as refused:
        subset.check_network_function(module)
    assert str(refused.value) == (
        f"{module.path}:1: found `True` as a module's value; write an integer"
    )


def test_what_is_imported_is_checked_too(tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text(
        "def helper(x: int) -> int:\n    while x > 0:\n        x -= 1\n    return x\n"
    )
    path = tmp_path / "example.py"
    path.write_text("from helper import helper\n")
    module = Program([tmp_path, HOME]).load("example")
    assert not subset.findings(module, Kind.CODE)
    with pytest.raises(UsageError, match=re.escape(f"{helper}:2: found a `while` loop")):
        subset.check_network_function(module)


def test_a_structure_is_not_to_be_written_outside_of_libvig(tmp_path: Path) -> None:
    """Its contracts would be believed, and its code not read."""
    text = (
        "from typing import NamedTuple\nclass C(NamedTuple):\n    x: int\n"
        "    @view\n    def entries(self) -> dict[int, int]:\n        return {}\n"
    )
    (tmp_path / "mine.py").write_text(text)
    path = tmp_path / "example.py"
    path.write_text("from mine import C\n")
    with pytest.raises(UsageError, match=r"mine\.py:4: found the decorator `@view`"):
        subset.check_network_function(Program([tmp_path, HOME]).load("example"))


def test_of_a_structures_module_only_what_has_a_contract_is_called(tmp_path: Path) -> None:
    (tmp_path / "libvig").mkdir()
    (tmp_path / "libvig" / "heap.py").write_text(
        "from typing import NamedTuple\nfrom libvig.contracts import ensure, view\n"
        "class Heap(NamedTuple):\n    @view\n    def entries(self) -> dict[int, int]:\n"
        "        return {}\n"
        "@ensure(lambda result: result >= 0)\ndef known(x: int) -> int:\n    return 0\n"
        "def unknown(x: int) -> int:\n    return 0\n"
    )
    path = tmp_path / "example.py"
    path.write_text("from libvig.heap import Heap, known\nfrom libvig.heap import unknown\n")
    found = subset.findings(Program([tmp_path, HOME]).load("example"), Kind.CODE)
    assert [finding.site.line for finding in found] == [2]
    assert "`unknown` of libvig.heap, which has no `@ensure`" in str(found[0])


def test_recursion_is_left_to_the_execution(tmp_path: Path) -> None:
    module = module_of("def f(x: int) -> int:\n    return f(x)\n", tmp_path)
    assert not subset.findings(module, Kind.CODE)

    def action(machine: Machine) -> None:
        inline(machine, module.functions["f"], [Int(1)])

    with pytest.raises(Unsupported, match="`f` calls itself"):
        explore(action, Hooks(lambda function: None, lambda path: None))
