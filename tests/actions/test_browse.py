"""Web pages: addresses are made, never taken over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.actions.browse import open_page, page_of
from mi6_tui.actions.errors import ActionError
from tests.actions.recorded import Recorded
from tests.actions.sessions import session

PAGE = "https://github.com/o/r/pull/7"


@pytest.mark.parametrize(
    ("pr", "issue", "page"),
    [
        (7, 3, PAGE),
        (None, 3, "https://github.com/o/r/issues/3"),
        (None, None, "https://github.com/o/r"),
        (0, -3, "https://github.com/o/r"),
    ],
)
def test_the_pull_request_then_the_issue_then_the_repository(
    pr: int | None, issue: int | None, page: str
) -> None:
    assert page_of(session(github_repo="o/r", github_pr=pr, github_issue=issue)) == page


@pytest.mark.parametrize(
    "repo",
    [
        None,
        "",
        "o",
        "o/..",
        "o/r/x",
        "//evil.example",
        "https://evil.example",
        "o/r?x",
        "o/r\n",
        "-o/r",
        "o/é",
    ],
)
def test_what_is_no_repository_has_no_page(repo: str | None) -> None:
    with pytest.raises(ActionError, match=r"works on no repository of github\.com"):
        page_of(session(github_repo=repo, github_pr=1))


@given(st.text(max_size=40))
def test_no_text_leads_elsewhere(repo: str) -> None:
    try:
        page = page_of(session(github_repo=repo, github_pr=1))
    except ActionError:
        return
    assert page == f"https://github.com/{repo}/pull/1"
    assert page.isascii()
    assert page.isprintable()
    assert not set(page) & set(" ?#\\@'\"")


@pytest.mark.parametrize(
    ("env", "programs", "call"),
    [
        ({}, ("xdg-open", "gio"), ["xdg-open", PAGE]),
        ({}, ("gio",), ["gio", "open", PAGE]),
        ({"BROWSER": "firefox"}, ("xdg-open", "firefox"), ["firefox", PAGE]),
        ({"BROWSER": "gone:'lynx' -x %s -y"}, ("lynx",), ["lynx", "-x", PAGE, "-y"]),
        ({"BROWSER": "'broken"}, ("xdg-open",), ["xdg-open", PAGE]),
    ],
)
def test_the_users_browser(
    recorded: Recorded, env: dict[str, str], programs: tuple[str, ...], call: list[str]
) -> None:
    for name in programs:
        recorded.add(name)
    open_page(PAGE, env={**recorded.env, **env}, platform="linux")
    assert recorded.calls == [call]


def test_a_mac_opens_it_by_itself(recorded: Recorded) -> None:
    recorded.add("open")
    open_page(PAGE, env=recorded.env, platform="darwin")
    assert recorded.calls == [["open", PAGE]]


def test_without_a_browser_the_address_is_told(recorded: Recorded) -> None:
    with pytest.raises(ActionError, match=f"no browser is known here for {PAGE}"):
        open_page(PAGE, env=recorded.env, platform="linux")
