"""The lines run in every shell that a client may use, and never stand in an agent's way."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import UsageError
from mi6_tui.frameworks import names
from mi6_tui.hooks.line import is_ours, shell_line
from mi6_tui.hooks.place import Place
from tests.hooks.places import place_in

POSIX = [
    command
    for command in ("/bin/sh", "dash", "bash", "bash --posix", "busybox sh", "zsh", "mksh")
    if shutil.which(command.split()[0])
]
LOGIN = [command for command in ("/bin/sh", "dash", "bash", "zsh", "fish", "tcsh") if shutil.which(command)]
FOLDERS = ("plain", "with space", "o'brien", 'say "hi"', "a;b&c", "$HOME", "ünï", "back\\slash", "-n")
BROKEN = ("", "exit 2", "if then (", "set -u; : $nothing", ": </nowhere", "\0\1")
PLUGINS = ("opencode", "pi", "amp")
"""Clients that run no shell lines."""
PAYLOAD = b'{"session_id": "s", "text": "' + b"x" * 300_000 + b'"}\n'


def run(shell: str, line: str, home: Path, *, login: bool = False) -> None:
    """Run the line as a client would; it must end with 0, say nothing and take the whole payload."""
    with subprocess.Popen(
        (*shell.split(), "-lc" if login else "-c", line),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=home,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home)},
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(PAYLOAD)  # a broken pipe would raise
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def prepared(folder: Path) -> Place:
    folder.mkdir()
    place = place_in(folder)
    place.prepare()
    return place


def calls(place: Place) -> list[bytes]:
    return [path.read_bytes() for path in place.paths.spool.iterdir()]


@pytest.mark.parametrize("shell", POSIX)
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_call_lands_in_the_spool(tmp_path: Path, shell: str, folder: str) -> None:
    place = prepared(tmp_path / folder)
    run(shell, shell_line("claude", place.script, place.paths.spool, "Stop"), place.home)
    (call,) = calls(place)
    assert call.startswith(PAYLOAD)
    assert b"\tframework=claude\tevent=Stop\t" in call[len(PAYLOAD) :]


@pytest.mark.parametrize("shell", POSIX)
@pytest.mark.parametrize(
    "script", [None, "", "exit 2", "if then (", "set -u; : $nothing", ": </nowhere", "\0\1"]
)
def test_whatever_became_of_the_script_the_agent_goes_on(
    tmp_path: Path, shell: str, script: str | None
) -> None:
    place = prepared(tmp_path / "here")
    place.script.unlink()
    if script is not None:
        place.script.write_text(f"command cat >/dev/null\n{script}\n")
    run(shell, shell_line("claude", place.script, place.paths.spool), place.home)


@pytest.mark.parametrize("shell", POSIX)
def test_without_a_spool_the_agent_goes_on(tmp_path: Path, shell: str) -> None:
    place = prepared(tmp_path / "here")
    place.paths.spool.rmdir()
    run(shell, shell_line("claude", place.script, place.paths.spool), place.home)
    assert not place.paths.spool.exists()


@pytest.mark.parametrize("shell", LOGIN)
@pytest.mark.parametrize("folder", [name for name in FOLDERS if "\\" not in name])
def test_codex_lines_run_in_the_login_shell(tmp_path: Path, shell: str, folder: str) -> None:
    place = prepared(tmp_path / folder)
    (change,) = place.changes("codex", "user")
    run(shell, change.appends[0].value["hooks"][0]["command"], place.home, login=shell != "tcsh")
    (call,) = calls(place)
    assert call.startswith(PAYLOAD)


def commands(place: Place, name: str) -> Iterator[tuple[str, str]]:
    """Event and shell line of each entry of a client in the user's settings."""
    (change,) = place.changes(name, "user")
    for append in change.appends:
        (handler,) = append.value.get("hooks", [append.value])
        yield append.path[-1], handler["command"]
    if name == "copilot" and change.content is not None:
        entries: dict[str, Any] = json.loads(change.content)["hooks"]
        for event, (entry,) in entries.items():
            yield event, entry["bash"]


@pytest.mark.parametrize("name", [name for name in names() if name not in PLUGINS])
def test_every_entry_runs(tmp_path: Path, name: str) -> None:
    place = prepared(tmp_path / "here")
    wanted = list(commands(place, name))
    assert len(wanted) >= 7
    for event, line in wanted:
        assert is_ours(line, place.script)
        run("/bin/sh", line, place.home)
        told = event if name == "copilot" else ""
        (call,) = calls(place)
        assert f"\tframework={name}\tevent={told}\t".encode() in call
        for path in place.paths.spool.iterdir():
            path.unlink()


@pytest.mark.parametrize("folder", FOLDERS)
def test_our_lines_are_known_again_and_no_others(folder: str) -> None:
    script, other = Path("/x", folder, "hook.sh"), Path("/y", folder, "hook.sh")
    line = shell_line("codex", script, Path("/x/spool"))
    nested = f"exec /bin/sh -c {shlex.quote(line)}"
    for ours in (line, nested):
        assert is_ours(ours, script)
        assert not is_ours(ours, other)
    assert not is_ours(f". {shlex.quote(str(script))}", script)
    assert not is_ours("mi6 ingest event", script)


@pytest.mark.parametrize("folder", ["a\nb", "a\x1bb", "a\udcffb"])
def test_paths_that_no_line_can_hold_are_refused(folder: str) -> None:
    with pytest.raises(UsageError, match="cannot stand in a shell line"):
        shell_line("claude", Path(f"/{folder}/hook.sh"), Path("/spool"))


def test_what_hurts_is_not_subscribed(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    subscribed = {
        name: {event for event, _ in commands(place, name)}
        for name in ("claude", "copilot", "gemini", "qwen", "cursor")
    }
    assert not subscribed["claude"] & {"WorktreeCreate", "MessageDisplay"}
    assert not subscribed["copilot"] & {"preToolUse", "permissionRequest"}
    assert not subscribed["gemini"] & {"BeforeModel", "AfterModel", "BeforeToolSelection", "PreCompress"}
    assert not subscribed["qwen"] & {"MessageDisplay"}
    decisive = {"preToolUse", "beforeShellExecution", "beforeMCPExecution", "beforeReadFile", "subagentStart"}
    assert not subscribed["cursor"] & decisive
