"""The user's own program that is started when a session needs him."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from mi6_tui.tui.notify import Note, reason
from mi6_tui.tui.text import clean

AT_ONCE: Final = 4
"""Programs that may run at the same time; a further one is not started."""
_LIMIT: Final = 4096


def variables(note: Note) -> dict[str, str]:
    """What the program is told, as environment variables; of several sessions only what they share."""
    session = note.session
    told: dict[str, str | None] = {"STATUS": note.shown, "REASON": note.body, "NAME": note.title}
    told |= dict.fromkeys(("SESSION", "CWD", "FRAMEWORK"), "")
    if session is not None:
        told |= {
            "SESSION": session.session_id,
            "REASON": reason(session),
            "NAME": clean(session.name),
            "CWD": session.cwd,
            "FRAMEWORK": session.framework,
        }
    return {f"MI6_{name}": _bare(value) for name, value in told.items()}


def _bare(value: str | None) -> str:
    """`value` as an environment can hold it; a folder's name must stay what it is."""
    return (value or "").replace("\0", "")[:_LIMIT].encode("utf-8", "replace").decode()


class Programs:
    """Starts programs and forgets them; `failed` is told from another thread why one did not do its work."""

    def __init__(self, failed: Callable[[str], object]) -> None:
        self._failed = failed
        self._places = threading.Semaphore(AT_ONCE)
        self._complained = ""

    def start(self, argv: Sequence[str], told: Mapping[str, str]) -> None:
        """Run `argv` with `told` in its environment: no shell, no terminal, nobody waits."""
        if not self._places.acquire(blocking=False):
            self._complain(argv, f"still runs {AT_ONCE} times, so it is not started again")
            return
        threading.Thread(target=self._run, args=(tuple(argv), told), name="program", daemon=True).start()

    def _run(self, argv: tuple[str, ...], told: Mapping[str, str]) -> None:
        try:
            code = subprocess.Popen(  # noqa: S603 (the user's own words)
                argv,
                env={**os.environ, **told},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ).wait()
        except (OSError, ValueError) as error:
            self._complain(argv, f"cannot be started: {getattr(error, 'strerror', None) or error}")
        else:
            if code:
                self._complain(argv, f"ended with {code}")
        finally:
            self._places.release()

    def _complain(self, argv: Sequence[str], why: str) -> None:
        told = f"notifications.command: {clean(argv[0], 60)} {why}"
        if told != self._complained:
            self._complained = told
            self._failed(told)
