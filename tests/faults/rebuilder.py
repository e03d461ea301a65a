"""A process that rebuilds the store of a world, and waits for a line on stdin before it changes a name.

Arguments: the folder of the store, the home. Each line on stdout says what comes next.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mi6_tui.doctor.rebuild import Rebuild
from mi6_tui.paths import Paths
from tests.faults.world import MACHINE, NOW

_TOLD = ("os.link", "os.remove", "os.rename")


def main() -> None:
    state, home = Path(sys.argv[1]), Path(sys.argv[2])

    def hear(event: str, args: tuple[object, ...]) -> None:
        if event in _TOLD and os.fspath(str(args[0])).startswith(str(state)):
            tell(f"{event} {Path(str(args[0])).name}")

    def tell(what: str) -> None:
        print(what, flush=True)
        sys.stdin.readline()

    paths = Paths(state / "mi6.db", state / "s.toml", state / "logs", state / "spool", state / "hooks")
    sys.addaudithook(hear)
    Rebuild(paths, MACHINE, home, env={}, clock=lambda: NOW, on_step=tell).run()
    print("done", flush=True)


if __name__ == "__main__":
    main()
