"""`ingest event`: one hook call from stdin into the store."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mi6_tui.model import EventQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import PROGRAM, Cli

STOP = {"session_id": "s1", "hook_event_name": "Stop", "last_assistant_message": "Done."}


def ingest(cli: Cli, payload: bytes, *args: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        (*PROGRAM, "ingest", *args), input=payload, capture_output=True, env=cli.env | env, check=False
    )


def test_a_call_is_recorded_and_nothing_printed(cli: Cli) -> None:
    payload = json.dumps(STOP | {"cwd": str(cli.home)}).encode()
    environment = {
        "CLAUDE_PID": "4711",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
        "TMUX": "/tmp/tmux-1/default,7,0",
        "TMUX_PANE": "%3",
        "ANTHROPIC_API_KEY": "sk-secret-1234",
    }
    done = ingest(cli, payload, "event", "--framework", "claude", **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    storage = SqliteStorage(cli.store)
    (event,) = storage.query(EventQuery())
    session = storage.get_session("s1")
    storage.close()
    assert (event.event_type, event.source, event.pid, event.preview) == ("Stop", "hook", 4711, "Done.")
    assert session is not None
    assert (session.terminal, session.entrypoint) == ("tmux /tmp/tmux-1/default %3", "cli")
    assert not any(b"secret" in file.read_bytes() for file in cli.store.parent.glob("mi6.db*"))


def test_the_events_name_where_the_payload_does_not_tell_it(cli: Cli) -> None:
    payload = b'{"sessionId":"s2","toolName":"bash"}'
    done = ingest(cli, payload, "event", "--framework", "copilot", "--event", "postToolUse")
    assert (done.returncode, done.stdout) == (0, b"")
    storage = SqliteStorage(cli.store)
    assert [event.event_type for event in storage.query(EventQuery())] == ["PostToolUse"]
    storage.close()


def test_two_calls_are_two_events(cli: Cli) -> None:
    for _ in range(2):
        ingest(cli, json.dumps(STOP).encode(), "event", "--framework", "claude")
    storage = SqliteStorage(cli.store)
    assert storage.count() == 2
    storage.close()


def test_git_context_comes_along(cli: Cli) -> None:
    git = cli.home / "work" / ".git"
    git.mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text('[remote "origin"]\n\turl = git@github.com:owner/name.git\n')
    (git / "objects").mkdir()
    (git / "refs").mkdir()
    payload = json.dumps(STOP | {"cwd": str(git.parent)}).encode()
    assert ingest(cli, payload, "event", "--framework", "claude").returncode == 0
    storage = SqliteStorage(cli.store)
    session = storage.get_session("s1")
    storage.close()
    assert session is not None
    assert session.github_repo == "owner/name"
    assert session.local_git_dir is not None and Path(session.local_git_dir).samefile(git)


@pytest.mark.parametrize(
    ("payload", "args", "code", "said"),
    [
        (b"", ("--framework", "claude"), 1, "it is no JSON object"),
        (b"\x00\xff", ("--framework", "claude"), 1, "it is no JSON object"),
        (b'{"session_id":"../x"}', ("--framework", "claude"), 1, "it tells of no session"),
        (json.dumps(STOP).encode(), ("--framework", "copilot"), 1, "it tells of no session"),
        (b" " * (16 << 20) + b"{}", ("--framework", "claude"), 1, "more than 16 MB"),
        (json.dumps(STOP).encode(), ("--framework", "emacs"), 2, "no framework is called 'emacs'"),
        (json.dumps(STOP).encode(), (), 2, "--framework"),
    ],
    ids=["nothing", "binary", "hostile", "of another client", "huge", "unknown client", "no client"],
)
def test_what_cannot_be_recorded(
    cli: Cli, payload: bytes, args: tuple[str, ...], code: int, said: str
) -> None:
    done = ingest(cli, payload, "event", *args)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.startswith(b"mi6-tui: ") and done.stderr.count(b"\n") == 1
    assert said in done.stderr.decode()


def test_stdin_that_is_closed(cli: Cli) -> None:
    command = (*PROGRAM, "ingest", "event", "--framework", "claude")
    done = subprocess.run(
        ("sh", "-c", 'exec "$@" <&-', "sh", *command), capture_output=True, env=cli.env, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"mi6-tui: stdin is closed; pipe the payload of a hook into it\n"
