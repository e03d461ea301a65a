"""Our entries go into any settings and out of them again; nothing else moves."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.frameworks.hooks import Append
from mi6_tui.hooks.entries import Entries
from mi6_tui.hooks.spans import BadJsonError
from tests.hooks.documents import settings


def entry(command: str) -> dict[str, object]:
    return {"hooks": [{"type": "command", "command": command}]}


def entries(*events: str, version: str = "1", comments: bool = True) -> Entries:
    return Entries(
        appends=tuple(Append(("hooks", event), entry(f"OURS {version}")) for event in events),
        comments=comments,
        is_ours=lambda command: command.startswith("OURS"),
    )


OURS = entries("Stop", "Start", "New")


def meaning(text: str) -> object:
    """What a reader that knows comments understands; numbers as they are written."""
    bare = re.sub(
        r'("(?:\\.|[^"\\])*")|//[^\r\n]*|/\*.*?\*/', lambda found: found[1] or "", text, flags=re.DOTALL
    )
    return json.loads(bare.removeprefix("\ufeff"), parse_int=str, parse_float=str)


@given(settings(comments=True))
def test_out_again_gives_the_same_text(text: str) -> None:
    there = OURS.put(text)
    assert OURS.take(there, text) == text


@given(st.one_of(settings(comments=False), settings(comments=True)))
def test_what_goes_in_is_what_was_meant(text: str) -> None:
    before = meaning(text)
    assert isinstance(before, dict)
    hooks = before.setdefault("hooks", {})
    for event in ("Stop", "Start", "New"):
        hooks.setdefault(event, []).append(entry("OURS 1"))
    assert meaning(OURS.put(text)) == before


@given(settings(comments=True))
def test_in_twice_is_in_once(text: str) -> None:
    once = OURS.put(text)
    assert OURS.put(once) == once


@given(settings(comments=True))
def test_an_older_version_is_replaced_where_it_stands(text: str) -> None:
    old = entries("Stop", "Start", "Gone", version="0").put(text)
    new = OURS.put(old)
    assert "OURS 0" not in new
    assert meaning(OURS.take(new, text)) == meaning(text)


@given(settings(comments=True), settings(comments=True))
def test_a_user_who_adds_at_the_end_meanwhile_keeps_it(text: str, other: str) -> None:
    """The user's own addition, by the same means: in before us or after us makes no difference to its end."""
    theirs = Entries(
        appends=(Append(("hooks", "Stop"), {"mine": 1}), Append(("more",), other)),
        comments=True,
        is_ours=lambda command: False,
    )
    assert OURS.take(_appended(theirs, OURS.put(text)), text) is not None
    assert meaning(OURS.take(_appended(theirs, OURS.put(text)), text)) == meaning(_appended(theirs, text))


def _appended(theirs: Entries, text: str) -> str:
    from mi6_tui.hooks import edit

    for one in theirs.appends:
        text = edit.append(text, one.path, one.value, comments=True)
    return text


def test_a_settings_file_as_most_are() -> None:
    text = """{
  "model": "opus",
  "hooks": {
    "Stop": [
      {
        "hooks": [{ "type": "command", "command": "say done" }]
      }
    ]
  }
}
"""
    assert (
        entries("Stop", "New").put(text)
        == """{
  "model": "opus",
  "hooks": {
    "Stop": [
      {
        "hooks": [{ "type": "command", "command": "say done" }]
      },
      {
        "hooks": [
          {
            "type": "command",
            "command": "OURS 1"
          }
        ]
      }
    ],
    "New": [
      {
        "hooks": [
          {
            "type": "command",
            "command": "OURS 1"
          }
        ]
      }
    ]
  }
}
"""
    )


def test_a_comment_stays_with_what_it_is_about() -> None:
    text = '{\n\t"a": 1 // the first\n}'
    there = entries("Stop").put(text)
    assert there.startswith('{\n\t"a": 1, // the first\n\t"hooks": {\n\t\t"Stop": [')
    assert OURS.take(there, text) == text


def test_one_line_stays_one_line() -> None:
    there = entries("Stop").put('{"a":1}')
    assert there == '{"a":1, "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "OURS 1"}]}]}}'


def test_our_handler_leaves_a_group_that_it_shares() -> None:
    text = '{"hooks": {"Stop": [{"matcher": "x", "hooks": [{"command": "mine"}, {"command": "OURS 0"}]}]}}'
    left = '{"hooks": {"Stop": [{"matcher": "x", "hooks": [{"command": "mine"}]}]}}'
    assert OURS.take(text, None) == left
    assert meaning(entries("Stop").put(text)) == {
        "hooks": {"Stop": [{"matcher": "x", "hooks": [{"command": "mine"}]}, entry("OURS 1")]}
    }


def test_lists_that_the_user_emptied_stay_and_ours_go() -> None:
    base = '{"hooks": {"Stop": [1], "Start": []}}'
    edited = OURS.put(base).replace('"Stop": [1, ', '"Stop": [')
    assert OURS.take(edited, base) == '{"hooks": {"Stop": [], "Start": []}}'


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('{\n"a": 1,\n}', 3, "property name"),
        ("", 1, "Expecting value"),
        ("[]", 1, "the whole is no object"),
        ('"hooks"', 1, "the whole is no object"),
        ('{\n\n"hooks": "on"}', 3, '"hooks" is no object'),
        ('{"hooks": {\n"Stop": {}}}', 2, '"hooks.Stop" is no list'),
        ('{"a":\n NaN}', 1, "NaN"),
        ("{} {}", 1, "Extra data"),
        ('{"a": "\n"}', 1, "control character"),
        ("{} /* open", 1, "Extra data"),
        ("[" * 100_000, 1, "too deeply"),
        ('{"a": ' * 100_000, 1, "too deeply"),
    ],
)
def test_what_is_no_settings_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(BadJsonError) as caught:
        OURS.put(text)
    assert caught.value.line == line
    assert why in caught.value.why


def test_comments_are_refused_where_the_client_reads_none() -> None:
    with pytest.raises(BadJsonError, match="line 2: a comment"):
        entries("Stop", comments=False).put('{"url": "https://x",\n// y\n"b": 1}')
