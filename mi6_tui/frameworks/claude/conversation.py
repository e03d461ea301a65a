"""What the records of a conversation mean: replies, prompts, tool calls, the client's own notes."""

from __future__ import annotations

from mi6_tui.frameworks.claude import tools, usage, user
from mi6_tui.frameworks.claude.lines import Line
from mi6_tui.frameworks.claude.records import (
    Block,
    CompactMetadata,
    ErrorDetail,
    Message,
    Result,
    text_or_blocks,
)
from mi6_tui.frameworks.claude.state import Tool
from mi6_tui.frameworks.records import count, read, value
from mi6_tui.frameworks.text import clean, compact_json, one_line, printed
from mi6_tui.model import EventType

_SYNTHETIC = "<synthetic>"


def assistant(line: Line) -> None:
    """One content block of a reply, or a text the client made up in its place."""
    record = line.record
    message = read(Message, record.message)
    if message is None:
        return
    content = text_or_blocks(message.content)
    blocks = [Block(type="text", text=content)] if isinstance(content, str) else content
    text = clean("\n".join(block.text for block in blocks if block.type == "text" and block.text))
    word = value(record.error)
    if record.is_api_error_message or isinstance(word, str):
        kind = one_line(word, 100) if isinstance(word, str) else "error"
        line.emit(EventType.API_ERROR, f"error:{line.identity}", outcome=kind, preview=text or None)
    if message.model == _SYNTHETIC:
        return
    if message.id or message.model:
        _request(line, message)
    if text and not record.is_api_error_message:
        line.emit(
            EventType.ASSISTANT_MESSAGE,
            f"text:{line.identity}",
            outcome=message.stop_reason,
            model=message.model,
            preview=text,
        )
    for index, block in enumerate(blocks):
        if block.type == "tool_use":
            _tool_call(line, block, index)


def _request(line: Line, message: Message) -> None:
    record = line.record
    name = f"{message.id}:{record.request_id}" if record.request_id else message.id
    key = name if message.id and name else line.identity
    numbers = usage.tokens(message.usage, message.stop_reason)
    line.emit(
        EventType.API_REQUEST,
        f"req:{key}",
        twin_key=f"claude:msg:{message.id}" if message.id else None,
        version=usage.version(numbers["tokens_output"], record.api_block_index, line.offset),
        model=message.model,
        outcome=message.stop_reason,
        **numbers,
    )
    before = line.state.model
    if message.model and not line.sidechain:
        if before not in (None, message.model):
            line.emit(
                EventType.MODEL_CHANGE,
                f"model:{key}",
                model=message.model,
                preview=clean(f"{before} -> {message.model}"),
            )
        line.state.model = message.model


def _tool_call(line: Line, block: Block, index: int) -> None:
    tool_id = block.id or f"{line.identity}.{index}"
    fields = tools.input_fields(block.input)
    preview = tools.summary(fields, block.input)
    command = fields.get("command") if block.name == "Bash" else None
    agent_type = fields.get("subagent_type") if block.name in tools.SPAWNING else None
    tool = Tool(
        name=block.name,
        command=clean(command) if isinstance(command, str) else None,
        subagent_type=one_line(agent_type, 100) if isinstance(agent_type, str) else None,
    )
    line.state.open_tool(tool_id, tool)
    line.emit(
        EventType.PRE_TOOL_USE,
        f"tool:{tool_id}:pre",
        tool_use_id=block.id,
        tool_name=tool.name,
        subagent_type=tool.subagent_type,
        payload=compact_json(command=tool.command) if tool.command else None,
        preview=preview,
    )
    if tool.name in tools.SPAWNING:
        line.emit(
            EventType.SUBAGENT_START,
            f"agent:{tool_id}:start",
            tool_use_id=tool_id,
            tool_name=tool.name,
            subagent_type=tool.subagent_type,
            preview=preview,
        )


def person(line: Line) -> None:
    """A `user` record: tool results, a prompt, an interruption, the end of a background task."""
    record = line.record
    message = read(Message, record.message)
    if message is None:
        return
    content = text_or_blocks(message.content)
    results = [] if isinstance(content, str) else [b for b in content if b.type == "tool_result"]
    text = user.text_of(content)
    kind = user.classify(record, text, sidechain=line.sidechain)
    result = tools.result_of(record) if len(results) == 1 else Result()
    for index, block in enumerate(results):
        _tool_result(line, block, result, index)
    if kind == "interrupt" or record.tool_denial_kind == "interrupted":
        shown = text or (tools.result_text(results[0].content) if results else "")
        line.emit(EventType.INTERRUPT, f"interrupt:{line.identity}", preview=clean(shown) or None)
    elif kind == "notification":
        ends_told(line, text)
    elif kind == "prompt" and not results:
        line.emit(EventType.USER_PROMPT_SUBMIT, f"prompt:{line.identity}", payload=compact_json(prompt=text))


def _tool_result(line: Line, block: Block, result: Result, index: int) -> None:
    record = line.record
    tool_id = block.tool_use_id or f"{line.identity}.{index}"
    tool = line.state.tools.pop(tool_id, None) or Tool()
    outcome = tools.outcome(record, result, block.is_error)
    text = tools.result_text(block.content)
    stdout = value(result.stdout) if tool.command else None
    line.emit(
        EventType.POST_TOOL_USE,
        f"tool:{tool_id}:post",
        # A client that goes on after a crash or a fork makes up an interruption: a real end is worth more.
        version="0" if outcome == "interrupted" else "1",
        tool_use_id=block.tool_use_id,
        tool_name=tool.name,
        subagent_type=tool.subagent_type,
        spawned_agent_id=result.agent_id,
        duration_ms=tools.duration(result),
        outcome=outcome,
        payload=compact_json(command=tool.command) if tool.command else None,
        metadata=printed(tool.command, stdout if isinstance(stdout, str) else text),
        preview=clean(text, tools.RESULT_LIMIT) or None,
    )
    spawned = tool.name in tools.SPAWNING or (result.status == "completed" and result.agent_id)
    if spawned and outcome != "background" and line.state.end_agent(tool_id):
        line.emit(
            EventType.SUBAGENT_STOP,
            f"agent:{tool_id}:stop",
            tool_use_id=tool_id,
            spawned_agent_id=result.agent_id,
            subagent_type=tool.subagent_type,
            duration_ms=tools.duration(result),
            outcome=result.status or outcome,
        )


def ends_told(line: Line, text: str) -> None:
    """The subagents whose end a `<task-notification>` tells; each is told once a file."""
    for told in user.notifications(text):
        if line.state.end_agent(told.tool_use_id):
            line.emit(
                EventType.SUBAGENT_STOP,
                f"agent:{told.tool_use_id}:stop",
                tool_use_id=told.tool_use_id,
                spawned_agent_id=told.task_id,
                duration_ms=told.duration_ms,
                outcome=told.status,
                preview=clean(told.summary) if told.summary else None,
            )


def retry(line: Line) -> None:
    """A request failed and is tried again."""
    error = value(line.record.error)
    detail = read(ErrorDetail, line.record.error)
    text = error if isinstance(error, str) else (detail and (detail.formatted or detail.message)) or ""
    line.emit(EventType.API_ERROR, f"error:{line.identity}", outcome="retrying", preview=clean(text) or None)


def turn_end(line: Line) -> None:
    """A turn ended."""
    line.emit(EventType.STOP, f"stop:{line.identity}", duration_ms=count(line.record.duration_ms))


def compaction(line: Line) -> None:
    """The conversation so far was replaced by a summary."""
    data = read(CompactMetadata, line.record.compact_metadata) or CompactMetadata()
    before, after = count(data.pre_tokens), count(data.post_tokens)
    line.emit(
        EventType.COMPACTION,
        f"compaction:{line.identity}",
        outcome=data.trigger,
        context_size=after,
        preview=None if before is None or after is None else f"{before} -> {after} tokens",
    )
