"""What the rows of both generations mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mi6_tui.model import EventType
from tests.frameworks.opencode.support import EPOCH, Client, Told, stored, tokens


def tool(status: str, **state: Any) -> dict[str, Any]:
    times = {"start": EPOCH + 2000} | ({} if status == "running" else {"end": EPOCH + 3500})
    return {"type": "tool", "callID": "c1", "state": {"status": status, "time": times, **state}}


# Numbers.


@pytest.mark.parametrize(
    ("wrong", "known"),
    [
        ({"input": -1}, {"tokens_input": None, "tokens_output": 20}),
        ({"input": 1.5}, {"tokens_input": None}),
        ({"input": "12"}, {"tokens_input": None}),
        ({"input": 10**12 + 1}, {"tokens_input": None}),
        ({"input": True}, {"tokens_input": None}),
        ({"output": None}, {"tokens_output": 10, "tokens_reasoning": 10}),
        ({"reasoning": None}, {"tokens_output": 10, "tokens_reasoning": None}),
        ({"cache": None}, {"tokens_cache_read": None, "tokens_cache_write": None}),
        ({"cache": [1]}, {"tokens_cache_read": None, "tokens_input": 10}),
    ],
)
def test_a_number_that_is_none_is_unknown(
    client: Client, wrong: dict[str, Any], known: dict[str, Any]
) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH, EPOCH + 1, tokens=tokens() | wrong)
    event = Told(client.path).one(EventType.API_REQUEST)
    assert {name: getattr(event, name) for name in known} == known
    assert event.tokens_incomplete


@pytest.mark.parametrize("numbers", [None, "none", tokens(0, 0, 0, 0, 0), {}])
def test_a_provider_that_tells_no_tokens(client: Client, numbers: Any) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH, EPOCH + 1, tokens=numbers)
    event = Told(client.path).one(EventType.API_REQUEST)
    assert event.tokens_input is event.tokens_output is event.tokens_cache_read is event.cost_usd is None
    assert event.tokens_incomplete


@pytest.mark.parametrize("cost", [0, 0.0, -1, None, "1", True])
def test_dollars_the_client_does_not_know(client: Client, cost: Any) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH, EPOCH + 1, cost=cost)
    event = Told(client.path).one(EventType.API_REQUEST)
    assert event.cost_usd is None
    assert event.tokens_output == 20


# First tables.


def test_a_tool_that_runs_then_ends(client: Client) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH)
    client.part("p", "m", "s", EPOCH + 1500, tool="bash", **tool("pending"))
    assert not Told(client.path).of(EventType.PRE_TOOL_USE), "its input may not be complete"
    client.part("p", "m", "s", EPOCH + 1500, tool="bash", **tool("running", input={"command": "gh pr view"}))
    told = Told(client.path)
    assert told.one(EventType.PRE_TOOL_USE).timestamp == EPOCH + 1500
    assert not told.of(EventType.POST_TOOL_USE)
    state = {"input": {"command": "gh pr view"}, "output": "#7", "metadata": {"exit": 0}}
    client.part("p", "m", "s", EPOCH + 1500, tool="bash", **tool("completed", **state))
    end = Told(client.path).one(EventType.POST_TOOL_USE)
    assert (end.timestamp, end.duration_ms, end.outcome, end.preview) == (EPOCH + 3500, 2000, "ok", "#7")
    assert end.metadata == '{"output":"#7"}'


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("File not found: x", "error"),
        ("Tool execution aborted", "interrupted"),
        ("The user rejected permission to use this specific tool call.", "denied"),
        ({"no": "text"}, "error"),
    ],
)
def test_how_a_tool_failed(client: Client, error: Any, outcome: str) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH)
    client.part("p", "m", "s", EPOCH, tool="read", **tool("error", input={"filePath": "/x"}, error=error))
    end = Told(client.path).one(EventType.POST_TOOL_USE)
    assert end.outcome == outcome


def test_a_question_waits_for_its_answer(client: Client, tmp_path: Path) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH)
    asked = {"questions": [{"question": "Which colour?"}]}
    client.part("p", "m", "s", EPOCH + 1, tool="question", **tool("running", input=asked))
    told = Told(client.path)
    assert told.one(EventType.PRE_TOOL_USE).preview == "Which colour?"
    with stored(tmp_path, told.answers, EPOCH + 5000) as storage:
        session = storage.get_session("s")
    assert session is not None
    assert (session.status_shown, session.status_detail) == ("waiting", "question: Which colour?")


def test_only_finished_words_are_told(client: Client) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH)
    client.part("p1", "m", "s", EPOCH, type="text", text="Done.", time={"start": 1, "end": EPOCH + 5})
    client.part("p2", "m", "s", EPOCH, type="text", text="Half a sen", time={"start": 1})
    client.part("p3", "m", "s", EPOCH, type="text", text="Made up.", synthetic=True, time={"end": EPOCH + 6})
    assert Told(client.path).one(EventType.ASSISTANT_MESSAGE).preview == "Done."


def test_text_the_client_put_in_is_no_prompt(client: Client) -> None:
    client.session("s")
    client.message("m", "s", EPOCH, role="user")
    client.part("p1", "m", "s", EPOCH, type="text", text="<file>", synthetic=True)
    assert not Told(client.path).events
    client.part("p2", "m", "s", EPOCH, type="text", text="Read \x1b[31mit\x00.")
    assert Told(client.path).one(EventType.USER_PROMPT_SUBMIT).payload == '{"prompt":"Read it."}'


def test_failed_attempts_are_retries(client: Client) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH)
    for attempt in (1, 2):
        error = {"name": "APIError", "data": {"message": "overloaded"}}
        client.part(f"p{attempt}", "m", "s", EPOCH + attempt, type="retry", attempt=attempt, error=error)
    retries = Told(client.path).of(EventType.API_ERROR)
    assert [(event.outcome, event.preview) for event in retries] == [("retrying", "overloaded")] * 2
    assert not Told(client.path).of(EventType.API_REQUEST), "nothing came from the model"


@pytest.mark.parametrize(("auto", "reason"), [(True, "auto"), (False, "manual")])
def test_a_summary_compacts(client: Client, auto: bool, reason: str) -> None:
    client.session("s")
    client.message("m1", "s", EPOCH, role="user")
    client.part("p1", "m1", "s", EPOCH, type="compaction", auto=auto)
    client.reply("m2", "s", EPOCH + 1, EPOCH + 9, summary=True, parentID="m1")
    client.part("p2", "m2", "s", EPOCH + 2, type="text", text="All so far.", time={"end": EPOCH + 8})
    told = Told(client.path)
    assert told.one(EventType.COMPACTION).outcome == reason
    assert told.one(EventType.API_REQUEST).cost_usd == 0.5
    assert not told.of(EventType.ASSISTANT_MESSAGE)
    assert not told.of(EventType.USER_PROMPT_SUBMIT)


def test_subagents_of_subagents_belong_to_the_root(client: Client) -> None:
    client.session("root")
    client.session("child", parent_id="root")
    client.session("grandchild", parent_id="child")
    client.reply("m", "grandchild", EPOCH, EPOCH + 1)
    event = Told(client.path).one(EventType.API_REQUEST)
    assert (event.session_id, event.agent_id, event.is_sidechain) == ("root", "grandchild", True)


def test_a_circle_of_parents_ends(client: Client) -> None:
    client.session("a", parent_id="b")
    client.session("b", parent_id="a")
    client.reply("m", "a", EPOCH, EPOCH + 1)
    assert Told(client.path).one(EventType.API_REQUEST).session_id in ("a", "b")


def test_a_title_nobody_gave_is_none(client: Client) -> None:
    client.session("s", title="New session - 2026-11-23T06:23:35.484Z")
    assert {fact.name for fact in Told(client.path).facts} == {"cwd", "client_version"}


@pytest.mark.parametrize(
    "data", ["", "{", "[1]", "null", '"text"', "\\u0000", '{"role": 5}', '{"role": "tool"}']
)
def test_damaged_rows_are_counted_and_passed(client: Client, data: str) -> None:
    client.session("s")
    client.message("m1", "s", EPOCH, role="user")
    client.connection.execute("UPDATE message SET data = ?", (data,))
    client.reply("m2", "s", EPOCH, EPOCH + 1)
    client.part("p", "m2", "s", EPOCH, type="text")
    client.connection.execute("UPDATE part SET data = ?", (data,))
    told = Told(client.path)
    assert told.one(EventType.API_REQUEST).tokens_output == 20
    assert told.malformed == (0 if "role" in data else 2)
    assert sum(told.unknown.values()) == int("role" in data)


def test_values_of_a_wrong_kind_end_nothing(client: Client) -> None:
    client.session("s", title=b"\xff", directory=b"\x00")
    client.reply("m", "s", EPOCH, EPOCH + 1)
    client.part("p", "m", "s", EPOCH, type="text", text=["x"], time="now")
    client.connection.execute(
        "UPDATE session SET time_updated = 'soon'; UPDATE message SET data = CAST(data AS BLOB) || x'ff'"
    )
    told = Told(client.path)
    assert told.malformed == 1
    assert {fact.name for fact in told.facts} == {"client_version", "last_activity"}


def test_times_that_are_none_neither_stop_nor_loop(client: Client) -> None:
    client.session("s")
    with client.connection:
        for number in range(600):
            client.prompt(f"m{number:03d}", "s", EPOCH, "Hello?")
        client.connection.execute(
            "UPDATE message SET time_created = 'then', time_updated = 1.5 WHERE id < 'm300'"
        )
        client.connection.execute("UPDATE message SET time_updated = 'soon' WHERE id > 'm590'")
    told = Told(client.path)
    assert len(told.of(EventType.USER_PROMPT_SUBMIT)) == 600
    assert not Told(client.path, told.cursor).answers[-1].more


# Second tables.


def test_a_turn_of_the_second_generation(client_v2: Client) -> None:
    client = client_v2
    client.session_v2("s", title="Greetings")
    client.row_v2("m1", "s", "user", EPOCH + 1, text="Hello?", files=[])
    call = {
        "type": "tool",
        "id": "c1",
        "name": "shell",
        "state": {
            "status": "completed",
            "input": {"command": "ls"},
            "content": [{"type": "text", "text": "a.py"}],
        },
        "time": {"created": EPOCH + 3, "ran": EPOCH + 4, "completed": EPOCH + 8},
    }
    client.row_v2(
        "m2",
        "s",
        "assistant",
        EPOCH + 2,
        EPOCH + 9,
        time={"created": EPOCH + 2, "completed": EPOCH + 9},
        model={"id": "m-2", "providerID": "x"},
        content=[{"type": "text", "text": "Hi."}, call],
        finish="tool-calls",
        cost=0.25,
        tokens=tokens(),
    )
    client.row_v2("m3", "s", "idle", EPOCH + 10, outcome="succeeded")
    told = Told(client.path)
    request = told.one(EventType.API_REQUEST)
    assert (request.model, request.outcome, request.cost_usd) == ("m-2", "tool_use", 0.25)
    assert (request.tokens_input, request.tokens_output, request.tokens_reasoning) == (10, 20, 10)
    assert told.one(EventType.USER_PROMPT_SUBMIT).payload == '{"prompt":"Hello?"}'
    assert told.one(EventType.ASSISTANT_MESSAGE).preview == "Hi."
    end = told.one(EventType.POST_TOOL_USE)
    assert (end.tool_name, end.preview, end.duration_ms, end.payload) == (
        "shell",
        "a.py",
        5,
        '{"command":"ls"}',
    )
    assert told.one(EventType.STOP).timestamp == EPOCH + 10
    assert told.unknown == {}


def test_an_interrupted_turn_and_a_failed_reply(client_v2: Client) -> None:
    client_v2.session_v2("s")
    client_v2.row_v2("m1", "s", "assistant", EPOCH, error={"type": "provider.auth", "message": "log in"})
    client_v2.row_v2("m2", "s", "idle", EPOCH + 1, outcome="interrupted")
    told = Told(client_v2.path)
    error = told.one(EventType.API_ERROR)
    assert (error.outcome, error.preview) == ("provider.auth", "log in")
    assert told.one(EventType.INTERRUPT).timestamp == EPOCH + 1
    assert not told.of(EventType.API_REQUEST)


def test_a_compaction_has_its_own_cost(client_v2: Client) -> None:
    client_v2.session_v2("s")
    client_v2.row_v2("m1", "s", "compaction", EPOCH, status="running", reason="auto")
    assert not Told(client_v2.path).events
    done = {"status": "completed", "reason": "auto", "cost": 0.1, "tokens": tokens()}
    client_v2.row_v2("m1", "s", "compaction", EPOCH, EPOCH + 5, **done)
    told = Told(client_v2.path)
    assert told.one(EventType.COMPACTION).outcome == "auto"
    assert told.one(EventType.API_REQUEST).cost_usd == 0.1


def test_other_rows_of_the_second_generation(client_v2: Client) -> None:
    client_v2.session_v2("s")
    for index, kind in enumerate(("system", "synthetic", "skill", "shell", "agent-switched", "hologram")):
        client_v2.row_v2(f"m{index}", "s", kind, EPOCH, text="x")
    client_v2.row_v2("m9", "s", "model-switched", EPOCH, model={"id": "b"}, previous={"id": "a"})
    told = Told(client_v2.path)
    assert told.unknown == {"hologram": 1}
    assert told.one(EventType.MODEL_CHANGE).preview == "a -> b"
    assert len(told.events) == 1


# Values that do not belong there.


@pytest.mark.parametrize("cost", [10**400, 1e308, 10**6])
def test_no_request_costs_that_much(client: Client, cost: float) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH, EPOCH + 1, cost=cost)
    assert Told(client.path).one(EventType.API_REQUEST).cost_usd is None


@pytest.mark.parametrize("created", [-(2**63), -1, 1.5, "x", b"\xff"])
def test_a_time_that_is_none_spoils_nothing_else(client: Client, created: Any) -> None:
    client.session("s")
    client.session("s2", EPOCH)
    billed = {"role": "assistant", "time": {"completed": EPOCH}, "tokens": tokens()}
    client.put("message", id="m", session_id="s", data=billed, time_created=created, time_updated=EPOCH)
    client.connection.execute("UPDATE session SET time_created = ? WHERE id = 's'", (created,))
    client.reply("m2", "s2", EPOCH, EPOCH + 1)
    requests = {event.uuid: event for event in Told(client.path).of(EventType.API_REQUEST)}
    assert requests.keys() == {"m", "m2"}
    assert (requests["m"].timestamp, requests["m"].duration_ms) == (0, EPOCH)


def test_a_reply_that_ended_before_it_began_took_nobody_knows_how_long(client: Client) -> None:
    client.session("s")
    client.reply("m", "s", EPOCH, EPOCH - 5)
    assert Told(client.path).one(EventType.API_REQUEST).duration_ms is None


def test_a_session_without_an_id_is_none(client: Client) -> None:
    client.session("")
    client.session("s")
    client.reply("m0", "", EPOCH, EPOCH + 1)
    client.reply("m1", "s", EPOCH, EPOCH + 1)
    assert [event.session_id for event in Told(client.path).of(EventType.API_REQUEST)] == ["s"]
