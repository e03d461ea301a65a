"""All that can be measured, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from mi6_tui.bench import arriving, asking, following, growth, painting, scale, scans, watching
from mi6_tui.bench.place import Place
from mi6_tui.bench.row import Figure, Row


class Group(NamedTuple):
    """Rows that are measured together, each beside what it is held against."""

    rows: tuple[Row, ...]
    measure: Callable[[Place], Iterator[Figure]]


GROUPS: Final = (
    Group(scans.ROWS, scans.measure),
    Group(scans.LARGE, scans.measure_large),
    Group(growth.ROWS, growth.measure),
    Group(growth.LARGE, growth.measure_large),
    Group(following.ROWS, following.measure),
    Group(asking.READERS, asking.measure_readers),
    Group((asking.HOOK,), asking.measure_hook),
    Group(painting.ROWS, painting.measure),
    Group((arriving.FIRST_LIVE,), arriving.measure_first_live),
    Group((arriving.BACKFILL,), arriving.measure_backfill),
    Group(watching.RUNNING, watching.measure_running),
    Group((watching.LISTED,), watching.measure_list),
    Group(scale.ROWS, scale.measure),
)
ROWS: Final = tuple(row for group in GROUPS for row in group.rows)


def chosen(words: Sequence[str], *, large: bool) -> frozenset[str]:
    """The names of the rows that are meant: `idle` means `idle` and all that begin with `idle-`.

    Without words all, the large ones only if asked for. KeyError with a word that means none.
    """
    if not words:
        return frozenset(row.name for row in ROWS if large or not row.large)
    found: set[str] = set()
    for word in words:
        meant = {row.name for row in ROWS if row.name == word or row.name.startswith(f"{word}-")}
        if not meant:
            raise KeyError(word)
        found |= {
            row.name for row in ROWS if row.name in meant and (large or not row.large or row.name == word)
        }
    return frozenset(found)


def measure(
    place: Place, names: frozenset[str], failed: Callable[[str, Exception], object]
) -> Iterator[Figure]:
    """What came out of the named rows, each as soon as it is known.

    Of rows that could not be measured `failed` is told which and why; the others are measured nevertheless.
    """
    for group in GROUPS:
        wanted = [row.name for row in group.rows if row.name in names]
        if not wanted:
            continue
        try:
            yield from (figure for figure in group.measure(place) if figure.name in names)
        except Exception as error:  # the border of a group: what others cost is worth knowing without it
            failed(", ".join(wanted), error)
