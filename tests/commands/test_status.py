"""`status` about the hooks and their spool."""

from __future__ import annotations

from contextlib import closing

from mi6_tui.clock import now_ms
from mi6_tui.model import Machine, Way
from mi6_tui.storage.sqlite import SqliteStorage
from tests.commands.conftest import Cli


def states(cli: Cli, scope: str) -> dict[str, str]:
    return {row["framework"]: row["state"] for row in cli.json("status")["hooks"] if row["scope"] == scope}


def lines(cli: Cli) -> list[str]:
    """Those about hooks and spool, on a machine whose path has no client."""
    done = cli.run("status", PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith(("hooks ", "spool "))]


def test_nothing_is_set_up_yet(cli: Cli) -> None:
    (cli.home / ".codex").mkdir()
    assert set(states(cli, "user").values()) == set(states(cli, "project").values()) == {"not enabled"}
    spool = f"spool     0 calls wait, 0 dropped, 0 set aside so far ({cli.home}/state/spool)"
    assert lines(cli) == [
        "hooks     claude client not present",
        "hooks     codex not enabled",
        "hooks     opencode client not present",
        "hooks     copilot client not present",
        "hooks     gemini client not present",
        "hooks     qwen client not present",
        "hooks     cursor client not present",
        "hooks     pi client not present",
        "hooks     amp client not present",
        spool,
    ]
    assert not (cli.home / "state").exists()


def test_what_is_enabled_outdated_or_unknown(cli: Cli) -> None:
    cli.ok("enable", "claude", "codex", "gemini", "opencode")
    codex, gemini = cli.home / ".codex" / "hooks.json", cli.home / ".gemini" / "settings.json"
    codex.write_text(codex.read_text().replace("exec /bin/sh", "/bin/sh"))
    gemini.write_text(gemini.read_text() + "}")
    assert states(cli, "user") == {
        "claude": "enabled",
        "codex": "outdated",
        "opencode": "enabled",
        "copilot": "not enabled",
        "gemini": "cannot tell",
        **dict.fromkeys(("qwen", "cursor", "pi", "amp"), "not enabled"),
    }
    told = lines(cli)
    assert told[0] == f"hooks     claude enabled ({cli.home}/.claude/settings.json)"
    last = len(gemini.read_text().splitlines())
    assert told[4] == f"hooks     gemini cannot tell ({gemini}, line {last}: Extra data)"


def test_machines_are_told_where_there_are_several(cli: Cli) -> None:
    def told_of(label: str) -> list[str]:
        return [line for line in cli.ok("status").splitlines() if line.startswith(label)]

    now = now_ms()
    with closing(SqliteStorage(cli.store)) as storage:
        storage.see_machine(Machine(machine_id="build", seen_at=now, way=Way.REMOTE, skew_ms=12_000))
        assert told_of("machine ") == []
        gone = Machine(machine_id="ci\x1b[2J", seen_at=now - 7_500_000, way=Way.PUSH, problem="no route")
        storage.see_machine(gone)
    told = told_of("machine ")
    assert told[0].startswith("machine   build (seen ") and told[0].endswith(" ago, clock 12 s ahead)")
    assert told[1:] == ["machine   ci [2J (not seen for 2h, no route)"]
    assert cli.json("status")["machines"][1] == {
        "machine_id": "ci\x1b[2J",
        "seen_at": now - 7_500_000,
        "skew_ms": None,
        "way": "push",
        "address": None,
        "problem": "no route",
    }


def test_the_spool_is_counted(cli: Cli) -> None:
    cli.ok("enable", "claude")
    spool = cli.home / "state" / "spool"
    for name in ("17", "18", ".19"):
        (spool / name).write_text("{}\nmi6-hook 1\tframework=claude\n")
    (spool / ".dropped").write_text("4\n3\n")
    (spool / ".quarantined").write_text("1\n")
    state = cli.json("status")
    assert state["spool"] == str(spool)
    assert state["calls"] == {"waiting": 2, "dropped": 7, "quarantined": 1}
    assert lines(cli)[-1] == f"spool     2 calls wait, 7 dropped, 1 set aside so far ({spool})"


def test_a_home_that_no_line_can_name(cli: Cli) -> None:
    done = cli.run("status", MI6_TUI_HOME=str(cli.home / "a\x07b"))
    assert done.returncode == 0
    assert "cannot tell" in done.stdout and "\x07" not in done.stdout
    assert cli.run("enable", "claude", MI6_TUI_HOME=str(cli.home / "a\x07b")).returncode == 1
    assert not (cli.home / ".claude").exists()
