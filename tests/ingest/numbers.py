"""A client whose transcripts are lines of numbers: `<root>/<session>/*.num`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mi6_tui.frameworks.base import Decoded, Kind, Line
from mi6_tui.frameworks.hooks import Hooks
from mi6_tui.frameworks.live import Program
from mi6_tui.model import Event, EventType, SessionFact

MACHINE = "box"
EPOCH = 1_799_999_000_000
"""Time of the number 0 in ms, shortly before the tests' now."""


class NumbersDecoder:
    """A number is an event of that identity; the preview tells how many lines the decoder has read."""

    def __init__(self, path: str, machine_id: str, state: bytes | None) -> None:
        self._path = path
        self._machine_id = machine_id
        self._session = Path(path).parent.name
        self._count = int(state) if state else 0

    def decode(self, lines: Iterable[Line]) -> Decoded:
        decoded = Decoded()
        for offset, line in lines:
            if not line:
                continue
            self._count += 1
            if not line.isdigit():
                decoded.malformed += 1
                continue
            number = int(line)
            decoded.last_uuid = str(number)
            decoded.events.append(
                Event(
                    machine_id=self._machine_id,
                    timestamp=EPOCH + number,
                    event_type=EventType.API_REQUEST if number % 2 else EventType.ASSISTANT_MESSAGE,
                    session_id=self._session,
                    framework="numbers",
                    source="transcript",
                    transcript_path=self._path,
                    key=f"num:{self._session}:{number}",
                    uuid=str(number),
                    preview=f"line {self._count}",
                    tokens_output=number if number % 2 else None,
                    byte_offset=offset,
                    byte_length=len(line),
                    order=(EPOCH + number, offset),
                )
            )
        if self._count:
            decoded.facts.append(
                SessionFact(
                    machine_id=self._machine_id,
                    session_id=self._session,
                    framework="numbers",
                    name="title",
                    value=f"{self._count} lines",
                    timestamp=EPOCH,
                    order=(EPOCH, self._count),
                )
            )
        return decoded

    def state(self) -> bytes:
        return str(self._count).encode()


class Client:
    """What a client needs to be one, beside its transcripts."""

    program = Program(names=frozenset({"no such program"}))

    def in_full(self, line: bytes, event: Event) -> str | None:
        return line.decode()

    @property
    def editors(self) -> frozenset[str]:
        return frozenset()

    def hooks(self) -> Hooks:
        raise NotImplementedError

    def registry(self) -> None:
        """None."""


class Numbers(Client):
    """Keeps its transcripts in `$NUMBERS_HOME`, else in `~/numbers`."""

    name = "numbers"

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        return [Path(env["NUMBERS_HOME"]) if "NUMBERS_HOME" in env else home / "numbers"]

    def descends(self, parts: tuple[str, ...]) -> bool:
        return len(parts) == 1

    def kind(self, parts: tuple[str, ...]) -> Kind | None:
        return "lines" if len(parts) == 2 and parts[-1].endswith(".num") else None

    def recognises(self, head: bytes) -> bool:
        return head[:1].isdigit()

    def decoder(self, path: str, machine_id: str, state: bytes | None) -> NumbersDecoder:
        return NumbersDecoder(path, machine_id, state)
