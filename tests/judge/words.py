"""What witnesses say in a few words, and the verdict on it."""

from mi6_tui.judge.status import About, Evidence, Verdict, judge
from mi6_tui.model import ClaimKind

SECOND = 1_000
HOUR = 3_600_000
T = 1_800_000_000_000

Word = tuple[str, ClaimKind, int] | tuple[str, ClaimKind, int, str] | tuple[str, ClaimKind, int, str, str]
"""Witness, kind, ms after T; then detail and subject."""


def said(word: Word) -> Evidence:
    witness, kind, after, *rest = word
    detail, subject = [*rest, "", ""][:2]
    return Evidence(kind, str(detail), T + after, "hook" if witness == "notice" else witness, str(subject))


def verdict(
    *words: Word,
    at: int,
    children: int = 0,
    headless: bool = False,
    hooked: bool = False,
    seen: int | None = None,
    asking: Word | None = None,
) -> Verdict:
    """The verdict `at` ms after T on what was said."""
    found = {word[0]: said(word) for word in words}
    spoken = [evidence.at for name, evidence in found.items() if name in ("hook", "transcript", "start")]
    about = About(
        last_activity=max(spoken, default=T),
        running_children=children,
        headless=headless,
        hooked=hooked,
        seen_at=None if seen is None else T + seen,
        asking=[said(asking)] if asking else [],
    )
    return judge(found, about, T + at)


def shown(*words: Word, at: int, **more: object) -> tuple[str, str]:
    found = verdict(*words, at=at, **more)  # type: ignore[arg-type]
    return found.shown, found.detail
