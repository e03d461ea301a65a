"""Argument types and options that several commands share."""

from __future__ import annotations

import argparse
import re
from typing import Final

_DIGITS: Final = 19
"""Numbers with fewer are ones that the store can take."""
_UNITS: Final = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}


def duration(text: str) -> int:
    """`90d`, `12h`, `30m`, `1w` or `45s` in ms."""
    match = re.fullmatch(r"(\d{1,9})([wdhms])", text.strip().lower(), re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write it like 90d, 12h or 30m")
    return int(match[1]) * _UNITS[match[2]]


def natural(text: str) -> int:
    """A whole number, 0 or more."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number")
    if len(text) >= _DIGITS:
        raise argparse.ArgumentTypeError(f"{text[:40]} is too large")
    return int(text)


def port(text: str) -> int:
    """A port's number; 0 means any that is free."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number up to 65535")
    return int(text)


def add_json(parser: argparse.ArgumentParser, help_text: str) -> None:
    """`--json`, with what it prints."""
    parser.add_argument("--json", action="store_true", help=help_text)


def add_no_scan(parser: argparse.ArgumentParser) -> None:
    """`--no-scan`, for commands that read the store."""
    parser.add_argument(
        "--no-scan", action="store_true", help="do not look for news in the transcripts first"
    )


def speed(text: str) -> float:
    """How many times as fast as the world: `0.5`, `20`, `100x`."""
    try:
        factor = float(text.strip().lower().removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not 0.1 <= factor <= 4000:
        raise argparse.ArgumentTypeError(f"{text!r} is no speed; write a number from 0.1 to 4000")
    return factor
