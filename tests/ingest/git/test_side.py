"""Sessions in real repositories: what a look writes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mi6_tui.errors import StorageError
from mi6_tui.ingest.side import Side
from mi6_tui.model import Batch, EventType, Session, SessionQuery
from mi6_tui.storage.sqlite import SqliteStorage
from tests.ingest.git.house import DAY, GITHUB, House, numbers


def test_it_is_a_side(house: House) -> None:
    side: Side = house.side
    assert side.every == 10
    assert list(side.folders()) == []


def test_a_look_fills_what_the_working_copy_says(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="issue-5", origin=GITHUB)
    linked = house.folder / "linked"
    house.git(repo, "worktree", "add", "-q", "-b", "pr/7", str(linked))
    house.tell("main", repo)
    house.tell("linked", linked)
    began = house.session("main").last_activity
    assert house.look() == 2
    main, other = house.session("main"), house.session("linked")
    assert (main.git_branch, main.git_worktree_path, numbers(main)) == ("issue-5", None, ("o/api", 5, None))
    assert (other.git_branch, numbers(other)) == ("pr/7", ("o/api", None, 7))
    assert other.git_worktree_path == house.git(linked, "rev-parse", "--show-toplevel")
    assert (main.local_git_dir, other.local_git_dir) == (house.git.dir_of(repo), house.git.dir_of(linked))
    assert main.last_activity == other.last_activity == began, "to be looked at is no sign of life"
    assert house.is_quiet()


def test_a_branch_is_followed_and_its_numbers_with_it(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="issue-5", origin=GITHUB)
    house.tell("s", repo)
    house.look()
    for branch, issue in (("6-more", 6), ("main", None), ("gh-8", 8)):
        house.git(repo, "checkout", "-qb", branch)
        assert house.look() == 1
        assert (house.session("s").git_branch, house.session("s").github_issue) == (branch, issue)
        assert house.is_quiet()
    house.git(repo, "checkout", "-q", "--detach")
    assert house.look() == 1
    assert (house.session("s").git_branch, house.session("s").github_issue) == (None, None)
    assert house.is_quiet()


def test_a_branch_is_followed_by_a_side_that_was_not_there_before(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="issue-5", origin=GITHUB)
    house.tell("s", repo)
    house.look()
    house.git(repo, "checkout", "-qb", "issue-6")
    house.side = house.new_side()
    house.look()
    assert house.session("s").github_issue == 6


def test_the_clients_word_for_a_detached_head_is_left_alone(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    house.git(repo, "checkout", "-q", "--detach")
    house.tell("s", repo, git_branch="HEAD")
    house.look()
    assert house.session("s").git_branch == "HEAD"
    assert house.is_quiet()


def test_an_unreadable_branch_says_nothing(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    (repo / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    house.tell("s", repo, git_branch="known")
    house.look()
    assert house.session("s").git_branch == "known"


def test_a_number_from_the_conversation_is_kept(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="issue-5", origin=GITHUB)
    house.tell("s", repo)
    house.shell("s", "gh issue view 77")
    house.shell("s", "gh pr create", "https://github.com/o/api/pull/9")
    house.look()
    assert numbers(house.session("s")) == ("o/api", 77, 9)
    house.git(repo, "checkout", "-qb", "pr/10")
    house.look()
    assert numbers(house.session("s")) == ("o/api", 77, 9)
    assert house.is_quiet()


def test_a_pull_request_of_a_fork_stays_where_it_is(house: House) -> None:
    repo = house.git.repo(house.folder / "r", origin="git@github.com:me/api.git")
    house.tell("s", repo)
    house.look()
    house.clock.forward(1)
    house.shell("s", "gh pr create", "https://github.com/o/api/pull/9")
    house.look()
    assert numbers(house.session("s")) == ("o/api", None, 9)
    assert house.is_quiet()


def test_a_pull_request_of_another_remote_stays_where_it_is(house: House) -> None:
    repo = house.git.repo(house.folder / "r", origin="git@github.com:me/my-fork.git")
    house.git(repo, "remote", "add", "upstream", GITHUB)
    house.tell("s", repo)
    house.shell("s", "gh pr create", "https://github.com/o/api/pull/9")
    house.look()
    assert numbers(house.session("s")) == ("o/api", None, 9)
    assert house.is_quiet()


def test_a_look_at_a_foreign_repository_does_not_move_the_session(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="issue-5", origin=GITHUB)
    house.tell("s", repo)
    house.look()
    house.clock.forward(1)
    house.shell("s", "gh pr view 4 --repo other/thing")
    house.clock.forward(1)
    house.tell("s", repo)
    house.look()
    assert numbers(house.session("s")) == ("o/api", 5, None)
    assert house.is_quiet()


def test_a_session_that_moves_to_another_repository_takes_no_number_along(house: House) -> None:
    first = house.git.repo(house.folder / "one", branch="issue-5", origin=GITHUB)
    second = house.git.repo(house.folder / "two", origin="git@github.com:someone/api.git")
    house.tell("s", first)
    house.look()
    house.clock.forward(1)
    house.shell("s", "gh pr view 4")
    house.look()
    assert numbers(house.session("s")) == ("o/api", 5, 4)
    house.clock.forward(1)
    house.move("s", second)
    house.look()
    assert numbers(house.session("s")) == ("someone/api", None, None)
    assert house.session("s").local_git_dir == house.git.dir_of(second)
    assert house.is_quiet()


def test_a_number_that_is_named_with_the_move_is_kept(house: House) -> None:
    first = house.git.repo(house.folder / "one", branch="issue-5", origin=GITHUB)
    second = house.git.repo(house.folder / "two", origin="git@github.com:p/other.git")
    house.tell("s", first)
    house.look()
    house.clock.forward(1)
    house.move("s", second)
    house.clock.forward(1)
    house.shell("s", "gh issue view 8")
    house.look()
    assert numbers(house.session("s")) == ("p/other", 8, None)


def test_out_of_a_worktree_and_into_it(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    linked = house.folder / "linked"
    house.git(repo, "worktree", "add", "-q", str(linked))
    house.tell("s", repo)
    house.look()
    house.clock.forward(1)
    house.shell("s", "git worktree add ../linked")
    house.look()
    assert house.session("s").git_worktree_path == "../linked", "it may work there by its path"
    for folder, worktree in ((linked, str(linked)), (repo, None)):
        house.clock.forward(1)
        house.move("s", folder)
        house.look()
        assert house.session("s").git_worktree_path == worktree
    assert house.is_quiet()


def test_a_later_record_is_not_fought(house: House) -> None:
    repo = house.git.repo(house.folder / "r", branch="here")
    house.tell("s", repo, git_branch="there", timestamp=house.clock() + 3_600_000)
    house.look()
    assert house.session("s").git_branch == "there"
    assert not [house.look() for _ in range(3) if house.session("s").git_branch != "there"]
    revision = house.store.revision()
    house.look()
    assert house.store.revision() == revision


@pytest.mark.parametrize(
    "fields",
    [
        {"machine_id": "elsewhere"},
        {"event_type": EventType.SESSION_END},
        {"timestamp": 1_800_000_000_000 - DAY - 1},
    ],
)
def test_sessions_it_has_no_business_with(house: House, fields: dict[str, Any]) -> None:
    house.tell("s", house.git.repo(house.folder / "r", origin=GITHUB), **fields)
    house.clock.forward(-10)
    assert house.is_quiet()
    assert house.session("s").git_branch is None


@pytest.mark.parametrize("cwd", [None, Path("/nowhere/at/all"), Path("relative")])
def test_folders_that_are_not_here(house: House, cwd: Path | None) -> None:
    house.tell("s", cwd)
    assert house.is_quiet()


def test_while_nothing_changes_no_row_is_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = house.git.repo(house.folder / "r")
    house.tell("s", repo)
    house.tell("s", None, event_type=EventType.STOP)
    for _ in range(4):
        house.look()
    asked: list[SessionQuery] = []
    read = SqliteStorage.list_sessions

    def counted(self: SqliteStorage, query: SessionQuery) -> list[Session]:
        asked.append(query)
        return read(self, query)

    monkeypatch.setattr(SqliteStorage, "list_sessions", counted)
    assert [house.look() for _ in range(3)] == [0, 0, 0]
    assert asked == []
    house.git(repo, "switch", "-qc", "issue-7")
    assert house.look() == 1
    assert house.session("s").git_branch == "issue-7"


class Failing:
    """A store whose writes fail until they are allowed."""

    def __init__(self, store: SqliteStorage) -> None:
        self.store = store
        self.works = False

    def record(self, batch: Batch) -> Sequence[int]:
        if not self.works:
            raise StorageError("the disk is full")
        return self.store.record(batch)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self.store, name)
        return method


def test_what_could_not_be_stored_is_told_again(house: House) -> None:
    repo = house.git.repo(house.folder / "r")
    house.tell("s", repo)
    failing = Failing(house.store)
    house.side = house.new_side(failing)
    for _ in range(2):
        with pytest.raises(StorageError):
            house.look()
    failing.works = True
    house.look()
    assert house.session("s").git_branch == "main"


def test_the_context_of_a_hook(house: House) -> None:
    repo = house.git.repo(house.folder / "r", origin=GITHUB)
    config = repo / ".git" / "config"
    named = config.stat().st_mtime_ns // 1_000_000
    git_dir = house.git.dir_of(repo)
    assert house.side.spool_context(str(repo), named) == (git_dir, "o/api")
    assert house.side.spool_context(str(repo), named - 1) == (git_dir, None)
    assert house.side.spool_context(str(house.folder), named) is None
    assert house.side.spool_context("/nowhere", named) is None
