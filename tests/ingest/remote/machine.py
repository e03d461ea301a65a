"""Settings of an ssh of the tests' own, and the machines that it reaches."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

_SSHD = """
HostKey {key}
AuthorizedKeysFile {allowed}
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PidFile none
LogLevel ERROR
"""
_HOST = """
Host {name}
  User {user}
  HostKeyAlias host
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  IdentityFile {keys}/user
  IdentitiesOnly yes
  IdentityAgent none
  LogLevel ERROR
  {how}
"""


class Far:
    """A machine that calls itself `name`; `home` is where its clients write, `bin` is first in its PATH."""

    def __init__(self, name: str, home: Path) -> None:
        self.address = self.name = name
        self.home = home
        self.bin = home.parent / "bin"
        self.bin.mkdir(parents=True)
        home.mkdir()
        self.hangs = False
        self.program("uname", f"echo {shlex.quote(name)}")

    def program(self, name: str, text: str) -> None:
        """What `name` does there instead of what it does elsewhere."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def hang(self, name: str) -> None:
        """Let `name` never end there; the fixture ends it."""
        self.hangs = True
        self.program(name, "exec sleep 1000")

    def processes(self) -> list[psutil.Process]:
        """What runs there: it has its home."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("HOME") == str(self.home):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def write(self, name: str, data: bytes) -> Path:
        """A file below its home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


class Ssh:
    """What the program finds as `ssh`: the real one, with settings in `folder`.

    A connection needs no port and nobody who waits at it: ssh itself starts the sshd that it speaks to.
    """

    def __init__(self, folder: Path, keys: Path, ssh: str, sshd: str, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._keys, self._sshd = folder, keys, sshd
        self._machines: list[Far] = []
        (folder / "bin").mkdir(parents=True)
        self._config = folder / "config"
        self._config.write_text("")
        wrapper = folder / "bin" / "ssh"
        # A busy machine is no failure: what stands first holds.
        options = f"-F {shlex.quote(str(self._config))} -o ConnectTimeout=60"
        wrapper.write_text(f'#!/bin/sh\nexec {ssh} {options} "$@"\n')
        wrapper.chmod(0o755)
        patch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        (folder / "known_hosts").write_text("host " + (keys / "host.pub").read_text())
        if os.geteuid() == 0:
            # Where sshd locks itself up before it knows who is there; only root needs it, and can make it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)

    def machine(
        self,
        name: str,
        *,
        env: Mapping[str, str] | None = None,
        key: str = "host",
        user_key: str = "user",
    ) -> Far:
        """A machine that calls itself `name`, at the address `name`; `user_key` is whom it lets in."""
        far = Far(name, self.folder / name / "home")
        self._machines.append(far)
        settings = self.folder / name / "sshd_config"
        variables = {"HOME": str(far.home), "PATH": f"{far.bin}:/usr/bin:/bin", **(env or {})}
        words = " ".join(f'{key}="{value}"' for key, value in variables.items())
        allowed = self._keys / f"{user_key}.pub"
        settings.write_text(_SSHD.format(key=self._keys / key, allowed=allowed) + f"SetEnv {words}\n")
        self.host(name, f"ProxyCommand {self._sshd} -i -f {settings}")
        return far

    def close(self) -> None:
        """End what hangs there."""
        for far in self._machines:
            for process in far.processes() if far.hangs else ():
                process.kill()

    def host(self, name: str, how: str) -> None:
        """Another entry in the settings of ssh; `how` is where the machine is."""
        user = pwd.getpwuid(os.geteuid()).pw_name
        entry = _HOST.format(name=name, how=how, user=user, folder=self.folder, keys=self._keys)
        self._config.write_text(self._config.read_text() + entry)
