"""`enable` and `disable` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from mi6_tui.commands.hook_setup import Done
from tests.commands.conftest import Cli

NOWHERE = "/nowhere"
"""A path without clients."""


def settings(cli: Cli, text: str = '{\n  "model": "opus"\n}\n') -> Path:
    """Claude's settings in the home."""
    file = cli.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text(text)
    return file


def test_there_and_back_again(cli: Cli) -> None:
    file = settings(cli)
    before = file.read_bytes()
    told = cli.ok("enable", "claude")
    backup = told.split("as it was before: ")[1].split(";")[0]
    assert told.startswith(f"claude enabled in {file}; ")
    assert Path(backup).read_bytes() == before
    once = file.read_bytes()
    assert cli.ok("enable", "claude") == f"claude already enabled in {file}\n"
    assert file.read_bytes() == once
    assert cli.ok("disable", "claude") == f"claude disabled in {file}\n"
    assert file.read_bytes() == before
    assert cli.ok("disable", "claude") == f"claude not enabled in {file}\n"


def test_without_names_the_clients_that_are_here(cli: Cli) -> None:
    settings(cli)
    (cli.home / ".codex").mkdir()
    done = cli.run("enable", PATH=NOWHERE)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["claude", "codex"]
    assert "trust the hooks" in done.stdout.splitlines()[1]
    cli.ok("enable", "copilot")
    undone = cli.run("disable", PATH=NOWHERE)
    assert [line.split()[0] for line in undone.stdout.splitlines()] == ["claude", "codex", "copilot"]
    again = cli.run("disable", PATH=NOWHERE)
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "mi6-tui: none of our hooks are set up\n"


def test_a_program_on_the_path_is_a_client(cli: Cli, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "gemini"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    done = cli.run("enable", PATH=str(program.parent))
    assert done.stdout.startswith("gemini enabled in ")


def test_no_client_at_all(cli: Cli) -> None:
    done = cli.run("enable", PATH=NOWHERE)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("mi6-tui: no client is on this machine; name one of ")


def test_an_unknown_name_stops_everything(cli: Cli) -> None:
    file = settings(cli)
    before = file.read_bytes()
    assert cli.fails(2, "enable", "claude", "nobody").startswith("no framework is called 'nobody'")
    assert cli.fails(2, "disable", "claud").startswith("no framework is called 'claud'")
    assert file.read_bytes() == before
    assert not (cli.home / "state").exists()


def test_one_fails_and_the_others_work(cli: Cli) -> None:
    file = settings(cli, '{\n"hooks": []}')
    done = cli.run("enable", "claude", "codex", "--json")
    assert done.returncode == 1
    assert done.stderr.startswith(f'mi6-tui: claude: {file}, line 2: "hooks" is no object; ')
    rows = msgspec.json.decode(done.stdout, type=list[Done])
    assert [(row.framework, row.changed, bool(row.error)) for row in rows] == [
        ("claude", False, True),
        ("codex", True, False),
    ]
    assert file.read_text() == '{\n"hooks": []}'
    assert (cli.home / ".codex" / "hooks.json").exists()


def test_print_changes_nothing(cli: Cli) -> None:
    file = settings(cli)
    before = file.read_bytes()
    shown = cli.ok("enable", "claude", "codex", "--print")
    assert f"--- {file}\n+++ {file}\n" in shown
    assert '\n-  "model": "opus"\n+  "model": "opus",\n+  "hooks": {\n' in shown
    assert f"--- /dev/null\n+++ {cli.home}/.codex/hooks.json\n" in shown
    assert file.read_bytes() == before
    assert not (cli.home / "state").exists() and not (cli.home / ".codex").exists()
    (row,) = cli.json("enable", "claude", "--print")
    assert row["changed"] and row["diff"] in shown and row["backup"] is None


def test_a_project(cli: Cli, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (row,) = cli.json("enable", "claude", "--project", str(project))
    assert (row["scope"], row["file"]) == ("project", f"{project}/.claude/settings.local.json")
    assert "hooks" in json.loads(Path(row["file"]).read_text())
    assert not (cli.home / ".claude").exists()
    (row,) = cli.json("disable", "--project", str(project))
    assert (row["framework"], row["changed"]) == ("claude", True)
    assert list(project.iterdir()) == []
    assert cli.fails(2, "enable", "--project", "claude").startswith("claude is no folder; ")


@pytest.mark.parametrize("command", ["enable", "disable"])
def test_foreign_text_in_a_diff_stays_text(cli: Cli, command: str) -> None:
    settings(cli, '{\n  "a\u202e\u009b31m": 1\n}\n')
    cli.ok("enable", "claude") if command == "disable" else None
    shown = cli.ok(command, "claude", "--print")
    assert "\u202e" not in shown and "\u009b" not in shown
