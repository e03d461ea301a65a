"""What is said and done in the sessions of the demo."""

from __future__ import annotations

from typing import Final

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
    ("Bash", "git diff --stat", " src/cli.py | 14 ++++++++------\n 1 file changed", 41),
    ("Edit", "tests/test_cli.py", "The file has been updated.", 14),
    ("Grep", "TODO", "src/cache.py:88:# TODO: evict by age", 52),
)
"""Tool by its name in Claude Code, what it was asked, what it answered, how long it took (ms)."""

PERMISSIONS: Final = (
    ("Bash", "git push --force-with-lease origin HEAD", "Everything up-to-date", 2100),
    ("Bash", "docker compose up -d postgres", "Container postgres-1  Started", 5400),
    ("Bash", "npm install --save-dev vitest", "added 41 packages in 6s", 6200),
    ("Write", "deploy/production.yaml", "File created.", 15),
    ("Bash", "psql -f migrations/0042_backfill.sql", "UPDATE 18204", 9300),
    ("WebFetch", "https://registry.example.org/v2/tags", "2.4.0, 2.4.1-rc1", 1400),
    ("Bash", "kubectl rollout restart deploy/resolver", "deployment.apps/resolver restarted", 3300),
    ("Bash", "rm -rf node_modules && npm ci", "added 812 packages in 19s", 19_400),
    ("Edit", ".github/workflows/release.yml", "The file has been updated.", 13),
    ("Bash", "gh pr merge --squash --auto", "Pull request will be merged when all checks pass", 1900),
)
"""What the sessions ask for while the demo plays; the same four values."""

REPLIES: Final = (
    "I'll look at how it is built today before changing anything.",
    "The failure comes from one place: the cache key leaves out the locale, so two pages share an entry.",
    "Done. Next I'll run the tests that touch this module.",
    "Two callers depend on the old order, so I keep it and sort at the edge:\n\n"
    "- `list_rows` returns them as stored\n- `render` sorts by name\n\nBoth are covered by tests now.",
    "That worked; the remaining warning is from a dependency.",
    "The timeout is set in three places. I made it one setting with a default of 30 seconds, and the retry "
    "policy reads it too.",
    "All green. What changed:\n\n1. the parser reads in chunks\n2. broken lines are counted, not fatal\n"
    "3. the fallback stays for one release",
    "I measured it: 4.1 s before, 0.6 s after. Nearly all of it was the regular expression in `split_path`.",
    "The migration is reversible until the last step. I would run it on Tuesday, after the backup.",
    "This cannot be fixed in the client alone: the server closes the connection after 60 seconds of silence.",
    "The resolver asks both servers and takes the slower answer. I turned that round; the test that waited "
    "for it now passes in 40 ms.",
    "`git bisect` points at the commit that made the cache shared. Two requests write to one key.",
    "I split the module in three: reading, checking, writing. Nothing outside had to change.",
    "The migration adds a column, fills it in batches of 5,000 and only then makes it required.",
    "Four of the findings are real, two are matters of taste. The four are fixed, each with a test.",
    "The upload worker kept the last chunk of every file alive; memory now stays at 80 MB over an hour.",
    "Windows paths went through the wrong separator. There is one function for it now, with 12 examples.",
    "The lock file was stale: it named a version that was withdrawn. I pinned the one before.",
    "Nothing calls it since March, so I removed it and its 200 lines of tests.",
)
FOLLOW_UPS: Final = (
    "go on",
    "yes, and add a test for the empty case",
    "keep the public names as they are",
    "looks good, commit it",
    "what about windows paths?",
    "how much faster is it now?",
    "then open a pull request",
)
AGENT_TASKS: Final = ("Read the hot paths", "Look for crashes", "Judge the names", "Read the tests")
PROJECTS: Final = ("api-server", "web", "ledger", "infra", "docs", "greet", "mi6_tui", "reports")
PAST_PROMPTS: Final = (
    "why does the retry loop never end?",
    "write a test for the empty cache",
    "split this module, it is too long",
    "the resolver logs too much, make it quiet",
    "update the docs to the new flag",
    "rename the column and migrate the data",
    "find the leak in the upload worker",
    "review my last three commits",
    "make the import faster",
    "explain how the scheduler picks a worker",
    "the deploy hangs at health checks, look at the logs",
    "why is the first request after a deploy slow?",
    "turn this script into a command with tests",
    "move the settings into one file",
    "which endpoints have no rate limit?",
    "write down how the resolver chooses a server",
    "compare the two parsers and keep the faster one",
    "add a dark theme to the charts",
    "the webhook is sent twice, find out why",
    "clean up the feature flags of last summer",
    "make the search find accents",
    "check that backups can be restored",
)
"""What was asked in the weeks before."""
