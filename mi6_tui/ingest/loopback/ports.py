"""Ports of this machine's own addresses."""

from __future__ import annotations

import errno
import http.client
import socket
from contextlib import closing
from typing import Final

import msgspec

from mi6_tui.errors import Mi6Error
from mi6_tui.ingest.loopback.site import JSON, Answer, Request, Route

SERVICE: Final = "mi6-tui"
_ADDRESSES: Final = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_NO_ADDRESS: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_PATIENCE: Final = 1.0
_MOST: Final = 1000


class PortError(Mi6Error):
    """A port cannot be listened on."""


class Health(msgspec.Struct, frozen=True):
    """What `/health` says."""

    service: str
    pid: int
    version: str


def health(pid: int, version: str) -> Route:
    """The route of `/health`."""
    told = msgspec.json.encode(Health(SERVICE, pid, version))

    def answer(_: Request) -> Answer:
        return Answer(body=told, content_type=JSON)

    return Route("GET", answer, open=True)


def listen(port: int) -> list[socket.socket]:
    """Sockets on both loopback addresses, on the first alone where there is no second; 0: any free port.

    PortError says who is in the way.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _ADDRESSES:
            try:
                sockets.append(_bound(family, address, port))
            except OSError as error:
                if error.errno not in _NO_ADDRESS or not sockets:
                    raise
            else:
                port = sockets[0].getsockname()[1]
    except OSError as error:
        for bound in sockets:
            bound.close()
        if error.errno == errno.EADDRINUSE:
            raise _taken(port) from error
        raise PortError(f"cannot listen on port {port}: {error.strerror}", "name another") from error
    return sockets


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Else a port stays taken for a minute by connections that ended.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        bound.listen(128)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _taken(port: int) -> PortError:
    holder = _holder(port)
    if holder is None:
        return PortError(f"another program listens on port {port}", "name another, or end that program")
    return PortError(
        f"another mi6-tui (process {holder.pid}) listens on port {port} already", "one is enough"
    )


def _holder(port: int) -> Health | None:
    """Who answers there, if it is this program."""
    for _, address in _ADDRESSES:
        with closing(http.client.HTTPConnection(address, port, timeout=_PATIENCE)) as connection:
            try:
                connection.request("GET", "/health")
                told = msgspec.json.decode(connection.getresponse().read(_MOST), type=Health)
            except (OSError, http.client.HTTPException, msgspec.MsgspecError, UnicodeError):
                continue
        if told.service == SERVICE:
            return told
    return None
