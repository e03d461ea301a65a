"""Keys, footers, palette and help derive from one declaration each, and all of them work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.actions import parse

from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui import keymap
from mi6_tui.tui.commands import GLOBAL, HOME, Command, Commands, bindings, explained, groups, key_name
from mi6_tui.tui.navigator import PAGES
from tests.tui.conftest import Start, app_of, press, screen_text
from tests.tui.makers import MACHINE, asking

SCREENS = dict(groups())


@pytest.mark.parametrize("commands", SCREENS.values(), ids=SCREENS)
def test_no_name_and_no_key_stands_for_two_commands(commands: Commands) -> None:
    names = [command.id for command in commands]
    keys = [key for command in commands for key in command.keys.split(",")]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("commands", SCREENS.values(), ids=SCREENS)
def test_what_is_shown_are_the_keys(commands: Commands) -> None:
    for command in commands:
        real = [key_name(key) for key in command.keys.split(",")]
        assert set(command.shown.split()) <= set(real), command


@pytest.mark.parametrize("commands", SCREENS.values(), ids=SCREENS)
def test_every_command_is_explained(commands: Commands) -> None:
    ((_, lines),) = explained([("here", commands)])
    for command in commands:
        (line,) = [words for keys, words in lines if f"  {command.shown}  " in f"  {keys}  "]
        assert line and (not command.help or line == command.help)


@pytest.mark.parametrize("name", [*PAGES, "settings", "messages"])
async def test_every_key_does_what_is_declared(start: Start, storage: SqliteStorage, name: str) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        app = app_of(pilot)
        if name in PAGES:
            app.show_page(name)
        else:
            await app.run_action(f"app.{name}")
        await pilot.pause()
        app.screen.set_focus(None)  # an input would take keys for itself
        active = app.screen.active_bindings
        own = HOME if name == "sessions" else SCREENS[name.capitalize()]
        assert app.commands() == (*own, *GLOBAL)
        own_keys = {key for command in own for key in command.keys.split(",")}
        for command in (*own, *GLOBAL):
            for key in command.keys.split(","):
                if command in own or key not in own_keys:
                    assert active[key].binding.action == command.action, key
            where, action, _ = parse(command.action)
            holder = app if where == "app" else app.screen
            assert callable(getattr(holder, f"action_{action}", None)), command.action


OVER = {"t": "Themes", "question_mark": "Help", "colon": "Commands", "y": "Copies", "c": "Columns"}


@pytest.mark.parametrize("key", OVER)
async def test_what_lies_over_a_page_does_what_is_declared(
    start: Start, storage: SqliteStorage, key: str
) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        await press(pilot, key)
        app = app_of(pilot)
        app.screen.set_focus(None)
        active = app.screen.active_bindings
        for command in SCREENS[OVER[key]]:
            for one in command.keys.split(","):
                assert active[one].binding.action == command.action, one
            _, action, _ = parse(command.action)
            assert callable(getattr(app.screen, f"action_{action}", None)), command.action


@pytest.mark.parametrize("key", [*OVER, *"2345,MwrVpx", "slash", "number_sign", "enter"])
async def test_escape_leads_back_and_never_out(start: Start, storage: SqliteStorage, key: str) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        app = app_of(pilot)
        await press(pilot, {",": "comma"}.get(key, key), "escape")
        assert app.screen is app.home
        assert app.home is not None and app.home.table.has_focus
        await press(pilot, "escape", "escape", "escape")
        assert app.screen is app.home and not app._exit


async def test_keys_of_the_users_own_work_over_a_page_too(start: Start, storage: SqliteStorage) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        app = app_of(pilot)
        app.set_keymap({"as-before": "b", "keep": "ctrl+k", "yes": "z"})
        await press(pilot, "t")
        assert screen_text(pilot)[-1].endswith(" Ctrl+K keep  b as before")
        await press(pilot, "down")
        assert app.theme == "mi6-day"
        await press(pilot, "b")
        assert app.theme == "mi6-night" and app.screen is app.home


async def test_a_session_is_opened_over_its_page_and_gives_way_to_another(
    start: Start, storage: SqliteStorage
) -> None:
    for name in ("a", "b"):
        storage.record(asking(name))
    async with start() as pilot:
        app = app_of(pilot)
        app.show_page("events")
        for name in ("a", "b"):
            app.open_session((MACHINE, name))
            await pilot.pause()
            assert app.looked_at == (MACHINE, name)
            assert app.commands() == (*SCREENS["A session"], *GLOBAL)
            assert len(app.screen_stack) == 3
        app.show_page("sessions")
        await pilot.pause()
        assert app.looked_at is None and app.screen is app.home


@pytest.mark.parametrize("over", ["colon", "t", "question_mark", "comma", "M", "2"])
async def test_ctrl_c_ends_it_wherever_one_is(start: Start, over: str) -> None:
    async with start() as pilot:
        await press(pilot, over)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app_of(pilot)._exit


@pytest.mark.parametrize("action", ["query", "rename", "open"])
async def test_a_key_that_ctrl_c_overtakes_is_no_failure(
    start: Start, storage: SqliteStorage, action: str
) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        app = app_of(pilot)
        assert app.home is not None
        app.home.call_later(app.run_action, action, app.home)
        app.exit()
    assert app.return_code == 0


async def test_what_needs_the_whole_terminal_is_told_where_there_is_none(start: Start) -> None:
    async with start() as pilot:
        app_of(pilot).action_demo()
        await pilot.pause()
        assert [said.severity for said in app_of(pilot).messages] == ["error"]


@pytest.mark.parametrize("name", PAGES)
async def test_digits_lead_everywhere_and_home_lies_below(start: Start, name: str) -> None:
    async with start() as pilot:
        app = app_of(pilot)
        await press(pilot, str(PAGES.index(name) + 1))
        first = app.screen
        for other in ("2", "5", "1", "3", str(PAGES.index(name) + 1)):
            await press(pilot, other)
            assert len(app.screen_stack) <= 2
            assert app.screen_stack[0] is app.home
        assert app.screen is first


async def test_a_click_on_the_footer_does_what_stands_there(start: Start, storage: SqliteStorage) -> None:
    storage.record(asking("a"))
    async with start() as pilot:
        app = app_of(pilot)
        line = screen_text(pilot)[-1]
        await pilot.click("#footer", offset=(line.index("help") + 1, 0))
        assert type(app.screen).__name__ == "HelpScreen"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
async def test_however_narrow_the_footer_names_help_and_the_way_out(
    start: Start, storage: SqliteStorage, width: int
) -> None:
    storage.record(asking("a"))
    async with start(width, 24) as pilot:
        line = screen_text(pilot)[-1]
        assert line.endswith("? help  q quit")
        for command in (*HOME, *GLOBAL):
            line = f"{line} ".replace(f" {command.shown} {command.label} ", "", 1).rstrip()
        assert line == ""  # keys and their words go together


async def test_help_tells_the_keys_of_this_page_first_and_finds_words(start: Start) -> None:
    async with start(90, 30) as pilot:
        await press(pilot, "question_mark")
        assert "Keys: sessions" in screen_text(pilot)[1]
        await press(pilot, "j", "j")
        assert "Keys: sessions" not in "\n".join(screen_text(pilot))
        await press(pilot, "slash", *"dollars", "enter")
        shown = "\n".join(screen_text(pilot))
        assert "Tokens and dollars by day" in shown and "Keys: sessions" not in shown
        await press(pilot, "escape")
        assert "Keys: sessions" in screen_text(pilot)[1]
        await press(pilot, "escape")
        assert app_of(pilot).screen is app_of(pilot).home


async def test_help_tells_everything(start: Start) -> None:
    async with start(120, 400) as pilot:
        await press(pilot, "question_mark")
        words = "\n".join(screen_text(pilot))
        for _, lines in explained(groups()):
            for keys, told in lines:
                assert keys in words and told[:50] in words
        assert "Marks" in words and "Numbers" in words


def test_a_remapped_command_is_shown_with_its_new_keys() -> None:
    command = Command("x", "ctrl+d", "Ctrl+D", "half down", "Something")
    assert command.keys_in({}) == "Ctrl+D"
    assert command.keys_in({"half-down": "question_mark,ctrl+left"}) == "? Ctrl+←"


@given(st.text(min_size=1, max_size=1).filter(str.isprintable))
def test_every_printable_character_is_a_key(character: str) -> None:
    assert not keymap.why_not(character)
    assert bindings([Command("x", keymap.key_named(character), character, "x")])
