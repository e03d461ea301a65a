"""One thread to events, told whole again after each change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from mi6_tui.frameworks.activity import Activity
from mi6_tui.frameworks.amp import NAME
from mi6_tui.frameworks.amp.conversation import Reader
from mi6_tui.frameworks.amp.records import Message, Thread, Usage, folder_of, version_of
from mi6_tui.frameworks.base import Decoded, Line
from mi6_tui.frameworks.pieces import fields, many, parse
from mi6_tui.frameworks.records import count, read
from mi6_tui.frameworks.spot import Spot
from mi6_tui.frameworks.text import one_line
from mi6_tui.frameworks.times import instant, milliseconds
from mi6_tui.model import EventType, SessionFact

_TITLE_LIMIT: Final = 200
_STEP: Final = 1024
"""Room in the order of messages for what one of them tells."""


class AmpDecoder:
    """Decoder of the thread at `path`."""

    def __init__(self, path: str, machine_id: str) -> None:
        self._path = path
        self._machine_id = machine_id

    def state(self) -> bytes:
        """A document needs none."""
        return b""

    def decode(self, lines: Iterable[Line]) -> Decoded:
        """What the thread says; never raises on what it holds."""
        out = Decoded()
        for offset, data in lines:
            thread = parse(Thread, data)
            if thread is None:
                out.malformed += bool(data.strip())
                continue
            self._thread(thread, offset, len(data), out)
        return out

    def _thread(self, thread: Thread, offset: int, length: int, out: Decoded) -> None:
        messages = many(Message, thread.messages)
        created = instant(thread.created)
        times = [_time(message) for message in messages]
        known = [at for at in (created, *times) if at is not None]
        if not known:
            out.odd("thread without a time")
            return
        activity = Activity()
        session = thread.id or PurePath(self._path).stem or "unknown"
        at = latest = known[0] if created is None else created
        version = f"{count(thread.v) or 0:020d}{max(known):020d}"
        reader = Reader(session)
        for index, message in enumerate((None, *messages)):
            time = times[index - 1] if message else created
            # What has no time was made with what comes before.
            at = at if time is None else time
            latest = max(latest, at)
            spot = Spot(
                framework=NAME,
                machine_id=self._machine_id,
                path=self._path,
                session_id=session,
                cwd=folder_of(thread.env),
                at=at,
                order=(latest, index * _STEP),
                version=version,
                offset=offset,
                length=length,
                events=out.events,
            )
            activity.saw(session, latest)
            if message is None:
                spot.emit(EventType.SESSION_START, f"start:{session}")
                self._facts(thread, spot, out)
            elif not reader.message(spot, message, index):
                out.odd(f"message of {message.role}" if message.role else "message without a role")
        reader.ledger(spot, thread.usage_ledger)
        activity.tell(out, self._machine_id, NAME)

    def _facts(self, thread: Thread, spot: Spot, out: Decoded) -> None:
        title = one_line(thread.title or "", _TITLE_LIMIT)
        for name, told in (("title_suggestion", title), ("client_version", version_of(thread.env))):
            if told:
                out.facts.append(
                    SessionFact(
                        machine_id=self._machine_id,
                        session_id=spot.session_id,
                        framework=NAME,
                        name=name,
                        value=told,
                        timestamp=spot.at,
                        order=(spot.at, count(thread.v) or 0),
                    )
                )


def _time(message: Message) -> int | None:
    """When a message was sent, or its reply came (ms)."""
    usage = read(Usage, message.usage)
    told = milliseconds(usage.timestamp) if usage else None
    return instant(fields(message.meta).get("sentAt")) if told is None else told
