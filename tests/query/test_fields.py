"""Every field of a session can be asked for, by the store's name too, and stands in the documentation."""

from __future__ import annotations

import re

import pytest

from mi6_tui.model import Session
from mi6_tui.query import Sort, parse
from mi6_tui.query.fields import FIELDS, PRESENCE, Field
from mi6_tui.query.reference import fields_table, grammar_table
from mi6_tui.report.session_fields import COMPUTED
from tests.query.makers import NOW, session

# Short names of the original's columns, but for those of a process: cpu, mem, diskr, diskw, kids.
ORIGINAL = (
    *(
        "pid",
        "status",
        "age",
        "model",
        "prompt",
        "tokens",
        "branch",
        "session",
        "cwd",
        "context",
        "in",
        "out",
    ),
    *(
        "cache",
        "cachew",
        "cost",
        "tty",
        "pr",
        "issue",
        "diff",
        "activity",
        "last",
        "msgs",
        "compacts",
        "repo",
    ),
    *("worktree", "framework", "script", "lastmsg", "machine", "tools", "apireqs", "apierrs", "revivals"),
    *("hookevts", "otelevts"),
)
HUMAN = ("project", "title", "name", "fw", "reqs", "errors", "id", "is", "host", "started", "idle", "since")


@pytest.mark.parametrize("name", [*Session.__struct_fields__, *COMPUTED, *ORIGINAL, *HUMAN])
def test_a_name_can_be_asked_for_and_sorted_by(name: str) -> None:
    everything = [session()]
    assert len(parse(f"has:{name} or no:{name}").select(everything, NOW)) == 1
    assert Sort.parse(f"{name},-{name}").sorted(everything, NOW) == everything


def test_no_name_means_two_fields() -> None:
    names = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert len(names) == len(set(names))
    assert not set(names) & {*PRESENCE, "attention", "and", "or", "not"}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_documentation_has_a_row_of_each_field(field: Field) -> None:
    (row,) = (line for line in fields_table().splitlines() if line.startswith(f"| `{field.name}` |"))
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    assert len(cells) == 4
    assert all(f"`{alias}`" in cells[1] for alias in field.aliases)
    assert cells[2] and cells[3]


def test_the_examples_of_the_documentation_are_queries() -> None:
    rows = grammar_table().splitlines()[2:]
    examples = [text for row in rows for text in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    assert len(examples) > 20
    for example in examples:
        parse(example.replace("\\|", "|"))
