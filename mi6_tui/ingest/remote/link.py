"""A connection to another machine: questions go there, bounded answers come back, in order."""

from __future__ import annotations

import os
import secrets
import select
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final, cast

import msgspec

from mi6_tui.frameworks.text import one_line
from mi6_tui.ingest.remote.far_side import command, program

CONNECT_SECONDS: Final = 10
"""For ssh to reach the machine; who is there, and may we, has PATIENCE."""
PATIENCE: Final = 60.0
"""Seconds in which nothing comes, after which nothing is expected any more."""
SLOWEST: Final = 16 << 10
"""Bytes a second; what trickles in more slowly is given up as well."""
ANSWER_LIMIT: Final = 64 << 20
"""Bytes of one answer."""

_NOISE: Final = 64 << 10
"""Bytes that a login may print before our program begins."""
_LEAVE: Final = 1.0
"""Seconds that ssh has to end in."""
_ERRORS: Final = 2048
_READ: Final = 256 << 10
_WORD: Final = 64
_OPTIONS: Final = {
    "BatchMode": "yes",
    "ConnectTimeout": str(CONNECT_SECONDS),
    "ServerAliveInterval": "15",
    "ServerAliveCountMax": "2",
    "RequestTTY": "no",
    "RemoteCommand": "none",
    "PermitLocalCommand": "no",
    # What the user's settings forward is for the user's own connections.
    "ClearAllForwardings": "yes",
    "ForwardAgent": "no",
    "ForwardX11": "no",
}


class LinkError(Exception):
    """The other machine cannot be read, in one line that may be shown."""


class Answer(msgspec.Struct):
    """What came, or will come, to one question."""

    limit: int
    word: str = ""
    """How it went; empty: it did not come yet."""
    data: bytes = b""


def argv(address: str, size: int) -> tuple[str, ...]:
    """How ssh is started to run a program of `size` bytes."""
    options = (word for name, value in _OPTIONS.items() for word in ("-o", f"{name}={value}"))
    return ("ssh", "-T", *options, "--", address, command(size))


class Link:
    """One ssh; used by one thread, but `abandon` may come from another.

    LinkError from every call once the connection failed.
    """

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        token = secrets.token_hex(16)
        self._end = f"\n{token}:".encode()
        self.mark = f"\n{token}=".encode()
        """Stands in an answer between two parts of it."""
        self._unsent = bytearray(program(token))
        self._buffer = bytearray()
        self._searched = 0
        self._open: deque[Answer] = deque()
        self._hears = True
        """Whether stderr is open: what a user's ssh leaves behind may keep it so for long."""
        self._said = b""
        """The end of what ssh said on stderr."""
        self._process = self._start(argv(address, len(self._unsent)))
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._stdout = cast(IO[bytes], self._process.stdout)
        self._stderr = cast(IO[bytes], self._process.stderr)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)

    def _start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Without a terminal: no prompt can come in the way, and no key ends it.
                start_new_session=True,
                bufsize=0,
            )
        except FileNotFoundError as error:
            raise LinkError("there is no program `ssh` here: install OpenSSH's client") from error
        except OSError as error:
            raise LinkError(f"ssh cannot be started: {error.strerror}") from error

    def hello(self) -> str:
        """Wait until the loop there runs; how it looks at files."""
        answer = self.ask("hello", _NOISE)
        self.wait(answer)
        kind = answer.data[-8:].decode(errors="replace")
        for known in ("stat", "ls"):
            if kind.endswith(known):
                return known
        raise LinkError("it does not answer as a POSIX shell does")

    def ask(self, question: str, limit: int) -> Answer:
        """Send a question, whose answer may have `limit` bytes; it comes when the ones before it have."""
        answer = Answer(limit)
        self._open.append(answer)
        self._unsent += question.encode() + b"\n"
        return answer

    def wait(self, answer: Answer) -> Answer:
        """Until it came."""
        began = heard = time.monotonic()
        while not answer.word:
            if self._take():
                began = heard = time.monotonic()
                continue
            last = began + self._patience + self._open[0].limit / SLOWEST
            left = min(heard + self._patience, last) - time.monotonic()
            if left <= 0:
                raise LinkError(f"no answer within {self._patience:g} s")
            if self._move(left):
                heard = time.monotonic()
        return answer

    def _move(self, seconds: float) -> bool:
        """Send and receive what can be, once; whether something came."""
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if self._hears:
            poll.register(self._stderr, select.POLLIN)
        if self._unsent:
            poll.register(self._stdin, select.POLLOUT)
        ready = {fd for fd, _ in poll.poll(seconds * 1000)}
        if self._stderr.fileno() in ready:
            said = self._stderr.read(_ERRORS)
            self._hears = said != b""
            self._said = (self._said + (said or b""))[-_ERRORS:]
        if self._unsent and self._stdin.fileno() in ready:
            try:
                del self._unsent[: os.write(self._stdin.fileno(), self._unsent)]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                self._unsent.clear()  # the end of stdout tells why
        if self._stdout.fileno() not in ready:
            return False
        data = os.read(self._stdout.fileno(), _READ)
        if not data:
            raise LinkError(self._reason())
        self._buffer += data
        return True

    def _take(self) -> bool:
        """Whether the next answer is whole."""
        answer = self._open[0]
        at = self._buffer.find(self._end, self._searched)
        if at < 0 or (close := self._buffer.find(b"\n", at + len(self._end))) < 0:
            self._searched = max(0, (at if at >= 0 else len(self._buffer) - len(self._end)))
            if len(self._buffer) > answer.limit + len(self._end) + _WORD:
                raise LinkError("it sends more than it was asked for")
            return False
        if at > answer.limit:
            raise LinkError("it sends more than it was asked for")
        answer.data = bytes(self._buffer[:at])
        answer.word = self._buffer[at + len(self._end) : close].decode(errors="replace")[:_WORD] or "?"
        del self._buffer[: close + 1]
        self._searched = 0
        self._open.popleft()
        return True

    def _reason(self) -> str:
        """Why the connection ended: the last thing that ssh said, or the login there."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE)
        self._said += self._stderr.read(_ERRORS) or b""
        for said in (self._said, bytes(self._buffer[-_ERRORS:])):
            lines = [one_line(line, 200) for line in said.decode(errors="replace").splitlines()]
            if any(lines):
                return [line for line in lines if line][-1].removesuffix(".")
        return "the connection ended"

    def abandon(self) -> None:
        """End it from another thread: whoever waits has a LinkError soon."""
        self._process.kill()

    def close(self) -> None:
        """End it: by the end of its stdin, and if it stays nevertheless, by force."""
        with suppress(OSError):
            self._stdin.close()
        # What it still sends is dropped, so that it need not wait for us.
        self._stdout.close()
        try:
            self._process.wait(_LEAVE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()
