"""Two counts side by side."""

from __future__ import annotations

from dataclasses import replace

from mi6_tui.verify import Counted, Difference, Held, Numbers, compare

_SOME = Numbers(2, 20, 10, 200, 14)
_ONE = Numbers(1, 10, 5, 100, 7)


def test_equal_counts_have_no_difference() -> None:
    outcome = compare({"a": Held(_SOME, _SOME)}, {"a": Counted(_SOME, Numbers())})
    assert (outcome.checked, outcome.differences, outcome.unchecked) == (1, [], {})
    assert outcome.store == outcome.files == _SOME


def test_each_number_that_differs_is_named() -> None:
    wrong = Numbers(2, 21, 10, 200, 13)
    outcome = compare({"a": Held(wrong, wrong)}, {"a": Counted(_SOME, Numbers())})
    assert outcome.differences == [
        Difference("a", "sessions", "tokens_input", 21, 20),
        Difference("a", "sessions", "tokens_cache_write", 13, 14),
    ]


def test_a_session_that_one_side_lacks_is_a_difference() -> None:
    outcome = compare({"a": Held(_ONE, _ONE)}, {"b": Counted(_ONE, Numbers())})
    told = {(found.session_id, found.store, found.files) for found in outcome.differences}
    assert ("a", 1, None) in told
    assert ("b", None, 1) in told
    assert len(told) == 10


def test_a_session_without_requests_is_equal_to_none() -> None:
    outcome = compare({"a": Held(Numbers(), Numbers())}, {})
    assert (outcome.checked, outcome.differences) == (1, [])


def test_requests_must_add_up_to_the_files_too() -> None:
    listed = Numbers(2, 20, 11, 200, 14)
    outcome = compare({"a": Held(_SOME, listed)}, {"a": Counted(_SOME, Numbers())})
    assert outcome.differences == [Difference("a", "events", "tokens_output", 11, 10)]


def test_deleted_requests_are_still_in_the_row() -> None:
    outcome = compare({"a": Held(_SOME, _ONE)}, {"a": Counted(_SOME, Numbers())})
    assert outcome.differences == []


def test_a_session_whose_file_is_gone_cannot_be_checked() -> None:
    outcome = compare({"a": Held(_SOME, _SOME, complete=False)}, {"a": Counted(_ONE, Numbers())})
    assert (outcome.checked, outcome.differences, set(outcome.unchecked)) == (0, [], {"a"})


def test_copies_count_where_the_store_counts_them() -> None:
    both = Numbers(2, 20, 10, 200, 14)
    copies = {"fork": Counted(_ONE, _ONE)}
    assert compare({"fork": Held(_ONE, _ONE)}, copies).differences == []
    assert compare({"fork": Held(both, both)}, copies).differences == []
    wrong = Numbers(3, 30, 15, 300, 21)
    assert len(compare({"fork": Held(wrong, wrong)}, copies).differences) == 5


def test_what_stats_adds_up_must_be_the_same_too() -> None:
    wrong = replace(_SOME, tokens_output=_SOME.tokens_output + 1)
    outcome = compare({"a": Held(_SOME, _SOME, stats=wrong)}, {"a": Counted(_SOME, Numbers())})
    assert outcome.differences == [
        Difference("a", "usage", "tokens_output", wrong.tokens_output, _SOME.tokens_output)
    ]
    assert compare({"a": Held(_SOME, _SOME, stats=_SOME)}, {"a": Counted(_SOME, Numbers())}).differences == []
