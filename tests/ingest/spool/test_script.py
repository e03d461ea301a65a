"""The hooks' script in real shells: exact, silent, in nobody's way."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mi6_tui.hooks.line import shell_line
from tests.commands.test_bad_input import as_ordinary_user
from tests.ingest.spool.hooking import SCRIPT, line, parts, run, shells

PAYLOADS = {
    "nothing": b"",
    "one byte": b"x",
    "a newline": b"\n",
    "JSON": b'{"session_id":"s"}\n',
    "no newline at its end": b'{"session_id":"s"}',
    "binary": bytes(range(256)) * 40,
    "its own trailer": b"\nmi6-hook 1\tframework=codex\tevent=\n",
    "ten megabytes": b"0123456789abcdef" * (10 << 16),
}
EVERY_SHELL = pytest.mark.parametrize("shell", shells(), ids=" ".join)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "the spool"
    folder.mkdir(mode=0o700)
    return folder


@EVERY_SHELL
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_payload_lands_in_a_file_byte_for_byte(spool: Path, shell: tuple[str, ...], payload: bytes) -> None:
    assert run(line(spool), payload, shell=shell) == (0, b"")
    (file,) = spool.iterdir()
    kept, trailer = parts(file)
    assert kept == payload
    assert trailer["framework"] == "claude"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@EVERY_SHELL
def test_what_is_kept_of_the_environment(spool: Path, shell: tuple[str, ...]) -> None:
    told = {
        "CLAUDE_PID": "4711",
        "CLAUDE_CODE_SESSION_ATTENDED": "1",
        "CLAUDE_CODE_ENTRYPOINT": "cli",
        "TMUX": "/tmp/tmux 1/default,7,0",
        "TMUX_PANE": "%3",
        "TERM_PROGRAM": "tmux",
        "KITTY_WINDOW_ID": "5",
        "WEZTERM_PANE": "6",
        "ZELLIJ_SESSION_NAME": "ünder $HOME `id` %s \\n",
        "ZELLIJ_PANE_ID": "7",
        "STY": "12.work",
    }
    secrets = {"ANTHROPIC_API_KEY": "sk-1234", "CLAUDE_CODE_MESSAGING_TOKEN": "0000-secret"}
    assert run(line(spool, event="agentStop"), b"{}", shell=shell, env=told | secrets) == (0, b"")
    (file,) = spool.iterdir()
    _, trailer = parts(file)
    assert trailer == told | {"framework": "claude", "event": "agentStop", "ppid": str(os.getpid())}
    assert b"1234" not in file.read_bytes() and b"secret" not in file.read_bytes()


@EVERY_SHELL
def test_a_newline_in_the_environment_costs_its_values_only(spool: Path, shell: tuple[str, ...]) -> None:
    env = {"TERM_PROGRAM": "x\nmi6-hook 1\tframework=codex", "CLAUDE_PID": "4711"}
    assert run(line(spool), b"{}", shell=shell, env=env) == (0, b"")
    (file,) = spool.iterdir()
    assert parts(file) == (b"{}", {"framework": "claude", "event": "", "ppid": str(os.getpid())})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the parent's name stands in /proc")
@EVERY_SHELL
def test_a_shell_in_between_is_not_the_caller(spool: Path, shell: tuple[str, ...]) -> None:
    nested = f"{shlex.join(shell)} -c {shlex.quote(line(spool))}; exit $?"
    assert run(nested, b"{}", shell=shell) == (0, b"")
    (file,) = spool.iterdir()
    assert parts(file)[1]["ppid"] == str(os.getpid())


@EVERY_SHELL
def test_the_options_of_the_caller_make_no_difference(spool: Path, shell: tuple[str, ...]) -> None:
    assert run(f"set -eu; {line(spool)}", b"{}", shell=shell) == (0, b"")
    assert len(list(spool.iterdir())) == 1


@EVERY_SHELL
def test_the_line_of_the_settings_runs_it(spool: Path, shell: tuple[str, ...]) -> None:
    assert run(shell_line("codex", SCRIPT, spool, "Stop"), b"{}", shell=shell) == (0, b"")
    (file,) = spool.iterdir()
    told = {"framework": "codex", "event": "Stop", "ppid": str(os.getpid())}
    assert parts(file)[1].items() >= told.items()


@EVERY_SHELL
def test_a_caller_without_a_path(spool: Path, shell: tuple[str, ...]) -> None:
    program = (str(shutil.which(shell[0])), *shell[1:])
    assert run(line(spool), b"{}", shell=program, env={"PATH": ""}) == (0, b"")
    (file,) = spool.iterdir()
    assert parts(file)[0] == b"{}"


def test_a_name_that_is_taken_is_left_alone(spool: Path, tmp_path: Path) -> None:
    """By a file, a folder, a pipe, a link to nowhere: the call takes the next name."""
    others = f"""
        echo mine >'{spool}/'$$; mkdir '{spool}/'$$-1; mkfifo '{spool}/'$$-2
        ln -s '{tmp_path}/victim' '{spool}/'$$-3
    """
    assert run(f"{others}\n{line(spool)}", b"{}") == (0, b"")
    names = sorted(file.name for file in spool.iterdir())
    assert re.fullmatch(r"(\d+) \1-1 \1-2 \1-3 \1-4", " ".join(names))
    assert (spool / names[0]).read_text() == "mine\n"
    assert parts(spool / names[4])[0] == b"{}"
    assert not (tmp_path / "victim").exists()


def test_two_hundred_hooks_at_once_never_mix(spool: Path) -> None:
    payloads = [b'{"call":%d,"text":"%s"}' % (number, b"%d-" % number * 3000) for number in range(200)]
    with ThreadPoolExecutor(20) as pool:
        ends = list(pool.map(lambda payload: run(line(spool), payload), payloads))
    assert ends == [(0, b"")] * 200
    files = list(spool.iterdir())
    assert len(files) == 200
    assert sorted(parts(file)[0] for file in files) == sorted(payloads)


def make_nothing(spool: Path) -> str:
    spool.rmdir()
    return str(spool)


def make_a_file(spool: Path) -> str:
    spool.rmdir()
    spool.write_text("no folder")
    return str(spool)


def make_read_only(spool: Path) -> str:
    spool.chmod(0o500)
    return str(spool)


def make_relative(spool: Path) -> str:
    return spool.name


@EVERY_SHELL
@pytest.mark.parametrize("spoil", [make_nothing, make_a_file, make_read_only, make_relative])
def test_where_nothing_can_be_kept_nobody_notices(
    spool: Path, shell: tuple[str, ...], spoil: Callable[[Path], str]
) -> None:
    named = spoil(spool)
    payload = PAYLOADS["ten megabytes"]
    assert run(line(named), payload, shell=shell, prefix=as_ordinary_user()) == (0, b"")
    assert not spool.is_dir() or not list(spool.iterdir())


@EVERY_SHELL
def test_a_full_disk_leaves_no_half_file_and_an_unbroken_pipe(spool: Path, shell: tuple[str, ...]) -> None:
    limited = f"ulimit -f 8; {line(spool)}"
    assert run(limited, PAYLOADS["ten megabytes"], shell=shell) == (0, b"")
    assert list(spool.iterdir()) == []
    assert run(limited, b"{}", shell=shell) == (0, b"")
    assert len(list(spool.iterdir())) == 1


def test_without_the_script_the_line_is_silent(spool: Path, tmp_path: Path) -> None:
    assert run(line(spool, script=tmp_path / "none"), b"") == (0, b"")
    assert list(spool.iterdir()) == []


def test_killed_in_the_middle_it_leaves_a_file_without_a_trailer(spool: Path) -> None:
    process = subprocess.Popen(
        ["sh", "-c", line(spool)], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(b"x" * 5000)
        while not any(file.stat().st_size == 5000 for file in spool.iterdir()):
            os.sched_yield()
        os.killpg(process.pid, signal.SIGKILL)
    (file,) = spool.iterdir()
    assert file.read_bytes() == b"x" * 5000


def smaller(tmp_path: Path, **limits: int) -> Path:
    """The script with limits that a test reaches, looking at every call."""
    text = SCRIPT.read_text()
    for name, value in limits.items():
        text, found = re.subn(rf"(?m)^{name}=\d+$", f"{name}={value}", text)
        assert found == 1
    text, found = re.subn(r"% 64\b", "% 1", text)
    assert found == 1
    script = tmp_path / "smaller.sh"
    script.write_text(text)
    return script


def fill(spool: Path, number: int, size: int) -> None:
    for index in range(number):
        file = spool / str(900_000 + index)
        file.write_bytes(b"x" * size)
        os.utime(file, (index, index))


@EVERY_SHELL
@pytest.mark.parametrize(
    ("limits", "size"),
    [({"mi6_most_files": 50}, 1), ({"mi6_most_kib": 1000}, 20_000)],
    ids=["files", "bytes"],
)
def test_a_spool_that_nobody_empties_loses_its_oldest_quarter(
    spool: Path, tmp_path: Path, shell: tuple[str, ...], limits: dict[str, int], size: int
) -> None:
    fill(spool, 79, size)
    (spool / "quarantine").mkdir()
    (spool / "quarantine" / "1").write_text("kept")
    patient = line(spool, script=smaller(tmp_path, **limits)).replace("exit 0", "wait; exit 0")
    assert run(patient, b"{}", shell=shell) == (0, b"")
    left = {int(file.name) for file in spool.iterdir() if file.name.isdigit()}
    # With the call itself there are 80 files, and the folder beside them counts as one.
    assert int((spool / ".dropped").read_text()) == 21
    assert len(left) == 59
    assert left > set(range(900_021, 900_079))
    assert (spool / "quarantine" / "1").read_text() == "kept"


def test_below_its_limits_nothing_is_dropped(spool: Path, tmp_path: Path) -> None:
    fill(spool, 49, 1)
    patient = line(spool, script=smaller(tmp_path, mi6_most_files=50)).replace("exit 0", "wait; exit 0")
    run(patient, b"{}")
    assert len(list(spool.iterdir())) == 50


@pytest.mark.skipif(shutil.which("strace") is None, reason="counts processes with strace")
def test_it_starts_one_process(spool: Path, tmp_path: Path) -> None:
    log, script = tmp_path / "log", tmp_path / "never.sh"
    # One call in 64 looks how full the spool is; this one does not.
    script.write_text(SCRIPT.read_text().replace("% 64", "% 64 + 1"))
    trace = ("strace", "-f", "-qq", "-e", "trace=execve", "-o", str(log))
    try:
        code, _ = run(line(spool, script=script), b"{}", prefix=trace)
    except BrokenPipeError:
        pytest.skip("tracing is not allowed here")
    programs = re.findall(r'execve\("([^"]+)".* = 0$', log.read_text(), re.MULTILINE)
    assert code == 0
    assert [Path(program).name for program in programs] == ["sh", "cat"]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
