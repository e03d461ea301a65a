"""The order of sessions: by one field or several, unknown values last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Self

import msgspec

from mi6_tui.errors import UsageError
from mi6_tui.judge.attention import AttentionKey, attention_key
from mi6_tui.model import Session
from mi6_tui.query.fields import NAMES, Field, named, nearest

ATTENTION: Final = "attention"
"""The name of the order in which sessions deserve a look."""
_REVERSES: Final = "-"
_UPWARDS: Final = ("text", "tags", "word")
"""Kinds that begin with their smallest value; of numbers and times one looks for the largest, the latest."""

SessionKey = tuple[Any, ...]


class SortKey(msgspec.Struct, frozen=True):
    """One field to sort by; None: by attention."""

    field: Field | None
    reverse: bool = False
    """Against the field's own direction."""

    @property
    def name(self) -> str:
        """Of the field."""
        return self.field.name if self.field else ATTENTION

    @property
    def descending(self) -> bool:
        """Whether the largest value comes first."""
        return self.reverse ^ (self.field is not None and self.field.kind not in _UPWARDS)


class Sort(msgspec.Struct, frozen=True):
    """An order; what `keys` leaves open is decided by attention, then by id."""

    keys: tuple[SortKey, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The order `cost,-age`: each field in its own direction, with `-` in the other one.

        UsageError for a name that no field has.
        """
        names = [name.strip() for name in text.split(",") if name.strip()]
        if not names:
            raise UsageError("no field to sort by is named", "for example cost,-age")
        return cls(tuple(map(_key, names)))

    def __str__(self) -> str:
        return ",".join(f"{_REVERSES if key.reverse else ''}{key.name}" for key in self.keys) or ATTENTION

    def key(self, session: Session, now: int) -> SessionKey:
        """Sort key, smallest first; `now` in ms."""
        return (*self.places(session, now), attention_key(session, now))

    def places(self, session: Session, now: int) -> SessionKey:
        """The part of the sort key that `keys` decide."""
        return tuple(_place(key, session, now) for key in self.keys)

    def sorted(self, sessions: Iterable[Session], now: int) -> list[Session]:
        """The sessions in this order."""
        return sorted(sessions, key=lambda session: self.key(session, now))


def _key(text: str) -> SortKey:
    name = text.removeprefix(_REVERSES)
    field = named(name)
    if field is None and name.casefold() != ATTENTION:
        raise UsageError(f"no field to sort by is called {name!r}", nearest(name, (*NAMES, ATTENTION)))
    return SortKey(field, reverse=text.startswith(_REVERSES))


def _place(key: SortKey, session: Session, now: int) -> tuple[bool, Any]:
    value: AttentionKey | str | float | None
    value = key.field.value(session, now) if key.field else attention_key(session, now)
    if isinstance(value, str):
        value = value.casefold()
    # False sorts before True: what is missing stays behind, whichever way the others stand.
    return value is None, _Falling(value) if key.descending and value is not None else value


class _Falling:
    """Compares the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and bool(self.value == other.value)

    def __lt__(self, other: _Falling) -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]
