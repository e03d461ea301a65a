"""Everything else that is read of others: hook calls, registries, git's files, settings, prices, queries."""

from __future__ import annotations

import json
import os
import random
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given, note

from mi6_tui.config import Settings
from mi6_tui.errors import Mi6Error, UsageError
from mi6_tui.frameworks import names
from mi6_tui.frameworks.claude.registry import REGISTRY
from mi6_tui.frameworks.live import SESSION_ID
from mi6_tui.ingest.git.context import context
from mi6_tui.ingest.spool.file import call_of, split
from mi6_tui.ingest.spool.record import CallError, heard
from mi6_tui.prices.overrides import PriceError, read_overrides
from mi6_tui.query import QueryError, Sort, complete, parse, spans
from mi6_tui.query.parser import LONGEST
from mi6_tui.report.session_fields import chosen
from mi6_tui.report.times import instant
from mi6_tui.settings_file import save_setting
from mi6_tui.settings_reader import ConfigError, read_settings
from tests.hostile.mutate import damaged, hostile, spoiled
from tests.hostile.stored import BREAKING, check_event
from tests.hostile.test_decoders import SEEDS
from tests.ingest.spool.hooking import Recorded, recorded

_NOW: Final = 1_800_000_000_000
_DATA: Final = Path(__file__).parents[1] / "data"


@cache
def _calls() -> list[tuple[str, Recorded]]:
    clients = [name for name in names() if (_DATA / "hooks" / "calls" / f"{name}.jsonl.gz").exists()]
    return [(client, call) for client in clients for call in recorded(client)]


@given(seed=SEEDS)
def test_files_of_the_spool(seed: int) -> None:
    chance = random.Random(seed)
    client, call = chance.choice(_calls())
    payload = spoiled(call.payload, chance) if chance.random() < 0.8 else call.payload
    trailer = f"mi6-hook 1\tframework={client}\tevent={call.event}\tppid=4711\tTMUX_PANE=%3\tTMUX=/tmp/s,1,0"
    data = payload + b"\n" + trailer.encode() + b"\n"
    if chance.random() < 0.3:
        data = data[: len(payload)] + damaged(data[len(payload) :], chance) + b"\n"
    note(repr(data))
    parts = split(data)
    if parts is None:
        return
    try:
        found = heard(call_of("99", chance.choice((0, -1, 10**18, 2**63 - 1)), _NOW, *parts), "devbox")
    except CallError:
        return
    for event in found.events:
        check_event(event)
        assert event.timestamp <= _NOW
    for text in (found.call.terminal, found.call.entrypoint):
        assert text is None or (text.isprintable() and len(text) < 1000)


@cache
def _entries() -> list[bytes]:
    lines = (_DATA / "live" / "registry.jsonl").read_text().splitlines()
    return [text.encode() for line in lines if (text := json.loads(line)["text"])]


@given(seed=SEEDS)
def test_entries_of_the_registry(seed: int) -> None:
    chance = random.Random(seed)
    entry = chance.choice(_entries())
    bad = spoiled(entry, chance) if chance.random() < 0.7 else damaged(entry, chance)
    note(repr(bad))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{json.loads(entry)['pid']}.json"
        path.write_bytes(bad)
        live = REGISTRY.read(path)
    if live is None:
        return
    assert SESSION_ID.fullmatch(live.session_id) and 0 < live.pid < 2**31
    assert 0 <= live.at < 2**63 and len(live.detail) <= 80
    for text in (live.detail, live.cwd, live.terminal, live.entrypoint):
        assert text is None or not BREAKING.search(text)


_CONFIG: Final = b"""[core]
\tbare = false
[remote "origin"]
\turl = https://user:secret@github.com/acme/web.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
[url "https://github.com/"]
\tinsteadOf = gh:
"""


@given(seed=SEEDS)
def test_the_files_of_a_repository(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        git = Path(folder) / ".git"
        for name in ("objects", "refs"):
            (git / name).mkdir(parents=True)
        files = {
            "HEAD": b"ref: refs/heads/fix/123-colours\n", "config": _CONFIG, "commondir": b"",
            "rebase-merge/head-name": b"refs/heads/main\n",
        }  # fmt: skip
        for name, content in files.items():
            if name == "commondir" and chance.random() < 0.7:
                continue
            path = git / name
            path.parent.mkdir(exist_ok=True)
            bad = content
            if chance.random() < 0.6:
                bad = damaged(content, chance)
            if chance.random() < 0.1:
                bad = b"ref: refs/heads/" + str(hostile(chance)).encode("utf-8", "replace")
            path.write_bytes(bad)
            note(f"{name}: {bad!r}")
        if chance.random() < 0.1:
            (git / "HEAD").unlink()
            (git / "HEAD").symlink_to(chance.choice(("/dev/zero", "/etc/passwd", "HEAD", "..")))
        found = context(folder)
    if found is None:
        return
    for told in (found.branch, found.github_repo, *found.github_repos):
        assert told is None or ("\n" not in told and "\x1b" not in told and len(told) <= 600)


_SETTINGS: Final = b"""[dashboard]
theme = "mi6-night"
ascii = false
[columns]
show = ["status", "name"]
widths = { name = 40 }
[keys]
page-down = ["space", "j"]
[views.mine]
query = "status:waiting"
[notifications]
quiet = ["22:00-07:00"]
command = ["notify-send", "x"]
[[prices]]
model = "house"
input = 1.5
output = 3.0
[budgets]
day = 20.5
project = { web = 50 }
"""
_BAD_SETTINGS: Final = (
    b"a = " + b"[" * 20_000, b"a = " + b"9" * 5000, b"a = " + b"{a=" * 20_000, b"[" + b"a." * 20_000 + b"b]",
    b"\xff\xfe", b"\0", b"[dashboard]\ntheme = \"\\u0000\"", b"[views.\"\\u001b[2J\"]\nquery = 3",
    b"[\"\\u202e\"]", b"x = \"\x1b[2J\"", b"[[prices]]\n" * 2000, b"a = 0x" + b"f" * 10_000, b"#" * (2 << 20),
    b"[keys]\na = 0x" + b"f" * 10_000, b"a = 1e999999",
    b"[[prices]]\nmodel = \"\\u001b]0;owned\\u0007\"\ninput = -1", b"a = 99999-99-99",
    b"[budgets]\nday = inf", b"[budgets]\nday = nan", b"[columns]\nwidths = { name = 99999999999999999999 }",
)  # fmt: skip


def _read_settings(content: bytes, *, save: bool = True) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.toml"
        path.write_bytes(content)
        try:
            assert isinstance(read_settings(path), Settings)
        except ConfigError as error:
            assert len(str(error)) < 1000
        try:
            for price in read_overrides(path):
                assert price.models[0]
        except PriceError as error:
            assert len(str(error)) < 1000
        if not save:
            return
        with suppress(Mi6Error):
            save_setting(path, "dashboard", {"ascii": True})
            assert read_settings(path).dashboard.ascii
        with suppress(Mi6Error):
            save_setting(path, "columns", {"show": ["name"]})


@pytest.mark.parametrize("content", _BAD_SETTINGS, ids=range(len(_BAD_SETTINGS)))
def test_bad_settings(content: bytes) -> None:
    _read_settings(content, save=len(content) < 100_000)


@given(seed=SEEDS)
def test_settings_with_bytes_changed(seed: int) -> None:
    chance = random.Random(seed)
    lines = _SETTINGS.splitlines(keepends=True)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                lines[at] = damaged(lines[at], chance) + b"\n"
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                name = lines[at].partition(b"=")[0]
                lines[at] = name + b"= " + json.dumps(str(hostile(chance))[:3000]).encode() + b"\n"
            case _:
                lines[at] = chance.choice(_BAD_SETTINGS[6:]) + b"\n"
    note(repr(b"".join(lines)))
    _read_settings(b"".join(lines), save=chance.random() < 0.1)


@pytest.mark.parametrize("kind", ["folder", "pipe", "zeros", "loop", "nowhere", "unreadable"])
def test_settings_that_are_no_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "zeros":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "nowhere":
            path.symlink_to(tmp_path / "missing")
        case _:
            path.write_bytes(b"\xff" * 10)
    if kind == "nowhere":
        assert read_settings(path) == Settings()
        assert read_overrides(path) == ()
        return
    with pytest.raises(ConfigError):
        read_settings(path)
    with pytest.raises(PriceError):
        read_overrides(path)


_QUERIES: Final = (
    "status:waiting cost>1.5 -branch~^fix", 'prompt:"two words" or (repo=acme/web and not age<2h)',
    "started>2026-11-01 context>=50% in:1k..2M has:pr needs:me", "title~(a|b)+c{2,5}[x-z] model!=opus,haiku",
)  # fmt: skip
_FIELDS: Final = ("-cost,age,name", "cost", "attention,-status")


@given(seed=SEEDS)
@example(seed=0)
def test_queries_orders_columns_and_times(seed: int) -> None:
    chance = random.Random(seed)
    text = chance.choice(_QUERIES)
    if chance.random() < 0.7:
        text = damaged(text.encode(), chance).decode("utf-8", "replace")
    if chance.random() < 0.3:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + str(hostile(chance)) + text[at:]
    if chance.random() < 0.1:
        text = text * chance.randint(2, 60)
    note(repr(text))
    try:
        query = parse(text)
        if len(str(query)) <= LONGEST:
            assert str(parse(str(query))) == str(query)
    except QueryError as error:
        assert 0 <= error.column <= len(text)
        assert len(str(error)) < 5000
    end = 0
    for span in spans(text[:4000]):
        assert end <= span.start < span.end
        end = span.end
    complete(text[:4000], chance.randrange(len(text[:4000]) + 1), [], _NOW)
    order = chance.choice(_FIELDS) if chance.random() < 0.5 else text
    with suppress(UsageError):
        Sort.parse(damaged(order.encode(errors="replace"), chance).decode("utf-8", "replace"))
    with suppress(UsageError):
        chosen(text, ("name",))
    for moment in (text, damaged(b"2026-11-23T14:30+05:30", chance).decode("utf-8", "replace")):
        with suppress(UsageError):
            assert -(2**62) < instant(moment, None, _NOW) < 2**62
