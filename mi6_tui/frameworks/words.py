"""The full text behind an event, read from its line when someone looks."""

from __future__ import annotations

from typing import Any

import msgspec


def fields_as_text(found: Any) -> str:
    """A tool's input as people read it: `name: value`, and texts of several lines below their name."""
    if not isinstance(found, dict):
        return _value(found)
    lines = []
    for name, value in found.items():
        text = _value(value)
        if "\n" in text:
            lines += [f"{name}:", *(f"  {line}" for line in text.splitlines())]
        else:
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        encoded = msgspec.json.encode(value)
        text = encoded.decode()
        return text if len(text) <= 80 else msgspec.json.format(encoded, indent=2).decode()
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return ""
