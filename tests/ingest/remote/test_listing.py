"""The forms in which programs of other systems tell of files."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from mi6_tui.ingest.remote.far_side import quoted
from mi6_tui.ingest.remote.listing import FarStatus, files

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
_NS = 1_000_000_000


def ns(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * _NS  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (b"//2049 131 7 1700000000.123456789 ", FarStatus(2049, 131, 7, 1_700_000_000_123_456_789)),  # GNU
        (
            b"//16777232 5 7 1700000000.120000000 ",
            FarStatus(16777232, 5, 7, 1_700_000_000_120_000_000),
        ),  # BSD
        (b"//64769 5 0 1700000000 ", FarStatus(64769, 5, 0, 1_700_000_000 * _NS)),  # busybox
    ],
)
def test_stat_of_every_kind(record: bytes, status: FarStatus) -> None:
    data = record + b"/r/./a.jsonl\n" + record + b"/r/./b\n\n"
    assert list(files(data, "stat", ["/r"], NOW)) == [("/r/./a.jsonl", status), ("/r/./b\n", status)]


@pytest.mark.parametrize(
    ("shown", "mtime"),
    [
        # The minute's last second, and the day's.
        ("Feb 28 09:41", ns(2026, 2, 28, 9, 41, 59)),
        ("Mar  1 12:00", ns(2026, 3, 1, 12, 0, 59)),
        ("Dec 31 23:59", ns(2025, 12, 31, 23, 59, 59)),
        ("May 17  2024", ns(2024, 5, 17, 23, 59, 59)),
        ("Feb 29  2024", ns(2024, 2, 29, 23, 59, 59)),
    ],
)
def test_ls_shows_minutes_or_days(shown: str, mtime: int) -> None:
    line = f" 131 -rw-------   1 0        1000         77 {shown} /a b/./x y.jsonl\n".encode()
    found = list(files(line * 2, "ls", ["/other", "/a b"], NOW))
    assert found == [("/a b/./x y.jsonl", FarStatus(0, 131, 77, mtime))] * 2


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"//\n", b"//1 2 3\n", b"\xff\x00", b"1 -r 1 1 1 1 Foo 99 25:61 /r/./a\n"]
)
@pytest.mark.parametrize("kind", ["stat", "ls"])
def test_nonsense_is_no_file(data: bytes, kind: str) -> None:
    assert list(files(data, kind, ["/r"], NOW)) == []


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_a_shell_reads_any_path_as_it_is(shell: str) -> None:
    program = shutil.which(shell)
    assert program is not None, f"the tests need {shell}; install it first"
    path = "/" + bytes(range(1, 256)).decode(errors="surrogateescape") + "7\n\n"
    words = [program, *(["sh"] if shell == "busybox" else []), "-c"]
    text = """read -r verb a <&0; f=$(printf '%b.' "$a"); printf '%s' "${f%.}" """
    given = f"read {quoted(path)}\n".encode()
    done = subprocess.run([*words, "LC_ALL=C; " + text], input=given, capture_output=True, check=True)
    assert done.stdout.decode(errors="surrogateescape") == path
