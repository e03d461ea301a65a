"""How clients go on with a session, and when they must not."""

from __future__ import annotations

import pytest

from mi6_tui.actions.errors import ActionError
from mi6_tui.actions.resume import check_ended, resume_command, resume_line
from mi6_tui.ingest.live.processes import system_processes
from tests.actions.sessions import seen, session
from tests.ingest.live.living import Living, kill


@pytest.mark.parametrize(
    ("framework", "line"),
    [
        ("claude", "claude --resume 5f3a-1"),
        ("codex", "codex resume 5f3a-1"),
        ("gemini", "gemini --resume 5f3a-1"),
        ("qwen", "qwen --resume 5f3a-1"),
        ("cursor", "cursor-agent --resume=5f3a-1"),
        ("pi", "pi --session 5f3a-1"),
        ("amp", "amp threads continue 5f3a-1"),
        ("opencode", "opencode -s 5f3a-1"),
        ("copilot", "copilot --resume=5f3a-1"),
    ],
)
def test_the_words_of_each_client(framework: str, line: str) -> None:
    assert " ".join(resume_command(session(session_id="5f3a-1", framework=framework))) == line


@pytest.mark.parametrize("framework", [None, "", "nobody"])
def test_a_client_without_such_a_command(framework: str | None) -> None:
    with pytest.raises(ActionError, match="its client has no command for that"):
        resume_command(session(framework=framework))


@pytest.mark.parametrize("hostile", ["-rf", "a;b", "a b", "$(x)", "a\nb", "../x", "{id}", "x" * 200])
def test_an_id_that_is_no_word_reaches_no_command(hostile: str) -> None:
    with pytest.raises(ActionError, match="its id is none that a client gives"):
        resume_command(session(session_id=hostile))


def test_the_line_for_a_shell_goes_to_the_folder() -> None:
    assert resume_line(session(cwd="/a b/$(x)")) == "cd '/a b/$(x)' && claude --resume s"
    assert resume_line(session(cwd="/a\nrm -rf x")) == "claude --resume s"
    assert resume_line(session()) == "claude --resume s"


def test_a_session_that_runs_is_not_resumed(living: Living) -> None:
    agent = living.agent()
    processes = system_processes()
    process = processes.find(agent.pid)
    assert process is not None
    # Even if the store says that it ended: two clients would write into one transcript.
    with pytest.raises(ActionError, match=f"'s' still runs, as process {agent.pid}"):
        check_ended(session(last_ended_at=5), seen(process), processes)
    kill(agent)
    check_ended(session(last_ended_at=5), seen(process), processes)


def test_nor_is_one_that_may_run() -> None:
    with pytest.raises(ActionError, match="'s' is not known to have ended"):
        check_ended(session(), [], system_processes())
    check_ended(session(last_ended_at=5), [], system_processes())


def test_nor_is_one_of_another_machine() -> None:
    with pytest.raises(ActionError, match="another machine, far"):
        check_ended(session(machine_id="far", last_ended_at=5), [], system_processes())
