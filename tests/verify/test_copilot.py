"""The second count of Copilot CLI's event logs, by what a reader of the lines can add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mi6_tui.verify import File, Numbers, recount
from tests.verify.homes import write_lines


def _line(number: int, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "type": kind, "timestamp": f"2026-11-20T10:00:{number:02}.000Z", "data": data}


def _usage(sent: int, said: int, read: int, written: int = 0) -> dict[str, int]:
    names = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")
    return dict(zip(names, (sent, said, read, written, 0), strict=True))


def _record(number: int, *usage: int) -> dict[str, Any]:
    return _line(
        number, "session.usage_record", usage=_usage(*usage) | {"model": "m", "apiCallId": f"c{number}"}
    )


def _shutdown(number: int, count: int, *usage: int, **fields: Any) -> dict[str, Any]:
    metrics = {"m": {"requests": {"count": count}, "usage": _usage(*usage)}}
    return _line(number, "session.shutdown", modelMetrics=metrics, **fields)


def _count(folder: Path, *lines: Any) -> dict[str, Numbers]:
    path = write_lines(folder / "folder" / "events.jsonl", _line(0, "session.start", sessionId="C1"), *lines)
    return {session: counted.own for session, counted in recount("copilot", [File(str(path))]).items()}


def test_a_record_a_request_and_totals_that_say_the_same(tmp_path: Path) -> None:
    lines = [
        _record(1, 100, 5, 60, 10),
        _record(1, 100, 5, 60, 10),
        _line(2, "assistant.message", model="m", outputTokens=5),
        _shutdown(3, 2, 200, 10, 120, 20),
    ]
    assert _count(tmp_path, *lines) == {"C1": Numbers(1, 30, 5, 60, 10)}


def test_totals_beyond_the_records_are_one_request_more(tmp_path: Path) -> None:
    lines = [_record(1, 100, 5, 60), _shutdown(3, 3, 300, 25, 160)]
    assert _count(tmp_path, *lines) == {"C1": Numbers(2, 40 + 100, 25, 160, 0)}


def test_replies_without_records_are_a_lower_bound_that_totals_correct(tmp_path: Path) -> None:
    replies = [_line(n, "assistant.message", model="m", outputTokens=5) for n in (1, 2)]
    assert _count(tmp_path, *replies) == {"C1": Numbers(1, 0, 10, 0, 0)}
    assert _count(tmp_path, *replies, _shutdown(3, 2, 300, 12, 200)) == {"C1": Numbers(1, 100, 12, 200, 0)}


def test_totals_of_several_runs(tmp_path: Path) -> None:
    resumed = _line(4, "session.resume")
    by_run = [_shutdown(3, 1, 100, 5, 0), resumed, _shutdown(6, 1, 50, 4, 0)]
    assert _count(tmp_path, *by_run) == {"C1": Numbers(2, 150, 9, 0, 0)}
    marks: dict[str, Any] = {"usageAccountingWatermarks": {}}
    since_start = [_shutdown(3, 1, 100, 5, 0, **marks), resumed, _shutdown(6, 2, 150, 9, 0, **marks)]
    assert _count(tmp_path, *since_start) == {"C1": Numbers(2, 150, 9, 0, 0)}
