"""What registries and processes say, as the store has it: real files, real processes, a real store."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from mi6_tui.errors import StoreLockedError
from mi6_tui.ingest.side import Side
from mi6_tui.model import EventType
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.conftest import Clock, NewScanner
from tests.ingest.live.living import World, domain, kill, ticks

RECORDED = Path(__file__).parents[2] / "data" / "live" / "registry.jsonl"


def replay(world: World, name: str, until: int, pid: int) -> None:
    """Do what the recorded client did with its entry up to a time, as if it were the process `pid`."""
    texts = [
        row["text"]
        for row in map(json.loads, RECORDED.read_text().splitlines())
        if row["file"] == name and row["t"] <= until
    ]
    path = world.home / ".claude" / "sessions" / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if texts[-1] is None:
        path.unlink(missing_ok=True)
    elif not texts[-1]:
        path.write_bytes(b"")
    else:
        entry = json.loads(texts[-1])
        path.write_text(json.dumps(entry | {"pid": pid, "procStart": str(ticks(pid)), "pidDomain": domain()}))
    world.clock.ms = until


def test_it_is_a_side_of_the_scanner(world: World) -> None:
    side: Side = world.witnesses
    assert 0 < side.every <= 2
    assert side.folders() == []
    (world.home / ".claude" / "sessions").mkdir(parents=True)
    (world.home / ".copilot" / "session-state").mkdir(parents=True)
    # The transcripts lie in Copilot's: each line would be a reason to look.
    assert side.folders() == [str((world.home / ".claude" / "sessions").resolve())]


def test_a_scan_looks_once(world: World, new_scanner: NewScanner) -> None:
    world.entry(world.agent().pid, "S", status="busy", cwd="/home/dev/project", entrypoint="cli")
    scanner = new_scanner(sides=[world.witnesses])
    assert scanner.scan_once().aside == 4  # alive, busy, the folder, the entry point
    assert world.session("S").status_shown == "working"
    assert scanner.scan_once().aside == 0


def test_a_recorded_session_asks_is_answered_and_ends(world: World) -> None:
    """The scenario: prompts at 292.4 and 308.4, dialogs at 293.0 and 309.0, Enter at 305.1, Esc at 318.1,
    a third dialog from 387.0 to 395.4, `/exit` at 462.5."""
    pid = world.agent().pid
    session = "a375d7f7"
    session = next(
        json.loads(row["text"])["sessionId"]
        for row in map(json.loads, RECORDED.read_text().splitlines())
        if row["text"] and session in row["text"]
    )
    base = 1_795_414_000_000
    world.look()
    for second, kind, detail, since in [
        (289.9, "idle", "", 289_757),
        (292.8, "busy", "", 292_535),
        (293.1, "waiting", "permission prompt", 292_977),
        (304.9, "waiting", "permission prompt", 292_977),
        (305.1903, "waiting", "permission prompt", 292_977),
        (305.3, "busy", "", 305_153),
        (306.0, "idle", "", 305_870),
        (308.5, "busy", "", 308_425),
        (309.1, "waiting", "permission prompt", 308_954),
        (318.3, "idle", "", 318_226),
        (380.0, "idle", "", 318_226),
        (386.9, "busy", "", 386_695),
        (387.1, "waiting", "permission prompt", 387_027),
        (395.5, "busy", "", 395_446),
        (396.1, "idle", "", 395_986),
        (462.7, "end", "left", 462_700),
    ]:
        replay(world, "2346.json", base + round(second * 1000), pid)
        world.look()
        claim = world.claim(session, "registry")
        assert claim is not None
        assert (claim.kind, claim.detail, claim.at) == (kind, detail, base + since), second
    assert world.said(session, "process") == ("alive", "")
    row = world.session(session)
    assert (row.pid, row.cwd, row.entrypoint) == (pid, "/home/dev/project", "cli")
    assert row.status_shown == "ended"


def test_clear_ends_one_session_and_begins_another_in_the_same_process(world: World) -> None:
    pid = world.agent().pid
    base = 1_795_414_000_000
    sessions = {
        json.loads(row["text"])["sessionId"]
        for row in map(json.loads, RECORDED.read_text().splitlines())
        if row["file"] == "2552.json" and row["text"]
    }
    old, new = sorted(sessions)  # 2fc76eff..., cbd68cca...
    for second in (479.4, 480.878):
        replay(world, "2552.json", base + round(second * 1000), pid)
        world.look()
        assert world.said(old, "registry") == ("busy", "")
        assert world.said(old, "process") == ("alive", "")
        assert world.store.get_session(new) is None
    replay(world, "2552.json", base + 481_000, pid)
    world.look()
    assert world.said(old, "registry") == ("end", "moved on")
    assert world.said(new, "registry") == ("idle", "")
    assert world.said(new, "process") == ("alive", "")
    assert [world.session(name).status_shown for name in (old, new)] == ["ended", "idle"]
    replay(world, "2552.json", base + 508_000, pid)
    world.look()
    assert world.said(new, "registry") == ("end", "left")
    assert world.said(old, "registry") == ("end", "moved on")


def test_a_session_that_a_client_resumes_leaves_no_other_behind(world: World) -> None:
    """A client first enters a new session, and the one that it resumes 160 ms later."""
    pid = world.agent().pid
    for until in (1_795_414_115_950, 1_795_414_116_087, 1_795_414_118_528):
        replay(world, "127.json", until, pid)
        world.look()
    assert world.store.get_session("331b5ee2-a14d-46f9-8fb2-d14e6b23d888") is None
    assert world.said("8305ea3f-be22-428a-ae5f-19ab502d3133", "registry") == ("idle", "")


def test_a_killed_client_is_gone_whatever_its_entry_says(world: World) -> None:
    client = world.agent()
    replay(world, "3049.json", 1_795_414_567_000, client.pid)
    world.look()
    session = "425eaba0-cd7d-4f44-b6f4-ac62dc9d054b"
    assert world.said(session, "registry") == ("busy", "")
    kill(client)
    world.clock.ms = 1_795_414_570_000
    assert world.look() == 1
    gone = world.claim(session, "process")
    assert gone is not None
    assert (gone.kind, gone.pid, gone.at) == ("gone", client.pid, 1_795_414_570_000)
    row = world.session(session)
    assert (row.status_shown, row.status_detail) == ("ended", "killed")
    # The entry stays, and so does what was said.
    revision = world.store.revision()
    for _ in range(2):
        assert world.look(2) == 0
        world.restart()
    assert world.store.revision() == revision


def test_nothing_new_writes_nothing(world: World) -> None:
    for number in range(3):
        world.entry(world.agent().pid, f"S-{number}")
    assert world.look() > 0
    revision, version = world.store.revision(), world.store.data_version()
    for _ in range(5):
        assert world.look(2) == 0
    world.restart()
    assert world.look(2) == 0
    assert (world.store.revision(), world.store.data_version()) == (revision, version)
    assert world.problems == []


def test_two_processes_on_one_session(world: World) -> None:
    first, second = world.agent(), world.agent()
    world.entry(first.pid, "S", status="busy", statusUpdatedAt=world.clock.ms - 10)
    path = world.entry(second.pid, "S", status="idle", statusUpdatedAt=world.clock.ms - 20)
    world.look()
    claim = world.claim("S", "registry")
    assert claim is not None
    assert (claim.kind, claim.pid) == ("busy", first.pid)
    kill(first)
    world.look(2)
    alive, said = world.claim("S", "process"), world.claim("S", "registry")
    assert alive is not None
    assert said is not None
    assert (alive.kind, alive.pid) == ("alive", second.pid)
    assert (said.kind, said.pid) == ("idle", second.pid)
    path.unlink()
    kill(second)
    world.look(2)
    assert world.said("S", "registry") == ("end", "left")


def test_a_session_goes_on_in_another_process(world: World) -> None:
    first = world.agent()
    world.entry(first.pid, "S", status="busy")
    world.look()
    kill(first)
    world.look(2)
    assert world.session("S").status_shown == "ended"
    second = world.agent()
    world.entry(second.pid, "S", status="busy", statusUpdatedAt=world.clock.ms + 3_000)
    world.look(4)
    alive = world.claim("S", "process")
    assert alive is not None
    assert (alive.kind, alive.pid) == ("alive", second.pid)
    assert world.session("S").status_shown == "working"


def test_the_clock_is_set_back_and_forth(world: World) -> None:
    client = world.agent()
    world.entry(client.pid, "S", status="busy")
    world.look()
    start = world.clock.ms
    for hours in (5, -7, 24):
        world.clock.ms = start + hours * 3_600_000
        world.look()
        assert world.said("S", "process") == ("alive", "")
        assert world.said("S", "registry") == ("busy", "")
    # What changes while it is set back is later all the same.
    world.happens("S", framework="claude", timestamp=start + 500)
    world.clock.ms = start - 3_600_000
    world.entry(client.pid, "S", status="idle")
    world.look()
    assert world.said("S", "registry") == ("idle", "")
    kill(client)
    world.look(2)
    gone = world.claim("S", "process")
    assert gone is not None
    assert (gone.kind, gone.at) == ("gone", start + 500)
    assert world.session("S").status_shown == "ended"


def test_a_long_sleep_ends_nothing(world: World) -> None:
    world.entry(world.agent().pid, "S", status="waiting", waitingFor="permission prompt")
    world.look()
    assert world.look(3 * 24 * 3600) == 0
    assert world.store.rejudge(world.clock.ms) == 0
    assert world.session("S").status_shown == "waiting"


def test_where_it_can_be_seen(world: World) -> None:
    pane = {"TMUX": "/tmp/tmux-1/default,1,0", "TMUX_PANE": "%4"}
    inside, outside = world.agent(env=pane), world.agent()
    world.entry(inside.pid, "in", tmux="work:@1.%9")
    world.entry(outside.pid, "out", tmux="work:@1.%9")
    world.look()
    assert world.session("in").terminal == "tmux /tmp/tmux-1/default %4"
    assert world.session("out").terminal == "tmux default %9"
    world.restart()
    assert world.look(2) == 0


def test_what_cannot_be_recorded_is_recorded_later(world: World, clock: Clock) -> None:
    client = world.agent()
    world.entry(client.pid, "S", status="busy")
    with closing(SqliteStorage(world.store.path, clock=clock, busy_timeout=0)) as impatient:
        world.store = impatient
        world.restart()
        world.look()
        kill(client)
        with closing(apsw.Connection(str(impatient.path))) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLockedError):
                world.look(2)
        assert world.said("S", "process") == ("alive", "")
        assert world.look(2) == 1
        assert world.said("S", "process") == ("gone", "")


def test_the_end_of_a_session_is_not_followed_by_its_processes(world: World) -> None:
    client = world.agent()
    path = world.entry(client.pid, "S", status="idle")
    world.look()
    world.happens("S", EventType.SESSION_END, framework="claude", source="hook", timestamp=world.clock.ms + 5)
    path.unlink()
    world.look(2)
    assert world.session("S").status_shown == "ended"
    world.look(2)
    kill(client)
    assert world.look(2) == 0
