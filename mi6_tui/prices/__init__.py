"""What requests cost: a dated table of prices, and its look-up."""

from __future__ import annotations

from mi6_tui.prices.table import Price, PriceTable, Rates, Tier, packaged

__all__ = ["Price", "PriceTable", "Rates", "Tier", "packaged"]
