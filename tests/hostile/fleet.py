"""A store in which every text is hostile, whoever let it in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, get_args

import msgspec

from mi6_tui.errors import Mi6Error
from mi6_tui.model import Batch, Claim, Event, EventType, SessionFact, Source
from mi6_tui.model.claim import ClaimKind
from mi6_tui.storage import Storage

TEXTS: Final = {
    "markup": "[/x] [bold]b[/bold] [link='a']l[/link] [@click=app.quit]q[/] [on red]",
    "csi": "\x1b[2J\x1b[31mred\x1b[0m\x1b[?1049l\x1b[?25l\x1b[1;1Howned\x1b[6n\x1b[c\x1b[5i",
    "osc": "\x1b]0;owned\x07\x1b]2;owned\x1b\\\x1b]52;c;b3duZWQ=\x07\x1b]8;;http://x\x07l\x1b]8;;\x07",
    "dcs": "\x1bP$qm\x1b\\\x1b_Gowned\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\\x1bc\x1b#8\x1b(0",
    "c1": "\x9b2J\x9d0;owned\x9c\x90q\x9c\x9f_\x9c\x84\x85\x8d",
    "c0": "a\rb\bc\x0bd\x0ce\x7ff\x1fg\x05h\x0ei\x0fj\x1a\x1b",
    "bidi": "\u202eevil\u202c \u2066in\u2069 \u200f\u061cأصلح\u200e",
    "zero": "z\u200be\u200cr\u200do\u2060w\ufeffi\xadd\U000e0041e\ufe0f\u180e",
    "marks": "e" + "\u0301" * 1000 + "n" + "\u20dd\u0489" * 200,
    "wide": "漢字🎉👨‍👩‍👧‍👦🇩🇪🏳️‍🌈👍🏽ｆｕｌｌ 한국어 \u1112\u1161\u11ab",
    "lines": "one\n\n\ntwo\ttab\u2028three\u2029four\r\nfive\x85six",
    "shell": "$(touch owned) `touch owned`; touch owned | sh -c 'x' && \\n --help -rf",
    "long": "x" * 5000 + " " + "長" * 3000,
    "empty": " \t ",
}
WORDS: Final = tuple(
    "".join(TEXTS[name] for name in names)
    for names in (
        ("csi", "osc", "dcs", "c0"),
        ("c1", "bidi", "zero", "shell"),
        ("markup", "marks", "wide", "lines", "long"),
    )
)
"""The same in few words."""
_KINDS: Final = (
    EventType.SESSION_START, EventType.USER_PROMPT_SUBMIT, EventType.PRE_TOOL_USE,
    EventType.PERMISSION_REQUEST, EventType.POST_TOOL_USE, EventType.API_REQUEST, EventType.API_ERROR,
    EventType.ASSISTANT_MESSAGE, EventType.SUBAGENT_START, EventType.SUBAGENT_STOP, EventType.COMPACTION,
    EventType.MODEL_CHANGE, EventType.NOTIFICATION, EventType.STOP, "\x1b[2Jcustom\u202e",
)  # fmt: skip
_FACTS: Final = (
    "title", "title_suggestion", "permission_mode", "client_version", "entrypoint", "cwd", "terminal",
    "git_branch", "git_worktree_path", "nickname", "tags",
)  # fmt: skip
_PLAIN: Final = ("machine_id", "session_id", "event_type", "framework", "source", "key", "twin_key", "claim")
"""Texts of an event that are its identity, or words of ours."""
ENDS: Final = ("permission", "error", "stop", "end", "prompt", "tool")
"""The last thing that happens in sessions, so that each status is there."""


def fill(storage: Storage, now: int, machine: str, texts: Mapping[str, str] = TEXTS) -> list[str]:
    """Sessions whose texts are hostile; their ids, of which each has a beginning that a person can type."""
    found = []
    for number, (name, text) in enumerate(texts.items()):
        for place, end in enumerate(ENDS):
            framework = ("claude", "codex", "gemini", "copilot", "opencode", text)[place]
            session_id = f"{number:02}{place}{name}" if place else f"{number:02}{place}{name}{text}"
            for batch in _story(session_id, text, now - number * 1000, machine, framework, end):
                # What the store does not take cannot be shown.
                with suppress(Mi6Error, UnicodeEncodeError):
                    storage.record(batch)
            found.append(session_id)
    storage.rejudge(now)
    return found


def _story(session: str, text: str, now: int, machine: str, framework: str, end: str) -> Iterator[Batch]:
    texts = [
        name
        for name, kind in msgspec.structs.asdict(_example()).items()
        if isinstance(kind, str) and name not in _PLAIN
    ]
    for step, kind in enumerate(_KINDS):
        fields: dict[str, Any] = {name: text for name in texts if name not in ("payload", "metadata")}
        fields["payload"] = msgspec.json.encode({"prompt": text, "command": text}).decode()
        yield Batch(
            events=(
                Event(
                    machine_id=machine, session_id=session, timestamp=now - 60_000 + step * 1000,
                    event_type=kind, framework=framework, source=Source.TRANSCRIPT, key=f"{session}:{step}",
                    tokens_input=1000, tokens_output=20, tokens_cache_read=0, tokens_cache_write=0,
                    **fields,
                ),
            )
        )  # fmt: skip
    for name in _FACTS:
        fact = SessionFact(
            machine_id=machine, session_id=session, framework=framework, name=name, value=text,
            timestamp=now, order=(now, 0),
        )  # fmt: skip
        yield Batch(facts=(fact,))
    if end in get_args(ClaimKind):
        claim = Claim(
            machine_id=machine, session_id=session, framework=framework, witness="registry",
            kind="waiting" if end == "permission" else "busy" if end in ("prompt", "tool") else "idle",
            detail=text, subject=text, at=now + 1000, process=text,
        )  # fmt: skip
        yield Batch(claims=(claim,))


def _example() -> Event:
    """An event with a word in each of its texts."""
    names = {
        name: "x"
        for name, kind in Event.__annotations__.items()
        if kind in ("str", "str | None") and name not in ("machine_id", "session_id", "event_type")
    }
    return Event(machine_id="x", session_id="x", event_type="x", timestamp=0, **names)  # type: ignore[arg-type]


STEERING: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Nothing of it is ever written, but by ourselves."""
OUR_COLOURS: Final = re.compile(r"\x1b\[(?:0|1|2|32|33|36|1;31|1;33)m")
