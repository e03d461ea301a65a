# shellcheck shell=sh
# Puts the call of a hook, which comes on standard input, into a file of the spool folder, and is silent
# about it whatever happens. Sourced by the line in a client's settings, which sets
#
#     mi6        the client's name
#     mi6_event  the event's name, where the payload does not tell it
#     mi6_spool  the spool folder
#
# and exits with 0 afterwards. The format of the file: see file.py. `cat` is the one process that is
# started here, for an agent may wait until it has ended.

mi6_most_files=10000
mi6_most_kib=131072
mi6_newline='
'

# The process that called: not a shell in between.
mi6_caller() {
  mi6_pid=$PPID
  [ -r "/proc/$PPID/stat" ] || return 0
  read -r mi6_stat <"/proc/$PPID/stat" || return 0
  case $mi6_stat in
    *' (sh) '* | *' (dash) '* | *' (bash) '* | *' (zsh) '* | *' (ash) '* | *' (busybox) '* | *' (ksh) '*)
      mi6_stat=${mi6_stat##*) }
      mi6_stat=${mi6_stat#* }
      mi6_pid=${mi6_stat%% *}
      ;;
  esac
}

mi6_trailer() {
  printf '\nmi6-hook 1\tframework=%s\tevent=%s\tppid=%s' "${mi6-}" "${mi6_event-}" "$mi6_pid"
  mi6_values="${CLAUDE_PID-}${CLAUDE_CODE_SESSION_ATTENDED-}${CLAUDE_CODE_ENTRYPOINT-}${TMUX-}${TMUX_PANE-}"
  mi6_values="$mi6_values${TERM_PROGRAM-}${KITTY_WINDOW_ID-}${WEZTERM_PANE-}${ZELLIJ_SESSION_NAME-}"
  mi6_values="$mi6_values${ZELLIJ_PANE_ID-}${STY-}"
  case $mi6_values in
    *"$mi6_newline"*) ;;
    *)
      printf '\tCLAUDE_PID=%s\tCLAUDE_CODE_SESSION_ATTENDED=%s\tCLAUDE_CODE_ENTRYPOINT=%s' \
        "${CLAUDE_PID-}" "${CLAUDE_CODE_SESSION_ATTENDED-}" "${CLAUDE_CODE_ENTRYPOINT-}"
      printf '\tTMUX=%s\tTMUX_PANE=%s\tTERM_PROGRAM=%s\tKITTY_WINDOW_ID=%s\tWEZTERM_PANE=%s' \
        "${TMUX-}" "${TMUX_PANE-}" "${TERM_PROGRAM-}" "${KITTY_WINDOW_ID-}" "${WEZTERM_PANE-}"
      printf '\tZELLIJ_SESSION_NAME=%s\tZELLIJ_PANE_ID=%s\tSTY=%s' \
        "${ZELLIJ_SESSION_NAME-}" "${ZELLIJ_PANE_ID-}" "${STY-}"
      ;;
  esac
  printf '\n'
}

# Fails if the payload is not safely in a file of its own. Under `set -C` a file that exists is never opened;
# one that is no regular file would be, so it is looked for first.
mi6_keep() {
  case ${mi6_spool-} in
    /*) ;;
    *) return 1 ;;
  esac
  for mi6_name in "$$" "$$-1" "$$-2" "$$-3" "$$-4" "$$-5" "$$-6" "$$-7"; do
    mi6_file=$mi6_spool/$mi6_name
    if [ -e "$mi6_file" ] || [ -h "$mi6_file" ]; then
      continue
    fi
    mi6_open=
    { mi6_open=1 && command cat && mi6_trailer; } >"$mi6_file" && return 0
    if [ "$mi6_open" ]; then
      rm -f "$mi6_file"
      return 1
    fi
  done
  return 1
}

# Removes the oldest quarter of a spool that nobody empties, and notes how many files that were.
mi6_bound() {
  set -- "$mi6_spool"/*
  mi6_kib=$(du -sk "$mi6_spool")
  [ $# -gt "$mi6_most_files" ] || [ "${mi6_kib%%[!0-9]*}" -gt "$mi6_most_kib" ] || return 0
  mi6_removed=$(
    command ls -t "$mi6_spool" | tail -n +"$(($# * 3 / 4 + 1))" | while IFS= read -r mi6_name; do
      rm "$mi6_spool/$mi6_name" && echo
    done | wc -l
  )
  set +C # zsh would not begin a file by `>>`
  echo "$mi6_removed" >>"$mi6_spool/.dropped"
}

{
  set +e +u
  set -C
  umask 077
  PATH=${PATH:+$PATH:}/usr/bin:/bin # some callers have none
  mi6_caller
  # What cannot be kept is read all the same: the client must not write into a closed pipe.
  mi6_keep || command cat >/dev/null
  # Rarely: a look costs the agent a fork, and the machine some time in the background.
  if [ "$(($$ % 64))" -eq 0 ]; then
    mi6_bound </dev/null &
  fi
} >/dev/null 2>&1
