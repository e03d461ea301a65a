"""The real server as a process, over a home with one session."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.commands.transcripts import write_session

PROGRAM = (sys.executable, "-m", "mi6_tui")
PROMPT = "Count the lighthouses"


class Served:
    """A server that was told `args`."""

    def __init__(self, home: Path, *args: str) -> None:
        self.home = home
        write_session(home, "first", prompt=PROMPT)
        self.process = subprocess.Popen(
            (*PROGRAM, "serve", "--port", "0", *args),
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "MI6_TUI_HOME": str(home / "state"),
                "TZ": "UTC",
                "LANG": "C.UTF-8",
                "PYTHONWARNINGS": "error",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.link = self.process.stdout.readline().strip()
        told = urlsplit(self.link)
        assert told.hostname is not None and told.port is not None, self.process.communicate()
        self.host, self.port = told.hostname, told.port
        self.origin = f"http://{self.host}:{self.port}"
        self.token_path = f"{told.path}?{told.query}"

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """The answer to one request; in names of headers `_` stands for `-`."""
        connection = HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def enter(self) -> tuple[str, str]:
        """Use the link: the path of the page, and the Cookie header of the browser that was let in."""
        answer, _ = self.get(self.token_path)
        assert answer.status == 303
        return answer.headers["Location"], answer.headers["Set-Cookie"].partition(";")[0]

    def dashboards(self) -> list[psutil.Process]:
        """Those that run."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit code and what was said on stderr."""
        self.process.send_signal(number)
        _, told = self.process.communicate(timeout=40)
        return self.process.returncode, told
