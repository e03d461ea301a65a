"""What may lie in the place of a transcript: nothing is followed, waited for, run, or written elsewhere."""

from __future__ import annotations

import gzip
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import zstandard

from tests.commands.transcripts import write_session
from tests.hostile.mutate import NAMES

_SECONDS: Final = 100
"""After which the program hangs, however slow the machine."""
_MEMORY: Final = 1 << 30
"""Bytes of address space that a scan may take."""
_GOOD: Final = ("00000001-good", "00000002-good", "00000003-good")
_EACH: Final = {"requests": 2, "fresh": 20}
"""Of a good session."""

# The program, telling on its third descriptor whatever it writes to, starts or connects to.
_WATCHED: Final = """
import os, sys
told = os.fdopen(3, "w", buffering=1)
KINDS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "socket.connect",
         "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod")
def hook(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if (writes or event in KINDS) and not isinstance(args[0], int):
        told.write(f"{event} {args[0]!a}\\n")
sys.addaudithook(hook)
from mi6_tui.cli import main
sys.exit(main())
"""


def scan(home: Path, *args: str) -> tuple[dict[str, Any], list[str]]:
    """The report of a scan of `home` in a process with little memory and time, and all it changed outside."""
    reading, writing = os.pipe()
    env = {
        "PATH": os.environ["PATH"], "HOME": str(home), "MI6_TUI_HOME": str(home / "state"), "LANG": "C.UTF-8",
        "TZ": "UTC", "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        os.dup2(writing, 3)

    with subprocess.Popen(
        (sys.executable, "-W", "ignore", "-c", _WATCHED, "scan", "--json", *args),
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit, pass_fds=(3, writing),
    ) as process:  # fmt: skip
        os.close(writing)
        with open(reading, encoding="utf-8", errors="replace") as told:
            changes = told.read().splitlines()
        out, err = process.communicate(timeout=_SECONDS)
    assert process.returncode in (0, 1), err.decode(errors="replace")[-2000:]
    assert "Traceback" not in err.decode(errors="replace")
    assert not set(err) & {*range(10), *range(11, 32), 127}, err
    # Its store, nowhere, and for much to read a second process of its own.
    own = (repr(str(home / "state"))[1:-1], os.devnull, sys.executable)
    outside = [change for change in changes if not any(place in change for place in own)]
    return json.loads(out), outside


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in _GOOD:
        write_session(tmp_path, name)
    return tmp_path


def _projects(home: Path) -> Path:
    return home / ".claude" / "projects" / "-work-greet"


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has no room for more
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _unreadable(path: Path) -> None:
    path.write_text("{}\n")
    path.chmod(0)


def _foreign(path: Path) -> None:
    path.write_text("{}\n")
    if os.getuid() == 0:
        os.chown(path, 12345, 12345)


def _holes(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(1 << 41)


THINGS: Final[dict[str, Callable[[Path], object]]] = {
    "pipe": os.mkfifo,
    "socket": _socket,
    "folder": Path.mkdir,
    "link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "link to zeros": lambda path: path.symlink_to("/dev/zero"),
    "link to chance": lambda path: path.symlink_to("/dev/random"),
    "link to the terminal": lambda path: path.symlink_to("/dev/tty"),
    "link to itself": lambda path: path.symlink_to(path),
    "link to a pipe": lambda path: path.symlink_to(path.with_name("pipe.jsonl")),
    "link to the root": lambda path: path.symlink_to("/"),
    "link upwards": lambda path: path.symlink_to(".."),
    "unreadable": _unreadable,
    "foreign": _foreign,
    "holes": _holes,
}
"""Each makes what its name says at a path."""


def test_what_is_no_file_is_passed(home: Path) -> None:
    projects = _projects(home)
    for name, make in THINGS.items():
        make(projects / f"{name}.jsonl")
    for name in ("\n", "a\x1b]0;owned\x07b", "\u202eabc", "x" * 240, "-rf", "$(touch owned)", "`id`", ";"):
        (projects / f"{name}.jsonl").write_text("nonsense\n")
    (Path(os.fsdecode(os.fsencode(projects) + b"/\xff\xfe.jsonl"))).write_text("nonsense\n")
    (home / ".claude" / "projects" / "elsewhere").symlink_to("/")
    (home / ".codex").mkdir()
    (home / ".codex" / "sessions").symlink_to(home / ".codex")
    (home / ".local" / "share" / "opencode").mkdir(parents=True)
    (home / ".local" / "share" / "opencode" / "opencode.db").symlink_to("/dev/zero")
    before = _everything(home)
    report, outside = scan(home)
    assert (report["sessions"], report["requests"]) >= (len(_GOOD), len(_GOOD) * _EACH["requests"])
    assert report["requests"] == len(_GOOD) * _EACH["requests"]
    assert report["malformed"] == 8
    assert any("not valid UTF-8" in problem["reason"] for problem in report["problems"])
    assert outside == []
    assert _everything(home) == before


def _everything(home: Path) -> set[str]:
    return {
        f"{folder}/{name}"
        for folder, folders, files in os.walk(home)
        if not folder.startswith(str(home / "state"))
        for name in (*folders, *files)
        if name != "state"
    }


def test_ids_of_sessions_lead_nowhere(home: Path) -> None:
    for number, name in enumerate((*NAMES, "\u202eabc", "\x1b[2J", "\ud800", "a" * 300_000)):
        path = write_session(home, f"{number:08}-bad")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        for line in lines:
            line["sessionId"] = line["cwd"] = line["uuid"] = line["gitBranch"] = name
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    before = _everything(home)
    report, outside = scan(home)
    assert report["requests"] == (len(_GOOD) + len(NAMES) + 4) * _EACH["requests"]
    assert report["malformed"] == 0
    assert outside == []
    assert _everything(home) == before


def _rle(byte: bytes, blocks: int, *, last: bool = True) -> bytes:
    """A zstd frame of blocks that are 128 KiB of one byte each and take four bytes."""
    head = b"\x28\xb5\x2f\xfd\x00" + bytes((7 << 3,))
    block = ((128 << 10) << 3) | (1 << 1)
    end = (block | last).to_bytes(3, "little") + byte
    return head + (block.to_bytes(3, "little") + byte) * (blocks - 1) + end


def _dictionary() -> bytes:
    samples = [json.dumps({"type": "user", "n": number}).encode() * 20 for number in range(500)]
    known = zstandard.train_dictionary(4096, [*samples])
    return zstandard.ZstdCompressor(dict_data=known).compress(b'{"type":"x"}\n' * 100)


def _wide() -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(b'{"type":"x"}\n' * 10) + packer.flush()


_PACKED: Final[dict[str, tuple[Callable[[], bytes], str | None]]] = {
    "10 GB of nothing": (lambda: _rle(b"\0", 80_000), "it expands to more than"),
    "10 GB of empty lines": (lambda: _rle(b"\n", 80_000), "it expands to more than"),
    "2 kB of empty lines": (lambda: _rle(b"\n", 512), "it expands to more than 100000 lines"),
    "a thousand frames": (lambda: zstandard.compress(b'{"type":"x"}\n') * 1000, None),
    "bombs in frames": (lambda: _rle(b" ", 100) * 1000, "it expands to more than"),
    "frames to be passed over": (lambda: (b"\x50\x2a\x4d\x18" + bytes(4)) * 100_000, None),
    "a dictionary": (_dictionary, "it cannot be decompressed"),
    "a window of 2 GB": (_wide, "it cannot be decompressed"),
    "cut short": (lambda: zstandard.compress(os.urandom(10_000))[:5000], None),
    "cut in a block": (lambda: _rle(b"x", 50)[:-2], None),
    "no end": (lambda: _rle(b"x", 50, last=False), None),
    "chance": (lambda: b"\x28\xb5\x2f\xfd" + os.urandom(5000), None),
    "gzip": (lambda: gzip.compress(b'{"type":"x"}\n'), "it cannot be decompressed"),
    "empty": (lambda: b"", None),
}


def test_compressed_files_are_expanded_within_bounds(home: Path) -> None:
    sessions = home / ".codex" / "sessions" / "2026" / "11" / "23"
    sessions.mkdir(parents=True)
    for number, (make, _) in enumerate(_PACKED.values()):
        name = f"rollout-2026-11-23T06-13-48-01a2070a-0aba-7462-812d-{number:012x}.jsonl.zst"
        (sessions / name).write_bytes(make())
    report, outside = scan(home)
    assert report["requests"] == len(_GOOD) * _EACH["requests"]
    assert outside == []
    problems = {problem["path"][-14:-10]: problem["reason"] for problem in report["problems"]}
    for number, (name, (_, expected)) in enumerate(_PACKED.items()):
        if expected is not None:
            assert expected in problems.get(f"{number:04x}", ""), name


def test_a_line_and_a_document_without_measure(home: Path) -> None:
    """Just below the limits, which is the most that is read, and far above them."""
    projects = _projects(home)
    head = b'{"type":"user","sessionId":"x","message":{"role":"user","content":"'
    for name, size in (("below", (64 << 20) - 1000), ("above", 80 << 20)):
        with open(projects / f"{name}.jsonl", "wb") as file:
            file.write(head + b"x" * size + b'"}}\n{"type":"of no kind"}\n')
    chats = home / ".gemini" / "tmp" / "project" / "chats"
    chats.mkdir(parents=True)
    with open(chats / "session-2026-11-23T06-28-00000000.json", "wb") as file:
        file.write(b'{"sessionId":"y","messages":[')
        file.truncate(1 << 40)
    report, _ = scan(home)
    assert report["requests"] == len(_GOOD) * _EACH["requests"]
    assert report["skipped"] == 2
