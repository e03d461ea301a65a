"""Every style sheet is found, loaded and readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.errors import Mi6Error
from mi6_tui.tui.styles import style_sheets
from tests.tui.conftest import Start

REPOSITORY = Path(__file__).parents[2]


async def test_every_style_sheet_is_loaded(start: Start) -> None:
    sheets = style_sheets()
    assert sheets == sorted((REPOSITORY / "styles").glob("*.tcss"))
    async with start() as pilot:
        loaded = {Path(path) for path, _ in pilot.app.stylesheet.source}
        assert set(sheets) <= loaded


def test_an_installed_package_has_them_inside(tmp_path: Path) -> None:
    package = tmp_path / "mi6_tui"
    (package / "styles").mkdir(parents=True)
    (package / "styles" / "a.tcss").touch()
    assert style_sheets(package) == [package / "styles" / "a.tcss"]


def test_a_neighbours_folder_is_not_ours(tmp_path: Path) -> None:
    package = tmp_path / "mi6_tui"
    package.mkdir()
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "theirs.tcss").touch()
    with pytest.raises(Mi6Error, match="no style sheets"):
        style_sheets(package)
    (tmp_path / "pyproject.toml").touch()
    assert style_sheets(package) == [tmp_path / "styles" / "theirs.tcss"]


def contrast(one: str, other: str) -> float:
    """By the accessibility guidelines' formula."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
