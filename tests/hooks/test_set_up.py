"""Enabling and disabling on real files: what comes back, what stays, what is refused."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile

from mi6_tui.frameworks import names
from mi6_tui.hooks.apply import apply, set_up
from mi6_tui.hooks.errors import ChangedError, SettingsError
from mi6_tui.hooks.plan import plan
from mi6_tui.hooks.state import installed
from tests.hooks.documents import settings
from tests.hooks.places import disable, enable, place_in, settings_file, with_settings

DATA = Path(__file__).parent.parent / "data" / "hooks" / "settings"
SHARED = ("claude", "codex", "gemini", "qwen", "cursor")
"""The clients whose settings are also the user's."""
WHOLE = ("copilot", "opencode", "pi", "amp")
"""Those that read a file of our own."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def loaded(data: bytes) -> dict[str, Any]:
    """Settings as their client reads them, which may allow for comments."""
    found: dict[str, Any] = json.loads(re.sub(r"^\s*//.*$", "", data.decode(), flags=re.MULTILINE))
    return found


def everything(folder: Path) -> dict[str, bytes | None]:
    """All that lies below a folder; None for a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@profile(max_examples=60)
@given(settings(comments=True))
def test_disable_gives_the_very_bytes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, file = with_settings(Path(folder), text, "gemini")
        enable(place, "gemini")
        once = file.read_bytes()
        assert once != text.encode()
        enable(place, "gemini")
        assert file.read_bytes() == once
        disable(place, "gemini")
        assert file.read_bytes() == text.encode()


@profile(max_examples=60)
@given(settings(comments=True))
def test_a_user_who_wrote_meanwhile_keeps_every_byte(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, file = with_settings(Path(folder), text, "gemini")
        enable(place, "gemini")
        file.write_bytes(file.read_bytes() + b"\n// the user's\n")
        disable(place, "gemini")
        assert file.read_bytes() == text.encode() + b"\n// the user's\n"


@pytest.mark.parametrize("name", SHARED)
def test_settings_as_people_have_them(tmp_path: Path, name: str) -> None:
    before = (DATA / f"{name}.json").read_bytes()
    place, file = with_settings(tmp_path, before, name)
    enable(place, name)
    after, old = loaded(file.read_bytes()), loaded(before)
    ours = {change.path[-1] for change in place.changes(name, "user")[0].appends}
    for event, groups in after["hooks"].items():
        theirs = old["hooks"].get(event, [])
        assert groups[: len(theirs)] == theirs
        assert len(groups) == len(theirs) + (event in ours)
    assert ours <= after["hooks"].keys()
    assert {key: value for key, value in after.items() if key != "hooks"} == {
        key: value for key, value in old.items() if key != "hooks"
    }
    disable(place, name)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", names())
def test_a_file_that_was_not_there_goes_again_with_its_folders(tmp_path: Path, name: str) -> None:
    place = place_in(tmp_path)
    enable(place, name)
    assert settings_file(place, name).is_file()
    assert [state.state for state in installed(name, "user", place)] == ["enabled"]
    disable(place, name)
    assert everything(place.home) == {}


@pytest.mark.parametrize("name", names())
def test_a_project_is_another_place(tmp_path: Path, name: str) -> None:
    place = place_in(tmp_path)
    enable(place, name)
    user = everything(place.home)
    set_up("enable", name, "project", place)
    assert [state.state for state in installed(name, "project", place)] == ["enabled"]
    assert everything(place.home) == user
    disable(place, name)
    assert [state.state for state in installed(name, "project", place)] == ["enabled"]
    set_up("disable", name, "project", place)
    assert everything(place.project) == {}


def test_two_homes_of_one_client_are_two_files(tmp_path: Path) -> None:
    work, leisure = tmp_path / "work", tmp_path / "leisure"
    for folder in (work, leisure):
        folder.mkdir()
        (folder / "settings.json").write_text(f'{{"name": "{folder.name}"}}')
    place = place_in(tmp_path, CLAUDE_CONFIG_DIR=f"{work},{leisure}")
    enable(place)
    assert [state.state for state in installed("claude", "user", place)] == ["enabled", "enabled"]
    disable(place_in(tmp_path, CLAUDE_CONFIG_DIR=str(work)))
    states = [(state.file, state.state) for state in installed("claude", "user", place)]
    assert states == [(f"{work}/settings.json", "not enabled"), (f"{leisure}/settings.json", "enabled")]
    disable(place)
    assert (work / "settings.json").read_text() == '{"name": "work"}'
    assert (leisure / "settings.json").read_text() == '{"name": "leisure"}'


def test_a_link_stays_a_link_and_its_target_keeps_its_mode(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text("{}")
    real.chmod(0o640)
    file = settings_file(place)
    file.parent.mkdir()
    file.symlink_to(real)
    enable(place)
    assert file.is_symlink()
    assert mode(real) == 0o640
    assert "hooks" in json.loads(real.read_text())
    assert [path.name for path in real.parent.iterdir()] == ["claude.json"]
    disable(place)
    assert (file.is_symlink(), real.read_text()) == (True, "{}")


@pytest.mark.parametrize("wanted", [0o600, 0o644, 0o666])
def test_the_mode_stays(tmp_path: Path, wanted: int) -> None:
    place, file = with_settings(tmp_path, "{}")
    file.chmod(wanted)
    enable(place)
    assert mode(file) == wanted


def test_what_we_keep_is_the_users_alone(tmp_path: Path) -> None:
    place, _ = with_settings(tmp_path, '{"env": {"KEY": "secret"}}')
    ((change, backup),) = set_up("enable", "claude", "user", place)
    assert backup is not None
    assert backup.read_bytes() == change.before
    for path in (place.paths.spool, place.paths.hooks, place.backups):
        assert mode(path) == 0o700
    for path in (place.script, *place.backups.iterdir()):
        assert mode(path) == 0o600


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, "{}")
    file.chmod(0o444)
    with pytest.raises(SettingsError, match="is read-only"):
        enable(place)
    assert file.read_text() == "{}"
    assert list(place.backups.glob("*.json")) == []


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_refused(tmp_path: Path, make: object) -> None:
    place = place_in(tmp_path)
    file = settings_file(place)
    file.parent.mkdir()
    assert callable(make)
    make(file)
    with pytest.raises(SettingsError):
        enable(place)
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'{\n "a": 1,\n}', 3),
        (b'{"a": "\xff"}', 1),
        (b'\n\n{"a": "\xff"}', 3),
        (b"// mine\n{}", 1),
        (b'{"hooks": {\n"Stop": "x"}}', 2),
        (b"[1]", 1),
    ],
)
def test_invalid_settings_are_refused_with_file_and_line(tmp_path: Path, data: bytes, line: int) -> None:
    place, file = with_settings(tmp_path, data)
    with pytest.raises(SettingsError, match=f"^{file}, line {line}: "):
        enable(place)
    assert file.read_bytes() == data
    (state,) = installed("claude", "user", place)
    assert (state.state, state.file) == ("cannot tell", str(file))
    disable(place)  # nothing of ours is in it, whatever it is
    assert file.read_bytes() == data


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_an_empty_file_comes_back_empty(tmp_path: Path, data: bytes) -> None:
    place, file = with_settings(tmp_path, data)
    enable(place)
    assert "hooks" in json.loads(file.read_bytes())
    file.write_bytes(file.read_bytes() + b"\n")
    disable(place)
    assert file.read_bytes() == data


def test_an_edit_between_look_and_change_is_not_lost(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, "{}")
    (seen,) = plan("enable", "claude", "user", place)
    file.write_text('{"a": 1}')
    with pytest.raises(ChangedError):
        apply(seen, place)
    assert file.read_text() == '{"a": 1}'
    assert list(place.backups.glob("*.json")) == []
    file.unlink()
    with pytest.raises(ChangedError):
        apply(seen, place)
    assert not file.exists()


def test_an_older_line_is_brought_up_to_date_and_the_first_bytes_still_come_back(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, '{"a": 1}')
    enable(place)
    older = file.read_text().replace("trap 'exit 0' EXIT; ", "").replace('"PostModelSwitch"', '"Setup"')
    file.write_text(older)
    (state,) = installed("claude", "user", place)
    assert state.state == "outdated"
    enable(place)
    (state,) = installed("claude", "user", place)
    assert state.state == "enabled"
    assert "Setup" not in json.loads(file.read_text())["hooks"]
    disable(place)
    assert file.read_text() == '{"a": 1}'


def test_hooks_without_their_script_are_outdated(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    enable(place)
    place.script.write_text("# an older one\n")
    assert [state.state for state in installed("claude", "user", place)] == ["outdated"]
    enable(place)
    assert [state.state for state in installed("claude", "user", place)] == ["enabled"]


@pytest.mark.parametrize("name", SHARED)
def test_without_our_records_only_our_entries_go(tmp_path: Path, name: str) -> None:
    before = (DATA / f"{name}.json").read_bytes()
    place, file = with_settings(tmp_path, before, name)
    enable(place, name)
    for path in place.backups.iterdir():
        path.write_bytes(b"\x00nonsense")
    disable(place, name)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_of_that_name_that_is_not_ours_is_not_touched(tmp_path: Path, name: str) -> None:
    place, file = with_settings(tmp_path, "{}", name)
    with pytest.raises(SettingsError, match="is not ours"):
        enable(place, name)
    disable(place, name)
    assert file.read_text() == "{}"


def test_the_diff_shows_what_happens(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, '{\n  "a": 1\n}\n')
    (change,) = plan("enable", "claude", "user", place)
    lines = change.diff().splitlines()
    assert lines[:6] == [f"--- {file}", f"+++ {file}", lines[2], " {", '-  "a": 1', '+  "a": 1,']
    assert file.read_text() == '{\n  "a": 1\n}\n'
    enable(place)
    (change,) = plan("enable", "claude", "user", place)
    assert (change.changes, change.diff()) == (False, "")
    (change,) = plan("disable", "claude", "user", place)
    assert change.after == b'{\n  "a": 1\n}\n'
    assert not place.present("gemini")
    assert place.present("claude")
