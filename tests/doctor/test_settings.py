"""What `doctor` says of a settings file: all that the dashboard would, each with its line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mi6_tui.settings_reader import SettingsFile
from mi6_tui.tui.checked import check, doubted, wrong
from tests.commands.conftest import Cli

MEANT = """
[dashboard]
theme = "nope"
[columns]
show = ["foo"]
widths = { nam = 9 }
[keys]
focus = "q"
fokus = "F"
[views.late]
query = "cots>3"
sort = "costs"
columns = ["name", "bar"]
[views.key]
key = "ctrl+c"
[alerts.dear]
query = "cost>"
[[prices]]
model = "mine"
input = -1
output = 2
[[prices]]
model = ""
input = 1
output = 1
"""
LINES = {
    3: "dashboard.theme: no theme is called 'nope'",
    5: "columns.show[0]: no column is called 'foo'",
    6: "columns.widths.nam: no column is called 'nam', did you mean name?",
    8: "keys.focus: q is the key of quit, too",
    9: "keys.fokus: unknown command, did you mean focus?",
    15: "views.key.key: ctrl+c ends the dashboard",
    17: "alerts.dear.query: ",
    20: "prices[0].input: -1.0 is no price",
    23: "prices[1].model: it names no model",
}
"""What keeps the file out of force, by line."""
VIEWS = {
    11: "views.late.query: column 1 of the query: no field is called 'cots'",
    12: "views.late.sort: ",
    13: "views.late.columns[1]: no column is called 'bar'",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def check_told(path: Path, told: list[str], expected: dict[int, str]) -> None:
    assert len(told) == len(expected), told
    for line, (number, words) in zip(told, sorted(expected.items()), strict=True):
        assert line.startswith(f"{path}:{number}: {words}")


def test_all_is_told_in_the_order_of_the_file(path: Path) -> None:
    path.write_text(MEANT)
    check_told(path, list(wrong(path)), LINES)
    file = SettingsFile(path, check, doubted)
    file.look()
    assert list(file.problems) == list(wrong(path)), "the dashboard says the same"
    assert file.problem.endswith(f" (and {len(LINES) - 1} more); the last good settings hold")


def test_views_that_cannot_be_meant_leave_the_rest_in_force(path: Path) -> None:
    path.write_text("\n" * 9 + "".join(MEANT.splitlines(keepends=True)[9:13]) + "[dashboard]\nascii = true\n")
    check_told(path, list(wrong(path)), VIEWS)
    file = SettingsFile(path, check, doubted)
    file.look()
    assert list(file.problems) == list(wrong(path))
    assert file.current.dashboard.ascii


def test_the_command_tells_each_by_itself(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    cli.store.parent.mkdir()
    path = cli.store.parent / "settings.toml"
    path.write_text(MEANT)
    done = cli.run("doctor", "--json")
    found = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "settings"]
    assert done.returncode == 1
    assert {one["level"] for one in found} == {"failed"}
    check_told(path, [one["told"] for one in found], LINES)


def test_settings_that_name_nothing_of_the_dashboard_do_not_load_it(path: Path) -> None:
    path.write_text('[notifications]\nbell = false\n[views.x]\nquery = "cost>3"\n')
    code = (
        "import pathlib, sys; from mi6_tui.tui.checked import wrong; "
        "print(*wrong(pathlib.Path(sys.argv[1]))); print('textual' in sys.modules)"
    )
    done = subprocess.run((sys.executable, "-c", code, str(path)), capture_output=True, text=True, check=True)
    assert done.stdout == "\nFalse\n"
