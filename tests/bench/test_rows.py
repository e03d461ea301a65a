"""What is measured, with which budget, and how it is told."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import mi6_tui
from mi6_tui.bench.about import about
from mi6_tui.bench.report import Report, markdown, table_head, text
from mi6_tui.bench.row import Row
from mi6_tui.bench.rows import ROWS, chosen

README = (Path(mi6_tui.__file__).parent.parent / "README.md").read_text()
FAST = Row(name="fast", title="something fast", unit="ms", most=10, against={"rival": 2.0, "limit": None})


def test_a_figure_is_the_median_of_its_runs_and_keeps_every_budget_or_not() -> None:
    figure = FAST.figure([9.0, 3.0, 4.0], {"rival": 2.5, "limit": 1.0})
    assert (figure.value, figure.least, figure.most, figure.runs) == (4.0, 3.0, 9.0, 3)
    assert [(one.name, one.ratio, one.met) for one in figure.against] == [
        ("rival", 1.6, True),
        ("limit", 4.0, None),
    ]
    assert figure.met is True
    assert FAST.figure([4.0], {"rival": 1.9}).met is False
    assert FAST.figure([11.0], {"rival": 11.0}).met is False


def test_a_value_that_sums_up_the_runs_takes_the_place_of_the_median() -> None:
    assert FAST.figure([1.0, 2.0, 30.0], value=30.0).met is False


def test_what_is_not_on_this_machine_is_no_budget_kept() -> None:
    row = Row(name="x", title="x", unit="ms", against={"rival": 4.0})
    figure = row.figure([1.0], {})
    assert (figure.met, figure.against[0].ratio) == (None, None)
    assert Row(name="y", title="y", unit="ms").figure([1.0]).met is None


def test_what_cannot_be_known_is_no_zero_and_keeps_no_budget() -> None:
    row = Row(name="z", title="z", unit="bytes", most=0, against={"rival": 2.0})
    figure = row.figure([], {"rival": 1.0})
    assert (figure.value, figure.least, figure.most, figure.runs, figure.met) == (None, None, None, 0, None)
    report = Report(about=about(["bench"]), rows=(figure,))
    assert markdown(report)[-1] == "| z | not known | at most 0 |  |"
    assert text(report)[-1].split() == ["z", "z", "not", "known", "at", "most", "0", "-"]
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_names_are_names_and_no_two_alike() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    table = [row.title for row in ROWS]
    assert not any("|" in title or "\n" in title for title in table)


def test_a_word_means_its_row_and_those_below_it() -> None:
    assert chosen(["hook"], large=False) == {"hook"}
    assert {"idle", "idle-written", "idle-follow"} <= chosen(["idle"], large=False)
    assert chosen(["store"], large=False) == {"store", "store-long"}
    assert chosen(["cold"], large=False) == {"cold"}
    assert chosen(["cold"], large=True) == {"cold", "cold-large"}
    assert chosen(["cold-large"], large=False) == {"cold-large"}
    assert "cold-large" not in chosen([], large=False)
    assert chosen([], large=True) == {row.name for row in ROWS}
    with pytest.raises(KeyError, match="nonsense"):
        chosen(["hook", "nonsense"], large=False)


def test_the_report_says_what_was_kept_what_was_missed_and_what_was_not_there() -> None:
    figures = (FAST.figure([4.0, 5.0, 6.0], {"rival": 10.0}), FAST.figure([12.0], {"limit": 3.0}))
    report = Report(about=about(["bench", "--only", "a b"]), rows=figures)
    lines = text(report)
    assert lines[0].startswith("mi6-tui bench --only 'a b', ")
    assert "0.5 times rival, at most 2; limit is not here" in lines[-2]
    assert lines[-2].endswith("met") and lines[-1].endswith("missed")
    assert "rival is not here, at most 2; 4 times limit" in lines[-1]
    assert markdown(report)[-1] == (
        "| something fast | 12 ms | at most 10; rival is not here, at most 2; 4 times limit | missed |"
    )


def test_the_report_reads_back_as_its_schema_says() -> None:
    report = Report(about=about(["bench"]), rows=(FAST.figure([4.0], {"rival": 10.0}),))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_the_table_of_the_readme_has_these_rows() -> None:
    head = "\n".join(table_head())
    assert head in README, "print it anew: mi6-tui bench --large --markdown"
    table = README.split(head, 1)[1].split("\n\n", 1)[0].strip().splitlines()
    shown = [line.strip("|").split(" | ")[0].strip() for line in table]
    assert shown == [row.title for row in ROWS]
