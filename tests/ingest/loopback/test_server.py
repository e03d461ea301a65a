"""The server against real sockets: whom it answers, whom it refuses, what it bounds."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from mi6_tui import __version__
from mi6_tui.errors import StorageError
from mi6_tui.ingest.loopback.ports import PortError, health
from mi6_tui.ingest.loopback.server import MOST_CONNECTIONS, Patience, Server
from mi6_tui.ingest.loopback.site import Answer, RefusedError, Request, Route, Site
from tests.ingest.loopback.clients import ask, dial, hear, say

TOKEN = "letmein"
MOST = 1000
QUICK = Patience(head=0.3, body=0.3, idle=0.3, sending=5, leaving=0.2)


def _echo(request: Request) -> Answer:
    if request.body == b"broken":
        raise ValueError("the text of a body must not be told")
    if request.body == b"locked":
        raise StorageError("the store is locked")
    return Answer(body=request.body or b"nothing", content_type="text/plain")


ROUTES = {
    "/echo": Route("POST", _echo),
    "/page": Route("GET", _echo),
    "/health": health(os.getpid(), __version__),
}


@contextmanager
def _served(
    *, token: str | None = None, patience: Patience | None = None
) -> Iterator[tuple[Server, int, list[RefusedError]]]:
    told: list[RefusedError] = []
    server = Server([Site(0, ROUTES, token, MOST)], patience=patience, on_refused=told.append)
    with server.running():
        yield server, server.ports[0], told


@pytest.fixture
def port() -> Iterator[int]:
    with _served() as (_, port, _told):
        yield port


def test_a_request_is_answered(port: int) -> None:
    reply = ask(port, "/echo", b"hello")
    assert (reply.status, reply.body) == (200, b"hello")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(port, "/page?x=1").body == b"nothing"
    assert ask(port, "/health").json == {"service": "mi6-tui", "pid": os.getpid(), "version": __version__}


def test_it_listens_on_loopback_alone(port: int) -> None:
    assert ask(port, "/page", host="localhost").status == 200
    if socket.has_ipv6 and _has("::1"):
        assert ask(port, "/page", host="::1").status == 200
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in own - {"127.0.0.1"}:
        if not str(address).startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((str(address), port), timeout=5).close()


def _has(address: str) -> bool:
    with closing(socket.socket(socket.AF_INET6)) as probe:
        return probe.connect_ex((address, 9)) != 99  # not: cannot assign requested address


def test_a_connection_serves_many_requests(port: int) -> None:
    request = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert say(port, request, request + request, last).count(b"200") == 4


def test_http_1_0_and_chunks_are_understood(port: int) -> None:
    assert say(port, b"GET /page HTTP/1.0\r\n\r\n").endswith(b"nothing")
    chunked = (
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"3\r\nabc\r\n"
    )
    assert say(port, chunked, b"2\r\nde\r\n0\r\n\r\n").endswith(b"abcde")


def test_whoever_asks_first_may_go_on(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n"
    with closing(dial(port)) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hi")
        assert hear(connection).endswith(b"hi")


@pytest.mark.parametrize(
    ("kind", "status", "path", "method", "headers"),
    [
        ("origin", 403, "/echo", "POST", {"Origin": "https://evil.example"}),
        ("origin", 403, "/echo", "POST", {"Origin": "null"}),
        ("origin", 403, "/echo", "POST", {"Origin": "http://localhost"}),
        ("host", 403, "/echo", "POST", {"Host": "evil.example"}),
        ("host", 403, "/echo", "POST", {"Host": "evil.example:4318"}),
        ("host", 403, "/echo", "POST", {"Host": "localhost.evil.example"}),
        ("host", 403, "/echo", "POST", {"Host": "127.0.0.1@evil.example"}),
        ("host", 403, "/echo", "POST", {"Host": ""}),
        ("host", 403, "/page", "GET", {"Host": "192.168.0.1"}),
        ("path", 404, "/", "GET", {}),
        ("path", 404, "/echo/", "POST", {}),
        ("method", 405, "/echo", "GET", {}),
        ("method", 405, "/echo", "OPTIONS", {}),
        ("method", 405, "/echo", "HEAD", {}),
        ("method", 405, "/page", "POST", {}),
        ("large", 413, "/echo", "POST", {"Content-Length": "1001"}),
        ("large", 413, "/echo", "POST", {"Content-Length": "99999999999999999999"}),
    ],
)
def test_a_refusal_has_a_status_a_reason_and_a_count(
    kind: str, status: int, path: str, method: str, headers: dict[str, Any]
) -> None:
    with _served() as (server, port, told):
        for _ in range(2):
            reply = ask(port, path, method=method, **headers)
            assert reply.status == status
            assert method == "HEAD" or reply.json["code"] == status
        assert server.refused == {kind: 2}
        assert [refusal.kind for refusal in told] == [kind]
        assert "evil" not in told[0].message
        assert ask(port, "/page").status == 200


def test_a_refused_client_can_read_why_while_it_still_sends() -> None:
    with _served() as (server, port, _):
        head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunk = b"1f4\r\n" + b"x" * 500 + b"\r\n"
        assert say(port, head, *[chunk] * 200).startswith(b"HTTP/1.1 413 ")
        assert server.refused == {"large": 1}


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET /page HTTP/1.1\r\n\r\n",
        b"GET /page HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /page HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /page HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000,
        b"GET /" + b"x" * 20_000,
    ],
)
def test_what_is_no_http_is_told_so(text: bytes) -> None:
    with _served() as (server, port, _):
        assert say(port, text).split()[1] in (b"400", b"431", b"501")
        assert server.refused == {"http": 1}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (b"", b""),
        (b"GET /pa", b"HTTP/1.1 408 "),
        (b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc", b"HTTP/1.1 408 "),
    ],
)
def test_a_slow_client_is_not_waited_for(text: bytes, answer: bytes) -> None:
    with _served(patience=QUICK) as (server, port, _):
        heard = say(port, text)
        assert heard.startswith(answer) and bool(heard) == bool(answer)
        assert server.refused == ({"slow": 1} if answer else {})


def test_drop_by_drop_is_slow_too() -> None:
    with _served(patience=QUICK) as (server, port, _), closing(dial(port)) as connection:
        done = threading.Event()

        def drip() -> None:
            while not done.wait(0.02):
                try:
                    connection.sendall(b"G")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert hear(connection).startswith(b"HTTP/1.1 408 ")
        finally:
            done.set()
            dripping.join()
        assert server.refused == {"slow": 1}


def test_whoever_hangs_up_is_nobodys_refusal() -> None:
    with _served() as (server, port, _):
        for text in (
            b"",
            b"GET /pa",
            b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na",
        ):
            with closing(dial(port)) as connection:
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
                assert hear(connection) == b""
        assert server.refused == {}
        assert ask(port, "/page").status == 200


def test_two_hundred_connections() -> None:
    with _served() as (server, port, _), ExitStack() as stack:
        connections = [stack.enter_context(closing(dial(port))) for _ in range(200)]
        turned_away = [hear(one) for one in connections[MOST_CONNECTIONS:]]
        assert all(heard.startswith(b"HTTP/1.1 503 ") for heard in turned_away)
        assert server.refused == {"busy": 200 - MOST_CONNECTIONS}
        request = b"GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        for one in connections[:MOST_CONNECTIONS]:
            one.sendall(request)
            assert hear(one).endswith(b"nothing")
        assert ask(port, "/page").status == 200


def test_a_token_is_asked_for_but_not_for_a_sign_of_life() -> None:
    with _served(token=TOKEN) as (server, port, told):
        for wrong in ({}, {"Authorization": TOKEN}, {"Authorization": "Bearer letmeim"}, _bearer("é")):
            reply = ask(port, "/page", **wrong)
            assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert server.refused == {"token": 4}
        assert TOKEN not in told[0].message
        assert ask(port, "/page", **_bearer(TOKEN)).status == 200
        assert ask(port, "/health").status == 200


def _bearer(token: str) -> dict[str, Any]:
    return {"Authorization": f"Bearer {token}"}


def test_trouble_is_told_without_its_text() -> None:
    with _served() as (server, port, told):
        broken, locked = ask(port, "/echo", b"broken"), ask(port, "/echo", b"locked")
        assert (broken.status, locked.status, locked.headers["Retry-After"]) == (500, 503, "5")
        assert b"must not be told" not in broken.body
        assert server.refused == {"failure": 1, "store": 1}
        assert len(told) == 2
        assert ask(port, "/echo", b"hello").status == 200


def _cannot_listen(port: int) -> str:
    with pytest.raises(PortError) as caught, Server([Site(port, ROUTES)]).running():
        pass
    return caught.value.message


def test_a_port_that_is_taken_says_by_whom() -> None:
    with _served() as (_, port, _told):
        own = f"another mi6-tui (process {os.getpid()}) listens on port {port} already"
        assert _cannot_listen(port) == own
        assert ask(port, "/page").status == 200
    with closing(socket.create_server(("127.0.0.1", 0))) as stranger:
        port = stranger.getsockname()[1]
        threading.Thread(target=_rude, args=(stranger,), daemon=True).start()
        assert _cannot_listen(port) == f"another program listens on port {port}"


def _rude(listening: socket.socket) -> None:
    try:
        while True:
            one, _ = listening.accept()
            one.sendall(b"220 mail\r\n")
            one.close()
    except OSError:
        return


def test_a_port_is_free_again_at_once() -> None:
    with _served() as (_, port, _told):
        assert ask(port, "/page").status == 200
    server = Server([Site(port, ROUTES)])
    with server.running():
        assert ask(port, "/page").status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/page")


def test_it_stops_while_clients_are_in_the_middle_of_something() -> None:
    with ExitStack() as stack:
        with _served() as (_, port, _told):
            for text in (b"", b"GET", b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"):
                connection = stack.enter_context(closing(dial(port)))
                connection.sendall(text)
            assert ask(port, "/page").status == 200
        left = {thread.name.partition("_")[0] for thread in threading.enumerate()}
        assert not left & {"server", "answering"}
