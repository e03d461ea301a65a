"""How the sessions of the demo live on: each is a course that yields the time (ms) at which it goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from random import Random
from typing import Final

from mi6_tui.ingest.demo.pen import Pen
from mi6_tui.ingest.demo.texts import FOLLOW_UPS, PERMISSIONS, REPLIES, STEPS

Course = Iterator[int]
Stretch = Generator[int, None, int]
"""Part of a course; its result is the time (ms) at which it is over."""

_ASK_EVERY: Final = (15_000, 24_000)
_LEAVE_EVERY: Final = (70_000, 100_000)
_FULL: Final = 900_000
"""Tokens at which a conversation is compacted."""
_SLOW: Final = 5_000
"""ms of a tool above which the demo takes it as it is told."""


class World:
    """What the sessions share: chance, and whose turn it is to ask and to leave.

    `welcome` is told at which time (ms) somebody new comes.
    """

    def __init__(self, seed: int, begin: int, welcome: Callable[[int], None]) -> None:
        self.welcome = welcome
        self._random = Random(f"life {seed}")  # noqa: S311 (nothing to guess)
        self._next_question = begin + 12_000
        self._next_leave = begin + self.some(*_LEAVE_EVERY)

    def some(self, least: int, most: int) -> int:
        """A number by chance."""
        return self._random.randint(least, most)

    def asks(self, at: int) -> bool:
        """Whether who calls a tool at `at` has to ask for it."""
        due = at >= self._next_question
        if due:
            self._next_question = at + self.some(*_ASK_EVERY)
        return due

    def leaves(self, at: int) -> bool:
        """Whether who ended a turn at `at` goes."""
        due = at >= self._next_leave
        if due:
            self._next_leave = at + self.some(*_LEAVE_EVERY)
        return due


def go_on(pen: Pen, world: World, begin: int) -> Course:
    """From where the story stands at `begin` to the end of the session, if it has one."""
    if pen.story.alone or pen.story.ending in ("said goodbye", "killed"):
        return
    at = yield from _from_opening(pen, world, begin)
    pen.growth = world.some(1_500, 5_000)
    while True:
        if pen.story.headless or world.leaves(at):
            at += 4_000
            yield at
            pen.end(at, "other" if pen.story.headless else "prompt_input_exit")
            world.welcome(at + world.some(3_000, 7_000))
            return
        at += world.some(20_000, 80_000)
        yield at
        at = yield from _turn(pen, world, at, FOLLOW_UPS[world.some(0, len(FOLLOW_UPS) - 1)])


def arrive(pen: Pen, world: World, at: int) -> Course:
    """Somebody new: starts, is named, is asked, lives on."""
    pen.start(at)
    at += world.some(2_500, 5_000)
    yield at
    pen.prompt(at, pen.story.prompt)
    pen.look_up(at + 900)
    pen.place(at + 1_600)
    pen.name(at + 1_500)
    at = yield from _work(pen, world, at + 1_600, world.some(3, 6))
    yield from go_on(pen, world, at)


def _from_opening(pen: Pen, world: World, begin: int) -> Stretch:
    """What the story stands at comes to its end; when the turn is over."""
    tool, _, asked = pen.story.detail.partition("|")
    match pen.story.ending:
        case "permission" | "question" | "plan":
            at = begin + _PATIENCE[pen.story.ending] + world.some(0, 6_000)
            yield at
            pen.allowed(at)
            took = 400 if pen.story.ending != "permission" else 7_000
            yield at + took
            pen.done(at + took, tool, asked, "done", took)
            return (yield from _work(pen, world, at + took, world.some(2, 4)))
        case "tool":
            at = begin + world.some(1_500, 9_000)
            yield at
            pen.done(at, tool, asked, "done", pen.story.quiet * 1000 + at - begin)
            return (yield from _work(pen, world, at, world.some(2, 5)))
        case "thinking" | "compacting" | "retrying":
            return (yield from _work(pen, world, begin + world.some(3_000, 14_000), world.some(3, 6)))
        case "agents":
            return (yield from _children(pen, world, begin, int(pen.story.detail)))
        case "started":
            # Newly come, it has worked before: the old one waits for somebody to think of it.
            return begin if pen.context else (yield from _wait(begin + 400_000))
        case "seen":
            return (yield from _wait(begin + 260_000))
        case "shell":
            return (yield from _wait(begin + 120_000))
        case "error":
            return (yield from _wait(begin + 75_000))
    return begin


_PATIENCE: Final = {"permission": 14_000, "question": 26_000, "plan": 48_000}
"""ms that the user takes to answer what is asked when the demo begins."""


def _wait(until: int) -> Stretch:
    yield until
    return until


def _children(pen: Pen, world: World, begin: int, number: int) -> Stretch:
    """The subagents work, and come back one after the other; then their parent sums up."""
    at = begin
    for child in range(number):
        for _ in range(3):
            at += world.some(4_000, 9_000)
            yield at
            pen.work_of(at, child)
        at += 2_000
        yield at
        pen.come_back(at, child, "Read everything; nothing that must wait.")
    return (yield from _turn(pen, world, at + 500, "Sum up what they found"))


def _turn(pen: Pen, world: World, at: int, text: str) -> Stretch:
    """The user asks, the agent works; when it is done."""
    pen.prompt(at, text)
    return (yield from _work(pen, world, at, world.some(2, 6)))


def _work(pen: Pen, world: World, at: int, steps: int) -> Stretch:
    """Some tools, then a reply; when that ends."""
    for _ in range(steps):
        at += world.some(2_000, 8_000)
        yield at
        asks = not pen.story.headless and world.asks(at)
        known = PERMISSIONS if asks else STEPS
        tool, asked, answer, took = known[world.some(0, len(known) - 1)]
        pen.called(at, tool, asked)
        if asks:
            pen.ask(at, tool, asked)
            at += world.some(22_000, 60_000)
            yield at
            pen.allowed(at)
        took = took if took > _SLOW else world.some(300, 3_500)
        at += took
        yield at
        pen.done(at, tool, asked, answer, took)
        if pen.context > _FULL:
            at += 900
            pen.compact(at, 42_000)
    at += world.some(2_000, 7_000)
    yield at
    pen.reply(at, REPLIES[world.some(0, len(REPLIES) - 1)])
    return at
