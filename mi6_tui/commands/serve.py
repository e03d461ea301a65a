"""`serve`: the dashboard in a browser."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final

from mi6_tui.commands import arguments
from mi6_tui.errors import Mi6Error, UsageError
from mi6_tui.paths import is_database
from mi6_tui.report import out
from mi6_tui.web.gate import Gate, is_loopback

if TYPE_CHECKING:
    from mi6_tui.web.site import Site

_PORT: Final = 8006
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE: Final = 8.0
"""Seconds that the dashboards may take to end."""


class ServeError(Mi6Error):
    """Nothing can be served."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--port",
        metavar="N",
        type=arguments.natural,
        default=_PORT,
        help=f"where to listen (default: {_PORT}; 0: any that is free)",
    )
    parser.add_argument(
        "--host",
        metavar="H",
        default="127.0.0.1",
        help="one address or name of this machine (default: 127.0.0.1, which only this machine reaches)",
    )
    parser.add_argument(
        "--allow-actions",
        action="store_true",
        help="not read-only: whoever has the page may do all that the dashboard can, such as ending an agent",
    )
    parser.add_argument(
        "--share",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show no prompts, names, paths, ids and costs",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; the exit code says which."""
    for name in ("share", "read_only"):
        if args.allow_actions and getattr(args, name):
            raise UsageError(
                f"--allow-actions and --{name.replace('_', '-')} exclude each other", "choose one"
            )
    try:
        from mi6_tui.web.site import Site, scripts  # late: they may not be there

        scripts()
    except ModuleNotFoundError as error:
        raise ServeError(f"{error.name} is missing", "pip install 'mi6-tui[web]'") from error
    listener = _listener(args.host, args.port)
    gate = Gate(args.host, listener.getsockname()[1])
    site = Site(gate, _command(args), entered=_tell_entered)
    if not is_loopback(args.host):
        out.note("there is no TLS: whoever can listen to the network between sees and does what the page can")
    return 128 + asyncio.run(_serve(site, listener, gate.link))


def _command(args: argparse.Namespace) -> list[str]:
    # Nothing that lies in the folder where this was started is a module of ours.
    command = [sys.executable, "-P", "-m", "mi6_tui"]
    if args.db is not None and is_database(args.db):
        # Every user of the machine sees what stands in a command line, and a URL may hold a password.
        os.environ["MI6_TUI_DB"] = args.db
    elif args.db is not None:
        command += ["--db", args.db]
    if not args.allow_actions:
        command.append("--read-only")
    if args.share:
        command.append("--share")
    return command


def _listener(host: str, port: int) -> socket.socket:
    try:
        everywhere = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        everywhere = not host
    if everywhere:
        raise UsageError(
            f"{host or 'an empty --host'} is no single address", "name the one that the browser will be given"
        )
    try:
        family = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        raise ServeError(
            f"cannot listen on port {port} of {host}: {_why(error)}", "see --host and --port"
        ) from error


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        # Python adds the address to what the system says, which stands there already.
        named = isinstance(error, socket.gaierror) or error.errno is None
        return str((error.strerror if named else os.strerror(error.errno or 0)) or error).lower()
    return str(error).lower()


def _tell_entered(place: str) -> None:
    out.note(f"a browser at {place} used the link; it opens nothing any more")


async def _serve(site: Site, listener: socket.socket, link: str) -> int:
    """The signal that ended it."""
    from aiohttp import web

    from mi6_tui.log import logger

    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(number: int) -> None:
        # Asked a second time it ends at once; dashboards whose server is gone end by themselves.
        for one in _ENDINGS:
            loop.remove_signal_handler(one)
        ended.set_result(number)

    for number in _ENDINGS:
        loop.add_signal_handler(number, end, number)
    runner = web.AppRunner(site.application(), access_log=None, logger=logger(), shutdown_timeout=_PATIENCE)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        out.lines([link])
        return await ended
    finally:
        await runner.cleanup()
