"""The beginning of a status line in real shells: the user's own command behind it notices nothing."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mi6_tui.hooks.line import status_beginning
from tests.commands.test_bad_input import as_ordinary_user
from tests.ingest.spool.hooking import REPOSITORY, shells

SCRIPT = REPOSITORY / "mi6_tui" / "ingest" / "spool" / "status.sh"
DATA = REPOSITORY / "tests" / "data" / "hooks" / "status" / "claude.jsonl"
SESSION = "5f48c6ce-3268-45c1-8ba7-a280fb052672"
FIRST, LAST = DATA.read_bytes().splitlines(keepends=True)
EVERY_SHELL = pytest.mark.parametrize("shell", shells(), ids=" ".join)
OWN = (
    'cat; printf "%s|" "$#" "$?" "${mi6-none}" "${mi6_told-none}" "$(umask)" "$PATH" "$PWD" "$OWN"; '
    "echo trouble >&2; exit 7"
)
"""A line of the user's that shows all that it can see."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "what is told"
    made.mkdir(mode=0o700)
    return made


def run(
    command: str,
    told: bytes,
    shell: Sequence[str] = ("sh",),
    *,
    prefix: Sequence[str] = (),
    env: Mapping[str, str] = {},
) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr."""
    done = subprocess.run(
        [*prefix, *shell, "-c", command],
        input=told,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "OWN": "1 2", **env},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def begun(folder: Path, own: str = "cat", script: Path = SCRIPT) -> str:
    """The line, which is not left before everything is done."""
    return f"{status_beginning('claude', script, folder)}({own}); code=$?; wait; exit $code"


@EVERY_SHELL
def test_the_users_line_sees_and_says_the_same(folder: Path, shell: tuple[str, ...]) -> None:
    alone = run(OWN, LAST, shell)
    assert alone[0] == 7 and alone[1].startswith(LAST) and alone[2] == b"trouble\n"
    assert run(begun(folder, OWN), LAST, shell) == alone
    (file,) = folder.iterdir()
    assert (file.name, file.read_bytes()) == (f"claude.{SESSION}", LAST)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@EVERY_SHELL
def test_the_latest_word_of_a_session_replaces_the_one_before(folder: Path, shell: tuple[str, ...]) -> None:
    for told in (FIRST, LAST, LAST.replace(SESSION.encode(), b"other_1"), LAST):
        assert run(begun(folder), told, shell) == (0, told, b"")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        f"claude.{SESSION}": LAST,
        "claude.other_1": LAST.replace(SESSION.encode(), b"other_1"),
    }


@EVERY_SHELL
@pytest.mark.parametrize("told", [b"", b"\n", b"{}", b'{"session_id":"../../x"}\n', b"x" * 300_000 + b"\n\n"])
def test_whatever_is_told_is_passed_on(folder: Path, shell: tuple[str, ...], told: bytes) -> None:
    assert run(begun(folder), told, shell) == (0, told, b"")
    (file,) = folder.iterdir()
    assert file.name == f"claude.{os.getpid()}" and file.read_bytes() == told


def test_a_session_named_in_a_value_is_not_meant(folder: Path) -> None:
    told = b'{"text":"\\"session_id\\":\\"no\\"","session_id":"yes"}\n'
    run(begun(folder), told)
    assert [file.name for file in folder.iterdir()] == ["claude.yes"]


@EVERY_SHELL
def test_a_user_without_a_line_of_his_own_sees_nothing(folder: Path, shell: tuple[str, ...]) -> None:
    line = status_beginning("claude", SCRIPT, folder)
    assert run(f"{line}", LAST, shell) == (0, b"", b"")


@EVERY_SHELL
@pytest.mark.parametrize("lost", ["script", "folder"])
def test_without_script_or_folder_it_is_as_if_we_were_not_there(
    folder: Path, shell: tuple[str, ...], lost: str
) -> None:
    script = folder / "none.sh" if lost == "script" else SCRIPT
    where = folder / "none" if lost == "folder" else folder
    line = status_beginning("claude", script, where) + "cat; exit 3"
    assert run(line, LAST, shell) == (3, LAST, b"")
    assert list(folder.iterdir()) == []


@EVERY_SHELL
def test_what_cannot_be_kept_is_passed_on(folder: Path, shell: tuple[str, ...]) -> None:
    folder.chmod(0o500)
    line = status_beginning("claude", SCRIPT, folder) + "cat; exit 3"
    assert run(line, LAST, shell, prefix=as_ordinary_user()) == (3, LAST, b"")
    folder.chmod(0o700)
    assert list(folder.iterdir()) == []


@EVERY_SHELL
def test_a_caller_without_a_standard_input(folder: Path, shell: tuple[str, ...]) -> None:
    line = f"exec <&-; {status_beginning('claude', SCRIPT, folder)} echo own; exit 3"
    assert run(line, b"", shell) == (3, b"own\n", b"")
    assert list(folder.iterdir()) == []


def test_a_link_in_the_place_of_the_new_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    linked = f"ln -s {shlex.quote(str(precious))} {shlex.quote(str(folder))}/.$$; "
    assert run(linked + begun(folder), LAST) == (0, LAST, b"")
    assert precious.read_text() == "mine"


def test_where_nobody_reads_it_stays_small(folder: Path) -> None:
    for number in range(200):
        (folder / f"claude.{number}").write_text("{}")
    run(begun(folder), LAST)
    assert len(list(folder.iterdir())) == 0
    run(begun(folder), LAST)
    assert [file.name for file in folder.iterdir()] == [f"claude.{SESSION}"]


def test_a_caller_without_a_path(folder: Path) -> None:
    assert run(begun(folder, "/bin/cat"), LAST, ("/bin/sh",), env={"PATH": ""}) == (0, LAST, b"")
    assert len(list(folder.iterdir())) == 1


@pytest.mark.skipif(shutil.which("strace") is None, reason="counts processes with strace")
def test_one_process_is_waited_for_and_one_is_not(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    trace = ("strace", "-f", "-qq", "-e", "trace=execve", "-o", str(log))
    line = status_beginning("claude", SCRIPT, folder) + "wait"
    code, _, _ = run(line, LAST, prefix=trace)
    programs = re.findall(r'execve\("([^"]+)".* = 0$', log.read_text(), re.MULTILINE)
    if not programs:
        pytest.skip("tracing is not allowed here")
    assert code == 0
    assert [Path(program).name for program in programs] == ["sh", "tee", "mv"]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
