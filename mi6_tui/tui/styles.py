"""Where the style sheets are: `styles/` in an installed package, or at the top of the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import mi6_tui
from mi6_tui.errors import Mi6Error

FIRST: Final = ("dashboard.tcss", "home.tcss")
"""What the first screen needs; the others can wait until it is painted."""


def style_sheets(package: Path | None = None) -> list[Path]:
    """All style sheets, by name.

    `package` is the folder of this package.
    """
    home = package or Path(mi6_tui.__file__).parent
    places = [home / "styles"]
    # Beside an installed package the sibling folder would be some other project's.
    if (home.parent / "pyproject.toml").is_file():
        places.append(home.parent / "styles")
    for place in places:
        if sheets := sorted(place.glob("*.tcss")):
            return sheets
    raise Mi6Error(f"no style sheets in {places[-1]}", "install mi6-tui again")
