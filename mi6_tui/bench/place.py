"""Where is measured: transcripts that are kept from run to run, and a folder that is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from mi6_tui.bench.corpus import Corpus, make_corpus
from mi6_tui.errors import Mi6Error

OURS: Final = (sys.executable, "-m", "mi6_tui")

RECIPE: Final = 1
"""Changes with the bytes of the transcripts: those of another recipe are thrown away."""
_START: Final = 1_793_000_000_000
"""ms, in October 2026: always the same, as all that is kept must be."""
_FILE_BYTES: Final = 126_000
_TURN_BYTES: Final = 5_500
_MANIFEST: Final = "corpus.json"
_STALE: Final = 3600.0
"""Seconds after which half-made transcripts belong to a run that was killed."""
_TAG: Final = "CACHEDIR.TAG"
_TAGGED: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# Made by `mi6-tui bench`, which deletes here what it needs no more.\n"
)
"""The first line is that of every cache, which backups leave out; the second one says whose it is."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    files: int = 840
    """Transcripts that are read, by the usual size of a short session."""
    large_files: int = 10_000
    turns: int = 5_000
    """Of one long session."""
    large_turns: int = 36_800
    listed: int = 1_000
    """Sessions in the list."""
    many: int = 10_000
    events: int = 100
    """Of each of those."""
    live: int = 20
    lines: int = 100
    """Appended one by one, at least: of fewer the 99th percentile is nothing but the slowest."""
    keys: int = 16
    """Pressed for each run that is asked for."""
    rounds: int = 5
    """Of scans of which the differences count, at least: each has the noise of the machine twice."""
    backfill_files: int = 2_000
    backfill_turns: int = 60
    """Of each of these."""
    patience: float = 1.0
    """Share of the usual time for which something is left alone."""


FULL: Final = Sizes()


class Place:
    """The folders of one run: `kept` outlives it, `folder` does not. Each thing is timed `runs` times."""

    def __init__(self, folder: Path, kept: Path, *, runs: int, sizes: Sizes = FULL) -> None:
        self.folder = folder
        self.runs = runs
        self.sizes = sizes
        self._kept = kept / f"transcripts-{RECIPE}"

    def corpus(self, files: int, turns: int = 1) -> Corpus:
        """Transcripts of that many sessions, made if they are not kept. Mi6Error if there is no room."""
        home = self._kept / f"{files}x{turns}"
        return _kept_corpus(home) or self._make(home, files, turns)

    def new_corpus(self, home: Path, files: int, turns: int, until: int) -> Corpus:
        """The same below `home`, of this run alone, not kept; the last session begins at `until` (ms).

        None of them is a session of a herd.
        """
        room(self.folder, _bytes(files, turns))
        start, first = until - files * 1000, self.sizes.live
        return make_corpus(home, files=files, start=start, turns=turns, first=first)

    def _make(self, home: Path, files: int, turns: int) -> Corpus:
        self._kept.mkdir(parents=True, exist_ok=True)
        room(self._kept, _bytes(files, turns))
        with tempfile.TemporaryDirectory(prefix="making-", dir=self._kept) as making:
            made = make_corpus(Path(making) / "home", files=files, start=_START, turns=turns)
            (made.home / _MANIFEST).write_bytes(msgspec.json.encode(made, enc_hook=str))
            if _kept_corpus(home) is None:  # another run, which reads its own by now, may have been faster
                shutil.rmtree(home, ignore_errors=True)
                made.home.rename(home)
        return msgspec.structs.replace(made, home=home)

    def env(self, state: str, **more: str) -> Mapping[str, str]:
        """The environment of a program whose state is in the folder `state`, with an empty home."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        moved = {"HOME": str(home), "MI6_TUI_HOME": str(self.folder / state)}
        return MappingProxyType({**kept, **moved, **more})

    def reading(self, state: str, corpus: Corpus) -> Mapping[str, str]:
        """The same for one that reads those transcripts."""
        return self.env(state, CLAUDE_CONFIG_DIR=str(corpus.config))

    def forget(self, state: str) -> Callable[[], None]:
        """Something that forgets all state of that name."""
        return lambda: shutil.rmtree(self.folder / state, ignore_errors=True)

    def store(self, state: str) -> Path:
        """The store of that state."""
        return self.folder / state / "mi6.db"

    def run(self, env: Mapping[str, str], *args: str) -> str:
        """What our program prints; CalledProcessError if it fails."""
        done = subprocess.run(  # noqa: S603
            (*OURS, *args), env=dict(env), capture_output=True, check=True, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout


@contextmanager
def place(kept: Path, *, runs: int, sizes: Sizes = FULL) -> Iterator[Place]:
    """A place to measure in below `kept`, whose own folder is removed at the end."""
    kept.mkdir(parents=True, exist_ok=True)
    if not any(kept.iterdir()):
        (kept / _TAG).write_bytes(_TAGGED)
    _throw_away(kept)
    with tempfile.TemporaryDirectory(prefix="run-", dir=kept, ignore_cleanup_errors=True) as folder:
        yield Place(Path(folder), kept, runs=runs, sizes=sizes)


def usual_folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where transcripts are kept, unless the user names another place."""
    if moved := env.get("MI6_TUI_HOME"):
        return Path(moved).expanduser().absolute() / "bench"
    import platformdirs  # only here: a moved home needs no look-up

    return platformdirs.user_cache_path("mi6-tui", appauthor=False) / "bench"


def folder_in(folder: Path) -> Path:
    """Where they are kept below a folder that the user names, and that may hold anything else."""
    return folder.expanduser().absolute() / "mi6-tui-bench"


def room(folder: Path, needed: int) -> None:
    """Mi6Error if the file system of `folder` has not that many bytes left, and a tenth more."""
    free = shutil.disk_usage(folder).free
    if free < needed * 1.1:
        raise Mi6Error(
            f"{folder} has room for {free // 1_000_000} MB, and {needed * 11 // 10_000_000} MB are needed",
            "name another folder with --folder, or measure less with --only",
        )


def _bytes(files: int, turns: int) -> int:
    return files * (_FILE_BYTES + _TURN_BYTES * turns)


def _kept_corpus(home: Path) -> Corpus | None:
    """What was made there; None if nothing was, or nobody can tell what."""
    try:
        told = (home / _MANIFEST).read_bytes()
        made = msgspec.json.decode(told, type=Corpus, dec_hook=lambda kind, found: kind(found))
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return msgspec.structs.replace(made, home=home)


def _throw_away(kept: Path) -> None:
    """What runs that were killed left, and transcripts of another recipe; nothing in a folder not our own."""
    tag = kept / _TAG
    if not tag.is_file() or tag.read_bytes() != _TAGGED:
        return
    ours = kept / f"transcripts-{RECIPE}"
    left = [found for found in (*kept.glob("run-*"), *ours.glob("making-*")) if _stale(found)]
    others = [found for found in kept.glob("transcripts-*") if found != ours]
    for found in (*left, *others):
        shutil.rmtree(found, ignore_errors=True)


def _stale(found: Path) -> bool:
    try:
        return found.lstat().st_mtime < time.time() - _STALE
    except OSError:  # it went meanwhile
        return False
