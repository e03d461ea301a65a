"""The web page of the pull request or issue that a session works on."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from mi6_tui.actions import programs
from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.holder import name_of
from mi6_tui.model import Session

_REPO: Final = re.compile(r"[A-Za-z0-9][\w-]{0,63}/[\w.-]{1,100}", re.ASCII)
_HOST: Final = "github.com"
"""The store knows a repository by owner and name; those of no other host are in it."""
_OPENERS: Final = ("xdg-open", "gio", "wslview")


def page_of(session: Session) -> str:
    """Address of its pull request, else of its issue, else of the repository. ActionError without one.

    Made of a name and a number that were checked, never of an address that somebody wrote.
    """
    repo = session.github_repo or ""
    if _REPO.fullmatch(repo) is None or repo.rpartition("/")[2] in (".", ".."):
        raise ActionError(f"{name_of(session)} works on no repository of {_HOST}, as far as is known")
    for kind, number in (("pull", session.github_pr), ("issues", session.github_issue)):
        if number is not None and number > 0:
            return f"https://{_HOST}/{repo}/{kind}/{number}"
    return f"https://{_HOST}/{repo}"


def open_page(address: str, *, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
    """Show a page in the user's browser. ActionError, with the address, if there is none."""
    for command in _commands(address, env, platform):
        if programs.which(command[0], env):
            programs.launch(command, env)
            return
    raise ActionError(f"no browser is known here for {address}", "set BROWSER")


def _commands(address: str, env: Mapping[str, str], platform: str) -> Iterator[tuple[str, ...]]:
    """What may open it, the user's own first: BROWSER holds command lines with colons between."""
    for line in env.get("BROWSER", "").split(os.pathsep):
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        if words:
            named = tuple(word.replace("%s", address) for word in words)
            yield named if "%s" in line else (*named, address)
    if platform == "darwin":
        yield "open", address
    for opener in _OPENERS:
        yield (opener, "open", address) if opener == "gio" else (opener, address)
