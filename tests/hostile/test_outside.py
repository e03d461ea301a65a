"""What leaves the dashboard for other programs: sequences that no text ends, words that no shell reads."""

from __future__ import annotations

import base64
import re
import shlex
from contextlib import suppress
from typing import Final, get_args

import pytest

from mi6_tui.actions import clipboard
from mi6_tui.actions.browse import page_of
from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.resume import resume_command, resume_line
from mi6_tui.actions.spot import spot_of
from mi6_tui.config import Desktop
from mi6_tui.frameworks import framework, names
from mi6_tui.ingest.live.processes import system_processes
from mi6_tui.model import Session
from mi6_tui.tui import terminal
from mi6_tui.tui.notify import Attention, Note
from mi6_tui.tui.program import variables
from tests.hostile.fleet import STEERING, TEXTS, WORDS
from tests.hostile.mutate import NAMES

_ALL: Final = (*TEXTS.values(), *WORDS, *NAMES, "tmux /tmp/x;kill-server %1", "tmux /a %1;x", "zellij -x 1")
_ENVS: Final[tuple[dict[str, str], ...]] = ({}, {"TMUX": "/tmp/t,1,0"}, {"STY": "1.x"})
_TMUX: Final = re.compile(r"\x1bPtmux;((?:[^\x1b]|\x1b\x1b)*)\x1b\\")
_SCREEN: Final = re.compile(r"\x1bP([^\x1b]*\x1b[^\x1b]*)\x1b\\")
_MESSAGE: Final = re.compile(
    r"\x1b\](?:9;mi6: |99;i=[\w-]*:d=[01]:p=\w+;|777;notify;)[^\x00-\x1f\x7f-\x9f]*\x07"
)
_COPY: Final = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
_FIELDS: Final = (
    "cwd", "git_branch", "github_repo", "first_user_message", "last_reply", "title", "nickname", "terminal",
    "status_detail", "status_reason", "model", "git_worktree_path", "entrypoint",
)  # fmt: skip
each_text = pytest.mark.parametrize("text", _ALL, ids=range(len(_ALL)))


def _session(text: str, client: str = "claude") -> Session:
    """One that waits for the user, and whose every word is hostile."""
    return Session(
        machine_id="here",
        session_id=text or "x",
        framework=client,
        first_started_at=1,
        last_started_at=1,
        last_activity=2,
        status="wait",
        status_shown="waiting",
        status_since=10_000,
        **dict.fromkeys(_FIELDS, text),  # type: ignore[arg-type]
    )


def _note(session: Session) -> Note:
    attention = Attention(1)
    attention.take([session], 20_000)
    (note,) = attention.due(30_000, ("waiting",), None)
    return note


@each_text
def test_a_title_and_a_message_on_the_desktop(text: str) -> None:
    assert re.fullmatch(r"\x1b\]2;[^\x00-\x1f\x7f-\x9f]*\x07", terminal.title(text))
    note = _note(_session(text))
    for how in get_args(Desktop):
        for env in _ENVS:
            sent = terminal.message(how, note.title, note.body, about=text, env=env)
            plain = _TMUX.sub(lambda found: found[1].replace("\x1b\x1b", "\x1b"), sent)
            assert _MESSAGE.sub("", _SCREEN.sub(r"\1", plain)) == "", sent


@each_text
def test_what_the_users_own_program_is_told(text: str) -> None:
    told = variables(_note(_session(text)))
    assert sorted(told) == ["MI6_CWD", "MI6_FRAMEWORK", "MI6_NAME", "MI6_REASON", "MI6_SESSION", "MI6_STATUS"]
    for value in told.values():
        assert "\0" not in value and len(value) <= 4096
        value.encode()
    assert not STEERING.search(told["MI6_NAME"] + told["MI6_REASON"])


@each_text
def test_a_copy(text: str) -> None:
    for env in _ENVS:
        try:
            sent = clipboard.sequence(text, env)
        except ActionError:
            continue
        plain = sent.replace("\x1b\\", "").replace("\x1bP", "").replace("tmux;", "")
        plain = plain.replace("\x1b\x1b", "\x1b")
        copies = {base64.b64decode(found[1]) for found in _COPY.finditer(plain)}
        assert copies == {text.encode("utf-8", "replace")}
        assert _COPY.sub("", plain) == ""


@pytest.mark.parametrize("client", names())
def test_a_command_that_resumes(client: str) -> None:
    for text in _ALL:
        session = _session(text, client)
        try:
            words = resume_command(session)
        except ActionError:
            continue
        known = framework(client).program.resume
        assert words == tuple(word.replace("{id}", session.session_id) for word in known)
        assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", session.session_id, re.ASCII)
        line = resume_line(session)
        assert shlex.split(line)[-len(words) :] == list(words)
        assert not STEERING.search(line)


@each_text
def test_a_folder_is_one_word_of_the_command_that_is_copied(text: str) -> None:
    line = resume_line(_session(text).with_(session_id="a1"))
    assert not STEERING.search(line) and "\n" not in line
    words = shlex.split(line)
    assert words[-3:] == ["claude", "--resume", "a1"]
    assert words[:-3] in ([], ["cd", text, "&&"])


@each_text
def test_an_address_and_a_place(text: str) -> None:
    with suppress(ActionError):
        assert re.fullmatch(r"https://github\.com/[\w-]+/[\w.-]+", page_of(_session(text)), re.ASCII)
    spot = spot_of(text, None, system_processes(), "linux")
    assert re.fullmatch(r"%?\d{0,9}", spot.pane, re.ASCII)
