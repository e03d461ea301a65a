"""Where something stands in a TOML file, however it is written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.toml_lines import dotted, line_of, lines_of, nearest_line

_LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=6)
_NAMES = st.sampled_from(["a", "b-c", "1", "x.y", "[z]", "#", ""]) | _LETTERS
_TEXTS = st.sampled_from(["", "#", "]", "},", "a = 1", "\n[x]\n", '"""', "'''", "\\"]) | _LETTERS
_SCALARS = st.integers(-9, 9) | st.booleans() | _TEXTS
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=12,
)
_FILES = st.dictionaries(_NAMES, _VALUES, max_size=4)

Path = tuple[str | int, ...]


class Pen:
    """Writes a file in whatever way `data` wants, and remembers at which line it began with what."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.text = ""
        self.lines: dict[Path, int] = {}

    def _choose(self, *ways: str) -> str:
        return self._data.draw(st.sampled_from(ways))

    def _begin(self, place: Path) -> None:
        self.lines.setdefault(place, self.text.count("\n") + 1)

    def _key(self, name: str) -> str:
        if re.fullmatch("[A-Za-z0-9_-]+", name) and self._choose("bare", "quoted") == "bare":
            return name
        return (
            f"'{name}'"
            if "'" not in name and name and name[0] == "["
            else json.dumps(name, ensure_ascii=False)
        )

    def _dotted(self, names: Sequence[str]) -> str:
        return self._choose(".", " . ").join(map(self._key, names))

    def table(self, place: Path, names: Sequence[str], table: dict[str, Any]) -> None:
        """What a table holds: first its pairs, then the tables below their heads."""
        later = []
        for name, value in table.items():
            tables = isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
            if (isinstance(value, dict) or tables) and self._choose("head", "pair") == "head":
                later.append((name, value))
            else:
                self.pair(place, [name], value)
                self.text += self._choose("", " ", " # ] = [") + "\n" + self._choose("", "\n", "# [x]\n")
        for name, value in later:
            for index, one in enumerate(value if isinstance(value, list) else [value]):
                here: Path = (*place, name)
                self._begin(here)
                head = self._dotted([*names, name])
                if isinstance(value, list):
                    here = (*here, index)
                    self._begin(here)
                    head = f"[{head}]"
                self.text += f"[{head}]{self._choose('', ' # [y]')}\n"
                self.table(here, [*names, name], one)

    def pair(self, place: Path, names: list[str], value: Any, ends: Sequence[str] = ()) -> None:
        """`name = value`; of a table perhaps `name.key = value` for each of its keys."""
        here: Path = (*place, *names)
        if not ends and isinstance(value, dict) and value and self._choose("dotted", "inline") == "dotted":
            for number, (name, inner) in enumerate(value.items()):
                self.text += "\n" if number else ""
                self.pair(place, [*names, name], inner)
            return
        for end in range(len(place) + 1, len(here) + 1):
            self._begin(here[:end])
        self.text += self._dotted(names) + self._choose(" = ", "=")
        self.value(here, value)

    def value(self, place: Path, value: Any) -> None:
        """A value, in one line or in several where that is allowed."""
        self._begin(place)
        if isinstance(value, dict):
            self.text += "{"
            for number, (name, inner) in enumerate(value.items()):
                self.text += ", " if number else " "
                self.pair(place, [name], inner, ends=", }")
            self.text += " }"
        elif isinstance(value, list):
            self.text += "[" + self._choose("", "\n", " # ]\n\n")
            for index, inner in enumerate(value):
                self.value((*place, index), inner)
                self.text += self._choose("", "\n  ") + "," + self._choose(" ", "\n", " # },\n")
            self.text += "]"
        elif isinstance(value, str):
            self.text += self._string(value)
        else:
            self.text += json.dumps(value)

    def _string(self, value: str) -> str:
        plain = json.dumps(value, ensure_ascii=False)
        ways = [plain, '"""' + plain[1:-1].replace("\\n", "\n" if value[:1] != "\n" else "\\n") + '"""']
        if "'" not in value and "\n" not in value:
            ways.append(f"'{value}'")
        if "'''" not in value and value[-1:] != "'":
            ways.append(f"'''\n{value}'''")
        return self._choose(*ways)


@given(_FILES, st.data())
def test_the_line_is_that_in_which_it_was_written(file: dict[str, Any], data: st.DataObject) -> None:
    pen = Pen(data)
    pen.table((), [], file)
    assert tomllib.loads(pen.text) == file
    assert dict(lines_of(pen.text)) == pen.lines


@given(st.text(st.sampled_from("[]{}=\"'#.,\\ \nab1"), max_size=60))
def test_what_is_broken_ends_nothing(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())


def test_a_mistake_hides_nothing_but_its_own_line() -> None:
    assert line_of("[a\n[b]\nx {} 1\n= 2\nz = 2\n", ("b", "z")) == 5


def test_what_is_missing_stands_where_it_would_belong() -> None:
    text = "[alerts.late]\n\n[[prices]]\n[[prices]]\nmodel = 'x'\n"
    assert nearest_line(text, ("alerts", "late", "query")) == 1
    assert nearest_line(text, ("prices", 1, "input")) == 4
    assert nearest_line(text, ("other",)) is None


@pytest.mark.parametrize(("place", "told"), [(("a", "b", 1, "c"), "a.b[1].c"), (("a",), "a"), ((), "")])
def test_a_place_in_words(place: Path, told: str) -> None:
    assert dotted(place) == told


def test_no_depth_ends_the_program() -> None:
    assert line_of(f"a = 1\nb = {'[' * 20_000}\n", ("a",)) == 1
