"""What holds for any file of any client: where it is cut does not matter, and no bytes are too bad."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks import framework, names
from mi6_tui.frameworks.base import Line
from tests.frameworks.pieces import as_lines, check, in_pieces, jsonl, sample_files, spoiled, told

_DATA = Path(__file__).parents[1] / "data"
_CLIENTS = tuple(name for name in names() if any((_DATA / name).rglob("*.jsonl.gz")))
"""Those that write lines."""
any_client = pytest.mark.parametrize("client", _CLIENTS)


@cache
def _samples(client: str) -> list[tuple[str, list[Line]]]:
    return [(path, as_lines(data)) for path, data in sample_files(_DATA / client).items()]


@any_client
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_where_a_file_is_cut_makes_no_difference(client: str, data: st.DataObject) -> None:
    path, lines = data.draw(st.sampled_from(_samples(client)), label="file")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=6), label="cuts"))
    whole = framework(client).decoder(path, "devbox", None).decode(lines)
    assert told(in_pieces(framework(client), path, lines, cuts)) == told(whole)


@any_client
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_where_an_odd_file_is_cut_makes_no_difference(client: str, data: st.DataObject) -> None:
    """Lines of one file in any order, some with a value that does not belong there."""
    path, lines = data.draw(st.sampled_from(_samples(client)), label="file")
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=20), label="lines")
    odd = as_lines(
        jsonl(spoiled(data, line) if data.draw(st.booleans()) else line[:40] for _, line in chosen)
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(odd)), max_size=6), label="cuts"))
    whole = framework(client).decoder(path, "devbox", None).decode(odd)
    check(whole)
    assert told(in_pieces(framework(client), path, odd, cuts)) == told(whole)


@any_client
def test_a_file_read_line_by_line_says_the_same(client: str) -> None:
    for path, lines in _samples(client):
        whole = framework(client).decoder(path, "devbox", None).decode(lines)
        assert told(in_pieces(framework(client), path, lines, list(range(1, len(lines))))) == told(whole)


@any_client
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_real_line_with_any_value_anywhere_is_survived(client: str, data: st.DataObject) -> None:
    path, lines = data.draw(st.sampled_from(_samples(client)), label="file")
    bad = spoiled(data, data.draw(st.sampled_from(lines), label="line")[1])
    head = [line for _, line in lines[:3]]
    check(framework(client).decoder(path, "devbox", None).decode(as_lines(jsonl([*head, bad, bad]))))


@any_client
@settings(max_examples=80, deadline=None)
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_a_real_line_with_any_bytes_changed_is_survived(
    client: str, data: st.DataObject, chance: random.Random
) -> None:
    path, lines = data.draw(st.sampled_from(_samples(client)), label="file")
    line = bytearray(data.draw(st.sampled_from(lines), label="line")[1])
    for _ in range(data.draw(st.integers(1, 5), label="changes")):
        line[chance.randrange(len(line))] = data.draw(st.integers(0, 255), label="byte")
    check(framework(client).decoder(path, "devbox", None).decode([(0, bytes(line).replace(b"\n", b" "))]))


@any_client
@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.binary(max_size=80), max_size=8))
def test_any_bytes_are_survived(client: str, lines: list[bytes]) -> None:
    raw = jsonl(line.replace(b"\n", b"") for line in lines)
    check(framework(client).decoder(_samples(client)[0][0], "devbox", None).decode(as_lines(raw)))
