"""Real shells that run the hooks' script, and the recorded calls of real clients."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

REPOSITORY = Path(__file__).parents[3]
SCRIPT = REPOSITORY / "mi6_tui" / "ingest" / "spool" / "hook.sh"
CALLS = REPOSITORY / "tests" / "data" / "hooks" / "calls"

_SHELLS: tuple[tuple[str, ...], ...] = (
    ("sh",),
    ("dash",),
    ("bash",),
    ("bash", "--posix"),
    ("busybox", "ash"),
    ("zsh",),
    ("zsh", "--emulate", "sh"),
)


def shells() -> list[tuple[str, ...]]:
    """Those that this machine has."""
    return [shell for shell in _SHELLS if shutil.which(shell[0])]


def line(spool: Path | str, *, framework: str = "claude", event: str = "", script: Path = SCRIPT) -> str:
    """What stands in a client's settings, by the contract at the head of the script."""
    return (
        f"mi6={framework}; mi6_event='{event}'; mi6_spool='{spool}'; "
        f"[ -r '{script}' ] && . '{script}'; exit 0"
    )


def run(
    command: str,
    payload: bytes,
    *,
    shell: Sequence[str] = ("sh",),
    env: Mapping[str, str] = {},
    prefix: Sequence[str] = (),
) -> tuple[int, bytes]:
    """The exit code, and all that was printed. BrokenPipeError if the payload was not read to its end."""
    process = subprocess.Popen(
        [*prefix, *shell, "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], **env},
        bufsize=0,
    )
    with process:
        assert process.stdin is not None and process.stdout is not None
        rest = memoryview(payload)
        while rest:
            rest = rest[process.stdin.write(rest) :]
        process.stdin.close()
        printed = process.stdout.read()
    return process.returncode, printed


def parts(file: Path) -> tuple[bytes, dict[str, str]]:
    """Payload and trailer of a spool file, taken apart by hand."""
    payload, newline, trailer = file.read_bytes().removesuffix(b"\n").rpartition(b"\n")
    assert newline and file.read_bytes().endswith(b"\n")
    head, *words = trailer.decode().split("\t")
    assert head == "mi6-hook 1"
    return payload, dict(word.split("=", 1) for word in words)


def put(
    spool: Path,
    name: str,
    payload: bytes,
    *,
    at: int,
    framework: str = "claude",
    event: str = "",
    **told: str,
) -> Path:
    """A spool file as the script leaves it, of the time `at` (ms)."""
    fields = "".join(f"\t{key}={value}" for key, value in told.items())
    file = spool / name
    file.write_bytes(payload + f"\nmi6-hook 1\tframework={framework}\tevent={event}{fields}\n".encode())
    os.utime(file, ns=(at * 1_000_000, at * 1_000_000))
    return file


class Recorded(msgspec.Struct):
    """A hook call that a real client made."""

    t: float
    """s."""
    event: str
    stdin: dict[str, Any]
    scenario: str | None = None
    env: dict[str, str] = {}

    @property
    def at(self) -> int:
        """ms."""
        return int(self.t * 1000)

    @property
    def payload(self) -> bytes:
        """As the client wrote it."""
        return json.dumps(self.stdin).encode()


def recorded(client: str) -> list[Recorded]:
    """The calls of a client in the order they were made; long texts are cut."""
    data = gzip.decompress((CALLS / f"{client}.jsonl.gz").read_bytes())
    return [msgspec.json.decode(one, type=Recorded) for one in data.splitlines()]
