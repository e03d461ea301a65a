"""Programs that speak to a server: well, badly, slowly."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

PATIENCE = 30.0


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    path: str,
    body: bytes | None = None,
    *,
    method: str | None = None,
    host: str = "127.0.0.1",
    **headers: str,
) -> Reply:
    """One request on a connection of its own; `_` in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(host, port, timeout=PATIENCE)) as connection:
        connection.request(method or ("GET" if body is None else "POST"), path, body, named)
        response = connection.getresponse()
        return Reply(response.status, dict(response.headers.items()), response.read())


def dial(port: int) -> socket.socket:
    """A bare connection."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def hear(connection: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    pieces = []
    try:
        while piece := connection.recv(65_536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def say(port: int, *pieces: bytes) -> bytes:
    """Send raw bytes, and hear what comes until the other side hangs up."""
    with closing(dial(port)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return hear(connection)
