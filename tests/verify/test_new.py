"""`pyvigor new`: what it writes is proved as it is; nothing is overwritten or left half done."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from verify.cli import main
from verify.examples import cases_that_hold, specs_of
from verify.new import TEMPLATE
from verify.registry import find
from verify.spec_files import network_function_of


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["my_nf", "x", "storm_control_2", "Wall", "aMyNf", "é"])
def test_it_is_proved_as_it_is_written(
    here: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", name]) == 0
    assert written(here) == sorted([f"{name}.py", f"specs/{name}.py", f"tests/test_{name}.py"])
    capsys.readouterr()
    assert main(["verify", f"{name}.py"]) == 0
    assert "11 proved, 0 refuted, 0 unknown, 0 assumed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("folder", "imported", "files"),
    [
        (".", "my_nf", ["my_nf.py", "specs/my_nf.py", "tests/test_my_nf.py"]),
        ("deep/er", "my_nf", [f"deep/er/{f}my_nf.py" for f in ("", "specs/", "tests/test_")]),
        ("nfs", "nfs.my_nf", ["nfs/my_nf.py", "specs/my_nf.py", "tests/test_my_nf.py"]),
        ("office", "office.my_nf", [f"office/{f}my_nf.py" for f in ("", "specs/", "tests/test_")]),
    ],
)
def test_folders_and_packages(here: Path, folder: str, imported: str, files: list[str]) -> None:
    (here / "office").mkdir()
    (here / "office" / "__init__.py").touch()
    assert main(["new", "my_nf", "--folder", folder]) == 0
    assert set(written(here)) == {*files, "office/__init__.py"}
    nf, specs, tests = (here / file for file in files)
    assert f"from {imported} import Drop, MyNf\n" in specs.read_text()
    assert network_function_of(specs) == str(nf)
    assert next(spec.__name__ for spec in specs_of(str(nf))) == "a_storm_is_stopped"
    names: dict[str, object] = {"__file__": str(tests), "__name__": "tests"}
    exec(compile(ast.parse(tests.read_text()), str(tests), "exec"), names)
    names["test_a_broadcast_too_many_is_dropped_and_other_frames_pass"]()  # type: ignore[operator]
    assert main(["verify", f"{nf}::a_storm_is_stopped"]) == 0


def test_its_specs_hold_of_examples(here: Path) -> None:
    assert main(["new", "my_nf"]) == 0
    for spec in specs_of("my_nf.py"):
        assert cases_that_hold(spec, examples=15) > 0


def test_its_settings_are_refused_in_the_words_of_its_rules(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "my_nf"]) == 0
    config = find("my_nf.py").config_class
    assert config() == (2, 100, 10**9)
    with pytest.raises(Exception, match="limit: from 1 to"):
        config(limit=0)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("my-nf", "is no name for a network function; write one such as my_nf"),
        ("1x", "is no name"),
        ("", "is no name"),
        ("../x", "is no name"),
        ("_x", "is no name"),
        ("class", "class is a word of Python; write my_class"),
        ("none", "None is a word of Python"),
        ("nat", "is shipped with pyvigor; write my_nat"),
        ("packet", "its class would be Packet, which it needs too; write my_packet"),
        ("STORM", "its class would be STORM, which it needs too; write my_STORM"),
        ("bytes", "its class would be Bytes"),
        ("drop", "its class would be Drop"),
        ("libvig", "would hide the Python module libvig"),
        ("specs", "is the folder that its specs go into; write my_specs"),
        ("tests", "is the folder that its tests go into; write my_tests"),
        ("conftest", "to pytest, conftest.py means something else; write my_conftest"),
        ("test_x", "to pytest, test_x.py means something else; write my_x"),
        ("x_test", "to pytest, x_test.py means something else; write my_x"),
        ("setup", "to pip, setup.py means something else; write my_setup"),
        ("sys", "would hide the Python module sys"),
        ("numpy", "would hide the Python module numpy"),
    ],
)
def test_a_name_that_would_mislead_is_refused(
    here: Path, name: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", name]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"pyvigor: {name}: {why}") and len(error.splitlines()) == 1
    assert written(here) == []


@pytest.mark.parametrize("there", ["my_nf.py", "specs/my_nf.py", "tests/test_my_nf.py"])
def test_nothing_is_overwritten(here: Path, there: str, capsys: pytest.CaptureFixture[str]) -> None:
    (here / there).parent.mkdir(exist_ok=True)
    (here / there).write_text("mine")
    assert main(["new", "my_nf"]) == 2
    assert capsys.readouterr().err == f"pyvigor: {there}: is there already, and stays as it is\n"
    assert written(here) == [there]
    assert (here / there).read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "tests").write_text("a file, not a folder")
    assert main(["new", "my_nf"]) == 2
    assert "tests: cannot be written: " in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["tests"]


@pytest.mark.parametrize(
    ("project", "hint"),
    [
        ("", 'nfs = ["sub/my_nf.py"]'),
        ('[tool.pyvigor]\nnfs = ["a.py"]', 'nfs = ["a.py", "sub/my_nf.py"]'),
        ('[tool.pyvigor]\nnfs = ["sub/*.py"]', None),
        ('[tool.pyvigor]\nnfs = ["sub/my_nf.py"]', None),
        ("[tool.pyvigor]\nnfs = 5\n", 'nfs = ["sub/my_nf.py"]'),
        ("no TOML", 'nfs = ["sub/my_nf.py"]'),
    ],
)
def test_it_says_what_the_gate_needs(
    here: Path, project: str, hint: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pyproject.toml").write_text(project)
    assert main(["new", "my_nf", "--folder", "sub"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("wrote sub/my_nf.py, sub/specs/my_nf.py and sub/tests/test_my_nf.py\n")
    assert "pyvigor verify sub/my_nf.py\n" in out
    assert (hint in out) if hint else ("nfs =" not in out)


def test_the_template_is_complete() -> None:
    names = ["__init__.py", "my_nf.py", "specs/__init__.py", "specs/my_nf.py"]
    assert written(TEMPLATE) != []
    found = [name for name in written(TEMPLATE) if name.endswith(".py")]
    assert found == [*names, "tests/__init__.py", "tests/test_my_nf.py"]
