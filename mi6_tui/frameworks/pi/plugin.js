// The last words of a run, and how it ended.
function ending(messages) {
  const last = [...(messages ?? [])].reverse().find((message) => message.role === "assistant")
  const texts = (last?.content ?? []).filter((part) => part.type === "text").map((part) => part.text)
  return { stop: last?.stopReason, error: last?.errorMessage, text: texts.join("\n") }
}

const heard = {
  session_start: (event) => ({ reason: event.reason }),
  session_shutdown: (event) => ({ reason: event.reason }),
  before_agent_start: (event) => ({ prompt: event.prompt }),
  agent_start: () => ({}),
  agent_end: (event) => ending(event.messages),
  tool_execution_start: (event) => ({
    tool: event.toolName, call: event.toolCallId, command: event.args?.command, path: event.args?.path,
  }),
  tool_execution_end: (event) => ({ tool: event.toolName, call: event.toolCallId, failed: event.isError }),
  ui_prompt_start: (event) => ({ title: event.title }),
  ui_prompt_end: (_, ctx) => ({ idle: ctx.isIdle?.() }),
  session_before_compact: (event) => ({ reason: event.reason }),
}

export default function (pi) {
  for (const [name, told] of Object.entries(heard)) {
    pi.on(name, (event, ctx) => {
      try {
        const { sessionManager: session, cwd } = ctx
        const of = { session: session.getSessionId(), file: session.getSessionFile(), cwd }
        leave(name, { ...of, ...told(event, ctx) })
      } catch {}
    })
  }
}
