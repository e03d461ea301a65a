"""Everything is measured, in small: which figures come out, and what is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from mi6_tui.bench import place as places
from mi6_tui.bench.corpus import session_id
from mi6_tui.bench.fleet import running
from mi6_tui.bench.place import OURS, Place, Sizes, place
from mi6_tui.bench.rows import GROUPS, Group, measure
from mi6_tui.commands.schema import TYPES
from mi6_tui.errors import Mi6Error
from tests.commands.conftest import Cli

SMALL = Sizes(
    files=16, large_files=17, turns=8, large_turns=16, listed=12, many=13, events=600, live=2, patience=0.03
)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.rows[0].name)
def test_every_declared_row_is_measured(tmp_path: Path, group: Group) -> None:
    names = frozenset(row.name for row in group.rows)
    failures: list[object] = []
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        figures = list(measure(where, names, lambda *failure: failures.append(failure)))
    assert failures == []
    assert [figure.name for figure in figures] == [row.name for row in group.rows]
    assert all(figure.value >= 0 and figure.runs for figure in figures)
    assert all(one.value is not None for figure in figures for one in figure.against if _is_here(one.name))
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("transcripts-")] == []


def _is_here(rival: str) -> bool:
    return rival not in ("ccusage", "mi6") or shutil.which(rival) is not None


def test_a_row_that_cannot_be_measured_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    rival = broken / "ccusage"
    rival.write_text("#!/bin/sh\necho no such option >&2\nexit 2\n")
    rival.chmod(0o700)
    monkeypatch.setenv("PATH", f"{broken}:{os.environ['PATH']}")
    failures: list[tuple[str, Exception]] = []
    with place(tmp_path / "work", runs=1, sizes=SMALL) as where:
        figures = list(measure(where, frozenset({"cold", "hook"}), lambda *failure: failures.append(failure)))
    assert [figure.name for figure in figures] == ["hook"]
    ((rows, error),) = failures
    assert rows == "cold"
    assert isinstance(error, subprocess.CalledProcessError) and b"no such option" in error.stderr


def test_transcripts_are_kept_and_made_once(tmp_path: Path) -> None:
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        made = where.corpus(3)
        stamp = (made.home / "corpus.json").stat().st_mtime_ns
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        again = where.corpus(3)
    assert again == made
    assert (again.home / "corpus.json").stat().st_mtime_ns == stamp
    assert len(list(again.config.rglob("*.jsonl"))) == 3


def test_what_a_killed_run_left_and_other_recipes_are_thrown_away(tmp_path: Path) -> None:
    old = time.time() - 7200
    for name in ("run-dead", "run-alive", "transcripts-0", f"transcripts-{places.RECIPE}/making-dead"):
        (tmp_path / name).mkdir(parents=True)
    os.utime(tmp_path / "run-dead", (old, old))
    os.utime(tmp_path / f"transcripts-{places.RECIPE}" / "making-dead", (old, old))
    with place(tmp_path, runs=1):
        left = {path.name for path in tmp_path.iterdir()}
    assert left >= {"run-alive", f"transcripts-{places.RECIPE}"}
    assert not left & {"run-dead", "transcripts-0"}
    assert list((tmp_path / f"transcripts-{places.RECIPE}").iterdir()) == []


def test_without_room_nothing_is_begun(tmp_path: Path) -> None:
    whole = shutil.disk_usage(tmp_path).total
    with place(tmp_path, runs=1) as where, pytest.raises(Mi6Error, match=r"has room for \d+ MB, and \d+ MB"):
        where.corpus(whole // 100_000)
    assert list(tmp_path.rglob("*.jsonl")) == []


def test_sessions_that_run_are_seen_to_run_and_half_of_them_work(tmp_path: Path) -> None:
    where = Place(tmp_path, tmp_path, runs=1, sizes=SMALL)
    with running(where, "live") as env:
        where.run(env, "scan", "--json")
        sessions = json.loads(where.run(env, "sessions", "--json", "--no-scan"))
    shown = {session["session_id"]: session["status_shown"] for session in sessions}
    assert shown == {session_id(0): "working", session_id(1): "your turn"}
    assert len({session["pid"] for session in sessions} - {None}) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, cli: Cli) -> None:
    argv = (*OURS, "bench", "--only", "idle-follow", "--folder", str(tmp_path / "work"))
    process = subprocess.Popen(argv, env=cli.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    work = tmp_path / "work"
    while not list(work.glob("run-*/followed/mi6.db")):
        assert process.poll() is None
    children = [int(entry.stem) for entry in work.glob("run-*/*/.claude/sessions/*.json")]
    assert len(children) == 20
    process.send_signal(number)
    said, complained = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else 128 + number)
    assert (said, len(complained.splitlines())) == (b"", 1)
    assert list(work.iterdir()) == []
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_the_command_measures_what_is_asked_for(cli: Cli) -> None:
    args = ("bench", "--only", "hook", "--runs", "1", "--folder", str(cli.home / "work"))
    done = cli.run(*args, "--json")
    report = json.loads(done.stdout)
    msgspec.json.decode(done.stdout, type=TYPES["bench"], strict=True)
    assert set(report) == set(json.loads(cli.ok("schema", "bench"))["$defs"]["Report"]["properties"])
    assert (done.returncode, [row["name"] for row in report["rows"]]) == (0, ["hook"])
    assert report["about"]["command"].startswith("mi6-tui bench --only hook")
    assert "hook: " in done.stderr
    table = cli.run(*args, "--markdown").stdout.splitlines()
    assert table[-1].startswith("| a hook, as the agent waits for it | ")


def test_a_row_that_does_not_exist(cli: Cli) -> None:
    assert "nothing that is measured is called 'speed'" in cli.fails(2, "bench", "--only", "hook,speed")
