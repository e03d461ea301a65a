"""The pages: every path behind the gate, nothing from another host, a bounded number of dashboards."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from mi6_tui.web.behind import Behind
from mi6_tui.web.gate import Gate

DASHBOARDS: Final = 4
"""At the same time: each is a process of its own."""
_PATIENCE: Final = 3.0
"""Seconds until a dashboard whose page was left, as when it is loaded again, has made room."""
_LONGEST: Final = 1 << 20
"""Bytes of one message from the page: room for what is pasted."""
_HEARTBEAT: Final = 15.0
_FULL: Final = "{} dashboards are open, and that is the limit. Close one, then load this page again.\n"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "mi6-tui",
    "X-Content-Type-Options": "nosniff",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src data:; connect-src ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HERE: Final = files("mi6_tui.web")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def scripts() -> Path:
    """The folder with the terminal for browsers that textual-serve brings, which is all we take of it."""
    spec = find_spec("textual_serve")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="textual_serve")
    return Path(spec.origin).parent / "static"


class Site:
    """Serves `command`, a dashboard, to the browser that `gate` lets in; `entered` hears where it was."""

    def __init__(
        self,
        gate: Gate,
        command: Sequence[str],
        *,
        entered: Callable[[str], None],
    ) -> None:
        self._gate = gate
        self._command = command
        self._entered = entered
        self._free = asyncio.Semaphore(DASHBOARDS)
        self._open: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        """What an HTTP server runs."""
        application = web.Application(middlewares=[self._guard])
        room = self._gate.room
        application.add_routes(
            [
                web.get("/", self._enter, allow_head=False),
                web.get(f"{room}/", self._page),
                web.get(f"{room}/page.js", self._script),
                web.get(f"{room}/ws", self._dashboard),
                web.static(f"{room}/static", scripts()),
            ]
        )
        application.on_response_prepare.append(_harden)
        application.on_shutdown.append(self._close)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not self._gate.knows_host(hosts[0]):
            raise web.HTTPForbidden
        # Browsers say who asks: the user himself, our page, or a page from elsewhere.
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise web.HTTPForbidden
        # Before the link: what is refused must not use it up.
        if request.headers.get("Origin", own := f"http://{request.host}") != own:
            raise web.HTTPForbidden
        if request.path != "/" and not self._gate.knows(request.cookies.get(self._gate.cookie, "")):
            raise web.HTTPForbidden
        return await handler(request)

    async def _enter(self, request: web.Request) -> web.Response:
        cookie = self._gate.enter(request.query.get("token", ""))
        if cookie is None:
            raise web.HTTPForbidden
        self._entered(request.remote or "?")
        place = f"{self._gate.room}/"
        response = web.Response(status=303, headers={"Location": place})
        response.set_cookie(self._gate.cookie, cookie, path=place, httponly=True, samesite="Strict")
        return response

    async def _page(self, request: web.Request) -> web.Response:
        async with self._room() as free:
            if not free:
                return web.Response(status=503, text=_FULL.format(DASHBOARDS))
        text = (_HERE / "page.html").read_text(encoding="utf-8")
        text = text.replace("{host}", request.host).replace("{room}", self._gate.room)
        return web.Response(text=text, content_type="text/html")

    async def _script(self, request: web.Request) -> web.Response:
        return web.Response(
            text=(_HERE / "page.js").read_text(encoding="utf-8"), content_type="text/javascript"
        )

    async def _dashboard(self, request: web.Request) -> web.WebSocketResponse:
        if request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden
        async with self._room() as free:
            if not free:
                raise web.HTTPServiceUnavailable
            page = web.WebSocketResponse(
                timeout=_PATIENCE, heartbeat=_HEARTBEAT, max_msg_size=_LONGEST, compress=False
            )
            await page.prepare(request)
            self._open.add(page)
            try:
                behind = await Behind.start(self._command, os.environ, _size(request))
                await _converse(page, behind)
            finally:
                self._open.discard(page)
        return page

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[bool]:
        """Whether there is room for one more dashboard; it is kept until the block is left."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._free.release()

    async def _close(self, application: web.Application) -> None:
        await asyncio.gather(*(page.close(code=WSCloseCode.GOING_AWAY) for page in self._open))


async def _converse(page: web.WebSocketResponse, behind: Behind) -> None:
    """Between a page and its dashboard, until one of them goes."""

    async def show() -> None:
        try:
            await behind.show(page.send_bytes)
        finally:
            await page.close()

    showing = asyncio.create_task(show())
    try:
        async for message in page:
            if message.type is WSMsgType.TEXT and (answer := await behind.hear(message.data)):
                await page.send_str(answer)
    except ConnectionError:
        pass
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
        await behind.end()


def _size(request: web.Request) -> tuple[int, int]:
    """Columns and lines, as the page's script names them."""
    try:
        return int(request.query["width"][:9]), int(request.query["height"][:9])
    except (KeyError, ValueError):
        return 80, 24


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    # It is one of ours, or else the answer a refusal; without the header aiohttp would ask the network.
    host = request.headers.get("Host", "")
    response.headers["Content-Security-Policy"] = _POLICY.format(host=host)
