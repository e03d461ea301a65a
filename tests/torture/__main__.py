"""`python -m tests.torture`: kill those who keep a store, many times, and look whether anything is lost.

Everything lies in temporary folders. Whatever a round finds is printed with its kind and its seed;
`--only KIND --seed SEED` plays that round again. `time` kills come from outside and depend on the machine.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tests.torture import setting
from tests.torture.each import POINTS, WORKS, at_each
from tests.torture.killing import Deaths, Kind
from tests.torture.rounds import ROUNDS, RoundError, play, schedule

_WORKS: Final = (*WORKS, "enable")


def main() -> int:
    """Play; 1 if a round found anything."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture", description="Kill, and look what is lost."
    )
    parser.add_argument("--rounds", type=int, default=50, metavar="N")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--only", choices=ROUNDS, help="one round of this kind, by exactly this seed")
    parser.add_argument("--each", action="store_true", help="besides, kill at each point of what is done")
    parser.add_argument("--work", choices=_WORKS, action="append", help="of these, with --each")
    parser.add_argument("--point", choices=POINTS, action="append", help="at these, with --each")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no round after that (default: 60)")
    args = parser.parse_args()
    logging.disable()
    began, deaths = time.monotonic(), Deaths()
    kinds = [args.only] if args.only else schedule(args.rounds, args.seed)
    survived: Counter[str] = Counter()
    failed = 0
    for number, kind in enumerate(kinds):
        if time.monotonic() - began > args.minutes * 60:
            print(f"the time is over after {number} rounds")
            break
        seed = args.seed if args.only else f"{args.seed}-{number}"
        try:
            play(kind, seed, deaths)
            survived[kind] += 1
        except RoundError as error:
            failed += 1
            print(f"round {number} failed: --only {kind} --seed {seed}\n{error}", flush=True)
    if args.each:
        failed += _each(args.work or _WORKS, args.point or POINTS, deaths)
    _tell(survived, failed, deaths, time.monotonic() - began)
    return 1 if failed else 0


def _each(names: Sequence[str], kinds: Sequence[Kind], deaths: Deaths) -> int:
    failed = 0
    todo: list[tuple[str, Kind, Callable[[Deaths], None]]] = [
        (name, kind, partial(at_each, name, kind)) for name in names for kind in kinds if name in WORKS
    ]
    if "enable" in names:
        todo.append(("enable", "step", setting.at_each_step))
    for name, kind, play_all in todo:
        try:
            play_all(deaths)
        except AssertionError as error:
            failed += 1
            print(f"each {kind} of {name} failed\n{error}", flush=True)
    return failed


def _tell(survived: Counter[str], failed: int, deaths: Deaths, seconds: float) -> None:
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(survived.items()))
    print(f"{survived.total()} rounds survived ({told}), {failed} failed; {seconds:.0f} s")
    for name, count in sorted(deaths.items()):
        print(f"{count:6}  killed: {name}")
    print(f"{deaths.total():6}  processes killed")


if __name__ == "__main__":
    sys.exit(main())
