const wanted = new Set(["EVENTS"])
const latest = new Map()
const roots = new Map() // of a session that another one started: the one that a person started

// A status that says again what it said last is no news.
function isNews(event) {
  if (event.type !== "session.status") return true
  const { sessionID, status } = event.properties
  if (status.type !== "retry" && latest.get(sessionID) === status.type) return false
  if (latest.size > 1000) latest.clear()
  latest.set(sessionID, status.type)
  return true
}

export const Mi6Tui = async () => ({
  event: async ({ event }) => {
    try {
      const started = event.type === "session.created" ? event.properties.info : undefined
      if (started?.parentID) roots.set(started.id, roots.get(started.parentID) ?? started.parentID)
      const root = roots.get(event.properties?.sessionID)
      if (wanted.has(event.type) && isNews(event)) leave(event.type, { ...event, root })
    } catch {}
  },
})
