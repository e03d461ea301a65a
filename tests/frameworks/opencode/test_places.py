"""Where the client keeps its database."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.errors import TranscriptError
from mi6_tui.frameworks.opencode import FRAMEWORK

HOME = Path("/home/ada")


@pytest.mark.parametrize(
    ("env", "root"),
    [
        ({}, "/home/ada/.local/share/opencode"),
        ({"XDG_DATA_HOME": "/data"}, "/data/opencode"),
        ({"OPENCODE_DB": "/elsewhere/my.db"}, "/elsewhere/my.db"),
        ({"OPENCODE_DB": "my.db"}, "/home/ada/.local/share/opencode/my.db"),
        ({"OPENCODE_DB": ":memory:"}, "/home/ada/.local/share/opencode"),
    ],
)
def test_the_clients_own_variables_decide(env: dict[str, str], root: str) -> None:
    assert FRAMEWORK.roots(env, HOME) == [Path(root)]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ((), "database"),
        (("opencode.db",), "database"),
        (("opencode-beta.db",), "database"),
        (("opencode.db-wal",), None),
        (("opencode.db-shm",), None),
        (("auth.json",), None),
        (("other.db",), None),
        (("storage", "opencode.db"), None),
    ],
)
def test_only_the_databases_count(parts: tuple[str, ...], kind: str | None) -> None:
    assert FRAMEWORK.kind(parts) == kind


def test_it_looks_into_no_folder() -> None:
    assert not FRAMEWORK.descends(("snapshot",))


def test_a_database_is_recognised_and_has_no_lines() -> None:
    assert FRAMEWORK.recognises(b"SQLite format 3\0\x10")
    assert not FRAMEWORK.recognises(b'{"type":"user"}')
    with pytest.raises(TranscriptError, match="is a database"):
        FRAMEWORK.decoder("/x/opencode.db", "box", None)
