"""What every store must do, as a pytest class to inherit from.

A backend's test module says how to make an empty store, and nothing else:

    class TestMyStorage(StorageConformance):
        @pytest.fixture
        def storage(self, clock: Clock, tmp_path: Path) -> Iterator[Storage]:
            with closing(MyStorage(tmp_path / "store", clock=clock)) as store:
                yield store
"""

from __future__ import annotations

from mi6_tui.storage.conformance.base import Clock, make_event, request
from mi6_tui.storage.conformance.claims import ClaimConformance
from mi6_tui.storage.conformance.events import EventConformance
from mi6_tui.storage.conformance.forgetting import ForgettingConformance
from mi6_tui.storage.conformance.keys import KeyConformance
from mi6_tui.storage.conformance.machines import MachineConformance
from mi6_tui.storage.conformance.places import PlaceConformance
from mi6_tui.storage.conformance.positions import PositionConformance
from mi6_tui.storage.conformance.queries import QueryConformance
from mi6_tui.storage.conformance.rates import RateConformance
from mi6_tui.storage.conformance.search import SearchConformance
from mi6_tui.storage.conformance.session_reads import SessionReadConformance
from mi6_tui.storage.conformance.sessions import SessionConformance
from mi6_tui.storage.conformance.status import StatusConformance
from mi6_tui.storage.conformance.telemetry import TelemetryConformance
from mi6_tui.storage.conformance.usage import UsageConformance

__all__ = ["Clock", "StorageConformance", "make_event", "request"]


class StorageConformance(
    EventConformance,
    QueryConformance,
    KeyConformance,
    SessionConformance,
    StatusConformance,
    ClaimConformance,
    UsageConformance,
    RateConformance,
    SearchConformance,
    SessionReadConformance,
    PlaceConformance,
    PositionConformance,
    ForgettingConformance,
    TelemetryConformance,
    MachineConformance,
):
    """All of it."""
