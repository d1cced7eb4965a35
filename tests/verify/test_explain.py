"""`pyvigor verify --explain`: the tree of a property's paths, as text and as a drawing."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import z3

from tests.verify.test_verify_command import OTHER, assert_one_line, changed_nop, verify
from verify import draw, explain
from verify.explore import MAX_FAILURES
from verify.formulas import comparison
from verify.path import Failure, Status, Step
from verify.path import Path as SolverPath
from verify.path_tree import End, Ending, Fork, judged, named, tree_of
from verify.prepare import prepare
from verify.result import Result, Verdict
from verify.source import Site
from verify.verify_command import explaining

FILE = Path("nf.py").resolve()
SVG = "{http://www.w3.org/2000/svg}"


def step(line: int, outcome: bool, text: str = "") -> Step:
    return Step(Site(FILE, line), text or f"condition {line}", outcome)


def end(*steps: Step, returned: str = "", ending: Ending = Ending.PROVED) -> End:
    return End(steps, ending, returned)


A, NOT_A = step(1, True), step(1, False)
B, NOT_B = step(2, True), step(2, False)

ENDS = [
    end(A, B, returned="device 1"),
    end(A, NOT_B, returned="Drop.FULL", ending=Ending.IMPOSSIBLE),
    end(NOT_A, returned="Drop.TRUNCATED"),
]
TEXT = """\
condition 1  nf.py:1
├─ yes  condition 2  nf.py:2
│  ├─ yes  → device 1  proved
│  └─ no   → Drop.FULL  impossible
└─ no   → Drop.TRUNCATED  proved"""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are told relative to where the user is."""
    monkeypatch.chdir(FILE.parent)


# ---------------------------------------------------------------- trees


def test_paths_part_where_a_step_differs() -> None:
    (fork,) = tree_of(ENDS)
    assert isinstance(fork, Fork)
    assert (fork.text, [truth for truth, _ in fork.ways]) == ("condition 1", [True, False])
    (inner,) = fork.ways[0][1]
    assert isinstance(inner, Fork) and inner.text == "condition 2"
    assert fork.ways[1][1] == (ENDS[2],)


def test_a_step_that_all_take_is_no_fork() -> None:
    ends = [end(A, B), end(A, NOT_B)]
    (fork,) = tree_of(ends)
    assert isinstance(fork, Fork) and fork.text == "condition 2"
    assert tree_of(ends[:1]) == (ends[0],)
    assert tree_of([]) == ()


def test_the_same_condition_again_is_another_fork() -> None:
    ends = [end(A, A), end(A, NOT_A), end(NOT_A, A), end(NOT_A, NOT_A)]
    (fork,) = tree_of(ends)
    assert isinstance(fork, Fork)
    for _, (inner,) in fork.ways:
        assert isinstance(inner, Fork) and len(inner.ways) == 2


def test_no_path_is_lost_where_nothing_tells_them_apart() -> None:
    ends = [end(A), end(A), end(A, B), end(step(3, True))]
    text = "\n".join(explain.lines(tree_of(ends)))
    assert text.count("proved") == len(ends)


def test_only_the_path_that_was_replayed_is_refuted() -> None:
    ends = [end(A, ending=Ending.OPEN), end(NOT_A, ending=Ending.OPEN)]
    failure = Failure("label", A.site, Status.REFUTED, (NOT_A,), ())
    assert [e.ending for e in judged(ends, failure)] == [Ending.OPEN, Ending.REFUTED]
    assert judged(ends, None) == ends


def test_a_condition_of_a_postcondition_names_its_function() -> None:
    program = prepare("policer").program
    module = program.load("libvig.token_bucket")
    take = module.classes["TokenBuckets"].methods["take"]
    line = take.ensures[0].lines[0]
    steps = Step(Site(module.path, line), "result", True), A
    (told,) = named([end(*steps)], program)
    assert [s.text for s in told.steps] == ["TokenBuckets.take: result", "condition 1"]


# ---------------------------------------------------------------- text and drawings


def test_the_text_shows_every_condition_and_every_end() -> None:
    assert "\n".join(explain.lines(tree_of(ENDS))) == TEXT


def result_of(ends: list[End]) -> Result:
    return Result('a < b & "c"', Verdict.PROVED, ends=ends)


def svg_of(ends: list[End]) -> ElementTree.Element:
    return ElementTree.fromstring(draw.svg(draw.title_of(result_of(ends)), tree_of(ends)))


def test_the_svg_is_xml_with_all_texts() -> None:
    texts = [element.text for element in svg_of(ENDS).iter(f"{SVG}text")]
    assert texts[0] == 'a < b & "c" (proved)'
    assert texts.count("proved") == 2 and texts.count("impossible") == 1
    assert sorted(text for text in texts if text in ("yes", "no")) == ["no", "no", "yes", "yes"]


def test_no_box_of_the_svg_covers_another() -> None:
    long = " and ".join(["this_is_a_long_condition"] * 12)
    deep = [end(*[step(n, True, long) for n in range(k)], step(k, False, long)) for k in range(9)]
    page, *boxes = (
        [float(box.get(name, 0)) for name in ("x", "y", "width", "height")]
        for box in svg_of(deep).iter(f"{SVG}rect")
    )
    assert len(boxes) == 2 * len(deep) - 1
    for x, y, width, height in boxes:
        assert x >= 0 and x + width <= page[2] and y >= 0 and y + height <= page[3]
    for number, (x, y, width, height) in enumerate(boxes):
        for left, top, wide, high in boxes[:number]:
            apart = x >= left + wide or left >= x + width
            assert apart or y >= top + high or top >= y + height


def test_dot_quotes_what_would_end_a_string() -> None:
    text = draw.dot('say "no\\"', tree_of([end(step(1, True, 'a == "b"')), end(NOT_B)]))
    assert text.startswith('digraph paths {\nlabel="say \\"no\\\\\\"";')
    assert 'label="a == \\"b\\"' in draw.dot("", tree_of([
        end(step(1, True, 'a == "b"')), end(step(1, False, 'a == "b"')),
    ]))  # fmt: skip


def test_dot_has_an_edge_for_every_way() -> None:
    lines = draw.dot("title", tree_of(ENDS)).splitlines()
    assert lines[-1] == "}"
    edges = [line for line in lines if " -> " in line]
    assert [line.partition("label=")[2] for line in edges] == [
        '"yes"];', '"yes"];', '"no"];', '"no"];',
    ]  # fmt: skip
    nodes = {line.split()[0] for line in lines if "fillcolor" in line}
    assert {name for line in edges for name in (line.split()[0], line.split()[2])} == nodes


def test_a_search_that_was_cut_short_says_so() -> None:
    ends = [end(step(n, True), ending=Ending.OPEN) for n in range(MAX_FAILURES)]
    assert explain.PARTIAL in draw.title_of(result_of(ends))
    assert explain.PARTIAL not in draw.title_of(result_of(ends[1:]))


# ---------------------------------------------------------------- the command


def test_the_paths_of_a_network_function(tmp_path: Path) -> None:
    file = tmp_path / "tree.svg"
    done = verify("nop", "--explain", "process", "--explain-file", file)
    assert done.returncode == 0
    tree = [line.strip() for line in done.stdout.splitlines() if line.startswith(" " * 9)]
    assert [line.partition("  nfs/")[0] for line in tree] == [
        "not ethernet.is_complete()",
        "├─ yes  → Drop.TRUNCATED  proved",
        "└─ no   packet.device == 0",
        "├─ yes  → device 1  proved",
        "└─ no   → device 0  proved",
    ]
    assert "frames_leave_by_the_other_device" not in done.stdout
    page = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert "→ Drop.TRUNCATED" in [element.text for element in page.iter(f"{SVG}text")]


def test_a_property_of_a_network_function_with_state(tmp_path: Path) -> None:
    """Without libVig's proofs, which change no path and take long."""
    name = "conforming_traffic_is_forwarded"
    prover = explaining("policer", name, None)
    assert prover.process().ends == []
    result = prover.spec(*prover.specs)
    tree = [line.partition("  libvig/")[0] for line in explain.lines(tree_of(result.ends))]
    assert tree[1:] == [
        "├─ yes  KeyTable.add: result >= 0",
        "│  ├─ yes  → self.config.internal_device  proved",
        "│  └─ no   → Drop.TABLE_FULL  impossible",
        "└─ no   TokenBuckets.take: result",
        "   ├─ yes  → self.config.internal_device  proved",
        "   └─ no   → Drop.EXCESS  impossible",
    ]
    file = tmp_path / "tree.dot"
    draw.save(str(file), result)
    assert file.read_text(encoding="utf-8").startswith(f'digraph paths {{\nlabel="{name} (proved)"')


def test_what_a_spec_assumes_away_and_what_is_refuted(tmp_path: Path) -> None:
    wrong = changed_nop(tmp_path, OTHER, "packet.device", "nop")
    done = verify(f"nop={wrong}", "--explain", "frames_leave_by_the_other_device")
    assert done.returncode == 1
    assert "├─ yes  → packet.device  refuted: assert nop.process(packet, now) ==" in done.stdout
    done = verify("nop", "--explain", "frames_carry_the_addresses_of_the_next_hop")
    assert "├─ yes  → Drop.TRUNCATED  excluded: device >= 0  specs/nop.py:" in done.stdout


def test_the_tree_goes_into_the_file_where_the_output_is_json(tmp_path: Path) -> None:
    file = tmp_path / "tree.dot"
    done = verify(
        "nop", "--explain", "process", "--explain-file", file, "--output-format", "json"
    )  # fmt: skip
    assert json.loads(done.stdout)["summary"]["refuted"] == 0
    assert "Drop.TRUNCATED" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nop", "--explain", "nope"], "no spec is called nope"),
        (["nop", "--explain", "process", "--explain-file", "x.png"], "x.png is neither SVG nor"),
        (["nop", "--explain-file", "x.svg"], "say of which property, by NF::PROPERTY or --explain"),
        (["--explain", "process"], "name the one network function"),
        (["nop", "nat", "--explain", "process"], "name the one network function"),
        (["libvig", "--explain", "process"], "name the one network function"),
        (["nop::process", "--explain", "process"], "name it once"),
        (["nop", "--explain", "process", "--output-format", "json"], "the tree is not in json"),
    ],
)
def test_bad_arguments(arguments: list[str], message: str) -> None:
    assert_one_line(verify(*arguments), message)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "tree.svg"
    done = verify("nop", "--explain", "process", "--explain-file", file)
    assert_one_line(done, "tree.svg: cannot be written")


def test_what_cannot_be_followed_has_no_tree(tmp_path: Path) -> None:
    path = changed_nop(tmp_path, "return Drop.TRUNCATED", "return 1 << packet.device")
    file = tmp_path / "tree.svg"
    done = verify(path, "--explain", "process", "--explain-file", file)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "tree.svg: not written, as there is no path to draw" in done.stderr
    assert not file.exists()


# ---------------------------------------------------------------- solver calls


def test_every_question_to_the_solver_is_counted() -> None:
    path = SolverPath()
    number = path.fresh("number", 0, 9)
    path.may_hold(comparison(number, is_equation=True))
    assert path.is_possible()
    assert path.solver.calls == 2
    assert path.solver.check() == z3.sat


def test_solver_calls_are_told_in_full_and_in_json() -> None:
    target = "nop::only_the_ethernet_addresses_change"
    full = verify(target, "--output-format", "full").stdout
    rows = json.loads(verify(target, "--output-format", "json").stdout)["results"]
    for row in rows:
        counted = f"{row['solver_calls']} solver call{'' if row['solver_calls'] == 1 else 's'}"
        assert f"  {counted}  " in next(
            line for line in full.splitlines() if f" {row['name']}  " in line
        )
    calls = {row["name"]: row["solver_calls"] for row in rows}
    assert calls["only_the_ethernet_addresses_change"] > 0
    assert calls["libvig.packet.ethernet.Ethernet.set_addresses"] > 0
    assert "solver call" not in verify("nop").stdout
