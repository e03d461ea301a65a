"""A real tmux with terminals that show it."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path


class Tmux:
    """A tmux server of the test's own, with terminals that show it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "a socket"
        self._clients: list[subprocess.Popen[bytes]] = []
        self._terminals: list[int] = []
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}

    def __call__(self, *args: str) -> str:
        """What tmux prints."""
        command = ("tmux", "-S", str(self.socket), "-f", os.devnull, *args)
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def pane(self, *args: str) -> str:
        """Make a session, window or pane in which nothing happens; the pane's id."""
        return self(*args, "-P", "-F", "#{pane_id}", "cat")

    def attach(self, session: str) -> str:
        """A terminal that shows a session; its name."""
        before = set(self("list-clients", "-F", "#{client_name}").splitlines())
        self("set-hook", "-g", "client-attached", "wait-for -S attached")
        master, slave = pty.openpty()
        self._terminals += [master, slave]
        command = ("tmux", "-S", str(self.socket), "attach-session", "-t", session)
        self._clients.append(
            subprocess.Popen(
                command, env=self.env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            )
        )
        self("wait-for", "attached")
        (name,) = set(self("list-clients", "-F", "#{client_name}").splitlines()) - before
        return name

    def seen(self) -> dict[str, str]:
        """By terminal: the pane that it shows with the cursor in it."""
        lines = self("list-clients", "-F", "#{client_name} #{pane_id}").splitlines()
        return dict(line.rsplit(" ", 1) for line in lines)

    def close(self) -> None:
        """End the server, and with it everything that it shows."""
        subprocess.run(("tmux", "-S", str(self.socket), "kill-server"), capture_output=True, check=False)
        for client in self._clients:
            client.wait()
        for terminal in self._terminals:
            os.close(terminal)
