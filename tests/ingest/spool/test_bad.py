"""What lies in the spool and is no hook call: never a crash, never a path outside, told once."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.ingest.problem import Problem
from mi6_tui.ingest.spool import folder as spool_folder
from mi6_tui.ingest.spool.file import FILE_LIMIT, split
from mi6_tui.ingest.spool.side import Spool
from mi6_tui.model import EventQuery, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock
from tests.ingest.spool.hooking import put
from tests.ingest.spool.test_side import Look, call, folder, look

__all__ = ["folder", "look"]

TRAILER = b"\nmi6-hook 1\tframework=claude\tevent=\n"
MINUTE = 60_000


def age(path: Path, at: int) -> None:
    os.utime(path, ns=(0, at * 1_000_000), follow_symlinks=False)


def written(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def sparse(path: Path) -> None:
    path.write_bytes(call() + TRAILER)
    os.truncate(path, FILE_LIMIT + 1)


def linked(path: Path) -> None:
    target = path.parent.parent / "outside"
    target.write_bytes(call() + TRAILER)
    path.symlink_to(target)


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (written(b""), "it was never finished"),
    "half": (written(call()[:40]), "it was never finished"),
    "half a trailer": (written(call() + TRAILER[:-1]), "it was never finished"),
    "a later format": (written(call() + TRAILER.replace(b" 1", b" 2")), "it was never finished"),
    "something behind": (written(call() + TRAILER + b"x\n"), "it was never finished"),
    "binary": (written(bytes(range(256)) + TRAILER), "it is no JSON object"),
    "a list": (written(b"[1,2]" + TRAILER), "it is no JSON object"),
    "deep": (written(b"[" * 100_000 + TRAILER), "it is no JSON object"),
    "huge": (sparse, "it is larger than 16 MB"),
    "an unknown client": (
        written(call() + TRAILER.replace(b"claude", b"../claude")),
        "it is of a client nobody knows",
    ),
    "no client": (
        written(call() + TRAILER.replace(b"claude", b"")),
        "it is of a client nobody knows",
    ),
    "an unknown event": (
        written(call("ApiRequest") + TRAILER),
        "it tells of no session, or of nothing known",
    ),
    "no session": (
        written(b'{"hook_event_name":"Stop"}' + TRAILER),
        "it tells of no session, or of nothing known",
    ),
    "a folder": (lambda path: path.mkdir(), "it is no file"),
    "a link": (linked, "it is no file"),
    "a link to nowhere": (lambda path: path.symlink_to("nowhere"), "it is no file"),
    "a pipe": (lambda path: os.mkfifo(path), "it is no file"),
}


@pytest.mark.parametrize(("make", "why"), BAD.values(), ids=BAD.keys())
def test_it_is_set_aside_and_told_once(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock, make: Callable[[Path], None], why: str
) -> None:
    make(folder / "5")
    age(folder / "5", clock() - MINUTE - 1)
    put(folder, "6", call(), at=clock())
    new, problems = look()
    assert new == 1
    aside = f"quarantine/{(clock() - MINUTE - 1) * 1_000_000}-5"
    assert problems == [Problem(f"{folder}/{aside}", f"no hook call: {why}")]
    assert look() == (0, [])
    assert [file.name for file in folder.iterdir() if not file.name.startswith(".")] == ["quarantine"]
    assert stat.S_IMODE((folder / "quarantine").stat().st_mode) == 0o700
    assert spool_folder.counts(folder) == spool_folder.Counts(waiting=0, dropped=0, quarantined=1)
    if why != "it is larger than 16 MB":  # which is more than is kept
        assert os.path.lexists(folder / aside)
    outside = folder.parent / "outside"
    assert not outside.exists() or outside.read_bytes() == call() + TRAILER
    assert store.count() == 1


@pytest.mark.parametrize("data", [b"", call()[:40], call() + TRAILER[:-1]])
def test_a_file_that_is_being_written_is_waited_for(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock, data: bytes
) -> None:
    file = folder / "5"
    file.write_bytes(data)
    for at in (clock(), clock() - MINUTE, clock() + MINUTE):
        age(file, at)
        assert look() == (0, [])
    with file.open("ab") as more:
        more.write((call() + TRAILER)[len(data) :])
    age(file, clock())
    assert look() == (1, [])
    assert store.query(EventQuery())[0].session_id == "8305ea3f-be22-428a-ae5f-19ab502d3133"


def test_what_was_never_renamed_goes_too(folder: Path, look: Look, clock: Clock) -> None:
    put(folder, ".opencode-7", call(), at=clock() - 1000)
    assert look() == (0, [])
    age(folder / ".opencode-7", clock() - MINUTE - 1)
    assert [problem.reason for problem in look()[1]] == ["no hook call: it was never finished"]


HOSTILE = (
    "",
    " ",
    "../../../etc/passwd",
    "/etc/passwd",
    "a/b",
    "-rf",
    ".hidden",
    "a\x00b",
    "a\nb",
    "\x1b]0;owned\x07",
    "s" * 129,
    "ünïcode",
    "[red]markup[/]",
    "\ud800",
)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_session(folder: Path, store: SqliteStorage, look: Look, clock: Clock, name: str) -> None:
    put(folder, "5", call(session=name), at=clock())
    assert look()[0] == 0
    assert store.count() == 0
    assert spool_folder.counts(folder).quarantined == 1


@pytest.mark.parametrize("name", ["x" * 65, "ü", "a b", "a.b", "a\nb", "\udcff", "[red]", "-", "_" * 64])
def test_a_hostile_file_name(folder: Path, store: SqliteStorage, look: Look, clock: Clock, name: str) -> None:
    put(folder, name, call(), at=clock())
    new, problems = look()
    assert new == (name in ("-", "_" * 64))
    assert [problem.reason for problem in problems] == ["no hook call: no hook gives such a name"] * (1 - new)
    assert {file.name for file in folder.iterdir()} <= {"quarantine", ".quarantined"}


def test_hostile_fields_are_left_out(folder: Path, store: SqliteStorage, look: Look, clock: Clock) -> None:
    payload = call(
        "PreToolUse",
        cwd="relative/../path",
        transcript_path="/ok\x1b[31m",
        permission_mode="x\x1b[31my",
        tool_name="Ba\x07sh" + "x" * 200,
        tool_use_id="../x",
        tool_input={"command": "rm\x1b]0;owned\x07 -rf /"},
    )
    put(folder, "5", payload, at=clock(), STY="\x1b[31m", TERM_PROGRAM="\x1b]0;x\x07evil", event="\x1b[1m")
    assert look() == (1, [])
    (event,) = store.query(EventQuery())
    assert (event.cwd, event.transcript_path, event.tool_use_id) == (None, None, None)
    assert event.permission_mode == "xy"
    assert event.tool_name == "Bash" + "x" * 96
    assert event.preview == "rm -rf /"
    assert store.list_sessions(SessionQuery())[0].terminal == "evil"


def test_a_hostile_subagent_does_not_speak_for_its_parent(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    put(folder, "5", call("PreToolUse", agent_id="../x"), at=clock())
    assert look()[0] == 0
    assert store.count() == 0


def test_another_users_files_are_left_alone(
    folder: Path, store: SqliteStorage, look: Look, clock: Clock
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    file = put(folder, "5", call(), at=clock())
    os.chown(file, 12345, 12345)
    assert look() == (0, [])
    assert file.exists()
    assert spool_folder.counts(folder).waiting == 0
    os.chown(folder, 12345, 12345)
    put(folder, "6", call(), at=clock())
    assert look() == (0, [])


def test_many_bad_files_are_one_line_and_little_room(folder: Path, look: Look, clock: Clock) -> None:
    for number in range(spool_folder.MOST_ASIDE + 50):
        put(folder, str(number), b"[]", at=clock() - 1000 + number)
    _, problems = look()
    assert [problem.reason for problem in problems] == ["no hook call: it is no JSON object, and 149 more"]
    kept = sorted(int(file.name.split("-")[1]) for file in (folder / "quarantine").iterdir())
    assert kept == list(range(50, 150))
    assert spool_folder.counts(folder).quarantined == 150


def test_large_bad_files_make_room_for_each_other(folder: Path, look: Look, clock: Clock) -> None:
    for number in range(4):
        put(folder, str(number), b"x" * (5 << 20), at=clock() - 10 + number)
    look()
    kept = sorted(file.name[-1] for file in (folder / "quarantine").iterdir())
    assert kept == ["1", "2", "3"]


@pytest.mark.parametrize("hostile", ["file", "link"])
def test_a_quarantine_that_leads_elsewhere(
    folder: Path, tmp_path: Path, look: Look, clock: Clock, hostile: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if hostile == "link":
        (folder / "quarantine").symlink_to(elsewhere)
    else:
        (folder / "quarantine").write_text("mine")
    put(folder, "5", b"[]", at=clock())
    assert look() == (0, [Problem(f"{folder}/5", "no hook call: it is no JSON object")])
    assert look() == (0, []), "told once"
    assert list(elsewhere.iterdir()) == []
    assert (folder / "5").exists()


def test_tallies_are_not_followed_elsewhere(folder: Path, tmp_path: Path, look: Look, clock: Clock) -> None:
    outside = tmp_path / "outside"
    outside.write_text("7\n")
    (folder / ".quarantined").symlink_to(outside)
    (folder / ".dropped").symlink_to(outside)
    put(folder, "5", b"[]", at=clock())
    look()
    assert outside.read_text() == "7\n"
    assert spool_folder.counts(folder) == spool_folder.Counts(waiting=0, dropped=0, quarantined=0)


def test_a_tally_that_is_a_pipe_holds_nobody_up(folder: Path, look: Look, clock: Clock) -> None:
    os.mkfifo(folder / ".quarantined")
    put(folder, "5", b"[]", at=clock())
    assert [problem.reason for problem in look()[1]] == ["no hook call: it is no JSON object"]
    assert spool_folder.counts(folder).quarantined == 0


@given(st.binary(max_size=400), st.sampled_from([b"", b"\n", TRAILER, TRAILER[1:]]))
def test_a_file_cut_anywhere_is_not_complete(payload: bytes, end: bytes) -> None:
    whole = payload + end + TRAILER
    assert split(whole) == (payload + end, {"framework": "claude", "event": ""})
    if b"mi6-hook" not in payload + end:
        assert all(split(whole[:length]) is None for length in range(len(whole)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    data=st.lists(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()), max_size=8)
)
def test_nothing_stops_the_spool(data: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("spool")
    for number, payload in enumerate(data):
        (folder / str(number)).write_bytes(payload + TRAILER)
        age(folder / str(number), 1)
    storage = SqliteStorage(folder.parent / f"{folder.name}.db")
    try:
        assert Spool(folder, storage, "box", lambda cwd, at: None).look(100_000, lambda problem: None) == 0
    finally:
        storage.close()
    assert spool_folder.counts(folder).quarantined == len(data)
