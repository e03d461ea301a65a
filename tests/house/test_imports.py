"""Who imports whom, and what a headless run never loads."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import mi6_tui
from mi6_tui.clock import now_ms
from mi6_tui.model import Batch, EventType, SessionFact
from mi6_tui.storage.conformance import make_event
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
    assert loaded(code, "asyncio", "inotify_simple", "watchfiles", "sqlite3", *HEAVY) == set()


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
                     "prices", "model", "plain_file", "private", "unfinished")
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
    modules_of(tmp_path, *argv)  # which makes the store
    found = modules_of(tmp_path, *argv)
    assert "mi6_tui.ingest.scanner" in found
    assert roots_of(found) == {"mi6_tui", "msgspec", "apsw"}
    assert [name for name in found if name.endswith((".decoder", ".conversation"))] == []
    slow = {"hashlib", "inspect", "json", "logging", "subprocess", "typing_extensions"}
    assert found & {*slow, "mi6_tui.judge.github"} == set()


PAINTED = """
import sys
from mi6_tui.cli import main
from mi6_tui.tui.app import Mi6App

def painted(app):
    lines = app.screen._compositor.render_strips()
    assert any("Painted first" in line.text for line in lines)
    with open(sys.argv[1], "w") as told:
        print(*sys.modules, file=told)
    app.exit()

Mi6App._begin = painted  # what follows the first paint
sys.exit(main([]))
"""
"""The dashboard as a user starts it, until its first screen stands; the driver alone is not a terminal's."""

BEFORE_THE_FIRST_PAINT = {
    "mi6_tui": (
        "cli clock commands errors judge log model paths plain_file prices private report start "
        "stop storage toml_lines tui unfinished"
    ),
    "mi6_tui.commands": "dashboard store",
    "mi6_tui.judge": "attention context cost evidence fold freshness project rules status",
    "mi6_tui.model": (
        "batch claim event machine query rates search session session_reads telemetry thinning "
        "transcripts usage"
    ),
    "mi6_tui.prices": "names overrides table",
    "mi6_tui.report": "cells out",
    "mi6_tui.storage": (
        "answers changes claims deleting known machines merge protocol rows sequences sqlite telemetry "
        "usage words"
    ),
    "mi6_tui.storage.sqlite": (
        "base claims connection errors files forgetting gc known machines migrations opening positions "
        "pricing queries rates record rows search session_reads sessions stats store telemetry text_index "
        "unsent updates usage"
    ),
    "mi6_tui.storage.sqlite.migrations": (
        "m001_initial m002_costs m003_witnesses m004_search m005_telemetry m006_machines m007_forwarding"
    ),
    "mi6_tui.tui": (
        "acting app aside columns commands driver feed fleet guarded home living looks marks messages moving "
        "navigator newly notes notify offers overlays page periods pieces plain program rates row_painter "
        "rows screens settled shared_settings sharing status styles table_lines teller terminal text theme "
        "view vitals widgets worker"
    ),
    "mi6_tui.tui.columns": "cells chosen column declared figures layout",
    "mi6_tui.tui.home": "arranging frame marking",
    "mi6_tui.tui.screens": "home",
    "mi6_tui.tui.widgets": "bar details empty footer header line_view session_table",
}
"""The modules of ours that may be, by the package they are in: a longer list is a later first paint."""


def test_what_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    key = {"machine_id": "elsewhere", "session_id": "first"}
    prompt = make_event(**key, timestamp=now_ms(), event_type=EventType.USER_PROMPT_SUBMIT)
    title = SessionFact(**key, name="title", value="Painted first", timestamp=1, order=(1, 0))
    with closing(SqliteStorage(tmp_path / "mi6.db")) as storage:
        storage.record(Batch(events=(prompt,), facts=(title,)))
    (tmp_path / "settings.toml").write_text('[dashboard]\ntheme = "mi6-day"\n[keys]\nended = "E"\n')
    env = {
        "HOME": str(tmp_path),
        "MI6_TUI_HOME": str(tmp_path),
        "TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver",
        "COLUMNS": "120",
        "LINES": "35",
    }
    told = tmp_path / "told"
    argv = (sys.executable, "-c", PAINTED, str(told))
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = set(told.read_text().split())
    ours = {
        f"{package}.{name}" for package, names in BEFORE_THE_FIRST_PAINT.items() for name in names.split()
    }
    assert "mi6_tui.tui.screens.home" in found
    assert sorted(name for name in found - ours if name.startswith("mi6_tui.")) == []
    assert roots_of(found) == {
        "mi6_tui",
        "textual",
        "rich",
        "msgspec",
        "apsw",
        "platformdirs",
        "typing_extensions",
    }
    assert found & {"shlex", "sqlite3"} == set()


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
