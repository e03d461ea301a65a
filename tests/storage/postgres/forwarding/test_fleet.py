"""A small fleet, killed a few times; `make fleet` plays a large one."""

from __future__ import annotations

from pathlib import Path

from tests.fleet.fleet import KILLS, play
from tests.storage.postgres.server import PostgresServer


def test_whoever_is_killed_nothing_is_lost_or_doubled(server: PostgresServer, tmp_path: Path) -> None:
    server.make("killed")
    report = play(server, "killed", tmp_path, machines=2, events=1000, kills=KILLS)
    assert report.wrong == ()
    assert report.events == 2000
    assert report.kills == {"server": 1, "pusher": 1, "network": 1}
