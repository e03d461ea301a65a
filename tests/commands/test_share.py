"""`--share` on the command line: what may be shown, and what is refused."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session

WORD = "zebra"


@pytest.fixture
def used(cli: Cli) -> Cli:
    write_session(cli.home, f"{WORD}-1111", prompt=f"Feed the {WORD}")
    return cli


def test_a_shared_list_has_no_word_of_it_and_news_are_recorded(used: Cli) -> None:
    (told,) = used.json("--share", "sessions")
    assert (told["session_id"], told["title"], told["cwd"]) == ("session-1", "session-1", "/project-1")
    assert told["total_tokens"] == 230
    assert told["cost_usd"] is None
    (real,) = used.json("sessions", "--no-scan")
    assert real["session_id"] == f"{WORD}-1111"


@pytest.mark.parametrize(
    "command",
    [
        ("sessions",),
        ("sessions", "--json"),
        ("session", "session-1"),
        ("session", f"{WORD}-1111", "--json"),
        ("events",),
        ("events", "--json", "--session", "session-1"),
        ("stats", "--by", "session"),
        ("stats", "--by", "project", "--json"),
    ],
)
def test_no_command_tells(command: tuple[str, ...], used: Cli) -> None:
    told = used.ok("--share", *command)
    assert told
    assert WORD not in told
    assert str(used.home) not in told
    assert "greet" not in told


@pytest.mark.parametrize(
    "command", ["explain", "search", "sql", "verify", "forget", "scan", "status", "doctor"]
)
def test_other_commands_are_refused(command: str, used: Cli) -> None:
    arguments = {"explain": ["x"], "search": ["x"], "sql": ["SELECT 1"], "forget": ["x"]}.get(command, [])
    assert f"`{command}` shows what --share hides" in used.fails(2, "--share", command, *arguments)


def test_what_it_advises_it_does(cli: Cli) -> None:
    """Whoever is told what can be shared, or that nothing is there, is led to no refusal."""
    _, _, advice = cli.fails(2, "--share", "doctor").partition("; ")
    commands = advice.removesuffix(" can be shared").split(", ")
    assert commands[0] == "the dashboard"
    for command in commands[1:]:
        assert "shows what --share hides" not in cli.run("--share", command, "--help").stderr
    assert cli.run("--share", "sessions").stderr == "mi6-tui: no session matches\n"
    assert "`mi6-tui status`" in cli.run("sessions").stderr


def test_the_demo_can_be_shared(cli: Cli) -> None:
    told = cli.json("--share", "demo")
    assert {session["name"].split("-")[0] for session in told} == {"session"}
    assert {session["cost_usd"] for session in told} == {None}
