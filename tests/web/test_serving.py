"""The server: what it refuses, and that nothing of it stays behind."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from mi6_tui.web.site import DASHBOARDS
from tests.web.serving import PROGRAM, PROMPT, Served

DEADLINE = 40


def complete(*args: str) -> subprocess.CompletedProcess[str]:
    """A server that does not come to be."""
    return subprocess.run((*PROGRAM, "serve", *args), capture_output=True, text=True, timeout=50, check=False)


@asynccontextmanager
async def page(served: Served, place: str, cookie: str) -> AsyncIterator[ClientWebSocketResponse]:
    """The connection that the page's script makes."""
    headers = {"Cookie": cookie, "Origin": served.origin}
    async with (
        ClientSession(headers=headers) as client,
        client.ws_connect(f"{served.origin}{place}ws?width=100&height=30") as socket,
    ):
        yield socket


async def read(socket: ClientWebSocketResponse, words: str) -> None:
    """Wait for words on the screen."""
    drawn = b""
    while words.encode() not in drawn:
        message = await socket.receive(DEADLINE)
        assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), (message, drawn)
        drawn += message.data if message.type is WSMsgType.BINARY else b""


def test_without_the_cookie_there_is_nothing(served: Served) -> None:
    place, cookie = served.enter()
    paths = ["/", place, f"{place}page.js", f"{place}ws", f"{place}static/js/textual.js", "/download/x", "/x"]
    for path in (*paths, served.token_path, "/?token=", "/?token=wrong"):
        answer, body = served.get(path)
        assert (answer.status, body) == (403, b"403: Forbidden"), path
    for path in paths[1:]:
        for wrong in (f"{cookie}x", "mi6_tui_1=x", cookie.partition("=")[0] + "="):
            assert served.get(path, Cookie=wrong)[0].status == 403, path
    answer, body = served.get(place, Cookie=cookie)
    assert answer.status == 200 and b"textual-terminal" in body
    assert served.get(f"{place}static/js/textual.js", Cookie=cookie)[0].status == 200
    for path in ("static/", "static/../page.html", "static/%2e%2e/server.py", "download/x"):
        assert served.get(place + path, Cookie=cookie)[0].status in (403, 404), path


def test_the_link_is_wasted_by_no_foreigner(served: Served) -> None:
    for headers in (
        {"Host": f"evil.example:{served.port}"},
        {"Host": served.host},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://{served.host}"},
    ):
        answer, body = served.get(served.token_path, **headers)
        assert (answer.status, body) == (403, b"403: Forbidden"), headers
    answer, _ = served.get(served.token_path, Sec_Fetch_Site="none")
    assert answer.status == 303
    marks = {mark.strip() for mark in answer.headers["Set-Cookie"].split(";")[1:]}
    assert marks == {"HttpOnly", "SameSite=Strict", f"Path={answer.headers['Location']}"}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and f"connect-src ws://{served.host}:{served.port};" in policy
    code, told = served.end()
    assert code == 128 + signal.SIGTERM
    assert told == "mi6-tui: a browser at 127.0.0.1 used the link; it opens nothing any more\n"


async def test_only_our_page_may_connect(served: Served) -> None:
    place, cookie = served.enter()
    url = f"{served.origin}{place}ws"
    for headers in (
        {"Cookie": cookie, "Origin": "http://evil.example"},
        {"Cookie": cookie, "Origin": f"http://{served.host}"},
        {"Cookie": cookie, "Origin": "null"},
        {"Cookie": cookie},
        {"Origin": served.origin},
        {"Cookie": cookie, "Origin": served.origin, "Host": f"evil.example:{served.port}"},
        {"Cookie": cookie, "Origin": "http://evil.example", "Host": "evil.example"},
    ):
        async with ClientSession() as client:
            with pytest.raises(WSServerHandshakeError) as refused:
                await client.ws_connect(url, headers=headers)
            assert refused.value.status == 403, headers
    assert served.dashboards() == []


async def test_what_makes_no_sense_changes_nothing(served: Served) -> None:
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        await read(socket, "has ended")
        for junk in (
            "", "{", "[]", "[1]", "null", '["stdin"]', '["stdin", 7]', '["stdin", "\\ud800"]',
            '["resize", 1]',
            '["resize", {"width": "x", "height": 1}]', '["resize", {"width": -5, "height": 99999999999}]',
            '["quit"]', '["deliver_chunk_request", "x"]', "[" * 5000,
        ):  # fmt: skip
            await socket.send_str(junk)
        await socket.send_bytes(b"\x00\xff")
        await socket.send_str(json.dumps(["ping", "7"]))
        await socket.send_str(json.dumps(["resize", {"width": 100, "height": 30}]))
        await socket.send_str(json.dumps(["stdin", "a"]))
        await read(socket, PROMPT)
        # The keys that stop a program on a terminal, and the one that ends this one.
        await socket.send_str(json.dumps(["stdin", "\x1aq"]))
        while (await socket.receive(DEADLINE)).type is not WSMsgType.CLOSE:
            pass
    code, told = served.end()
    assert (code, told.count("\n")) == (128 + signal.SIGTERM, 1), told


async def test_a_left_page_leaves_no_process_and_the_limit_is_told(served: Served) -> None:
    place, cookie = served.enter()
    pages = [page(served, place, cookie) for _ in range(DASHBOARDS)]
    sockets = [await one.__aenter__() for one in pages]
    for socket_ in sockets:
        assert (await socket_.receive(DEADLINE)).type is WSMsgType.BINARY
    running = served.dashboards()
    assert len(running) == DASHBOARDS
    answer, body = await asyncio.to_thread(served.get, place, Cookie=cookie)
    assert answer.status == 503 and f"{DASHBOARDS} dashboards are open".encode() in body
    with pytest.raises(WSServerHandshakeError) as refused:
        await page(served, place, cookie).__aenter__()
    assert refused.value.status == 503
    await pages[0].__aexit__(None, None, None)
    answer, _ = await asyncio.to_thread(served.get, place, Cookie=cookie)
    assert answer.status == 200
    code, _ = await asyncio.to_thread(served.end)
    assert code == 128 + signal.SIGTERM
    assert psutil.wait_procs(running, DEADLINE)[1] == []
    for one in pages[1:]:
        await one.__aexit__(None, None, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
async def test_the_dashboards_end_with_the_server(served: Served, number: signal.Signals) -> None:
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        await read(socket, "has ended")
        (dashboard,) = served.dashboards()
        assert "--read-only" in dashboard.cmdline()
        code, told = await asyncio.to_thread(served.end, number)
        assert code == (-number if number == signal.SIGKILL else 128 + number)
        assert told.count("\n") == 1, told
        assert psutil.wait_procs([dashboard], DEADLINE)[1] == []


async def test_a_dashboard_that_does_not_listen_is_ended(served: Served) -> None:
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        await read(socket, "has ended")
        (dashboard,) = served.dashboards()
        dashboard.suspend()
    assert psutil.wait_procs([dashboard], DEADLINE)[1] == []


async def test_a_dashboard_that_cannot_start_says_why(tmp_path: Path) -> None:
    store = tmp_path / "garbage.db"
    store.write_bytes(b"These are no pages. " * 500)
    served = Served(tmp_path, "--db", str(store))
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        assert (await socket.receive(DEADLINE)).type is WSMsgType.CLOSE
    _, told = served.end()
    assert str(store) in told and "Traceback" not in told


async def test_actions_are_allowed_by_word_alone(tmp_path: Path) -> None:
    served = Served(tmp_path, "--allow-actions")
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        await read(socket, "has ended")
        (dashboard,) = served.dashboards()
        assert "--read-only" not in dashboard.cmdline()
    served.end()


async def test_what_is_shared_hides_names(tmp_path: Path) -> None:
    served = Served(tmp_path, "--share")
    place, cookie = served.enter()
    async with page(served, place, cookie) as socket:
        await read(socket, "has ended")
        (dashboard,) = served.dashboards()
        assert {"--share", "--read-only"} <= set(dashboard.cmdline())
    served.end()


def test_two_servers_on_one_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = complete("--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"mi6-tui: cannot listen on port {port} of 127.0.0.1: address already in use; see --host and --port\n"
    )


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--host", "0.0.0.0"), 2, "0.0.0.0 is no single address"),
        (("--host", "::"), 2, ":: is no single address"),
        (("--host", ""), 2, "an empty --host is no single address"),
        (("--host", "no..name"), 1, "cannot listen"),
        (("--host", "x" * 300), 1, "cannot listen"),
        (("--host", "192.0.2.7"), 1, "cannot assign requested address"),
        (("--port", "65536"), 1, "cannot listen on port 65536"),
        (("--port", "-1"), 2, "no whole number"),
        (("--allow-actions", "--share"), 2, "exclude each other"),
    ],
)
def test_what_cannot_be_served(args: tuple[str, ...], code: int, words: str) -> None:
    done = complete(*args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert words in done.stderr


def test_other_machines_come_with_a_warning(tmp_path: Path) -> None:
    found = [
        one.address
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family is socket.AF_INET and not one.address.startswith("127.")
    ]
    if not found:
        pytest.skip("no other machine could reach this one")
    served = Served(tmp_path, "--host", found[0])
    served.enter()
    _, told = served.end()
    assert told.startswith("mi6-tui: there is no TLS") and told.count("\n") == 2


@pytest.mark.parametrize("missing", ["aiohttp", "textual_serve"])
def test_without_the_extra(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from mi6_tui.cli import main; sys.exit(main())"
    done = subprocess.run((sys.executable, "-c", code, "serve"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"mi6-tui: {missing} is missing; pip install 'mi6-tui[web]'\n"
