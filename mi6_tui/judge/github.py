"""What a shell command says about the issue, pull request and worktree a session works on.

Rules: the `gh` command line's own grammar for view/checks/... with a number, a body's closing
keywords, and the links that `gh issue create` and `gh pr create` print.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mi6_tui.model import Event, EventType
from mi6_tui.model.event import command_of, decode_object

_SPLIT: Final = re.compile(r"&&|\|\||;|\n")
_VIEW: Final = re.compile(
    r"\bgh\s+(issue|pr)\s+(?:view|checks|diff|merge|close|edit|reopen|comment)\s+#?(\d+)\b"
    r"(?:.*?--repo[ =]([\w.-]+/[\w.-]+))?"
)
_CREATE: Final = re.compile(r"\bgh\s+(issue|pr)\s+create\b")
_CLOSES: Final = re.compile(
    r"--body[ =](['\"]).*?\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s+#(\d+)", re.I | re.S
)
_LINK: Final = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(issues|pull)/(\d+)")
_ADDED: Final = re.compile(r"\badditions:\s*(\d+)")
_DELETED: Final = re.compile(r"\bdeletions:\s*(\d+)")
_WORKTREE: Final = re.compile(r"\bgit\s+worktree\s+add\s+(?:-f\s+|--force\s+)?(?!-)(\S+)")
_INT32: Final = 2**31
_SHELLS: Final = frozenset(
    {
        "Bash",
        "PowerShell",
        "bash",
        "container.exec",
        "exec",
        "exec_command",
        "local_shell",
        "powershell",
        "run_shell_command",
        "shell",
        "shell_command",
    }
)
"""What the clients call the tool that runs a command line."""


class GithubContext(msgspec.Struct, kw_only=True):
    """What was learned; None where nothing was."""

    repo: str | None = None
    issue: int | None = None
    pr: int | None = None
    additions: int | None = None
    deletions: int | None = None
    worktree: str | None = None


def context_of_event(event: Event) -> GithubContext | None:
    """What the end of a shell call tells; None of anything else."""
    if event.tool_name not in _SHELLS or event.event_type != EventType.POST_TOOL_USE:
        return None
    command = command_of(event.payload)
    return context_of_command(command, _output_of(event)) if command else None


def _output_of(event: Event) -> str:
    metadata = decode_object(event.metadata)
    response = decode_object(event.payload).get("tool_response")
    stdout = response.get("stdout") if isinstance(response, dict) else None
    for text in (metadata.get("output"), metadata.get("stdout"), stdout):
        if isinstance(text, str):
            return text
    return ""


def context_of_command(command: str, output: str = "") -> GithubContext:
    """Read one shell command line and what it printed; numbers above 32 bits are ignored."""
    found = GithubContext()
    if "gh" not in command and "worktree" not in command:
        return found
    for part in _SPLIT.split(command):
        for kind, digits, repo in _VIEW.findall(part):
            _set_number(found, kind, digits)
            found.repo = repo or found.repo
        if worktree := _WORKTREE.search(part):
            found.worktree = worktree.group(1).strip("'\"")
    if re.search(r"\bgh\s+pr\s+create\b", command) and (closes := _CLOSES.search(command)):
        _set_number(found, "issue", closes.group(2))
    if _CREATE.search(command):
        for repo, kind, digits in _LINK.findall(output):
            _set_number(found, "pr" if kind == "pull" else "issue", digits)
            found.repo = repo
    if re.search(r"\bgh\s+pr\s+view\b", command):
        if added := _ADDED.search(output):
            found.additions = _int32(added.group(1))
        if deleted := _DELETED.search(output):
            found.deletions = _int32(deleted.group(1))
    return found


def _int32(digits: str) -> int | None:
    number = int(digits[:11])
    return number if number < _INT32 else None


def _set_number(found: GithubContext, kind: str, digits: str) -> None:
    number = _int32(digits)
    if number is None:
        return
    if kind == "pr":
        found.pr = number
    else:
        found.issue = number
