"""Who is let in: whoever has the one link that was printed, once; after that the browser that used it."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections import deque
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

WRONG_LINKS: Final = 10
"""So many wrong tokens within `FORGIVEN` are compared; those after them are wrong unseen."""
FORGIVEN: Final = 60.0
"""Seconds."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on an address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Gate:
    """Guards what is served on `host` and `port`; `clock` gives seconds."""

    def __init__(self, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        name = f"[{host}]" if ":" in host else host.lower()
        names = {name, "localhost"} if is_loopback(host) else {name}
        # Browsers leave the usual port out.
        self._hosts = {one if port == 80 else f"{one}:{port}" for one in names}
        self._token = secrets.token_urlsafe(32)
        self._used = False
        self._wrong: deque[float] = deque()
        self._pass = secrets.token_urlsafe(32)
        self.cookie = f"mi6_tui_{port}"
        """The name of the cookie."""
        self.room = f"/{secrets.token_urlsafe(12)}"
        """The path below which everything is. Browsers send a cookie to every port of a machine; other
        programs that listen there do not know the path, so it never comes to them."""
        self.link = f"http://{name}{'' if port == 80 else f':{port}'}/?token={self._token}"
        """Lets one browser in, once."""

    def knows_host(self, host: str) -> bool:
        """Whether a request was meant for here: a foreign name that leads here is refused."""
        return host.lower() in self._hosts

    def enter(self, token: str) -> str | None:
        """The cookie's value for whoever brings the token first; None for all others."""
        now = self._clock()
        while self._wrong and now - self._wrong[0] >= FORGIVEN:
            self._wrong.popleft()
        if len(self._wrong) >= WRONG_LINKS:
            return None
        if not _same(token, self._token) or self._used:
            self._wrong.append(now)
            return None
        self._used = True
        return self._pass

    def knows(self, cookie: str) -> bool:
        """Whether this is the cookie of the browser that was let in."""
        return self._used and _same(cookie, self._pass)


def _same(one: str, other: str) -> bool:
    # In a time that tells nothing of how far they agree.
    return compare_digest(one.encode("utf-8", "replace"), other.encode())
