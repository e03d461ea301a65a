"""`python -m tests.fleet`: three machines push a million events each while one watches and all are killed."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from random import Random

from tests.fleet.fleet import KILLS, play
from tests.storage.postgres.server import PostgresServer


def main() -> int:
    """Play; 1 if anything is missing, doubled or different."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet", description="Push, kill, and count.")
    parser.add_argument("--machines", type=int, default=3, metavar="N")
    parser.add_argument("--events", type=int, default=20_000, metavar="N", help="of each machine")
    parser.add_argument("--kills", type=int, default=30, metavar="N")
    parser.add_argument(
        "--calm", type=int, default=50, metavar="N", help="events of each, one by one, at last"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable()
    chance = Random(args.seed)
    kills = [chance.choice(KILLS) for _ in range(args.kills)]
    with tempfile.TemporaryDirectory() as folder, closing(PostgresServer()) as server:
        server.make("fleet")
        report = play(
            server,
            "fleet",
            Path(folder),
            machines=args.machines,
            events=args.events,
            kills=kills,
            seed=args.seed,
            dashboard=True,
            calm=args.calm,
        )
    for name in report.__struct_fields__:
        print(f"{name}: {getattr(report, name)}", flush=True)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
