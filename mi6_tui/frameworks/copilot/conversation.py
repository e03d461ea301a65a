"""What the records of a conversation mean: prompts, replies, and the life of the session."""

from __future__ import annotations

from mi6_tui.frameworks.copilot import requests
from mi6_tui.frameworks.copilot.lines import Line
from mi6_tui.frameworks.copilot.records import Fields
from mi6_tui.frameworks.records import count
from mi6_tui.frameworks.text import clean, compact_json, one_line
from mi6_tui.model import EventType
from mi6_tui.model.secrets import masked


def began(line: Line) -> None:
    """A process opened the session, for the first time or again."""
    data, state = line.data, line.state
    state.begin_run(line.identity)
    state.model = data.name("selectedModel") or state.model
    _place(line, data.object("context"))
    line.tell("client_version", data.name("copilotVersion"))
    line.emit(EventType.SESSION_START, f"start:{line.identity}", model=state.model)


def moved(line: Line) -> None:
    """The session works in another folder or on another branch."""
    told = line.data.object("context")
    _place(line, told if told.name("cwd") else line.data)
    line.tell("cwd", line.state.cwd)


def _place(line: Line, context: Fields) -> None:
    line.state.cwd = context.name("cwd") or line.state.cwd
    branch = context.name("branch")
    if context.name("cwd"):
        line.state.branch = masked(branch) if branch and branch != "HEAD" else None


def ended(line: Line) -> None:
    """A process closed the session, and says what was used."""
    requests.totals(line)
    line.emit(EventType.SESSION_END, f"end:{line.identity}", outcome=line.data.name("shutdownType"))


def model_changed(line: Line) -> None:
    """Another model answers from here on."""
    after = line.data.name("newModel")
    if after is None or line.sidechain:
        return
    before, line.state.model = line.data.name("previousModel") or line.state.model, after
    if before not in (None, after):
        line.emit(
            EventType.MODEL_CHANGE,
            f"model:{line.identity}",
            model=after,
            preview=clean(f"{before} -> {after}"),
        )


def prompt(line: Line) -> None:
    """Something was put to the model; a person's words have no source."""
    line.state.answered = line.state.answered and line.sidechain
    text = line.data.text("content")
    if text and not line.sidechain and line.data.text("source") in (None, "user"):
        line.emit(EventType.USER_PROMPT_SUBMIT, f"prompt:{line.identity}", payload=compact_json(prompt=text))


def reply(line: Line) -> None:
    """The model's words, and whether it asks for tools."""
    data = line.data
    calls = bool(data.any("toolRequests"))
    if not line.sidechain:
        line.state.answered = not calls
    requests.reply(line, calls=calls)
    text = clean(data.text("content") or "")
    if text:
        line.emit(
            EventType.ASSISTANT_MESSAGE, f"text:{line.identity}", model=data.name("model"), preview=text
        )


def turn_ended(line: Line) -> None:
    """One exchange with the model is over; the turn only if it asked for no tool."""
    if line.state.answered and not line.sidechain:
        line.state.answered = False
        line.emit(EventType.STOP, f"stop:{line.identity}")


def aborted(line: Line) -> None:
    """The user stopped the turn."""
    reason = line.data.text("reason")
    line.emit(EventType.INTERRUPT, f"interrupt:{line.identity}", preview=clean(reason) if reason else None)


def failed(line: Line) -> None:
    """The turn ended in an error."""
    kind, text = line.data.name("errorType"), line.data.text("message")
    line.emit(
        EventType.API_ERROR,
        f"error:{line.identity}",
        outcome=one_line(kind, 100) if kind else "error",
        preview=clean(text) or None if text else None,
    )


def compacted(line: Line) -> None:
    """The conversation so far was replaced by a summary."""
    if line.data.any("success") is False:
        return
    before, after = count(line.data.any("preCompactionTokens")), count(line.data.any("postCompactionTokens"))
    line.emit(
        EventType.COMPACTION,
        f"compaction:{line.identity}",
        context_size=after,
        preview=None if before is None or after is None else f"{before} -> {after} tokens",
    )
