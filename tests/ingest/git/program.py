"""The git program, away from the user's settings: makes repositories, and says what is true of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Git:
    """Runs git with a home of its own."""

    def __init__(self, home: Path) -> None:
        home.mkdir(exist_ok=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_EDITOR": "true",
            "LC_ALL": "C",
        }

    def __call__(self, folder: Path, *args: str, ok: bool = True) -> str:
        """What git prints when it runs in `folder`, without the last newline."""
        done = subprocess.run(
            ("git", *args),
            cwd=folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert not ok or done.returncode == 0, done.stderr
        return os.fsdecode(done.stdout).removesuffix("\n")

    def repo(self, folder: Path, *, branch: str = "main", origin: str | None = None) -> Path:
        """A repository with one commit of the file `a`, which has three lines."""
        folder.mkdir(parents=True, exist_ok=True)
        self(folder, "init", "-q", "-b", branch)
        (folder / "a").write_text("1\n2\n3\n")
        self(folder, "add", "a")
        self(folder, "commit", "-qm", "first")
        if origin is not None:
            self(folder, "remote", "add", "origin", origin)
        return folder

    def dir_of(self, folder: Path) -> str:
        """The git folder, as git says."""
        return self(folder, "rev-parse", "--absolute-git-dir")
