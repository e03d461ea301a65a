import pytest

from mi6_tui.judge.context import Context, window_size


@pytest.mark.parametrize(
    ("model", "used", "size"),
    [
        (None, 5, None),
        ("nobody-knows", 5, None),
        ("gpt-5", 5, 400_000),
        ("openai/gpt-6.1-sol", None, 1_050_000),
        ("gemini-3.8-flash", None, 1_000_000),
        ("claude-opus-4-1-20250805", None, 200_000),
        ("claude-opus-4-1-20250805", 200_000, 200_000),
        ("claude-opus-4-1-20250805", 200_001, 1_000_000),
        ("claude-sonnet-4-5[1m]", 0, 1_000_000),
        ("claude-opus-5-5", 0, 1_000_000),
        ("claude-sonnet-5-5-20260901", 0, 1_000_000),
    ],
)
def test_window_size(model: str | None, used: int | None, size: int | None) -> None:
    assert window_size(model, used) == size


@pytest.mark.parametrize(
    ("used", "size", "share"),
    [(50, 200, 0.25), (0, 200, 0.0), (300, 200, 1.0), (None, 200, None), (50, None, None), (50, 0, None)],
)
def test_share(used: int | None, size: int | None, share: float | None) -> None:
    assert Context(used, size).share == share
