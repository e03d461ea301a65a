"""What the store knows of this machine's sessions, and what the live witnesses said of them last."""

from __future__ import annotations

import msgspec

from mi6_tui.model import Batch, Claim, Session, SessionFact, SessionQuery, Status
from mi6_tui.storage.protocol import Storage


class Open(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the witnesses need of a session: there may be thousands, and their rows are long."""

    session_id: str
    framework: str | None
    cwd: str | None
    entrypoint: str | None
    last_activity: int
    asks_since: int | None
    """ms since when it waits for a permission, by the word of a hook; None if it does not."""


def _open(session: Session) -> Open:
    asks = session.status == Status.WAIT and session.status_rule == "permission"
    return Open(
        session_id=session.session_id,
        framework=session.framework,
        cwd=session.cwd,
        entrypoint=session.entrypoint,
        last_activity=session.last_activity,
        asks_since=session.status_since if asks and session.status_source == "hook" else None,
    )


class Known:
    """The sessions of `machine_id` that have not ended, and a way to say something new of any session.

    The claims of living witnesses come from here alone, so what was said last is remembered.
    """

    def __init__(self, storage: Storage, machine_id: str) -> None:
        self._storage = storage
        self.machine_id = machine_id
        self._revision: int | None = None
        self._said: dict[str, dict[str, Claim]] = {}
        self._claims: list[Claim] = []
        self._facts: list[SessionFact] = []
        self.active: dict[str, Open] = {}
        """By session id."""
        self.asking: dict[str, Open] = {}
        """Those of them that wait for a permission, by the word of a hook."""

    def refresh(self) -> dict[str, Session]:
        """Look at the store again; the sessions that changed, ended ones among them."""
        revision = self._storage.revision()
        if revision == self._revision:
            return {}
        mine = SessionQuery().with_machine(self.machine_id)
        first = self._revision is None
        query = mine.active_only() if first else mine.changed_since(self._revision or 0)
        changed = {session.session_id: session for session in self._storage.list_sessions(query)}
        if first:
            self._said = {session_id: {} for session_id in changed}
            for claim in self._storage.claims(self.machine_id):
                self._said.setdefault(claim.session_id, {})[claim.witness] = claim
        for session_id, session in changed.items():
            self.active.pop(session_id, None)
            self.asking.pop(session_id, None)
            if session.is_active:
                self.active[session_id] = _open(session)
                if self.active[session_id].asks_since is not None:
                    self.asking[session_id] = self.active[session_id]
        self._revision = revision
        return changed

    @property
    def revision(self) -> int | None:
        """The store's at the last `refresh`; None before the first."""
        return self._revision

    def session(self, session_id: str) -> Open | None:
        """The session, ended or not; None if the store does not know it."""
        known = self.active.get(session_id)
        if known is None:
            found = self._storage.get_session_by_key(self.machine_id, session_id)
            known = _open(found) if found is not None else None
        return known

    def framework(self, session_id: str) -> str | None:
        """Name of the client whose session it is."""
        session = self.session(session_id)
        return session.framework if session else None

    def last(self, session_id: str, witness: str) -> Claim | None:
        """What a witness said last of a session."""
        return self._words(session_id).get(witness)

    def latest(self, session_id: str) -> int:
        """The time (ms) of the last word of any witness; 0 without one."""
        claims = self._storage.claims(self.machine_id, session_id)
        return max((claim.at for claim in (*claims, *self._words(session_id).values())), default=0)

    def say(self, claim: Claim) -> None:
        """Have a claim recorded, unless the witness said the very same last.

        A witness speaks in the order in which it is asked, however the clock is set meanwhile.
        """
        words = self._words(claim.session_id)
        last = words.get(claim.witness)
        if last is not None:
            if _same(last, claim):
                return
            claim = msgspec.structs.replace(claim, at=max(claim.at, last.at + 1))
        words[claim.witness] = claim
        self._claims.append(claim)

    def note(self, session_id: str, framework: str, name: str, value: str, at: int) -> None:
        """Have a fact recorded that holds since `at` (ms)."""
        fact = SessionFact(
            machine_id=self.machine_id,
            session_id=session_id,
            framework=framework,
            name=name,
            value=value,
            timestamp=at,
            order=(at, 0),
        )
        self._facts.append(fact)

    def record(self) -> int:
        """Record all that is new in one transaction; how much. What fails is kept for the next time."""
        number = len(self._claims) + len(self._facts)
        if number:
            self._storage.record(Batch(claims=tuple(self._claims), facts=tuple(self._facts)))
            self._claims, self._facts = [], []
        return number

    def _words(self, session_id: str) -> dict[str, Claim]:
        words = self._said.get(session_id)
        if words is None:
            claims = self._storage.claims(self.machine_id, session_id)
            words = self._said[session_id] = {claim.witness: claim for claim in claims}
        return words


def _same(last: Claim, claim: Claim) -> bool:
    """Whether nothing is new. That a process is there, or that none is, is said once, whenever that is: who
    lives on after that runs where we cannot see it.
    """
    if (last.kind, last.pid, last.process) != (claim.kind, claim.pid, claim.process):
        return False
    return claim.witness == "process" or (last.at, last.detail) == (claim.at, claim.detail)
