"""`scan --follow --otel` and `--metrics`: a service of its own, asked over real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mi6_tui.clock import now_ms
from mi6_tui.report.metrics import Snapshot
from tests.commands.conftest import PROGRAM, Cli
from tests.commands.test_limits import leave_status
from tests.commands.transcripts import SECOND, write_session
from tests.ingest.loopback.clients import ask
from tests.ingest.otel.recorded import log

JSON = {"Content-Type": "application/json"}


class Service:
    """`scan --follow` with some options, ready to be asked."""

    def __init__(self, cli: Cli, *args: str, **env: str) -> None:
        self.process = subprocess.Popen(
            (*PROGRAM, "scan", "--follow", *args),
            env=cli.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.ports = {}
        for name in ("OTLP", "metrics"):
            if any(arg == {"OTLP": "--otel", "metrics": "--metrics"}[name] for arg in args):
                line = self.process.stderr.readline()
                assert line.startswith(f"mi6-tui: {name} at http://127.0.0.1:"), line
                self.ports[name] = int(line.rpartition(":")[2])

    def stop(self) -> tuple[int, list[str]]:
        """The exit code, and what was told since it was ready."""
        self.process.send_signal(signal.SIGINT)
        _, told = self.process.communicate(timeout=50)
        return self.process.returncode, told.splitlines()


@contextmanager
def _service(cli: Cli, *args: str, **env: str) -> Iterator[Service]:
    service = Service(cli, *args, **env)
    try:
        yield service
    finally:
        service.process.kill()
        service.process.communicate()


def _request(number: int, **fields: Any) -> bytes:
    """What Claude Code says of a request of `write_session`, of which telemetry knows the id."""
    told = {
        "session__id": "s1",
        "request_id": f"req_s1_{number}",
        "model": "claude-opus-5-5",
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 100,
        "cache_creation_tokens": 0,
    }
    body = log("claude_code.api_request", at=SECOND + number * 1000, **(told | fields))
    return json.dumps(body).encode()


def test_what_is_told_stands_beside_the_transcript(cli: Cli) -> None:
    write_session(cli.home, "s1", requests=3)
    cli.ok("scan")
    before = cli.json("stats", "--by", "session")
    assert cli.json("status")["ports"] is None
    before_start = now_ms()
    with _service(cli, "--otel", "0") as service:
        port = service.ports["OTLP"]
        for body in (_request(0), _request(0), _request(1, output_tokens=9), _request(7)):
            assert ask(port, "/v1/logs", body, **JSON).status == 200
        assert ask(port, "/v1/logs", b"{", **JSON).status == 400
        code, told = service.stop()
    assert (code, told[-1]) == (
        130,
        "mi6-tui: took 4 OTLP requests with 4 records of use; refused 1 (1 malformed)",
    )
    assert cli.json("stats", "--by", "session") == before
    ports = cli.json("status")["ports"]
    assert ports == {
        "pid": service.process.pid,
        "since": ports["since"],
        "at": ports["at"],
        "ended": True,
        "ports": {"OTLP": port},
        "otel_requests": 4,
        "otel_records": 4,
        "otel_unused": 0,
        "refused": {"malformed": 1},
    }
    assert before_start <= ports["since"] <= ports["at"]
    (line,) = (line for line in cli.ok("status").splitlines() if line.startswith("ports "))
    assert line.startswith(
        "ports     took 4 OTLP requests with 4 records of use and 0 others, refused 1 (1 malformed) "
        f"(OTLP at {port}; process {service.process.pid}, ended "
    )
    found = cli.json("explain", "s1", "tokens")["witnesses"]
    own, otel = found["sums"]
    assert (own["witness"], own["counted"], own["api_request_count"], own["tokens_output"]) == (
        "transcript",
        True,
        3,
        15,
    )
    assert (otel["witness"], otel["counted"], otel["api_request_count"], otel["tokens_output"]) == (
        "otel",
        False,
        3,
        19,
    )
    drift = found["drift"]
    assert (drift["matched_by_id"], drift["matched_by_numbers"], drift["matched_by_time"]) == (2, 0, 0)
    assert drift["differences"] == [
        {
            "key": "claude:req:msg_s1_1:req_s1_1",
            "request_id": "req_s1_1",
            "field": "tokens_output",
            "counted": 5,
            "told": 9,
        }
    ]
    assert drift["only_counted"] == ["claude:req:msg_s1_2:req_s1_2"]
    assert [request["request_id"] for request in drift["only_told"]] == ["req_s1_7"]
    text = cli.ok("explain", "s1", "cost")
    assert "matched       2 by id" in text
    assert "drift         tokens_output: 1 requests, telemetry says +4 in all" in text
    assert "not counted   1 (req_s1_7 claude-opus-5-5): telemetry alone tells of it" in text


def test_a_session_that_only_telemetry_knows_is_in_explain_alone(cli: Cli) -> None:
    with _service(cli, "--otel", "0") as service:
        assert ask(service.ports["OTLP"], "/v1/logs", _request(0), **JSON).status == 200
        service.stop()
    assert cli.json("sessions") == []
    assert cli.json("stats")["total"]["api_request_count"] == 0
    assert "nothing but telemetry knows of this session" in cli.ok("explain", "s1")
    assert cli.json("explain", "s1")["framework"] == "claude"
    assert cli.fails(3, "explain", "s2").startswith("there is no session 's2'")
    write_session(cli.home, "s1", requests=1)
    cli.ok("scan")
    assert cli.json("explain", "s1", "tokens")["witnesses"]["drift"]["matched_by_id"] == 1


def test_without_telemetry_nothing_is_said_of_it(cli: Cli) -> None:
    write_session(cli.home, "s1")
    assert "witnesses" not in cli.ok("explain", "s1")
    assert cli.json("explain", "s1", "tokens")["witnesses"]["drift"] is None
    assert "witnesses" not in cli.json("explain", "s1", "status")


def test_a_forgotten_session_is_not_heard_of(cli: Cli) -> None:
    write_session(cli.home, "s1")
    cli.ok("scan")
    with _service(cli, "--otel", "0") as service:
        assert (
            ask(service.ports["OTLP"], "/v1/logs", _request(0, request_id="tangerine"), **JSON).status == 200
        )
        service.stop()
    assert cli.run("forget", "s1", "--yes").returncode == 0
    assert not [path for path in (cli.home / "state").rglob("*") if path.is_file() and _holds(path)]
    with _service(cli, "--otel", "0") as service:
        assert (
            ask(service.ports["OTLP"], "/v1/logs", _request(0, request_id="tangerine"), **JSON).status == 200
        )
        service.stop()
    assert cli.run("explain", "s1").returncode == 3


def _holds(path: Path) -> bool:
    return b"tangerine" in path.read_bytes()


def test_the_figures_are_those_of_the_store(cli: Cli) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    write_session(cli.home, "s1", requests=3)
    cli.ok("scan")
    with _service(cli, "--metrics", "0", "--otel", "0") as service:
        assert ask(service.ports["OTLP"], "/v1/logs", _request(0), **JSON).status == 200
        port = service.ports["metrics"]
        reply = ask(port, "/metrics")
        assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = list(parser.text_string_to_metric_families(reply.body.decode()))
        now = ask(port, "/snapshot.json").json
        assert ask(port, "/metrics", Origin="http://localhost:3000").status == 403
        assert ask(port, "/metrics", Host="evil.example").status == 403
        assert ask(port, "/v1/logs", b"{}", **JSON).status == 404
        service.stop()
    assert all(family.documentation and family.type in ("gauge", "counter") for family in families)
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert values["mi6_tui_requests", "claude"] == 3
    assert values["mi6_tui_tokens", "claude", "input"] == 30
    assert values["mi6_tui_tokens", "cache_read", "claude"] == 300
    assert values["mi6_tui_events_total",] == len(cli.ok("events", "--json").splitlines())
    assert values["mi6_tui_otel_records_total", "yes"] == 1
    statuses = [value for (name, *_), value in values.items() if name == "mi6_tui_sessions"]
    assert sum(statuses) == now["session_count"] == 1
    assert 0 < values["mi6_tui_cpu_seconds_total",] < 50
    assert now["process"]["pid"] == service.process.pid
    assert now["usage"]["tokens_output"] == 15
    msgspec.convert(now, Snapshot, strict=True)
    assert now["otel"] == {"requests": 1, "records": 1, "unused": 0}
    total = cli.json("stats")["total"]
    assert {name: total[name] for name in now["usage"] if name in total} == {
        name: value for name, value in now["usage"].items() if name in total
    }


def test_what_is_refused_is_told_while_it_runs(cli: Cli) -> None:
    with _service(cli, "--otel", "0", "--metrics", "0") as service:
        assert cli.json("status")["ports"]["ports"] == service.ports
        for headers in (
            {"Origin": "http://evil.example"},
            {"Host": "evil.example"},
            {"Content-Type": "text/plain"},
        ):
            assert ask(service.ports["OTLP"], "/v1/logs", b"{}", **headers).status in (403, 415)
        while len((told := cli.json("status")["ports"])["refused"]) < 3:
            pass
        assert told["refused"] == {"origin": 1, "host": 1, "type": 1}
        assert told["ended"] is False
        service.stop()


def test_limits_are_among_the_figures(cli: Cli) -> None:
    now = now_ms()
    told = {"used_percentage": 42, "resets_at": now // 1000 + 3600}
    ended = {"used_percentage": 7, "resets_at": now // 1000 - 1}
    leave_status(cli, five_hour=told, seven_day=ended)
    cli.ok("scan")
    with _service(cli, "--metrics", "0") as service:
        lines = ask(service.ports["metrics"], "/metrics").body.decode().splitlines()
        snapshot = ask(service.ports["metrics"], "/snapshot.json").json
        service.stop()
    assert [(one["window_minutes"], one["used_percent"]) for one in snapshot["limits"]] == [
        (300, 42.0),
        (10_080, 7.0),
    ]
    machine = snapshot["limits"][0]["machine_id"]
    labels = f'{{framework="claude",machine="{machine}",name="claude",window_minutes="300"}}'
    used = [line for line in lines if line.startswith("mi6_tui_limit_used_percent")]
    assert used == [f"mi6_tui_limit_used_percent{labels} 42.0"]
    assert f"mi6_tui_limit_reset_timestamp_seconds{labels} {told['resets_at']}.0" in lines


def test_what_the_scanner_did_is_told(cli: Cli) -> None:
    path = write_session(cli.home, "s1", requests=2)
    with _service(cli, "--metrics", "0") as service:
        port = service.ports["metrics"]
        while (now := ask(port, "/snapshot.json").json)["scan"]["lines"] == 0:
            pass
        told = now["scan"]
        assert (told["files"], told["lines"], told["bytes"]) == (1, 6, path.stat().st_size)
        assert (told["malformed"], told["skipped"], told["writer"], told["holder"]) == (0, 0, True, None)
        assert now["otel"] is None
        service.stop()


def test_what_was_taken_survives_a_kill(cli: Cli) -> None:
    with _service(cli, "--otel", "0") as service:
        for number in range(20):
            assert ask(service.ports["OTLP"], "/v1/logs", _request(number), **JSON).status == 200
        service.process.kill()
        service.process.wait()
    (otel,) = cli.json("explain", "s1")["witnesses"]["sums"]
    assert (otel["api_request_count"], otel["tokens_output"]) == (20, 100)


def test_a_token_guards_both(cli: Cli, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("letmein\n")
    bearer: dict[str, Any] = {"Authorization": "Bearer letmein"}
    asked = ("--otel", "0", "--metrics", "0")
    for given, env in ((("--otel-token-file", str(token)), {}), ((), {"MI6_TUI_OTEL_TOKEN": "letmein"})):
        with _service(cli, *asked, *given, **env) as service:
            otlp, metrics = service.ports["OTLP"], service.ports["metrics"]
            assert ask(otlp, "/v1/logs", _request(0), **JSON).status == 401
            assert ask(metrics, "/snapshot.json").status == 401
            assert ask(otlp, "/v1/logs", _request(0), **JSON, **bearer).status == 200
            assert ask(metrics, "/snapshot.json", **bearer).json["refused"] == {"token": 2}
            told = service.stop()[1]
            assert not any("letmein" in line for line in told)


def test_who_does_not_write_does_not_listen(cli: Cli) -> None:
    with _service(cli, "--metrics", "0") as writer:
        while not ask(writer.ports["metrics"], "/snapshot.json").json["scan"]["writer"]:
            pass
        line = cli.fails(1, "scan", "--follow", "--otel", "0")
        assert line.startswith(f"process {writer.process.pid} writes the store, and the writer alone")
        writer.stop()


def test_a_port_in_use_is_one_clear_line(cli: Cli, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as stranger:
        port = stranger.getsockname()[1]
        stranger.close()
    with _service(cli, "--otel", str(port)) as first:
        assert first.ports["OTLP"] == port
        other = Cli(tmp_path / "other")
        other.home.mkdir()
        line = other.fails(1, "scan", "--follow", "--otel", str(port))
        assert line == (
            f"another mi6-tui (process {first.process.pid}) listens on port {port} already; one is enough"
        )
        assert ask(port, "/health").json["pid"] == first.process.pid
        code, _ = first.stop()
    assert code == 130
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/health")


@pytest.mark.parametrize(
    ("args", "code", "start"),
    [
        (("scan", "--otel"), 2, "--otel and --metrics answer as long as the scan stays; add --follow"),
        (("scan", "--metrics", "1"), 2, "--otel and --metrics answer as long as the scan stays"),
        (("scan", "--follow", "--otel", "70000"), 2, "argument --otel: '70000' is no port"),
        (("scan", "--follow", "--metrics", "x"), 2, "argument --metrics: 'x' is no port"),
        (("scan", "--follow", "--otel-token-file", "x"), 2, "--otel-token-file guards --otel and --metrics"),
        (("scan", "--follow", "--otel", "0", "--otel-token-file", "/nowhere"), 2, "the token in /nowhere"),
        (("scan", "--follow", "--otel", "0", "--otel-token-file", os.devnull), 2, "/dev/null holds no token"),
    ],
)
def test_bad_usage(args: tuple[str, ...], code: int, start: str, cli: Cli) -> None:
    assert cli.fails(code, *args).startswith(start)
