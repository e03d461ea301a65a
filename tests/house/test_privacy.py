"""What is the user's own business stays it: modes of our files, and files of others that we never open."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mi6_tui.log import FILE_NAME, open_log
from mi6_tui.paths import paths
from mi6_tui.private import make_folder, tighten
from mi6_tui.settings_file import save_setting
from mi6_tui.tui.history import History
from tests.commands.conftest import PROGRAM, Cli
from tests.commands.test_terminal import on_terminal
from tests.commands.transcripts import write_session
from tests.recorded import furnish

REPOSITORY = Path(__file__).parents[2]
CREDENTIALS = (
    ".claude/.credentials.json",
    ".claude.json",
    ".codex/auth.json",
    ".gemini/oauth_creds.json",
    ".gemini/google_accounts.json",
    ".gemini/.env",
    ".local/share/opencode/auth.json",
    ".copilot/config.json",
    ".config/github-copilot/hosts.json",
    ".config/gh/hosts.yml",
    ".aws/credentials",
    ".ssh/id_ed25519",
    ".netrc",
    ".git-credentials",
    ".env",
    "work/.env",
    "work/key.pem",
    "work/.npmrc",
)
WATCHED = """
import json, os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from mi6_tui.cli import main
for argv in json.loads(sys.argv[1]):
    code = main(argv)
    assert code in (0, 1, 3), (argv, code)
print(json.dumps(opened), file=sys.stderr)
"""
COMMANDS = (
    ["scan"],
    ["scan", "--full"],
    ["sessions"],
    ["session", "keys-1"],
    ["next"],
    ["explain", "keys-1"],
    ["verify", "keys-1"],
    ["search", "hello"],
    ["stats"],
    ["enable", "--print"],
    ["enable"],
    ["status"],
    ["doctor"],
    ["disable"],
    ["gc"],
    ["forget", "keys-1", "--yes"],
)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


def test_files_with_credentials_are_never_opened(tmp_path: Path) -> None:
    furnish(tmp_path)
    transcript = write_session(tmp_path, "keys-1", prompt="Say hello")
    lines = transcript.read_text().replace("/work/greet", str(tmp_path / "work"))
    transcript.write_text(lines)
    for name in CREDENTIALS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"secret": "tangerine"}')
    subprocess.run(["git", "init", "-q", str(tmp_path / "work")], check=True)
    done = subprocess.run(
        (sys.executable, "-c", WATCHED, json.dumps(COMMANDS)),
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MI6_TUI_HOME": str(tmp_path / "state")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    opened = json.loads(done.stderr.splitlines()[-1])
    assert str(transcript) in opened, "the hook hears what is opened"
    secret = {str(tmp_path / name) for name in CREDENTIALS}
    assert sorted(secret.intersection(opened)) == []
    ours = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {path.name for path in ours} >= {"mi6.db", "hook.sh"}
    assert [path for path in ours if b"tangerine" in path.read_bytes()] == []


def _loose(folder: Path) -> dict[str, str]:
    """What others may look into, with its mode."""
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}
    return {str(path.relative_to(folder)): oct(mode) for path, mode in modes.items() if mode & 0o077}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_may_look_into_what_we_make(
    umask: int, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_session(cli.home, "a-1111")
    home = cli.home / "below" / "state"
    cli.env |= {"MI6_TUI_HOME": str(home), "MI6_TUI_LOG": "debug"}
    before = os.umask(umask)
    try:
        for argv in (["enable", "claude"], ["scan"], ["doctor", "--json"], ["demo", "--json"], ["gc"]):
            assert cli.run(*argv).returncode in (0, 1), argv
        hook = json.loads((cli.home / ".claude/settings.json").read_text())["hooks"]["SessionStart"][0][
            "hooks"
        ][0]
        subprocess.run(["sh", "-c", hook["command"]], input=b"{}", env=cli.env, check=True)
        with on_terminal(cli) as screen:
            screen.read_until(b"quit")
            os.write(screen.master, b"q")
            assert screen.finish() == 0
        monkeypatch.setenv("MI6_TUI_HOME", str(home))
        log = open_log(paths().logs, {})
        log.error("a line")
        log.handlers[0].close()
        History(home / "typed" / "query").add("status:waiting")
        save_setting(home / "settings.toml", "dashboard", {"theme": "mi6-dark"})
    finally:
        os.umask(before)
    names = {path.name for path in home.rglob("*")}
    assert {"mi6.db", "mi6.db.lock", "spool", "hooks", "settings.toml", "typed", "query", FILE_NAME} <= names
    assert len(list((home / "spool").iterdir())) == 1
    assert _loose(home) == {}
    assert not home.parent.stat().st_mode & 0o077, "nor into the folder above, which we made as well"


def test_the_logs_of_an_open_store_are_as_private(cli: Cli) -> None:
    write_session(cli.home, "a-1111")
    before = os.umask(0)
    try:
        follower = subprocess.Popen(
            (*PROGRAM, "scan", "--follow", "--json"),
            env=cli.env,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        assert follower.stdout is not None
        follower.stdout.readline()
        wal = cli.store.with_name("mi6.db-wal")
        assert wal.exists()
        assert _loose(cli.store.parent) == {}
    finally:
        os.umask(before)
        follower.terminate()
        follower.communicate()


def test_what_was_left_open_is_closed(cli: Cli) -> None:
    write_session(cli.home, "a-1111")
    cli.ok("scan")
    cli.ok("enable", "claude")
    (cli.store.parent / "mi6.db.before-m009-1").write_bytes(b"")
    for path in (cli.store.parent, *cli.store.parent.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    cli.ok("sessions")
    assert [name for name in _loose(cli.store.parent) if not name.startswith("hooks/")] == []


def test_a_store_of_the_users_own_place_keeps_its_mode(cli: Cli, tmp_path: Path) -> None:
    write_session(cli.home, "a-1111")
    shared = tmp_path / "shared" / "team.db"
    cli.ok("--db", str(shared), "scan")
    shared.chmod(0o640)
    cli.ok("--db", str(shared), "sessions")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o640
    assert "store privacy" not in cli.ok("--db", str(shared), "status")


def test_links_and_strangers_are_left_alone(tmp_path: Path) -> None:
    where = paths({"MI6_TUI_HOME": str(tmp_path / "state")})
    make_folder(where.spool)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    where.hooks.symlink_to(elsewhere)
    tighten(where)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755
