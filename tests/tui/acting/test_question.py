"""A question, and how it is answered."""

from __future__ import annotations

import pytest

from mi6_tui.tui.screens.confirm import ConfirmScreen
from tests.tui.acting.conftest import Open, shown


async def answer(keys: tuple[str, ...], opened: Open) -> bool | None:
    answers: list[bool | None] = []
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("Really?", yes="do it", no="leave it"), answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return answers[0] if answers else None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("enter",), False),
        (("escape",), False),
        (("n",), False),
        (("y",), True),
        (("right", "enter"), True),
        (("tab", "left", "enter"), False),
        (("x",), None),
    ],
)
async def test_a_question_is_answered_with_no_until_somebody_says_yes(
    keys: tuple[str, ...], expected: bool | None, opened: Open
) -> None:
    assert await answer(keys, opened) == expected


@pytest.mark.parametrize(("target", "expected"), [("#yes", True), ("#no", False)])
async def test_the_answers_can_be_clicked(opened: Open, target: str, expected: bool) -> None:
    answers: list[bool | None] = []
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("Really?"), answers.append)
        await pilot.pause()
        await pilot.click("#question")
        await pilot.click(target)
        await pilot.pause()
    assert answers == [expected]


async def test_foreign_text_in_a_question_is_no_markup(opened: Open) -> None:
    async with opened() as pilot:
        pilot.app.push_screen(ConfirmScreen("[red]a[/] [b", [[("[/x] \\[", "$quiet")]]))
        await pilot.pause()
        assert "[red]a[/] [b" in shown(pilot)
        assert "[/x] \\[" in shown(pilot)
