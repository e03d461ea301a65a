"""Keeps what the store says of branches, repositories and changed lines true to the working copies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from mi6_tui.ingest.discover import OnProblem
from mi6_tui.ingest.git.context import Contexts, GitContext
from mi6_tui.ingest.git.news import News, Seen, Values, news_of, numbers_in
from mi6_tui.model import Batch, Session, SessionFact, SessionQuery
from mi6_tui.storage.protocol import Storage

RECENT: Final = 24 * 3_600_000
"""ms since its last activity within which a session is looked after."""
DIFF_SECONDS: Final = 5.0
"""What counting the lines of one working copy may take."""
_AT_REST: Final = ("your turn", "waiting", "idle")

Key = tuple[str, str]
Counts = tuple[int, int]
Measure = Callable[[str, float], Counts | None]


def _lines_changed(folder: str, seconds: float) -> Counts | None:
    from mi6_tui.ingest.git.diff import diff_stat  # late: a program that looks once asks no Git

    return diff_stat(folder, seconds)


class GitSide:
    """Looks at the working copies of this machine's sessions that have not ended (a `Side`).

    A row is written where the working copy says something else. Lines are counted when a session comes to
    rest, in a thread of their own, and recorded at the look after; at the first look none are, so that a
    program which looks once starts no process.
    """

    every = 10.0

    def __init__(
        self,
        storage: Storage,
        machine_id: str,
        *,
        contexts: Contexts | None = None,
        measure: Measure = _lines_changed,
    ) -> None:
        self._storage = storage
        self._machine_id = machine_id
        self._contexts = contexts or Contexts()
        self._counting = _Counting(measure)
        self._seen: dict[Key, Seen] = {}
        self._counted: dict[Key, int | None] | None = None
        """Since when each session rests whose lines were counted; None before the first look."""
        self._settled: tuple[int, Mapping[str, GitContext | None]] | None = None
        """Revision of the store, and where its folders stood, at a look that left nothing to do."""

    def folders(self) -> Sequence[str]:
        """None: most of what git writes makes no difference."""
        return ()

    def spool_context(self, cwd: str, at: int) -> tuple[str | None, str | None] | None:
        """Git folder and repository on GitHub for a hook that was called in `cwd` at `at` (ms).

        None outside of a repository. Remotes that changed since then say nothing of that time.
        """
        context = self._contexts.of(cwd)
        if context is None:
            return None
        return context.local_git_dir, context.github_repo if context.repo_since <= at else None

    def look(self, now: int, on_problem: OnProblem) -> int:
        """Record where rows differ from the working copies at `now` (ms); how many sessions that were."""
        counts = self._counting.results()
        revision = self._storage.revision()
        if not counts and self._rests(revision):
            return 0
        found, contexts = self._found(now)
        sessions = [(session, context) for session in found if (context := contexts.get(session.cwd or ""))]
        facts: list[SessionFact] = []
        seen: dict[Key, Seen] = {}
        changed = 0
        for session, context in sessions:
            before = self._seen.get(session.key)
            seen[session.key] = Seen(context, numbers_in(session), session.revision)
            news = News()
            # Where nothing changed, what was told in vain (a later record rules the row) would be again.
            if before is None or (before.context, before.revision) != (context, session.revision):
                news = news_of(session, context, before)
            if news.moved and session.framework is not None:
                self._storage.upsert_session_git_context(
                    session.session_id,
                    self._machine_id,
                    session.framework,
                    session.last_activity,  # where it works is no sign that it does
                    news.local_git_dir,
                    news.github_repo,
                )
            values = news.values | _lines(session, counts.get(context.local_git_dir))
            facts += [_fact(session, name, value, now) for name, value in values.items()]
            changed += bool(news.moved or values)
        if facts:
            self._storage.record(Batch(facts=tuple(facts)))
        self._seen = seen
        self._settled = (revision, contexts) if self._count(sessions) else None
        return changed

    def wait(self) -> None:
        """Until the lines that are being counted are."""
        self._counting.wait()

    def _rests(self, revision: int) -> bool:
        """Whether neither a row nor a working copy changed since a look that left nothing to do."""
        if self._settled is None or self._settled[0] != revision:
            return False
        return all(self._contexts.of(cwd) == context for cwd, context in self._settled[1].items())

    def _found(self, now: int) -> tuple[Sequence[Session], Mapping[str, GitContext | None]]:
        """The sessions to look after, and where their folders stand."""
        query = SessionQuery().active_only().with_machine(self._machine_id).with_active_since(now - RECENT)
        found = self._storage.list_sessions(query.order_by_last_activity())
        return found, {cwd: self._contexts.of(cwd) for cwd in {session.cwd for session in found} if cwd}

    def _count(self, sessions: Iterable[tuple[Session, GitContext]]) -> bool:
        """Have the lines counted of those that came to rest, each working copy once; False: not yet."""
        resting = [pair for pair in sessions if pair[0].status_shown in _AT_REST]
        if self._counted is None:
            self._counted = {}
            return not resting
        due = [pair for pair in resting if self._counted.get(pair[0].key, 0) != pair[0].status_since]
        if not due:
            return True
        folders = {context.local_git_dir: session.cwd or "" for session, context in due}
        if not self._counting.start(folders):
            return False
        self._counted = {session.key: session.status_since for session, _ in resting}
        return True


def _lines(session: Session, counts: Counts | None) -> Values:
    if counts is None:
        return {}
    added, deleted = counts
    values = {"git_additions": added, "git_deletions": deleted}
    return {name: value for name, value in values.items() if getattr(session, name) != value}


def _fact(session: Session, name: str, value: str | int | None, now: int) -> SessionFact:
    return SessionFact(
        machine_id=session.machine_id,
        session_id=session.session_id,
        name=name,
        value=value,
        timestamp=now,
        order=(now, 0),
    )


class _Counting:
    """Counts lines in a thread, which ends when it is done."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._thread: threading.Thread | None = None
        self._found: dict[str, Counts] = {}

    def start(self, folders: Mapping[str, str]) -> bool:
        """Count in these folders, by git folder; False as long as others are being counted."""
        if self._thread is not None:
            return False
        self._thread = threading.Thread(target=self._run, args=(folders,), name="git diff", daemon=True)
        self._thread.start()
        return True

    def results(self) -> Mapping[str, Counts]:
        """What was found, by git folder, once; empty as long as it is being counted."""
        if self._thread is None or self._thread.is_alive():
            return {}
        self._thread = None
        found, self._found = self._found, {}
        return found

    def wait(self) -> None:
        """Until it is done."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, folders: Mapping[str, str]) -> None:
        for git_dir, cwd in folders.items():
            if (counts := self._measure(cwd, DIFF_SECONDS)) is not None:
                self._found[git_dir] = counts
