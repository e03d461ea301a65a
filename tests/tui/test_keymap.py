"""What of well-formed settings cannot be meant: keys, views, prices; each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mi6_tui.settings_reader import ConfigError, read_settings
from mi6_tui.storage.sqlite import SqliteStorage
from mi6_tui.tui.app import Mi6App
from mi6_tui.tui.checked import check
from tests.tui.conftest import app_of, press, screen_text
from tests.tui.looking import home, is_shown
from tests.tui.makers import working
from tests.tui.test_views import running

PRICE = """
[[prices]]
model = "mine"
input = {}
output = 2
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nkill = "ctrl+c"\n', ":2: keys.kill: ctrl+c ends the dashboard; take another key"),
        ('keys = { kill = ["x", "ctrl+q"] }\n', ":1: keys.kill: ctrl+q ends the dashboard"),
        ('[keys]\nkill = "ctrl+i"\n', ":2: keys.kill: terminals send ctrl+i as tab; write that"),
        ('[keys]\nkill = "return"\n', ":2: keys.kill: terminals send return as enter"),
        ('[keys]\nkill = "<any>"\n', ":2: keys.kill: no key is called '<any>'"),
        ('[keys]\nkill = "ctrl+z"\n', ":2: keys.kill: ctrl+z is the key of suspend, too"),
        ('[keys]\nkill = "E"\npin = "E"\n', ":2: keys.kill: E is the key of pin, too (Sessions)"),
        ('[views.x]\nkey = "ctrl+c"\n', ":2: views.x.key: ctrl+c ends the dashboard"),
        ('[views.x]\nkey = "ctlr+e"\n', ":2: views.x.key: no key is called 'ctlr+e', did you mean ctrl+e?"),
        ('[views.x]\n\nkey = "d"\n', ":3: views.x.key: d is the key of details, too"),
        ('[views.x]\nkey = "?"\n', ":2: views.x.key: ? is the key of help, too"),
        ('[views.x]\nkey = "f9"\n[views.y]\nkey = "f9"\n', ":4: views.y.key: f9 is the key of the view x"),
        (PRICE.format("-1"), ":4: prices[0].input: -1.0 is no price in USD per million tokens"),
        (PRICE.format("1") + PRICE.format("2"), ":7: prices[1]: mine has two prices on every day"),
        ("prices = [\n{ model = 'a', input = 1, output = 1 },\n3]\n", ":3: prices[1]: Expected `object`"),
        ("prices = 3\n", ":1: prices: expected tables, each headed [[prices]]"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(settings: Path, text: str, told: str) -> None:
    settings.write_text(text)
    with pytest.raises(ConfigError) as wrong:
        read_settings(settings, check)
    assert str(wrong.value).startswith(f"{settings}{told}")


def test_what_can_be_meant(settings: Path) -> None:
    settings.write_text(
        PRICE.format("1") + '[keys]\nsuspend = "f12"\nkill = "ctrl+z"\n[views.x]\nkey = "x"\n[views.y]\n'
    )
    assert read_settings(settings, check).keys == {"suspend": ("f12",), "kill": ("ctrl+z",)}


def test_no_key_may_be_taken_that_the_program_takes_before_all_others() -> None:
    first = {
        key
        for one in Mi6App.__mro__
        for binding in getattr(one, "BINDINGS", ())
        if getattr(binding, "priority", False)
        for key in binding.key.split(",")
    }
    assert first <= {"ctrl+c", "ctrl+q"}


async def test_a_broken_price_is_a_banner_and_changes_nothing(storage: SqliteStorage, settings: Path) -> None:
    settings.write_text('[keys]\npin = "E"\n' + PRICE.format(1))
    storage.record(working("a"))
    async with running(storage, settings) as pilot:
        banner = home(pilot).banner
        assert not is_shown(banner)
        settings.write_text("[keys]\n" + PRICE.format(-1))
        app_of(pilot).look_at_settings()
        await pilot.pause()
        assert "settings.toml:5: prices[0].input: -1.0 is no price" in banner.text
        assert "the last good settings hold" in banner.text
        await press(pilot, "E")
        assert home(pilot).table.rows.signed, "E still pins"
        settings.write_text(PRICE.format(1))
        app_of(pilot).look_at_settings()
        await pilot.pause()
        assert not is_shown(banner)


async def test_the_messages_tell_all_that_is_wrong(storage: SqliteStorage, settings: Path) -> None:
    """The banner has room for the first."""
    settings.write_text('[columns]\nshow = ["foo"]\n[keys]\nfocus = "q"\n[dashboard]\ntheme = "nope"\n')
    async with running(storage, settings) as pilot:
        assert "settings.toml:2: columns.show[0]: " in home(pilot).banner.text
        assert "(and 2 more); the last good settings hold" in home(pilot).banner.text
        told = [said.body for said in app_of(pilot).messages if said.title == "settings"]
        assert [body.partition(": ")[0] for body in told] == [
            "settings.toml:2",
            "settings.toml:4",
            "settings.toml:6",
        ]
        await press(pilot, "M")
        seen = "\n".join(screen_text(pilot))
        for words in ("no column is called 'foo'", "q is the key of quit", "no theme is called 'nope'"):
            assert words in seen


async def test_a_view_has_the_key_that_a_person_writes(storage: SqliteStorage, settings: Path) -> None:
    settings.write_text("[views.x]\nquery = 'b'\nkey = '!'\n")
    storage.record(working("a"))
    async with running(storage, settings) as pilot:
        await press(pilot, "exclamation_mark")
        assert str(home(pilot).view.query) == "b"
