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
from mi6_tui.bench.corpus import Corpus, make_corpus, session_id
from mi6_tui.bench.fleet import running
from mi6_tui.bench.place import OURS, Place, Sizes, place
from mi6_tui.bench.rows import GROUPS, Group, measure
from mi6_tui.bench.scans import check_ccusage
from mi6_tui.cli import main
from mi6_tui.commands.schema import TYPES
from mi6_tui.errors import Mi6Error
from tests.commands.conftest import Cli

SMALL = Sizes(
    files=16,
    large_files=17,
    turns=16,
    large_turns=32,
    listed=12,
    many=13,
    events=600,
    live=2,
    lines=4,
    keys=2,
    rounds=1,
    backfill_files=12,
    backfill_turns=2,
    patience=0.02,
)
MAYBE_UNKNOWN = {"curve-4", "curve-16", "curve-long", "curve-large", "backfill-key-p95"}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.rows[0].name)
def test_every_declared_row_is_measured(tmp_path: Path, group: Group) -> None:
    names = frozenset(row.name for row in group.rows)
    failures: list[object] = []
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        figures = list(measure(where, names, lambda *failure: failures.append(failure)))
    assert failures == []
    assert [figure.name for figure in figures] == [row.name for row in group.rows]
    # Unknown: a slope where noise is larger than what is read, keys where all is read before any is pressed.
    known = [figure for figure in figures if figure.value is not None]
    assert all((figure.value or 0) >= 0 and figure.runs for figure in known)
    assert {figure.name for figure in figures} - {figure.name for figure in known} <= MAYBE_UNKNOWN
    assert all(one.value is not None for figure in known for one in figure.against if _is_here(one.name))
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith("transcripts-")}
    assert left == {"CACHEDIR.TAG"}


def _is_here(rival: str) -> bool:
    return rival not in ("ccusage", "mi6") or shutil.which(rival) is not None


def _rival(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_a_row_that_cannot_be_measured_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rival(tmp_path, monkeypatch, "ccusage", "echo no such option >&2\nexit 2")
    failures: list[tuple[str, Exception]] = []
    with place(tmp_path / "work", runs=1, sizes=SMALL) as where:
        figures = list(measure(where, frozenset({"cold", "hook"}), lambda *failure: failures.append(failure)))
    assert [figure.name for figure in figures] == ["hook"]
    ((rows, error),) = failures
    assert rows == "cold"
    assert isinstance(error, subprocess.CalledProcessError) and b"no such option" in error.stderr


@pytest.mark.parametrize(
    ("name", "script", "said"),
    [
        ("ccusage", "echo '{}'", "ccusage counted 0 sessions"),
        ("ccusage", "echo '[]'", "AttributeError"),
        ("mi6", "exit 1", "returned non-zero exit status 1"),
        ("mi6", "exit 0", "recorded nothing"),
    ],
)
def test_a_rival_that_does_not_do_the_work_is_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str, said: str
) -> None:
    _rival(tmp_path, monkeypatch, name, script)
    failures: list[Exception] = []
    with place(tmp_path / "work", runs=1, sizes=SMALL) as where:
        figures = list(measure(where, frozenset({"cold"}), lambda rows, error: failures.append(error)))
    assert figures == []
    (error,) = failures
    assert said in f"{type(error).__name__}: {error}"


def test_a_rival_that_counts_right_is_held_against(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, files=2, bytes=1, requests=4, tokens_output=70)
    right = {"session": [{}, {}], "totals": {"outputTokens": 70}}
    check_ccusage(json.dumps(right), corpus)
    wrongs: tuple[dict[str, object], ...] = ({"session": [{}]}, {"totals": {"outputTokens": 69}})
    for wrong in wrongs:
        with pytest.raises(AssertionError, match="ccusage counted"):
            check_ccusage(json.dumps(right | wrong), corpus)


def test_an_error_that_nobody_thought_of_costs_its_own_rows_alone(tmp_path: Path) -> None:
    failures: list[tuple[str, Exception]] = []
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        (where.folder / "spool").mkdir()
        names = frozenset({"hook", "curve-large"})
        too_few = Place(where.folder, tmp_path, runs=1, sizes=msgspec.structs.replace(SMALL, large_turns=0))
        figures = list(measure(too_few, names, lambda *failure: failures.append(failure)))
    assert figures == []
    assert [(rows, type(error)) for rows, error in failures] == [
        ("curve-large", ZeroDivisionError),
        ("hook", FileExistsError),
    ]


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
    with place(tmp_path, runs=1):
        pass
    for name in ("run-dead", "run-alive", "transcripts-0", f"transcripts-{places.RECIPE}/making-dead"):
        (tmp_path / name).mkdir(parents=True)
    os.utime(tmp_path / "run-dead", (old, old))
    (tmp_path / "run-link").symlink_to("nowhere")
    os.utime(tmp_path / f"transcripts-{places.RECIPE}" / "making-dead", (old, old))
    with place(tmp_path, runs=1):
        left = {path.name for path in tmp_path.iterdir()}
    assert left >= {"run-alive", f"transcripts-{places.RECIPE}"}
    assert not left & {"run-dead", "transcripts-0"}
    assert list((tmp_path / f"transcripts-{places.RECIPE}").iterdir()) == []


@pytest.mark.parametrize("tag", [None, "Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n"])
def test_in_a_folder_that_is_not_our_own_nothing_is_thrown_away(tmp_path: Path, tag: str | None) -> None:
    old = time.time() - 7200
    names = {"run-of-mine", "transcripts-2019", "transcripts-0"}
    for name in names:
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (old, old))
    if tag is not None:
        (tmp_path / "CACHEDIR.TAG").write_text(tag)
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        where.corpus(1)
    left = {path.name for path in tmp_path.iterdir()} - {"CACHEDIR.TAG"}
    assert left == names | {f"transcripts-{places.RECIPE}"}


@pytest.mark.parametrize("told", [b"", b"{", b"[]", b'{"home": 1}'])
def test_transcripts_of_which_nobody_can_tell_what_they_are_are_made_anew(
    tmp_path: Path, told: bytes
) -> None:
    with place(tmp_path, runs=1, sizes=SMALL) as where:
        made = where.corpus(2)
        (made.home / "corpus.json").write_bytes(told)
        (made.home / "left-over").touch()
        assert where.corpus(2) == made
        assert not (made.home / "left-over").exists()


def test_transcripts_that_another_run_made_meanwhile_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place(tmp_path, runs=1, sizes=SMALL) as first, place(tmp_path, runs=1, sizes=SMALL) as second:

        def while_the_other_makes_them(home: Path, *, files: int, start: int, turns: int) -> Corpus:
            monkeypatch.undo()
            (second.corpus(files, turns).home / "read by the other").touch()
            return make_corpus(home, files=files, start=start, turns=turns)

        monkeypatch.setattr(places, "make_corpus", while_the_other_makes_them)
        made = first.corpus(2)
        assert (made.home / "read by the other").exists()
        assert made == second.corpus(2)


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
    work = tmp_path / "work" / "mi6-tui-bench"
    while not list(work.glob("run-*/followed/mi6.db")):
        assert process.poll() is None
    children = [int(entry.stem) for entry in work.glob("run-*/*/.claude/sessions/*.json")]
    assert len(children) == 20
    process.send_signal(number)
    said, complained = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else 128 + number)
    assert (said, len(complained.splitlines())) == (b"", 1)
    assert [path.name for path in work.iterdir()] == ["CACHEDIR.TAG"]
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

    kept = [path.name for path in (cli.home / "work").iterdir()]
    assert kept == ["mi6-tui-bench"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "hook,speed"), "nothing that is measured is called 'speed'"),
        (("--only", " , "), "--only names no row; leave it out to measure all"),
        (("--only", ""), "--only names no row; leave it out to measure all"),
        (("--runs", "0"), "argument --runs: something is measured once at least"),
        (("--folder", ""), "argument --folder: it has no name"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    assert said in capsys.readouterr().err
