"""What may follow `ssh --`, and what never does."""

from __future__ import annotations

import pytest

from mi6_tui.model.ssh import is_address


@pytest.mark.parametrize(
    "address",
    [
        "build-01",
        "me@build-01",
        "me@build-01.example.org",
        "ssh://me@10.0.0.7:2222",
        "ssh://build/",
        "me@[fe80::1%eth0]",
        "first.last+x@h",
        "_host",
    ],
)
def test_names_of_machines(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "-oProxyCommand=touch /tmp/owned",
        "-l root",
        "me@-oProxyCommand=x",
        "me@host -p 22",
        "host;reboot",
        "$(reboot)@host",
        "`reboot`",
        "me@host\n",
        "me@host'",
        "me@höst",
        "a@b@c",
        "https://host/",
        "x" * 256,
    ],
)
def test_nothing_else(address: str) -> None:
    assert not is_address(address)
