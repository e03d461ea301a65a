"""Where a session works: folder, branch, repository, issue and pull request."""

from __future__ import annotations

from typing import Any

import msgspec

from mi6_tui.model import EventType, GitBranchInfo, SessionQuery
from mi6_tui.storage.conformance.base import NOW, Group, make_event, session_of
from mi6_tui.storage.protocol import Storage


def _shell(command: str, output: str = "", **fields: Any) -> Any:
    payload = msgspec.json.encode({"command": command}).decode()
    metadata = msgspec.json.encode({"output": output}).decode()
    return make_event(
        event_type=EventType.POST_TOOL_USE, tool_name="Bash", payload=payload, metadata=metadata, **fields
    )


class PlaceConformance(Group):
    """The update_... and upsert_... methods, and what shell commands tell."""

    def test_git_info_of_an_unknown_session(self, storage: Storage) -> None:
        assert storage.update_session_git_info("s", GitBranchInfo(branch="b")) is False
        assert storage.list_sessions(SessionQuery()) == []

    def test_git_info_overwrites_the_branch_and_fills_the_rest(self, storage: Storage) -> None:
        storage.insert(make_event(git_branch="old", timestamp=NOW + 50))
        storage.insert(make_event(machine_id="other"))
        assert storage.update_session_git_info("s", GitBranchInfo(branch="b", pr_number=1, issue_number=2))
        assert storage.update_session_git_info("s", GitBranchInfo(branch=""))
        for machine_id in ("m", "other"):
            session = storage.get_session_by_key(machine_id, "s")
            assert session is not None
            assert (session.git_branch, session.github_pr, session.github_issue) == ("", 1, 2)
        assert session_of(storage).last_activity == NOW + 50

    def test_a_pull_request_with_the_issues_number_is_no_issue(self, storage: Storage) -> None:
        storage.insert(make_event())
        storage.update_session_git_info("s", GitBranchInfo(branch="b", issue_number=9))
        storage.update_session_git_info("s", GitBranchInfo(branch="b", pr_number=9))
        assert (session_of(storage).github_pr, session_of(storage).github_issue) == (9, None)

    def test_the_repository_is_filled_once(self, storage: Storage) -> None:
        assert storage.update_session_github_repo("s", "o/r") is False
        storage.insert(make_event())
        assert storage.update_session_github_repo("s", "o/r") is True
        assert storage.update_session_github_repo("s", "o/other") is True
        assert session_of(storage).github_repo == "o/r"

    def test_git_context_creates_the_session(self, storage: Storage) -> None:
        storage.upsert_session_git_context("s", "m", "claude", NOW, "/p/.git", "o/r")
        session = session_of(storage)
        assert (session.framework, session.first_started_at, session.last_activity) == ("claude", NOW, NOW)
        assert (session.local_git_dir, session.github_repo, session.n_hook_events) == ("/p/.git", "o/r", 0)

    def test_an_empty_git_context_is_nothing(self, storage: Storage) -> None:
        storage.upsert_session_git_context("s", "m", "claude", NOW, None, None)
        assert storage.list_sessions(SessionQuery()) == []

    def test_git_context_keeps_what_it_does_not_give(self, storage: Storage) -> None:
        storage.upsert_session_git_context("s", "m", "claude", NOW, "/p/.git", "o/r")
        storage.upsert_session_git_context("s", "m", "codex", NOW + 5, "/q/.git", None)
        session = session_of(storage)
        assert (session.framework, session.local_git_dir, session.github_repo) == ("claude", "/q/.git", "o/r")
        assert session.last_activity == NOW + 5
        storage.upsert_session_git_context("s", "m", "claude", NOW + 4, "/old/.git", None)
        assert session_of(storage).last_activity == NOW + 5

    def test_another_repository_clears_issue_and_pull_request(self, storage: Storage) -> None:
        storage.upsert_session_git_context("s", "m", "claude", NOW, None, "o/r")
        storage.insert(_shell("gh issue view 3 && gh pr view 4", timestamp=NOW + 1))
        storage.upsert_session_git_context("s", "m", "claude", NOW + 2, None, "o/r")
        assert (session_of(storage).github_issue, session_of(storage).github_pr) == (3, 4)
        storage.upsert_session_git_context("s", "m", "claude", NOW + 3, None, "o/other")
        session = session_of(storage)
        assert (session.github_repo, session.github_issue, session.github_pr) == ("o/other", None, None)
        storage.insert(_shell("gh issue view 5", timestamp=NOW + 4))
        assert session_of(storage).github_issue == 5

    def test_an_issue_seen_before_its_repository_stays(self, storage: Storage) -> None:
        storage.insert(_shell("gh issue view 3"))
        storage.upsert_session_git_context("s", "m", "claude", NOW + 1, None, "o/r")
        assert session_of(storage).github_issue == 3

    def test_the_transcripts_path_is_filled_once(self, storage: Storage) -> None:
        assert storage.update_session_transcript_path("m", "s", "/t") is False
        storage.insert(make_event())
        assert storage.update_session_transcript_path("other", "s", "/t") is False
        assert storage.update_session_transcript_path("m", "s", "/t") is True
        assert storage.update_session_transcript_path("m", "s", "/u") is True
        assert session_of(storage).transcript_path == "/t"

    def test_what_commands_and_their_output_tell(self, storage: Storage) -> None:
        storage.insert(
            _shell("gh pr create --title x --body 'Fixes #42'", "https://github.com/o/r/pull/301\n")
        )
        session = session_of(storage)
        assert (session.github_repo, session.github_issue, session.github_pr) == ("o/r", 42, 301)
        storage.insert(_shell("gh pr view 301", "additions:\t12\ndeletions:\t3", timestamp=NOW + 1))
        session = session_of(storage)
        assert (session.git_additions, session.git_deletions) == (12, 3)

    def test_only_a_shells_result_on_the_main_chain_tells(self, storage: Storage) -> None:
        storage.insert(_shell("gh issue view 1", is_sidechain=True))
        storage.insert(_shell("gh issue view 2").with_(tool_name="Read"))
        storage.insert(_shell("gh issue view 3").with_(event_type=EventType.PRE_TOOL_USE))
        assert session_of(storage).github_issue is None
