"""`remote`, and the commands that read what it added."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.cli import main
from mi6_tui.model import SessionQuery
from mi6_tui.paths import machine_id
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.remote.machine import Far, Ssh
from tests.ingest.remote.whole import PROJECT, lines


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our own files, in a folder of the test; the settings are returned."""
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    return tmp_path / "state" / "settings.toml"


def keys(own: Path) -> set[tuple[str, str]]:
    storage = SqliteStorage(own.with_name("mi6.db"))
    try:
        return {session.key for session in storage.list_sessions(SessionQuery())}
    finally:
        storage.close()


def test_added_read_and_removed(far: Far, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own.parent.mkdir()
    own.write_text("# mine\n[dashboard]\nascii = true # so\n")
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    (far.home / ".local/share/opencode").mkdir(parents=True)
    assert main(["remote", "add", "far"]) == 0
    assert capsys.readouterr().out == (
        "far calls itself far; transcripts: 1 of claude; not read over ssh, being databases: opencode\n"
    )
    added = '[[remotes]]\naddress = "far"\nname = "far"\n'
    assert own.read_text() == "# mine\n[dashboard]\nascii = true # so\n" + added
    assert main(["remote", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["far", "far", "-"]
    assert main(["scan"]) == 0
    assert capsys.readouterr().out.startswith("1 of 1 files, ")
    assert keys(own) == {("far", "a")}
    assert main(["remote", "list"]) == 0
    assert "ago" in capsys.readouterr().out
    assert main(["remote", "check"]) == 0
    assert main(["remote", "remove", "far"]) == 0
    assert own.read_text().rstrip() == "# mine\n[dashboard]\nascii = true # so"
    assert keys(own) == {("far", "a")}
    assert main(["remote", "list"]) == 0
    assert "no machine was added" in capsys.readouterr().err


def test_commands_that_are_quick_ask_nobody(far: Far, own: Path) -> None:
    far.write(f"{PROJECT}/a.jsonl", lines("a", 1))
    assert main(["remote", "add", "far"]) == 0
    assert main(["sessions"]) == 0
    assert keys(own) == set()


def test_what_cannot_be_read_is_not_added(ssh: Ssh, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far = ssh.machine("far")
    far.program("sh", "exit 1")
    assert main(["remote", "add", "far"]) == 1
    assert capsys.readouterr().err == (
        "mi6-tui: far: the connection ended; mend it until `ssh far true` works\n"
    )
    assert not own.exists()
    # Unless it is known what it will call itself.
    assert main(["remote", "add", "far", "--name", "later"]) == 0
    assert main(["remote", "check", "far"]) == 1
    assert main(["scan"]) == 1
    assert "cannot read far: the connection ended" in capsys.readouterr().err
    (far.bin / "sh").unlink()
    assert main(["remote", "check"]) == 1
    assert capsys.readouterr().out == "far: it calls itself far, not later\n"


def test_a_name_that_is_taken_needs_a_word(ssh: Ssh, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = machine_id()
    ssh.machine("far").program("uname", f"echo {here}")
    assert main(["remote", "add", "far"]) == 4
    assert capsys.readouterr().err == (
        f"mi6-tui: far: it calls itself {here}, as this machine does; "
        f"if they are the same machine: --name {here}\n"
    )
    assert main(["remote", "add", "far", "--name", "other"]) == 4
    assert not own.exists()
    assert main(["remote", "add", "far", "--name", here]) == 0


def test_remotes_of_one_line_stay_so(far: Far, own: Path) -> None:
    own.parent.mkdir()
    own.write_text('remotes = [{ address = "old" }]\n')
    assert main(["remote", "add", "far"]) == 0
    assert main(["remote", "remove", "old"]) == 0
    assert own.read_text() == 'remotes = [{address = "far", name = "far"}]\n'


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add"], 2),
        (["remove"], 2),
        (["remove", "far"], 3),
        (["check", "far"], 3),
        (["check"], 3),
        (["list", "--name", "x"], 2),
        (["add", "-oProxyCommand=x"], 2),
        (["add", "a b"], 2),
        (["add", "x;touch y"], 2),
    ],
)
def test_bad_usage(words: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remote", *words]) == code
    assert capsys.readouterr().err


def test_settings_that_are_wrong_stop_no_scan(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own.parent.mkdir()
    own.write_text('[[remotes]]\naddress = "-oProxyCommand=x"\n')
    assert main(["scan"]) == 0
    assert "no other machine is read" in capsys.readouterr().err
    assert main(["remote", "list"]) == 1
