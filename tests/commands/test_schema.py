"""What `--json` prints is what its schema says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from mi6_tui.commands.schema import TYPES
from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session

COMMANDS = {
    "sessions": ["sessions"],
    "session": ["session", "a1"],
    "events": ["events"],
    "scan": ["scan"],
    "search": ["search", "hello"],
    "stats": ["stats", "--by", "model"],
    "explain": ["explain", "a1"],
    "status": ["status"],
    "doctor": ["doctor"],
    "enable": ["enable", "claude", "--print"],
    "disable": ["disable", "claude", "--print"],
    "forget": ["forget", "a1", "--dry-run"],
}


def fields(found: Any) -> set[str]:
    value = found[0] if isinstance(found, list) else found
    return set(value)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_output_fits_the_schema(cli: Cli, name: str) -> None:
    write_session(cli.home, "a1")
    lines = cli.ok(*COMMANDS[name], "--json").splitlines()
    schema = json.loads(cli.ok("schema", name))
    part = schema.get("items", schema)
    described = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
    for line in lines:
        msgspec.json.decode(line, type=TYPES[name], strict=True)
        assert fields(json.loads(line)) == set(described["properties"])


def test_every_type_is_tried() -> None:
    # Tried where they have something to tell.
    elsewhere = ("bench", "bench-peer", "fleet", "next", "push", "snapshot")
    assert sorted(TYPES) == sorted([*COMMANDS, *elsewhere])


def test_a_name_that_does_not_exist(cli: Cli) -> None:
    assert "invalid choice: 'weather'" in cli.fails(2, "schema", "weather")
