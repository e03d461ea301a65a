"""How often the watcher wakes."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from mi6_tui.ingest import watch

PATIENCE = 30


class Notify:
    """Stands for the library's core: notes how it is asked, and answers what it is told to."""

    def __init__(self, *_: object, **__: object) -> None:
        self.steps: queue.Queue[int] = queue.Queue()
        self.answers: queue.Queue[Any] = queue.Queue()

    def __enter__(self) -> Notify:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def watch(self, debounce: int, step: int, timeout: int, stop: threading.Event) -> Any:
        self.steps.put(step)
        return self.answers.get(timeout=PATIENCE)


def test_it_wakes_less_often_where_nothing_changed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    notify, now, wake = Notify(), [1000.0], threading.Event()
    monkeypatch.setattr("watchfiles._rust_notify.RustNotify", lambda *_, **__: notify)
    monkeypatch.setattr(watch, "monotonic", lambda: now[0])
    watcher = watch.Watcher(["/w"], wake, threading.Event())
    steps = [notify.steps.get(timeout=PATIENCE)]
    for later, answer in ((9.9, "timeout"), (10.1, "timeout"), (12.0, {(1, "/w/a")}), (21.9, "timeout")):
        now[0] = 1000.0 + later
        notify.answers.put(answer)
        steps.append(notify.steps.get(timeout=PATIENCE))
    assert steps == [25, 25, 60, 25, 25]
    assert watcher.take() == {"/w/a"}
    notify.answers.put("stop")
    watcher.close()
    assert wake.is_set()
