"""What is judged of which facts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mi6_tui.doctor.checks import checks
from mi6_tui.doctor.facts import (
    Client,
    Content,
    Facts,
    Integrity,
    Log,
    Machine,
    Root,
    Settings,
    Spool,
    StoreFile,
    Unpriced,
    Writer,
)
from mi6_tui.hooks.state import HookState
from mi6_tui.model import ReadBelow

NOW = 1_800_000_000_000
HOOKS = HookState(framework="claude", scope="user", file="/h/s.json", state="enabled", present=True)
CLIENT = Client(
    name="claude",
    present=True,
    hooks=(HOOKS,),
    registries=None,
    roots=(Root(path="/t", exists=True, readable=True, read=ReadBelow(files=2)),),
)
WELL = Facts(
    now=NOW,
    store=StoreFile(path="/s/mi6.db", bytes=1, free_bytes=1 << 40),
    content=Content(requests=1, newest=NOW),
    writer=Writer(role="this process", pid=1),
    clients=(CLIENT,),
    spool=Spool(path="/s/spool", exists=True, writable=True),
    settings=Settings(path="/s/settings.toml", exists=True),
    log=Log(path="/s/log"),
    versions={},
)


def store(**changes: Any) -> dict[str, Any]:
    return {"store": msgspec.structs.replace(WELL.store, **changes)}


def spool(**changes: Any) -> dict[str, Any]:
    return {"spool": msgspec.structs.replace(WELL.spool, **changes)}


def content(**changes: Any) -> dict[str, Any]:
    return {"content": Content(**({"requests": 1, "newest": NOW} | changes))}


def client(**changes: Any) -> dict[str, Any]:
    return {"clients": (msgspec.structs.replace(CLIENT, **changes),)}


def hooks(state: str) -> dict[str, Any]:
    return client(hooks=(msgspec.structs.replace(HOOKS, state=state),))


def test_all_is_well() -> None:
    found = checks(WELL)
    assert {check.level for check in found} == {"ok"}
    assert not any(check.advice for check in found)
    names = ["store", "writer", "settings", "log", "spool", "hooks claude", "transcripts claude", "prices"]
    assert [check.name for check in found] == names


@pytest.mark.parametrize(
    ("changes", "name", "level"),
    [
        ({"integrity": Integrity(damage="page 7", complete=True, seconds=1)}, "store damage", "failed"),
        ({"integrity": Integrity(damage="", complete=True, seconds=1)}, "store damage", "ok"),
        ({"integrity": Integrity(damage="", complete=False, seconds=3)}, "store damage", "ok"),
        (
            {"integrity": Integrity(damage="", disk="byte 7", complete=True, seconds=1)},
            "store disk",
            "failed",
        ),
        (
            {"integrity": Integrity(damage="", passed=True, complete=True, seconds=1)},
            "store disk",
            "warning",
        ),
        (store(network="nfs4 at /home"), "store network", "warning"),
        ({"machine": Machine(watching="no space")}, "watching", "warning"),
        ({"machine": Machine(descriptors=255)}, "open files", "warning"),
        ({"machine": Machine(temporary="none")}, "temporary folder", "warning"),
        (store(owner="eve"), "store owner", "warning"),
        (spool(private=False), "spool privacy", "warning"),
        ({"store_problem": "it is damaged"}, "store", "failed"),
        (store(bytes=None), "store", "warning"),
        (store(bytes=None, writable=False), "store", "failed"),
        (store(writable=False), "store", "failed"),
        (store(private=False), "store privacy", "warning"),
        (store(free_bytes=500 << 20), "disk", "warning"),
        (store(free_bytes=50 << 20), "disk", "failed"),
        (store(log_bytes=1 << 30), "store log", "warning"),
        (content(read_only="/s is read-only: mi6 wrote it"), "store", "warning"),
        (content(read_only="/s is read-only: it was opened for reading only"), "store", "ok"),
        ({"writer": Writer(role="nobody can", problem="no permission")}, "writer", "failed"),
        ({"writer": Writer(role="another process")}, "writer", "ok"),
        ({"writer": Writer(role="nobody")}, "writer", "ok"),
        ({"settings": Settings(path="/x", exists=True, problems=("line 2",))}, "settings", "failed"),
        ({"log": Log(path="/x", problem="no permission")}, "log", "warning"),
        ({"log": Log(path="/x", since_yesterday=3)}, "log", "warning"),
        (spool(exists=False), "spool", "failed"),
        (spool(writable=False), "spool", "failed"),
        (spool(waiting=3, oldest=NOW - 9 * 60_000), "spool", "ok"),
        (spool(waiting=3, oldest=NOW - 11 * 60_000), "spool", "failed"),
        (spool(dropped=1), "spool losses", "warning"),
        (spool(quarantined=1), "spool strangers", "warning"),
        (hooks("outdated"), "hooks claude", "warning"),
        (hooks("not enabled"), "hooks claude", "warning"),
        (hooks("cannot tell"), "hooks claude", "failed"),
        (client(roots=(Root(path="/t", exists=True, readable=False),)), "transcripts claude", "failed"),
        (client(roots=(Root(path="/t", exists=False, readable=False),)), "transcripts claude", "warning"),
        ({"problems": ("/t/a: bad",)}, "reading", "warning"),
        (content(roots={"/t": ReadBelow(malformed=1)}), "records", "warning"),
        (content(roots={"/t": ReadBelow(skipped=1)}), "long lines", "warning"),
        (content(unpriced=(Unpriced(None, 1),)), "prices", "warning"),
        (content(newest=NOW + 6 * 60_000), "clock", "warning"),
    ],
)
def test_each_by_itself(changes: dict[str, Any], name: str, level: str) -> None:
    found = checks(msgspec.structs.replace(WELL, **changes))
    (check,) = (check for check in found if check.name == name)
    assert check.level == level
    assert bool(check.advice) == (level != "ok")
    assert {other.level for other in found if other is not check} == {"ok"}


def test_nobody_writes_and_calls_wait() -> None:
    late = msgspec.structs.replace(
        WELL, writer=Writer(role="nobody"), **spool(waiting=2, oldest=NOW - 3 * 3_600_000)
    )
    (check,) = (check for check in checks(late) if check.name == "spool")
    assert (check.level, check.told) == ("warning", "hook calls waiting: 2, for nobody writes the store")


def test_a_client_that_is_not_here_is_not_judged() -> None:
    away = client(present=False, roots=(Root(path="/t", exists=False, readable=False),))
    names = [check.name for check in checks(msgspec.structs.replace(WELL, **away))]
    assert names == ["store", "writer", "settings", "log", "spool", "prices"]


def test_many_problems_are_counted() -> None:
    found = checks(msgspec.structs.replace(WELL, problems=tuple(f"/t/{n}: bad" for n in range(10))))
    assert [check.told for check in found if check.name == "reading"] == [
        "/t/7: bad", "/t/8: bad", "/t/9: bad", "7 more could not be read",
    ]  # fmt: skip
