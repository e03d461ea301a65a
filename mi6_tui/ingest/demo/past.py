"""The weeks before the demo: finished sessions, so that there is something to add up and to search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

import msgspec

from mi6_tui.ingest.demo.opening import REQUESTS, open_session
from mi6_tui.ingest.demo.pen import Pen
from mi6_tui.ingest.demo.stories import FABLE, GEMINI, HAIKU, LUNA, OPUS, SOL, SONNET, Story
from mi6_tui.ingest.demo.texts import PAST_PROMPTS, PROJECTS
from mi6_tui.model import Batch, Claim, Event

DAYS: Final = 34
_FIRST_NUMBER: Final = 10_000
_WHO: Final = (
    ("claude", OPUS),
    ("claude", OPUS),
    ("claude", SONNET),
    ("claude", HAIKU),
    ("claude", FABLE),
    ("codex", SOL),
    ("codex", SOL),
    ("gemini", GEMINI),
    ("opencode", SONNET),
    ("copilot", LUNA),
)
_WORKDAY: Final = (0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 9, 8, 4, 7, 9, 8, 6, 4, 2, 1, 2, 2, 1, 0)
"""How likely work begins in each hour of the day."""


def weeks(begin: int, seed: int, machine_id: str) -> Iterator[Batch]:
    """A batch for each day, the latest first; hours are those of this machine."""
    today = (
        datetime.fromtimestamp(begin / 1000).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    )
    for ago in range(1, DAYS + 1):
        day = today - timedelta(days=ago)
        chance = Random(f"past {seed} {ago}")  # noqa: S311 (nothing to guess)
        sessions = chance.randint(0, 2) if day.weekday() >= 5 else chance.randint(4, 7)
        yield _joined(_session(chance, day, ago * 10 + place, machine_id) for place in range(sessions))


def _session(chance: Random, day: datetime, number: int, machine_id: str) -> Pen:
    framework, model = chance.choice(_WHO)
    hour = chance.choices(range(24), _WORKDAY)[0]
    minutes = chance.randint(25, 170)
    end = day + timedelta(hours=hour, minutes=chance.randint(0, 59) + minutes)
    project = chance.choice(PROJECTS)
    prompt = chance.choice(PAST_PROMPTS)
    turns = chance.randint(3, 8)
    story = Story(
        title=prompt[0].upper() + prompt[1:].rstrip("?"),
        folder=f"~/src/{project}",
        branch="main",
        model=model,
        ending="said goodbye",
        detail="prompt_input_exit",
        age=minutes,
        context=min(800_000, 30_000 + turns * REQUESTS * chance.randint(6_000, 44_000)),
        turns=turns,
        prompt=prompt,
        framework=framework,
        repo=f"acme/{project}",
    )
    pen = Pen(msgspec.structs.replace(story, alone=True), _FIRST_NUMBER + number, machine_id)
    open_session(pen, number, int(end.timestamp() * 1000))
    return pen


def _joined(pens: Iterator[Pen]) -> Batch:
    told = [news for pen in pens for _, news in pen.news]
    return Batch(
        events=tuple(news for news in told if isinstance(news, Event)),
        facts=tuple(news for news in told if not isinstance(news, Event | Claim)),
    )
