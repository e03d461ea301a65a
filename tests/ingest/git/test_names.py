"""What URLs and branch names tell, and what they do not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mi6_tui.ingest.git.names import Numbers, github_repo, numbers_of


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:Owner/my.repo.git",
        "git@github.com:Owner/my.repo",
        "git@github.com:/Owner/my.repo.git/",
        "github.com:Owner/my.repo",
        "git@github-work:Owner/my.repo.git",
        "ssh://git@github.com/Owner/my.repo.git",
        "ssh://git@ssh.github.com:443/Owner/my.repo.git",
        "ssh://github.com:22/Owner/my.repo",
        "git+ssh://git@github.com/Owner/my.repo",
        "git://github.com/Owner/my.repo.git",
        "https://github.com/Owner/my.repo",
        "https://github.com/Owner/my.repo.git/",
        "http://www.github.com/Owner/my.repo",
        "HTTPS://GitHub.com/Owner/my.repo",
        "https://user@github.com/Owner/my.repo",
        "https://x-access-token:ghp_abc@github.com/Owner/my.repo.git",
        "https://user:p@ss:w@github.com:443/Owner/my.repo",
        "https://github.example.com/Owner/my.repo",
        "  https://github.com/Owner/my.repo\n",
    ],
)
def test_repositories(url: str) -> None:
    assert github_repo(url) == "Owner/my.repo"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/github/owner/repo",
        "../owner/repo",
        "github.com/owner/repo",
        "file:///github.com/owner/repo",
        "C:/github/owner/repo",
        "https://gitlab.com/owner/repo",
        "https://git.example.com/github/repo",
        "https://example.com/github.com/owner/repo",
        "https://github.com@example.com/owner/repo",
        "git@example.com:github/repo.git",
        "https://github.com/owner",
        "https://github.com/owner/repo/tree/main",
        "https://github.com/owner/repo?token=x",
        "https://github.com/owner/repo#x",
        "https://github.com/owner/..",
        "https://github.com/../repo",
        "https://github.com/owner/%2e%2e",
        "https://github.com/owner/rep o",
        "https://github.com/owner/\x1b[31m",
        "https://github.com/ghp_token@owner/repo",
        "https://user:to/ken@github.com/owner/repo",
        "https://gist.github.com/owner/0123456789abcdef",
        "https://github.com/owner/" + "x" * 101,
        "https://github.com/ö/repo",
        "https://" + "github" * 1_000 + "/owner/repo",
    ],
)
def test_no_repository_on_github(url: str) -> None:
    assert github_repo(url) is None


@given(st.text(max_size=60) | st.from_regex(r"(https?|ssh)://[^\n]{0,40}github[^\n]{0,40}", fullmatch=True))
def test_any_url_gives_a_repository_or_none(url: str) -> None:
    repo = github_repo(url)
    assert repo is None or (re.fullmatch(r"[A-Za-z0-9][\w-]*/[\w.-]+", repo, re.ASCII) and repo in url)


PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=30)


@given(PASSWORDS, PASSWORDS)
def test_a_password_stays_inside(user: str, password: str) -> None:
    assert github_repo(f"https://{user}:{password}@github.com/o/r.git") in ("o/r", None)


@pytest.mark.parametrize(
    ("branch", "issue", "pr"),
    [
        ("issue-123", 123, None),
        ("issue/123", 123, None),
        ("issues/123", 123, None),
        ("issue_123", 123, None),
        ("issue123", 123, None),
        ("Issue-123-crash-on-start", 123, None),
        ("fix-issue-123", 123, None),
        ("alice/fix/issue-123-x", 123, None),
        ("claude/issue-123-20260102-1304", 123, None),
        ("issue-5-größe", 5, None),
        ("gh-45", 45, None),
        ("GH-45", 45, None),
        ("feature/GH-45-colours", 45, None),
        ("fix-gh-45", 45, None),
        ("123-fix-x", 123, None),
        ("7-größe", 7, None),
        ("fix/123-x", 123, None),
        ("feature/9-dark-mode", 9, None),
        ("pr/45", None, 45),
        ("pr-45", None, 45),
        ("pull/45/head", None, 45),
        ("pull/45/merge", None, 45),
        ("alice/pr-45-rebased", None, 45),
        ("claude/pr-45-20260102", None, 45),
        ("gh-readonly-queue/main/pr-45-0123456789abcdef", None, 45),
        ("pr/45-issue-7", 7, 45),
        ("issue-7-and-issue-7", 7, None),
    ],
)
def test_branches_named_after_a_number(branch: str, issue: int | None, pr: int | None) -> None:
    assert numbers_of(branch) == Numbers(issue, pr)


@pytest.mark.parametrize(
    "branch",
    [
        None,
        "",
        "main",
        "123",
        "v1.2.3",
        "v2",
        "2.0",
        "1.2-fixes",
        "release-2.0",
        "release/10-beta",
        "release/2.0",
        "2024-01-02-notes",
        "2024-roadmap",
        "fix/2024-01-02-x",
        "issue-2024-01-02",
        "issue-1-2",
        "node-20",
        "node-20-upgrade",
        "python3-12",
        "fix-login-123",
        "user/123-x",
        "tissue-5",
        "high-5",
        "pr-2.0",
        "spr-5",
        "pr-2nd-try",
        "issue-007",
        "issue-12345678",
        "gh-pages",
        "gh/alice/45/head",
        "3d-view",
        "2-factor-login",
        "64-bit",
        "404-page",
        "500-errors",
        "1-click",
        "2-0-fixes",
        "issue-1-issue-2",
        "123-x-issue-45",
        "dependabot/npm_and_yarn/issue-parser-7",
        "dependabot/pip/gh-45",
        "renovate/issue-5",
        "revert-45-issue-7",
        "backport/issue-7",
        "PROJ-123-x",
        "issue-１２",
        "issue-1" + "x" * 2_000,
    ],
)
def test_branches_about_nothing(branch: str | None) -> None:
    assert numbers_of(branch) == Numbers()


PARTS = st.sampled_from(["issue", "gh", "pr", "pull", "fix", "-", "/", "_", "7", "0", "45", ".", "x", "2026"])


@given(st.text(max_size=40) | st.lists(PARTS, max_size=12).map("".join))
def test_a_number_stands_in_the_name(branch: str) -> None:
    for number in numbers_of(branch):
        assert number is None or (0 < number < 10**7 and re.search(rf"(?<!\d){number}(?!\d)", branch))
