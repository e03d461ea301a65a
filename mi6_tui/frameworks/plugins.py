"""Plugins of our own, for clients that run JavaScript instead of shell lines."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path


def plugin(name: str, spool: Path, mark: str = "") -> str:
    """The plugin for a client: what it says in its folder's `plugin.js`, and the way to the spool.

    `mark` is a line that the client wants to find at the top.
    """
    here = files("mi6_tui.frameworks")
    common = here.joinpath("spool.js").read_text("utf-8")
    own = here.joinpath(name, "plugin.js").read_text("utf-8")
    undo = f"`mi6-tui disable {name}` removes it."
    head = f"// mi6={name}: tells mi6-tui what the sessions of this client do; {undo}\n{mark}"
    return head + common.replace("NAME", name).replace('"SPOOL"', json.dumps(str(spool))) + "\n" + own
