"""Prints the figures of a recording: `python -m tests.status claude --without hooks`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.status.agreement import Agreement, Piece, agreement, lateness
from tests.status.replay import RECORDINGS, replayed
from tests.status.truth import truth_of

_WITNESSES = ("hooks", "registry", "processes")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.status")
    parser.add_argument("recording", choices=RECORDINGS)
    parser.add_argument("--without", nargs="*", default=[], choices=_WITNESSES)
    parser.add_argument("--gaps", type=int, default=20, help="how many of the longest to list")
    parser.add_argument("--story", help="a scenario to tell: the truth, and what was shown when")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        witnesses = {name: name not in args.without for name in _WITNESSES}
        shown = replayed(args.recording, Path(folder), **witnesses)
    truth = truth_of(args.recording)
    result = agreement(truth, shown)
    _figures(result)
    late = {name: ms for name, ms in lateness(truth, shown).items() if ms is None or ms > 2_000}
    print("first row late or never, ms:", late)
    print("sessions nobody knows:", [session for session in shown if session not in truth])
    _gaps(result, args.gaps)
    if args.story:
        _story(result, args.story)


def _figures(result: Agreement) -> None:
    print(
        f"{result.total / 1000:.1f} s; raw {result.raw:.2%}; changes up to 250 ms late {result.lenient:.2%}"
    )
    print(f"false waiting {result.false_waiting} ms, missed waiting {result.missed_waiting} ms")
    for (truth, word), ms in result.confusion().most_common(15):
        print(f"{ms:8} ms  {truth:26} shown as {word}")


def _gaps(result: Agreement, number: int) -> None:
    for gap in result.gaps()[:number]:
        began = gap.span.scenario_began
        place = f"{gap.span.scenario} {(gap.begin - began) / 1000:.3f}-{(gap.end - began) / 1000:.3f}"
        truth = f"{'|'.join(gap.span.words)} ({gap.span.evidence})"
        print(f"{gap.ms:6} ms  {place} {gap.session_id[:13]} {truth} shown as {_why(gap)}")


def _story(result: Agreement, scenario: str) -> None:
    for piece in result.pieces:
        if piece.span.scenario == scenario:
            at = (piece.begin - piece.span.scenario_began) / 1000
            mark = "  " if piece.right else " ~" if piece.late else " !"
            print(f"{at:8.3f}{mark} {piece.session_id[:8]} {'|'.join(piece.span.words):20} {_why(piece)}")


def _why(piece: Piece) -> str:
    said = piece.shown
    return f"{said.word}: {said.rule}, {said.detail}, by {said.source}"


main()
