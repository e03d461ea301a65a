"""Whose a record is when two files hold it."""

from __future__ import annotations

from mi6_tui.model import Event, EventType
from tests.frameworks.claude.support import (
    PATH,
    SESSION,
    assistant,
    decode,
    of_type,
    read,
    sample_files,
    text,
    user,
)

_PARENT = "8305ea3f-be22-428a-ae5f-19ab502d3133"
_FORK = "ca9d481b-b54b-4b3e-bfc3-e660fa0a5dbe"


def _owners(files: list[str]) -> dict[str, str]:
    every = sample_files()
    owners: dict[str, Event] = {}
    for session in files:
        (path,) = (path for path in every if path.endswith(f"{session}.jsonl"))
        for event in decode(every[path], path).events:
            assert event.key is not None
            known = owners.setdefault(event.key, event)
            if (event.claim, event.session_id) < (known.claim, known.session_id):
                owners[event.key] = event
    return {key: event.session_id for key, event in owners.items()}


def test_a_forks_copies_belong_to_the_parent_in_either_order() -> None:
    one, other = _owners([_PARENT, _FORK]), _owners([_FORK, _PARENT])
    assert one == other
    requests = [session for key, session in one.items() if key.startswith("claude:req:")]
    prompts = [session for key, session in one.items() if key.startswith("claude:prompt:")]
    # The parent: three turns, compaction, one more. The fork: its own fourth turn.
    assert (requests.count(_PARENT), requests.count(_FORK)) == (4, 1)
    assert (prompts.count(_PARENT), prompts.count(_FORK)) == (4, 1)


def test_claims_of_the_main_chain_come_first() -> None:
    main = read(assistant(text("a"), second=30)).events[0]
    side = read(assistant(text("a"), second=10, isSidechain=True, agentId="a1")).events[0]
    paid = read(assistant(text("a"), second=20, requestSessionId="other")).events[0]
    forked = read(assistant(text("a"), second=20, forkedFrom={"sessionId": "other"})).events[0]
    own = read(assistant(text("a"), second=30, requestSessionId=SESSION, forkedFrom=None)).events[0]
    assert main.claim == own.claim
    assert main.claim < paid.claim == forked.claim < side.claim


def test_of_two_originals_the_file_that_began_first_owns() -> None:
    early = read(user("hello", 1), assistant(text("a"), second=50)).events[-1]
    late = read(user("hello", 2), assistant(text("a"), second=3)).events[-1]
    assert early.claim < late.claim


def test_a_side_question_is_a_twin_by_message_id() -> None:
    first = read(assistant(text("a"))).events[0]
    copy = read(assistant(text("a"), request_id="req_2", isSidechain=True, agentId="a1")).events[0]
    assert first.key == "claude:req:msg_1:req_1"
    assert copy.key == "claude:req:msg_1:req_2"
    assert first.twin_key == copy.twin_key == "claude:msg:msg_1"


def test_subagents_requests_belong_to_the_session_that_spawned_them() -> None:
    path = PATH.replace(".jsonl", "/subagents/agent-a1.jsonl")
    (request,) = of_type(
        read(assistant(text("a"), isSidechain=True, agentId="a1"), path=path).events, EventType.API_REQUEST
    )
    assert (request.session_id, request.is_sidechain, request.agent_id) == (SESSION, True, "a1")


def test_a_subagents_file_says_whose_it_is_where_the_line_does_not() -> None:
    path = PATH.replace(".jsonl", "/subagents/workflows/wf_1/agent-a1.jsonl")
    line = assistant(text("a"), sessionId=..., isSidechain=...)
    assert {(e.session_id, e.is_sidechain) for e in read(line, path=path).events} == {(SESSION, True)}


def test_the_made_up_end_of_a_tool_yields_to_the_real_one() -> None:
    block = {"type": "tool_result", "tool_use_id": "t1", "content": "done"}
    (real,) = of_type(read(user([block])).events, EventType.POST_TOOL_USE)
    (made_up, _) = read(user([{**block, "is_error": True}], toolDenialKind="interrupted")).events
    assert real.key == made_up.key
    assert made_up.version < real.version
