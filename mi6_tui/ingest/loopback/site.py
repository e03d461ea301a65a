"""What a server offers, and whom it refuses before anything is read."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from mi6_tui.errors import Mi6Error

_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
JSON: Final = "application/json"


class Request(msgspec.Struct, frozen=True):
    """A request that may be answered; the names of its headers are in small letters."""

    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def content_type(self) -> str:
        """Without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Answer(msgspec.Struct, frozen=True):
    """What is said to it."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class RefusedError(Mi6Error):
    """A request that is not answered: its `kind`, by which refusals are counted, and the HTTP status."""

    def __init__(self, kind: str, status: int, message: str, *headers: tuple[str, str]) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.headers = headers

    def answer(self) -> Answer:
        """The reason, as JSON."""
        body = msgspec.json.encode({"code": self.status, "message": self.message})
        return Answer(self.status, body, JSON, self.headers)


class Route(msgspec.Struct, frozen=True):
    """What answers one method at one path, in the server's worker thread."""

    method: str
    answer: Callable[[Request], Answer]
    open: bool = False
    """Whether no token is asked for."""
    checks: Callable[[Request], Any] | None = None
    """Raises a RefusedError by the head of a request, before its body is read."""


class Site(msgspec.Struct, frozen=True):
    """The routes of one port, by path. With a `token` each request must bear it."""

    port: int
    routes: Mapping[str, Route]
    token: str | None = None
    most_bytes: int = 0
    """Of a body, as it is sent."""


def admitted(site: Site, method: str, request: Request) -> Route:
    """The route of a request by its head. RefusedError if it may not come in."""
    host = request.headers.get("host")
    # Only a program as old as HTTP/1.0 names none, and no browser is one.
    if host is not None and not _HOST.fullmatch(host):
        raise RefusedError("host", 403, "only requests to this machine by its own name are answered (Host)")
    if "origin" in request.headers:
        raise RefusedError("origin", 403, "web pages are not answered (Origin)")
    route = site.routes.get(request.path)
    if route is None:
        raise RefusedError("path", 404, f"there are {', '.join(site.routes)}")
    if method != route.method:
        raise RefusedError("method", 405, f"{route.method} alone is answered here", ("Allow", route.method))
    if site.token is not None and not route.open and not _bears(request, site.token):
        raise RefusedError("token", 401, "the token is missing or wrong", ("WWW-Authenticate", "Bearer"))
    if route.checks is not None:
        route.checks(request)
    return route


def _bears(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
