"""What the machine grants this program: to watch folders, to open files, to put something aside."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Final

from mi6_tui.doctor import facts
from mi6_tui.errors import StorageError
from mi6_tui.ingest.notify import changes_below

SHORT: Final = 3.0
"""Seconds that a look at the pages of a large store may take unless somebody asks for all of them."""


def machine() -> facts.Machine:
    """As it is now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    temporary = _temporary()
    return facts.Machine(
        watching="" if temporary else _watching(),
        descriptors=None if soft == resource.RLIM_INFINITY else soft,
        temporary=temporary,
    )


def _watching() -> str:
    """Why changes cannot be announced; empty if they can."""
    try:
        with tempfile.TemporaryDirectory() as folder, changes_below([os.path.realpath(folder)]):
            return ""
    except (OSError, RuntimeError) as error:
        return str(error)


def _temporary() -> str:
    try:
        tempfile.gettempdir()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def integrity(store: Path, *, thorough: bool) -> facts.Integrity | None:
    """Whether the store is whole, and if not, whether that is for the disk.

    None if it cannot be read for another reason, which is told elsewhere.
    """
    from mi6_tui.storage.sqlite.integrity import Looked, integrity, unreadable

    def look() -> Looked | None:
        try:
            return integrity(store, None if thorough else SHORT)
        except StorageError:
            return None

    began = time.monotonic()
    looked, disk, passed = look(), "", False
    if looked is None or looked.damage:
        disk = unreadable(store)
        # What is in the file stays in it; what the disk did once it need not do again.
        again = looked if disk else look()
        passed = not disk and again is not None and not again.damage
        looked = again
    if looked is None and not disk:
        return None
    damage, complete = looked or ("", False)
    return facts.Integrity(
        damage="" if disk else damage,
        disk=disk,
        passed=passed,
        complete=complete,
        seconds=time.monotonic() - began,
    )
