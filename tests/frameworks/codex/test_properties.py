"""What holds for any file: where it is cut does not matter, and no bytes are too bad."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.base import Decoded, Line
from mi6_tui.model import Event, SessionFact
from tests.frameworks.codex.support import as_lines, decode, in_pieces, sample_files


@cache
def _samples() -> list[tuple[str, list[Line]]]:
    return list(sample_files().items())


def _told(decoded: Decoded) -> tuple[list[Event], list[SessionFact], int, dict[str, int]]:
    facts = [fact for fact in decoded.facts if fact.name != "last_activity"]
    return decoded.events, facts, decoded.malformed, decoded.unknown


@settings(max_examples=60)
@given(st.data())
def test_where_a_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    path, lines = data.draw(st.sampled_from(_samples()), label="file")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=6), label="cuts"))
    assert _told(in_pieces(path, lines, cuts)) == _told(decode(lines, path))


_VERSIONS = ("0.120.0", "0.169.0", None)
_FORKS: tuple[dict[str, Any], ...] = (
    {},
    {"forked_from_id": "p"},
    {"parent_thread_id": "p"},
    {"subagent_history_start_ordinal": 9},
)


@settings(max_examples=100)
@given(st.data())
def test_where_an_odd_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    """Lines in any order, of any version and descent, some without time, ordinal or sense."""
    path, lines = data.draw(st.sampled_from(_samples()), label="file")
    odd = []
    for _, line in [lines[0], *data.draw(st.lists(st.sampled_from(lines), max_size=30), label="lines")]:
        record = json.loads(line)
        if record["type"] == "session_meta":
            record["payload"] |= data.draw(st.sampled_from(_FORKS))
            record["payload"]["cli_version"] = data.draw(st.sampled_from(_VERSIONS))
            record["payload"]["history_mode"] = data.draw(st.sampled_from(("legacy", "paginated")))
        for name in data.draw(st.sets(st.sampled_from(("timestamp", "ordinal", "payload")), max_size=1)):
            record.pop(name, None)
        odd.append(json.dumps(record).encode() if data.draw(st.integers(0, 9)) else line[:40])
    cut = as_lines(b"".join(line + b"\n" for line in odd))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(cut)), max_size=6), label="cuts"))
    assert _told(in_pieces(path, cut, cuts)) == _told(decode(cut, path))


def test_a_file_read_line_by_line_says_the_same() -> None:
    for path, lines in _samples()[::5]:
        assert _told(in_pieces(path, lines, list(range(1, len(lines))))) == _told(decode(lines, path))


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=80), max_size=8))
def test_any_bytes_are_survived(lines: list[bytes]) -> None:
    decode(as_lines(b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)))


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def _checked(lines: list[bytes]) -> None:
    decoded = decode(as_lines(b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)))
    for event in decoded.events:
        assert "\0" not in repr(event.text)
        for value in (event.session_id, event.key, event.preview, event.payload, event.cwd, event.model):
            if value is not None:
                value.encode()
                assert "\0" not in value


@settings(max_examples=200)
@given(st.data())
def test_a_real_line_with_any_value_anywhere_is_survived(data: st.DataObject) -> None:
    _, lines = data.draw(st.sampled_from(_samples()), label="file")
    record = json.loads(data.draw(st.sampled_from(lines), label="line")[1])
    holder = record
    for _ in range(data.draw(st.integers(0, 4), label="depth")):
        values = holder.values() if isinstance(holder, dict) else holder
        inner = [value for value in values if isinstance(value, dict | list) and value]
        if not inner:
            break
        holder = data.draw(st.sampled_from(inner), label="inner")
    place = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[place] = data.draw(_VALUES, label="value")
    _checked([lines[0][1], *[json.dumps(record).encode()] * 2])


@settings(max_examples=200)
@given(st.data(), st.randoms(use_true_random=False))
def test_a_real_line_with_any_bytes_changed_is_survived(data: st.DataObject, chance: random.Random) -> None:
    _, lines = data.draw(st.sampled_from(_samples()), label="file")
    line = bytearray(data.draw(st.sampled_from(lines), label="line")[1])
    for _ in range(data.draw(st.integers(1, 5), label="changes")):
        line[chance.randrange(len(line))] = data.draw(st.integers(0, 255), label="byte")
    _checked([lines[0][1], *[bytes(line)] * 2])
