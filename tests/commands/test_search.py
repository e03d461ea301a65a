"""`search`, over transcripts whose words a reader of the test knows."""

from __future__ import annotations

import json
import re

import pytest

from tests.commands.conftest import Cli
from tests.commands.test_terminal import on_terminal
from tests.commands.transcripts import SECOND, write_session


@pytest.fixture
def used(cli: Cli) -> Cli:
    """Two sessions of a prompt (second 0), `echo hello` (second 2) and "Hello." (seconds 11 and 12)."""
    write_session(cli.home, "a1-0123456789", prompt="Fix the café's login")
    write_session(cli.home, "b2", prompt="Say hello to Ada")
    return cli


def sessions_of(cli: Cli, *args: str) -> list[tuple[str, str, int]]:
    """Session, kind and second of each hit."""
    return [
        (hit["session_id"], hit["kind"], (hit["timestamp"] - SECOND) // 1000)
        for hit in cli.json("search", *args)
    ]


def test_an_object_says_what_and_where(used: Cli) -> None:
    (hit,) = used.json("search", "CAFE")
    transcript = used.home / ".claude" / "projects" / "-work-greet" / "a1-0123456789.jsonl"
    line = transcript.read_bytes().splitlines()[0]
    assert hit.pop("event_id") > 0
    assert hit.pop("machine_id")
    assert hit == {
        "timestamp": SECOND,
        "kind": "prompt",
        "session_id": "a1-0123456789",
        "name": "Fix the café's login",
        "project": "greet",
        "framework": "claude",
        "tool_name": None,
        "snippet": "Fix the café's login",
        "marks": [[8, 12]],
        "transcript_path": str(transcript),
        "byte_offset": 0,
        "byte_length": len(line),
    }


def test_filters_order_and_limit(used: Cli) -> None:
    assert sessions_of(used, "hello", "--session", "b", "--kind", "prompt") == [("b2", "prompt", 0)]
    assert sessions_of(used, "hello", "--kind", "command", "--session", "a1") == [
        ("a1-0123456789", "command", 2)
    ]
    newest = sessions_of(used, "hello")
    assert [second for *_, second in newest] == sorted((second for *_, second in newest), reverse=True)
    assert sessions_of(used, "hello", "--limit", "1") == newest[:1]
    assert sorted(sessions_of(used, "hello", "--sort", "relevance")) == sorted(newest)
    assert sessions_of(used, "say", "ada", "--since", "2026-11-20", "--until", "2026-11-20") == [
        ("b2", "prompt", 0)
    ]
    assert len(sessions_of(used, "hello", "--framework", "claude")) == len(newest)


def test_a_phrase_and_what_is_not_wanted(used: Cli) -> None:
    assert sessions_of(used, '"hello to"') == [("b2", "prompt", 0)]
    assert {kind for _, kind, _ in sessions_of(used, "hel* -echo")} == {"prompt", "reply"}


@pytest.mark.parametrize(
    "args",
    [
        ("nowhere",),
        ("hel",),
        ("***",),
        ("hello", "--framework", "codex"),
        ("hello", "--since", "2026-11-21"),
        ("hello", "--until", "2026-11-19"),
        ('NEAR("a" b, 5) OR text:^x; DROP TABLE events', "--kind", "reply"),
    ],
)
def test_nothing_found(used: Cli, args: tuple[str, ...]) -> None:
    assert "`begin*` finds longer ones" in used.fails(3, "search", *args)
    done = used.run("search", *args, "--json")
    assert (done.returncode, done.stdout) == (3, "[]\n")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "required: TEXT"),
        (("hello", "--kind", "thought"), "invalid choice: 'thought'"),
        (("hello", "--since", "soon"), "'soon' is no time"),
        (("hello", "--limit", "-1"), "'-1' is no whole number"),
    ],
)
def test_a_question_that_is_none(used: Cli, args: tuple[str, ...], words: str) -> None:
    assert words in used.fails(2, "search", *args)


def test_a_session_that_is_not_there(used: Cli) -> None:
    assert "there is no session 'nobody'" in used.fails(3, "search", "hello", "--session", "nobody")


def test_it_can_do_without_a_scan(used: Cli) -> None:
    assert used.run("search", "hello", "--no-scan").returncode == 3
    used.ok("scan")
    assert used.ok("search", "ada", "--no-scan")


def test_what_gc_deleted_is_not_found(used: Cli) -> None:
    assert used.ok("search", "ada")
    used.ok("gc", "--older-than", "1s")
    assert used.run("search", "ada").returncode == 3


def test_a_line_a_hit(used: Cli) -> None:
    (line,) = used.ok("search", "ada").splitlines()
    assert re.fullmatch(r" *\w+  greet {9}b2  Say hello to Ada {10}Say hello to Ada", line)
    (line,) = used.ok("search", "cafe").splitlines()
    assert re.fullmatch(r" *\w+  greet {9}a1-0123456789  Fix the café's login {6}Fix the café's login", line)


def test_words_are_emphasised_on_a_terminal_of_colours_alone(used: Cli) -> None:
    used.ok("scan")
    for env, bold in (({}, True), ({"NO_COLOR": "1"}, False)):
        with on_terminal(used, "search", "hello", "ada", columns=120, env=env) as screen:
            assert screen.finish() == 0
        seen = screen.seen.decode()
        assert ("Say \x1b[1mhello\x1b[0m to \x1b[1mAda\x1b[0m" in seen) == bold
        assert ("\x1b" in seen) == bold
        assert re.search(r"  b2        Say hello to Ada  ", seen)


@pytest.mark.parametrize("columns", [1, 20, 60, 100])
def test_a_line_fits_the_terminal_and_shows_what_was_found(cli: Cli, columns: int) -> None:
    write_session(
        cli.home, "0123456789", prompt="修复登录页面 " * 8 + "\x1b]0;owned\x07 pear [b]x[/b] " + "after " * 40
    )
    cli.ok("scan")
    with on_terminal(cli, "search", "pear", columns=columns, env={"NO_COLOR": "1"}) as screen:
        assert screen.finish() == 0
    (line,) = screen.seen.decode().splitlines()
    assert sum(2 if char > "⺀" else 1 for char in line) <= columns
    assert not set(screen.seen) & {0x1B, 0x07}
    assert ("pear" in line) == (columns >= 60)


def test_foreign_text_is_data(cli: Cli) -> None:
    write_session(cli.home, "a1", prompt="\x9b31m\u202epear\u2028[red]x")
    (line,) = cli.ok("search", "pear").splitlines()
    assert not {"\x9b", "\u202e", "\u2028"} & set(line)
    (hit,) = json.loads(cli.ok("search", "pear", "--json"))
    ((start, stop),) = hit["marks"]
    assert hit["snippet"][start:stop] == "pear"
