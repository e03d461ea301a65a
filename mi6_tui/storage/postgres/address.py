"""Where a database is: what a URL says, with the password kept out of everything that is shown."""

from __future__ import annotations

import os
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from mi6_tui.errors import UsageError

_DEFAULTS: Final = {
    "client_encoding": "UTF8",
    # A network that went away without a word is noticed within half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""What libpq is told unless the URL says otherwise."""
_UNLESS_SET: Final = {
    "PGAPPNAME": ("application_name", "mi6-tui"),
    "PGCONNECT_TIMEOUT": ("connect_timeout", "5"),
}
"""The same of what the environment may say: libpq asks it for all that it is not told."""


class Address(NamedTuple):
    """libpq's parameters, and the URL without its password."""

    parameters: dict[str, Any]
    shown: str


def address_of(url: str) -> Address:
    """UsageError if `url` is none."""
    try:
        given = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.Error:
        # Its own message repeats the URL, and so may this one's context.
        given = None
    if given is None:
        raise UsageError(
            "the address of the database is not a valid URL", "give postgresql://user@host:5432/database"
        )
    usual = {name: value for unset, (name, value) in _UNLESS_SET.items() if unset not in os.environ}
    return Address(_DEFAULTS | usual | given, _shown(given))


def _shown(given: dict[str, Any]) -> str:
    """What tells which database it is, and none of the rest: any of that may be a secret."""
    user = f"{quote(str(given['user']))}@" if "user" in given else ""
    host = str(given.get("host", ""))
    if "/" in host:
        host = quote(host, safe="")
    port = f":{given['port']}" if "port" in given else ""
    service = f"?service={quote(str(given['service']))}" if "service" in given else ""
    return f"postgresql://{user}{host}{port}/{quote(str(given.get('dbname', '')))}{service}"
