"""What stays on the machine with --no-previews, and that every number is sent as it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import psycopg
import pytest

from mi6_tui.ingest.forward.privacy import veiled
from mi6_tui.judge.fold import SessionState, Told
from mi6_tui.model import Event, EventType, Machine, Way
from mi6_tui.storage.parcel import Parcel
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.sqlite.outgoing import OutgoingStorage
from tests.recorded import RECORDED_AT, furnish, read_all
from tests.storage.postgres.forwarding.support import push, sessions_of, told

_HIDDEN: Final = {
    "title": None,
    "first_user_message": None,
    "last_user_message": None,
    "last_reply": None,
    "status_detail": None,
    "status_reason": None,
    "nickname": None,
    "tags": None,
    "cwd": None,
    "transcript_path": None,
    "local_git_dir": None,
    "git_worktree_path": None,
}
_TEXT: Final = "SELECT coalesce(string_agg({0}::text, ' '), '') FROM {0}"


def test_numbers_stay_and_texts_do_not(url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    furnish(home)
    with closing(OutgoingStorage(tmp_path / "mi6.db", clock=lambda: RECORDED_AT)) as local:
        read_all(local, home)

        def veil(parcel: Parcel) -> Parcel:
            return veiled(veiled(parcel, str(home)), "/home/dev")

        push(local, url, veil=veil)
        with closing(PostgresStorage(url, clock=lambda: RECORDED_AT)) as shared:
            here, there = sessions_of(local), sessions_of(shared)
            assert [row.with_(**_HIDDEN) for row in here] == [row.with_(**_HIDDEN) for row in there]
            assert {row.title or row.first_user_message or row.last_reply for row in there} == {None}
            assert told(local)[3] == told(shared)[3]
            texts = {
                text for row in here for text in (row.first_user_message, row.last_reply, row.title) if text
            }
    with psycopg.connect(url) as connection:
        everything = " ".join(
            str(connection.execute(_TEXT.format(table).encode()).fetchall())
            for table in ("events", "sessions")
        )
        states = b"".join(state for (state,) in connection.execute("SELECT state FROM session_state"))
    assert len(texts) > 50
    for text in (str(home), "/home/dev/", *(text for text in texts if len(text) > 12)):
        assert text not in everything
        assert text.encode() not in states


def _sent(machine_id: str, path: str, home: str) -> tuple[str | None, str | None, object]:
    """What is sent of a path that an event names, twice, and its session."""
    event = Event(
        machine_id=machine_id,
        session_id="s",
        timestamp=1,
        event_type=EventType.SESSION_START,
        key="k",
        cwd=path,
        transcript_path=path,
    )
    state = msgspec.msgpack.encode(SessionState(latest={"cwd": (1, 0, path)}))
    whole = Parcel(
        origin="o",
        machine_id="box",
        sequence=1,
        at=1,
        events=[(event, False)],
        sessions=[(machine_id, "s", state)],
    )
    sent = veiled(whole, home)
    latest = msgspec.msgpack.decode(sent.sessions[0][2], type=SessionState).latest
    return sent.events[0][0].cwd, sent.events[0][0].transcript_path, latest.get("cwd", (0, 0, None))[2]


@pytest.mark.parametrize(
    ("machine_id", "path", "stays"),
    [
        ("box", "/srv/work", True),
        ("box", "/home/me2/work", True),
        ("box", "/home/me", False),
        ("box", "/home/me/work", False),
        ("box", "/srv/../home/me/work", False),
        ("box", "//home/me/work", False),
        ("box", "work", False),
        ("box", "~/work", False),
        ("far", "/home/other/work", False),
        ("far", "/srv/work", False),
        ("far", "ssh://me@far/home/other/.claude/projects/p/s.jsonl", False),
        ("box", "ssh://me@far/home/other/.claude/projects/p/s.jsonl", False),
    ],
)
def test_a_path_is_sent_where_it_is_surely_in_no_home(machine_id: str, path: str, stays: bool) -> None:
    assert _sent(machine_id, path, "/home/me") == ((path,) * 3 if stays else (None,) * 3)


def test_a_home_behind_a_link_is_one_by_both_names(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert _sent("box", f"{real}/work", str(link)) == (None,) * 3
    assert _sent("box", f"{link}/work", str(link)) == (None,) * 3


def test_why_a_session_ended_is_sent_if_it_is_a_word() -> None:
    words = {
        "hook": Told(2, 0, 1, "end", "he left to see Anna", "subject"),
        "transcript": Told(1, 0, 1, "end", "prompt_input_exit"),
    }
    state = msgspec.msgpack.encode(SessionState(claims=words))
    sent = veiled(
        Parcel(origin="o", machine_id="box", sequence=1, at=1, sessions=[("box", "s", state)]), "/home/me"
    )
    claims = msgspec.msgpack.decode(sent.sessions[0][2], type=SessionState).claims
    assert (claims["hook"].detail, claims["hook"].subject) == ("", "")
    assert claims["transcript"].detail == "prompt_input_exit"


def test_why_a_machine_cannot_be_read_stays_here() -> None:
    machines = [
        Machine(machine_id="a", seen_at=1, way=Way.REMOTE, problem="me@a: no ~/.ssh/key"),
        Machine(machine_id="b", seen_at=1, way=Way.REMOTE),
    ]
    sent = veiled(Parcel(origin="o", machine_id="box", sequence=1, at=1, machines=machines), "/home/me")
    assert [one.problem for one in sent.machines] == ["it could not be read", None]
