"""An index for usage since some time: of years of many machines, today is asked for all the time."""

from __future__ import annotations

from typing import Final

SQL: Final = "CREATE INDEX idx_usage_quarter ON usage(quarter)"
