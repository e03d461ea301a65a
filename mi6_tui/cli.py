"""The command line: one parser, one border where every error becomes one line and an exit code."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

from mi6_tui import __version__, start
from mi6_tui.errors import DONE, FAILED, INTERRUPTED, Mi6Error, StorageError, UsageError

PROGRAM: Final = "mi6-tui"

COMMANDS: Final = {
    "scan": "read what is new in the transcripts",
    "sessions": "list sessions, those that need you first",
    "session": "show one session",
    "next": "tell which session most needs you, or go to it",
    "events": "list what happened, or follow it",
    "search": "find prompts, replies and commands by their words",
    "stats": "add up requests, tokens and dollars by day, model, project, ...",
    "explain": "show the evidence behind a session's numbers",
    "verify": "count the transcripts again, another way, and compare",
    "enable": "let the clients tell at once what they do, by hooks in their settings",
    "disable": "take those hooks out of the clients' settings again",
    "ingest": "record what one hook of a client tells, from stdin",
    "status": "say where the store is and how fresh it is",
    "doctor": "check whether everything works, and say what to do where it does not",
    "sql": "ask the store one question in SQL, reading only",
    "schema": "print the JSON Schema of what a command prints with --json",
    "push": "forward what this machine recorded to a store that many machines share",
    "fleet": "set up and look after a store that many machines share",
    "remote": "read the transcripts of other machines as well, over ssh",
    "gc": "delete old events; totals stay",
    "forget": "delete all that is stored of one session, for good",
    "serve": "show the dashboard in a browser",
    "demo": "show the dashboard with an invented fleet that lives",
    "replay": "play a recorded store again, on a clock",
    "bench": "measure what the program costs on this machine",
}
"""Each command and its help; its module in `mi6_tui.commands` declares its arguments and runs it."""

ALIASES: Final = {"events": ("watch",)}
_BARE: Final = "dashboard"
_SHARING: Final = (_BARE, "sessions", "session", "next", "events", "stats", "demo", "serve")
"""Commands that can hide what `--share` hides."""


_PASSWORD: Final = re.compile(r"(\w://[^\s:/@']*:)[^\s']*@")
"""A database's URL may stand in the wrong place; what is said about that ends in a log or on a screen."""


class _Parser(argparse.ArgumentParser):
    """Reports bad usage as an error of ours; knows no abbreviated options."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        message = _PASSWORD.sub(r"\1...@", message)
        unknown = re.search(r"argument COMMAND: invalid choice: '([^']*)'", message)
        if unknown:
            raise UsageError(f"no command is called {unknown[1]!r}", _nearest_command(unknown[1]))
        raise UsageError(message, f"see {self.prog} --help")


class _Command:
    """Stands for the parser of a command, which is made when the command is chosen, and only then."""

    command = ""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what follows the command's name."""
        module = _command(self.command)
        parser = _Parser(**self._settings)
        module.configure(parser)
        _add_store(parser, default=argparse.SUPPRESS)
        parser.set_defaults(run=module.run, called=self.command)
        return parser.parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog=PROGRAM,
        description="Who needs you, and what your coding agents do. Without a command: the dashboard.",
        epilog=f"{PROGRAM} COMMAND --help says more about a command.",
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_store(top, default=None)
    top.add_argument(
        "--read-only",
        action="store_true",
        help="the dashboard changes nothing outside: no marks, settings or signals, nothing opened or copied",
    )
    top.add_argument(
        "--share",
        action="store_true",
        help="for screens that others see: no prompts, names, paths, ids and costs; nothing is changed",
    )
    # All that is asked of a parser_class is that it parses.
    parser_class: Any = _Command
    commands = top.add_subparsers(metavar="COMMAND", title="commands", parser_class=parser_class)
    for name, text in COMMANDS.items():
        command = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", aliases=ALIASES.get(name, ())
        )
        command.command = name
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (default: the process's); the exit code."""
    try:
        try:
            return _run(argv)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except StorageError as error:
        _say(str(error), withheld=True)  # it may name a host or a user, too
        return error.exit_code
    except Mi6Error as error:
        _say(str(error))
        return error.exit_code
    except OSError as error:
        _let_go_of_stdout()
        _say(_log(error, f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)))
        return FAILED
    except Exception as error:
        _say(_log(error, f"{type(error).__name__}: {error}"))
        return FAILED


def _run(argv: Sequence[str] | None) -> int:
    words = sys.argv[1:] if argv is None else argv
    for word in words:
        if not _is_text(word):
            raise UsageError(f"the argument {word!r} is not valid UTF-8")
    args = parser().parse_args(words)
    if args.share and (called := getattr(args, "called", _BARE)) not in _SHARING:
        others = ", ".join(name for name in _SHARING if name != _BARE)
        raise UsageError(f"`{called}` shows what --share hides", f"the dashboard, {others} can be shared")
    if args.share:
        from mi6_tui.report import out

        out.share()
    run = getattr(args, "run", None) or _command(_BARE).run
    if argv is None:
        start.keep_what_is_loaded()
    return int(run(args))


def _command(name: str) -> Any:
    """The module of a command."""
    start.import_msgspec()
    return import_module(f"mi6_tui.commands.{name}")


def _is_text(word: str) -> bool:
    # Python keeps other bytes as lone surrogates, which neither the store nor JSON can hold.
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _add_store(target: argparse.ArgumentParser, default: str | None) -> None:
    # Given before or after the command: a command's own default would undo what stood before it.
    target.add_argument(
        "--db",
        metavar="PATH|URL",
        default=default,
        help="the store to use, a file or postgresql://..., instead of MI6_TUI_DB",
    )


def _nearest_command(word: str) -> str:
    from difflib import get_close_matches

    names = [*COMMANDS, *(alias for aliases in ALIASES.values() for alias in aliases)]
    near = get_close_matches(word, names, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"


def _say(text: str, *, withheld: bool = False) -> None:
    """Narrate; what is to be `withheld` from others is, while they look on."""
    from mi6_tui.report import out

    out.note(out.WITHHELD if withheld and out.is_shared() else text)


def _log(error: BaseException, text: str) -> str:
    """Write the traceback to the log; `text` with where to find it."""
    from mi6_tui.log import logger
    from mi6_tui.paths import paths

    logger().error(text, exc_info=error)
    return f"{text}; the log is in {paths().logs}"


def _let_go_of_stdout() -> None:
    from mi6_tui.report.out import let_go

    let_go(sys.stdout)
