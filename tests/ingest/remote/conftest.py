"""Another machine: a real sshd, which each connection starts for itself, and homes behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.frameworks import framework, names
from mi6_tui.ingest.remote.address import Remote
from mi6_tui.ingest.remote.remotes import Remotes
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.remote.machine import Far, Ssh


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert found is not None, f"the tests need {name}; install openssh-server and openssh-client first"
    return found


@pytest.fixture(scope="session")
def ssh_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the key of a machine, of another machine, and of a user."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("host", "other", "user", "stranger"):
        words = [
            _program("ssh-keygen"),
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            name,
            "-f",
            str(folder / name),
        ]
        subprocess.run(words, check=True)
    return folder


@pytest.fixture
def ssh(tmp_path: Path, ssh_keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssh]:
    """The user's ssh, with settings of its own; `ssh.machine()` adds a machine to them."""
    made = Ssh(tmp_path / "ssh", ssh_keys, _program("ssh"), _program("sshd"), monkeypatch)
    yield made
    made.close()


@pytest.fixture
def far(ssh: Ssh) -> Far:
    """A machine called `far` whose address is `user@far`, with an empty home."""
    return ssh.machine("far")


NewRemotes = Callable[..., Remotes]


@pytest.fixture
def remotes(store: SqliteStorage) -> Iterator[NewRemotes]:
    """Makes readers of machines over the store; none outlives the test."""
    made: list[Remotes] = []

    def make(*addresses: str | Remote, **options: Any) -> Remotes:
        found = [one if isinstance(one, Remote) else Remote(one) for one in addresses]
        made.append(Remotes(store, found, [framework(name) for name in names()], "here", **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
