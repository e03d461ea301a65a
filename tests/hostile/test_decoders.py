"""Whatever stands in a transcript: nothing is raised, what is kept may be kept, and its neighbours count."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from mi6_tui.frameworks import framework, names
from mi6_tui.frameworks.base import Line
from tests.frameworks.pieces import as_lines, sample_files
from tests.hostile.mutate import Pair, damaged, parsed, places, spoiled, written
from tests.hostile.stored import check, kept

_DATA: Final = Path(__file__).parents[1] / "data"
_AT_ONCE: Final = 8
"""Lines that are tried for each example."""
SEEDS: Final = st.integers(0, 2**64 - 1)


@cache
def samples(client: str) -> list[tuple[str, list[Line]]]:
    """The recorded transcripts of a client that are made of lines."""
    return [(path, as_lines(data)) for path, data in sample_files(_DATA / client).items()]


@cache
def documents(client: str) -> list[tuple[str, bytes]]:
    """Those that are one document each; of a client that wrote such ones once, as it would have."""
    folder = _DATA / client
    found = [
        (f"/{path.relative_to(folder)}".removesuffix(".gz"), gzip.decompress(path.read_bytes()))
        for path in sorted(folder.rglob("*.json.gz"))
    ]
    if client == "gemini":
        for path, lines in samples(client)[:10]:
            header, *others = (json.loads(line) for _, line in lines)
            messages = [record for record in others if "type" in record]
            found.append((path.removesuffix("l"), json.dumps(header | {"messages": messages}).encode()))
    return found


CLIENTS: Final = [name for name in names() if samples(name)]
each_client = pytest.mark.parametrize("client", CLIENTS)


_KEPT: Final = [json.loads(line) for line in (_DATA / "hostile" / "lines.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("found", _KEPT, ids=range(len(_KEPT)))
def test_lines_that_were_once_kept_as_they_are(found: dict[str, str]) -> None:
    """Ids and names with escapes, without an end, times before there were clients; bytes as Latin-1."""
    client = framework(found["client"])
    first = next(lines[0] for path, lines in samples(found["client"]) if path == found["path"])
    line = found["line"].encode("latin-1")
    check(client.decoder(found["path"], "devbox", None).decode([first, (len(first[1]) + 1, line)]))


@each_client
@given(seed=SEEDS)
def test_real_lines_spoiled_in_any_way_are_survived(client: str, seed: int) -> None:
    chance = random.Random(seed)
    path, lines = chance.choice(samples(client))
    start = chance.randrange(len(lines))
    bad: list[Line] = []
    for offset, line in lines[start : start + _AT_ONCE]:
        bad.append((offset, spoiled(line, chance) if chance.random() < 0.7 else line))
        if chance.random() < 0.1:
            bad.append((offset, spoiled(line, chance)))
    note(repr(bad))
    decoder = framework(client).decoder(path, "devbox", None)
    check(decoder.decode(bad))
    # Its memory is understood again, and bounded.
    memory = decoder.state()
    assert len(memory) < 2_000_000
    check(framework(client).decoder(path, "devbox", memory).decode(lines[start : start + 3]))


@each_client
@given(seed=SEEDS)
def test_real_lines_with_damaged_bytes_are_survived(client: str, seed: int) -> None:
    chance = random.Random(seed)
    path, lines = chance.choice(samples(client))
    start = chance.randrange(len(lines))
    bad = [(offset, damaged(line, chance)) for offset, line in lines[start : start + _AT_ONCE]]
    note(repr(bad))
    check(framework(client).decoder(path, "devbox", None).decode(bad))


@pytest.mark.parametrize("client", [name for name in names() if documents(name)])
@given(seed=SEEDS)
def test_documents_spoiled_in_any_way_are_survived(client: str, seed: int) -> None:
    chance = random.Random(seed)
    path, document = chance.choice(documents(client))
    bad = spoiled(document, chance) if chance.random() < 0.7 else damaged(document, chance)
    note(repr(bad))
    decoded = framework(client).decoder(path, "devbox", None).decode([(0, bad)])
    check(decoded)
    for event in kept(decoded).events[-2:]:
        text = framework(client).in_full(bad, event)
        assert text is None or isinstance(text, str)


NO_RECORDS: Final = (
    b"nonsense", b"[1, 2]", b'"text"', b"7", b"null", b"{", b'{"type": ', b"\xff\xfe", b"\0" * 100,
    b"[" * 10_000, b'{"a":' * 10_000, b'{"type":"user"' + b" " * 100_000,
)  # fmt: skip


@each_client
@given(seed=SEEDS)
def test_a_line_that_is_no_record_changes_no_other(client: str, seed: int) -> None:
    chance = random.Random(seed)
    path, lines = chance.choice(samples(client))
    place = chance.randrange(1, len(lines) + 1)
    bad = chance.choice((*NO_RECORDS, lines[place - 1][1][: chance.randrange(1, len(lines[place - 1][1]))]))
    offset = lines[place - 1][0]
    without = framework(client).decoder(path, "devbox", None).decode(lines)
    beside = (
        framework(client)
        .decoder(path, "devbox", None)
        .decode([*lines[:place], (offset, bad), *lines[place:]])
    )
    assert beside.events == without.events
    assert beside.facts == without.facts
    assert beside.malformed == without.malformed + 1
    assert beside.unknown == without.unknown


@each_client
@given(seed=SEEDS)
def test_a_record_that_nobody_knows_changes_no_other(client: str, seed: int) -> None:
    chance = random.Random(seed)
    path, lines = chance.choice(samples(client))
    place = chance.randrange(1, len(lines) + 1)
    bad = spoiled(b'{"type":"of another world","what":{"is":[1,"x",null]},"n":3}', chance)
    if (
        any(name in bad for name in (b'"id"', b'"type"', b"session", b"time"))
        and b"of another world" not in bad
    ):
        bad = b'{"type":"of another world"}'
    offset = lines[place - 1][0]
    without = framework(client).decoder(path, "devbox", None).decode(lines)
    beside = (
        framework(client)
        .decoder(path, "devbox", None)
        .decode([*lines[:place], (offset, bad), *lines[place:]])
    )
    assert [e.with_(uuid=None) for e in beside.events] == [e.with_(uuid=None) for e in without.events], bad
    assert beside.facts == without.facts
    odd = sum(beside.unknown.values()) - sum(without.unknown.values())
    assert odd + beside.malformed - without.malformed <= 1


@each_client
@given(seed=SEEDS)
def test_the_full_text_of_any_line_is_read_or_not(client: str, seed: int) -> None:
    """The line may have become another one since it was stored."""
    chance = random.Random(seed)
    path, lines = chance.choice(samples(client))
    offset, line = chance.choice(lines)
    events = kept(framework(client).decoder(path, "devbox", None).decode([*lines[:3], (offset, line)])).events
    bad = spoiled(line, chance) if chance.random() < 0.7 else damaged(line, chance)
    for event in events[-3:]:
        text = framework(client).in_full(bad, event)
        assert text is None or isinstance(text, str)


def _shapes(client: str) -> list[tuple[str, Line, Line]]:
    """One line of each kind with its file and that file's first line."""
    found: dict[object, tuple[str, Line, Line]] = {}
    for path, lines in samples(client):
        for line in lines:
            kinds = frozenset(re.findall(rb'"(?:type|subtype|role|status)":"[^"]*"', line[1]))
            found.setdefault(kinds, (path, lines[0], line))
    return list(found.values())


def _with_texts(line: bytes, change: Callable[[str, str], str]) -> bytes:
    """The line with each text changed, given its key, that is no time and tells no kind."""
    root = [parsed(line)]
    for holder, at in places(root):
        key = holder[0] if isinstance(holder, Pair) else ""
        if isinstance(holder[at], str) and key not in _KINDS and not _TIME.match(holder[at]):
            holder[at] = change(key, holder[at])
    return written(root[0]).encode()


_KINDS: Final = ("type", "subtype", "role", "status", "state")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT")
_REMEMBERED: Final = 400_000
"""Bytes; a few hundred open tool calls, with the beginning of their input."""


@each_client
def test_a_decoder_remembers_little_of_long_texts(client: str) -> None:
    for path, first, (offset, line) in _shapes(client):
        long = _with_texts(line, lambda _, text: text + "L" * 50_000)
        decoder = framework(client).decoder(path, "devbox", None)
        check(decoder.decode([first, (offset, long)]))
        assert len(decoder.state()) < 50_000, line


def _numbered(number: int, key: str, text: str) -> str:
    return text if key == "sessionId" else f"{text}{number:05}"


@each_client
def test_a_decoder_remembers_little_of_many_lines(client: str) -> None:
    for path, first, (offset, line) in _shapes(client):
        decoder = framework(client).decoder(path, "devbox", None)
        decoder.decode([first])
        sizes = []
        for number in range(600):
            other = _with_texts(line, partial(_numbered, number))
            decoder.decode([(offset + number, other)])
            if number in (299, 599):
                sizes.append(len(decoder.state()))
        assert sizes[1] < max(1.2 * sizes[0] + 500, _REMEMBERED / 10), line
