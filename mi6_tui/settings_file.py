"""Changes the settings file as its user would: the values that were asked for, and not a byte beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mi6_tui.errors import Mi6Error
from mi6_tui.hooks.files import read, replace, target_of

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Item, Table

_UNTOUCHED: Final = "nothing was changed; mend it and try again"


def save_setting(path: Path, table: str, values: Mapping[str, Any]) -> None:
    """Set `values` in the table `table` of the file at `path`; None removes one.

    A dot in `table` leads to a table inside another. The file and its folders are made if need be. Comments,
    order, mode and symbolic links stay; the file is replaced at once. Mi6Error if it is broken, cannot be
    written, or changed meanwhile; it is then as it was.
    """
    from tomlkit.exceptions import TOMLKitError  # late: what only reads settings needs no writer

    target = target_of(path)
    before = read(target)
    try:
        document = _parsed(path, before or b"")
        _set(document, table.split("."), values)
        after = document.as_string().encode()
        _parsed(path, after)
    except TOMLKitError as error:
        raise Mi6Error(f"{path}: [{table}] cannot be set: {error}", _UNTOUCHED) from error
    if after != (before or b""):
        replace(target, before, after)


def _parsed(path: Path, data: bytes) -> TOMLDocument:
    import tomllib

    import tomlkit

    try:
        text = data.decode()
        # By the reader of settings first: the writer is more lenient.
        tomllib.loads(text)
        return tomlkit.parse(text)
    except (ValueError, RecursionError) as error:
        raise Mi6Error(f"{path} cannot be read: {error}", _UNTOUCHED) from error


def _set(document: TOMLDocument, names: Sequence[str], values: Mapping[str, Any]) -> None:
    from tomlkit.exceptions import TOMLKitError

    place: Any = document
    for name in names:
        if name not in place:
            if all(value is None for value in values.values()):
                return
            place[name] = _new_table(place, final=name == names[-1])
        place = place[name]
        if not isinstance(place, dict):
            raise TOMLKitError(f"{name} is no table")
    for key, value in values.items():
        if value is None:
            place.pop(key, None)
        elif key not in place or not _changed(place[key], value):
            place[key] = _written(value)


def _new_table(place: Container | Item, *, final: bool) -> Table:
    import tomlkit

    return tomlkit.table(is_super_table=not final)


def _changed(item: Any, value: Any) -> bool:
    """Make `item` hold `value` where it stands, so that the comments inside it stay; False if it cannot."""
    if isinstance(item, dict) and isinstance(value, Mapping):
        for key in [key for key in item if key not in value]:
            del item[key]
        for key in value:
            if item.get(key) != value[key]:
                item[key] = value[key]
    elif isinstance(item, list) and isinstance(value, Sequence) and not isinstance(value, str):
        from difflib import SequenceMatcher

        steps = SequenceMatcher(a=list(item), b=value, autojunk=False).get_opcodes()
        for _, start, end, first, last in reversed([step for step in steps if step[0] != "equal"]):
            for place in reversed(range(start, end)):
                del item[place]
            for new in reversed(value[first:last]):
                item.insert(start, new)
    # True is not 1 to who reads it.
    return bool(item == value) and isinstance(item, bool) == isinstance(value, bool)


def _written(value: Any) -> Any:
    """Lists and mappings on one line, as one writes them by hand."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    if isinstance(value, Sequence) and not isinstance(value, str):
        array = tomlkit.array()
        array.extend(value)
        return array
    return value
