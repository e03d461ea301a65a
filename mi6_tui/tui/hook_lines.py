"""The hooks of one client and the exact change to its settings, as lines of pieces. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import chop_cells

from mi6_tui.tui import text
from mi6_tui.tui.offers import Client, Outcome

Line = tuple[tuple[str, str], ...]
_NAME: Final = 11
_STATE: Final = 22
_LONGEST: Final = 2000
"""Characters of a paragraph."""
_GLYPHS: Final = {"enabled": "✓", "outdated": "◐", "not enabled": "○", "cannot tell": "?"}
_INKS: Final = {"+": "turn", "-": "trouble", "@": "faint"}

WHAT: Final = (
    "Without hooks a permission prompt is guessed from a tool that does not answer. With them you are told "
    "at once when an agent waits for you, goes on, ends its turn or is closed. A hook takes about a "
    "millisecond, prints nothing and always succeeds; what is set up here is taken out here, too."
)
"""What hooks are good for, and what they cost."""


def client_line(client: Client, chosen: bool, width: int) -> Line:
    """A row of the list."""
    state = client.state if client.present else "not on this machine"
    glyph = _GLYPHS.get(client.state, "?") if client.present else "·"
    file = text.clean(", ".join(client.files))
    return (
        ("▌" if chosen else " ", "mark"),
        (text.fit(client.name, _NAME), "name" if client.present else "quiet"),
        (text.fit(f"{glyph} {state}", _STATE), "plain" if client.present else "quiet"),
        (text.fit(file, max(1, width - 1 - _NAME - _STATE)), "quiet"),
    )


def change_lines(client: Client, width: int) -> list[Line]:
    """What a yes would do: in words, then as a difference that shows every character."""
    if not client.present:
        return list(_words([f"{client.name} is not on this machine: there is nothing to set up."], width))
    if client.problem:
        return list(_words([client.problem], width, "trouble"))
    verb = {"enabled": "disable", "outdated": "mend"}.get(client.state, "enable")
    told = [f"To {verb} the hooks of {client.name}, y changes what follows, and nothing else."]
    told.append(f"The bytes before are kept in {client.backups}.")
    if client.enables:
        told.append(f"Reported: {', '.join(client.events)}.")
        told += [f"Afterwards: {client.advice}."] if client.advice else []
    lines = list(_words(told, width))
    for plan in client.plans:
        lines += [(), *_diff(plan.diff(), width)]
        if not plan.changes:
            lines += _words([f"{plan.file}: nothing"], width)
    return lines


def outcome_lines(outcome: Outcome, width: int) -> list[Line]:
    """What came of a yes."""
    client = outcome.client
    if outcome.problem:
        lines = list(_words([f"Not done: {outcome.problem}"], width, "trouble"))
    else:
        done = "enabled" if client.enables else "disabled"
        lines = list(_words([f"✓ The hooks of {client.name} are {done}."], width, "name"))
    lines += _words([f"Written: {file}" for file in outcome.written], width)
    lines += _words([f"The bytes before: {file}" for file in outcome.backups], width)
    if client.enables and client.advice and not outcome.problem:
        lines += [(), *_words([f"What is left to do: {client.advice}."], width, "turn")]
    return lines


def _words(paragraphs: Sequence[str], width: int, ink: str = "plain") -> Iterator[Line]:
    for paragraph in paragraphs:
        for part in text.wrapped(text.clean(paragraph, _LONGEST), width - 2):
            yield ((" " + part, ink),)


def _diff(diff: str, width: int) -> Iterator[Line]:
    for line in diff.splitlines():
        ink = _INKS.get(line[:1], "quiet")
        for number, part in enumerate(_cut(line, width - 3)):
            yield ((" ", "plain"), (part if not number else f" {part}", ink))


def _cut(words: str, width: int) -> Iterable[str]:
    """`words` in pieces that fit, every space kept."""
    return chop_cells(text.verbatim(words), max(8, width)) or [""]
