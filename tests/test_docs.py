"""What the documents show is what happens: every block is run, and every output compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import Block, Reader, agrees, blocks, changed

ROOT = Path(__file__).parents[1]
RUN = ["tutorial", "specs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_the_blocks_of_a_document(name: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    found = blocks((ROOT / "docs" / f"{name}.md").read_text())
    assert found
    for block in found:
        reader.follow(block)


@pytest.mark.parametrize("name", RUN)
def test_only_installation_is_not_run(name: str) -> None:
    for block in blocks((ROOT / "docs" / f"{name}.md").read_text()):
        if block.language == "sh":
            assert all("pip install" in line for line in block.text.splitlines())
        else:
            assert block.language == "console" or block.file, f"line {block.line}: no file"


# ---------------------------------------------------------------- the way documents are read

DOCUMENT = """Text.

```python a/b.py
x = 1
```

```diff a/b.py
-x = 1
+x = 2
```

```python a/b.py append
print(x)
```

```console
$ python a/b.py
2
$ echo no | tr n s && false
s…
```
"""


def test_a_document_is_followed(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks(DOCUMENT):
        reader.follow(block)
    assert (reader.folder / "a" / "b.py").read_text() == "x = 2\n\n\nprint(x)\n"


def test_another_output_is_noticed_with_its_line(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    *files, console = blocks(DOCUMENT.replace("\n2\n", "\n3\n"))
    for block in files:
        reader.follow(block)
    with pytest.raises(AssertionError, match=r"line 17: \$ python a/b\.py\n2\n"):
        reader.follow(console)


@pytest.mark.parametrize("text", ["x = 1\nx = 1\n", "y = 1\n"])
def test_a_change_of_what_is_not_there_once_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError, match=r"line 5: found [02] times in f:\nx = 1\n"):
        changed(text, Block(5, "diff", "f", False, "-x = 1\n+x = 2\n"))


@pytest.mark.parametrize(
    ("output", "shown", "same"),
    [
        ("a\nb\n", "a\nb", True),
        ("a \nb\n", "a\nb", True),
        ("a\nb\n", "a", False),
        ("a\n", "a\nb", False),
        ("took 3.1 s (about)\n", "took … s (about)", True),
        ("took 3.1 m (about)\n", "took … s (about)", False),
        ("a\nb\nc\nd\n", "a\n…\nd", True),
        ("a\nd\n", "a\n…\nd", True),
        ("a\nb\nc\n", "a\n…\nd", False),
        ("a\nx\nb\n", "a…\nb", False),
        ("", "", True),
        ("a\n", "", False),
    ],
)
def test_what_an_ellipsis_stands_for(output: str, shown: str, same: bool) -> None:
    assert agrees(output, shown) is same
