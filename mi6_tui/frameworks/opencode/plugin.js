// mi6=opencode: tells mi6-tui what the sessions of this client do; `mi6-tui disable opencode` removes it.
// It runs inside the client: whatever goes wrong is swallowed, and nothing is waited for.
import { appendFileSync, readdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const spool = "SPOOL"
const wanted = new Set(["EVENTS"])
const places = [
  "TMUX", "TMUX_PANE", "TERM_PROGRAM", "KITTY_WINDOW_ID", "WEZTERM_PANE",
  "ZELLIJ_SESSION_NAME", "ZELLIJ_PANE_ID", "STY",
]
const most = 10000 // files, as the others keep to
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

function trailer(type) {
  const fields = { framework: "opencode", event: type, ppid: process.pid }
  for (const name of places) if (process.env[name]) fields[name] = process.env[name]
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`.replace(/[\x00-\x1f\x7f]/g, ""))
  return ["mi6-hook 1", ...words].join("\t")
}

// A spool that nobody reads does not grow for ever. Looked at rarely.
let calls = 0
let full = false
function hasRoom() {
  if (calls++ % 64 === 0) full = readdirSync(spool).length > most
  if (full) appendFileSync(join(spool, ".dropped"), "1\n", { mode: 0o600 })
  return !full
}

function leave(event) {
  const name = `opencode-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2, 12)}`
  const unfinished = join(spool, `.${name}`)
  writeFileSync(unfinished, `${JSON.stringify(event)}\n${trailer(event.type)}\n`, { flag: "wx", mode: 0o600 })
  renameSync(unfinished, join(spool, name))
}

export const Mi6Tui = async () => ({
  event: async ({ event }) => {
    try {
      const started = event.type === "session.created" ? event.properties.info : undefined
      if (started?.parentID) roots.set(started.id, roots.get(started.parentID) ?? started.parentID)
      const root = roots.get(event.properties?.sessionID)
      if (wanted.has(event.type) && isNews(event) && hasRoom()) leave({ ...event, root })
    } catch {}
  },
})
