"""What the sessions of the demo did before it begins."""

from __future__ import annotations

from typing import Final

from mi6_tui.ingest.demo.pen import Pen
from mi6_tui.ingest.demo.texts import AGENT_TASKS, FOLLOW_UPS, REPLIES, STEPS

REQUESTS: Final = 4
"""Requests of a turn of the past: three tools and a reply."""


def open_session(pen: Pen, number: int, begin: int) -> None:
    """Write down its story up to `begin` (ms): start, talk, the ending it stands at."""
    story = pen.story
    start, end = begin - story.age * 60_000, begin - story.quiet * 1000
    pen.start(start)
    if not story.turns:
        return
    steps = story.turns * (REQUESTS + 1) + 1
    step = max(4000, (end - start) // steps)
    requests = story.turns * REQUESTS + 3
    pen.growth = max(400, (story.context - 14_000) // requests)
    at = start
    for turn in range(story.turns):
        at = _turn(pen, number, turn, at + step, step, end - 3000)
        if story.compacted and turn == story.turns // 2:
            pen.growth = max(400, (story.context - 26_000) // (requests // 2))
            pen.compact(at + step // 4, 26_000)
    pen.place(start + step + 2_000)
    pen.name(start + step)
    _finish(pen, number, end)


def _turn(pen: Pen, number: int, turn: int, at: int, step: int, latest: int) -> int:
    """One turn that is over; when it ended."""
    pen.prompt(at, pen.story.prompt if turn == 0 else FOLLOW_UPS[(turn + number) % len(FOLLOW_UPS)])
    if turn == 0:
        pen.look_up(at + 900)
    for place in range(REQUESTS - 1):
        at = min(at + step + (turn * 977 + place * 331) % 1500, latest)
        tool, asked, answer, took = STEPS[(turn * 3 + place + 5 * number) % len(STEPS)]
        took = min(took, step // 2)
        pen.called(at, tool, asked)
        at += took
        pen.done(at, tool, asked, answer, took)
    at = min(at + step, latest + 1000)
    pen.reply(at, REPLIES[(turn + number) % len(REPLIES)])
    return at


def _finish(pen: Pen, number: int, end: int) -> None:
    story = pen.story
    tool, _, asked = story.detail.partition("|")
    if story.ending in (
        "permission",
        "question",
        "plan",
        "tool",
        "killed",
        "agents",
        "shell",
        "replied",
        "seen",
    ):
        pen.prompt(end - 1500, FOLLOW_UPS[number % len(FOLLOW_UPS)])
    match story.ending:
        case "permission" | "question" | "plan":
            pen.called(end - 40, tool, asked)
            pen.ask(end - 40, tool, asked)
        case "tool":
            pen.called(end, tool, asked)
        case "killed":
            pen.called(end, tool, asked)
            pen.die(end + 4000)
        case "error":
            pen.fail(end, tool, asked)
        case "retrying":
            pen.prompt(end - 9000, FOLLOW_UPS[number % len(FOLLOW_UPS)])
            pen.retry(end, asked)
        case "thinking":
            pen.prompt(end, FOLLOW_UPS[number % len(FOLLOW_UPS)])
        case "compacting":
            pen.prompt(end - 9000, FOLLOW_UPS[number % len(FOLLOW_UPS)])
            pen.compact(end, story.context)
        case "agents":
            for child in range(int(story.detail)):
                pen.launch(end - 900 + 150 * child, child, AGENT_TASKS[child % len(AGENT_TASKS)])
            pen.reply(end, f"{story.detail} subagents are at work; I report when they are back.",
                      background={"subagent": int(story.detail)})  # fmt: skip
        case "shell":
            pen.reply(end, story.detail, background={"shell": 1})
        case "replied" | "seen":
            pen.reply(end, story.detail)
            if story.ending == "seen":
                pen.seen(end + 60_000)
        case "interrupted":
            pen.interrupt(end)
        case "said goodbye":
            pen.end(end, story.detail)
