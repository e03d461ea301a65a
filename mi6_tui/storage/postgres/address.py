"""Where a database is: what a URL says, with the password kept out of everything that is shown."""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from mi6_tui.errors import UsageError

_DEFAULTS: Final = {
    "application_name": "mi6-tui",
    "client_encoding": "UTF8",
    "connect_timeout": "5",
    # A network that went away without a word is noticed within half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""What libpq is told unless the URL says otherwise."""


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
    return Address(_DEFAULTS | given, _shown(given))


def _shown(given: dict[str, Any]) -> str:
    user = f"{quote(str(given['user']))}@" if "user" in given else ""
    host = str(given.get("host", ""))
    if "/" in host:
        host = quote(host, safe="")
    port = f":{given['port']}" if "port" in given else ""
    return f"postgresql://{user}{host}{port}/{quote(str(given.get('dbname', '')))}"
