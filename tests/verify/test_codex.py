"""The second count of Codex rollouts, by what a reader of the lines can add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zstandard

from mi6_tui.verify import File, Numbers, recount
from tests.verify.homes import write_lines

_ONE = "01a20709-7b5a-7db1-814a-3e84c40fd88d"
_TWO = "01a20709-85d6-7070-9b03-5db06f6a6bdc"


def meta(thread: str = _ONE, *, version: str = "0.160.0", second: int = 0, **fields: Any) -> dict[str, Any]:
    payload = {"id": thread, "session_id": thread, "cli_version": version} | fields
    return {"timestamp": f"2026-11-20T10:00:{second:02}.000Z", "type": "session_meta", "payload": payload}


def usage(sent: int, cached: int, said: int, **fields: Any) -> dict[str, Any]:
    return {"input_tokens": sent, "cached_input_tokens": cached, "output_tokens": said} | fields


def record(response: str, numbers: dict[str, Any], *, thread: str = _ONE) -> dict[str, Any]:
    payload = {"thread_id": thread, "response_id": response, "usage": numbers}
    return {"timestamp": "2026-11-20T10:00:05.000Z", "type": "token_usage_record", "payload": payload}


def total(
    numbers: dict[str, Any], last: dict[str, Any] | None = None, *, second: int = 5, **fields: Any
) -> dict[str, Any]:
    info = {"total_token_usage": numbers, "last_token_usage": last or numbers}
    payload = {"type": "token_count", "info": info}
    return {
        "timestamp": f"2026-11-20T10:00:{second:02}.000Z",
        "type": "event_msg",
        "payload": payload,
    } | fields


def _count(folder: Path, *lines: Any, thread: str = _ONE) -> dict[str, Numbers]:
    path = write_lines(folder / f"rollout-2026-11-20T10-00-00-{thread}.jsonl", *lines)
    return {session: counted.own for session, counted in recount("codex", [File(str(path))]).items()}


def test_a_record_a_response_and_nothing_twice(tmp_path: Path) -> None:
    first = usage(9000, 7000, 150, cache_write_input_tokens=500)
    lines = [
        meta(),
        record("r1", first),
        total(first),
        record("r1", first),
        record("r2", usage(10, 0, 1)),
        record("r9", usage(99, 0, 99), thread=_TWO),
    ]
    assert _count(tmp_path, *lines) == {_ONE: Numbers(2, 1510, 151, 7000, 500)}


def test_a_compaction_repeats_a_bill_that_may_be_missing(tmp_path: Path) -> None:
    latest = [{"thread_id": _ONE, "response_id": name, "usage": usage(5, 0, 5)} for name in ("r1", "lost")]
    compacted = [{"type": "compacted", "payload": {"latest_token_usage_record": one}} for one in latest]
    assert _count(tmp_path, meta(), record("r1", usage(10, 0, 1)), *compacted)[_ONE] == Numbers(
        2, 15, 6, 0, 0
    )


def test_running_totals_by_their_steps(tmp_path: Path) -> None:
    lines = [
        meta(version="0.100.0"),
        total(usage(100, 40, 10)),
        total(usage(100, 40, 10)),
        {"type": "event_msg", "payload": {"type": "token_count", "info": None}},
        total(usage(250, 140, 30), usage(150, 100, 20)),
        total(usage(50, 0, 5), usage(20, 0, 2)),
        total(usage(50, 0, 5, total_tokens=900), usage(0, 0, 0)),
    ]
    assert _count(tmp_path, *lines) == {_ONE: Numbers(3, 60 + 50 + 20, 32, 140, 0)}


def test_records_end_the_totals(tmp_path: Path) -> None:
    lines = [
        meta(version="0.100.0"),
        total(usage(100, 0, 10)),
        record("r1", usage(50, 0, 5)),
        total(usage(150, 0, 15)),
    ]
    assert _count(tmp_path, *lines) == {_ONE: Numbers(2, 150, 15, 0, 0)}


def test_a_fork_begins_with_its_parents_totals(tmp_path: Path) -> None:
    forked = meta(_TWO, version="0.100.0", forked_from_id=_ONE)
    copies = [total(usage(100, 0, 10), second=0), total(usage(300, 0, 30), second=0)]
    own = total(usage(350, 0, 36), usage(50, 0, 6), second=9)
    assert _count(tmp_path, forked, *copies, own, thread=_TWO) == {_TWO: Numbers(1, 50, 6, 0, 0)}
    told_nothing = _count(tmp_path, forked, own, thread=_TWO)
    assert told_nothing == {_TWO: Numbers(1, 50, 6, 0, 0)}


def test_a_subagents_requests_belong_to_its_root(tmp_path: Path) -> None:
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": _ONE, "depth": 1}}}
    child = meta(_TWO, session_id=_ONE, source=spawn, subagent_history_start_ordinal=2)
    lines = [
        child,
        total(usage(9, 9, 9), ordinal=1),
        record("r1", usage(10, 0, 1), thread=_TWO),
    ]
    assert _count(tmp_path, *lines, thread=_TWO) == {_ONE: Numbers(1, 10, 1, 0, 0)}


def test_a_compressed_twin_counts_once(tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"rollout-x-{_ONE}.jsonl", meta(), record("r1", usage(10, 0, 1)))
    twin = path.with_suffix(".jsonl.zst")
    twin.write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
    for files in ([path], [twin], [path, twin]):
        counted = recount("codex", [File(str(file)) for file in files])
        assert counted[_ONE].own == Numbers(1, 10, 1, 0, 0)


def test_of_a_broken_compressed_file_the_lines_before_count(tmp_path: Path) -> None:
    many = [record(f"r{number}", usage(10, 0, 1)) for number in range(5000)]
    path = write_lines(tmp_path / f"rollout-x-{_ONE}.jsonl", meta(), *many)
    twin = path.with_suffix(".jsonl.zst")
    packed = zstandard.ZstdCompressor().compress(path.read_bytes())
    for data in (packed[: len(packed) // 2], b"no such thing"):
        twin.write_bytes(data)
        counted = recount("codex", [File(str(twin))])
        assert sum(sums.own.api_request_count for sums in counted.values()) < 5000


def test_more_cached_than_sent_leaves_fresh_input_unknown(tmp_path: Path) -> None:
    assert _count(tmp_path, meta(), record("r1", usage(12, 14_000, 120)))[_ONE] == Numbers(
        1, 0, 120, 14_000, 0
    )
