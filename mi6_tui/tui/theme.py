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
CONTRAST: Final = 4.5
"""What the accessibility guidelines want at least between a text and its ground."""

_STEP: Final = 0.04
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

_NIGHT: Final = {
    "background": "#12151a", "surface": "#171b22", "panel": "#1b2028", "row-cursor": "#263141",
    "needs-you": "#f0b04a", "trouble": "#f0757b", "working": "#8fb8dc", "turn": "#e4e7ec",
    "name": "#e4e7ec", "plain": "#b4bbc7", "quiet": "#98a1b0", "faint": "#929baa",
    "bar": "#7ea3c6", "rule": "#39414e",
}  # fmt: skip
_DAY: Final = {
    "background": "#fbfaf7", "surface": "#f4f2ed", "panel": "#ebe8e1", "row-cursor": "#dce5f0",
    "needs-you": "#8a4b00", "trouble": "#b3221c", "working": "#1b5a93", "turn": "#14171c",
    "name": "#14171c", "plain": "#353b45", "quiet": "#505866", "faint": "#5a626f",
    "bar": "#2f6290", "rule": "#c6c1b5",
}  # fmt: skip
_COLOUR_BLIND: Final = {
    **_NIGHT,
    "needs-you": "#f0e442", "trouble": "#f58b4c", "working": "#56b4e9", "turn": "#ffffff",
    "name": "#ffffff", "bar": "#56b4e9",
}  # fmt: skip
"""Yellow, vermilion and sky blue differ for every kind of sight, in hue or in brightness."""
_CONTRAST: Final = {
    "background": "#000000", "surface": "#000000", "panel": "#1a1a1a", "row-cursor": "#002a52",
    "needs-you": "#ffd800", "trouble": "#ff9a94", "working": "#8bd9ff", "turn": "#ffffff",
    "name": "#ffffff", "plain": "#f2f2f2", "quiet": "#dcdcdc", "faint": "#cccccc",
    "bar": "#8bd9ff", "rule": "#8c8c8c",
}  # fmt: skip
_CONTRAST_DAY: Final = {
    "background": "#ffffff", "surface": "#ffffff", "panel": "#f0f0f0", "row-cursor": "#d3e6ff",
    "needs-you": "#663300", "trouble": "#8a0009", "working": "#00376e", "turn": "#000000",
    "name": "#000000", "plain": "#111111", "quiet": "#2b2b2b", "faint": "#383838",
    "bar": "#00376e", "rule": "#737373",
}  # fmt: skip


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
        variables={ink: colours[ink] for ink in NAMES if ink not in ("background", "surface", "panel")},
    )


NIGHT: Final = built("mi6-night", _NIGHT, dark=True)
OURS: Final = (
    NIGHT,
    built("mi6-day", _DAY, dark=False),
    built("mi6-colour-blind", _COLOUR_BLIND, dark=True),
    built("mi6-contrast", _CONTRAST, dark=True),
    built("mi6-contrast-day", _CONTRAST_DAY, dark=False),
)


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
    """All `NAMES` of a theme. For one that is not ours they are made from what it has, and readable."""
    if "needs-you" in theme.variables:
        own = {"background": theme.background, "surface": theme.surface, "panel": theme.panel}
        return {**theme.variables, **{name: colour for name, colour in own.items() if colour is not None}}
    if theme.ansi:
        return dict.fromkeys(GROUNDS, "ansi_default") | _ANSI
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
    return {name: colour.hex6 for name, colour in colours.items()}


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
