"""Going to a session's terminal, in a real tmux; collected where there is one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from mi6_tui.actions.errors import FocusError
from mi6_tui.actions.focus import focus
from tests.actions.sessions import session
from tests.actions.tmux import Tmux


def go(tmux: Tmux, pane: str) -> None:
    focus(session(terminal=f"tmux {tmux.socket} {pane}"))


def test_another_pane_window_and_session(tmux: Tmux) -> None:
    first = tmux.pane("new-session", "-d", "-s", "work", "-n", "one")
    beside = tmux.pane("split-window", "-d", "-t", first)
    window = tmux.pane("new-window", "-d", "-t", "work:", "-n", "a b; kill-server")
    other = tmux.pane("new-session", "-d", "-s", "other one %0 ##{pane_id}", "-n", "x")
    its_session = tmux("display-message", "-p", "-t", other, "#{session_id}:")
    below = tmux.pane("new-window", "-d", "-t", its_session, "-n", "y")
    client = tmux.attach("work")
    assert tmux.seen() == {client: first}
    for pane in (beside, window, below, other, first, below, beside):
        go(tmux, pane)
        assert tmux.seen() == {client: pane}
        go(tmux, pane)
        assert tmux.seen() == {client: pane}


def test_the_terminal_that_was_used_last_goes_there(tmux: Tmux) -> None:
    tmux.pane("new-session", "-d", "-s", "one")
    tmux.pane("new-session", "-d", "-s", "two")
    wanted = tmux.pane("new-session", "-d", "-s", "three")
    tmux.attach("one")
    tmux.attach("two")
    used = max(
        tmux("list-clients", "-F", "#{client_activity} #{session_id} #{client_name}").splitlines(),
        key=lambda line: (int(line.split()[0]), line.split()[1:]),
    ).split(" ", 2)[2]
    go(tmux, wanted)
    assert tmux.seen()[used] == wanted
    assert list(tmux.seen().values()).count(wanted) == 1


def test_a_window_that_is_linked_is_shown_where_the_user_is(tmux: Tmux) -> None:
    wanted = tmux.pane("new-session", "-d", "-s", "a", "-n", "shared")
    here = tmux.pane("new-session", "-d", "-s", "b")
    tmux("link-window", "-d", "-s", "a:shared", "-t", "b:7")
    client = tmux.attach("b")
    assert tmux.seen() == {client: here}
    go(tmux, wanted)
    assert tmux("list-clients", "-F", "#{session_name} #{pane_id}") == f"b {wanted}"


def test_two_servers_keep_apart(tmux: Tmux, folder: Path) -> None:
    tmux.pane("new-session", "-d", "-s", "same")
    (folder / "2").mkdir()
    second = Tmux(folder / "2")
    try:
        before = second.pane("new-session", "-d", "-s", "same")
        wanted = tmux.pane("new-window", "-d", "-t", "same:")
        assert second.pane("new-window", "-d", "-t", "same:") == wanted, "the ids are the same in both"
        one, two = tmux.attach("same"), second.attach("same")
        go(tmux, wanted)
        assert (tmux.seen()[one], second.seen()[two]) == (wanted, before)
    finally:
        second.close()


def test_where_no_terminal_shows_it_the_user_hears_how_to(tmux: Tmux) -> None:
    tmux.pane("new-session", "-d", "-s", "work")
    pane = tmux.pane("new-window", "-d", "-t", "work:")
    with pytest.raises(FocusError, match="no terminal shows this tmux server") as raised:
        go(tmux, pane)
    assert f"tmux -S '{tmux.socket}' attach-session" in raised.value.hint
    client = tmux.attach("work")
    assert tmux.seen() == {client: pane}, "attached, it is there"


def test_a_pane_that_is_gone(tmux: Tmux) -> None:
    tmux.pane("new-session", "-d", "-s", "work")
    pane = tmux.pane("new-window", "-d", "-t", "work:")
    tmux("kill-pane", "-t", pane)
    with pytest.raises(FocusError, match=f"no pane {pane} any more"):
        go(tmux, pane)


def test_a_server_that_has_ended(tmux: Tmux) -> None:
    pane = tmux.pane("new-session", "-d")
    tmux.close()
    with pytest.raises(FocusError, match="tmux"):
        go(tmux, pane)
    tmux.socket.unlink(missing_ok=True)
    with pytest.raises(FocusError, match="there is no tmux server at"):
        go(tmux, pane)


def test_a_file_is_no_server(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(FocusError, match="there is no tmux server"):
        focus(session(terminal=f"tmux {folder}/file %0"))


def test_a_socket_that_tmux_does_not_listen_on(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        with pytest.raises(FocusError, match="tmux: "):
            focus(session(terminal=f"tmux {folder}/s %0"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a socket away")
def test_another_users_server_is_not_talked_to(tmux: Tmux) -> None:
    pane = tmux.pane("new-session", "-d")
    os.chown(tmux.socket, 4_711, 4_711)
    with pytest.raises(FocusError, match="another user's"):
        go(tmux, pane)


def test_a_machine_without_tmux(tmux: Tmux, folder: Path) -> None:
    pane = tmux.pane("new-session", "-d")
    with pytest.raises(FocusError, match="no program is called tmux"):
        focus(session(terminal=f"tmux {tmux.socket} {pane}"), env={"PATH": str(folder)})
