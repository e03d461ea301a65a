"""`python -m mi6_tui.prices.rebuild`: make the packaged snapshot again from the `genai-prices` package.

For those who maintain this program (`pip install mi6-tui[prices]`); no network. What that package does
not know is added here, by name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from mi6_tui.prices.table import Price, Snapshot, Tier

_PROVIDERS: Final = (
    "anthropic",
    "openai",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "moonshotai",
    "zai",
    "minimax",
    "meta",
)
"""Those who make models; of two that list the same name the first counts, resellers not at all."""
_NOT_TEXT: Final = ("-tts", "image", "audio", "live", "embed", "realtime", "moderation", "-omni-", "ocr")

_RATES: Final = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}

_FURTHER_NAMES: Final = {"claude-fable-5": ("claude-mythos-5",), "claude-fable-5-1": ("claude-mythos-5-1",)}
"""Sold at the same price."""
_FURTHER_MULTIPLIERS: Final = {
    "claude-opus-4-6": {"speed=fast": 6.0},
    "claude-opus-4-7": {"speed=fast": 6.0},
}
_REGIONAL: Final = {"inference_geo=us": 1.1}
"""Anthropic's surcharge for inference in one country."""


def main() -> int:
    """Write the snapshot; the number of its rows goes to stderr."""
    from importlib.metadata import version

    from genai_prices import data

    providers = {provider.id: provider for provider in data.providers}
    taken: set[str] = set()
    rows: list[Price] = []
    for name in _PROVIDERS:
        models = [model for model in providers[name].models if model.id not in taken and _fits(model)]
        ids = {model.id for model in models}
        for model in models:
            names = [one for one in _names(model) if one == model.id or one not in ids | taken]
            names += _FURTHER_NAMES.get(model.id, ()) if name == "anthropic" else ()
            taken.update(names)
            rows += _rows(name, model, tuple(dict.fromkeys(names)))
    snapshot = Snapshot(
        source=f"genai-prices {version('genai-prices')}",
        captured=datetime.now(UTC).date(),
        prices=tuple(rows),
    )
    target = Path(__file__).with_name("snapshot.json")
    target.write_bytes(_one_row_a_line(snapshot))
    sys.stderr.write(f"{len(rows)} rows in {target}\n")
    return 0


def _fits(model: Any) -> bool:
    """Whether the table can say what a model costs: it reads and writes text, at one price all day."""
    if any(word in model.id for word in _NOT_TEXT):
        return False
    sets = model.prices if isinstance(model.prices, list) else ()
    if any(hasattr(one.constraint, "start_time") for one in sets):
        return False
    return all(
        prices.input_mtok is not None and prices.output_mtok is not None for _, prices in _dated(model)
    )


def _names(model: Any) -> Iterator[str]:
    yield model.id
    yield from _texts(model.match)


def _texts(clause: Any) -> Iterator[str]:
    """The exact names in a matching rule; a beginning counts as the name it begins with."""
    for attribute in ("equals", "starts_with"):
        text = getattr(clause, attribute, None)
        if text is not None and text[-1:].isalnum():
            yield text
    for part in getattr(clause, "or_", ()):
        yield from _texts(part)
    for part in getattr(clause, "and_", ()):
        yield from _texts(part)


def _dated(model: Any) -> list[tuple[date | None, Any]]:
    """The price sets of a model, each with its first day."""
    if not isinstance(model.prices, list):
        return [(None, model.prices)]
    return [(getattr(one.constraint, "start_date", None), one.prices) for one in model.prices]


def _rows(provider: str, model: Any, names: tuple[str, ...]) -> Iterator[Price]:
    dated = sorted(_dated(model), key=lambda one: one[0] or date.min)
    for index, (start, prices) in enumerate(dated):
        end = dated[index + 1][0] if index + 1 < len(dated) else None
        web = getattr(prices, "web_searches_kcount", None)
        yield Price(
            id=f"{provider}/{model.id}" + (f"@{start}" if start else ""),
            models=names,
            start=start,
            end=end,
            **_rates(prices, None),
            tiers=tuple(Tier(above=above, **_rates(prices, above)) for above in _thresholds(prices)),
            multipliers=_multipliers(provider, model, prices, end),
            web_search=None if web is None else float(web),
            context_window=model.context_window,
        )


def _thresholds(prices: Any) -> list[int]:
    found: set[int] = set()
    for name in _RATES.values():
        found.update(tier.start for tier in getattr(getattr(prices, name), "tiers", ()))
    return sorted(found)


def _rates(prices: Any, above: int | None) -> dict[str, Any]:
    rates = {name: _rate(getattr(prices, attribute), above) for name, attribute in _RATES.items()}
    return {name: rate for name, rate in rates.items() if rate is not None}


def _rate(price: Any, above: int | None) -> float | None:
    if price is None:
        return None
    reached = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if above is not None and tier.start <= above:
            reached = tier.price
    return float(reached)


def _multipliers(provider: str, model: Any, prices: Any, end: date | None) -> dict[str, float]:
    """Terms that multiply every rate by one number; others have no place in the table."""
    latest: dict[str, tuple[date, Any]] = {}
    for variant in model.price_variants or ():
        ((key, term),) = variant.when.items()
        start = getattr(variant.constraint, "start_date", None) or date.min
        if end is not None and start >= end:
            continue
        name = f"{'service_tier' if key == 'processing' else key}={term}"
        if name not in latest or start > latest[name][0]:
            latest[name] = (start, variant.prices)
    found = dict(_REGIONAL) if provider == "anthropic" else {}
    for name, (_, special) in latest.items():
        ratio = _ratio(prices, special)
        if ratio is not None:
            found[name] = ratio
    return found | _FURTHER_MULTIPLIERS.get(model.id, {})


def _ratio(prices: Any, special: Any) -> float | None:
    ratios: set[float] = set()
    for above in (None, *_thresholds(prices)):
        plain, other = _rates(prices, above), _rates(special, above)
        if plain.keys() != other.keys():
            return None
        ratios.update(round(other[name] / rate, 6) for name, rate in plain.items() if rate)
    return ratios.pop() if len(ratios) == 1 else None


def _one_row_a_line(snapshot: Snapshot) -> bytes:
    def encoded(rows: Iterable[Price]) -> bytes:
        return b",\n".join(msgspec.json.encode(row) for row in rows)

    head = msgspec.json.encode({"source": snapshot.source, "captured": snapshot.captured})[:-1]
    return head + b',"prices":[\n' + encoded(snapshot.prices) + b"\n]}\n"


if __name__ == "__main__":
    sys.exit(main())
