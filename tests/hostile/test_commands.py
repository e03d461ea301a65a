"""What the text commands print of hostile sessions: lines, our own colours, and JSON that steers nothing."""

from __future__ import annotations

import json
import re
import shutil
import socket
import time
from pathlib import Path
from typing import Final

import pytest

from mi6_tui.report.session_fields import FIELDS
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli
from tests.commands.test_terminal import on_terminal
from tests.commands.transcripts import write_session
from tests.hostile.fleet import OUR_COLOURS, STEERING, TEXTS, WORDS, fill


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store of hostile sessions."""
    store = tmp_path_factory.mktemp("filled") / "mi6.db"
    now = time.time_ns() // 1_000_000
    storage = SqliteStorage(store, clock=lambda: now)
    ids = fill(storage, now, socket.gethostname())
    storage.close()
    return store, ids


@pytest.fixture
def cli(tmp_path: Path, filled: tuple[Path, list[str]]) -> Cli:
    cli = Cli(tmp_path)
    cli.store.parent.mkdir()
    shutil.copy(filled[0], cli.store)
    return cli


_FLOOD: Final = re.compile("[\u0300-\u036f\u20d0-\u20ff\u0489]{10}")


def check_plain(text: str) -> None:
    """Nothing in it steers a terminal."""
    found = STEERING.search(text)
    assert found is None, (found, text[max(0, found.start() - 60) : found.end() + 60])
    assert not _FLOOD.search(text)


_COMMANDS = (
    ("sessions", "--columns", ",".join(FIELDS)),
    ("sessions",),
    ("events", "--limit", "500"),
    ("search", "owned"),
    ("search", "x*"),
    ("search", "evil"),
    *(("stats", "--by", by) for by in ("day", "model", "project", "framework", "session")),
    ("next",),
    ("status",),
    ("doctor",),
    ("sql", "SELECT * FROM v_sessions"),
    ("sql", "SELECT preview, payload AS '\x1b[2J\u202e' FROM events LIMIT 300"),
    ("verify",),
)  # fmt: skip


@pytest.mark.parametrize("args", _COMMANDS, ids=lambda args: "-".join(args)[:30])
def test_a_command_in_a_pipe(cli: Cli, args: tuple[str, ...]) -> None:
    done = cli.run(*args)
    assert done.returncode in (0, 1, 3), done.stderr
    assert "Traceback" not in done.stderr
    check_plain(done.stdout)
    check_plain(done.stderr)
    done = cli.run(*args, "--json")
    assert done.returncode in (0, 1, 3), done.stderr
    check_json(done.stdout)


def check_json(text: str) -> None:
    """Each line is a value, and nothing in it steers a terminal."""
    found = STEERING.search(text)
    assert found is None, (found, text[max(0, found.start() - 60) : found.end() + 60])
    for line in text.splitlines():
        json.loads(line)


@pytest.mark.parametrize(
    "args", [_COMMANDS[1], _COMMANDS[2], _COMMANDS[3], ("next",), ("doctor",), ("stats", "--by", "project")]
)
def test_a_command_on_a_terminal(cli: Cli, args: tuple[str, ...]) -> None:
    with on_terminal(cli, *args, "--no-scan") if args[0] != "doctor" else on_terminal(cli, *args) as screen:
        assert screen.finish() in (0, 1, 3)
        text = screen.seen.decode()
    text = OUR_COLOURS.sub("", text).replace("\r\n", "\n")
    check_plain(text)


def test_each_hostile_session_by_itself(cli: Cli, filled: tuple[Path, list[str]]) -> None:
    for number, name in enumerate(TEXTS):
        session = f"{number:02}1{name}"
        for args in (("session", session), ("explain", session)):
            done = cli.run(*args, "--no-scan")
            assert done.returncode in (0, 3), done.stderr
            check_plain(done.stdout)
            check_plain(done.stderr)
        check_json(cli.run("session", session, "--json", "--no-scan").stdout)


def test_hostile_arguments_are_told_of_in_one_line(cli: Cli) -> None:
    cli.cwd = cli.home  # where a store of such a name may be made
    for word in WORDS:
        for args in (
            ("session", word), ("sessions", "--where", word), ("sessions", "--sort", word),
            ("sessions", "--columns", word), ("stats", "--timezone", word), ("stats", "--since", word),
            ("sql", word), ("scan", word), ("--db", word, "sessions"), (word,),
            ("search", "--kind", word, "x"),
        ):  # fmt: skip
            done = cli.run(*args)
            assert done.returncode in (0, 1, 2, 3), (args, done.stderr)
            assert "Traceback" not in done.stderr
            check_plain(done.stdout)
            check_plain(done.stderr)


def test_hostile_names_of_files_and_settings_are_told_of_in_one_line(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    for number, text in enumerate(TEXTS.values()):
        name = text.replace("/", "-").replace("\0", "").strip()[:60] or "x"
        path = write_session(cli.home, f"{number:08}-{name}")
        path.with_suffix(".jsonl").chmod(0o600)
        (path.parent / f"f{name}.jsonl").mkdir(exist_ok=True)
    settings = cli.home / "state" / "settings.toml"
    settings.parent.mkdir()
    for args in (("scan",), ("status",), ("doctor",), ("sessions",)):
        for text in ("", *WORDS):
            settings.write_text(f"[dashboard]\n{json.dumps(text)} = {json.dumps(text)}\n" if text else "")
            done = cli.run(*args)
            assert done.returncode in (0, 1), done.stderr
            check_plain(done.stdout)
            check_plain(done.stderr)
