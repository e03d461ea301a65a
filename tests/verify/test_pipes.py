"""Pipes that stand where transcripts stood: the second count waits for none."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest

from mi6_tui.verify import File, recount


@pytest.mark.parametrize(
    ("client", "name"), [("claude", "a.jsonl"), ("claude", "a.jsonl.zst"), ("amp", "T-1.json")]
)
def test_a_transcript_that_became_a_pipe(tmp_path: Path, client: str, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match="it is a pipe"):
        recount(client, [File(str(tmp_path / name))])


def test_the_journal_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    apsw.Connection(str(path)).execute("CREATE TABLE session (id TEXT)")
    path.with_name("opencode.db-wal").touch()
    os.mkfifo(f"{path}-journal")
    with pytest.raises(OSError, match="it is a pipe"):
        recount("opencode", [File(str(path))])
