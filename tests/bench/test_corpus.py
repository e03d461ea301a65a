"""The bench may be trusted only if what it measures counts right."""

from __future__ import annotations

import json
from pathlib import Path

from mi6_tui.bench.corpus import make_corpus, prompt_line
from mi6_tui.frameworks import framework
from mi6_tui.ingest.scanner import Scanner
from mi6_tui.model import SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage

START = 1_795_400_000_000


def lines_of(home: Path) -> list[dict[str, object]]:
    files = sorted((home / ".claude" / "projects").rglob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def test_the_corpus_says_what_a_right_count_gives(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "home", files=7, start=START, turns=2)
    storage = SqliteStorage(tmp_path / "mi6.db", clock=lambda: START)
    scanner = Scanner(storage, [framework("claude")], "box", env={}, home=tmp_path / "home", watch=False)
    report = scanner.scan_once()
    sessions = storage.list_sessions(SessionQuery())
    storage.close()
    assert (report.files, report.bytes, report.requests) == (7, corpus.bytes, corpus.requests)
    assert corpus.requests == 7 * 2 * 2
    assert sum(session.tokens_output for session in sessions) == corpus.tokens_output
    assert report.malformed == 0


def test_its_replies_repeat_their_usage_as_real_ones_do(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path, files=3, start=START)
    replies = [line for line in lines_of(tmp_path) if line["type"] == "assistant"]
    assert len(replies) > corpus.requests


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_corpus(first, files=4, start=START)
    make_corpus(second, files=4, start=START)
    names = sorted(path.relative_to(first) for path in first.rglob("*.jsonl"))
    assert names == sorted(path.relative_to(second) for path in second.rglob("*.jsonl"))
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_sessions_of_other_numbers_are_other_sessions_of_the_same_times(tmp_path: Path) -> None:
    make_corpus(tmp_path / "first", files=3, start=START)
    make_corpus(tmp_path / "other", files=3, start=START, first=3)
    first, other = (lines_of(tmp_path / name) for name in ("first", "other"))
    assert not {line["sessionId"] for line in first} & {line["sessionId"] for line in other}
    times = [{line["timestamp"] for line in lines if "timestamp" in line} for lines in (first, other)]
    assert times[0] == times[1]


def test_an_appended_prompt_is_a_whole_line_of_its_session() -> None:
    line = prompt_line("0123abcd-0000-4000-8000-000000000000", 5, START)
    found = json.loads(line)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert found["sessionId"].startswith("0123abcd")
    assert found["message"]["content"] == "live prompt 5"
