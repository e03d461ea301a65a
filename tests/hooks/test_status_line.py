"""A beginning of ours before the user's status line: what comes back, what stays his, what is refused."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile

from mi6_tui.hooks.apply import set_up
from mi6_tui.hooks.errors import SettingsError
from mi6_tui.hooks.line import status_beginning
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.state import installed
from tests.hooks.documents import settings
from tests.hooks.places import disable, enable, place_in, with_settings

OWN = "~/.claude/line.sh --wide \\u2502 '\\\\e[1m'"
"""As it stands in JSON: with escapes that nobody else would write."""
GIVEN = f"""\
{{
  "statusLine": {{"type": "command", "command": "{OWN}", "padding": 0}},
  "model": "opus"
}}
"""


def listen(place: Place) -> None:
    set_up("enable", "claude", "user", place, status_line=True)


def command(file: Path) -> str:
    line: str = json.loads(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))["statusLine"]["command"]
    return line


def beginning(place: Place) -> str:
    return status_beginning("claude", place.status_script, place.paths.status)


@profile(max_examples=15)
@given(settings(comments=False))
def test_disable_gives_the_very_bytes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, file = with_settings(Path(folder), text)
        listen(place)
        once = file.read_bytes()
        assert command(file) == beginning(place)
        for again in (listen, enable):
            again(place)
            assert file.read_bytes() == once
        disable(place)
        assert file.read_bytes() == text.encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_users_line_follows_ours_and_nothing_else_changes(tmp_path: Path, newline: str) -> None:
    text = GIVEN.replace("\n", newline)
    place, file = with_settings(tmp_path, text)
    enable(place)
    plain = file.read_bytes()
    assert OWN.encode() in plain and b"mi6_status" not in plain
    listen(place)
    ours = json.dumps(beginning(place))[1:-1]
    assert file.read_bytes() == plain.replace(OWN.encode(), ours.encode() + OWN.encode())
    assert place.paths.status.is_dir()
    disable(place)
    assert file.read_bytes() == text.encode()


def test_what_the_user_edits_later_stays(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, GIVEN)
    listen(place)
    file.write_text(file.read_text().replace("--wide", "--narrow").replace('"opus"', '"sonnet"'))
    listen(place)
    assert command(file) == beginning(place) + json.loads(f'"{OWN}"').replace("--wide", "--narrow")
    disable(place)
    assert file.read_text() == GIVEN.replace("--wide", "--narrow").replace('"opus"', '"sonnet"')


def test_an_older_beginning_is_brought_up_to_date_in_its_place(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, GIVEN)
    listen(place)
    good = file.read_bytes()
    file.write_bytes(good.replace(b"mi6_status=", b"mi6_status=/older"))
    assert installed("claude", "user", place)[0].state == "outdated"
    enable(place)
    assert file.read_bytes() == good
    assert [(one.state, one.status_line) for one in installed("claude", "user", place)] == [("enabled", True)]


def test_a_line_that_the_user_puts_behind_ours_alone_stays(tmp_path: Path) -> None:
    place, file = with_settings(tmp_path, '{"model": "opus"}\n')
    listen(place)
    file.write_text(file.read_text().replace('fi; "', 'fi; date"'))
    disable(place)
    assert json.loads(file.read_text()) == {
        "model": "opus",
        "statusLine": {"type": "command", "command": "date"},
    }


def test_the_file_written_anew_by_another_program(tmp_path: Path) -> None:
    folder = tmp_path / "o'brien ünï"
    folder.mkdir()
    place, file = with_settings(folder, GIVEN)
    listen(place)
    found: dict[str, Any] = json.loads(file.read_text())
    for ascii_only in (True, False):
        file.write_text(json.dumps(found, ensure_ascii=ascii_only))
        disable(place)
        assert json.loads(file.read_text()) == json.loads(GIVEN)
        listen(place)


@pytest.mark.parametrize(
    "line", ["null", "[]", '"x"', "{}", '{"command": 3}', '{"command": null}', '{"type": "static"}']
)
def test_what_is_no_command_is_refused(tmp_path: Path, line: str) -> None:
    text = f'{{\n"statusLine": {line}}}'
    place, file = with_settings(tmp_path, text)
    with pytest.raises(SettingsError, match=r"settings\.json, line 2: \"statusLine\" is no"):
        listen(place)
    assert file.read_text() == text
    enable(place)
    disable(place)
    assert file.read_text() == text


def test_without_a_file(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    listen(place)
    (state,) = installed("claude", "user", place)
    assert (state.state, state.status_line) == ("enabled", True)
    disable(place)
    assert not (place.home / ".claude").exists()


def test_in_a_project_it_would_stand_in_the_way_of_the_users_own(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    set_up("enable", "claude", "project", place, status_line=True)
    assert "statusLine" not in json.loads((place.project / ".claude" / "settings.local.json").read_text())
