"""What the sessions of the demo are about. Invented, but the way real ones look."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Ending = Literal[
    "permission",
    "question",
    "plan",
    "error",
    "tool",
    "thinking",
    "compacting",
    "retrying",
    "agents",
    "replied",
    "interrupted",
    "started",
    "said goodbye",
]
"""The last thing that happened; the status follows from it, and from how long ago it was."""


class Story(msgspec.Struct, frozen=True):
    """One session: what it is called, where it works, how it stands."""

    title: str | None
    folder: str
    branch: str | None
    model: str | None
    ending: Ending
    detail: str
    """Of the ending: `tool|summary`, an error's name, a number of subagents, the last words."""
    quiet: int
    """Seconds since the ending."""
    age: int
    """Minutes since the start."""
    context: int
    """Tokens in the window at the end; 0: it has asked the model nothing yet."""
    turns: int
    prompt: str
    framework: str = "claude"
    incomplete: bool = False
    """One request has no known output count."""


_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
OPUS: Final = "claude-opus-5-5-20261015"
SONNET: Final = "claude-sonnet-5-5"
HAIKU: Final = "claude-haiku-5-5-20260901"
FABLE: Final = "claude-fable-5-2"

STORIES: Final = (
    Story("Clean the build folder and rebuild", "~/src/api-server", "feat/cache", OPUS, "permission",
          "Bash|rm -rf build/ && make -j4", 252, 128, 640_000, 6, "clean and rebuild, the cache is stale"),
    Story("Pick a colour scheme for the charts", "~/src/web", "main", SONNET, "question",
          "AskUserQuestion|Which colour do you like best?", 40, 14, 212_000, 2,
          "the charts on the usage page are hard to tell apart, fix that"),
    Story("Move sessions to the new schema", "~/src/ledger", "feat/schema-v2", OPUS, "plan",
          "ExitPlanMode|7 steps, 3 migrations, one backfill", 1140, 95, 118_000, 3,
          "plan the move to schema v2; no downtime"),
    Story("Resolver times out behind the proxy", "~/src/infra", "fix/dns", SONNET, "error",
          "rate_limit|Usage limit reached, resets 14:30", 65, 71, 331_000, 4,
          "dig works on the host but not in the pod, find out why"),
    Story("Add a --shout flag to greet", "~/src/greet", "wt/shout", OPUS, "tool",
          "Edit|src/greet/cli.py", 3, 31, 484_000, 5, "add --shout, with tests and a changelog line"),
    Story("Port the parser to msgspec", "~/src/mi6_tui", "feat/parse", FABLE, "thinking",
          "", 48, 187, 154_300, 8, "port the transcript parser; keep the fallback for broken lines"),
    Story("Run the whole suite on 3.13 and fix what breaks", "~/src/api-server", "ci/py313", OPUS, "tool",
          "Bash|pytest -x -q --maxfail=1 tests/integration", 96, 54, 275_000, 5,
          "run everything on 3.13 please"),
    Story("修复登录页面的空指针异常", "~/src/web", "fix/登录", SONNET, "tool",
          "Read|src/pages/登录.tsx", 7, 22, 98_000, 3, "登录页面偶尔崩溃,请修复并补充测试"),
    Story("أصلح ترتيب الصفوف في الجدول", "~/src/reports", "main", OPUS, "tool",
          "Grep|sort_key", 12, 44, 402_000, 4, "الترتيب يتغير عند كل تحديث"),
    Story("🚀 Ship the release notes for 2.4 👩‍💻", "~/src/docs", "release/2.4", HAIKU, "compacting",
          "", 19, 160, 23_000, 5, "write the notes for 2.4 from the merged pull requests"),
    Story("Backfill prices for the last quarter", "~/src/ledger", "main", HAIKU, "retrying",
          "overloaded|529 overloaded, attempt 3 of 10", 8, 66, 190_400, 5,
          "backfill july to september, dry run first"),
    Story("Count what the Python files import", "~/src/greet", "main", OPUS, "agents",
          "2", 370, 22, 241_000, 2, "which modules import requests? use subagents, one per package"),
    Story("Review the storage layer from four sides", "~/src/mi6_tui", "review/storage", FABLE, "agents",
          "4", 88, 39, 121_000, 3, "review it: speed, crashes, names, tests"),
    Story("Log in with a passkey", "~/src/web", "feat/login", OPUS, "replied",
          "All 214 tests pass; pushed to feat/login.", 742, 64, 512_000, 6,
          "finish the passkey login and push"),
    Story(None, "~/src/api-server", "main", SONNET, "replied",
          "The 404 came from a trailing slash in the proxy rule. Fixed, one test added.", 131, 9, 61_000, 1,
          "why does /v1/users/ return 404 but /v1/users not?"),
    Story("Escape [/x] and [bold]markup[/] in titles", "~/src/mi6_tui", "fix/[brackets]", OPUS, "replied",
          "Nothing in [/brackets] reaches the markup parser any more.", 2460, 83, 333_000, 3,
          "a title with [/x] or [link='a'] must not crash the table"),
    Story("Rename the metrics so that the dashboards of the platform team, the on-call rota and the "
          "quarterly capacity report all read the same names", "~/src/infra", "chore/metrics", SONNET,
          "interrupted", "", 905, 37, 145_000, 3, "rename them everywhere, keep aliases for a month"),
    Story("Which Go version do the builders use?", "~/src/infra", "main", HAIKU, "replied",
          "1.25.3 on all four builders.", 5400, 95, 18_000, 1, "which go version do the builders use?"),
    Story(None, "~/scratch", None, None, "started", "", 7320, 122, 0, 0, ""),
    Story("Try the new retry policy", "~/src/api-server", "spike/retry", OPUS, "tool",
          "Bash|./scripts/soak.sh --hours 2", 6100, 310, 951_000, 7, "soak it for two hours",
          incomplete=True),
    Story("Port the lexer to Rust", "~/src/lexer", "rust", "gpt-6.1", "thinking",
          "", 27, 75, 88_000, 4, "port it, keep the fuzz corpus green", framework="codex"),
    Story("Write the migration guide", "~/src/docs", "main", SONNET, "said goodbye",
          "prompt_input_exit", 3 * 3600, 5 * _HOUR, 97_000, 4, "guide for people who come from 1.x"),
    Story("Upgrade the linters", "~/src/web", "chore/lint", HAIKU, "said goodbye",
          "other", 26 * 3600, _DAY + 3 * _HOUR, 44_000, 2, "upgrade and fix the new findings"),
    Story("Find the slow query", "~/src/reports", "perf/query", OPUS, "said goodbye",
          "clear", 9 * 3600, 10 * _HOUR, 268_000, 3, "the monthly report takes four minutes"),
)  # fmt: skip

STEPS: Final = (
    ("Read", "README.md", "# greet\n\nSays hello, politely.", 21),
    ("Grep", "def main", "src/cli.py:14:def main(argv: list[str]) -> int:", 38),
    ("Bash", "git status --short", " M src/cli.py\n?? tests/test_shout.py", 64),
    ("Edit", "src/cli.py", "The file has been updated.", 12),
    ("Bash", "pytest -q", "214 passed in 11.82s", 12_310),
    ("Read", "tests/conftest.py", "import pytest", 9),
    ("Glob", "src/**/*.py", "Found 41 files", 30),
    ("Write", "tests/test_shout.py", "File created.", 11),
    ("Bash", "ruff check .", "All checks passed!", 240),
    ("WebFetch", "https://docs.example.org/retries", "Retry with jitter [see /backoff]", 1830),
    ("Bash", "make -j4 test", "tests/test_io.py F [error] expected 3, got [/]", 48_200),
    ("Read", "pyproject.toml", "[project]\nname = 'greet'", 8),
)
"""Tool, what it was asked, what it answered, how long it took (ms)."""

REPLIES: Final = (
    "I'll look at how it is built today before changing anything.",
    "The failure comes from one place: the cache key leaves out the locale.",
    "Done. Next I'll run the tests that touch this module.",
    "Two callers depend on the old order, so I keep it and sort at the edge.",
    "That worked; the remaining warning is from a dependency.",
)
FOLLOW_UPS: Final = (
    "go on",
    "yes, and add a test for the empty case",
    "keep the public names as they are",
    "looks good, commit it",
    "what about windows paths?",
)
