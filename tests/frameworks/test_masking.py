"""A secret in any text of a client's records is masked before it is handed on; ids, names and places stay."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from mi6_tui.frameworks import framework, names
from mi6_tui.frameworks.opencode import OpenCode
from mi6_tui.model import Event
from tests.frameworks.hook_calling import decode
from tests.frameworks.opencode.support import Client
from tests.frameworks.pieces import as_lines, sample_files
from tests.ingest.spool.hooking import recorded

_DATA: Final = Path(__file__).parents[1] / "data"
SECRET: Final = "sk-" + "ant-api03-Zq9fT4kB7mX2cV8nL1pR6sW3yH5jD0gA"
KEPT: Final = {
    *(
        "id",
        "uuid",
        "sessionId",
        "session_id",
        "requestId",
        "request_id",
        "response_id",
        "apiCallId",
        "turn_id",
    ),
    *("toolCallId", "tool_use_id", "call_id", "agentId", "agent_thread_id"),
    *("cwd", "relocatedCwd", "transcript_path", "transcriptPath", "directory"),
    *("callID", "modelID", "name", "namespace", "tool", "toolName", "agent_path", "model"),
    *("selectedModel", "newModel", "finish"),
    *("version", "cli_version", "copilotVersion", "entrypoint", "source", "timestamp"),
    *("agentName", "subagentName", "subagent_id", "conversation_id", "session", "thread"),
    *("workspace_roots", "file"),
    *("permissionMode", "approval_policy", "stop_reason", "shutdownType", "trigger"),
}
"""Fields that hold an id, a place, a name that a client gives, or one of a few words: kept as they are."""
FILES: Final = 2
"""Files, or rows of a kind, that each field is tried in."""


def _fields(value: Any, at: str = "") -> Iterator[str]:
    """Where texts stand in a record."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _fields(part, f"{at}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from _fields(part, f"{at}[]")
    elif isinstance(value, str):
        yield at


def _planted(value: Any, field: str, at: str = "") -> Any:
    """The record with the secret behind each text in that place."""
    if isinstance(value, dict):
        return {name: _planted(part, field, f"{at}.{name}") for name, part in value.items()}
    if isinstance(value, list):
        return [_planted(part, field, f"{at}[]") for part in value]
    return f"{value} {SECRET}" if isinstance(value, str) and at == field else value


def _is_kept(field: str) -> bool:
    return field.removesuffix("[]").rsplit(".", 1)[-1] in KEPT


@pytest.mark.parametrize("client", [name for name in names() if sample_files(_DATA / name)])
def test_no_text_of_a_transcript_keeps_it(client: str) -> None:
    where = defaultdict(list)
    for path, data in sample_files(_DATA / client).items():
        records = [json.loads(line) for _, line in as_lines(data)]
        for field in {field for record in records for field in _fields(record)}:
            where[field].append((path, records))
    leaks, masks = set(), 0
    for field, files in where.items():
        if _is_kept(field):
            continue
        for path, records in files[:FILES]:
            planted = b"".join(json.dumps(_planted(record, field)).encode() + b"\n" for record in records)
            decoder = framework(client).decoder(path, "devbox", None)
            told = repr(decoder.decode(as_lines(planted))) + repr(decoder.state())
            masks += "[masked: key]" in told
            if SECRET in told:
                leaks.add(field)
    assert leaks == set()
    assert masks > 8, "some of those texts are kept, masked"


@pytest.mark.parametrize("client", names())
def test_no_text_of_a_hook_keeps_it(client: str) -> None:
    leaks: dict[str, set[str]] = {}
    masks = 0
    for one in recorded(client):
        payload = json.loads(one.payload)
        for field in set(_fields(payload)):
            if _is_kept(field):
                continue
            for event in decode(client, _planted(payload, field), one.event, at=one.at):
                masks += "[masked: key]" in repr(event)
                if found := _holding(event):
                    leaks[field] = found
    assert leaks == {}
    assert masks > 2


def test_no_text_of_a_database_keeps_it(tmp_path: Path) -> None:
    rows = {
        table: [json.loads(line) for line in (_DATA / "opencode" / f"{table}.jsonl").read_text().splitlines()]
        for table in ("session", "message", "part")
    }
    kinds: defaultdict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for part in rows["part"]:
        kinds[frozenset(_fields(_texts(part)))].append(part)
    rows["part"] = [part for those in kinds.values() for part in those[:FILES]]
    texts = [_texts(row) for table in rows.values() for row in table]
    leaks, masks = set(), 0
    for number, field in enumerate(sorted({field for text in texts for field in _fields(text)})):
        if _is_kept(field):
            continue
        path = tmp_path / f"{number}.db"
        client = Client(path, wal=False)
        with client.connection:
            for table, those in rows.items():
                for row in those:
                    planted = _planted(_texts(row), field)
                    client.put(table, **(row | {name: planted[name] for name in planted}))
        client.close()
        answer = OpenCode().ask(str(path), "devbox", None)
        assert answer is not None
        told = repr(answer.decoded) + repr(answer.cursor)
        masks += "[masked: key]" in told
        if SECRET in told:
            leaks.add(field)
    assert leaks == set()
    assert masks > 8


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of the database says, its JSON as objects."""
    texts = {name: row[name] for name in ("title", "directory") if name in row}
    return texts | ({"data": json.loads(row["data"])} if "data" in row else {})


def _holding(event: Event) -> set[str]:
    return {name for name in event.__struct_fields__ if SECRET in str(getattr(event, name))}
