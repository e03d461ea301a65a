"""`enable`: set up the hooks by which the clients tell at once what they do."""

from __future__ import annotations

import argparse

from mi6_tui import frameworks
from mi6_tui.commands import hook_setup
from mi6_tui.errors import NotFoundError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    hook_setup.configure(parser, "those on this machine")


def run(args: argparse.Namespace) -> int:
    """Set up, or show what would be."""
    place, scope = hook_setup.where(args)
    names = args.framework or [name for name in frameworks.names() if place.present(name)]
    if not names:
        raise NotFoundError("no client is on this machine", f"name one of {', '.join(frameworks.names())}")
    return hook_setup.run("enable", names, args, place, scope)
