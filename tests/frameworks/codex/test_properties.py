"""Where a file is cut does not matter, also if its records are not those the client would write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.codex import FRAMEWORK
from tests.frameworks.codex.support import as_lines, decode, sample_files
from tests.frameworks.pieces import in_pieces, told

_SAMPLES = list(sample_files().items())

_VERSIONS = ("0.120.0", "0.169.0", None)
_FORKS: tuple[dict[str, Any], ...] = (
    {},
    {"forked_from_id": "p"},
    {"parent_thread_id": "p"},
    {"subagent_history_start_ordinal": 9},
)


@settings(max_examples=100)
@given(st.data())
def test_where_an_odd_file_is_cut_makes_no_difference(data: st.DataObject) -> None:
    """Lines in any order, of any version and descent, some without time, ordinal or sense."""
    path, lines = data.draw(st.sampled_from(_SAMPLES), label="file")
    odd = []
    for _, line in [lines[0], *data.draw(st.lists(st.sampled_from(lines), max_size=30), label="lines")]:
        record = json.loads(line)
        if record["type"] == "session_meta":
            record["payload"] |= data.draw(st.sampled_from(_FORKS))
            record["payload"]["cli_version"] = data.draw(st.sampled_from(_VERSIONS))
            record["payload"]["history_mode"] = data.draw(st.sampled_from(("legacy", "paginated")))
        for name in data.draw(st.sets(st.sampled_from(("timestamp", "ordinal", "payload")), max_size=1)):
            record.pop(name, None)
        odd.append(json.dumps(record).encode() if data.draw(st.integers(0, 9)) else line[:40])
    cut = as_lines(b"".join(line + b"\n" for line in odd))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(cut)), max_size=6), label="cuts"))
    assert told(in_pieces(FRAMEWORK, path, cut, cuts)) == told(decode(cut, path))
