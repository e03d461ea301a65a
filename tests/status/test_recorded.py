"""What real clients did, against what is shown of it: with all witnesses, and without some.

Floors are the figures reached, less a little. `raw` counts every ms in which the shown word is not the truth;
`lenient` lets a change be shown 250 ms late, of which the recorder's own hooks took 25 and more each. Runs
of a few seconds make up most of the recordings, so what is lost at starts and ends weighs more than in
sessions of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import pytest

from tests.status.agreement import Agreement, agreement
from tests.status.replay import RECORDINGS, replayed
from tests.status.truth import truth_of
from tests.status.world import Shown

NAMED: Final = 400
"""ms of a gap from which on its cause must be named here."""
FALSE_WAITING: Final = 50
"""ms in a whole recording in which it may be shown to wait and does not."""

RESUMED: Final = "until its new process has said which conversation it opens, the last word stands: it ended"
PROCESS: Final = "it said no goodbye, and processes are asked for once a second"
BRIEF: Final = "its process was gone before it was asked for"
LOCKED: Final = "a lock tells that a process holds the session, and nothing else does"
SLOWED: Final = "the recorder's hooks at each chunk held up the client after the reply's last byte"
SHELL: Final = "without hooks a shell in the background shows only in that the client stays busy"


class Case(msgspec.Struct, frozen=True):
    """A recording, what is left out, the floors of both figures, and the causes of gaps by scenario."""

    recording: str
    without: str
    raw: float
    lenient: float
    gaps: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.recording} without {self.without}" if self.without else self.recording


CASES: Final = (
    Case("claude", "", 0.97, 0.994, {"compact-manual": RESUMED}),
    Case(
        "claude",
        "hooks",
        0.96,
        0.985,
        {"bash-background": SHELL, "compact-manual": RESUMED, "continue": RESUMED},
    ),
    Case("claude-headless-permission", "", 0.975, 0.995, {}),
    Case("claude-headless-permission", "hooks", 0.965, 0.99, {}),
    Case("codex", "", 0.95, 0.974, {"tui-resume-after-sigkill": RESUMED}),
    Case(
        "gemini",
        "",
        0.904,
        0.929,
        {
            "long-text": SLOWED,
            "err-400": BRIEF,
            "err-401": BRIEF,
            "err-500": PROCESS,
            "resume": RESUMED,
            "resume-latest": RESUMED,
            "autocompress-2": RESUMED,
            "resume-after-sigkill": RESUMED,
            "resume-after-sigkill-in-tool": RESUMED,
        },
    ),
    Case(
        "copilot",
        "",
        0.845,
        0.88,
        {
            "simple": LOCKED,
            "resume": RESUMED,
            "continue": RESUMED,
            "resume-after-sigkill": RESUMED,
        },
    ),
    Case(
        "opencode",
        "",
        0.92,
        0.95,
        {
            "err-500": PROCESS,
            "sigint-midstream": PROCESS,
            "tui-permission": PROCESS,
            "resume": RESUMED,
            "resume-after-sigkill": RESUMED,
            "continue": RESUMED,
        },
    ),
)
NAMES: Final = [str(case) for case in CASES]


@cache
def _shown(recording: str, without: str) -> Mapping[str, list[Shown]]:
    with TemporaryDirectory() as folder:
        return replayed(recording, Path(folder), **({without: False} if without else {}))


def _result(case: Case) -> Agreement:
    return agreement(truth_of(case.recording), _shown(case.recording, case.without))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_is_shown_is_so(case: Case) -> None:
    result = _result(case)
    assert result.raw >= case.raw
    assert result.lenient >= case.lenient


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_nobody_waits_unseen_and_nobody_is_called_in_vain(case: Case) -> None:
    result = _result(case)
    assert result.missed_waiting == 0
    assert result.false_waiting <= FALSE_WAITING


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_longer_gap_has_its_cause(case: Case) -> None:
    gaps = {gap.span.scenario for gap in _result(case).gaps() if gap.ms >= NAMED}
    assert gaps == set(case.gaps)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_what_it_waits_for_is_told(case: Case) -> None:
    wrong = [piece for piece in _result(case).wrong_details() if piece.span.words == ("waiting",)]
    assert sum(piece.ms for piece in wrong) <= NAMED


@pytest.mark.parametrize("recording", RECORDINGS)
def test_every_session_is_known_and_no_other(recording: str) -> None:
    assert set(_shown(recording, "")) == set(truth_of(recording))


def test_a_run_that_nobody_can_answer_never_waits() -> None:
    """Its permission request is denied at once."""
    [told] = _shown("claude-headless-permission", "").values()
    assert "waiting" not in {said.word for said in told}
