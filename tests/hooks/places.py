"""A user's machine in a folder."""

from __future__ import annotations

from pathlib import Path

from mi6_tui.hooks.apply import set_up
from mi6_tui.hooks.place import Place
from mi6_tui.paths import paths


def place_in(folder: Path, **env: str) -> Place:
    """A machine whose home is `folder`/home, and our own files in `folder`/state."""
    for name in ("home", "project"):
        (folder / name).mkdir(exist_ok=True)
    env = {"MI6_TUI_HOME": str(folder / "state"), "PATH": str(folder / "bin"), **env}
    return Place(env=env, home=folder / "home", project=folder / "project", paths=paths(env))


def enable(place: Place, name: str = "claude") -> None:
    set_up("enable", name, "user", place)


def disable(place: Place, name: str = "claude") -> None:
    set_up("disable", name, "user", place)


def settings_file(place: Place, name: str = "claude") -> Path:
    """The one file that enabling a client changes for the user."""
    (change,) = place.changes(name, "user")
    return change.file


def with_settings(folder: Path, data: bytes | str, name: str = "claude") -> tuple[Place, Path]:
    """A machine where the user has a settings file that holds `data`, and that file."""
    place = place_in(folder)
    file = settings_file(place, name)
    file.parent.mkdir(parents=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return place, file
