"""The colours: one accent for what needs you, one for trouble, everything else quiet."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

NIGHT: Final = Theme(
    name="mi6-night",
    dark=True,
    primary="#7aa2c8",
    secondary="#5f7f9f",
    accent="#f0b04a",
    warning="#f0b04a",
    error="#ec6a70",
    success="#7fb59a",
    foreground="#c9ced8",
    background="#12151a",
    surface="#171b22",
    panel="#1b2028",
    variables={
        "needs-you": "#f0b04a",
        "trouble": "#f0757b",
        "working": "#8fb8dc",
        "turn": "#e4e7ec",
        "name": "#e4e7ec",
        "plain": "#b4bbc7",
        "quiet": "#98a1b0",
        "faint": "#7a8392",
        "rule": "#39414e",
        "bar": "#6f93b5",
        "row-cursor": "#263141",
    },
)
"""Every ink but `rule`, which is for marks that carry no meaning, has a contrast of 4.5 or more."""
