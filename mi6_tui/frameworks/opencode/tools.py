"""Tool calls in a few words, and how they ended."""

from __future__ import annotations

from typing import Final

from mi6_tui.frameworks.opencode.messages import Call
from mi6_tui.frameworks.records import value
from mi6_tui.frameworks.text import clean, one_line

RESULT_LIMIT: Final = 300
_INPUT_LIMIT: Final = 300
_SHELLS: Final = ("bash", "shell")
_SPAWNING: Final = ("task", "subagent")
_TELLING: Final = ("command", "filePath", "path", "pattern", "url", "query", "description", "prompt", "name")
_ABORTED: Final = ("Tool execution aborted", "Aborted")
_REFUSED: Final = ("rejected permission", "rule which prevents you", "dismissed this question")
"""What the client writes where the user, or a rule, said no."""


class Told:
    """What there is to tell of a call."""

    def __init__(self, call: Call) -> None:
        found = value(call.input)
        fields = found if isinstance(found, dict) else {}
        command = fields.get("command") if call.name in _SHELLS else None
        agent = fields.get("subagent_type") or fields.get("agent")
        self.command = clean(command) if isinstance(command, str) else None
        self.spawns = call.name in _SPAWNING
        self.subagent_type = one_line(agent, 100) if self.spawns and isinstance(agent, str) else None
        self.summary = _summary(fields)
        self.result = call.error or call.output
        self.outcome = _outcome(call)


def _summary(fields: dict[str, object]) -> str | None:
    """What a person wants to know of a call's input."""
    told = [fields.get(name) for name in _TELLING]
    questions = fields.get("questions")
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        told.append(questions[0].get("question"))
    told += fields.values()
    texts = (text for text in told if isinstance(text, str) and text.strip())
    return next((one_line(text, _INPUT_LIMIT) for text in texts), None)


def _outcome(call: Call) -> str:
    """How a call ended: ok, error, denied or interrupted."""
    if call.error is None:
        return "error" if call.exit_code else "ok"
    if call.error in _ABORTED:
        return "interrupted"
    return "denied" if any(words in call.error for words in _REFUSED) else "error"
