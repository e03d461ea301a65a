"""TLS in front of the tests' server, with certificates made here; to libpq it is the server's own."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path
from typing import Final

HOST: Final = "db.example.test"
"""The name in the server's certificate."""
_TLS_REQUEST: Final = struct.pack("!ii", 8, 80_877_103)
_GSS_REQUEST: Final = struct.pack("!ii", 8, 80_877_104)
_DAYS: Final = ("-days", "2")


class Certificates:
    """An authority, a server's certificate and a client's by it, and an authority of somebody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if shutil.which("openssl") is None:
            raise RuntimeError("the tests need the program `openssl`: install your system's package of it")
        self.authority = self._authority("authority")
        self.other = self._authority("other")
        self.server = self._signed("server", HOST)
        self.client = self._signed("client", "laptop")

    def _run(self, *words: str) -> None:
        done = subprocess.run(
            ("openssl", *words), cwd=self.folder, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def _new(self, name: str, subject: str) -> tuple[str, ...]:
        return (
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", f"{name}.key", "-subj", f"/CN={subject}"),
        )

    def _authority(self, name: str) -> Path:
        self._run(*self._new(name, name), "-x509", *_DAYS, "-out", f"{name}.crt")
        return self.folder / f"{name}.crt"

    def _signed(self, name: str, subject: str) -> Path:
        self._run(*self._new(name, subject), "-out", f"{name}.csr")
        self._run(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.crt", "-CAkey", "authority.key"),
            *("-CAcreateserial", *_DAYS, "-out", f"{name}.crt"),
        )
        (self.folder / f"{name}.key").chmod(0o600)  # libpq takes no other
        return self.folder / f"{name}.crt"


class TlsFront:
    """Takes TLS connections on a loopback port, and passes what is in them to a server's socket.

    With `asks` it wants a certificate of each client, by the authority.
    """

    def __init__(self, server: Path, made: Certificates, *, asks: bool = False) -> None:
        self._server = server
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(made.server, made.server.with_suffix(".key"))
        if asks:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(made.authority)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,))
            thread.start()
            self._threads.append(thread)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            while (asked := client.recv(8, socket.MSG_WAITALL)) == _GSS_REQUEST:
                client.sendall(b"N")
            if asked != _TLS_REQUEST:
                return  # without TLS nobody is served
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as inside,
                socket.socket(socket.AF_UNIX) as server,
            ):
                server.connect(str(self._server))
                _pass(inside, server)

    def close(self) -> None:
        """Take no more; until all that is open has ended."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def _pass(inside: ssl.SSLSocket, server: socket.socket) -> None:
    while True:
        ready = [inside] if inside.pending() else select.select([inside, server], [], [])[0]
        for source in ready:
            piece = source.recv(1 << 16)
            if not piece:
                return
            (server if source is inside else inside).sendall(piece)
