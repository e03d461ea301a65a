"""Who is let in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from mi6_tui.web.gate import FORGIVEN, WRONG_LINKS, Gate, is_loopback


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def token_of(gate: Gate) -> str:
    (token,) = parse_qs(urlsplit(gate.link).query)["token"]
    return token


def test_the_link_lets_one_browser_in_once() -> None:
    gate = Gate("127.0.0.1", 8006)
    assert not gate.knows("")
    cookie = gate.enter(token_of(gate))
    assert cookie is not None and gate.knows(cookie)
    assert gate.enter(token_of(gate)) is None
    assert gate.knows(cookie)


@pytest.mark.parametrize("wrong", ["", "x", "\udcff", "é" * 50, "x" * 100_000])
def test_anything_else_is_nothing(wrong: str) -> None:
    gate = Gate("127.0.0.1", 8006)
    assert gate.enter(wrong) is None
    assert gate.enter(token_of(gate)[:-1]) is None
    cookie = gate.enter(token_of(gate))
    assert not gate.knows(wrong) and not gate.knows(token_of(gate))
    assert cookie is not None


def test_nobody_guesses_for_long() -> None:
    clock = Clock()
    gate = Gate("127.0.0.1", 8006, clock)
    for _ in range(WRONG_LINKS):
        assert gate.enter("guess") is None
    clock.now += FORGIVEN - 1
    assert gate.enter(token_of(gate)) is None, "not even looked at"
    clock.now += 1
    assert gate.enter(token_of(gate)) is not None


def test_two_servers_share_no_secret() -> None:
    one, other = Gate("127.0.0.1", 8006), Gate("127.0.0.1", 8007)
    assert token_of(one) != token_of(other) and one.room != other.room and one.cookie != other.cookie
    cookie = one.enter(token_of(one))
    other.enter(token_of(other))
    assert cookie is not None and not other.knows(cookie)


@pytest.mark.parametrize(
    ("host", "port", "known", "foreign"),
    [
        ("127.0.0.1", 8006, ["127.0.0.1:8006", "localhost:8006", "LOCALHOST:8006"],
         ["127.0.0.1", "127.0.0.1:8007", "evil.example:8006", "localhost.evil.example:8006", ""]),
        ("::1", 8006, ["[::1]:8006", "localhost:8006"], ["::1:8006", "[::1]"]),
        ("DevBox", 80, ["devbox"], ["devbox:80", "localhost", "127.0.0.1"]),
        ("192.0.2.7", 8006, ["192.0.2.7:8006"], ["localhost:8006", "127.0.0.1:8006"]),
    ],
)  # fmt: skip
def test_a_name_that_only_leads_here_is_refused(
    host: str, port: int, known: list[str], foreign: list[str]
) -> None:
    gate = Gate(host, port)
    assert [name for name in known if not gate.knows_host(name)] == []
    assert [name for name in foreign if gate.knows_host(name)] == []
    assert urlsplit(gate.link).netloc == known[0]


@pytest.mark.parametrize(
    ("host", "so"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("192.0.2.7", False), ("devbox", False), ("", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, so: bool) -> None:
    assert is_loopback(host) is so
