"""Who imports whom, and what a headless run never loads."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import mi6_tui
from mi6_tui.storage.sqlite import SqliteStorage

PACKAGE = Path(mi6_tui.__file__).parent
ROOT = PACKAGE.parent
HEAVY = ("textual", "rich", "pydantic")


def headless_modules() -> list[str]:
    """Every module outside the dashboard, its settings and the test kit of storages."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if {"tui", "conformance", "bench", "config", "settings_reader"} & set(parts):
            continue
        names.append(".".join(parts).removesuffix(".__init__"))
    return names


def loaded(code: str, *names: str) -> set[str]:
    """Which of the modules `names` a clean interpreter has loaded after `code`."""
    script = f"{code}\nimport sys\nprint(*(set(sys.modules) & {set(names)!r}))"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


_ALL = """
import importlib, sys
for module in sys.argv[2:]:
    importlib.import_module(module)
    print(module, *(set(sys.modules) & set(sys.argv[1].split())))
"""


def test_no_headless_module_loads_a_screen() -> None:
    modules = headless_modules()
    script = (sys.executable, "-c", _ALL, " ".join(HEAVY), *modules)
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == modules


def test_the_package_alone_loads_nothing() -> None:
    assert loaded("import mi6_tui", "msgspec", "apsw", "typing", "mi6_tui.model", *HEAVY) == set()


@pytest.mark.parametrize("argv", [["--help"], ["--version"]])
def test_help_and_version_load_neither_store_nor_screen(argv: list[str]) -> None:
    code = f"from mi6_tui.cli import main\ntry:\n    main({argv})\nexcept SystemExit:\n    pass"
    assert loaded(code, "apsw", "msgspec", "asyncio", *HEAVY) == set()


@pytest.mark.parametrize("argv", [["sessions", "--json"], ["scan", "--json"], ["status"], ["events"]])
def test_a_headless_command_loads_no_screen_and_no_event_loop(tmp_path: Path, argv: list[str]) -> None:
    code = f"from mi6_tui.cli import main\nmain([*{argv}, '--db', {str(tmp_path / 'mi6.db')!r}])"
    assert loaded(code, "asyncio", "watchfiles", "sqlite3", *HEAVY) == set()


STATUS_BARS = [["sessions", "--json"], ["next", "--json"]]
"""What is asked many times an hour: each module more is felt there."""


def modules_of(tmp_path: Path, *argv: str) -> set[str]:
    """All modules that a clean interpreter has loaded after a command over a home without a client."""
    command = [*argv, "--db", str(tmp_path / "mi6.db")]
    script = f"import sys\nfrom mi6_tui.cli import main\nmain({command})\nprint()\nprint(*sys.modules)"
    done = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def roots_of(modules: set[str]) -> set[str]:
    """The packages of others that are among them."""
    roots = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    # What the interpreter loads by itself where an environment was made by such a tool.
    return {name for name in roots if not name.startswith(("_", "sitecustomize", "usercustomize"))}


@pytest.mark.parametrize("argv", STATUS_BARS)
def test_a_status_bar_that_only_reads_loads_little(tmp_path: Path, argv: list[str]) -> None:
    with closing(SqliteStorage(tmp_path / "mi6.db")):
        pass
    found = modules_of(tmp_path, *argv, "--no-scan")
    assert roots_of(found) == {"mi6_tui", "msgspec", "apsw"}
    layers = {".".join(name.split(".")[:2]) for name in found if name.startswith("mi6_tui.")}
    assert layers <= {
        f"mi6_tui.{name}"
        for name in ("cli", "start", "errors", "clock", "paths", "commands", "report", "storage", "judge",
                     "prices", "model", "private", "unfinished")
    }  # fmt: skip
    assert {name for name in found if name.startswith("mi6_tui.commands.")} == {
        f"mi6_tui.commands.{name}" for name in (argv[0], "arguments", "store")
    }
    slow = {
        "hashlib",
        "inspect",
        "json",
        "logging",
        "subprocess",
        "typing_extensions",
        "mi6_tui.judge.github",
    }
    assert found & {*slow, "mi6_tui.judge.github"} == set()


@pytest.mark.parametrize("argv", [*STATUS_BARS, ["scan", "--json"]])
def test_who_finds_nothing_new_loads_no_decoder(tmp_path: Path, argv: list[str]) -> None:
    found = modules_of(tmp_path, *argv)
    assert "mi6_tui.ingest.scanner" in found
    assert roots_of(found) == {"mi6_tui", "msgspec", "apsw"}
    assert [name for name in found if name.endswith((".decoder", ".conversation"))] == []
    slow = {"inspect", "json", "logging", "typing_extensions"}
    assert found & {*slow, "mi6_tui.judge.github"} == set()


PAINTED = """
import sys
from pathlib import Path
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App

class Probe(Mi6App):
    def _begin(self):
        self.loaded = sorted(sys.modules)
        self.exit()

folder = Path(sys.argv[1])
app = Probe(SqliteStorage(folder / "mi6.db"), settings=folder / "settings.toml", live=False)
app.run(headless=True, size=(120, 35))
print(*app.loaded)
"""


def test_before_the_first_paint_nothing_is_loaded_that_can_wait(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[dashboard]\ntheme = "mi6-day"\n[keys]\nended = "E"\n')
    argv = (sys.executable, "-c", PAINTED, str(tmp_path))
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = set(done.stdout.splitlines()[-1].split())
    assert "mi6_tui.tui.screens.home" in found
    late = ("pydantic", "tomlkit", "mi6_tui.config", "mi6_tui.settings_file", "mi6_tui.query",
            "mi6_tui.settings_reader", "mi6_tui.tui.checked",
            "mi6_tui.actions", "mi6_tui.doctor", "mi6_tui.hooks", "mi6_tui.frameworks", "mi6_tui.ingest",
            "mi6_tui.tui.keymap", "mi6_tui.tui.guest", "mi6_tui.tui.event_lines", "mi6_tui.tui.history",
            "mi6_tui.tui.widgets.event_stream", "mi6_tui.tui.widgets.query_bar", "psutil", "shlex",
            "watchfiles")  # fmt: skip
    assert found & set(late) == set()
    screens = {name for name in found if name.startswith("mi6_tui.tui.screens.")}
    assert screens == {"mi6_tui.tui.screens.home"}


def test_the_layers_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run((linter, "--no-cache"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_public_names_come_when_asked_for() -> None:
    for name in mi6_tui.__all__:
        assert getattr(mi6_tui, name) is not None
        assert name in dir(mi6_tui)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = mi6_tui.nonsense
