"""Settings are changed in place: what was asked for, and no byte beside it."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mi6_tui import settings_file
from mi6_tui.errors import Mi6Error
from mi6_tui.settings_file import save_setting

_OWN = """\
# mine
[notifications]  # loud enough
bell = false   # no noise

[columns]
# which
show = [
  "status", # first
  "name",
  # why not
  "cost",
]
widths = { name = 30 } # cells

[prices]
a = 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_a_value_changes_where_it_stands_and_all_comments_stay(path: Path) -> None:
    path.write_text(_OWN)
    save_setting(path, "columns", {"show": ["status", "pid", "cost"], "widths": {"name": 40, "cost": 9}})
    after = path.read_text()
    for comment in ("# mine", "# loud enough", "# no noise", "# which", "# first", "# why not", "# cells"):
        assert comment in after
    before, changed = tomllib.loads(_OWN), tomllib.loads(after)
    assert changed.pop("columns") == {
        "show": ["status", "pid", "cost"],
        "widths": {"name": 40, "cost": 9},
    }
    before.pop("columns")
    assert changed == before
    assert after.startswith(_OWN[: _OWN.index("show")])
    assert after.endswith(_OWN[_OWN.index("\n[prices]") :])


def test_saving_what_is_there_changes_no_byte(path: Path) -> None:
    path.write_text(_OWN)
    known = path.stat().st_ino
    save_setting(path, "columns", {"show": ["status", "name", "cost"], "widths": {"name": 30}})
    assert path.read_text() == _OWN
    assert path.stat().st_ino == known


def test_none_removes_a_value(path: Path) -> None:
    path.write_text(_OWN)
    save_setting(path, "columns", {"show": None, "widths": None, "other": None})
    assert tomllib.loads(path.read_text())["columns"] == {}
    save_setting(path, "keys", {"quit": None})
    assert "keys" not in tomllib.loads(path.read_text())


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "settings.toml"
    save_setting(path, "dashboard", {"theme": "night", "ascii": True})
    assert path.read_text() == '[dashboard]\ntheme = "night"\nascii = true\n'


@pytest.mark.parametrize(
    "before",
    [
        "",
        "x = 1",
        'dashboard = { theme = "day" }\n',
        'dashboard.theme = "day" # mine\n',
        "[dashboard]\n",
        "[dashboard.deep]\nx = 1\n",
        "[other]\r\nx = 1 # mine\r\n",
        '[[list]]\nx = 1\n\n["quoted table"]\ny = """\n[dashboard]\n"""\n',
    ],
)
def test_wherever_the_table_is_written(path: Path, before: str) -> None:
    path.write_bytes(before.encode())
    save_setting(path, "dashboard", {"theme": "night", "motion": "reduced"})
    expected = tomllib.loads(before)
    expected["dashboard"] = {**expected.get("dashboard", {}), "theme": "night", "motion": "reduced"}
    assert tomllib.loads(path.read_text()) == expected
    assert path.read_text().count("# mine") == before.count("# mine")


def test_a_table_inside_another(path: Path) -> None:
    path.write_text('[views.old]\nquery = "a" # keep\n')
    save_setting(path, "views.new", {"query": "needs:me"})
    save_setting(path, "views.old", {"query": "b"})
    assert tomllib.loads(path.read_text()) == {"views": {"old": {"query": "b"}, "new": {"query": "needs:me"}}}
    assert "# keep" in path.read_text()


def test_true_is_not_one(path: Path) -> None:
    path.write_text("[dashboard]\nascii = 1\n")
    save_setting(path, "dashboard", {"ascii": True})
    assert path.read_text() == "[dashboard]\nascii = true\n"


@pytest.mark.parametrize(
    "broken",
    [
        b"[columns\nshow = []\n",
        b"show = [1,\n",
        b"\xff\xfe[columns]\n",
        b"x = 1\nx = 2\n",
        b"columns = 3\n",
        b"[[columns]]\nshow = []\n",
    ],
)
def test_a_broken_file_is_left_alone(path: Path, broken: bytes) -> None:
    path.write_bytes(broken)
    with pytest.raises(Mi6Error, match=r"settings\.toml"):
        save_setting(path, "columns", {"show": ["name"]})
    assert path.read_bytes() == broken
    assert list(path.parent.iterdir()) == [path]


def test_mode_and_link_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    real.write_text("x = 1\n")
    real.chmod(0o640)
    link.symlink_to(real)
    save_setting(link, "dashboard", {"theme": "night"})
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert tomllib.loads(real.read_text()) == {"x": 1, "dashboard": {"theme": "night"}}


def test_a_read_only_file_stays_as_it_is(path: Path) -> None:
    path.write_text("x = 1\n")
    path.chmod(0o444)
    with pytest.raises(Mi6Error) as refused:
        save_setting(path, "views.mine", {"query": "x"})
    assert str(refused.value) == f"{path} is read-only; make it writable, or set [views.mine] in it by hand"
    assert path.read_text() == "x = 1\n"


_SAVES: Final = 15
_OTHER: Final = """
import sys
from pathlib import Path
from mi6_tui.settings_file import save_setting

path, name, saves = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for number in range(saves):
    save_setting(path, name, {f"{name}{number}": number})
"""


def test_of_two_that_save_at_once_nothing_is_lost(path: Path) -> None:
    path.write_text("# mine\n")
    others = [
        subprocess.Popen(
            (sys.executable, "-c", _OTHER, str(path), name, str(_SAVES)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c")
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
    for other in others:
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
    for other in others:
        other.communicate()
        assert other.returncode == 0
    assert tomllib.loads(path.read_text()) == {
        name: {f"{name}{number}": number for number in range(_SAVES)} for name in ("a", "b", "c")
    }
    assert path.read_text().startswith("# mine\n")
    assert list(path.parent.iterdir()) == [path]


def test_whoever_keeps_the_folder_to_himself_is_not_waited_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_file, "_PATIENCE", 0.0)
    handle = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    save_setting(path, "dashboard", {"theme": "night"})
    os.close(handle)
    assert tomllib.loads(path.read_text()) == {"dashboard": {"theme": "night"}}


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
_LISTS = st.lists(st.sampled_from(["a", "b", "c", "d"]) | _TEXTS, max_size=6)
_TABLES = st.dictionaries(_TEXTS, st.integers(0, 99), max_size=4)
_VALUES = st.dictionaries(
    st.sampled_from(["show", "widths", "x", "a b"]),
    _LISTS | _TABLES | st.none() | st.booleans() | st.integers(-5, 5) | _TEXTS,
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(_VALUES, min_size=1, max_size=4))
def test_whatever_is_saved_is_read_again(path: Path, saved: list[dict[str, Any]]) -> None:
    path.write_text(_OWN)
    expected = tomllib.loads(_OWN)
    for values in saved:
        save_setting(path, "columns", values)
        expected["columns"].update(values)
        expected["columns"] = {key: one for key, one in expected["columns"].items() if one is not None}
        assert tomllib.loads(path.read_text()) == expected
