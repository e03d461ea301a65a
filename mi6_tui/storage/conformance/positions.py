"""How far files were read, and files that move."""

from __future__ import annotations

from mi6_tui.model import Batch, EventQuery, FilePosition, FileSeen, ReadBelow
from mi6_tui.storage.conformance.base import NOW, Clock, Group, request, session_of
from mi6_tui.storage.protocol import Storage

FULL = FilePosition(
    file_path="/t/a.jsonl",
    byte_offset=1,
    line_number=2,
    last_uuid="u",
    updated_at=NOW,
    framework="claude",
    device=2**64 - 1,
    inode=2**63,
    size=3,
    mtime_ns=4,
    head=b"\0head",
    tail=b"",
    state=b"\xff",
    malformed=5,
    skipped=6,
    unknown={"new-thing": 7, "a": 1},
)


class PositionConformance(Group):
    """Transcript positions and rename_transcript."""

    def test_a_position_reads_back_as_it_was_written(self, storage: Storage) -> None:
        for position in (FULL, FilePosition(file_path="/t/b.jsonl", updated_at=NOW)):
            storage.set_transcript_position(position.file_path, position)
            assert storage.get_transcript_position(position.file_path) == position

    def test_what_lies_below_a_folder_is_added_up(self, storage: Storage, clock: Clock) -> None:
        assert storage.read_below("/t") == ReadBelow()
        storage.set_transcript_position("/t/a", FULL)
        clock.now = NOW + 5
        storage.set_transcript_position("/t/b/c%_é", FULL.with_(byte_offset=10, malformed=0))
        for beside in ("/t", "/t0", "/tt/a", "/T/a", "/t-/a", "t/a"):
            storage.set_transcript_position(beside, FULL)
        below = ReadBelow(files=2, bytes=11, malformed=5, skipped=12, last=NOW + 5)
        assert storage.read_below("/t") == storage.read_below("/t/") == below
        assert storage.read_below("/t/b") == ReadBelow(files=1, bytes=10, skipped=6, last=NOW + 5)
        assert storage.read_below("/t/b/c%") == ReadBelow()

    def test_the_path_is_taken_as_it_is(self, storage: Storage) -> None:
        storage.set_transcript_position("./t//a", FULL)
        assert storage.get_transcript_position("./t//a") == FULL.with_(file_path="./t//a")
        for other in ("t/a", "./t/a", "./T//A", "%"):
            assert storage.get_transcript_position(other) is None

    def test_a_position_may_move_backwards(self, storage: Storage, clock: Clock) -> None:
        storage.set_transcript_position("/a", FilePosition(file_path="/a", byte_offset=9, state=b"x"))
        clock.now += 5
        storage.set_transcript_position("/a", FilePosition(file_path="/a", byte_offset=3))
        moved = FilePosition(file_path="/a", byte_offset=3, updated_at=NOW + 5)
        assert storage.get_transcript_position("/a") == moved

    def test_all_positions_by_path(self, storage: Storage) -> None:
        for path in ("/b", "/a", "/B"):
            storage.set_transcript_position(path, FULL)
        found = storage.query_transcript_positions()
        assert [path for path, _ in found] == ["/B", "/a", "/b"]
        assert [position.file_path for _, position in found] == ["/B", "/a", "/b"]

    def test_what_tells_whether_files_have_anything_new(self, storage: Storage) -> None:
        assert storage.files_seen() == []
        large = FULL.with_(file_path="/b", inode=2**64 - 1, device=2**63)
        storage.record(Batch(positions=(FULL, large, FilePosition(file_path="/c", byte_offset=7))))
        assert sorted(storage.files_seen(), key=lambda seen: seen.file_path) == [
            FileSeen("/b", FULL.byte_offset, FULL.framework, 2**63, 2**64 - 1, FULL.size, FULL.mtime_ns),
            FileSeen("/c", 7, None, None, None, None, None),
            FileSeen(
                "/t/a.jsonl",
                FULL.byte_offset,
                FULL.framework,
                FULL.device,
                FULL.inode,
                FULL.size,
                FULL.mtime_ns,
            ),
        ]

    def test_a_batch_carries_positions(self, storage: Storage, clock: Clock) -> None:
        storage.record(Batch(events=(request(),), positions=(FULL, FULL.with_(file_path="/b"))))
        assert [path for path, _ in storage.query_transcript_positions()] == ["/b", "/t/a.jsonl"]
        clock.now += 5
        storage.record(Batch(positions=(FULL,)))
        assert storage.get_transcript_position(FULL.file_path) == FULL

    def test_a_moved_file_takes_everything_along(self, storage: Storage) -> None:
        events = tuple(
            request(key=f"k{number}", transcript_path="/old", byte_offset=number, byte_length=1)
            for number in range(3)
        )
        storage.record(Batch(events=events, positions=(FULL.with_(file_path="/old"),)))
        assert storage.rename_transcript("/old", "/new") is True
        assert [event.transcript_path for event in storage.query(EventQuery())] == ["/new"] * 3
        assert storage.get_transcript_position("/old") is None
        assert storage.get_transcript_position("/new") == FULL.with_(file_path="/new")
        assert session_of(storage).transcript_path == "/new"
        assert (
            storage.record(Batch(events=tuple(event.with_(transcript_path="/new") for event in events))) == []
        )

    def test_a_file_may_take_the_place_of_another(self, storage: Storage) -> None:
        for path in ("/old", "/new"):
            event = request(key=path, transcript_path=path, byte_offset=0, byte_length=1)
            storage.record(Batch(events=(event,), positions=(FULL.with_(file_path=path, last_uuid=path),)))
        assert storage.rename_transcript("/old", "/new") is True
        assert storage.query_transcript_positions() == [
            ("/new", FULL.with_(file_path="/new", last_uuid="/old"))
        ]
        assert {event.transcript_path for event in storage.query(EventQuery())} == {"/new"}

    def test_an_unknown_file_cannot_move(self, storage: Storage) -> None:
        assert storage.rename_transcript("/nothing", "/new") is False
        assert storage.query_transcript_positions() == []

    def test_a_file_that_stays_where_it_is(self, storage: Storage) -> None:
        storage.set_transcript_position("/a", FULL)
        assert storage.rename_transcript("/a", "/a") is True
        assert storage.get_transcript_position("/a") == FULL.with_(file_path="/a")
