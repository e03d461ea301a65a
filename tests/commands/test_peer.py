"""`bench --peer`: our totals beside those of another program, which a script stands in for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui.bench.peer import VERSION
from mi6_tui.cli import parser
from mi6_tui.commands.bench import run
from mi6_tui.commands.schema import TYPES
from mi6_tui.errors import UsageError
from tests.commands.conftest import Cli
from tests.commands.transcripts import write_session
from tests.verify.homes import unpack

_MODEL = "claude-opus-5-5"


def _agent(name: str, model: str, sent: int, said: int, read: int, written: int = 0) -> dict[str, Any]:
    numbers = {
        "inputTokens": sent,
        "outputTokens": said,
        "cacheReadTokens": read,
        "cacheCreationTokens": written,
    }
    return {"agent": name, "modelBreakdowns": [{"modelName": model, **numbers}]}


@pytest.fixture
def peer(cli: Cli) -> Cli:
    """The program beside a ccusage that says what is in `peer.json`."""
    folder = cli.home / "bin"
    folder.mkdir()
    script = folder / "ccusage"
    script.write_text(f'#!/bin/sh\nexec cat "{cli.home}/peer.json"\n')
    script.chmod(0o700)
    cli.env["PATH"] = f"{folder}:{cli.env['PATH']}"
    return cli


def _says(cli: Cli, *agents: dict[str, Any]) -> None:
    (cli.home / "peer.json").write_text(json.dumps({"monthly": [{"agents": agents}]}))


def test_equal_totals_need_no_rule(peer: Cli) -> None:
    write_session(peer.home, "s1")
    _says(peer, _agent("claude", _MODEL, 20, 10, 200), _agent("another", "other", 1, 1, 1))
    printed = peer.ok("bench", "--peer", "--json")
    msgspec.json.decode(printed, type=TYPES["bench-peer"], strict=True)
    found = json.loads(printed)
    described = json.loads(peer.ok("schema", "bench-peer"))["$defs"]["Comparison"]
    assert set(found) == set(described["properties"])
    assert [(row["ours"], row["theirs"], row["rules"]) for row in found["rows"]] == [
        (20, 20, []),
        (10, 10, []),
        (200, 200, []),
    ]
    assert found["unexplained"] == 0
    assert "0 of 3 numbers differ without a rule" in peer.ok("bench", "--peer")
    assert not peer.store.exists()


def test_a_difference_without_a_rule_fails(peer: Cli) -> None:
    write_session(peer.home, "s1")
    _says(peer, _agent("claude", _MODEL, 20, 11, 200))
    done = peer.run("bench", "--peer")
    assert done.returncode == 1
    assert done.stdout.splitlines()[2].split() == [
        "claude",
        _MODEL,
        "tokens_output",
        "10",
        "11",
        "-1",
        "none",
    ]


def test_a_difference_with_a_rule_names_it(peer: Cli) -> None:
    unpack("gemini", peer.home)
    _says(peer, _agent("gemini", "gemini-3.8-flash", 760_710, 20_335, 523_400))
    found = peer.json("bench", "--peer")
    (row,) = (row for row in found["rows"] if row["ours"] != row["theirs"])
    assert (row["field"], row["ours"] - row["theirs"]) == ("tokens_output", 394)
    (rule,) = row["rules"]
    assert found["rules"][rule - 1]["why"] == "thoughts are billed as output"
    assert f"rule {rule}: thoughts are billed as output" in peer.ok("bench", "--peer")


@pytest.mark.parametrize("said", ["", "no JSON", "{}", '{"monthly": [{"agents": [{}]}]}'])
def test_a_peer_that_says_nothing_useful(peer: Cli, said: str) -> None:
    (peer.home / "peer.json").write_text(said)
    assert "gave no totals" in peer.fails(1, "bench", "--peer")


def test_without_the_peer_nothing_was_compared(cli: Cli) -> None:
    cli.env["PATH"] = str(cli.home)
    assert "ccusage is not installed: nothing to compare with; `make compare`" in cli.fails(
        1, "bench", "--peer"
    )


@pytest.mark.parametrize(
    "option",
    [("--only", "hook"), ("--only", ""), ("--large",), ("--runs", "3"), ("--folder", "x"), ("--markdown",)],
)
def test_what_is_for_measuring_is_refused_beside_it(option: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no use for {option[0]}"):
        run(parser().parse_args(["bench", "--peer", *option]))


def test_make_installs_the_version_that_the_rules_are_for() -> None:
    makefile = Path(__file__).parents[2] / "Makefile"
    assert f"ccusage@{VERSION}" in makefile.read_text()
