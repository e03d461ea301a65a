"""The store in a PostgreSQL database, for the sessions of many machines.

Ids and revisions are given out in the order of commits: each writing transaction first locks the one row of
`counters`, takes from it and holds it until it ended. So whoever saw an id has seen, or can see, all smaller
ones, and a cursor never passes a row that is committed later. Nobody waits for a transaction that is not a
write of this program.
"""

from __future__ import annotations

from mi6_tui.storage.postgres.store import PostgresStorage

__all__ = ["PostgresStorage"]
