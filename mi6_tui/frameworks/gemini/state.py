"""What a decoder must remember to go on anywhere in a file as if it had read it in one run."""

from __future__ import annotations

from typing import Final

import msgspec

_PROMPTS: Final = 512


class State(msgspec.Struct, omit_defaults=True):
    """Memory of one file. Times in ms."""

    session: str | None = None
    """The file's own id: of a session, or of a subagent."""
    first: int | None = None
    """First time in the file."""
    last: int | None = None
    """Time of the last line that has one: lines without inherit it."""
    latest: int = 0
    """Largest time so far."""
    spoken: int = 0
    """Time of the last message."""
    model: str | None = None
    """Of the last reply."""
    cwd: str | None = None
    title: str | None = None
    prompts: dict[bytes, None] = {}
    """Digests of the prompts so far, oldest first."""

    def note_prompt(self, text: str) -> bool:
        """Note a prompt's text; False if the same was said before."""
        from hashlib import blake2b  # late: where nothing is new nothing is digested

        digest = blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
        if digest in self.prompts:
            return False
        self.prompts[digest] = None
        if len(self.prompts) > _PROMPTS:
            del self.prompts[next(iter(self.prompts))]
        return True

    def note_time(self, at: int) -> None:
        """Note the time of a line (ms)."""
        self.last, self.latest = at, max(self.latest, at)
        if self.first is None:
            self.first = self.latest = at
