"""`explain`: every number opens its evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw
import zstandard

from mi6_tui.commands.explained import sentences
from tests.commands.conftest import Cli
from tests.commands.transcripts import prompt_line, reply_lines, write_session
from tests.verify.homes import unpack

_PARENT = "8305ea3f-be22-428a-ae5f-19ab502d3133"
_FORK = "ca9d481b-b54b-4b3e-bfc3-e660fa0a5dbe"
_CUT_OFF = "2fc76eff-97cf-4160-bb06-b465ab9e6073"
_HELPERS = "40835d15-0c14-4ca4-a2ce-c5fdb431e66b"


def _record_at(request: dict[str, Any]) -> Any:
    """The line of the transcript that a place names."""
    with Path(request["transcript_path"]).open("rb") as file:
        file.seek(request["byte_offset"])
        return json.loads(file.readline())


def test_every_request_has_its_witness_and_its_repeats(cli: Cli) -> None:
    path = write_session(cli.home, "s1", requests=3)
    tokens = cli.json("explain", "s1", "tokens")["tokens"]
    assert len(tokens["requests"]) == 3
    for number, request in enumerate(tokens["requests"]):
        line = _record_at(request)
        assert line["message"]["id"] == f"msg_s1_{number}"
        assert request["key"] == f"claude:req:msg_s1_{number}:req_s1_{number}"
        assert (request["tokens_input"], request["tokens_output"], request["incomplete"]) == (10, 5, None)
        (repeat,) = request["repeats"]
        assert _record_at(repeat)["message"]["id"] == f"msg_s1_{number}"
        assert repeat["byte_offset"] != request["byte_offset"]
        assert repeat["why"] == "another line of the same reply"
    assert tokens["sums"] == tokens["row"]
    assert tokens["sums"]["api_request_count"] == 3
    assert tokens["sums"]["tokens_cache_read"] == 300
    assert (tokens["differences"], tokens["explanation"], tokens["elsewhere"]) == ([], None, [])
    assert [file["path"] for file in tokens["files"]] == [str(path)]


def test_a_forks_copies_name_their_owner(cli: Cli) -> None:
    unpack("claude", cli.home)
    tokens = cli.json("explain", _FORK, "tokens")["tokens"]
    assert len(tokens["requests"]) == 1
    assert [other["owner"] for other in tokens["elsewhere"]] == [_PARENT] * 3
    assert {other["why"] for other in tokens["elsewhere"]} == {"a copy"}
    owned = {request["key"] for request in cli.json("explain", _PARENT, "tokens")["tokens"]["requests"]}
    assert {other["key"] for other in tokens["elsewhere"]} < owned


def test_subagents_requests_lie_in_their_own_files(cli: Cli) -> None:
    unpack("claude", cli.home)
    tokens = cli.json("explain", _HELPERS, "tokens")["tokens"]
    side = {Path(r["transcript_path"]).name for r in tokens["requests"] if r["is_sidechain"]}
    assert side == {"agent-a3d3c8d12d29e5a89.jsonl", "agent-ae5a4dfa61e02ae86.jsonl"}
    assert len(tokens["files"]) == 3


def test_an_incomplete_request_says_why(cli: Cli) -> None:
    unpack("claude", cli.home)
    requests = cli.json("explain", _CUT_OFF, "tokens")["tokens"]["requests"]
    reasons = [request["incomplete"] for request in requests if request["incomplete"]]
    assert reasons == ["the reply has no stop reason: its output is a lower bound"]
    path = write_session(cli.home, "s1")
    path.write_text(path.read_text().replace('"output_tokens": 5', '"output_tokens": null'))
    requests = cli.json("explain", "s1", "tokens")["tokens"]["requests"]
    assert [request["incomplete"] for request in requests] == ["not told: tokens_output"] * 2
    assert [request["tokens_output"] for request in requests] == [None, None]


def test_a_cost_that_misses_tokens_is_a_lower_bound(cli: Cli) -> None:
    write_session(cli.home, "s0")
    assert "cost          $0.0003" in cli.ok("explain", "s0", "cost")
    path = write_session(cli.home, "s1")
    path.write_text(path.read_text().replace('"output_tokens": 5', '"output_tokens": null'))
    told = cli.ok("explain", "s1", "cost")
    assert "cost          ≥ $0.0001" in told
    assert "  at least    2 requests with unknown tokens" in told
    assert cli.json("explain", "s1", "cost")["cost"]["row"]["incomplete_requests"] == 2


def test_lines_that_say_nothing_have_their_places(cli: Cli) -> None:
    path = write_session(cli.home, "s1", requests=1)
    good = path.read_bytes()
    path.write_bytes(good + b"{broken\n" + b"[1]\n")
    (file,) = cli.json("explain", "s1", "tokens")["tokens"]["files"]
    assert file == {
        "path": str(path),
        "lines": 5,
        "malformed": [len(good), len(good) + 8],
        "skipped": [],
        "problem": None,
    }
    assert f"2 lines no JSON object, at byte {len(good)}, {len(good) + 8}" in cli.ok("explain", "s1")


def test_a_side_question_that_repeats_a_message(cli: Cli) -> None:
    path = write_session(cli.home, "s1", requests=1)
    side = path.parent / "s1" / "subagents" / "agent-a1.jsonl"
    side.parent.mkdir(parents=True)
    first, own = reply_lines("s1", 0, last=True)[0], reply_lines("s1", 7, last=True)[0]
    copies = [first | {"requestId": "req_other", "uuid": "x"}, own | {"uuid": "y"}]
    side.write_text("".join(json.dumps(copy | {"isSidechain": True}) + "\n" for copy in copies))
    requests = cli.json("explain", "s1", "tokens")["tokens"]["requests"]
    assert [request["is_sidechain"] for request in requests] == [False, True]
    assert [repeat["why"] for repeat in requests[0]["repeats"]] == [
        "another line of the same reply",
        "told again by a subagent",
    ]


def test_deleted_requests_explain_the_difference(cli: Cli) -> None:
    write_session(cli.home, "s1")
    cli.ok("scan")
    cli.ok("gc", "--older-than", "0s")
    tokens = cli.json("explain", "s1", "tokens")["tokens"]
    assert (tokens["requests"], tokens["row"]["tokens_input"], tokens["sums"]["tokens_input"]) == ([], 20, 0)
    assert tokens["explanation"].startswith("2 requests were deleted")
    assert {other["why"] for other in tokens["elsewhere"]} == {"deleted from the store, or not read yet"}


def test_a_wrong_row_is_said_to_be_wrong(cli: Cli) -> None:
    write_session(cli.home, "s1")
    cli.ok("scan")
    connection = apsw.Connection(str(cli.store))
    connection.execute("UPDATE sessions SET tokens_input = 21")
    connection.close()
    assert cli.json("explain", "s1", "tokens")["tokens"]["differences"] == ["tokens_input"]
    assert "tokens_input: 20 here, 21 in the session's row" in cli.ok("explain", "s1", "tokens")


def test_context_is_the_last_request_of_the_main_chain(cli: Cli) -> None:
    write_session(cli.home, "s1")
    context = cli.json("explain", "s1", "context")["context"]
    assert (context["context"], context["told_by"]) == (110, "ApiRequest")
    assert (context["tokens_input"], context["tokens_cache_read"], context["tokens_cache_write"]) == (
        10,
        100,
        0,
    )
    assert _record_at(context["place"])["message"]["id"] == "msg_s1_1"


def test_context_after_a_compaction(cli: Cli) -> None:
    path = write_session(cli.home, "s1")
    boundary = prompt_line("s1", 50, "") | {
        "type": "system",
        "subtype": "compact_boundary",
        "compactMetadata": {"trigger": "manual", "preTokens": 110, "postTokens": 40},
    }
    with path.open("a") as file:
        file.write(json.dumps(boundary) + "\n")
    context = cli.json("explain", "s1", "context")["context"]
    assert (context["context"], context["told_by"]) == (40, "Compaction")
    assert "the last compaction" in cli.ok("explain", "s1", "context")


def test_without_its_transcript_the_store_still_tells(cli: Cli) -> None:
    path = write_session(cli.home, "s1")
    cli.ok("scan")
    path.unlink()
    told = cli.json("explain", "s1")
    assert len(told["tokens"]["requests"]) == 2
    assert [request["repeats"] for request in told["tokens"]["requests"]] == [[], []]
    assert told["tokens"]["files"][0]["problem"] == "No such file or directory"
    assert (told["context"]["context"], told["context"]["told_by"]) == (110, None)


def test_status_is_the_stored_verdict(cli: Cli) -> None:
    write_session(cli.home, "s1")
    status = cli.json("explain", "s1", "status")["status"]
    row = cli.json("session", "s1")
    witnesses, changes = status.pop("witnesses"), status.pop("would_change")
    assert status == {name: row[name] for name in status}
    assert status["status_reason"]
    assert changes
    # The session's file ends with a reply that asks for no tool.
    assert [(said["witness"], said["kind"]) for said in witnesses] == [("transcript", "reply_end")]
    assert witnesses[0]["at"] == row["status_since"]
    words = cli.ok("explain", "s1", "status")
    assert f"because     {status['status_reason']}" in words
    assert "requests" not in words


def test_all_topics_in_words(cli: Cli) -> None:
    write_session(cli.home, "s1")
    words = cli.ok("explain", "s1").splitlines()
    assert words[0] == "s1  claude  Say hello"
    for label in ("status", "context", "requests", "equal", "dropped", "cost"):
        assert any(line.startswith(label) for line in words), label
    (total,) = (line.split() for line in words if line.startswith("sum "))
    assert total == ["sum", "20", "10", "200", "0"]
    assert "dropped       2 lines: another line of the same reply" in words
    assert list(cli.json("explain", "s1")) == [
        "session_id",
        "framework",
        "name",
        "status",
        "context",
        "tokens",
        "cost",
        "witnesses",
    ]


def test_tables_fit_80_cells(cli: Cli) -> None:
    unpack("claude", cli.home)
    told = cli.json("explain", _HELPERS)
    told["tokens"]["files"] = []  # paths are never cut
    del told["context"], told["status"]
    lines = [line for line in sentences(told, fit=80) if not line.startswith("file ")]
    assert len(lines) > 20
    assert max(map(len, lines)) <= 80


def test_bad_usage(cli: Cli) -> None:
    write_session(cli.home, "s1")
    assert "invalid choice: 'colour'" in cli.fails(2, "explain", "s1", "colour")
    assert cli.fails(3, "explain", "nobody").startswith("there is no session")


def test_a_compressed_transcript_is_read_again_too(cli: Cli) -> None:
    (packed, *_) = (path for path in unpack("codex", cli.home) if path.stat().st_size > 40_000)
    twin = packed.with_suffix(".jsonl.zst")
    twin.write_bytes(zstandard.ZstdCompressor().compress(packed.read_bytes()))
    lines = packed.read_bytes().splitlines(keepends=True)
    packed.unlink()
    session = json.loads(lines[0])["payload"]["session_id"]
    tokens = cli.json("explain", session, "tokens")["tokens"]
    (file,) = (file for file in tokens["files"] if file["path"] == str(twin))
    assert (file["lines"], file["malformed"], file["problem"]) == (len(lines), [], None)
    whole = b"".join(lines)
    for request in tokens["requests"]:
        if request["transcript_path"] == str(twin):
            assert b"token_usage_record" in whole[request["byte_offset"] :].split(b"\n")[0]
