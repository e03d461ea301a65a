"""The settings file: strict, live, and wrong in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from mi6_tui.cli import main
from mi6_tui.config import Settings, Theme
from mi6_tui.errors import Mi6Error
from mi6_tui.prices.overrides import PriceError, read_overrides
from mi6_tui.settings_file import save_setting
from mi6_tui.settings_reader import ConfigError, SettingsFile, read_settings
from mi6_tui.tui.looks import Looks, first_looks

WHOLE = """
[notifications]
on = ["waiting", "error"]
toast = false
bell = false
desktop = "osc777"
command = ["notify-me", "--now"]
quiet = ["22:00-07:00", "12:15-12:45"]

[[prices]]
model = "house-model"
input = 1.5
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_a_missing_file_is_the_defaults(path: Path) -> None:
    assert read_settings(path) == Settings()
    told = Settings().notifications
    assert told.on == ("waiting", "error", "your turn")
    assert (told.toast, told.bell, told.desktop, told.command, told.quiet) == (True, True, "auto", (), ())


def test_every_key_is_read_and_prices_are_left_to_others(path: Path) -> None:
    path.write_text(WHOLE)
    told = read_settings(path).notifications
    assert (told.on, told.toast, told.bell, told.desktop) == (("waiting", "error"), False, False, "osc777")
    assert told.command == ("notify-me", "--now")
    assert told.quiet == ((22 * 60, 7 * 60), (12 * 60 + 15, 12 * 60 + 45))


def test_hours_reach_over_midnight(path: Path) -> None:
    path.write_text(WHOLE)
    night, noon = read_settings(path).notifications.quiet
    assert [night.holds(h * 60 + m) for h, m in ((21, 59), (22, 0), (0, 0), (6, 59), (7, 0))] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert [noon.holds(h * 60 + m) for h, m in ((12, 14), (12, 15), (12, 44), (12, 45), (0, 0))] == [
        False, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[notifications\n", ":1: Expected ']' at the end of a table declaration"),
        ("a = 1\n[x]\nb = = 2\n", ":3: Invalid value"),
        ("# mine\n[notifications]\nbel = true\n", ":3: notifications.bel: unknown key, did you mean bell?"),
        ("\n[notification]\n", ":2: notification: unknown key, did you mean notifications?"),
        ("zzz = 1\n", ":1: zzz: unknown key; it may be one of dashboard, "),
        ('[notifications]\nbell = ""\n', ":2: notifications.bell: input should be a valid boolean, not ''"),
        ("[notifications]\nbell = 1\n", ":2: notifications.bell: input should be a valid boolean, not '1'"),
        (
            '[notifications]\ndesktop = "osc8"\n',
            ":2: notifications.desktop: input should be 'auto', 'osc9', 'osc99', 'osc777' or 'none', not",
        ),
        (
            '[notifications]\non = ["waiting", "tired"]\n',
            ":2: notifications.on[1]: input should be 'waiting', 'error' or 'your turn', not 'tired'",
        ),
        (
            '[notifications]\nquiet = ["22:00-07:00", "25:00-26:00"]\n',
            ":2: notifications.quiet[1]: write hours as \"22:00-07:00\", not '25:00-26:00'",
        ),
        (
            '[notifications]\nquiet = ["7:00-07:00"]\n',
            ":2: notifications.quiet[0]: it begins and ends at the same minute, not '7:00-07:00'",
        ),
        ('[notifications]\ncommand = "hi"\n', ":2: notifications.command: input should be a list, not 'hi'"),
        ("notifications = 3\n", ":1: notifications: input should be a table, not '3'"),
        ("alerts = 3\n", ":1: alerts: input should be a table, not '3'"),
        ("notifications.bel = true\n", ":1: notifications.bel: unknown key, did you mean bell?"),
        ("notifications = { bel = true }\n", ":1: notifications.bel: unknown key, did you mean bell?"),
        ("\nnotifications = { on = 3 }\n", ":2: notifications.on: input should be a list, not '3'"),
        (
            '[notifications]\non = [ # who\n  "waiting",\n  "tired",\n]\n',
            ":4: notifications.on[1]: input should be 'waiting', 'error' or 'your turn', not 'tired'",
        ),
        ("[views]\n\n'a b' = { group = 'x' }\n", ":3: views.a b.group: input should be '', 'project', "),
        ("[alerts.'a.b']\n", ":1: alerts.a.b: it needs one of query, limit and budget, not '{}'"),
        ('bu = """\n[budgets]\n"""\n', ":1: bu: unknown key"),
        ("[[budgets]]\nday = 1\n", ":1: budgets: input should be a table"),
        (
            "[actions]\nterminal = ['x',\n '{cwd}', '{command}']\n",
            ":3: actions.terminal[1]: placeholders are {folder} and {command}, not '{cwd}'",
        ),
        (
            "actions.terminal = ['x', 'sh -c {command}']\n",
            ':1: actions.terminal[1]: "{command}" must be a word of its own',
        ),
        (
            "actions.terminal = ['x', '{folder}']\n",
            ':1: actions.terminal: it would run nothing: add the word "{command}"',
        ),
        ("actions.terminal = ['', '{command}']\n", ":1: actions.terminal: begin with the program"),
        ("actions.terminal = ['{command}']\n", ":1: actions.terminal: begin with the program"),
        (
            '[machines."build-01"]\nssh = "-oProxyCommand=x"\n',
            ":2: machines.build-01.ssh: write it as \"user@host\", or as a name of your ssh settings",
        ),
        ('[machines.ci]\naddress = "x"\n', ":1: machines.ci.ssh: field required"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(path: Path, text: str, told: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError) as wrong:
        read_settings(path)
    assert str(wrong.value).startswith(f"{path}{told}")
    assert "\n" not in str(wrong.value)


def test_all_that_is_wrong_is_told_the_first_in_one_line(path: Path) -> None:
    path.write_text("[notifications]\nbel = true\ntoast = 3\n[dashboard]\nmotion = 'no'\n")
    with pytest.raises(ConfigError) as wrong:
        read_settings(path)
    assert [fault.removeprefix(f"{path}:").partition(": ")[0] for fault in wrong.value.faults] == [
        "2",
        "3",
        "5",
    ]
    assert str(wrong.value) == f"{wrong.value.faults[0]} (and 2 more)"


def test_undecodable_settings_are_told_in_the_same_words_by_all(path: Path) -> None:
    path.write_bytes(b"[dashboard]\n# na\xefve\n")
    told = f"{path}:2: it is not UTF-8"
    with pytest.raises(ConfigError) as read:
        read_settings(path)
    assert str(read.value) == told
    with pytest.raises(PriceError) as priced:
        read_overrides(path)
    assert priced.value.message == told
    with pytest.raises(Mi6Error) as written:
        save_setting(path, "dashboard", {"ascii": True})
    assert written.value.message == told


def test_what_is_no_text_is_told_and_not_raised(path: Path) -> None:
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"settings\.toml:1: it is not UTF-8"):
        read_settings(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"settings\.toml: Is a directory"):
        read_settings(path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(ConfigError, match=r"settings\.toml: it is a pipe"):
        read_settings(path)
    assert first_looks(path) == Looks()
    with pytest.raises(PriceError, match="it is a pipe"):
        read_overrides(path)


def test_no_depth_ends_the_program(path: Path) -> None:
    path.write_text(f"a = {'[' * 20_000}\n")
    with pytest.raises(ConfigError, match="it is nested too deeply"):
        read_settings(path)
    assert first_looks(path) == Looks()
    with pytest.raises(PriceError, match="it is nested too deeply"):
        read_overrides(path)
    with pytest.raises(Mi6Error, match="it is nested too deeply"):
        save_setting(path, "dashboard", {"ascii": True})


def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(path: Path) -> None:
    file = SettingsFile(path)
    assert file.look()
    assert not file.look()
    path.write_text("[notifications]\nbell = false\n")
    assert file.look()
    assert not file.current.notifications.bell
    assert not file.look()
    path.write_text("[notifications]\nbell = \n")
    assert file.look()
    assert ":2: " in file.problem and file.problem.endswith("; the last good settings hold")
    assert not file.current.notifications.bell
    assert not file.look()
    path.unlink()
    assert file.look()
    assert (file.current, file.problem) == (Settings(), "")


def test_a_change_of_the_same_size_is_seen(path: Path) -> None:
    path.write_text("[notifications]\nbell = true  # \n")
    file = SettingsFile(path)
    file.look()
    path.write_text("[notifications]\nbell = false # \n")
    os.utime(path, ns=(1, 1))
    assert file.look()
    assert not file.current.notifications.bell


def test_the_way_to_other_machines(path: Path) -> None:
    path.write_text('[machines."build-01.example.org"]\nssh = "me@build-01"\n[machines.ci]\nssh = "ci"\n')
    told = {name: machine.ssh for name, machine in read_settings(path).machines.items()}
    assert told == {"build-01.example.org": "me@build-01", "ci": "ci"}


def test_words_of_a_terminal_that_can_be_meant(path: Path) -> None:
    path.write_text("[actions]\nterminal = ['kitty', '--directory={folder}', '${HOME', '{command}']\n")
    assert read_settings(path).actions.terminal[1:] == ("--directory={folder}", "${HOME", "{command}")
    path.write_text("[actions]\nterminal = []\n")
    assert read_settings(path).actions.terminal == ()


def test_a_program_that_is_not_there_is_told_until_it_is(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    path.write_text("[notifications]\nbell = false\ncommand = [\n  'call-me', '-n']\n")
    file = SettingsFile(path)
    assert file.look()
    assert file.problem == (
        f"{path}:3: notifications.command: no program is called 'call-me' here: install it, or name another"
    )
    assert not file.current.notifications.bell, "all the rest holds"
    assert not file.look()
    (programs / "call-me").write_text("#!/bin/sh\n")
    (programs / "call-me").chmod(0o700)
    assert file.look()
    assert file.problem == ""
    path.write_text(f"[notifications]\ncommand = ['{programs / 'call-me'}']\n")
    assert file.look()
    assert file.problem == "", "a path will do as well"


def test_the_schema_of_the_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "settings"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["properties"]) == set(Settings.model_fields)
    assert schema["additionalProperties"] is False
    assert "needs-you" in schema["$defs"]["Theme"]["properties"]


def test_every_setting_says_what_it_does() -> None:
    for table in (Settings(), *(value for _, value in Settings() if isinstance(value, BaseModel)), Theme()):
        for name, field in type(table).model_fields.items():
            nested = isinstance(getattr(table, name), BaseModel) or name in ("themes", "views", "prices")
            assert field.description or nested, f"{type(table).__name__}.{name}"
