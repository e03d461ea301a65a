"""opencode, counted again.

A reply is a row; tables of the second generation hold for a session that is in both. A subagent's session
has a parent, to which its requests belong. A fork begins with copies of what was said before it was made.
Reasoning is beside the output.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from mi6_tui.errors import TranscriptError
from mi6_tui.plain_file import check_plain
from mi6_tui.verify.recount import File, Request, fields, whole

_ANSWERS = "('text', 'reasoning', 'tool', 'step-start', 'step-finish')"
_FIRST = f"""
SELECT session_id, time_created, 'assistant', data, EXISTS (
    SELECT 1 FROM part WHERE message_id = message.id
    AND json_valid(data) AND json_extract(data, '$.type') IN {_ANSWERS}
) FROM message WHERE json_valid(data) AND json_extract(data, '$.role') = 'assistant'
"""  # noqa: S608
_SECOND = """
SELECT session_id, time_created, type, data, json_valid(data) AND json_array_length(data, '$.content') > 0
FROM session_message WHERE type IN ('assistant', 'compaction')
"""


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these databases once; TranscriptError if one cannot be read."""
    for file in files:
        # Without a log nobody has it open; SQLite would make files beside it.
        mode = "mode=ro" if Path(f"{file.path}-wal").exists() else "immutable=1"
        try:
            check_plain(f"{file.path}-journal")  # SQLite would wait for a pipe
            flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            connection = apsw.Connection(f"file:{quote(file.path)}?{mode}", flags=flags)
            try:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
                yield from _of_database(connection)
            finally:
                connection.close()
        except apsw.Error as error:
            raise TranscriptError(f"{file.path} cannot be read ({error})") from error


def _of_database(connection: apsw.Connection) -> Iterator[Request]:
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    parents: dict[str, str | None] = {}
    for sessions, messages, sql in (
        ("session_v2", "session_message", _SECOND),
        ("session", "message", _FIRST),
    ):
        if sessions not in present or messages not in present:
            continue
        made: dict[str, int] = {}
        for session, parent, at in connection.execute(f"SELECT id, parent_id, time_created FROM {sessions}"):  # noqa: S608
            if session not in parents:
                parents[session], made[session] = parent, at
        for session, at, kind, data, answered in connection.execute(sql):
            row = _row(data)
            if session in made and _whole_ms(fields(row.get("time")).get("created"), at) >= made[session]:
                yield from _reply(_root(session, parents), kind, row, bool(answered))


def _row(data: object) -> dict[str, Any]:
    try:
        return fields(json.loads(data)) if isinstance(data, str) else {}
    except (ValueError, RecursionError):
        return {}


def _whole_ms(at: object, otherwise: int) -> int:
    return at if type(at) is int and at >= 0 else otherwise


def _reply(session: str, kind: str, row: dict[str, Any], answered: bool) -> Iterator[Request]:
    tokens = fields(row.get("tokens"))
    cache = fields(tokens.get("cache"))
    sent, said, thought = (whole(tokens.get(name)) or 0 for name in ("input", "output", "reasoning"))
    read, written = whole(cache.get("read")) or 0, whole(cache.get("write")) or 0
    used = bool(sent or said or thought or read or written)
    if kind == "compaction":
        billed = used and row.get("status") == "completed"
    else:
        billed = used or answered or _ended_well(row)
    if billed:
        yield Request(session, sent, said + thought, read, written)


def _ended_well(row: dict[str, Any]) -> bool:
    ended = fields(row.get("time")).get("completed")
    return type(ended) is int and ended >= 0 and not isinstance(row.get("error"), dict | str)


def _root(session: str, parents: dict[str, str | None]) -> str:
    seen = {session}
    while (parent := parents.get(session)) and parent not in seen:
        seen.add(parent)
        session = parent
    return session
