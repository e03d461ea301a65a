"""The colours by their names: one accent for what needs you, one for trouble, everything else quiet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

GROUNDS: Final = ("background", "surface", "panel", "row-cursor")
"""Colours that text stands on."""
TEXTS: Final = ("needs-you", "trouble", "working", "turn", "name", "plain", "quiet", "faint", "bar")
"""Colours of text and of marks with a meaning."""
NAMES: Final = (*GROUNDS, *TEXTS, "rule")
"""All names; `rule` is for lines that carry no meaning."""
FRESH: Final = "row-fresh"
"""The ground of a row that newly needs the user; made from the others."""
CONTRAST: Final = 4.5
"""What the accessibility guidelines want at least between a text and its ground."""

_STEP: Final = 0.04
_FRESHEST: Final = 0.32
"""Share of the accent in the ground of such a row, at the most."""
_ANSI: Final = {
    "row-cursor": "ansi_bright_black",
    "needs-you": "ansi_yellow",
    "trouble": "ansi_red",
    "working": "ansi_cyan",
    "turn": "ansi_default",
    "name": "ansi_default",
    "plain": "ansi_default",
    "quiet": "ansi_default",
    "faint": "ansi_default",
    "rule": "ansi_bright_black",
    "bar": "ansi_blue",
}
"""Where the colours are the terminal's own, nobody knows them."""

_NAMED: Final = ("mi6-night", "mi6-day", "mi6-colour-blind", "mi6-contrast", "mi6-contrast-day")
"""Yellow, vermilion and sky blue differ for every kind of sight, in hue or in brightness."""
_COLOURS: Final = {
    "background": ("#12151a", "#fbfaf7", "#12151a", "#000000", "#ffffff"),
    "surface": ("#171b22", "#f4f2ed", "#171b22", "#000000", "#ffffff"),
    "panel": ("#1b2028", "#ebe8e1", "#1b2028", "#1a1a1a", "#f0f0f0"),
    "row-cursor": ("#263141", "#dce5f0", "#263141", "#002a52", "#d3e6ff"),
    "needs-you": ("#f0b04a", "#8a4b00", "#f0e442", "#ffd800", "#663300"),
    "trouble": ("#f0757b", "#b3221c", "#f58b4c", "#ff9a94", "#8a0009"),
    "working": ("#8fb8dc", "#1b5a93", "#56b4e9", "#8bd9ff", "#00376e"),
    "turn": ("#e4e7ec", "#14171c", "#ffffff", "#ffffff", "#000000"),
    "name": ("#e4e7ec", "#14171c", "#ffffff", "#ffffff", "#000000"),
    "plain": ("#b4bbc7", "#353b45", "#b4bbc7", "#f2f2f2", "#111111"),
    "quiet": ("#98a1b0", "#505866", "#98a1b0", "#dcdcdc", "#2b2b2b"),
    "faint": ("#929baa", "#5a626f", "#929baa", "#cccccc", "#383838"),
    "bar": ("#7ea3c6", "#2f6290", "#56b4e9", "#8bd9ff", "#00376e"),
    "rule": ("#39414e", "#c6c1b5", "#39414e", "#8c8c8c", "#737373"),
}
"""A row for each of `NAMES`, a column for each of our themes."""


def built(name: str, colours: Mapping[str, str], *, dark: bool) -> Theme:
    """A theme of these `NAMES`, all of them, as `#rrggbb`."""
    return Theme(
        name=name,
        dark=dark,
        primary=colours["bar"],
        secondary=colours["working"],
        accent=colours["needs-you"],
        warning=colours["needs-you"],
        error=colours["trouble"],
        success=colours["working"],
        foreground=colours["plain"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        variables={
            **{ink: colours[ink] for ink in NAMES if ink not in ("background", "surface", "panel")},
            FRESH: _fresh(colours),
        },
    )


def _fresh(colours: Mapping[str, str]) -> str:
    """As much of the accent on the ground of the lists as leaves all texts as readable as at the cursor."""
    ground, accent = Color.parse(colours["background"]), Color.parse(colours["needs-you"])
    cursor = Color.parse(colours["row-cursor"])
    if ground.ansi is not None or cursor.ansi is not None:
        return colours["row-cursor"]
    texts = [Color.parse(colours[ink]) for ink in TEXTS]
    least = min(contrast(text, cursor) for text in texts)
    share = _FRESHEST
    while share > 0 and min(contrast(text, ground.blend(accent, share)) for text in texts) < least:
        share -= _STEP
    return ground.blend(accent, max(0.0, share)).hex6


def known(name: str) -> Theme | None:
    """A theme of ours or of Textual's; None if there is none of that name."""
    return next((theme for theme in OURS if theme.name == name), None) or BUILTIN_THEMES.get(name)


def known_names() -> list[str]:
    """Ours first."""
    return [*(theme.name for theme in OURS), *BUILTIN_THEMES]


def changed(name: str, like: Theme, colours: Mapping[str, str]) -> Theme:
    """A theme of the user's own: `like` with other `colours`."""
    ground = colours.get("background")
    dark = like.dark if ground is None else Color.parse(ground).brightness < 0.5
    return built(name, {**colours_of(like), **colours}, dark=dark)


def colours_of(theme: Theme) -> dict[str, str]:
    """All `NAMES` of a theme, and `FRESH`.

    For a theme that is not ours they are made from what it has, and readable.
    """
    if "needs-you" in theme.variables:
        own = {"background": theme.background, "surface": theme.surface, "panel": theme.panel}
        return {**theme.variables, **{name: colour for name, colour in own.items() if colour is not None}}
    if theme.ansi:
        return dict.fromkeys(GROUNDS, "ansi_default") | _ANSI | {FRESH: _ANSI["row-cursor"]}
    made = theme.to_color_system().generate()
    foreground, background = Color.parse(made["foreground"]), Color.parse(made["background"])
    primary = Color.parse(made["primary"])
    grounds = {
        "background": background,
        "surface": Color.parse(made["surface"]),
        "panel": Color.parse(made["panel"]),
        "row-cursor": background.blend(primary, 0.25),
    }
    texts = {
        "needs-you": Color.parse(made["warning"]),
        "trouble": Color.parse(made["error"]),
        "working": primary,
        "turn": foreground,
        "name": foreground,
        "plain": foreground.blend(background, 0.15),
        "quiet": foreground.blend(background, 0.3),
        "faint": foreground.blend(background, 0.4),
        "bar": Color.parse(made["secondary"]),
    }
    colours = grounds | {ink: readable(text, tuple(grounds.values())) for ink, text in texts.items()}
    colours["rule"] = foreground.blend(background, 0.75)
    found = {name: colour.hex6 for name, colour in colours.items()}
    return found | {FRESH: _fresh(found)}


def readable(text: Color, grounds: tuple[Color, ...]) -> Color:
    """`text`, brighter or darker by as little as it takes to be read on all `grounds`."""
    extreme = Color(255, 255, 255) if grounds[0].brightness < 0.5 else Color(0, 0, 0)
    share = 0.0
    while share < 1 and any(contrast(text.blend(extreme, share), ground) < CONTRAST for ground in grounds):
        share += _STEP
    return text.blend(extreme, min(1.0, share))


def contrast(one: Color, other: Color) -> float:
    """From 1 to 21, by the formula of the accessibility guidelines."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


OURS: Final = tuple(
    built(name, {ink: row[place] for ink, row in _COLOURS.items()}, dark="day" not in name)
    for place, name in enumerate(_NAMED)
)
NIGHT: Final = OURS[0]
