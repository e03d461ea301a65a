"""A network that can be cut: passes bytes between a loopback port and the server's socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

Fate = Literal["pass", "cut", "pass and cut"]


class Proxy:
    """Asks `judge` about every piece that a client sends; `cut` ends all that is open."""

    def __init__(self, server: Path) -> None:
        self.judge: Callable[[bytes], Fate] = lambda _: "pass"
        self._server = server
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def url(self, database: str) -> str:
        """How a store is named that is reached through here."""
        return f"postgresql://mi6@127.0.0.1:{self.port}/{database}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._server))
            except OSError:
                client.close()
                server.close()
                continue
            with self._lock:
                self._open += [client, server]
            for source, sink, asks in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._pump, args=(source, sink, asks))
                thread.start()
                self._threads.append(thread)

    def _pump(self, source: socket.socket, sink: socket.socket, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                fate = self.judge(piece) if asks else "pass"
                if fate == "pass and cut":
                    # The answer must not come: nobody listens for it any more.
                    source.shutdown(socket.SHUT_RDWR)
                if fate != "cut":
                    sink.sendall(piece)
                if fate != "pass":
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_WR if end is sink else socket.SHUT_RDWR)

    def cut(self) -> None:
        """End everything that is open."""
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let nothing more through."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in self._open:
            end.close()
