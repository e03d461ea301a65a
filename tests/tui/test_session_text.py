"""Long text as lines, blocks in a stack, marks and curves: pure functions, held against simple ones."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mi6_tui.ingest.git.diff import Change
from mi6_tui.ingest.live.inspect import Child, Inspection
from mi6_tui.ingest.reading_back import Passage
from mi6_tui.model import PREVIEW_LIMIT, Claim, ContextPoint, Event, EventType, FileTouch, UsageRow
from mi6_tui.tui.event_lines import EventLines
from mi6_tui.tui.session.blocks import Block, blocks_of, lines_of
from mi6_tui.tui.session.curve import curve_lines
from mi6_tui.tui.session.file_lines import WorkingCopy, file_lines, shortened
from mi6_tui.tui.session.marking import marked
from mi6_tui.tui.session.process_lines import memory, missing_process, process_lines
from mi6_tui.tui.session.stack import Stack
from mi6_tui.tui.session.usage_lines import model_lines, sum_lines
from mi6_tui.tui.session.wrapping import safe_lines, wrapped
from tests.tui.conftest import NOW
from tests.tui.makers import event, session

HOSTILE = (
    "a\x1b[31mred\x1b]0;title\x07 [bold]x[/] \u202eevil\u202c \u200d👩\u200d💻 "
    "\u0301e 修复登录 ﷽ \x00\x9b2J\t|"
)
LINES = st.lists(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(["修", "👩", "\u200d", " ", " ", "\x1b[2J", "\u202e", "word"]),
    ),
    max_size=200,
).map("".join)


def plain(lines: object) -> list[str]:
    return ["".join(piece[0] for piece in line) for line in lines]  # type: ignore[attr-defined]


@given(LINES, st.integers(2, 60))
def test_wrapping_loses_nothing_but_spaces(words: str, width: int) -> None:
    for line in safe_lines(words):
        pieces = wrapped(line, width)
        assert all(cell_len(piece) <= width for piece in pieces)
        assert "".join("".join(pieces).split()) == "".join(line.split())


@given(LINES)
def test_no_line_steers_a_terminal(words: str) -> None:
    for line in safe_lines(words):
        assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in line)
        assert not set(line) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\u200d")


def test_wrapping_keeps_indents_and_breaks_at_spaces() -> None:
    assert wrapped("    return value + another", 14) == ["    return", "value +", "another"]
    assert wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert wrapped("修复登录页面", 5) == ["修复", "登录", "页面"]
    assert wrapped("", 10) == [""]


def test_a_megabyte_in_one_line_is_wrapped() -> None:
    pieces = wrapped("ab " * 350_000, 80)
    assert sum(len(piece) for piece in pieces) > 900_000
    assert max(map(len, pieces)) <= 80


def spoken(words: str, number: int = 1, **values: Any) -> Event:
    return event(EventType.ASSISTANT_MESSAGE, id=number, preview=words[:PREVIEW_LIMIT], **values)


def call(number: int, name: str, **values: Any) -> Event:
    return event(EventType.PRE_TOOL_USE, id=number, tool_use_id=name, tool_name="Bash", **values)


def result(number: int, name: str, outcome: str = "ok", **values: Any) -> Event:
    return event(EventType.POST_TOOL_USE, id=number, tool_use_id=name, outcome=outcome, **values)


def blocks(*events: Event) -> list[Block]:
    return blocks_of(EventLines(UTC).of(events, NOW), events)


def drawn(
    block: Block, width: int = 60, unfolded: bool = False, passages: dict[int, Passage] | None = None
) -> list[str]:
    lines = lines_of(block, width, unfolded=unfolded, passages=passages or {})
    return [line.rstrip() for line in plain(lines)]


def test_words_stand_below_their_speaker() -> None:
    (block,) = blocks(spoken("# Done\n\nAll *good*.\n```\nx = 1\n```\n> quoted", model="claude-opus-5-5"))
    assert drawn(block) == [
        " ● assistant  14:02:11  opus-5.5", "  # Done", "", "  All *good*.", "  ```", "  x = 1", "  ```",
        "  > quoted",
    ]  # fmt: skip
    inks = {line[-1][0]: line[-1][1] for line in lines_of(block, 60, unfolded=False, passages={}) if line}
    assert (inks["# Done"], inks["```"], inks["x = 1"], inks["> quoted"], inks["All *good*."]) == (
        "name", "faint", "quiet", "quiet", "plain",
    )  # fmt: skip


def test_a_call_takes_one_line_until_it_is_unfolded() -> None:
    (block,) = blocks(
        call(1, "t", preview="make test"), result(2, "t", "error", preview="boom", duration_ms=1200)
    )
    assert drawn(block) == [f"  ▸ Bash  make test{'':<29} 1.2s error"]
    assert block.to_read(False) == ()
    assert [one.id for one in block.to_read(True)] == [1, 2]
    texts = {1: Passage("command: make test\nwhy: to see"), 2: Passage("line 1\n  line 2")}
    assert drawn(block, unfolded=True, passages=texts)[1:] == [
        "    command: make test", "    why: to see", "    ────────────────────────", "    line 1",
        "      line 2",
    ]  # fmt: skip
    waiting = drawn(block, unfolded=True)
    assert waiting.count("    … reading") == 2
    assert block.copied(texts) == "command: make test\nwhy: to see\n\nline 1\n  line 2"


def test_calls_stand_close_and_words_apart() -> None:
    events = [spoken("a", 1), call(2, "t"), call(3, "u"), spoken("b", 4), spoken("c", 5)]
    assert [block.gap for block in blocks(*events)] == [False, True, False, True, True]
    assert drawn(blocks(*events)[1])[0] == ""


def test_what_is_not_all_there_says_so() -> None:
    long = "x" * PREVIEW_LIMIT
    (block,) = blocks(spoken(long))
    assert block.to_read(False) == (block.event,)
    assert drawn(block)[-1] == "    … reading"
    gone = {1: Passage(long, "the transcript has changed there")}
    assert (
        drawn(block, 80, passages=gone)[-1]
        == "    the transcript has changed there: this is what the store kept"
    )
    cut = {1: Passage("y", left_out=12_345)}
    assert drawn(block, passages=cut)[1:] == ["  y", "    … 12,345 more characters in the transcript"]
    (short,) = blocks(spoken("all of it"))
    assert short.to_read(True) == ()


@pytest.mark.parametrize("width", [4, 12, 40, 80, 200])
def test_hostile_text_fits_every_width(width: int) -> None:
    events = (
        spoken(HOSTILE * 20, 1, is_sidechain=True, agent_id=HOSTILE, model=HOSTILE),
        call(2, "t", preview=HOSTILE),
        result(3, "t", HOSTILE, preview=HOSTILE),
        event(HOSTILE[:20], id=4, preview=HOSTILE),
    )
    passages = {2: Passage(HOSTILE * 9, HOSTILE), 3: Passage(HOSTILE)}
    for block in blocks(*events):
        for line in plain(lines_of(block, width, unfolded=True, passages=passages)):
            assert "\x1b" not in line and "\u202e" not in line and "\x9b" not in line
            if width >= 40:
                assert cell_len(line) <= width


# The stack.


def a_stack(count: int, width: int = 40) -> Stack:
    stack = Stack({})
    words = [
        spoken("word " * (number * 7 % 60 + 1), number + 1, ago=count - number) for number in range(count)
    ]
    stack.show(blocks(*words), width)
    return stack


@given(st.integers(1, 40), st.lists(st.integers(-200, 200), max_size=12))
def test_steps_go_by_true_heights(count: int, steps: list[int]) -> None:
    stack = a_stack(count)
    heights = [len(lines_of(block, 40, unfolded=False, passages={})) for block in stack.blocks]
    spot, line = (0, 0), 0
    for step in steps:
        spot = stack.step(spot, step)
        line = max(0, min(line + step, sum(heights) - 1))
        assert sum(heights[: spot[0]]) + spot[1] == line


def test_heights_become_exact_when_they_are_looked_at() -> None:
    stack = a_stack(50)
    for place in range(50):
        stack.lines(place)
    assert stack.height == sum(len(stack.lines(place)) for place in range(50))
    for line in range(stack.height):
        place, within = stack.spot(line)
        assert stack.starts[place] + within == line
    before = stack.height
    stack.show(stack.blocks, 20)
    assert stack.height > before


# Marks.


@given(st.text(max_size=40), st.text(min_size=1, max_size=3))
def test_marking_keeps_the_text(words: str, needle: str) -> None:
    line = marked(((words, "plain"), ("tail", "quiet")), needle.casefold())
    assert "".join(piece[0] for piece in line) == words + "tail"
    assert all(needle.casefold() in piece.casefold() for piece, ink in line if ink == "found")


def test_every_place_is_marked() -> None:
    assert marked((("Ab cab", "plain"),), "ab") == (("Ab", "found"), (" c", "plain"), ("ab", "found"))
    assert marked((("x", "plain"),), "") == (("x", "plain"),)


# The curve.


def points(*tokens: int | None) -> list[ContextPoint]:
    return [ContextPoint(number, amount, False) for number, amount in enumerate(tokens)]


def test_a_curve_rises_with_the_context() -> None:
    lines = plain(curve_lines(points(25_000, 50_000, 100_000, 200_000), 200_000, 17, 4))
    assert lines == ["   200k       ██", "              ██", "            ████", "      0 ▄▄██████"]
    assert plain(curve_lines(points(1), 200_000, 17, 1)) == ["      1 ████████"], "all cells are used"
    assert plain(curve_lines(points(1, 8, 8), 8, 17, 1)) == ["      8 ▁▁██████"]


def test_a_compaction_is_a_dotted_line_and_small_use_has_its_own_scale() -> None:
    both = [*points(10_000), ContextPoint(1, 2_000, True), *points(5_000)]
    lines = curve_lines(both, 1_000_000, 20, 2)
    assert [line.strip() for line in plain(lines)] == ["10.0k █████┊", "0 █████┊█████"]
    assert ("┊", "needs-you") in lines[0]


@pytest.mark.parametrize("width", [0, 5, 16, 17, 80, 300])
def test_no_width_breaks_the_curve(width: int) -> None:
    many = points(*(number * 13 % 90_000 for number in range(5_000)))
    for line in plain(curve_lines(many, 100_000, width, 6)):
        assert cell_len(line) <= width
    assert curve_lines([], 100, width, 6) == []
    assert curve_lines(points(None, None), None, width, 6) == []


# Sums, files and processes.


def test_sums_are_those_of_the_row() -> None:
    row = session(
        api_request_count=31, tokens_input=1_200, tokens_output=18_400, tokens_cache_read=2_900_000,
        tokens_cache_write=210_000, tokens_cache_write_1h=190_000, cost_usd=2.2, cost_estimated_usd=2.2,
        unpriced_requests=2, incomplete_requests=1,
    )  # fmt: skip
    (line,) = plain(sum_lines(row, 200))
    assert line == (
        " 31 requests  ≥1.2k in  ≥18.4k out  ≥2.90M cache read  ≥210k cache write (1h: 190k)"
        "  ≥$2.20 estimated, 2 unpriced, 1 incomplete "
    )
    assert "".join(plain(sum_lines(row, 40))) == line
    (nothing,) = plain(sum_lines(session(), 200))
    assert nothing == " 0 requests  - in  - out  - cache read  - cache write  - nothing known of cost "


def test_one_model_needs_no_line_and_many_are_cut() -> None:
    rows = [
        UsageRow(key=f"claude-opus-5-{n}", api_request_count=n, cost_usd=float(9 - n)) for n in range(1, 7)
    ]
    assert model_lines(rows[:1], 80) == []
    lines = plain(model_lines(rows, 100))
    assert lines[0].split()[:2] == ["opus-5.1", "$8.00"]
    assert lines[-1] == " and 2 more models"
    assert all(cell_len(line) <= 100 for line in lines)


def test_files_and_the_working_copy() -> None:
    row = session(cwd="/src/r", git_branch="feat", github_repo="o/r", github_pr=7, github_issue=5)
    touched = [
        FileTouch(path="/src/r/a.py", calls=3, failed=1, last=NOW - 60_000, tool_name="Edit"),
        FileTouch(path="/etc/b\x1b[2J", calls=1, failed=0, last=NOW, tool_name="Write"),
    ]
    copy = WorkingCopy(
        (Change("a.py", 10, 2), Change("pic", None, None), Change("new/", None, None, True)), NOW
    )
    lines = [line.rstrip() for line in plain(file_lines(row, touched, copy, UTC, now=NOW, width=80))]
    assert lines[:5] == [
        " folder       /src/r", " branch       feat", " repository   o/r", " pull request #7",
        " issue        #5",
    ]  # fmt: skip
    assert " Not committed  3 files, +10 -2  at 14:02:11; u asks again" in lines
    assert "     +10     -2  a.py" in lines
    assert "         binary  pic" in lines
    assert "            new  new/" in lines
    assert any(line.startswith("      3x  a.py ") and line.endswith("1m00 ago  1 failed") for line in lines)
    assert any("/etc/b" in line and "\x1b" not in line for line in lines)
    clean = plain(file_lines(row, [], WorkingCopy((), NOW), UTC, now=NOW, width=80))
    assert any("nothing" in line for line in clean)
    unknown = plain(file_lines(row, None, WorkingCopy(None, NOW), UTC, now=NOW, width=80))
    assert any("git cannot tell" in line for line in unknown)
    assert any("asking git" in line for line in plain(file_lines(row, None, None, UTC, now=NOW, width=80)))


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("/a/b/c", "/a/b", "c"),
        ("/a/b/c", "/a/b/", "c"),
        ("/a/bc", "/a/b", "/a/bc"),
        ("x", None, "x"),
        ("/a", "/", "a"),
    ],
)
def test_a_path_within_the_folder_is_shortened(path: str, folder: str | None, expected: str) -> None:
    assert shortened(path, folder) == expected


def test_why_there_is_no_process_to_look_at() -> None:
    def missing(machine: str, looked: bool = False, **facts: object) -> str:
        told = {"machine_id": machine, "session_id": "s", "witness": "process", "at": NOW, **facts}
        claims = [Claim(**told)] if facts else []  # type: ignore[arg-type]
        return missing_process(claims, (machine, "s"), "here", looked=looked)

    assert missing("here") == "which process it is, nobody has told"
    assert missing("here", kind="gone", pid=7) == "pid 7 is gone"
    assert missing("there", kind="alive", pid=7) == "pid 7 runs on another machine, there"
    assert missing("here", kind="alive", pid=7, process="x") == "…"
    assert "not to be seen from here" in missing("here", True, kind="alive", pid=7, process="x")


def test_a_process_in_lines() -> None:
    def seen(at: float, spent: float) -> Inspection:
        child = Child(
            pid=9, parent=7, name="sh", command="sh -c \x1b[2Jmake", cpu_seconds=0.5, since=NOW - 5_000
        )
        return Inspection(
            pid=7, identity="i", name="claude", since=NOW - 60_000, parents=("bash", "tmux"),
            children=(child,), cpu_seconds=spent, memory=84_000_000, ports=(8080, 9000),
            terminal="/dev/pts/3", at=at,
        )  # fmt: skip

    lines = [
        line.rstrip()
        for line in plain(process_lines(seen(0, 10), seen(2, 10.5), now=NOW, width=80, missing=""))
    ]
    assert lines[2:] == [
        " Pid             7  claude, for 1m00", " CPU             25.0 % of a core, 10.5s in all",
        " Memory          84 MB", " Started by      bash < tmux", " Terminal        /dev/pts/3",
        " Listens to      8080, 9000", "", " 1 child process", "        9     5s   500ms  sh -c make",
    ]  # fmt: skip
    assert plain(process_lines(None, None, now=NOW, width=80, missing="pid 7 is gone"))[2] == " pid 7 is gone"
    assert [memory(one) for one in (None, 512, 8_400, 3_200_000_000)] == ["-", "512 B", "8.4 kB", "3.2 GB"]
