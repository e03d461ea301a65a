"""Copilot CLI, counted again.

Newer clients write a record a request. What the totals at the end of a run have beyond the records is one
request more for each model; so are the replies of a run without any record, whose output alone is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from mi6_tui.verify.lines import objects
from mi6_tui.verify.recount import File, Request, fields, fresh, text, whole

_NAMES = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")
_PROMPT = ("inputTokens", "cacheReadTokens", "cacheWriteTokens")
_Sums = dict[str, Counter[str]]
"""By model."""


def requests(files: Iterable[File]) -> Iterator[Request]:
    """Each request in these files once."""
    found: dict[str, Request] = {}
    for file in files:
        found |= _Session(file).requests()
    yield from found.values()


class _Session:
    """One file."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._found: dict[str, Request] = {}
        self._session = PurePath(file.path).parent.name
        self._run = ""
        self._model = ""
        self._records = False
        """Whether the client writes a record for each request."""
        self._recorded: _Sums = {}
        self._lumped: _Sums = {}
        self._before: _Sums = {}
        """All that was counted in earlier runs."""

    def requests(self) -> dict[str, Request]:
        """The requests by a name of their own."""
        for offset, line in objects(self._file):
            data, kind = fields(line.get("data")), line.get("type")
            name = text(line.get("id")) or f"{self._session}@{offset}"
            if kind in ("session.start", "session.resume"):
                self._begin(kind, data, name)
            elif kind == "session.model_change" and text(line.get("agentId")) is None:
                self._model = text(data.get("newModel")) or self._model
            elif kind == "session.usage_record":
                self._record(fields(data.get("usage")), name)
            elif kind == "assistant.message" and not self._records:
                self._reply(data)
            elif kind == "session.shutdown":
                self._end(data)
        return self._found

    def _begin(self, kind: str, data: dict[str, Any], name: str) -> None:
        if kind == "session.start":
            self._session = text(data.get("sessionId")) or self._session
            name = name if "@" not in name else f"{self._session}@{name.rsplit('@', 1)[1]}"
        for sums in (self._recorded, self._lumped):
            for model, counted in sums.items():
                self._before.setdefault(model, Counter()).update(counted)
        self._recorded, self._lumped, self._run = {}, {}, name
        self._model = text(data.get("selectedModel")) or self._model

    def _record(self, usage: dict[str, Any], name: str) -> None:
        self._records = True
        model = text(usage.get("model")) or ""
        self._recorded.setdefault(model, Counter()).update(_counted(usage, requests=1))
        sent, said, read, written = (whole(usage.get(wanted)) for wanted in _NAMES)
        call = text(usage.get("apiCallId")) or text(fields(usage.get("accounting")).get("usageId"))
        numbers = (fresh(sent, read, written), said or 0, read or 0, written or 0)
        self._found[call or name] = Request(self._session, *numbers)

    def _reply(self, data: dict[str, Any]) -> None:
        said = whole(data.get("outputTokens"))
        if said is None:
            return
        model = text(data.get("model")) or self._model
        lump = self._lumped.setdefault(model, Counter())
        lump.update(requests=1, outputTokens=said)
        self._found[f"{self._run}/{model}"] = Request(self._session, 0, lump["outputTokens"], 0, 0)

    def _end(self, data: dict[str, Any]) -> None:
        since_start = "usageAccountingWatermarks" in data or "accountingSnapshot" in data
        for model, metrics in fields(data.get("modelMetrics")).items():
            told = fields(metrics)
            count = whole(fields(told.get("requests")).get("count")) or 0
            rest = _counted(fields(told.get("usage")), requests=count)
            for sums in (self._recorded, self._before) if since_start else (self._recorded,):
                rest.subtract(sums.get(model, Counter()))
            rest = +rest  # what is left, never below nothing
            if rest or model in self._lumped:
                self._lumped[model] = rest
                sent, said, read, written = (rest[name] for name in _NAMES)
                prompt = [whole(fields(told.get("usage")).get(name)) for name in _PROMPT]
                numbers = (0 if None in prompt else fresh(sent, read, written), said, read, written)
                self._found[f"{self._run or self._session}/{model}"] = Request(self._session, *numbers)


def _counted(usage: dict[str, Any], requests: int) -> Counter[str]:
    names = (*_NAMES, "reasoningTokens")
    counted: Counter[str] = Counter({name: whole(usage.get(name)) or 0 for name in names})
    counted["requests"] = requests
    return counted
