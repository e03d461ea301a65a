"""Changes the settings file as its user would: the values that were asked for, and not a byte beside them."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mi6_tui.errors import Mi6Error
from mi6_tui.hooks.errors import ChangedError, SettingsError
from mi6_tui.hooks.files import read, replace, target_of
from mi6_tui.private import make_folder
from mi6_tui.toml_lines import UnusableError, parse_toml

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Item, Table

_UNTOUCHED: Final = "nothing was changed; mend it and try again"
_TRIES: Final = 20
"""How often a file is read anew that an editor changes at the same moment."""
_PATIENCE: Final = 2.0
"""Seconds for another dashboard to finish; it needs ms, unless it was stopped."""
_LOOK_EVERY: Final = 0.01


def save_setting(path: Path, table: str, values: Mapping[str, Any]) -> None:
    """Set `values` in the table `table` of the file at `path`; None removes one.

    A dot in `table` leads to a table inside another. The file and its folders are made if need be. Comments,
    order, mode and symbolic links stay; the file is replaced at once, and what others change meanwhile stays
    as well. Mi6Error if it is broken or cannot be written; it is then as it was.
    """
    change_settings(path, table, lambda document: _set(document, table.split("."), values))


def change_settings(path: Path, table: str, change: Callable[[TOMLDocument], None]) -> None:
    """Make a `change` in the file at `path`, in the way of `save_setting`; `table` is what errors speak of.

    It may be made again, on what the file holds by then.
    """
    target = target_of(path)
    with suppress(OSError):  # whoever writes the file tells
        make_folder(target.parent)
    with _turn(target.parent):
        for left in reversed(range(_TRIES)):
            try:
                _save(path, target, table, change)
                return
            except ChangedError:
                if not left:
                    raise


def _save(path: Path, target: Path, table: str, change: Callable[[TOMLDocument], None]) -> None:
    from tomlkit.exceptions import TOMLKitError  # late: what only reads settings needs no writer

    before = read(target)
    try:
        document = _parsed(path, before or b"")
        change(document)
        after = document.as_string().encode()
        _parsed(path, after)
    except TOMLKitError as error:
        raise Mi6Error(f"{path}: [{table}] cannot be set: {error}", _UNTOUCHED) from error
    if after == (before or b""):
        return
    try:
        replace(target, before, after)
    except ChangedError:
        raise
    except SettingsError as error:
        raise Mi6Error(error.message, f"make it writable, or set [{table}] in it by hand") from error


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Wait until no other program of ours changes files in this folder, but not for ever.

    The folder is what is locked, since the file itself is replaced. Where folders cannot be locked, as on
    some network drives, only what changed before the file is replaced is noticed.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        until = time.monotonic() + _PATIENCE
        while not _locked(handle) and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Whether there is no need to wait any longer."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES)
    return True


def _parsed(path: Path, data: bytes) -> TOMLDocument:
    import tomlkit

    try:
        # By the reader of settings first: the writer is more lenient.
        text, _ = parse_toml(data)
        return tomlkit.parse(text)
    except UnusableError as error:
        raise Mi6Error(error.told(path), _UNTOUCHED) from error
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
