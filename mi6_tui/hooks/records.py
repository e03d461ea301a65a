"""What is remembered of each settings file that was changed: the bytes before, and whether they come back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from mi6_tui.hooks.errors import SettingsError
from mi6_tui.hooks.files import read, write_ours


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One changed file. The fingerprints are SHA-256, None where there was no file."""

    file: str
    """For people who look here."""
    before: str | None
    """Of the bytes that `disable` gives back."""
    after: str
    folders: tuple[str, ...] = ()
    """Those that were made for the file, outermost first."""


class Records:
    """The records and backups in one folder, which is made when the first comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, file: Path) -> Record | None:
        """The record of a file; None also if it cannot be understood."""
        try:
            data = read(self._note(file))
            return msgspec.json.decode(data, type=Record) if data is not None else None
        except (SettingsError, msgspec.DecodeError):
            return None

    def before(self, file: Path, record: Record) -> bytes | None:
        """The bytes that `record.before` names; None if there was no file or the backup is lost."""
        if record.before is None:
            return None
        try:
            data = read(self.backup(file, record.before))
        except SettingsError:
            return None
        return data if data is not None and fingerprint(data) == record.before else None

    def keep(self, file: Path, data: bytes) -> Path:
        """Store a backup of the file's bytes; where. OSError."""
        backup = self.backup(file, fingerprint(data))
        write_ours(backup, data)
        return backup

    def put(self, file: Path, record: Record) -> None:
        """Remember `record` instead of what was remembered of the file. OSError."""
        write_ours(self._note(file), msgspec.json.encode(record))

    def drop(self, file: Path) -> None:
        """Forget the record of the file; its backups stay. OSError."""
        self._note(file).unlink(missing_ok=True)

    def backup(self, file: Path, mark: str) -> Path:
        """Where the bytes with the fingerprint `mark` are kept."""
        return self._folder / f"{_key(file)}-{mark[:16]}"

    def _note(self, file: Path) -> Path:
        return self._folder / f"{_key(file)}.json"


def fingerprint(data: bytes) -> str:
    """SHA-256 of the data, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _key(file: Path) -> str:
    return f"{file.name.strip('.')[:40]}-{fingerprint(bytes(file))[:16]}"
