"""What holds for any file: where it is cut does not matter, and no bytes are too bad."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.gemini import FRAMEWORK
from tests.frameworks.gemini.support import DATA, PATH
from tests.frameworks.pieces import as_lines, check, in_pieces, jsonl, sample_files, spoiled, told

_SAMPLES = [(path, as_lines(data)) for path, data in sample_files(DATA).items()]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_where_a_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=6), label="cuts"))
    whole = FRAMEWORK.decoder(path, "devbox", None).decode(lines)
    assert told(in_pieces(FRAMEWORK, path, lines, cuts)) == told(whole)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_where_an_odd_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    """Lines of one file in any order, some with a value that does not belong there."""
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=20), label="lines")
    odd = as_lines(
        jsonl(spoiled(data, line) if data.draw(st.booleans()) else line[:40] for _, line in chosen)
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(odd)), max_size=6), label="cuts"))
    whole = FRAMEWORK.decoder(path, "devbox", None).decode(odd)
    check(whole)
    assert told(in_pieces(FRAMEWORK, path, odd, cuts)) == told(whole)


def test_a_file_read_line_by_line_says_the_same() -> None:
    for path, lines in _SAMPLES:
        whole = FRAMEWORK.decoder(path, "devbox", None).decode(lines)
        assert told(in_pieces(FRAMEWORK, path, lines, list(range(1, len(lines))))) == told(whole)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_real_line_with_any_value_anywhere_is_survived(data: st.DataObject) -> None:
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    bad = spoiled(data, data.draw(st.sampled_from(lines), label="line")[1])
    head = [line for _, line in lines[:3]]
    check(FRAMEWORK.decoder(path, "devbox", None).decode(as_lines(jsonl([*head, bad, bad]))))


@settings(max_examples=150, deadline=None)
@given(st.data(), st.randoms(use_true_random=False))
def test_a_real_line_with_any_bytes_changed_is_survived(data: st.DataObject, chance: random.Random) -> None:
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    line = bytearray(data.draw(st.sampled_from(lines), label="line")[1])
    for _ in range(data.draw(st.integers(1, 5), label="changes")):
        line[chance.randrange(len(line))] = data.draw(st.integers(0, 255), label="byte")
    check(FRAMEWORK.decoder(path, "devbox", None).decode([(0, bytes(line).replace(b"\n", b" "))]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=8))
def test_any_bytes_are_survived(lines: list[bytes]) -> None:
    raw = jsonl(line.replace(b"\n", b"") for line in lines)
    check(FRAMEWORK.decoder(PATH, "devbox", None).decode(as_lines(raw)))
