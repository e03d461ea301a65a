"""Where this program keeps its own files. `MI6_TUI_HOME` moves all of them, `MI6_TUI_DB` the store alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mi6_tui.errors import UsageError


class Paths(msgspec.Struct, frozen=True):
    """Absolute paths; none need exist."""

    store: Path
    settings: Path
    logs: Path
    spool: Path
    """Where hooks leave what they were told, one file a call."""
    hooks: Path
    """The hooks' script, and what is remembered of each settings file that was changed."""

    @property
    def writer_lock(self) -> Path:
        """Held by the one process that writes the store."""
        return self.store.with_name(self.store.name + ".lock")

    @property
    def status(self) -> Path:
        """Where clients' status lines leave what they were told last, a file a session."""
        return self.spool.with_name("status")

    @property
    def typed(self) -> Path:
        """The folder of what was typed before: queries and searches."""
        return self.hooks.with_name("typed")


def paths(env: Mapping[str, str] = os.environ, *, store: str | None = None) -> Paths:
    """The paths in force; `store` (the command line's) wins over the environment.

    UsageError if they lie in a home folder that nobody knows, or if the store is a database's URL.
    """
    named = store or env.get("MI6_TUI_DB")
    if named and is_database(named):
        raise UsageError(
            "this command works on a store in a file, not in a database", "name a file with --db PATH"
        )
    if named and "://" in named:  # a slip of the pen would make a file of that name
        raise UsageError("a store is a file or a PostgreSQL database", "--db PATH or --db postgresql://...")
    try:
        if moved := env.get("MI6_TUI_HOME"):
            home = Path(moved).expanduser().absolute()
            data, settings, logs = home, home / "settings.toml", home / "logs"
        else:
            import platformdirs  # only here: a moved home needs no look-up

            data = platformdirs.user_data_path("mi6-tui", appauthor=False)
            settings = platformdirs.user_config_path("mi6-tui", appauthor=False) / "settings.toml"
            logs = platformdirs.user_log_path("mi6-tui", appauthor=False)
        where = Path(named).expanduser().absolute() if named else data / "mi6.db"
        return Paths(where, settings, logs, data / "spool", data / "hooks")
    except RuntimeError as error:
        raise _homeless() from error


def is_database(place: str | os.PathLike[str]) -> bool:
    """Whether a store's place is the URL of a PostgreSQL database; else it is a file."""
    return isinstance(place, str) and place.startswith(("postgresql://", "postgres://"))


def user_home() -> Path:
    """The user's home folder, where the clients keep theirs. UsageError if nobody knows it."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise _homeless() from error


def _homeless() -> UsageError:
    return UsageError("the home folder cannot be found", "set HOME, and name folders without ~")


def machine_id() -> str:
    """Name of this machine in the store."""
    return os.uname().nodename or "unknown"
