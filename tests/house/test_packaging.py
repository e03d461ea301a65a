"""What is shipped, what it needs, and what must never be in a tracked file."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import mi6_tui

ROOT = Path(mi6_tui.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def normal(name: str) -> str:
    """A distribution's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    """The distribution that a requirement names."""
    match = NAME.match(requirement)
    assert match, requirement
    return normal(match[0])


def pins() -> dict[str, str]:
    """Name and version of every line of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {normal(name): version for name, _, version in (line.partition("==") for line in lines)}


def tracked() -> list[Path]:
    """The files that git knows or would take."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in (ROOT / name for name in listed.splitlines()) if path.is_file()]


def test_every_constraint_is_one_exact_version() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line), line


def test_everything_that_gets_installed_is_pinned() -> None:
    waiting = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    needed: set[tuple[str, str]] = set()
    while waiting:
        text = waiting.pop()
        extras = re.findall(r"[a-z0-9-]+", re.sub(r"^[^\[]*\[([^]]*)\].*|.*", r"\1", text.split(";")[0]))
        for extra in ("", *extras):
            if (name_of(text), extra) in needed:
                continue
            try:
                wanted = requires(name_of(text)) or []
            except PackageNotFoundError:
                continue  # for another system or Python
            needed.add((name_of(text), extra))
            marks = [re.search(r"extra == ['\"]([^'\"]+)", line) for line in wanted]
            waiting += [
                line for line, mark in zip(wanted, marks, strict=True) if (mark[1] if mark else "") == extra
            ]
    assert ("linkify-it-py", "") in needed, "textual asks for it by an extra of markdown-it-py"
    assert {name for name, _ in needed} - pins().keys() == set()


def test_every_dependency_has_its_reason() -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text().split("\n## Dependencies\n", 1)[1]
    reasons = re.findall(r"^\| `([^`]+)` \|", section, re.M)
    wanted = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])
    assert sorted(reasons) == sorted(name_of(text) for text in wanted)


def test_the_wheel_holds_the_package_and_its_styles(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "mi6_tui").rglob("*.py")}
    styles = {f"mi6_tui/{path.relative_to(ROOT)}" for path in (ROOT / "styles").glob("*.tcss")}
    assert styles
    assert modules | styles | {"mi6_tui/py.typed"} <= inside
    assert not any(name.startswith("tests") for name in inside)


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    registry = r"https?://[^\s\"')]*(?:pypi|artifactory|nexus|mirror)"
    somebody = "/(?:root|Users/[a-z]+)" + "/"
    foreign = re.compile(f"{registry}|{somebody}")
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        assert foreign.findall(text) == [], path


def test_modules_stay_short() -> None:
    for path in (ROOT / "mi6_tui").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 400, path
