// It runs inside the client: whatever goes wrong is swallowed, and nothing is waited for.
import { appendFileSync, readdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const spool = "SPOOL"
const places = [
  "TMUX", "TMUX_PANE", "TERM_PROGRAM", "KITTY_WINDOW_ID", "WEZTERM_PANE",
  "ZELLIJ_SESSION_NAME", "ZELLIJ_PANE_ID", "STY",
]
const mostFiles = 10000 // as the others keep to
const mostText = 4000 // of one text; what says more stands in the transcript

function trailer(event) {
  const fields = { framework: "NAME", event, ppid: process.pid }
  for (const name of places) if (process.env[name]) fields[name] = process.env[name]
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`.replace(/[\x00-\x1f\x7f]/g, ""))
  return ["mi6-hook 1", ...words].join("\t")
}

// A spool that nobody reads does not grow for ever. Looked at rarely.
let calls = 0
let full = false
function hasRoom() {
  if (calls++ % 64 === 0) full = readdirSync(spool).length > mostFiles
  if (full) appendFileSync(join(spool, ".dropped"), "1\n", { mode: 0o600 })
  return !full
}

function short(_, value) {
  return typeof value === "string" ? value.slice(0, mostText) : value
}

function leave(event, payload) {
  try {
    if (!hasRoom()) return
    const name = `NAME-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2, 12)}`
    const unfinished = join(spool, `.${name}`)
    const text = JSON.stringify(payload, short)
    writeFileSync(unfinished, `${text}\n${trailer(event)}\n`, { flag: "wx", mode: 0o600 })
    renameSync(unfinished, join(spool, name))
  } catch {}
}
