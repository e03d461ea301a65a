"""What stays on the machine with --no-previews, and that every number is sent as it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import psycopg

from mi6_tui.ingest.forward.privacy import veiled
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
