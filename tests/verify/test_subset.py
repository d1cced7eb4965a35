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
from verify.program import RIGHT_IN_LIBVIG, Program
from verify.source import Module
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
from libvig.packet.word_sum import word_sum
from libvig.spec import assume, snapshot, spec
from nfs.nat import Nat
"""
)
LIBRARY = """\
from __future__ import annotations
from typing import NamedTuple
import numpy as np
from libvig.compile import compiled, compiled_class
from libvig.contracts import all_different, ensure, invariant, require, view
from libvig.double_chain import DoubleChain, new_double_chain
from libvig.primitives import multiply_fold, select, store8
from libvig.types import I32, I64, Bytes
class Pair(NamedTuple):
    one: I64
    other: I64
"""
STRUCTURE = """\
@compiled_class
class Table(NamedTuple):
    chain: DoubleChain
    value: I64
    @property
    def capacity(self) -> int:
        return len(self.value)
"""
VIEW = """\
    @view
    def entries(self) -> dict[int, int]:
        return {i: int(self.value[i]) for i in range(len(self.value))}
"""
PROOF = """\
from libvig.contracts import all_different, count, ensure, require
from libvig.double_chain import DoubleChain, MAX_CAPACITY, new_double_chain
from libvig.proof.notation import about, after, always, decreases, initially, is_power_of_two, loop
from libvig.types import I64
"""
PROOF_OF_CHECKSUM = """\
from libvig.packet.checksum import fold, internet_checksum
from libvig.packet.packet import Packet
from libvig.proof.notation import decreases, loop
"""
PROOF_OF_HASH_MAP = """\
from libvig.hash_map import HashMap
from libvig.proof.notation import about, always, decreases, loop
@about
class Searchable(HashMap):
    latest: int
"""
PROOF_CLASS = """\
@about
class Ranked(DoubleChain):
    rank: list[int]
    latest: int
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
    "library": LIBRARY,
    "native": LIBRARY + "@compiled\ndef f(a: int, b: int, data: I64, pair: Pair) -> int:\n",
    "class of libvig": LIBRARY + STRUCTURE,
    "structure": LIBRARY + STRUCTURE + VIEW,
    "constructor": LIBRARY + "def f(n: int) -> Pair:\n",
    "proof": PROOF,
    "proof class": PROOF + PROOF_CLASS,
    "ghost step": PROOF + PROOF_CLASS + "    @after(DoubleChain._append)\n"
    "    def last(self, index: int) -> None:\n",
    "proof of checksum": PROOF_OF_CHECKSUM,
    "proof of hash map": PROOF_OF_HASH_MAP,
    "lemma": PROOF + "@ensure(lambda result: result >= 0)\n"
    "def lemma(chain: DoubleChain, a: int, times: I64) -> int:\n",
}
"""What an example goes on from; behind a `def` or in a class it is indented."""
KINDS = {
    **dict.fromkeys(("spec module", "spec", "helper"), Kind.SPEC),
    **dict.fromkeys(("library", "native"), Kind.LIBRARY),
    **dict.fromkeys(("class of libvig", "structure", "constructor"), Kind.LIBRARY),
    **dict.fromkeys(("proof", "proof class", "ghost step", "lemma"), Kind.PROOF),
    **dict.fromkeys(("proof of checksum", "proof of hash map"), Kind.PROOF),
}
TOP_LEVEL = ("module", "spec module", "library", "proof", "proof of checksum")
NAMES = {Kind.LIBRARY: "libvig.example", Kind.PROOF: "libvig.proof.double_chain"}
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

    @property
    def module(self) -> str:
        """Name of the module that the examples stand in."""
        if self.start.startswith("proof of "):
            return f"libvig.proof.{self.start[9:].replace(' ', '_')}"
        return NAMES.get(self.kind, "example")

    def text(self, example: str) -> str:
        depth = 0 if self.start in TOP_LEVEL else 2 if self.start == "ghost step" else 1
        return STARTS[self.start] + indent(example, depth * "    ")


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


def module_of(text: str, tmp_path: Path, name: str = "example") -> Module:
    path = tmp_path / "example.py"
    path.write_text(text, encoding="utf-8")
    return Program([HOME], {name: path}).load(name)


@every_rule
def test_what_is_in_the_subset_passes(rule: Rule, tmp_path: Path) -> None:
    module = module_of(rule.text(rule.passing), tmp_path, rule.module)
    assert not list(map(str, subset.findings(module, rule.kind)))


@every_rule
def test_what_is_outside_of_the_subset_is_refused(rule: Rule, tmp_path: Path) -> None:
    module = module_of(rule.text(rule.refused), tmp_path, rule.module)
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
    name, text = "subset_example", rule.text(rule.passing)
    written = {
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    sys.modules[name] = module = types.ModuleType(name)
    try:
        exec(compile(text, str(tmp_path / "example.py"), "exec"), vars(module))
    finally:
        del sys.modules[name]
    assert written <= vars(module).keys()
    assert vars(module).keys() - {"__builtins__", *vars(types.ModuleType(name))}


def shipped() -> list[tuple[str, Kind]]:
    """All modules that the verifier executes, and all proof files."""
    found = []
    folders = {"nfs": Kind.CODE, "specs": Kind.SPEC, "libvig.proof": Kind.PROOF}
    folders |= dict.fromkeys(("libvig", "libvig.io", "libvig.packet"), Kind.LIBRARY)
    for folder, kind in folders.items():
        paths = sorted((HOME / folder.replace(".", "/")).glob("*.py"))
        for path in paths:
            is_machinery = kind is Kind.LIBRARY and "from libvig.contracts" not in path.read_text()
            if path.stem[0] != "_" and path.stem != "notation" and not is_machinery:
                found.append((f"{folder}.{path.stem}", kind))
    return found


def test_what_has_contracts_is_to_pass() -> None:
    names = {name for name, _ in shipped()}
    assert {"libvig.hash_map", "libvig.io.scan_pcapng", "libvig.packet.checksum"} <= names


@pytest.mark.parametrize(("name", "kind"), shipped())
def test_what_is_shipped_passes(name: str, kind: Kind) -> None:
    assert not list(map(str, subset.findings(Program([HOME]).load(name), kind)))


@pytest.mark.parametrize("name", ["nat", "nop"])
def test_shipped_network_functions_pass_with_all_that_they_import(name: str) -> None:
    program = Program([HOME])
    subset.check_network_function(program.load(f"nfs.{name}"))
    subset.check_spec(program.load(f"specs.{name}"))
    assert "libvig.packet.packet" in program.modules


@pytest.mark.parametrize("name", ["packet.transport", "flow_table", "io.scan_pcapng"])
def test_modules_of_libvig_pass_with_all_that_they_import(name: str) -> None:
    subset.check_library(Program([HOME]).load(f"libvig.{name}"))


@pytest.mark.parametrize(
    ("name", "imported"),
    [
        ("checksum", "packet.checksum"),
        ("flow_table", "key_table"),
        ("scan_pcapng", "io.pcapng_time"),
    ],
)
def test_proof_files_pass_with_all_that_they_import(name: str, imported: str) -> None:
    program = Program([HOME])
    subset.check_proof(program.load(f"libvig.proof.{name}"))
    assert f"libvig.{imported}" in program.modules


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
    """Its contracts would be believed, and its code proved by nobody."""
    text = (
        "from typing import NamedTuple\nclass C(NamedTuple):\n    x: int\n"
        "    @view\n    def entries(self) -> dict[int, int]:\n        return {}\n"
    )
    (tmp_path / "mine.py").write_text(text)
    path = tmp_path / "example.py"
    path.write_text("from mine import C\n")
    with pytest.raises(UsageError, match=r"mine\.py:4: found the decorator `@view`"):
        subset.check_network_function(Program([tmp_path, HOME]).load("example"))


def test_the_structures_that_are_imported_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "libvig").mkdir()
    chain = (HOME / "libvig" / "double_chain.py").read_text()
    wrong = chain.replace("prev[capacity] = capacity", "next = prev")
    (tmp_path / "libvig" / "double_chain.py").write_text(wrong)
    path = tmp_path / "example.py"
    path.write_text("from libvig.flow_table import FlowTable\n")
    with pytest.raises(UsageError, match=r"chain\.py:\d+: found a second name for `prev`"):
        subset.check_network_function(Program([tmp_path, HOME]).load("example"))


def test_recursion_is_left_to_the_execution(tmp_path: Path) -> None:
    module = module_of("def f(x: int) -> int:\n    return f(x)\n", tmp_path)
    assert not subset.findings(module, Kind.CODE)

    def action(machine: Machine) -> None:
        inline(machine, module.functions["f"], [Int(1)])

    with pytest.raises(Unsupported, match="`f` calls itself"):
        explore(action, Hooks(lambda function: None, lambda path: ()))


def test_what_was_found_right_in_libvig_is_so_for_who_leaves_it_as_it_is(tmp_path: Path) -> None:
    """And for nobody else: a module that stands in for one may be all wrong."""
    as_it_is, module = Program([HOME]), "libvig.flow_key"
    subset.check_library(as_it_is.load(module))
    assert as_it_is.known_right(as_it_is.load(module)) is RIGHT_IN_LIBVIG
    wrong = tmp_path / "hash_map.py"
    text = as_it_is.load("libvig.hash_map").text
    wrong.write_text(text.replace("class HashMap(", "while True:\n    pass\n\n\nclass HashMap("))
    changed = Program([HOME], {"libvig.hash_map": wrong})
    with pytest.raises(UsageError, match=r"hash_map\.py"):
        subset.check_library(changed.load(module))
    elsewhere = Program([tmp_path, HOME])
    assert elsewhere.known_right(elsewhere.load(module)) is not RIGHT_IN_LIBVIG
