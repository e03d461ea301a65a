"""`--share` on the command line: what may be shown, and what is refused."""

from __future__ import annotations

import os

import pytest

from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session

WORD = "zebra"
WITHHELD = "something is wrong: without --share the command tells what"


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
        ("session", "session-1", "--json"),
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


@pytest.mark.parametrize("command", [("session",), ("events", "--session")])
def test_no_real_id_leads_to_a_pseudonym(command: tuple[str, ...], used: Cli) -> None:
    used.ok("scan")
    for word in (f"{WORD}-1111", WORD[:3]):
        assert used.run(*command, word, "--no-scan").returncode == 0
        assert f"there is no session '{word}'" in used.fails(3, "--share", *command, word, "--no-scan")


def test_no_note_names_a_place(used: Cli) -> None:
    """What is wrong is told without --share: the same commands, and what they then say."""
    folder = used.home / "elsewhere"
    folder.mkdir()
    assert str(folder) in used.fails(1, "--db", str(folder), "sessions")
    assert used.fails(1, "--share", "--db", str(folder), "sessions") == WITHHELD
    nobody = "postgresql://ada@localhost:1/zebra"
    assert used.fails(1, "--share", "--db", nobody, "sessions") == WITHHELD
    settings = used.store.with_name("settings.toml")
    settings.parent.mkdir()
    settings.write_text(f'[[prices]]\nmodel = "{WORD}"\ninput = "much"\n')
    assert str(settings) in used.run("stats").stderr
    for name in ("stats", "sessions"):
        assert used.run("--share", name).stderr == f"mi6-tui: {WITHHELD}\n"


def test_files_that_cannot_be_read_are_told_once_and_not_by_name(used: Cli) -> None:
    (folder,) = (used.home / ".claude" / "projects").iterdir()
    for name in (b"a\xff.jsonl", b"b\xff.jsonl"):
        (folder / os.fsdecode(name)).write_text("{}\n")
    assert used.run("sessions").stderr.count(f"cannot read {folder}/") == 2
    assert used.run("--share", "sessions").stderr == f"mi6-tui: {WITHHELD}\n"


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
