"""Blocks one below the other. How tall one is, is guessed until it is looked at. Plain data: no widget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from mi6_tui.tui.session.blocks import Block, Line, Passages, guess, lines_of

_MOST_MADE: Final = 400
"""Blocks whose lines are kept."""

Spot = tuple[int, int]
"""Index of a block, and of a line in it."""


class Stack:
    """Lines of blocks, made when they are asked for."""

    def __init__(self, passages: Passages) -> None:
        self.blocks: Sequence[Block] = ()
        self.unfolded: set[str] = set()
        """Keys of the calls that are shown in full."""
        self._passages = passages
        self._width = 80
        self._heights: list[int] = []
        self._starts: list[int] | None = None
        self._made: dict[str, tuple[Block, tuple[Line, ...]]] = {}
        self._places: dict[str, int] = {}

    def show(self, blocks: Sequence[Block], width: int) -> None:
        """Show other blocks, or the same in another width."""
        if width != self._width:
            self._width = width
            self._made.clear()
        self.blocks = blocks
        self._places = {block.key: place for place, block in enumerate(blocks)}
        self._heights = [self._height(block) for block in blocks]
        self._starts = None

    def _height(self, block: Block) -> int:
        known = self._made.get(block.key)
        if known is not None and known[0] == block:
            return len(known[1])
        return guess(block, self._width, block.key in self.unfolded)

    def forget(self, key: str) -> None:
        """A block looks different now: it was folded, or its text was read."""
        self._made.pop(key, None)

    def place_of(self, key: str) -> int | None:
        """Index of a block."""
        return self._places.get(key)

    def lines(self, place: int) -> tuple[Line, ...]:
        """The lines of the block at an index; how tall it is, is known from then on."""
        block = self.blocks[place]
        known = self._made.get(block.key)
        if known is None or known[0] != block:
            if len(self._made) >= _MOST_MADE:
                del self._made[next(iter(self._made))]
            lines = lines_of(block, self._width, unfolded=block.key in self.unfolded, passages=self._passages)
            known = self._made[block.key] = block, lines
        if self._heights[place] != len(known[1]):
            self._heights[place] = len(known[1])
            self._starts = None
        return known[1]

    @property
    def starts(self) -> list[int]:
        """The first line of each block, and behind them the number of all lines."""
        if self._starts is None:
            self._starts = [0, *accumulate(self._heights)]
        return self._starts

    @property
    def height(self) -> int:
        """Lines of all blocks, as far as is known."""
        return self.starts[-1]

    def spot(self, line: int) -> Spot:
        """Where a line is; the first or the last if there is none."""
        if not self.blocks:
            return 0, 0
        line = max(0, min(line, self.height - 1))
        place = min(bisect_right(self.starts, line) - 1, len(self.blocks) - 1)
        return place, line - self.starts[place]

    def step(self, spot: Spot, lines: int) -> Spot:
        """The spot so many lines further down (or, negative, up), by true heights; either end stops it."""
        place, within = spot
        within += lines
        while within < 0 and place > 0:
            place -= 1
            within += len(self.lines(place))
        while self.blocks and within >= len(self.lines(place)):
            if place + 1 >= len(self.blocks):
                within = len(self.lines(place)) - 1
                break
            within -= len(self.lines(place))
            place += 1
        return place, max(0, within)
