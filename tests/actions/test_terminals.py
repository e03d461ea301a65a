"""Terminals that are not here: how the programs that know them are called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import cast

import pytest

from mi6_tui.actions.errors import FocusError
from mi6_tui.actions.focus import focus
from mi6_tui.ingest.live.processes import Process, Processes
from tests.actions.recorded import Recorded
from tests.actions.sessions import seen, session


class World:
    """What focusing asks of a system.

    The session's process is 100, started by 90, that by 80 and so on; `env` is the environment of 100.
    """

    def __init__(self, *names: str, env: Mapping[str, str] | None = None) -> None:
        pids = [100, *range(90, 90 - 10 * len(names), -10)]
        self._all = {
            pid: Process(
                pid=pid,
                identity=f"id {pid}",
                started_at=1,
                name=name,
                parent=parent,
                owner=os.geteuid(),
            )
            for pid, name, parent in zip(pids, ("claude", *names), (*pids[1:], 1), strict=True)
        }
        self._env = env or {}

    @property
    def agent(self) -> Process:
        return self._all[100]

    def find(self, pid: int) -> Process | None:
        return self._all.get(pid)

    def alive(self, pid: int, identity: str) -> bool | None:
        return pid in self._all and self._all[pid].identity == identity

    def environment(self, pid: int, names: Iterable[str]) -> dict[str, str]:
        return {name: self._env[name] for name in names if pid == 100 and name in self._env}


def go(
    recorded: Recorded, world: World, terminal: str | None = None, platform: str = "linux", **env: str
) -> str:
    return focus(
        session(terminal=terminal),
        seen(world.agent),
        env={**recorded.env, **env},
        processes=cast(Processes, world),
        platform=platform,
    )


def test_a_pane_of_zellij(recorded: Recorded) -> None:
    recorded.add("zellij")
    assert go(recorded, World("bash"), "zellij my work 3", ZELLIJ_SESSION_NAME="my work") == ""
    assert recorded.calls == [["zellij", "--session", "my work", "action", "focus-pane-id", "terminal_3"]]


def test_another_session_of_zellij_is_switched_to(recorded: Recorded) -> None:
    recorded.add("zellij")
    assert go(recorded, World("bash"), "zellij theirs 0", ZELLIJ_SESSION_NAME="ours") == ""
    assert recorded.calls == [
        ["zellij", "--session", "ours", "action", "switch-session", "theirs", "--pane-id", "terminal_0"]
    ]


def test_from_outside_of_zellij_a_remark_says_that_only_the_pane_is_chosen(recorded: Recorded) -> None:
    recorded.add("zellij")
    assert go(recorded, World("bash"), "zellij theirs 7") == "its pane is chosen in zellij"


def test_kitty_is_asked_by_the_socket_that_the_session_knows(recorded: Recorded) -> None:
    recorded.add("kitty")
    env = {"KITTY_WINDOW_ID": "12", "KITTY_LISTEN_ON": "unix:/tmp/kitty 1"}
    assert go(recorded, World("bash", "kitty", env=env)) == ""
    assert recorded.calls == [["kitty", "@", "--to", "unix:/tmp/kitty 1", "focus-window", "--match", "id:12"]]


def test_without_its_socket_the_window_of_kitty_is_raised(recorded: Recorded) -> None:
    recorded.add("kitty")
    recorded.add("xdotool")
    assert go(recorded, World("bash", "kitty"), "kitty 12", DISPLAY=":0").startswith("its window is in front")
    assert recorded.calls == [["xdotool", "search", "--onlyvisible", "--pid", "80", "windowactivate"]]


def test_a_pane_of_wezterm_and_its_window(recorded: Recorded) -> None:
    recorded.add("wezterm")
    recorded.add("swaymsg")
    world = World("bash", "wezterm-gui", env={"WEZTERM_PANE": "5", "WEZTERM_UNIX_SOCKET": "/run/w"})
    assert go(recorded, world, SWAYSOCK="/run/sway") == ""
    assert recorded.calls == [
        ["wezterm", "cli", "activate-pane", "--pane-id", "5"],
        ["swaymsg", "[pid=80] focus"],
    ]


def test_wezterm_is_told_which_of_its_processes_is_meant(recorded: Recorded) -> None:
    recorded.add("wezterm")
    world = World("bash", env={"WEZTERM_PANE": "5", "WEZTERM_UNIX_SOCKET": "/run/w"})
    go(recorded, world)
    assert recorded.last["env"]["WEZTERM_UNIX_SOCKET"] == "/run/w"


@pytest.mark.parametrize(("program", "name"), [("iTerm.app", "iTerm2"), ("Apple_Terminal", "Terminal")])
def test_a_tab_of_a_mac_is_found_by_its_device(
    recorded: Recorded, program: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.add("osascript")
    monkeypatch.setattr("mi6_tui.actions.spot._tty", lambda pid: f"/dev/ttys{pid}")
    assert go(recorded, World("zsh", "login"), program, "darwin") == ""
    ((program, option, script, device),) = recorded.calls
    assert (program, option, device) == ("osascript", "-e", "/dev/ttys100")
    assert f'tell application "{name}"' in script
    assert "/dev/" not in script, "what is foreign never becomes part of a script"


@pytest.mark.parametrize(
    ("terminal", "above", "application"),
    [
        ("ghostty", (), "Ghostty"),
        ("vscode", (), "Visual Studio Code"),
        ("WarpTerminal", (), "Warp"),
        (None, ("zsh", "login", "alacritty"), "Alacritty"),
    ],
)
def test_other_programs_of_a_mac_come_to_the_front(
    recorded: Recorded, terminal: str | None, above: tuple[str, ...], application: str
) -> None:
    recorded.add("open")
    assert go(recorded, World(*above), terminal, "darwin").startswith("its window is in front")
    assert recorded.calls == [["open", "-a", application]]


@pytest.mark.parametrize(
    ("program", "env", "says", "calls"),
    [
        ("swaymsg", {"SWAYSOCK": "/run/s"}, "", [["swaymsg", "[pid=70] focus"]]),
        (
            "hyprctl",
            {"HYPRLAND_INSTANCE_SIGNATURE": "x"},
            "ok\n",
            [["hyprctl", "dispatch", "focuswindow", "pid:70"]],
        ),
        (
            "kdotool",
            {"KDE_SESSION_VERSION": "6"},
            "",
            [["kdotool", "search", "--pid", "70", "windowactivate"]],
        ),
        (
            "xdotool",
            {"DISPLAY": ":0"},
            "",
            [["xdotool", "search", "--onlyvisible", "--pid", "70", "windowactivate"]],
        ),
        (
            "wmctrl",
            {"DISPLAY": ":0"},
            "0x01 0 7 host 70\n0x02  0 70 host a title 7\n",
            [["wmctrl", "-l", "-p"], ["wmctrl", "-i", "-a", "0x02"]],
        ),
    ],
)
def test_a_window_of_a_linux_desktop_is_found_by_its_process(
    recorded: Recorded, program: str, env: dict[str, str], says: str, calls: list[list[str]]
) -> None:
    recorded.add(program, says=says)
    world = World("bash", "tool-of-code", "gnome-terminal-server", "systemd")
    assert go(recorded, world, **env).startswith("its window is in front")
    assert recorded.calls == calls


def test_the_next_raiser_is_tried_where_one_finds_nothing(recorded: Recorded) -> None:
    recorded.add("hyprctl", says="No such window found\n")
    recorded.add("xdotool", code=1)
    recorded.add("wmctrl", says="0x02  0 80 host foot\n")
    assert go(recorded, World("zsh", "foot"), HYPRLAND_INSTANCE_SIGNATURE="x", DISPLAY=":1")
    assert [call[0] for call in recorded.calls] == ["hyprctl", "xdotool", "wmctrl", "wmctrl"]


def test_a_window_that_no_raiser_finds(recorded: Recorded) -> None:
    recorded.add("xdotool", code=1)
    with pytest.raises(FocusError, match=r"the window of foot \(process 80\) was not found by xdotool"):
        go(recorded, World("zsh", "foot"), DISPLAY=":1")


def test_without_a_raiser_the_user_hears_what_would_help(recorded: Recorded) -> None:
    with pytest.raises(FocusError, match="a window of konsole, and no program here can raise") as raised:
        go(recorded, World("zsh", "konsole"), DISPLAY=":1")
    assert "wmctrl" in raised.value.hint


def test_raisers_of_another_desktop_are_not_tried(recorded: Recorded) -> None:
    for name in ("swaymsg", "hyprctl", "kdotool", "xdotool", "wmctrl"):
        recorded.add(name)
    with pytest.raises(FocusError):
        go(recorded, World("zsh", "foot"))
    assert recorded.calls == []


def test_what_a_program_complains_of_is_told(recorded: Recorded) -> None:
    recorded.add("zellij", complains="\x1b[31mno such session\x1b[0m\n", code=2)
    with pytest.raises(FocusError, match=r"zellij: no such session$"):
        go(recorded, World("bash"), "zellij x 1")


def test_nothing_is_known_of_a_session_over_ssh(recorded: Recorded) -> None:
    recorded.add("xdotool")
    with pytest.raises(FocusError, match="cannot go to 's': nothing tells its terminal"):
        go(recorded, World("bash", "sshd-session", "sshd"), DISPLAY=":0")


@pytest.mark.parametrize("identity", ["id 999", ""])
def test_the_environment_of_a_stranger_is_not_looked_at(recorded: Recorded, identity: str) -> None:
    recorded.add("kitty")
    world = World("bash", env={"KITTY_WINDOW_ID": "12", "KITTY_LISTEN_ON": "unix:/x"})
    claims = seen(world.agent, process=identity or None)
    with pytest.raises(FocusError, match="nothing tells its terminal"):
        focus(session(), claims, env=recorded.env, processes=cast(Processes, world))
    assert recorded.calls == []
