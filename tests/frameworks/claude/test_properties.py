"""Where a file is cut does not matter, also if its records are not those the client would write."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks import framework
from tests.frameworks.claude.support import as_lines, decode, sample_files
from tests.frameworks.pieces import in_pieces, told

_SAMPLES = [(path, lines) for path, lines in sample_files().items() if len(lines) > 20]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_where_an_odd_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    """Lines of several files in any order, some without time, session or sense."""
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    odd = []
    for _, line in data.draw(st.lists(st.sampled_from(lines), max_size=30), label="lines"):
        record = json.loads(line)
        for name in data.draw(st.sets(st.sampled_from(("timestamp", "sessionId", "uuid", "message")))):
            record.pop(name, None)
        odd.append(json.dumps(record).encode() if data.draw(st.integers(0, 9)) else line[:40])
    cut = as_lines(b"".join(line + b"\n" for line in odd))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(cut)), max_size=6), label="cuts"))
    assert told(in_pieces(framework("claude"), path, cut, cuts)) == told(decode(cut, path))
