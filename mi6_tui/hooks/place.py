"""Whose hooks are set up, and where our part of them lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui import frameworks
from mi6_tui.frameworks.hooks import Change, Scope
from mi6_tui.hooks.errors import SettingsError
from mi6_tui.hooks.files import make_folders, read, write_ours
from mi6_tui.hooks.line import shell_line
from mi6_tui.paths import Paths, paths, user_home

SCOPES: Final[tuple[Scope, ...]] = ("user", "project")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One user's machine."""

    env: Mapping[str, str]
    home: Path
    project: Path
    """The folder that scope `project` means."""
    paths: Paths

    @property
    def script(self) -> Path:
        """The file that the shell lines run."""
        return self.paths.hooks / "hook.sh"

    @property
    def status_script(self) -> Path:
        """The file that the beginnings of status lines run."""
        return self.paths.hooks / "status.sh"

    @property
    def backups(self) -> Path:
        """What was before, and what is remembered of it."""
        return self.paths.hooks / "backups"

    def changes(self, name: str, scope: Scope) -> list[Change]:
        """What enabling a client changes. UsageError if no client is called so, or a path cannot be named."""

        def line(event: str) -> str:
            return shell_line(name, self.script, self.paths.spool, event)

        hooks = frameworks.framework(name).hooks()
        return hooks.changes(scope, self.env, self.home, self.project, line, self.paths.spool)

    def present(self, name: str) -> bool:
        """Whether a client is here: a folder of its own, or its program on the path."""
        client = frameworks.framework(name)
        programs = sorted(client.program.names)
        return any(folder.is_dir() for folder in client.hooks().folders(self.env, self.home)) or any(
            shutil.which(program, path=self.env.get("PATH")) for program in programs
        )

    def ready(self, *, status_line: bool) -> bool:
        """Whether the script is there, in this version, and its folder too; so also for a `status_line`."""
        needed = [(self.script, self.paths.spool)]
        if status_line:
            needed.append((self.status_script, self.paths.status))
        try:
            return all(read(file) == _shipped(file.name) and folder.is_dir() for file, folder in needed)
        except SettingsError:
            return False

    def prepare(self) -> None:
        """Bring the scripts and make the folders. OSError."""
        for folder in (self.paths.spool, self.paths.status):
            make_folders(folder, mode=0o700)
        for file in (self.script, self.status_script):
            write_ours(file, _shipped(file.name))


def here(project: Path | None = None, env: Mapping[str, str] = os.environ) -> Place:
    """This user's; `project` is the current folder unless given."""
    home = user_home()
    return Place(env=env, home=home, project=project or _current(home), paths=paths(env))


def _current(home: Path) -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was removed
        return home


def _shipped(name: str) -> bytes:
    return files("mi6_tui.ingest.spool").joinpath(name).read_bytes()
