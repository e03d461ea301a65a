"""Terminals that are opened: how the programs are called, and in a real tmux."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.spawn import folder_of, kept, open_terminal
from tests.actions.recorded import Recorded
from tests.actions.sessions import session
from tests.actions.tmux import Tmux

HOSTILE = "a #(touch owned) $(touch owned) 100%H; 'x'"
"""tmux expands such in `-c`; a shell would elsewhere."""
KITTY = ("kitty", "@", "--to", "unix:/k", "launch")


def test_a_window_of_tmux_in_the_very_folder(tmux: Tmux, folder: Path) -> None:
    place = folder / HOSTILE
    place.mkdir()
    pane = tmux.pane("new-session", "-d", "-s", "mine")
    tmux.pane("new-session", "-d", "-s", "other")
    env = {**tmux.env, "TMUX": f"{tmux.socket},1,0", "TMUX_PANE": pane}
    # What runs there tells where it is, by itself.
    told = folder / "told"
    opened = open_terminal(str(place), ("sh", "-c", f"pwd > {told}; tmux wait-for -S told; cat"), env=env)
    tmux("wait-for", "told")
    assert (opened, told.read_text()) == ("tmux", f"{place}\n")
    sessions = tmux("list-panes", "-a", "-F", "#{session_name} #{pane_id}").splitlines()
    assert sessions == [f"mine {pane}", "mine %2", "other %1"]
    assert not list(folder.rglob("owned"))


@pytest.mark.parametrize(
    ("env", "program", "call"),
    [
        (
            {"ZELLIJ_SESSION_NAME": "s"},
            "zellij",
            ["zellij", "action", "new-pane", "--cwd", "{folder}", "--", "claude", "--resume", "x"],
        ),
        (
            {"KITTY_LISTEN_ON": "unix:/k"},
            "kitty",
            [*KITTY, "--type=tab", "--cwd", "{folder}", "claude", "--resume", "x"],
        ),
        (
            {"WEZTERM_PANE": "1"},
            "wezterm",
            ["wezterm", "cli", "spawn", "--cwd", "{folder}", "--", "claude", "--resume", "x"],
        ),
        ({"DISPLAY": ":0"}, "foot", ["foot", "--working-directory={folder}", "claude", "--resume", "x"]),
        (
            {"WAYLAND_DISPLAY": "w"},
            "konsole",
            ["konsole", "--workdir", "{folder}", "-e", "claude", "--resume", "x"],
        ),
        ({"DISPLAY": ":0"}, "xterm", ["xterm", "-e", "claude", "--resume", "x"]),
    ],
)
def test_elsewhere(
    recorded: Recorded, tmp_path: Path, env: dict[str, str], program: str, call: list[str]
) -> None:
    place = tmp_path / HOSTILE
    place.mkdir()
    recorded.add(program)
    opened = open_terminal(
        str(place), ("claude", "--resume", "x"), env={**recorded.env, **env}, platform="linux"
    )
    assert opened == program
    assert recorded.calls == [[word.replace("{folder}", str(place)) for word in call]]
    assert recorded.last["cwd"] == str(place)


def test_without_a_command_a_shell_runs(recorded: Recorded, tmp_path: Path) -> None:
    for name in ("zellij", "foot"):
        recorded.add(name)
    env = {**recorded.env, "SHELL": "/usr/bin/fish"}
    open_terminal(str(tmp_path), env={**env, "ZELLIJ_SESSION_NAME": "s"})
    open_terminal(str(tmp_path), env={**env, "DISPLAY": ":0"}, platform="linux")
    assert recorded.calls == [
        ["zellij", "action", "new-pane", "--cwd", str(tmp_path)],
        ["foot", f"--working-directory={tmp_path}", "/usr/bin/fish"],
    ]


def test_the_users_own_terminal_comes_first(recorded: Recorded, tmp_path: Path) -> None:
    for name in ("foot", "konsole"):
        recorded.add(name)
    env = {**recorded.env, "DISPLAY": ":0", "TERMINAL": "/usr/bin/konsole"}
    assert open_terminal(str(tmp_path), env=env, platform="linux") == "konsole"


def test_the_users_own_words_come_before_all(recorded: Recorded, tmp_path: Path) -> None:
    recorded.add("mine")
    recorded.add("tmux")
    template = ("mine", "--at={folder}", "--", "{command}", "after")
    env = {**recorded.env, "TMUX": "/x,1,0"}
    assert open_terminal(str(tmp_path), ("codex", "resume", "i"), template=template, env=env) == "mine"
    assert recorded.calls == [["mine", f"--at={tmp_path}", "--", "codex", "resume", "i", "after"]]


@pytest.mark.parametrize(("program", "app"), [("iTerm.app", "iTerm2"), ("Apple_Terminal", "Terminal")])
def test_a_mac_is_given_the_folder_as_an_argument(
    recorded: Recorded, tmp_path: Path, program: str, app: str
) -> None:
    recorded.add("osascript")
    env = {**recorded.env, "TERM_PROGRAM": program}
    assert open_terminal("/a b", ("claude", "--resume", "x"), env=env, platform="darwin") == app
    ((_, option, script, *arguments),) = recorded.calls
    assert (option, arguments) == ("-e", ["/a b", "claude --resume x"])
    assert f'application "{app}"' in script


def test_where_nothing_is_known_the_settings_are_named(recorded: Recorded, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="no terminal program is known here") as raised:
        open_terminal(str(tmp_path), env=recorded.env, platform="linux")
    assert "[actions] terminal" in raised.value.hint


def test_a_program_that_fails_at_once_is_told(recorded: Recorded, tmp_path: Path) -> None:
    recorded.add("foot", code=7)
    with pytest.raises(ActionError, match="foot ended with 7"):
        open_terminal(str(tmp_path), env={**recorded.env, "DISPLAY": ":0"}, platform="linux")


def test_what_was_resumed_leaves_a_shell_behind() -> None:
    assert kept(("claude", "--resume", "x"), {"SHELL": "/bin/zsh"}) == (
        "/bin/zsh",
        "-i",
        "-c",
        "claude --resume x; exec /bin/zsh -i",
    )
    assert kept(("a",), {"SHELL": "/opt/nu"})[0] == "/bin/sh", "a shell whose language is not known"


def test_the_worktree_comes_first_and_to_resume_where_it_works(tmp_path: Path) -> None:
    tree, work = tmp_path / "tree", tmp_path / "work"
    tree.mkdir()
    work.mkdir()
    one = session(git_worktree_path=str(tree), cwd=str(work))
    assert (folder_of(one), folder_of(one, resume=True)) == (str(tree), str(work))
    tree.rmdir()
    assert folder_of(one) == str(work)
    work.rmdir()
    with pytest.raises(ActionError, match="is gone"):
        folder_of(one)


@pytest.mark.parametrize("folder", [None, "", "relative", "/a\0b", "/etc/passwd"])
def test_no_folder(folder: str | None) -> None:
    with pytest.raises(ActionError):
        folder_of(session(cwd=folder))
