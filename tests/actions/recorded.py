"""Programs that write down how they were called, and say what they are told to say."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

_BODY = """#!{python}
import json, os, sys
call = dict(argv=sys.argv[1:], cwd=os.getcwd(), input=sys.stdin.read(), env=dict(os.environ))
with open({calls!r}, "a") as file:
    file.write(json.dumps([{name!r}, call]) + "\\n")
print({says!r}, end="")
print({complains!r}, end="", file=sys.stderr)
sys.exit({code})
"""


class Recorded:
    """A folder of such programs."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self._calls = folder / "calls"
        self._calls.touch()
        self.env = {"PATH": str(self.bin), "HOME": str(folder)}

    def add(self, name: str, says: str = "", complains: str = "", code: int = 0) -> None:
        """Put a program there."""
        body = _BODY.format(
            python=sys.executable,
            calls=str(self._calls),
            name=name,
            says=says,
            complains=complains,
            code=code,
        )
        program = self.bin / name
        program.write_text(body)
        program.chmod(0o755)

    def real(self, name: str) -> None:
        """Put the real one there."""
        found = shutil.which(name)
        assert found is not None
        (self.bin / name).symlink_to(found)

    @property
    def calls(self) -> list[list[str]]:
        """The command lines, in order."""
        return [[name, *call["argv"]] for name, call in self._read()]

    @property
    def last(self) -> dict[str, Any]:
        """All of the last call: argv, cwd, input, env."""
        return self._read()[-1][1]

    def _read(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, call) for name, call in map(json.loads, self._calls.read_text().splitlines())]
