"""A second count of the requests in the raw files, to hold the store against.

Written on its own from what the clients write: plain `json` and dictionaries, no decoder, no store,
nothing that the first count could share a mistake with. Slow and simple on purpose.
"""

from mi6_tui.verify.compare import Comparison, Difference, Held, compare
from mi6_tui.verify.recount import FRAMEWORKS, NAMES, Counted, File, Numbers, recount

__all__ = [
    "FRAMEWORKS",
    "NAMES",
    "Comparison",
    "Counted",
    "Difference",
    "File",
    "Held",
    "Numbers",
    "compare",
    "recount",
]
