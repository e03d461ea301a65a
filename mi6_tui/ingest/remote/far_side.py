"""What runs on the other machine: a loop of a POSIX shell that answers questions about files.

It is sent along with each connection and ends with it. It only reads: no file is made or changed, not
even a temporary one, and what it starts ends before its answer does.

A question is a line, its words separated by a space. An answer is any bytes and then a line with the
connection's token, a colon and a word, so that no file can look like the end of an answer.
"""

from __future__ import annotations

from typing import Final

DEPTH: Final = 8
"""Folders below a root; no client keeps transcripts deeper."""
UNIT: Final = 4096
"""Bytes; reading begins at a multiple of it."""
SUFFIXES: Final = (".jsonl", ".json", ".jsonl.zst")
"""What the names of transcripts end in that can be read piece by piece."""

_TOKEN: Final = "@TOKEN@"  # noqa: S105
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-")

# A name is asked for with `.` behind it, which then is taken off: a shell drops newlines at the end.
# `//` before a record, and `/./` behind a root, stand in no path that `find` makes.
_PROGRAM: Final = r"""
LC_ALL=C; TZ=UTC0; export LC_ALL TZ
number() { case $1 in ''|*[!0-9.]*) return 1;; esac; }
if number "$(stat -c %.9Y / 2>/dev/null)"; then kind=stat; how=-c; form='//%d %i %s %.9Y %n'
elif number "$(stat -c %Y / 2>/dev/null)"; then kind=stat; how=-c; form='//%d %i %s %Y %n'
elif number "$(stat -f %Fm / 2>/dev/null)"; then kind=stat; how=-f; form='//%d %i %z %Fm %N'
else kind=ls
fi
look() {
  if [ $kind = stat ]; then stat $how "$form" "$1"; else ls -lnid "$1"; fi
}
list() {
  [ $# = 0 ] && return
  if [ $kind = stat ]; then set -- "$@" @WHICH@ -exec stat $how "$form" {} +
  else set -- "$@" @WHICH@ -exec ls -lnid {} +
  fi
  find "$@"
}
given() { f=$(printf '%b.' "$1"); f=${f%.}; }
end() { printf '\n@TOKEN@:%s\n' "$1"; }
last=
exec 3<&0 </dev/null 2>/dev/null
while IFS=' ' read -r verb a b c <&3; do
  case $verb in
  hello) printf '%s' $kind; end ok;;
  node) uname -n; end ok;;
  variable) eval "printf '%s' \"\${$a-}\""; end ok;;
  folder) given "$a"; if (cd "$f" && pwd -P); then end ok; else end gone; fi;;
  root) given "$a"; set -- "$@" "$f/."; end ok;;
  list)
    date +%Y-%m-%dT%H:%M:%S
    now=$(list "$@"; printf .)
    if [ "$now" = "$last" ]; then end same; else last=$now; printf '%s' "$now"; end ok; fi;;
  read)
    given "$c"
    if [ -f "$f" ] && [ ! -L "$f" ]; then
      if dd if="$f" bs=@UNIT@ skip="$a" count="$b"; then word=ok; else word=failed; fi
      printf '\n@TOKEN@='; look "$f"; end $word
    else end gone
    fi;;
  *) end what;;
  esac
done
"""


def program(token: str) -> bytes:
    """The loop; its answers end with `token`."""
    names = " -o ".join(f"-name '*{suffix}'" for suffix in SUFFIXES)
    deeper = "'*/./" + "/".join("*" * DEPTH) + "'"
    which = rf"-path {deeper} -prune -o -type f \( {names} \)"
    text = _PROGRAM.replace("@WHICH@", which).replace("@UNIT@", str(UNIT)).replace(_TOKEN, token)
    return text.encode()


def command(size: int) -> str:
    """The command that makes a login shell of any kind run a program of `size` bytes from stdin."""
    return f"exec sh -c 'eval \"$(dd bs=1 count={size} 2>/dev/null)\"'"


def quoted(path: str) -> str:
    """A path as a word of a question."""
    return "".join(
        chr(byte) if byte in _PLAIN else f"\\0{byte:03o}" for byte in path.encode(errors="surrogateescape")
    )
