"""Which name another machine may have in the store: its rows are those of that name, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mi6_tui.ingest.remote.address import Remote
from mi6_tui.model import Machine
from mi6_tui.model.machine import Way

_HOW = 'if that is right, write name = "{}" into its table [[remotes]]'


def refusal(
    remote: Remote, node: str, here: str, others: Iterable[Remote], known: Sequence[Machine]
) -> str | None:
    """Why the machine at `remote` may not be `node`, as it says; None: it may.

    It is what the settings call it. Without a name in them it keeps the one it first had, which is
    nobody else's: not of this machine (`here`), of another remote or of whoever else fills the store.
    """
    how = _HOW.format(node)
    if remote.name:
        return None if node == remote.name else f"it calls itself {node}, not {remote.name}; {how}"
    if node == here:
        return f"it calls itself {node}, as this machine does; {how}"
    if any(other.name == node for other in others if other.address != remote.address):
        return f"it calls itself {node}, as another remote does; {how}"
    for machine in known:
        own = machine.way is Way.REMOTE and machine.address == remote.address
        if machine.machine_id == node and not own:
            return f"it calls itself {node}, which another machine in the store is; {how}"
        if own and machine.machine_id != node:
            return f"it calls itself {node}, and was {machine.machine_id} before; {how}"
    return None
