"""Two states of one session as one, and what of its sums no event backs any more."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.judge.fold import SessionState, Told, Totals, note_deleted, note_repo, note_time

MARKS = ("nickname", "tags", "pinned", "hidden")
"""Facts that nobody but the user knows."""


def join(state: SessionState, other: SessionState) -> None:
    """Add to `state` what `other` knows later, earlier or alone; where they tie, `state` holds.

    Sums are no registers: they move with the events (see `remainder`).
    """
    for name, later in other.latest.items():
        known = state.latest.get(name)
        if known is None or later[:2] > known[:2]:
            state.latest[name] = later
    for name, earlier in other.earliest.items():
        known = state.earliest.get(name)
        if known is None or earlier[:2] < known[:2]:
            state.earliest[name] = earlier
    _join_words(state.claims, other.claims)
    _join_words(state.asking, other.asking)
    _join_children(state.children, other.children)
    _join_children(state.heard_children, other.heard_children)
    state.session_start = _later(state.session_start, other.session_start)
    state.opened = _later(state.opened, other.opened)
    for repo, order in other.repos.items():
        note_repo(state, order, repo)
    for pid, at in other.starts.items():
        state.starts[pid] = min(at, state.starts.get(pid, at))
    for moment in (other.claimed_from, other.last_activity or None):
        if moment is not None:
            note_time(state, moment)


def _join_words(words: dict[str, Told], others: dict[str, Told]) -> None:
    for name, told in others.items():
        known = words.get(name)
        if known is None or told.weight > known.weight:
            words[name] = told


def _join_children(
    children: dict[str, tuple[int, int, bool]], others: dict[str, tuple[int, int, bool]]
) -> None:
    for child, news in others.items():
        known = children.get(child)
        # At one instant the end wins, so False must compare as the larger.
        if known is None or (*news[:2], not news[2]) > (*known[:2], not known[2]):
            children[child] = news


def _later(one: tuple[int, int, str] | None, other: tuple[int, int, str] | None) -> Any:
    return max(filter(None, (one, other)), default=None)


def remainder(state: SessionState, counted: SessionState) -> dict[str, Totals]:
    """By witness, the sums of `state` that go beyond those of `counted`, where they do."""
    found = {}
    for witness, totals in state.totals.items():
        known = counted.totals.get(witness) or Totals()
        pairs = zip(msgspec.structs.astuple(totals), msgspec.structs.astuple(known), strict=True)
        rest = Totals(*(max(0, all_of_it - part) for all_of_it, part in pairs))
        if rest != Totals():
            found[witness] = rest
    return found


def add_remainder(state: SessionState, other: SessionState, rest: dict[str, Totals]) -> None:
    """Add sums of events that are gone, and the bounds of those, which `other` remembers."""
    if not rest:
        return
    for witness, totals in rest.items():
        known = state.totals.get(witness) or Totals()
        pairs = zip(msgspec.structs.astuple(known), msgspec.structs.astuple(totals), strict=True)
        state.totals[witness] = Totals(*(one + more for one, more in pairs))
    owned_from, first_end, last_end = other.deleted_bounds or (
        other.owned_from,
        other.first_end,
        other.last_end,
    )
    if owned_from is None:
        return
    note_deleted(state, owned_from, first_end, last_end)
    state.owned_from = owned_from if state.owned_from is None else min(state.owned_from, owned_from)
    state.first_end = min(filter(None, (state.first_end, first_end)), default=None)
    state.last_end = max(filter(None, (state.last_end, last_end)), default=None)
