"""`push` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui.cli import main
from mi6_tui.ingest.forward.pusher import Sent
from mi6_tui.model import SessionQuery
from mi6_tui.storage.postgres import PostgresStorage
from tests.commands.transcripts import write_session
from tests.storage.postgres.server import PostgresServer


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MI6_TUI_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("MI6_TUI_DB", raising=False)
    write_session(tmp_path, "first")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_once(url: str, storage: PostgresStorage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", "--to", url]) == 0
    sent = storage.count()
    assert capsys.readouterr().out == f"{sent} events sent\n"
    (row,) = storage.list_sessions(SessionQuery())
    assert (row.session_id, row.api_request_count, row.tokens_input) == ("first", 2, 20)
    assert main(["push", "--to", url, "--json"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["push", "--to", url, "--json", "--again"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = msgspec.json.decode(line, type=Sent, strict=True)
    assert (told.events, told.more) == (sent, False)
    assert set(json.loads(line)) == set(Sent.__struct_fields__)
    assert storage.count() == sent


def test_settings_keep_texts_back(home: Path, url: str, storage: PostgresStorage) -> None:
    settings = home / "state" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("[push]\npreviews = false\n")
    assert main(["push", "--to", url]) == 0
    (row,) = storage.list_sessions(SessionQuery())
    assert (row.first_user_message, row.api_request_count) == (None, 2)


def test_settings_that_cannot_be_read_send_nothing(
    home: Path, url: str, storage: PostgresStorage, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home / "state" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("[push]\npreviews = 'no'\n")
    assert main(["push", "--to", url]) == 1
    assert "previews" in capsys.readouterr().err
    settings.unlink()
    settings.symlink_to("elsewhere")
    assert main(["push", "--to", url]) == 1
    assert "settings.toml: a link to a file that is not there" in capsys.readouterr().err
    assert storage.count() == 0


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("push", "--to", "elsewhere.db"), 2, "--to names no PostgreSQL database"),
        (("push", "--to", "postgresql://u:sesame@h/d"), 2, "put it into PGPASSWORD"),
        (("--db", "postgresql://h/d", "push", "--to", "postgresql://h/d"), 2, "stands in a file"),
        (
            ("push", "--no-scan", "--to", "postgresql://mi6@%2Fnowhere/d"),
            1,
            "mi6-tui: postgresql://mi6@%2Fnowhere/d cannot be reached: No such file or directory; "
            "check the address, and that the server runs; what was not sent stays here\n",
        ),
    ],
)
def test_what_cannot_be_done(
    argv: tuple[str, ...], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    told = capsys.readouterr()
    assert words in told.err
    assert "trying again" not in told.err
    assert "sesame" not in told.err + told.out


@contextmanager
def following(url: str) -> Iterator[subprocess.Popen[str]]:
    """The command that stays; killed if the test does not end it."""
    process = subprocess.Popen(
        (sys.executable, "-m", "mi6_tui", "push", "--to", url, "--follow", "--json"),
        env=os.environ | {"PYTHONWARNINGS": "error"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next object that it prints."""
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_it_stays_scans_and_survives_a_server_that_goes(home: Path, url: str, server: PostgresServer) -> None:
    with following(url) as process:
        assert process.stderr is not None
        sent = line_of(process)["events"]
        server.stop("immediate")
        try:
            write_session(home, "second")
            assert "cannot be reached" in (said := process.stderr.readline())
            assert said.endswith("; trying again\n")
        finally:
            server.start()
        while line_of(process)["events"] == 0:
            pass
        assert process.stderr.readline().endswith("connected again\n")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == ""
    with closing(PostgresStorage(url)) as shared:
        assert shared.count() == 2 * sent


@pytest.mark.usefixtures("home", "storage")
def test_a_service_manager_ends_it(url: str) -> None:
    with following(url) as process:
        line_of(process)
        process.terminate()
        assert process.wait() == -signal.SIGTERM
