"""How much of the time what is shown is so, and where it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from tests.status.truth import Span
from tests.status.world import Shown

LATE = 250
"""ms by which a change may be shown late in the lenient figure."""
WAITING = "waiting"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which neither the truth nor what is shown changes."""

    session_id: str
    span: Span
    begin: int
    end: int
    shown: Shown
    late: bool
    """Whether what is shown was so within the last LATE ms."""

    @property
    def ms(self) -> int:
        return self.end - self.begin

    @property
    def right(self) -> bool:
        return self.shown.word in self.span.words


class Agreement(msgspec.Struct, frozen=True):
    """The figures of one replay."""

    pieces: Sequence[Piece]

    @property
    def total(self) -> int:
        """ms of all sessions' lives, from when each was first in the store."""
        return sum(piece.ms for piece in self.pieces)

    @property
    def raw(self) -> float:
        """Share of the time in which the shown word is the truth."""
        return self._share(piece.right for piece in self.pieces)

    @property
    def lenient(self) -> float:
        """The same, where a change may be shown LATE ms late."""
        return self._share(piece.right or piece.late for piece in self.pieces)

    def _share(self, right: Iterable[bool]) -> float:
        good = sum(piece.ms for piece, is_right in zip(self.pieces, right, strict=True) if is_right)
        return good / self.total

    @property
    def false_waiting(self) -> int:
        """ms in which it is shown to wait and does not, changes that are late left out."""
        return sum(
            piece.ms
            for piece in self.pieces
            if piece.shown.word == WAITING and not (piece.right or piece.late)
        )

    @property
    def missed_waiting(self) -> int:
        """ms in which it waits and something else is shown, changes that are late left out."""
        return sum(
            piece.ms
            for piece in self.pieces
            if piece.span.words == (WAITING,) and not (piece.right or piece.late)
        )

    def confusion(self) -> Counter[tuple[str, str]]:
        """ms by truth and what is shown, of what is wrong."""
        table: Counter[tuple[str, str]] = Counter()
        for piece in self.pieces:
            if not piece.right:
                table["|".join(piece.span.words), piece.shown.word] += piece.ms
        return table

    def gaps(self) -> list[Piece]:
        """What is wrong by more than a late change, each stretch as one; the longest first."""
        wrong = [piece for piece in self.pieces if not (piece.right or piece.late)]
        joined: list[Piece] = []
        for piece in wrong:
            before = joined[-1] if joined else None
            if (
                before is not None
                and (before.session_id, before.end, before.span)
                == (piece.session_id, piece.begin, piece.span)
                and before.shown.word == piece.shown.word
            ):
                joined[-1] = msgspec.structs.replace(before, end=piece.end)
            else:
                joined.append(piece)
        return sorted(joined, key=lambda piece: -piece.ms)

    def wrong_details(self) -> list[Piece]:
        """Where the word is right, and what is said with it lacks what the truth knows."""
        return [
            piece
            for piece in self.pieces
            if piece.right
            and not piece.late
            and piece.span.detail
            and piece.span.detail not in piece.shown.detail
        ]


def agreement(truth: Mapping[str, Sequence[Span]], shown: Mapping[str, Sequence[Shown]]) -> Agreement:
    """Compare, from when each session is first in the store."""
    pieces = [
        piece
        for session_id, spans in truth.items()
        if session_id in shown
        for piece in _pieces(session_id, spans, shown[session_id])
    ]
    return Agreement(pieces)


def lateness(
    truth: Mapping[str, Sequence[Span]], shown: Mapping[str, Sequence[Shown]]
) -> dict[str, int | None]:
    """ms from the true start of each session to its first row; None: it never came."""
    return {
        session_id: shown[session_id][0].at - spans[0].begin if session_id in shown else None
        for session_id, spans in truth.items()
    }


def _pieces(session_id: str, spans: Sequence[Span], told: Sequence[Shown]) -> Iterator[Piece]:
    changes = {said.at for said in told}
    for number, span in enumerate(spans):
        recent = [other for other in spans[:number] if other.end + LATE > span.begin]
        cuts = {span.begin, span.end, *(other.end + LATE for other in recent)}
        cuts |= {at for at in changes if span.begin < at < span.end}
        times = sorted(at for at in cuts if span.begin <= at <= span.end)
        for begin, end in pairwise(times):
            said = _at(told, begin)
            if said is None:
                continue
            just_now = {word for other in recent if other.end + LATE > begin for word in other.words}
            yield Piece(
                session_id=session_id,
                span=span,
                begin=begin,
                end=end,
                shown=said,
                late=said.word in just_now,
            )


def _at(told: Sequence[Shown], at: int) -> Shown | None:
    before = [said for said in told if said.at <= at]
    return before[-1] if before else None
