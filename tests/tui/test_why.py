"""Why a session stands as it does: the verdict, its rule, and what each witness says."""

from __future__ import annotations

from datetime import UTC

import pytest

from mi6_tui.model import Batch, Claim, EventType
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.session.questions import WitnessesOf
from mi6_tui.tui.why_lines import why_lines
from tests.tui.conftest import NOW, Clock, Start, app_of, screen_text
from tests.tui.makers import MACHINE, asking, event, session, working
from tests.tui.sessions import open_tab, opened, press, settle, shown


def claim(witness: str, kind: str, ago: int, **values: object) -> Claim:
    facts = {
        "machine_id": MACHINE,
        "session_id": "a",
        "witness": witness,
        "kind": kind,
        "at": NOW - ago * 1000,
    }
    return Claim(**{**facts, **values})  # type: ignore[arg-type]


def lines(row: object, *claims: Claim, width: int = 80) -> list[str]:
    found = why_lines(row, claims, UTC, now=NOW, width=width)  # type: ignore[arg-type]
    return ["".join(piece[0] for piece in line).rstrip() for line in found]


def witness(who: str, says: str, since: str, ago: str) -> str:
    """A line of 80 cells."""
    return f" {who:<12}{says:<49}  {since:<8} {ago:>6}"


def test_the_verdict_and_the_witnesses_newest_first() -> None:
    row = session(
        "a", status_shown="waiting", status_detail="permission: Bash npm test", status_since=NOW - 65_000,
        status_reason="it asks for a permission", status_rule="permission", status_source="hook",
        status_confidence="high", status_until=NOW + 3_600_000,
    )  # fmt: skip
    assert lines(
        row,
        claim("process", "alive", 3600, pid=4083),
        claim("hook", "permission", 65, detail="Bash", subject="npm [bold]test\x1b[2J"),
        claim("transcript", "tool", 66, detail="Bash"),
    ) == [
        " Status          ◆ permission · waiting",
        " Detail          permission: Bash npm test",
        " Rule            permission: it asks for a permission",
        " Since           14:01:06, 1m05 ago",
        " Decided by      hook, high confidence",
        " What changes it your answer, or the end of the session",
        "                 else the clock, in 1h00",
        "",
        witness("Witness", "says", "since", "ago"),
        witness("hook", "permission  Bash  npm [bold]test", "14:01:06", "1m05"),
        witness("transcript", "tool  Bash", "14:01:05", "1m06"),
        witness("process", "alive  pid 4083", "13:02:11", "1h00"),
    ]  # fmt: skip


def test_what_nobody_knows_is_said_so() -> None:
    row = session("a", status_shown=None, status_detail=None, status_since=None, status_rule="of [/later]")
    assert lines(row) == [
        " Status          ? unknown",
        " Decided by      nobody, low confidence",
        "",
        witness("Witness", "says", "since", "ago"),
        " none that is remembered",
    ]


def test_a_reason_that_says_more_than_its_rule_stands_beside_it() -> None:
    row = session("a", status_rule="tool", status_reason="a tool was called and has not answered: make")
    assert " Reason          a tool was called and has not answered: make" in lines(row)


@pytest.mark.parametrize("width", [1, 20, 40, 79, 200])
def test_no_width_breaks_it(width: int) -> None:
    row = session("a", status_reason="修复登录页面 " * 40, status_detail="permission: " + "x" * 300)
    assert lines(row, claim("hook", "tool", 1, subject="登录" * 90), width=width)


async def test_w_shows_why_and_only_then_asks_the_witnesses(start: Start, writer: SqliteStorage) -> None:
    writer.record(working("a", ago=30))
    writer.record(asking("a"))
    async with start() as pilot:
        questions = app_of(pilot).feed._questions

        def asked() -> bool:
            return any("witnesses" in name for name in app_of(pilot).feed._questions)

        assert not any("witnesses" in name for name in questions)
        await press(pilot, "w")
        assert asked()
        words = "\n".join(screen_text(pilot))
        assert "What changes it your answer" in words
        assert " hook        permission  Bash " in words
        await press(pilot, "j", "pagedown", "G", "g", "w")
        assert open_tab(shown(pilot)) == "activity"
        assert not asked()


async def test_why_follows_the_session_and_the_clock(
    start: Start, writer: SqliteStorage, clock: Clock
) -> None:
    writer.record(working("a", ago=30))
    async with start() as pilot:
        screen = await opened(pilot, (MACHINE, "a"), "why")
        assert any("Since" in line and "30s ago" in line for line in screen_text(pilot))
        clock.now += 20_000
        screen.tick(clock.now)
        await pilot.pause()
        assert any("Since" in line and "50s ago" in line for line in screen_text(pilot))
        writer.record(asking("a"))
        await settle(pilot)
        assert any("Status" in line and "◆ permission" in line for line in screen_text(pilot))


async def test_w_in_an_empty_store_does_nothing(start: Start) -> None:
    async with start() as pilot:
        await press(pilot, "w", "enter")
        assert any("No sessions yet." in line for line in screen_text(pilot))


def test_claims_come_again_only_when_they_differ(storage: SqliteStorage, writer: SqliteStorage) -> None:
    writer.record(working("a"))
    writer.record(Batch(claims=(claim("process", "alive", 9, pid=7),)))
    key = (MACHINE, "a")
    question = WitnessesOf(key)
    told = question.ask(storage, None)
    assert told is not None
    assert {(said.witness, said.kind) for said in told.claims} == {
        ("process", "alive"), ("transcript", "prompt"),
    }  # fmt: skip
    assert question.ask(storage, frozenset({key})) is None
    writer.record(Batch(events=(event(EventType.STOP, "a", key="stop"),)))
    # A claim may change without its session's row.
    told = question.ask(storage, frozenset())
    assert told is not None
    assert ("transcript", "stop") in {(said.witness, said.kind) for said in told.claims}
    assert question.ask(storage, None) == told
