# shellcheck shell=sh
# Keeps what a client tells its status line, on standard input, and leaves all of it to the user's own command,
# which follows in the same shell. Sourced by the beginning of the line in a client's settings, which sets
#
#     mi6         the client's name
#     mi6_status  the folder for it: a file for each session, in which its latest word replaces the one before
#
# Nothing is printed. What cannot be kept is passed on all the same. `tee` is the one process that is waited
# for here, for somebody waits for the line.

mi6_most_files=200

# The new file gets its name when it is whole, and while it is open already. The session's name is looked for
# at the beginning of the text itself, where a quote inside of a value has a backslash before it.
mi6_keep() {
  mi6_session=$(printf %.1000s "$mi6_told")
  mi6_session=${mi6_session#*'"session_id":"'}
  mi6_session=${mi6_session%%'"'*}
  case $mi6_session in
    '' | *[!0-9A-Za-z_-]*) mi6_session=$PPID ;;
  esac
  [ ${#mi6_session} -le 100 ] || mi6_session=$PPID
  command mv -f "$mi6_new" "$mi6_status/${mi6-}.$mi6_session" || command rm -f "$mi6_new"
  set -- "$mi6_status"/*
  # So many are there only where nobody reads them.
  [ $# -le "$mi6_most_files" ] || command rm -f "$@"
}

mi6_status=${mi6_status-}
# Where nothing can be read, bash would let `tee` wait for its own words.
if [ -d "$mi6_status" ] && { true 3<&0; } 2>/dev/null; then
  mi6_new=$mi6_status/.$$
  mi6_path=${PATH:+$PATH:}/usr/bin:/bin # some callers have none
  if mi6_told=$(
    exec 2>/dev/null
    umask 077
    PATH=$mi6_path
    [ ! -h "$mi6_new" ] && command tee "$mi6_new"
  ) && [ -r "$mi6_new" ]; then
    exec <"$mi6_new"
    { PATH=$mi6_path && mi6_keep; } </dev/null >/dev/null 2>&1 &
  elif [ "$mi6_told" ]; then
    # It was read, but there is no room for it.
    exec <<mi6_end
$mi6_told
mi6_end
  fi
fi
unset -f mi6_keep
unset mi6 mi6_status mi6_new mi6_path mi6_told mi6_most_files
