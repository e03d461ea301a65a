"""A real browser without a window, driven by its own protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import shutil
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

DEADLINE: Final = 40.0
"""Seconds after which what is waited for is missing, however slow the machine."""
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_KEEP_TERMINAL: Final = """
Object.defineProperty(Object.prototype, "fitAddon", {
  configurable: true,
  set(value) {
    window.kept = this;
    Object.defineProperty(this, "fitAddon", { value, writable: true, configurable: true });
  },
});
"""
"""The page's script keeps its terminal to itself; this is how the test sees what stands in it."""
_SCREEN: Final = """(() => {
  const screen = window.kept.terminal.buffer.active;
  const lines = [];
  for (let i = 0; i < screen.length; i++) lines.push(screen.getLine(i).translateToString(true));
  return lines.join("\\n");
})()"""


class Page:
    """The one page of a browser."""

    def __init__(self, socket: ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._numbers = itertools.count(100)
        self.requested: list[str] = []
        """The URL of each request, web sockets among them."""
        self.complaints: list[str] = []
        """What the browser says is wrong."""

    async def ask(self, method: str, **parameters: Any) -> Any:
        """The result of one command of the protocol."""
        number = next(self._numbers)
        await self._socket.send_json(
            {"id": number, "sessionId": self._session, "method": method, "params": parameters}
        )
        while True:
            said = await self._socket.receive_json(timeout=DEADLINE)
            self._note(said.get("method"), said.get("params", {}))
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]

    def _note(self, method: str | None, told: Any) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requested.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.requested.append(told["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))

    async def open(self, url: str) -> None:
        """Load a page."""
        await self.ask("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression is."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def see(self, pattern: str) -> None:
        """Wait until the terminal of the page shows what matches."""
        found = re.compile(pattern)
        deadline = asyncio.get_running_loop().time() + DEADLINE
        while not found.search(shown := await self.value(_SCREEN) or ""):
            if asyncio.get_running_loop().time() > deadline:
                text = await self.value("document.body && document.body.innerText")
                pytest.fail(f"{pattern!r} did not come; instead:\n{shown}\n{text}\n{self.complaints}")
            await asyncio.sleep(0.05)

    async def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        async with asyncio.timeout(DEADLINE):
            while not await self.value(expression):
                await asyncio.sleep(0.05)

    async def press(self, key: str) -> None:
        """Press the key of one character."""
        await self.ask("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self) -> bytes:
        """The page as a PNG."""
        answer = await self.ask("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


def bytes_of(png: bytes) -> bytes:
    """The picture's lines, as the format filters them."""
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return zlib.decompress(data)


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Page]:
    """A browser of its own with one empty page, ended with the block; it finds no host but this machine."""
    program = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.fail("chromium is missing: `make tools` installs it")
    process = await asyncio.create_subprocess_exec(
        program, "--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--enable-unsafe-swiftshader", "--window-size=1200,800",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(DEADLINE):
            while not (found := re.search(rb"listening on (ws://\S+)", await process.stderr.readline())):
                assert process.returncode is None, "the browser ended"
        async with ClientSession() as client, client.ws_connect(found[1].decode(), max_msg_size=0) as socket:
            yield await _page(socket)
            await socket.send_json({"id": 9, "method": "Browser.close"})
            while await process.stderr.read(1 << 16):
                pass
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _page(socket: ClientWebSocketResponse) -> Page:
    async def ask(number: int, method: str, **parameters: Any) -> Any:
        await socket.send_json({"id": number, "method": method, "params": parameters})
        while (said := await socket.receive_json(timeout=DEADLINE)).get("id") != number:
            pass
        return said["result"]

    target = (await ask(1, "Target.createTarget", url="about:blank"))["targetId"]
    session = (await ask(2, "Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    page = Page(socket, session)
    for domain in ("Page", "Network", "Runtime", "Log"):
        await page.ask(f"{domain}.enable")
    await page.ask("Page.addScriptToEvaluateOnNewDocument", source=_KEEP_TERMINAL)
    return page
