"""What a folder's git repository says of the work in it, read from files: no process is started."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from mi6_tui.ingest.git.config import Entry, Remotes, entries
from mi6_tui.ingest.git.names import github_repo, numbers_of
from mi6_tui.ingest.problem import as_text
from mi6_tui.model.secrets import masked

_LEVELS: Final = 64
"""Folders that are looked at, upwards."""
_LIMIT: Final = 1 << 16
"""Bytes that are read of a file."""
_CACHED: Final = 1024
"""Folders whose context is remembered."""
_BRANCH: Final = re.compile(
    r"refs/heads/((?![./])(?!.*(?:/[./]|\.\.|@\{|//))[^\x00-\x20\x7f~^:?*\[\\]{1,512})"
)
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REBASES: Final = ("rebase-merge", "rebase-apply")

_Sign = tuple[int, ...] | None


class GitContext(msgspec.Struct, frozen=True, kw_only=True):
    """Where a folder stands."""

    local_git_dir: str
    """The working copy's own git folder, resolved; of a linked worktree the one below `worktrees`."""
    worktree_path: str | None = None
    """Top folder of a linked worktree; None in the main one."""
    branch: str | None = None
    """Checked out, or being rebased; None when detached."""
    detached: str | None = None
    """First seven digits of the commit that is checked out without a branch."""
    github_repo: str | None = None
    """`owner/name` of the main remote, if it is on GitHub."""
    github_repos: frozenset[str] = frozenset()
    """Those of all remotes."""
    repo_since: int = 0
    """ms when the file that names the remotes was last changed."""
    issue: int | None = None
    """That the branch is named after; None without a repository on GitHub."""
    pr: int | None = None


class _Place(msgspec.Struct, frozen=True):
    """A git folder, the one it shares with other worktrees, and where such a one's working copy begins."""

    git_dir: Path
    common: Path
    worktree: Path | None


class Contexts:
    """The contexts of folders; one that nothing changed in costs a look at a handful of file times.

    `env` says where the user's own git settings are: short names for URLs stand there. Not shared between
    threads.
    """

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self._env = env
        self._known: dict[str, tuple[tuple[tuple[Path, _Sign], ...], GitContext]] = {}

    def of(self, cwd: str) -> GitContext | None:
        """The context of the folder `cwd`; None if it is in no repository, or none that may be read."""
        known = self._known.get(cwd)
        if known is not None and all(_sign(path) == sign for path, sign in known[0]):
            return known[1]
        self._known.pop(cwd, None)
        if not os.path.isdir(cwd):  # noqa: PTH112 (a fifth of what a Path costs, and there may be many)
            return None
        files = _Files()
        try:
            found = _context(files, Path(cwd), self._env)
        except (OSError, ValueError, RuntimeError):  # RuntimeError: links that lead in a circle
            return None
        if found is not None:
            if len(self._known) >= _CACHED:
                del self._known[next(iter(self._known))]
            self._known[cwd] = tuple(files.signs.items()), found
        return found


def context(cwd: str) -> GitContext | None:
    """The context of one folder, read afresh; None as in `Contexts.of`."""
    return Contexts().of(cwd)


class _Files:
    """Looks at files, and remembers by which signs it can be told that nothing changed."""

    def __init__(self) -> None:
        self.signs: dict[Path, _Sign] = {}

    def exists(self, path: Path) -> bool:
        """Whether there is anything at `path`."""
        self.signs[path] = _sign(path)
        return self.signs[path] is not None

    def text(self, path: Path) -> str:
        """The beginning of a regular file; empty for anything else."""
        self.signs[path] = _sign(path)
        return _text(path)


def _sign(path: Path) -> _Sign:
    """What differs when the file at `path` changes; of a folder, when it becomes another."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(status.st_mode):
        return status.st_dev, status.st_ino
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _text(path: Path) -> str:
    # Looked at before it is opened: to open a device may do something, and a pipe may never answer.
    try:
        if not path.is_file():
            return ""
        with open(path, "rb", opener=_open) as file:
            return os.fsdecode(file.read(_LIMIT))
    except (OSError, ValueError):
        return ""


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _context(files: _Files, cwd: Path, env: Mapping[str, str]) -> GitContext | None:
    if not cwd.is_absolute() or not cwd.is_dir():
        return None
    files.exists(cwd)
    place = _find(files, cwd.resolve())
    if place is None:
        return None
    branch, detached = _head(files, place.git_dir)
    repo, repos = _repos(files, place, branch, env)
    numbers = numbers_of(branch if repo else None)
    config = files.signs.get(place.common / "config")
    return GitContext(
        local_git_dir=as_text(str(place.git_dir)),
        worktree_path=as_text(str(place.worktree)) if place.worktree else None,
        branch=branch,
        detached=detached,
        github_repo=repo,
        github_repos=repos,
        repo_since=config[-1] // 1_000_000 if config else 0,
        issue=numbers.issue,
        pr=numbers.pr,
    )


def _find(files: _Files, folder: Path) -> _Place | None:
    """The repository that git itself would find from `folder` upwards."""
    for top in (folder, *folder.parents)[:_LEVELS]:
        dot_git = top / ".git"
        if files.exists(dot_git):
            if not dot_git.is_dir():
                target = files.text(dot_git).rstrip("\r\n")
                return _place(top / target[8:], top) if target.startswith("gitdir: ") else None
            if place := _place(dot_git, top):
                return place
        if bare := _place(top, None):
            return bare
    return None


def _place(git_dir: Path, top: Path | None) -> _Place | None:
    """The folder `git_dir` if it is a git folder; `top` is where its working copy begins."""
    if not (git_dir / "HEAD").is_file():
        return None
    git_dir = git_dir.resolve()
    shared = _text(git_dir / "commondir").strip("\n")
    common = (git_dir / shared).resolve() if shared else git_dir
    if not ((common / "objects").is_dir() and (common / "refs").is_dir()):
        return None
    return _Place(git_dir, common, top if shared else None)


def _head(files: _Files, git_dir: Path) -> tuple[str | None, str | None]:
    """The branch, or the commit where there is none."""
    head = files.text(git_dir / "HEAD").strip()
    if head.startswith("ref:"):
        return _branch(head[4:].strip()), None
    if not _SHA.fullmatch(head):
        return None, None
    for rebase in _REBASES:
        if files.exists(git_dir / rebase):
            branch = _branch(files.text(git_dir / rebase / "head-name").strip())
            return branch, None if branch else head[:7]
    return None, head[:7]


def _branch(ref: str) -> str | None:
    """Name of a branch; None if it is no branch, or none that git would make."""
    match = _BRANCH.fullmatch(ref)
    if match is None or match[1].endswith(("/", ".", ".lock")):
        return None
    return masked(as_text(match[1]))


def _repos(
    files: _Files, place: _Place, branch: str | None, env: Mapping[str, str]
) -> tuple[str | None, frozenset[str]]:
    """The main remote's repository on GitHub, and those of all remotes."""
    own = _settings(files, place.common / "config")
    remotes = Remotes(own)
    found = {url: github_repo(url) for url in remotes.urls.values()}
    if not all(found.values()):
        # A URL that is GitHub's as it stands is so whatever mirror it is fetched through; of any other the
        # user's own settings may say what it is short for.
        short = Remotes([*own, *(entry for path in _user_files(env) for entry in _settings(files, path))])
        found = {url: repo or github_repo(short.rewritten(url)) for url, repo in found.items()}
    main = remotes.main(branch)
    return (found[main] if main else None), frozenset(repo for repo in found.values() if repo)


def _settings(files: _Files, path: Path) -> list[Entry]:
    text = files.text(path)
    found = list(entries(text))
    if len(os.fsencode(text)) < _LIMIT:
        return found
    # The file goes on: its last setting may be half a one, and which remotes there are besides is unknown.
    return [entry for entry in found[:-1] if entry[:2] == ("remote", "origin")]


def _user_files(env: Mapping[str, str]) -> list[Path]:
    """Where the user's own git settings are."""
    if (named := env.get("GIT_CONFIG_GLOBAL")) is not None:
        return [Path(named)] if named else []
    home = env.get("HOME")
    settings = env.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    found = [Path(settings, "git", "config")] if settings else []
    return [*found, Path(home, ".gitconfig")] if home else found
