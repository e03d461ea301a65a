"""`schema`: what the JSON of a command, and the settings file, look like, as JSON Schema."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any, Final, get_type_hints

import msgspec

from mi6_tui.bench.peer import Comparison
from mi6_tui.bench.report import Report
from mi6_tui.commands import doctor, explain, forget, hook_setup, scan, stats, status
from mi6_tui.errors import DONE
from mi6_tui.ingest.forward.pusher import Sent
from mi6_tui.model import Event, Hit, Machine, Session
from mi6_tui.report import event_lines, out, session_fields
from mi6_tui.report.metrics import Snapshot

_SETTINGS: Final = "settings"
"""What the settings file may hold."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    names = sorted((*TYPES, _SETTINGS))
    parser.add_argument("name", metavar="NAME", choices=names, help=", ".join(names))


def run(args: argparse.Namespace) -> int:
    """Print it."""
    out.json(_settings() if args.name == _SETTINGS else msgspec.json.schema(TYPES[args.name]))
    return DONE


def _settings() -> dict[str, Any]:
    from mi6_tui.config import Settings  # late: nobody else here needs pydantic

    return Settings.model_json_schema()


def _object(name: str, model: type[msgspec.Struct], fields: Iterable[str]) -> type[msgspec.Struct]:
    """A type with these fields and properties of `model`, all of them always there."""
    return msgspec.defstruct(name, _fields(model, fields))


def _fields(model: type[msgspec.Struct], names: Iterable[str]) -> list[tuple[str, Any]]:
    hints = get_type_hints(model)
    return [(name, hints.get(name) or _returned(model, name)) for name in names]


def _returned(model: type[msgspec.Struct], name: str) -> Any:
    return get_type_hints(getattr(model, name).fget)["return"]


_SESSION: Final = _object("Session", Session, session_fields.FIELDS)
_EVENT: Final = _object("Event", Event, event_lines.FIELDS)

TYPES: Final[dict[str, Any]] = {
    "sessions": list[_SESSION],  # type: ignore[valid-type]
    "session": _SESSION,
    "events": _EVENT,
    "scan": scan.Counts,
    "search": list[Hit],
    "stats": stats.Stats,
    "explain": explain.Explanation,
    "snapshot": Snapshot,
    "status": status.State,
    "doctor": doctor.Report,
    "bench": Report,
    "bench-peer": Comparison,
    "enable": list[hook_setup.Done],
    "disable": list[hook_setup.Done],
    "forget": forget.Forgotten,
    "push": Sent,
    "fleet": list[Machine],
    "next": msgspec.defstruct(
        "Next", [*_fields(Session, session_fields.FIELDS), ("waiting", dict[str, int])]
    ),
}
"""By command; of `events` and `scan --follow` one line. `snapshot` is what `--metrics` answers, and
`bench-peer` what `bench --peer` does."""
