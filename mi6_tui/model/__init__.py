"""Pure values: no input or output, no SQL, no screen."""

from mi6_tui.model.batch import Batch, FilePosition, FileSeen, GitBranchInfo, SessionFact
from mi6_tui.model.claim import Claim, ClaimKind, Witness
from mi6_tui.model.event import PREVIEW_LIMIT, Event, EventType, Source, canonical_event_type
from mi6_tui.model.machine import Machine, Way
from mi6_tui.model.query import EventQuery, SessionQuery, StorageStats, StorageStatsQuery
from mi6_tui.model.search import Hit, SearchQuery
from mi6_tui.model.session import STATUSES, Session, Status
from mi6_tui.model.session_reads import ContextPoint, FileTouch, TimelineQuery, ToolUse
from mi6_tui.model.telemetry import Telemetry
from mi6_tui.model.transcripts import ReadBelow
from mi6_tui.model.usage import Usage, UsageQuery, UsageRow

__all__ = [
    "PREVIEW_LIMIT",
    "STATUSES",
    "Batch",
    "Claim",
    "ClaimKind",
    "ContextPoint",
    "Event",
    "EventQuery",
    "EventType",
    "FilePosition",
    "FileSeen",
    "FileTouch",
    "GitBranchInfo",
    "Hit",
    "Machine",
    "ReadBelow",
    "SearchQuery",
    "Session",
    "SessionFact",
    "SessionQuery",
    "Source",
    "Status",
    "StorageStats",
    "StorageStatsQuery",
    "Telemetry",
    "TimelineQuery",
    "ToolUse",
    "Usage",
    "UsageQuery",
    "UsageRow",
    "Way",
    "Witness",
    "canonical_event_type",
]
