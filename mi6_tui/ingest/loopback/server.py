"""The server: one thread that listens, one that answers; both sleep while nobody asks."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from socket import socket
from typing import Any, Final

import h11
import msgspec

from mi6_tui.errors import StorageError
from mi6_tui.ingest.loopback.ports import listen
from mi6_tui.ingest.loopback.site import Answer, RefusedError, Request, Site, admitted
from mi6_tui.log import logger

MOST_CONNECTIONS: Final = 64
MOST_WAITING: Final = 32 << 20
"""Bytes of bodies that are held at once, of all connections."""
_MOST_HEAD: Final = 16 << 10
_CHUNK: Final = 64 << 10


class Patience(msgspec.Struct, frozen=True):
    """Seconds that are waited for a client."""

    head: float = 10.0
    body: float = 20.0
    idle: float = 75.0
    """Between two requests of one connection."""
    sending: float = 10.0
    leaving: float = 1.0
    """For what a refused client still sends: else it would not read why."""


class Server:
    """Answers at the ports of its sites, while `running`."""

    def __init__(
        self,
        sites: Sequence[Site],
        *,
        patience: Patience | None = None,
        on_refused: Callable[[RefusedError], None] | None = None,
        on_news: Callable[[], None] | None = None,
    ) -> None:
        self.refused: Counter[str] = Counter()
        """Requests that were not answered, by kind."""
        self.ports: list[int] = []
        """Of the sites, in their order, while it runs."""
        self._sites = sites
        self._patience = patience or Patience()
        self._on_refused = on_refused
        self._on_news = on_news
        self._connections = 0
        self._waiting = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._answering = ThreadPoolExecutor(1, thread_name_prefix="answering")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen until the block is left. PortError before anything is answered."""
        bound: list[tuple[Site, list[socket]]] = []
        try:
            for site in self._sites:
                bound.append((site, listen(site.port)))
        except BaseException:
            for _, sockets in bound:
                for one in sockets:
                    one.close()
            raise
        self.ports = [sockets[0].getsockname()[1] for _, sockets in bound]
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        loop.set_exception_handler(lambda _, context: logger().error("server: %s", context.get("message")))
        servers = loop.run_until_complete(self._listen(bound))
        thread = threading.Thread(
            target=loop.run_until_complete, args=(self._serve(servers, stop),), name="server", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
            self._answering.shutdown()

    async def _listen(self, bound: Sequence[tuple[Site, Sequence[socket]]]) -> list[asyncio.Server]:
        return [
            await asyncio.start_server(self._visitor(site), sock=one, limit=_CHUNK)
            for site, sockets in bound
            for one in sockets
        ]

    async def _serve(self, servers: Sequence[asyncio.Server], stop: asyncio.Event) -> None:
        await stop.wait()
        for server in servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _visitor(self, site: Site) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
        async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            self._connections += 1
            talk = _Talk(self, site, reader, writer, self._patience)
            try:
                # A client may be gone at any moment.
                with suppress(OSError, TimeoutError, asyncio.CancelledError):
                    await (talk.turn_away() if self._connections > MOST_CONNECTIONS else talk.hold())
            finally:
                self._connections -= 1
                writer.close()

        return visit

    def refuse(self, refusal: RefusedError) -> None:
        """Count a refusal, and tell the first of its kind."""
        self.refused[refusal.kind] += 1
        self.tell()
        if self.refused[refusal.kind] == 1 and self._on_refused is not None:
            self._on_refused(refusal)

    def tell(self) -> None:
        """A request was answered or refused."""
        if self._on_news is not None:
            self._on_news()

    def keep(self, size: int) -> None:
        """Note that so many bytes more (or less) of bodies are held. RefusedError if they are too many."""
        self._waiting += size
        if size > 0 and self._waiting > MOST_WAITING:
            raise RefusedError("busy", 503, "too much is waiting already", ("Retry-After", "1"))

    async def answer(self, answer: Callable[[Request], Answer], request: Request) -> Answer:
        """What the worker thread says to a request."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._answering, answer, request)
        except StorageError as error:
            logger().warning("server: %s", error)
            raise RefusedError("store", 503, "the store cannot be used now", ("Retry-After", "5")) from error
        except RefusedError:
            raise
        except Exception as error:
            logger().error("server: %s cannot be answered", request.path, exc_info=error)
            raise RefusedError("failure", 500, "it cannot be answered; the log says why") from error


class _Talk:
    """One connection and the requests that come by it."""

    def __init__(
        self,
        server: Server,
        site: Site,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        patience: Patience,
    ) -> None:
        self._server = server
        self._site = site
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self._wire = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEAD)
        self._only_head = False
        """Whether no body is said to the present request."""

    async def turn_away(self) -> None:
        """Refuse a connection too many, without a look at what it brings."""
        refusal = RefusedError("busy", 503, "too many connections are open", ("Retry-After", "1"))
        self._server.refuse(refusal)
        await self._send(refusal.answer(), last=True)

    async def hold(self) -> None:
        """Answer one request after the other, until somebody has enough."""
        patience = self._patience.head
        try:
            while await self._one(patience):
                self._wire.start_next_cycle()
                patience = self._patience.idle
        except RefusedError as refusal:
            self._server.refuse(refusal)
            await self._send(refusal.answer(), last=True)
            await self._see_off()

    async def _one(self, patience: float) -> bool:
        """Answer a request that begins in time; whether one more may follow. RefusedError if it may not."""
        head = await self._head(patience)
        if head is None:
            return False
        self._only_head = head.method == b"HEAD"
        request = Request(
            head.target.decode("ascii", "replace").partition("?")[0],
            {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
        )
        route = admitted(self._site, head.method.decode("ascii"), request)
        body = await self._body(request)
        try:
            answer = await self._server.answer(route.answer, msgspec.structs.replace(request, body=body))
        finally:
            self._server.keep(-len(body))
        self._server.tell()
        await self._send(answer)
        return self._wire.our_state is h11.DONE and self._wire.their_state is h11.DONE

    async def _head(self, patience: float) -> h11.Request | None:
        """The head of the next request; None if no more come."""
        if not self._wire.trailing_data[0]:
            try:
                async with asyncio.timeout(patience):
                    self._wire.receive_data(await self._reader.read(_CHUNK))
            except TimeoutError:
                return None
        event = await self._within(self._patience.head, self._event())
        return event if isinstance(event, h11.Request) else None

    async def _body(self, request: Request) -> bytes:
        told = request.headers.get("content-length", "0")
        if int(told) > self._site.most_bytes:
            raise self._too_large()
        if self._wire.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        pieces = bytearray()
        try:
            await self._within(self._patience.body, self._collect(pieces))
        except BaseException:
            self._server.keep(-len(pieces))
            raise
        return bytes(pieces)

    async def _collect(self, pieces: bytearray) -> None:
        while isinstance(event := await self._event(), h11.Data):
            pieces += event.data
            self._server.keep(len(event.data))
            if len(pieces) > self._site.most_bytes:
                raise self._too_large()

    def _too_large(self) -> RefusedError:
        return RefusedError("large", 413, f"a request may have {self._site.most_bytes:,} bytes")

    async def _within(self, seconds: float, work: Any) -> Any:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise RefusedError("slow", 408, f"it did not come within {seconds:g} s") from error

    async def _event(self) -> Any:
        """The next thing the client says. RefusedError if it is no HTTP."""
        try:
            while (event := self._wire.next_event()) is h11.NEED_DATA:
                self._wire.receive_data(await self._reader.read(_CHUNK))
        except h11.RemoteProtocolError as error:
            if self._wire.trailing_data[1]:  # it hung up in the middle of it
                raise ConnectionResetError from error
            raise RefusedError("http", error.error_status_hint, "it is no HTTP request") from error
        return event

    async def _send(self, answer: Answer, *, last: bool = False) -> None:
        if self._wire.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            raise ConnectionResetError
        headers = [("Content-Length", str(len(answer.body))), *answer.headers]
        if answer.body:
            headers += [("Content-Type", answer.content_type), ("X-Content-Type-Options", "nosniff")]
        if last:
            headers.append(("Connection", "close"))
        response = h11.Response(status_code=answer.status, headers=headers)
        body = () if self._only_head else (h11.Data(data=answer.body),)
        await self._write(response, *body, h11.EndOfMessage())

    async def _write(self, *events: Any) -> None:
        for event in events:
            self._writer.write(self._wire.send(event) or b"")
        async with asyncio.timeout(self._patience.sending):
            await self._writer.drain()

    async def _see_off(self) -> None:
        """Take what a refused client still sends: whoever is hung up on does not read why."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.leaving):
                while await self._reader.read(_CHUNK):
                    pass
