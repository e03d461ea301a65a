"""Finding prompts, replies and commands by their words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mi6_tui.errors import ModelError, StorageError
from mi6_tui.model import Batch, Event, EventQuery, EventType, Hit, SearchQuery, SessionFact, Source
from mi6_tui.storage.conformance.base import DAY, MINUTE, NOW, Clock, Group, make_event
from mi6_tui.storage.protocol import Storage


def prompt(text: str, **fields: Any) -> Event:
    """A prompt in a transcript."""
    payload = msgspec.json.encode({"prompt": text}).decode()
    return make_event(
        **{"event_type": EventType.USER_PROMPT_SUBMIT, "source": Source.TRANSCRIPT, "payload": payload}
        | fields
    )


def reply(text: str, **fields: Any) -> Event:
    """A reply in a transcript."""
    return make_event(
        **{"event_type": EventType.ASSISTANT_MESSAGE, "source": Source.TRANSCRIPT, "preview": text} | fields
    )


def command(text: str, **fields: Any) -> Event:
    """A call of a shell in a transcript, with a word of its own on what it is for."""
    payload = msgspec.json.encode({"command": text}).decode()
    return make_event(
        **{
            "event_type": EventType.PRE_TOOL_USE,
            "source": Source.TRANSCRIPT,
            "tool_name": "Bash",
            "payload": payload,
            "preview": "its purpose",
        }
        | fields
    )


def found(storage: Storage, text: str, **fields: Any) -> list[int]:
    """The ids of what is found, in the order of the answer."""
    return [hit.event_id for hit in storage.search(SearchQuery(text=text, **fields))]


def marked(hit: Hit) -> list[str]:
    """What is marked in the snippet."""
    return [hit.snippet[start:stop] for start, stop in hit.marks]


class SearchConformance(Group):
    """search."""

    def test_a_hit_says_what_and_where(self, storage: Storage) -> None:
        place: dict[str, Any] = {"transcript_path": "/t/a.jsonl", "byte_offset": 70, "byte_length": 9}
        title = SessionFact(
            machine_id="m", session_id="s", name="title", value="Greeting", timestamp=NOW, order=(NOW, 0)
        )
        event = prompt("Say hello to Ada", framework="claude", cwd="/work/greet", **place)
        (event_id,) = storage.record(Batch(events=(event,), facts=(title,)))
        (hit,) = storage.search(SearchQuery(text="hello"))
        assert hit == Hit(
            event_id=event_id,
            timestamp=NOW,
            kind="prompt",
            machine_id="m",
            session_id="s",
            name="Greeting",
            project="greet",
            framework="claude",
            tool_name=None,
            snippet="Say hello to Ada",
            marks=((4, 9),),
            **place,
        )

    def test_prompts_replies_and_commands_are_found_and_nothing_else(self, storage: Storage) -> None:
        asked = storage.insert(prompt("apple one", timestamp=NOW - 3))
        told = storage.insert(reply("apple two", timestamp=NOW - 2))
        ran = storage.insert(command("cat apple", timestamp=NOW - 1))
        read = storage.insert(command("", payload=None, preview="src/apple.py", tool_name="Read"))
        storage.insert(make_event(preview="apple"))
        storage.insert(make_event(event_type=EventType.POST_TOOL_USE, preview="apple"))
        assert found(storage, "apple") == [read, ran, told, asked]
        kinds = [found(storage, "apple", kind=kind) for kind in ("prompt", "reply", "command")]
        assert kinds == [[asked], [told], [read, ran]]
        assert found(storage, "purpose") == []

    @pytest.mark.parametrize(
        ("text", "holds"),
        [
            ("lazy quick", True),
            ("quick slow", False),
            ("QUICK Brown", True),
            ("brow", False),
            ("brow*", True),
            ('"quick brown"', True),
            ('"brown quick"', False),
            ('"quick bro"*', True),
            ('"quick bro"', False),
            ('"quick brown', True),
            ("quick -lazy", False),
            ("quick -slow", True),
            ('quick -"brown quick"', True),
            ('quick -"quick brown"', False),
            ("quick -la*", False),
            ("quick --lazy", True),
            ("-slow", False),
            ("cafe", True),
            ("CAFÉ", True),
            ("cafe\u0301", True),
            ("naïve", True),
            ("read_file", True),
            ("file_read", False),
            ("src/main.py", True),
            ("main", True),
            ("c++ quick", True),
            ("*** ((quick)) ???", True),
            ("^quick", True),
            ("quick) brown(", True),
            ("日本語の検索", True),
            ("日本*", True),
            ("検索", False),
            ("สวัสดี", True),
            ("", False),
            ('"" * - "', False),
            ("🎉", False),
            ("🎉 quick", True),
        ],
    )
    def test_the_grammar(self, storage: Storage, text: str, holds: bool) -> None:
        body = "The quick brown fox; lazy: café, nai\u0308ve, read_file(src/main.py) C 🎉 日本語の検索 สวัสดี"
        event_id = storage.insert(reply(body))
        assert found(storage, text) == ([event_id] if holds else [])

    @pytest.mark.parametrize(
        "text",
        [
            "quick AND slow",
            "quick OR slow",
            "quick NEAR slow",
            "NEAR(quick brown, 2)",
            "text:quick",
            "text : quick",
            "{text}: quick",
            "quick + slow",
            "quick' OR 1=1 --",
            'quick"" OR "slow',
            "a(b[c{d}e]f)g" * 999,
            '"' * 999,
            "(" * 5_000,
            "-" * 5_000,
            "*" * 5_000,
            "quick\0slow",
            "\0",
            "\ud800",
            "a " * 500_000,
            "x" * 1_000_000,
            "".join(f'"{n} w" ' for n in range(400)),
            "\U0010ffff\u200d\ufeff",
        ],
        ids=lambda text: ascii(text[:20]),
    )
    def test_there_is_no_other_syntax_and_nothing_is_wrong(self, storage: Storage, text: str) -> None:
        storage.insert(reply("quick"))
        assert found(storage, text) == []

    def test_newest_first_whatever_came_first_into_the_store(self, storage: Storage) -> None:
        times = (NOW - 5, NOW, NOW - 9, NOW)
        ids = [storage.insert(reply("pear", timestamp=at)) for at in times]
        assert found(storage, "pear") == [ids[3], ids[1], ids[0], ids[2]]

    def test_by_relevance(self, storage: Storage) -> None:
        for number in range(20):
            storage.insert(reply(f"other things {number}"))
        much = storage.insert(reply("pear pear pear", timestamp=NOW - DAY))
        little = storage.insert(reply("a pear among very many words that say nothing of any fruit"))
        again = storage.insert(reply("pear pear pear", timestamp=NOW - 2 * DAY))
        assert found(storage, "pear", order="relevance") == [much, again, little]

    def test_filters(self, storage: Storage) -> None:
        old = storage.insert(reply("pear", session_id="a", framework="claude", timestamp=NOW - DAY))
        new = storage.insert(reply("pear", session_id="b", framework="codex", timestamp=NOW))
        for fields, ids in (
            ({"session_id": "a"}, [old]),
            ({"framework": "codex"}, [new]),
            ({"session_id": "a", "framework": "codex"}, []),
            ({"session_id": ""}, []),
            ({"since": NOW}, [new]),
            ({"until": NOW}, [old]),
            ({"since": NOW - DAY, "until": NOW + 1}, [new, old]),
            ({"limit": 1}, [new]),
            ({"limit": 0}, []),
            ({"kind": "prompt"}, []),
        ):
            assert found(storage, "pear", **fields) == ids, fields

    def test_page_by_page(self, storage: Storage) -> None:
        for number in range(10):
            storage.insert(reply("pear", timestamp=NOW - number // 3 * MINUTE))
        everything = found(storage, "pear")
        query, pages = SearchQuery(text="pear", limit=4), []
        while hits := storage.search(query):
            pages.append([hit.event_id for hit in hits])
            storage.insert(reply("pear", timestamp=NOW + MINUTE))
            query = query.behind(hits[-1])
        assert pages == [everything[:4], everything[4:8], everything[8:]]
        with pytest.raises(ModelError):
            SearchQuery(text="pear", order="relevance", last_seen=(NOW, 1))

    def test_a_limit_is_no_negative_number(self) -> None:
        with pytest.raises(ModelError):
            SearchQuery(text="pear", limit=-1)

    def test_a_correction_is_found_by_its_new_words_alone(self, storage: Storage) -> None:
        storage.insert(prompt("pear", session_id="fork", key="k", claim="1"))
        event_id = storage.insert(prompt("apple", session_id="parent", key="k", claim="0"))
        assert found(storage, "pear") == []
        assert [(hit.event_id, hit.session_id) for hit in storage.search(SearchQuery(text="apple"))] == [
            (event_id, "parent")
        ]
        storage.insert(prompt("pear", session_id="fork", key="k", claim="1"))
        assert (found(storage, "pear"), found(storage, "apple")) == ([], [event_id])

    def test_records_that_turn_out_to_be_one_are_found_once(self, storage: Storage) -> None:
        storage.insert(reply("pear first", key="k1", twin_key="t"))
        storage.insert(reply("pear second", key="k2", twin_key="t"))
        assert len(found(storage, "pear")) == 2
        storage.insert(reply("pear third", key="k3", twin_key="t", is_sidechain=True))
        ((event_id,),) = ([event.id for event in storage.query(EventQuery())],)
        assert found(storage, "pear") == [event_id]

    def test_what_is_told_again_is_found_once(self, storage: Storage) -> None:
        for _ in range(2):
            storage.record(Batch(events=(prompt("pear", key="k"), prompt("pear", key="k"))))
        assert len(found(storage, "pear")) == 1

    def test_what_was_deleted_is_not_found(self, storage: Storage, clock: Clock) -> None:
        storage.insert(prompt("pear", key="old", timestamp=NOW - DAY))
        kept = storage.insert(prompt("pear", key="new"))
        assert storage.gc(MINUTE) == 1
        assert found(storage, "pear") == [kept]
        storage.insert(prompt("pear", key="old", timestamp=NOW - DAY))
        assert found(storage, "pear") == [kept]
        clock.now += 2 * MINUTE
        assert storage.gc(MINUTE) == 1
        assert found(storage, "pear") == []

    def test_a_batch_that_fails_leaves_no_words(self, storage: Storage) -> None:
        with pytest.raises(StorageError):
            storage.record(Batch(events=(prompt("pear"), make_event(payload="\ud800"))))
        assert found(storage, "pear") == []

    def test_what_hooks_and_transcript_tell_is_found_once(self, storage: Storage) -> None:
        heard = storage.insert(prompt("pear", source=Source.HOOK))
        assert found(storage, "pear") == [heard]
        written = storage.insert(prompt("pear"))
        assert found(storage, "pear") == [written]
        other = storage.insert(prompt("pear", source=Source.HOOK, session_id="other", timestamp=NOW - 1))
        assert found(storage, "pear") == [written, other]

    def test_a_long_text_is_shown_where_it_was_found(self, storage: Storage) -> None:
        before, behind = "before " * 60, " behind" * 60
        storage.insert(reply(f"{before}a\n\n\t golden  pear{behind} golden"))
        (hit,) = storage.search(SearchQuery(text="pear golden"))
        assert "before a golden pear behind behind" in hit.snippet
        assert hit.snippet.startswith("…before") and hit.snippet.endswith("…")
        assert marked(hit) == ["golden", "pear"]
        assert len(hit.snippet) <= 162

    def test_marks_are_characters(self, storage: Storage) -> None:
        storage.insert(reply("日本 🎉🎉 e\u0301tude, ÉTUDE: études; étude"))
        (hit,) = storage.search(SearchQuery(text="etude"))
        assert marked(hit) == ["e\u0301tude", "ÉTUDE", "étude"]
        (hit,) = storage.search(SearchQuery(text="etud* 日本 -nothing"))
        assert marked(hit) == ["日本", "e\u0301tude", "ÉTUDE", "études", "étude"]

    def test_a_phrase_is_marked_whole_and_only_where_it_stands(self, storage: Storage) -> None:
        storage.insert(reply("red fox, red  red-fox and fox"))
        (hit,) = storage.search(SearchQuery(text='"red fox"'))
        assert marked(hit) == ["red fox", "red-fox"]
