import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.judge.github import GithubContext, context_of_command

NOTHING = GithubContext()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("", NOTHING),
        ("ls", NOTHING),
        ("cd /tmp && ls", NOTHING),
        ("git checkout 42", NOTHING),
        ("gh pr list", NOTHING),
        ("gh issue view 42", GithubContext(issue=42)),
        ("gh issue view #42", GithubContext(issue=42)),
        ("cd x && gh pr view 301", GithubContext(pr=301)),
        ("gh pr checks 1; gh issue close 2", GithubContext(pr=1, issue=2)),
        ("gh pr diff 1\ngh pr merge 2", GithubContext(pr=2)),
        ("gh pr edit 7 --repo o/r", GithubContext(pr=7, repo="o/r")),
        ("gh issue comment 7 --body x --repo=o/r.js", GithubContext(issue=7, repo="o/r.js")),
        ("gh issue reopen 7", GithubContext(issue=7)),
        ("gh issue view 2147483647", GithubContext(issue=2**31 - 1)),
        ("gh issue view 2147483648", NOTHING),
        (f"gh issue view {'9' * 5_000}", NOTHING),
        ("gh pr create --title t --body 'Closes #5, fixes #6'", GithubContext(issue=5)),
        ('gh pr create --body="resolved #8"', GithubContext(issue=8)),
        ("gh pr create --body 'see #5'", NOTHING),
        ("echo 'closes #5'", NOTHING),
        ("git worktree add ../wt branch", GithubContext(worktree="../wt")),
        ("git worktree add -f '/a/b' branch", GithubContext(worktree="/a/b")),
        ("git worktree add --force /a", GithubContext(worktree="/a")),
        ("git worktree list", NOTHING),
    ],
)
def test_commands(command: str, expected: GithubContext) -> None:
    assert context_of_command(command) == expected


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("gh pr create", "https://github.com/o/r/pull/9\n", GithubContext(repo="o/r", pr=9)),
        ("gh issue create", "see https://github.com/o/r/issues/4", GithubContext(repo="o/r", issue=4)),
        (
            "gh pr create",
            "https://github.com/o/r/issues/1 https://github.com/p/q/pull/2",
            GithubContext(repo="p/q", issue=1, pr=2),
        ),
        ("gh pr list", "https://github.com/o/r/pull/9", NOTHING),
        ("gh pr create", "https://example.com/o/r/pull/9", NOTHING),
        ("gh pr view 3", "additions:\t12\ndeletions: 5", GithubContext(pr=3, additions=12, deletions=5)),
        ("gh pr diff 3", "additions: 12", GithubContext(pr=3)),
    ],
)
def test_commands_with_their_output(command: str, output: str, expected: GithubContext) -> None:
    assert context_of_command(command, output) == expected


WORDS = st.sampled_from(
    [
        "gh",
        "pr",
        "issue",
        "view",
        "create",
        "--body",
        "'",
        '"',
        "closes",
        "#1",
        "&&",
        "git worktree add",
        "--repo",
        "o/r",
        "7",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS | st.text(max_size=5), max_size=20).map(" ".join), st.text(max_size=40))
def test_it_never_raises(command: str, output: str) -> None:
    context_of_command(command, output)
