"""How each client looks in the store: what it calls its tools, who else tells of it."""

from __future__ import annotations

from typing import Final

import msgspec

from mi6_tui.model import Source


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One client, as its decoder and its hooks would show it."""

    version: str
    tools: dict[str, str]
    """Its own names for what Claude Code calls so."""
    transcripts: str
    """Where its transcripts lie; `{id}` and `{folder}` stand for the session."""
    source: str = Source.TRANSCRIPT
    registry: bool = False
    """It keeps a registry that tells what each session does."""
    notices: bool = False
    """It asks for a permission by a notification, not by a hook of that name."""
    caches: bool = True
    """It tells what was written to the prompt cache."""

    def tool(self, name: str) -> str:
        """What it calls this tool."""
        return self.tools.get(name, name)


CLIENTS: Final = {
    "claude": Client(
        version="2.1.330", tools={}, transcripts="~/.claude/projects/{folder}/{id}.jsonl", registry=True
    ),
    "codex": Client(
        version="0.169.0",
        tools={"Edit": "apply_patch", "Write": "apply_patch", "Read": "Bash", "Grep": "Bash", "Glob": "Bash"},
        transcripts="~/.codex/sessions/rollout-{id}.jsonl",
        source=Source.CODEX_SESSION,
        caches=False,
    ),
    "gemini": Client(
        version="0.61.0",
        tools={
            "Bash": "run_shell_command",
            "Read": "read_file",
            "Edit": "replace",
            "Write": "write_file",
            "Grep": "search_file_content",
            "Glob": "glob",
            "WebFetch": "web_fetch",
        },
        transcripts="~/.gemini/tmp/{folder}/chats/{id}.jsonl",
        notices=True,
        caches=False,
    ),
    "opencode": Client(
        version="1.18.33",
        tools={
            "Bash": "bash",
            "Read": "read",
            "Edit": "edit",
            "Write": "write",
            "Grep": "grep",
            "Glob": "glob",
            "WebFetch": "webfetch",
        },
        transcripts="~/.local/share/opencode/opencode.db",
    ),
    "copilot": Client(
        version="1.0.102",
        tools={
            "Bash": "bash",
            "Read": "view",
            "Edit": "edit",
            "Write": "create",
            "Grep": "rg",
            "Glob": "glob",
            "WebFetch": "web_fetch",
        },
        transcripts="~/.copilot/session-state/{id}/events.jsonl",
        caches=False,
    ),
}
