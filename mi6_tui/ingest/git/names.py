"""What the names in a git repository tell: the repository on GitHub, issue and pull request of a branch.

Both are read so that a doubt gives nothing: a wrong number is worse than none.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_LONGEST: Final = 1024
"""Characters of a URL or of a branch's name; longer ones tell nothing."""

_OWNER_AND_NAME: Final = r"/*(?P<owner>[A-Za-z0-9][\w-]{0,63})/(?P<name>[\w.-]{1,100}?)(?:\.git)?/*"
_URLS: Final = tuple(
    re.compile(host_and_path + _OWNER_AND_NAME, re.ASCII)
    for host_and_path in (
        r"(?i:https?|ssh|git|git\+ssh|ssh\+git)://(?:[^/]*@)?(?P<host>[^/:@]+)(?::\d*)?/",
        r"(?:[^/:@]*@)?(?P<host>[^/:@]+):",
    )
)


def github_repo(url: str) -> str | None:
    """`owner/name` of a remote's URL if its host is GitHub, or one that says so in its name.

    Nothing else of the URL is ever returned: it may hold a password.
    """
    for form in _URLS:
        match = form.fullmatch(url.strip()) if len(url) <= _LONGEST else None
        if match and _is_github(match["host"].lower()) and match["name"] not in (".", ".."):
            return f"{match['owner']}/{match['name']}"
    return None


def _is_github(host: str) -> bool:
    return "github" in host and not host.startswith("gist.")


class Numbers(NamedTuple):
    """What a branch is about; None where its name does not say."""

    issue: int | None = None
    pr: int | None = None


_NUMBER: Final = r"([1-9]\d{0,6})(?![\d.]|[-_]\d{1,4}(?![\da-z]))"
"""Neither part of a version nor of a date; a longer run of digits behind it is a time stamp."""

# In each row all that match must agree. A name that matches `_NOBODY` is about none.
_RULES: Final = (
    # pull/45/head, pr/45, pr-45-fix, claude/pr-45-20260102
    ("pr", re.compile(rf"(?:^|/)(?:pull|pr)[-_/]{_NUMBER}(?![a-z])", re.ASCII)),
    # issue-123, issues/123, fix-issue-123-crash, claude/issue-123-20260102
    ("issue", re.compile(rf"(?:^|[-_/])issues?[-_/]?{_NUMBER}(?![a-z])", re.ASCII)),
    # gh-45, feature/GH-45-colours
    ("issue", re.compile(rf"(?:^|[-_/])gh[-_]{_NUMBER}(?![a-z])", re.ASCII)),
    # 123-fix-x, fix/123-x; but no year, and nothing that is counted, as 2-factor-login
    (
        "issue",
        re.compile(
            rf"^(?:(?:bug|bugfix|chore|docs|feat|feature|features|fix|hotfix|perf|refactor|task|test)/)?"
            rf"(?!(?:19|20)\d\d-|40[0-9]-|50[0-9]-){_NUMBER}-(?=[a-z])"
            rf"(?!(?:bits?|bytes?|clicks?|cols?|columns?|days?|errors?|factors?|gb|hours?|kb|lines?|mb|minutes?"
            rf"|ms|nd|pages?|percent|phases?|px|rd|seconds?|st|steps?|th|times?|ways?|weeks?|years?)(?![a-z]))",
            re.ASCII,
        ),
    ),
)
_NOBODY: Final = re.compile(r"(?:dependabot|renovate|snyk|release-please|backport|revert|cherry-pick)[-_/]")


def numbers_of(branch: str | None) -> Numbers:
    """Issue and pull request that a branch is named after."""
    name = (branch or "").lower()
    if len(name) > _LONGEST or _NOBODY.match(name):
        return Numbers()
    found: dict[str, set[int]] = {"issue": set(), "pr": set()}
    for kind, rule in _RULES:
        found[kind].update(int(digits) for digits in rule.findall(name))
    return Numbers(**{kind: numbers.pop() for kind, numbers in found.items() if len(numbers) == 1})
