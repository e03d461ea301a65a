"""Where another machine is, and what its files are called here."""

from __future__ import annotations

from typing import Final

import msgspec

_SCHEME: Final = "ssh://"
_NAME_LIMIT: Final = 255


class Remote(msgspec.Struct, frozen=True):
    """A machine whose transcripts are read from outside."""

    address: str
    """As ssh takes it: `user@host`, a name of the user's ssh settings, or `ssh://user@host:port`."""
    name: str = ""
    """What it must call itself; empty: whatever nobody else is called."""

    @property
    def _begin(self) -> str:
        return _SCHEME + self.address.removeprefix(_SCHEME).removesuffix("/")

    def place(self, path: str) -> str:
        """What the file at an absolute `path` there is called in the store: never as one here is."""
        return self._begin + path

    def path(self, place: str) -> str:
        """The path there of a file of this machine."""
        return place.removeprefix(self._begin)


def machine_of(place: str) -> str | None:
    """The address of the machine on which a file is that the store knows as `place`; None: it is here."""
    if not place.startswith(_SCHEME):
        return None
    return place.removeprefix(_SCHEME).partition("/")[0]


def is_name(name: str) -> bool:
    """Whether a machine may be called that."""
    return 0 < len(name) <= _NAME_LIMIT and name.isprintable() and " " not in name
