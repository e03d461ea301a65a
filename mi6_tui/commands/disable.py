"""`disable`: take our hooks out of the clients' settings again."""

from __future__ import annotations

import argparse

from mi6_tui import frameworks
from mi6_tui.commands import hook_setup
from mi6_tui.errors import Mi6Error
from mi6_tui.frameworks.hooks import Scope
from mi6_tui.hooks.place import Place
from mi6_tui.hooks.plan import plan
from mi6_tui.report import out


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    hook_setup.configure(parser, "those whose settings hold our hooks")


def run(args: argparse.Namespace) -> int:
    """Take them out, or show what would be."""
    place, scope = hook_setup.where(args)
    names = args.framework or [name for name in frameworks.names() if _concerned(name, place, scope)]
    if not names and not args.json:
        out.note("none of our hooks are set up")
    return hook_setup.run("disable", names, args, place, scope)


def _concerned(name: str, place: Place, scope: Scope) -> bool:
    try:
        return any(change.changes for change in plan("disable", name, scope, place))
    except Mi6Error:
        return True  # and it will be said why
