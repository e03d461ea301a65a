"""What the documents say is what the program does."""

from __future__ import annotations

import argparse
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

import mi6_tui
from mi6_tui import cli
from mi6_tui.judge.rules import RULES
from mi6_tui.query.reference import fields_table, grammar_table
from mi6_tui.tui.commands import explained, groups

ROOT = Path(mi6_tui.__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the rows of the first table below a heading."""
    rows = text.split(f"\n{heading}\n", 1)[1].split("\n|", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def options(name: str) -> set[str]:
    """The long options that a command declares, beside those that all have."""
    parser = argparse.ArgumentParser()
    import_module(f"mi6_tui.commands.{name}").configure(parser)
    return set(re.findall(r"--[a-z-]+", parser.format_help())) - {"--help"}


def test_every_command_is_in_the_table_and_no_other() -> None:
    named = [re.findall(r"[a-z]+", row[0])[0] for row in table(README, "## Commands") if row[0] != "*(none)*"]
    assert sorted(named) == sorted(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_table_names_every_option(name: str) -> None:
    (row,) = (row for row in table(README, "## Commands") if re.match(rf"`{name}\b", row[0]))
    assert set(re.findall(r"--[a-z-]+", row[0])) == options(name)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: mi6-tui {name} ")


def test_the_keys_are_those_of_the_dashboard() -> None:
    told = explained(groups())
    keys = README.split("\n## Keys\n", 1)[1].split("\n## ", 1)[0]
    titles = re.findall(r"^### (.*)$", keys, re.M)
    assert titles == [title for title, _ in told]
    for title, lines in told:
        assert [(row[0], row[1]) for row in table(keys, f"### {title}")] == [
            (" ".join(f"`{key}`" for key in names.split()), words) for names, words in lines
        ]


def test_every_rule_of_status_is_in_the_table() -> None:
    assert table(README, "<details><summary>All rules</summary>") == [
        [f"`{name}`", f"{rule.shown}: {rule.detail}", rule.means, rule.changes]
        for name, rule in RULES.items()
    ]


def test_the_grammar_of_queries_is_in_the_readme() -> None:
    assert grammar_table() in README
    assert fields_table() in README


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    shown = subprocess.run(("make", "help"), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in shown.splitlines()] == phony.split()


def test_every_picture_of_the_readme_exists() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture


def test_the_change_log_knows_this_version() -> None:
    assert f"## [{mi6_tui.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_every_place_that_contributing_names_exists() -> None:
    for place in re.findall(r"`((?:mi6_tui|styles|screenshots|tests)/?[\w./]*)`", CONTRIBUTING):
        assert (ROOT / place).exists(), place
