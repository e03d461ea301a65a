"""What of well-formed settings cannot be meant, where it stands and why; for whoever reads the settings.

Textual is only loaded for what names themes, keys or columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mi6_tui.config import Dashboard, SavedView, Settings
from mi6_tui.settings_reader import Fault, doubts, nearest


def wrong(path: Path) -> Iterator[str]:
    """All that is wrong with the settings file at `path`, a line each."""
    return doubts(path, check, doubted)


def check(settings: Settings) -> Iterator[Fault]:
    """What keeps the settings out of force."""
    yield from _themes(settings)
    if settings.columns.show or settings.columns.widths:
        from mi6_tui.tui.columns import wrong_choice

        yield from wrong_choice(settings.columns)
    yield from _alerts(settings)
    if settings.keys:
        from mi6_tui.tui.keymap import wrong_keys

        yield from wrong_keys(settings.keys)
    yield from _keys_of_views(settings)
    if settings.prices is not None:
        from mi6_tui.prices.overrides import wrong_rows

        yield from ((error.place, error.reason) for error in wrong_rows(settings.prices))


def doubted(settings: Settings) -> Iterator[Fault]:
    """What is of no use and leaves the rest in force: views that show nothing that can be meant."""
    for name, view in settings.views.items():
        yield from _view(name, view)


def _view(name: str, view: SavedView) -> Iterator[Fault]:
    place = ("views", name)
    if view.query.strip():
        yield from _queries({(*place, "query"): view.query})
    if view.sort.strip():
        from mi6_tui.errors import UsageError
        from mi6_tui.query import Sort

        try:
            Sort.parse(view.sort)
        except UsageError as error:
            yield (*place, "sort"), str(error)
    if view.columns:
        from mi6_tui.tui.columns import wrong_names

        for index, column in enumerate(view.columns):
            if why := wrong_names([column]):
                yield (*place, "columns", index), why


def _queries(queries: Mapping[tuple[str, ...], str]) -> Iterator[Fault]:
    from mi6_tui.query import QueryError, parse

    for place, query in queries.items():
        try:
            parse(query)
        except QueryError as error:
            yield place, str(error)


def _alerts(settings: Settings) -> Iterator[Fault]:
    asked = {("alerts", name, "query"): alert.query for name, alert in settings.alerts.items()}
    yield from _queries({place: query for place, query in asked.items() if query is not None})
    budgets = settings.budgets
    units = {"day": budgets.day, "week": budgets.week, "month": budgets.month}
    for name, alert in settings.alerts.items():
        if alert.budget is not None and (budgets.project | units).get(alert.budget.of) is None:
            yield ("alerts", name, "budget", "of"), f"[budgets] says nothing of {alert.budget.of!r}"
        if alert.limit is not None and alert.limit.provider is not None:
            from mi6_tui import frameworks

            if alert.limit.provider not in (known := frameworks.names()):
                fault = f"nobody is called {alert.limit.provider!r}{nearest(alert.limit.provider, known)}"
                yield ("alerts", name, "limit", "provider"), fault


def _themes(settings: Settings) -> Iterator[Fault]:
    wanted = settings.dashboard.theme
    if not settings.themes and wanted == Dashboard().theme:
        return
    from mi6_tui.tui import theme

    known = theme.known_names()
    for name, table in settings.themes.items():
        if name in known:
            yield ("themes", name), "there is a theme of that name; give yours another"
        if table.like not in known:
            yield ("themes", name, "like"), f"no theme is called {table.like!r}{nearest(table.like, known)}"
    known = [*settings.themes, *known]
    if wanted not in known:
        yield ("dashboard", "theme"), f"no theme is called {wanted!r}{nearest(wanted, known)}"


def _keys_of_views(settings: Settings) -> Iterable[Fault]:
    views = {name: view.key for name, view in settings.views.items() if view.key}
    if not views:
        return
    from mi6_tui.tui.commands import GLOBAL, HOME
    from mi6_tui.tui.keymap import key_named, keymap_of, why_not

    keymap = keymap_of(settings.keys)
    taken = {key: one.id for one in (*GLOBAL, *HOME) for key in keymap.get(one.id, one.keys).split(",")}
    for name, key in views.items():
        if why := why_not(key):
            yield ("views", name, "key"), why
            continue
        other = taken.setdefault(key_named(key), f"the view {name}")
        if other != f"the view {name}":
            yield ("views", name, "key"), f"{key} is the key of {other}, too"
