"""What of a working copy differs from its last commit: what `git diff` counts."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import IO, Final, NamedTuple

_OUTPUT: Final = 1 << 16
"""Bytes of output that are read; more is no answer."""
_FILTERS: Final = 100
_NICE: Final = 10
_KEPT: Final = ("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
"""Variables that git gets of ours: where it is, and where the user's own settings for it are."""
_FIXED: Final = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_SETTINGS: Final = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "diff.autoRefreshIndex=false",
    "diff.relative=false",
    "safe.directory=",
)
"""What nobody's settings decide here: each could name a program, have the index written, leave a part out
of the count, or declare a folder safe that is another user's.
"""
_DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--ignore-submodules=all",
)
_UNTRACKED: Final = (
    "ls-files",
    "--others",
    "--exclude-standard",
    "--directory",
    "--no-empty-directory",
    "--full-name",
    "-z",
)
_COUNTS: Final = re.compile(
    r" \d+ files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?\s*", re.ASCII
)


def diff_stat(cwd: str, timeout: float, env: Mapping[str, str] = os.environ) -> tuple[int, int] | None:
    """Lines added and deleted in the working copy around `cwd` since its last commit; files that git does
    not track do not count.

    None without git, outside of a working copy, in one that belongs to another user, or after `timeout`
    seconds. No program that a repository names is run: hooks, monitors, converters, transports, nor the
    filters of Git LFS and the like, so that a changed file which has one counts as it lies there.
    """
    git = _Git(cwd, time.monotonic() + timeout, env)
    counts = git.difference("--shortstat")
    if counts is None:
        return None
    match = _COUNTS.fullmatch(counts)
    if counts and not match:
        return None
    return (int(match[1] or 0), int(match[2] or 0)) if match else (0, 0)


class Change(NamedTuple):
    """A file that differs from the last commit; without lines where they cannot be counted."""

    path: str
    """From the top of the working copy; of a folder that is new as a whole it ends in `/`."""
    additions: int | None
    deletions: int | None
    untracked: bool = False


def changed_files(cwd: str, timeout: float, env: Mapping[str, str] = os.environ) -> list[Change] | None:
    """The files behind `diff_stat`, by path, and then those that git does not track and is not to ignore.

    None as there, or if they are very many.
    """
    git = _Git(cwd, time.monotonic() + timeout, env)
    told = git.difference("--numstat", "--no-renames", "-z")
    if told is None:
        return None
    changes = []
    for line in told.split("\0")[:-1]:
        additions, _, rest = line.partition("\t")
        deletions, _, path = rest.partition("\t")
        changes.append(Change(path, _number(additions), _number(deletions)))
    top = git.run("rev-parse", "--show-toplevel")
    if top[0]:
        return None
    code, names = git.run("-C", top[1].removesuffix("\n"), *_UNTRACKED)
    if code:
        return None
    new = [Change(name, None, None, untracked=True) for name in names.split("\0")[:-1]]
    return [*sorted(changes), *sorted(new)]


def _number(digits: str) -> int | None:
    """None for a file that has no lines."""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


class _Git:
    """Runs git in one folder until a deadline (s of the monotonic clock)."""

    def __init__(self, cwd: str, deadline: float, env: Mapping[str, str]) -> None:
        self._cwd = cwd
        self._deadline = deadline
        self._env = {name: env[name] for name in _KEPT if name in env} | _FIXED
        self._settings = list(_SETTINGS)

    def switch_off(self, names: Iterable[str]) -> bool:
        """Take the filters that these settings belong to out of use; False if that cannot be done."""
        filters = {name[len("filter.") : name.rindex(".")] for name in names if name.count(".") > 1}
        if len(filters) > _FILTERS or any("=" in name for name in filters):
            return False
        for name in filters:
            for setting in ("clean=", "smudge=", "process=", "required=false"):
                self._settings.append(f"filter.{name}.{setting}")
        return True

    def difference(self, *how: str) -> str | None:
        """What `git diff` prints of the working copy against its last commit; None if that cannot be told."""
        code, names = self.run("config", "--null", "--name-only", "--get-regexp", r"^filter\.")
        if code not in (0, 1) or not self.switch_off(names.split("\0")):
            return None
        code, told = self.run(*_DIFF, *how, "HEAD", "--")
        if code and self.run("rev-parse", "--verify", "--quiet", "HEAD") == (1, ""):
            # Nothing was committed yet: all there is, is new.
            _, empty = self.run("hash-object", "-t", "tree", "--stdin")
            code, told = self.run(*_DIFF, *how, empty.strip() or "HEAD", "--")
        return None if code else told

    def run(self, *args: str) -> tuple[int, str]:
        """The exit code and what was printed; code -1 if it never came to an end."""
        settings = [word for setting in self._settings for word in ("-c", setting)]
        try:
            # `-C` and not the process's own folder, in which a relative PATH would find programs.
            process = subprocess.Popen(  # noqa: S603
                ("git", "-C", self._cwd, "--no-pager", *settings, *args),  # noqa: S607
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError):
            return -1, ""
        with process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PGRP, process.pid, _NICE)
            try:
                output = self._read(process.stdout) if process.stdout else ""
                return process.wait(self._left()), output
            except (TimeoutError, subprocess.TimeoutExpired):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return -1, ""

    def _read(self, pipe: IO[bytes]) -> str:
        """All that comes; TimeoutError if that is too much or takes too long."""
        output = b""
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while selector.select(self._left()):
                piece = os.read(pipe.fileno(), _OUTPUT)
                output += piece
                if not piece:
                    return os.fsdecode(output)
                if len(output) > _OUTPUT:
                    break
        raise TimeoutError

    def _left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())
