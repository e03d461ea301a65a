// The last words of a turn.
function lastWords(messages) {
  const last = [...(messages ?? [])].reverse().find((message) => message.role === "assistant")
  const content = Array.isArray(last?.content) ? last.content : []
  return content.filter((part) => part.type === "text").map((part) => part.text).join("\n")
}

const heard = {
  "session.start": () => ({}),
  "agent.start": (event) => ({ prompt: event.message }),
  "tool.result": (event) => ({
    tool: event.tool, call: event.toolUseID, status: event.status,
    command: event.input?.cmd ?? event.input?.command, path: event.input?.path,
  }),
  "agent.end": (event) => ({ status: event.status, text: lastWords(event.messages) }),
}

export default function (amp) {
  for (const [name, told] of Object.entries(heard)) {
    amp.on(name, (event) => {
      try {
        const thread = event.thread?.id
        if (thread) leave(name, { thread, cwd: process.cwd(), ...told(event) })
      } catch {}
      return name === "agent.start" ? {} : undefined
    })
  }
}
