"""TLS, service files and passwords as libpq has them: what is trusted, refused, and never said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.storage.postgres import PostgresStorage
from mi6_tui.storage.postgres.about import about
from mi6_tui.storage.postgres.address import address_of
from mi6_tui.storage.postgres.errors import StaleError
from tests.storage.postgres.proxy import Proxy
from tests.storage.postgres.server import PostgresServer
from tests.storage.postgres.tls import HOST, Certificates, TlsFront

SECRET = "sesame-1"


class Tls(NamedTuple):
    made: Certificates
    port: int
    """Of a server with a certificate."""
    asking: int
    """Of one that wants a certificate of each client."""

    def url(self, *, port: int | None = None, host: str = HOST, user: str = "secured", **more: object) -> str:
        told = {"hostaddr": "127.0.0.1", "sslmode": "verify-full", "sslrootcert": self.made.authority, **more}
        return f"postgresql://{user}@{host}:{port or self.port}/shared?{urlencode(told)}"


@pytest.fixture(scope="module")
def tls(server: PostgresServer, made: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    server.run(f"CREATE ROLE secured LOGIN PASSWORD '{SECRET}'")
    server.write_access("local all secured scram-sha-256")
    server.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO secured", "shared")
    fronts = [TlsFront(server.socket, certificates, asks=asks) for asks in (False, True)]
    yield Tls(certificates, *(front.port for front in fronts))
    for front in fronts:
        front.close()


@pytest.fixture(autouse=True)
def nothing_set(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store, no file of the user's, and the password as it should be given."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", SECRET)


def refusal(url: str) -> str:
    """The one line that it ends with, after a look into all that could tell the password."""
    with pytest.raises(StorageError) as caught:
        PostgresStorage(url)
    known: BaseException | None = caught.value
    while known is not None:
        assert SECRET not in f"{known}{known.args}"
        known = known.__cause__ or known.__context__
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_a_certificate_that_is_trusted(tls: Tls) -> None:
    with closing(PostgresStorage(tls.url())) as store:
        assert store.count() == 0
        assert store.data_version() >= 0
    assert address_of(tls.url()).shown == f"postgresql://secured@{HOST}:{tls.port}/shared"


def test_a_certificate_of_somebody_else(tls: Tls) -> None:
    said = refusal(tls.url(sslrootcert=tls.made.other))
    assert said == (
        f"postgresql://secured@{HOST}:{tls.port}/shared is not trusted: "
        "SSL error: certificate verify failed; "
        "see sslmode, sslrootcert and sslcert in its URL (docs/fleet.md)"
    )


def test_a_certificate_for_another_name(tls: Tls) -> None:
    said = refusal(tls.url(host="elsewhere.example.test"))
    assert f'server certificate for "{HOST}" does not match host name "elsewhere.example.test"' in said
    with closing(PostgresStorage(tls.url(host="elsewhere.example.test", sslmode="verify-ca"))) as store:
        assert store.count() == 0


def test_a_server_that_stops_is_not_one_that_lies(server: PostgresServer, tls: Tls) -> None:
    with closing(PostgresStorage(tls.url())) as store:
        server.stop("immediate")
        try:
            with pytest.raises(StaleError):
                store.count()
        finally:
            server.start()
        assert store.count() == 0


def test_no_authority_to_ask(tls: Tls, tmp_path: Path) -> None:
    assert f'root certificate file "{tmp_path}/none.crt" does not exist' in refusal(
        tls.url(sslrootcert=tmp_path / "none.crt")
    )


def test_a_server_without_tls(server: PostgresServer, tls: Tls) -> None:
    with closing(Proxy(server.socket)) as plain:
        said = refusal(tls.url(port=plain.port))
        assert "is not trusted: server does not support SSL, but SSL was required" in said


def test_a_server_that_asks_who_is_there(tls: Tls) -> None:
    made = tls.made
    mine: dict[str, Any] = {"sslcert": made.client, "sslkey": made.client.with_suffix(".key")}
    with closing(PostgresStorage(tls.url(port=tls.asking, **mine))) as store:
        assert store.count() == 0
    assert " is not trusted: " in refusal(tls.url(port=tls.asking))


def test_the_environment_says_how(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", HOST)
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(tls.port))
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(tls.made.authority))
    with closing(PostgresStorage("postgresql://secured@/shared")) as store:
        assert store.count() == 0
    monkeypatch.setenv("PGSSLROOTCERT", str(tls.made.other))
    assert refusal("postgresql://secured@/shared").startswith("postgresql://secured@/shared is not trusted: ")


def test_a_service_and_a_file_of_passwords(tls: Tls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / ".pg_service.conf").write_text(
        f"[fleet]\nhost={HOST}\nhostaddr=127.0.0.1\nport={tls.port}\nuser=secured\ndbname=shared\n"
        f"sslmode=verify-full\nsslrootcert={tls.made.authority}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / ".pg_service.conf"))
    url = "postgresql:///?service=fleet"
    assert address_of(url).shown == url
    assert "no password supplied" in refusal(url)
    passwords = tmp_path / "passwords"
    passwords.write_text(f"{HOST}:{tls.port}:shared:secured:{SECRET}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with closing(PostgresStorage(url)) as store:
        assert store.count() == 0
    monkeypatch.setenv("PGSERVICE", "fleet")
    found = about("postgresql://")
    assert (found.user, found.encrypted) == ("secured", "TLS")


def test_a_wrong_password_is_told_nowhere(
    tls: Tls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PGPASSWORD")
    wrong = SECRET + "x"
    with caplog.at_level(logging.DEBUG):
        for url in (tls.url(password=wrong), tls.url(user=f"secured:{wrong}")):
            assert "does not let this user in: password authentication failed" in refusal(url)
    assert SECRET not in caplog.text


def test_the_environment_has_the_last_word_on_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of("postgresql://h/d").parameters["connect_timeout"] == "5"
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "9")
    assert "connect_timeout" not in address_of("postgresql://h/d").parameters
    assert address_of("postgresql://h/d?connect_timeout=3").parameters["connect_timeout"] == "3"
