"""A conversation as blocks: what was said, and each tool call with its result. Pure: events in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from mi6_tui.ingest.reading_back import Passage
from mi6_tui.model import PREVIEW_LIMIT, Event, EventType
from mi6_tui.tui import text
from mi6_tui.tui.event_lines import Line as EventLine
from mi6_tui.tui.session.wrapping import safe_lines, wrapped

TYPES: Final = (
    EventType.USER_PROMPT_SUBMIT,
    EventType.ASSISTANT_MESSAGE,
    EventType.PRE_TOOL_USE,
    EventType.POST_TOOL_USE,
    EventType.PERMISSION_REQUEST,
    EventType.API_ERROR,
    EventType.INTERRUPT,
    EventType.COMPACTION,
    EventType.MODEL_CHANGE,
)
"""What a conversation is made of."""
_SPOKEN: Final = (EventType.USER_PROMPT_SUBMIT, EventType.ASSISTANT_MESSAGE)
_CALLS: Final = (EventType.PRE_TOOL_USE, EventType.POST_TOOL_USE)
_MARGIN: Final = 2
_SPEAKERS: Final = {
    EventType.USER_PROMPT_SUBMIT: ("›", "you", "turn"),
    EventType.ASSISTANT_MESSAGE: ("●", "assistant", "working"),
}

Line = tuple[tuple[str, str], ...]
"""Pieces of cleaned text with the name of their ink."""
Passages = Mapping[int, Passage]
"""What was read back, by the id of its event."""


class Block(msgspec.Struct, frozen=True):
    """One thing to read: a prompt, a reply, a tool call, a note; or the day, where it has no event."""

    key: str
    head: EventLine
    event: Event | None = None
    result: Event | None = None
    """Of a call."""
    gap: bool = False
    """Whether an empty line stands before it."""

    @property
    def is_spoken(self) -> bool:
        """Whether it is a prompt or a reply."""
        return self.event is not None and self.event.event_type in _SPOKEN

    @property
    def stands_apart(self) -> bool:
        """Whether empty lines set it off: what is said, and days."""
        return self.event is None or self.is_spoken

    @property
    def is_call(self) -> bool:
        """Whether it can be folded and unfolded."""
        return self.event is not None and self.event.event_type in _CALLS

    def to_read(self, unfolded: bool) -> tuple[Event, ...]:
        """The events whose full text it shows and the store may not have all of."""
        if self.event is None:
            return ()
        if self.is_call:
            both = (self.event,) if self.result is None else (self.event, self.result)
            return both if unfolded else ()
        return (self.event,) if self.is_spoken and len(self.event.text) >= PREVIEW_LIMIT else ()

    def copied(self, passages: Passages) -> str:
        """Its text, as a copy holds it."""
        events = [event for event in (self.event, self.result) if event is not None]
        return "\n\n".join("\n".join(safe_lines(_passage(event, passages).text)) for event in events)


def blocks_of(lines: Sequence[EventLine], events: Sequence[Event]) -> list[Block]:
    """A block for each of the lines that `events` were made into."""
    by_key = {str(event.id): event for event in events}
    results = {event.tool_use_id: event for event in events if event.event_type == EventType.POST_TOOL_USE}
    blocks: list[Block] = []
    for line in lines:
        event = by_key.get(line.key)
        called = event is not None and event.event_type == EventType.PRE_TOOL_USE and event.tool_use_id
        result = results.get(event.tool_use_id) if event is not None and called else None
        block = Block(line.key, line, event, result)
        # Calls stand close together; what is said stands apart.
        apart = block.stands_apart or (bool(blocks) and blocks[-1].stands_apart)
        blocks.append(msgspec.structs.replace(block, gap=True) if blocks and apart else block)
    return blocks


def guess(block: Block, width: int, unfolded: bool) -> int:
    """About how many lines a block takes; nothing is read for it."""
    event = block.event
    if event is None or (not block.is_spoken and not unfolded):
        return 1 + block.gap
    room = max(10, width - _MARGIN)
    if block.is_call:
        size = sum(one.byte_length or 0 for one in (event, block.result) if one is not None)
        return 2 + size // room
    words = event.text
    size = event.byte_length or 0 if len(words) >= PREVIEW_LIMIT else len(words)
    return 3 + words.count("\n") + size // room


def lines_of(block: Block, width: int, *, unfolded: bool, passages: Passages) -> tuple[Line, ...]:
    """The lines of a block, `width` cells wide; what is not read yet is shown as far as the store has it."""
    return (*(((),) if block.gap else ()), *_body(block, width, unfolded, passages))


def _body(block: Block, width: int, unfolded: bool, passages: Passages) -> Iterator[Line]:
    event = block.event
    if event is None:
        yield ((f" {block.head.text}", "faint"),)
    elif block.is_spoken:
        yield from _said(block.head, event, width, passages)
    else:
        yield _folded(block.head, width, unfolded if block.is_call else None)
        if unfolded and block.is_call:
            yield from _unfolded(block, event, width, passages)


def _unfolded(block: Block, event: Event, width: int, passages: Passages) -> Iterator[Line]:
    """What a call was given, and what came of it."""
    yield from _indented(_passage(event, passages), width, "plain", event.id in passages)
    if block.result is not None:
        ink = "trouble" if block.head.measure_ink == "trouble" else "quiet"
        yield (("    " + "─" * max(0, min(24, width - 6)), "rule"),)
        yield from _indented(_passage(block.result, passages), width, ink, block.result.id in passages)


def _passage(event: Event, passages: Passages) -> Passage:
    found = passages.get(event.id or 0)
    return Passage(event.text) if found is None else found


def _said(head: EventLine, event: Event, width: int, passages: Passages) -> Iterator[Line]:
    glyph, word, ink = _SPEAKERS[event.event_type]
    if event.is_sidechain:
        glyph, word, ink = "↳", f"subagent {text.clean(event.agent_id, 20)}".strip(), "quiet"
    model = f"  {text.short_model(event.model)}" if event.model else ""
    yield (
        (f" {glyph} ", ink),
        (word, ink),
        (text.fit(f"  {head.time}{model}", max(0, width - 3 - len(word))), "faint"),
    )
    passage = _passage(event, passages)
    body = "quiet" if event.is_sidechain else "plain"
    yield from _marked_down(safe_lines(passage.text), width - _MARGIN, body)
    yield from _note(passage, width, waiting=len(event.text) >= PREVIEW_LIMIT and event.id not in passages)


def _marked_down(lines: Sequence[str], width: int, ink: str) -> Iterator[Line]:
    """Markdown as it is written: headings stand out, code keeps back."""
    fence = ""
    margin = " " * _MARGIN
    for line in lines:
        bare = line.strip()
        mark = bare[:3]
        if mark in ("```", "~~~") and (not fence or mark == fence):
            fence = "" if fence else mark
            shown = "faint"
        elif fence:
            shown = "quiet"
        elif bare.startswith("#") and bare.lstrip("#").startswith(" "):
            shown = "name"
        else:
            shown = "quiet" if bare.startswith(">") else ink
        for piece in wrapped(line, width):
            yield ((margin, ""), (piece, shown))


def _folded(head: EventLine, width: int, unfolded: bool | None) -> Line:
    """One line: a mark of folding, what it is, how it ended."""
    mark = " " if unfolded is None else "▾" if unfolded else "▸"
    glyph = head.glyph if head.glyph != " " else ""
    word = "" if unfolded is not None else f"{glyph} {head.word}  ".lstrip()
    measure = f" {head.measure} " if head.measure and width >= 40 else ""
    left = max(1, width - 4 - len(measure))
    side = f"{glyph} " if unfolded is not None and glyph else ""
    ink = head.ink if unfolded is None or head.ink == "quiet" else "quiet"
    return (
        (f"  {mark} ", "faint"),
        (text.fit(side + word + head.text, left), ink),
        (measure, head.measure_ink),
    )


def _indented(passage: Passage, width: int, ink: str, is_read: bool) -> Iterator[Line]:
    for line in safe_lines(passage.text):
        for piece in wrapped(line, width - 4):
            yield (("    ", ""), (piece, ink))
    yield from _note(passage, width, waiting=not is_read)


def _note(passage: Passage, width: int, *, waiting: bool) -> Iterator[Line]:
    """What is to be said of a text that is not all there."""
    if passage.problem:
        words = f"{text.clean(passage.problem, 200)}: this is what the store kept"
        for piece in wrapped(words, width - 4):
            yield (("    ", ""), (piece, "faint"))
    elif passage.left_out:
        yield ((f"    … {passage.left_out:,} more characters in the transcript", "faint"),)
    elif waiting:
        yield (("    … reading", "faint"),)
