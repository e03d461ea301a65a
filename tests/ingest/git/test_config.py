"""The syntax of git's settings, against what the git program reads in the same file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.ingest.git.config import Entry, Remotes, entries
from tests.ingest.git.program import Git


def by_git(git: Git, file: Path) -> list[Entry] | None:
    """The settings as git lists them; None if it refuses the file."""
    listed = git(file.parent, "config", "--file", str(file), "--list", "--null", ok=False)
    found = []
    for item in listed.split("\0")[:-1]:
        name, is_set, value = item.partition("\n")
        section, rest = name.split(".", 1)
        middle, _, key = rest.rpartition(".")
        found.append(Entry(section, middle, key, value if is_set else "true"))
    return found or None


@pytest.mark.parametrize(
    "text",
    [
        '[remote "origin"]\n\turl = git@github.com:o/r.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
        '[remote "origin"] url=x\n',
        '[REMOTE "Origin"]\nURL = x\n',
        "[remote.Origin]\nurl = x\n",
        '[remote   "a b"]\nurl = x\n',
        '[remote "a\\"b\\\\c\\d"]\nurl = x\n',
        "[a]\n# comment\n; comment\nb = c # comment\nd = e;comment\n",
        '[a]\nb = "c # d"\ne = "f ; g" h\n',
        '[a]\nb = "  c  "  \nd =   e  f  \n',
        "[a]\nb = c\\\n  d\ne = f\n",
        '[a]\nb = "c\\\nd"\n',
        '[a]\nb = c\\td\\n\\"e\\"\\\\\n',
        "[a]\nb\nc = \nd =",
        "[a]\r\nb = c\r\n[d]\r\ne = f\r\n",
        "\ufeff[a]\nb = c\n",
        "[a]\nb = größe\n",
        "[a] [b] c = d\n",
        "[a]b=c\n",
        "   [a]\n\n\n   b   =   c\n",
        "[a-b]\nc-d = e=f\n",
    ],
)
def test_it_reads_what_git_reads(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_bytes(text.encode())
    assert list(entries(text)) == by_git(Git(tmp_path / "home"), file)


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nb = c\n[d\n",
        '[a]\nb = c\nd = "e\nf = g\n',
        "[a]\nb = c\n=d\n",
        "[a]\nb = c\nd e\n",
        "[a]\nb = c\nd # e\n",
        "[a]\nb = c\nd = \\x\n",
        "[a]\nb = c\n1 = 2\n",
    ],
)
def test_it_ends_where_git_gives_up(text: str) -> None:
    assert list(entries(text)) == [Entry("a", "", "b", "c")]


@pytest.mark.parametrize("text", ["", "\n", "a = b\n", "[]\n", "[a b]\n", "\0", '["a"]\nb = c'])
def test_there_is_nothing_to_read(text: str) -> None:
    assert list(entries(text)) == []


SYNTAX = st.sampled_from(["[", "]", '"', "\\", "\n", "=", " ", "a", "b", "#", ";", '[r "o"]', "url", "c=d\n"])


@settings(max_examples=300)
@given(st.text(max_size=80) | st.lists(SYNTAX, max_size=30).map("".join))
def test_any_text_can_be_read(text: str) -> None:
    Remotes(entries(text)).main("main")


@settings(max_examples=40)
@given(text=st.lists(SYNTAX, max_size=12).map(lambda parts: "[x]\n" + "".join(parts)))
def test_whatever_git_accepts_is_read_alike(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(text)
    listed = by_git(Git(folder / "home"), folder / "config")
    assert listed is None or list(entries(text)) == listed


def test_long_nonsense_takes_no_long_time() -> None:
    for piece in ('[a "', "[a]\n", "a", "\\", '"', " ", "#", "[a]b=", "\\\n"):
        list(entries("[a]\nb = " + piece * 20_000))


def test_of_several_urls_the_first_counts_and_empty_ones_do_not() -> None:
    text = '[remote "x"]\nurl =\nurl = one\nurl = two\n[remote]\nurl = nameless\n'
    assert Remotes(entries(text)).main(None) == "one"
