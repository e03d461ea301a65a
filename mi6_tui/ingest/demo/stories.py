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
    "shell",
    "replied",
    "seen",
    "interrupted",
    "started",
    "said goodbye",
    "killed",
]
"""The last thing that happened before the demo begins; the status follows from it and its time."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One session: what it is called, where it works, how it stands when the demo begins."""

    title: str | None
    folder: str
    branch: str | None
    model: str | None
    ending: Ending
    detail: str = ""
    """Of the ending: `tool|summary`, an error's name, a number of subagents, the last words."""
    quiet: int = 0
    """Seconds since the ending."""
    age: int = 0
    """Minutes since the start."""
    context: int = 0
    """Tokens in the window at the end; 0: it has asked the model nothing yet."""
    turns: int = 1
    prompt: str = ""
    framework: str = "claude"
    repo: str | None = None
    pull_request: int | None = None
    issue: int | None = None
    diff: tuple[int, int] | None = None
    worktree: bool = False
    tags: str = ""
    headless: bool = False
    incomplete: bool = False
    """One request has no known output count."""
    compacted: bool = False
    """Its window was full once, halfway."""
    alone: bool = False
    """Nothing but its transcript tells of it."""


_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
OPUS: Final = "claude-opus-5-5-20261015"
SONNET: Final = "claude-sonnet-5-5"
HAIKU: Final = "claude-haiku-5-5-20260901"
FABLE: Final = "claude-fable-5-2"
SOL: Final = "gpt-6.1-sol"
LUNA: Final = "gpt-5.4"
GEMINI: Final = "gemini-3.5-flash"
LOCAL: Final = "qwen4-coder-local"
"""Nobody has a price for it."""

FLEET: Final = (
    Story(title="Clean the build folder and rebuild", folder="~/src/api-server", branch="feat/cache",
          model=OPUS, ending="permission", detail="Bash|rm -rf build/ && make -j4", quiet=252, age=128,
          context=640_000, turns=7, prompt="clean and rebuild, the cache is stale", repo="acme/api-server",
          pull_request=412, issue=397, diff=(318, 92), tags="release"),
    Story(title="Pick a colour scheme for the charts", folder="~/src/web", branch="main", model=SONNET,
          ending="question", detail="AskUserQuestion|Which colours do you like best?", quiet=40, age=14,
          context=212_000, turns=2, prompt="the charts on the usage page are hard to tell apart, fix that",
          repo="acme/web"),
    Story(title="Move sessions to the new schema", folder="~/src/ledger", branch="feat/schema-v2",
          model=OPUS, ending="plan", detail="ExitPlanMode|7 steps, 3 migrations, one backfill", quiet=1140,
          age=95, context=118_000, turns=3, prompt="plan the move to schema v2; no downtime",
          repo="acme/ledger", issue=88, tags="database"),
    Story(title="Resolver times out behind the proxy", folder="~/src/infra", branch="fix/dns", model=SONNET,
          ending="error", detail="rate_limit|Usage limit reached, resets {reset}", quiet=65, age=71,
          context=331_000, turns=4, prompt="dig works on the host but not in the pod, find out why",
          repo="acme/infra", issue=1204, diff=(12, 3)),
    Story(title="Publish the docs package", folder="~/src/docs", branch="release/2.4", model=LUNA,
          ending="permission", detail="Bash|npm publish --dry-run", quiet=34, age=26, context=96_000, turns=3,
          prompt="publish 2.4 of the docs package, dry run first", framework="copilot", repo="acme/docs",
          pull_request=77, tags="release"),
    Story(title="Add a --shout flag to greet", folder="~/src/greet-shout", branch="wt/shout", model=OPUS,
          ending="tool", detail="Edit|src/greet/cli.py", quiet=3, age=31, context=484_000, turns=5,
          prompt="add --shout, with tests and a changelog line", repo="acme/greet", pull_request=31,
          diff=(64, 8), worktree=True),
    Story(title="Port the parser to msgspec", folder="~/src/mi6_tui", branch="feat/parse", model=FABLE,
          ending="thinking", quiet=48, age=187, context=154_300, turns=9,
          prompt="port the transcript parser; keep the fallback for broken lines", repo="acme/mi6_tui",
          pull_request=205, diff=(911, 640), compacted=True),
    Story(title="Run the whole suite on 3.13 and fix what breaks", folder="~/src/api-server",
          branch="ci/py313", model=SOL, ending="tool", detail="Bash|pytest -x -q tests/integration",
          quiet=96, age=54, context=275_000, turns=5, prompt="run everything on 3.13 please",
          framework="codex", repo="acme/api-server", issue=421, diff=(47, 51)),
    Story(title="修复登录页面的空指针异常", folder="~/src/web-login", branch="fix/登录", model=GEMINI,
          ending="tool", detail="Read|src/pages/登录.tsx", quiet=7, age=22, context=98_000, turns=3,
          prompt="登录页面偶尔崩溃,请修复并补充测试", framework="gemini", repo="acme/web", pull_request=518,
          worktree=True),
    Story(title="أصلح ترتيب الصفوف في الجدول", folder="~/src/reports", branch="main", model=OPUS,
          ending="tool", detail="Grep|sort_key", quiet=12, age=44, context=402_000, turns=4,
          prompt="الترتيب يتغير عند كل تحديث", repo="acme/reports"),
    Story(title="🚀 Ship the release notes for 2.4 👩‍💻", folder="~/src/docs", branch="release/2.4",
          model=HAIKU, ending="compacting", quiet=19, age=160, context=23_000, turns=5,
          prompt="write the notes for 2.4 from the merged pull requests", repo="acme/docs", tags="release"),
    Story(title="Backfill prices for the last quarter", folder="~/src/ledger", branch="main", model=SONNET,
          ending="retrying", detail="overloaded|529 overloaded, attempt 3 of 10", quiet=8, age=66,
          context=190_400, turns=5, prompt="backfill july to september, dry run first", repo="acme/ledger",
          tags="database"),
    Story(title="Review the storage layer from four sides", folder="~/src/mi6_tui", branch="review/storage",
          model=FABLE, ending="agents", detail="4", quiet=88, age=39, context=121_000, turns=3,
          prompt="review it: speed, crashes, names, tests", repo="acme/mi6_tui", pull_request=198),
    Story(title="Keep the preview server running", folder="~/src/web", branch="feat/preview", model=SONNET,
          ending="shell", detail="The preview is on port 5173; I watch its log.", quiet=370, age=48,
          context=87_000, turns=2, prompt="start the preview server and watch for errors", repo="acme/web"),
    Story(title="Log in with a passkey", folder="~/src/web", branch="feat/login", model=OPUS,
          ending="replied", detail="All 214 tests pass; pushed to feat/login.", quiet=742, age=64,
          context=512_000, turns=6, prompt="finish the passkey login and push", repo="acme/web",
          pull_request=501, issue=466, diff=(702, 118)),
    Story(title="Rename the metrics so that the dashboards of the platform team, the on-call rota and the "
          "quarterly capacity report all read the same names", folder="~/src/infra", branch="chore/metrics",
          model=LUNA, ending="interrupted", quiet=905, age=37, context=145_000, turns=3,
          prompt="rename them everywhere, keep aliases for a month", framework="copilot", repo="acme/infra"),
    Story(title="Sum up last night's crash reports", folder="~/src/api-server", branch="main", model=HAIKU,
          ending="tool", detail="Read|var/crashes/2026-11-22.jsonl", quiet=5, age=2, context=41_000, turns=1,
          prompt="sum up the crash reports of last night in five lines", headless=True,
          repo="acme/api-server"),
    Story(title="Sort the photos by place", folder="~/src/photos", branch="main", model=LOCAL,
          ending="seen", detail="Sorted 1,204 photos into 31 folders; 6 have no place.", quiet=5400, age=140,
          context=38_000, turns=3, prompt="sort them into folders by place", framework="opencode"),
    Story(title=None, folder="~/scratch", branch=None, model=HAIKU, ending="started", quiet=7320, age=122,
          turns=0),
    Story(title="Try the new retry policy", folder="~/src/api-server", branch="spike/retry", model=SOL,
          ending="tool", detail="Bash|./scripts/soak.sh --hours 2", quiet=6100, age=310, context=951_000,
          turns=7, prompt="soak it for two hours", framework="codex", incomplete=True, alone=True),
    Story(title="Write the migration guide", folder="~/src/docs", branch="main", model=SONNET,
          ending="said goodbye", detail="prompt_input_exit", quiet=3 * 3600, age=5 * _HOUR, context=97_000,
          turns=4, prompt="guide for people who come from 1.x", repo="acme/docs"),
    Story(title="Escape [/x] and [bold]markup[/] in titles", folder="~/src/mi6_tui", branch="fix/[brackets]",
          model=OPUS, ending="said goodbye", detail="clear", quiet=9 * 3600, age=10 * _HOUR,
          context=333_000, turns=3, prompt="a title with [/x] or [link='a'] must not crash the table",
          repo="acme/mi6_tui"),
    Story(title="Find the slow query", folder="~/src/reports", branch="perf/query", model=SONNET,
          ending="said goodbye", detail="other", quiet=7 * 3600, age=8 * _HOUR, context=268_000, turns=3,
          prompt="the monthly report takes four minutes", framework="opencode", repo="acme/reports"),
    Story(title="Upgrade the linters", folder="~/src/web", branch="chore/lint", model=HAIKU,
          ending="killed", detail="Bash|npm run lint -- --fix", quiet=21 * 3600, age=_DAY, context=44_000,
          turns=2, prompt="upgrade and fix the new findings", repo="acme/web"),
)  # fmt: skip
"""Who is there when the demo begins."""

NEWCOMERS: Final = (
    Story(title="Cut the cold start of the importer", folder="~/src/ledger", branch="perf/start",
          model=OPUS, ending="started", prompt="the importer takes nine seconds to start, halve it",
          repo="acme/ledger"),
    Story(title="Flaky test: test_upload_resumes", folder="~/src/api-server", branch="fix/flaky",
          model=SOL, ending="started", prompt="find out why test_upload_resumes fails one time in twenty",
          framework="codex", repo="acme/api-server", issue=433),
    Story(title="Translate the error pages", folder="~/src/web", branch="feat/i18n", model=GEMINI,
          ending="started", prompt="translate the error pages into German and Portuguese",
          framework="gemini", repo="acme/web"),
    Story(title="Pin the base images", folder="~/src/infra", branch="chore/pin", model=LUNA,
          ending="started", prompt="pin every base image by digest", framework="copilot",
          repo="acme/infra"),
    Story(title="Explain the nightly diff", folder="~/src/reports", branch="main", model=SONNET,
          ending="started", prompt="why do last night's totals differ from the day before?",
          framework="opencode", repo="acme/reports"),
    Story(title="A changelog that writes itself", folder="~/src/docs", branch="feat/changelog", model=HAIKU,
          ending="started", prompt="collect the changelog from the merged pull requests", repo="acme/docs"),
    Story(title="Retry uploads with jitter", folder="~/src/api-server", branch="feat/retry", model=OPUS,
          ending="started", prompt="uploads must be tried again, with jitter and a limit",
          repo="acme/api-server", pull_request=440),
    Story(title="Draw the dependency graph", folder="~/src/mi6_tui", branch="spike/graph", model=FABLE,
          ending="started", prompt="draw which module imports which", repo="acme/mi6_tui"),
)  # fmt: skip
"""Who comes while it plays, over and over."""
