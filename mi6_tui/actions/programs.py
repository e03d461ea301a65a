"""Other programs, run without a shell: no terminal for them, little time, few of their words are kept."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from typing import Final

from mi6_tui.actions.errors import ActionError
from mi6_tui.frameworks.text import one_line

SECONDS: Final = 3.0
"""How long a program may take."""
_OUTPUT: Final = 1 << 18
"""Bytes of output and complaints that are read; more is no answer."""
_SAID: Final = 160


def which(name: str, env: Mapping[str, str]) -> bool:
    """Whether a program of that name can be run."""
    return shutil.which(name, path=env.get("PATH", os.defpath)) is not None


def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: str | None = None,
    seconds: float = SECONDS,
    codes: Container[int] = (0,),
) -> str:
    """What the program prints. ActionError if it cannot be run, takes longer than `seconds`, or ends with a
    code that is none of `codes`.
    """
    with _started(argv, env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=cwd) as process:
        try:
            said, complaints = _read(process, time.monotonic() + seconds)
        except TimeoutError:
            _end(process)
            raise ActionError(f"{_called(argv)} does not answer within {seconds:g} s") from None
    if process.returncode not in codes:
        raise ActionError(f"{_called(argv)}: {complaints or f'it ended with {process.returncode}'}")
    return said


def feed(argv: Sequence[str], env: Mapping[str, str], content: bytes) -> None:
    """Give `content` to the program. It may leave a child behind that serves it. ActionError as `run`."""
    with _started(argv, env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            process.communicate(content, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            _end(process)
            raise ActionError(f"{_called(argv)} does not answer within {SECONDS:g} s") from None
    if process.returncode:
        raise ActionError(f"{_called(argv)} ended with {process.returncode}")


def launch(argv: Sequence[str], env: Mapping[str, str], *, cwd: str | None = None) -> None:
    """Start a program that may stay. ActionError if it cannot be started, or fails at once."""
    process = _started(argv, env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=cwd)
    try:
        code = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, name="launched", daemon=True).start()
        return
    if code:
        raise ActionError(f"{_called(argv)} ended with {code}")


def _started(
    argv: Sequence[str], env: Mapping[str, str], *, stdin: int, stdout: int, cwd: str | None = None
) -> subprocess.Popen[bytes]:
    # Looked for along the PATH of `env`: a name that is no path must not be found in `cwd`.
    program = shutil.which(argv[0], path=env.get("PATH", os.defpath))
    if program is None:
        raise ActionError(f"no program is called {_called(argv)}")
    try:
        return subprocess.Popen(  # noqa: S603 (no shell)
            argv,
            executable=program,
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stdout if stdout == subprocess.PIPE else subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ActionError(f"{_called(argv)} cannot be started: {why}") from error


def _read(process: subprocess.Popen[bytes], deadline: float) -> tuple[str, str]:
    """What it prints and what it complains of. TimeoutError if it does not end in time, or tells too much."""
    told: dict[int, bytearray] = {}
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                told[pipe.fileno()] = bytearray()
                selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                told[key.fd] += piece
                if not piece:
                    selector.unregister(key.fileobj)
                if len(told[key.fd]) > _OUTPUT:
                    raise TimeoutError
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    printed, complaints = (bytes(part).decode(errors="replace") for part in told.values())
    return printed, one_line(complaints, _SAID)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _called(argv: Sequence[str]) -> str:
    """The program, for people."""
    return one_line(argv[0], 60)
