"""Processes of the program that are forked from one which has loaded it already: most of a start is imports.

Each still is a process of its own: its environment, folder, files, exit code and end are as if it had been
started. How it starts is proven where it is started.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Final

_STARTED_WITH: Final = {"LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
"""What the interpreter heeds before anything of ours runs: processes with other values have to be started."""
_HEEDED: Final = ("LANG", "LC_", "PYTHON")
_HANDED_DOWN: Final = ("setpriv",)
"""Programs that change what a process hands down to those that it forks."""
_NOT_LOADED: Final = ("mi6_tui.__main__", "mi6_tui.bench", "mi6_tui.tui", "mi6_tui.web")
_ANSWER: Final = 1 << 16


def can_fork(prefix: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether a forked process is what one started with this environment would be, behind `prefix`."""
    if prefix and Path(prefix[0]).name not in _HANDED_DOWN:
        return False
    return {name: value for name, value in env.items() if name.startswith(_HEEDED)} == _STARTED_WITH


def run_forked(
    prefix: Sequence[str], args: Sequence[str], env: Mapping[str, str], cwd: Path | None, seconds: float
) -> subprocess.CompletedProcess[str]:
    """The finished process of a command line; TimeoutExpired if it does not end in time."""
    pipes = [os.pipe(), os.pipe()]
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(_server(tuple(prefix)))
            asked = {"args": list(args), "env": dict(env), "cwd": str(cwd or Path.cwd())}
            socket.send_fds(line, [json.dumps(asked).encode() + b"\n"], [end for _, end in pipes])
        finally:
            for _, end in pipes:
                os.close(end)
        with line.makefile() as answers:
            pid = int(answers.readline())
            try:
                told = _read_all([end for end, _ in pipes], time.monotonic() + seconds)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(args), seconds) from None
            code = os.waitstatus_to_exitcode(int(answers.readline()))
    out, err = (told[end].decode().replace("\r\n", "\n") for end, _ in pipes)
    return subprocess.CompletedProcess(list(args), code, out, err)


def _read_all(ends: Sequence[int], deadline: float) -> dict[int, bytes]:
    """What comes out of each pipe until nobody holds its other end; closes them."""
    told = dict.fromkeys(ends, b"")
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                data = os.read(key.fd, _ANSWER)
                told[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return told


@cache
def _server(prefix: tuple[str, ...]) -> str:
    """Where the loaded process listens that was started behind `prefix`; it ends with this one."""
    path = str(Path(tempfile.mkdtemp(prefix="mi6-")) / "line")
    env = {**os.environ, **_STARTED_WITH}
    server = subprocess.Popen(
        (*prefix, sys.executable, "-m", __name__, path),
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdin is not None and server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    server.stdout.close()
    server.wait()  # what listens is its child, and none of this process, whose children tests count
    atexit.register(_end, server.stdin, Path(path))
    return path


def _end(stdin: IO[bytes], path: Path) -> None:
    stdin.close()
    path.unlink(missing_ok=True)
    path.parent.rmdir()


# In the loaded process.


def _serve(path: str) -> socket.socket:
    """Fork for whoever asks until stdin ends, and end then; in a forked process: the line to who asked."""
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(path)
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that answer
        print("ready", flush=True)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while sys.stdin not in {key.fileobj for key, _ in selector.select()}:
            line = listener.accept()[0]
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return line
            line.close()
    os._exit(0)


def _answer(line: socket.socket) -> None:
    """Tell the number of a process that is as if started as asked, then how it ended; returns in that one."""
    data, ends, _, _ = socket.recv_fds(line, _ANSWER, 2)
    while not data.endswith(b"\n"):
        data += line.recv(_ANSWER)
    pid = os.fork()
    if pid:
        for end in ends:
            os.close(end)
        with suppress(OSError):  # whoever asked may be gone
            line.sendall(b"%d\n" % pid)
            line.sendall(b"%d\n" % os.waitpid(pid, 0)[1])
        os._exit(0)
    line.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, end in enumerate((nothing, *ends)):
        os.dup2(end, number)
        os.close(end)
    asked = json.loads(data)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    os.chdir(asked["cwd"])
    sys.argv = ["mi6-tui", *asked["args"]]


def _load() -> None:
    """Import all that a command may need, and what that imports late."""
    from importlib import import_module
    from pkgutil import walk_packages

    import mi6_tui
    from mi6_tui import start

    start.import_msgspec()
    for module in walk_packages(mi6_tui.__path__, "mi6_tui."):
        if not module.name.startswith(_NOT_LOADED):
            import_module(module.name)
    for name in ("anyio", "watchfiles"):
        import_module(name)
    start.keep_what_is_loaded()  # else every collection of a fork copies all of it


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    _load()
    _answer(_serve(sys.argv[1]))
    from mi6_tui.cli import main

    sys.exit(main())
