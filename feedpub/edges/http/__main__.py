"""The HTTP process: it takes updates from the service, and ends when that ends."""

from __future__ import annotations

import asyncio
import logging
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BufferedRWPair

import uvicorn
import uvloop
from prometheus_client import disable_created_metrics
from uvicorn.server import ServerState

from feedpub.edges.http import Health, Limits, Update
from feedpub.edges.http.app import App, Site
from feedpub.edges.http.process import BACKLOG
from feedpub.edges.http.protocol import Connection

_SPARE = 64
"""Descriptors for everything that is no connection."""
_LOOK = 0.02
"""Seconds between two looks at what is waited for."""
_SWITCH = 0.0005
"""Seconds that a request may wait for the thread that takes updates."""


class _Server(uvicorn.Server):
    """Serves one address."""

    def __init__(self, site: Site, state: ServerState, *, public: bool) -> None:
        super().__init__(
            uvicorn.Config(
                App(site, public=public),
                http=Connection,
                ws="none",
                lifespan="off",
                interface="asgi3",
                backlog=BACKLOG,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
            )
        )
        self.server_state = state

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the service, which tells us."""
        yield


def main() -> None:
    """Serve until the service says stop or is gone."""
    # A terminal or a manager sends them to all.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # of bad requests the access log tells
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library forgot it
    link, *listening = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(link, listening))


async def _serve(link: socket.socket, listening: list[socket.socket]) -> None:
    file = link.makefile("rwb")
    serving, hold, health = pickle.load(file)  # noqa: S301 - from the service itself
    site = Site(serving, _bounded(serving.limits))
    site.health = health or site.health
    try:
        ended = asyncio.create_task(asyncio.to_thread(_take_updates, file, site))
        await _first(site, ended, hold)
        state = ServerState()
        servers = [_Server(site, state, public=n == 0) for n in range(len(listening))]
        running = [
            asyncio.create_task(server.serve([each]))
            for server, each in zip(servers, listening, strict=True)
        ]
        sweeping = asyncio.create_task(_sweep(site))
        await asyncio.wait({ended, *running}, return_when=asyncio.FIRST_COMPLETED)
        for server in servers:
            server.should_exit = True
        await _drain(site, running, ended.result() if ended.done() else 0.0)
        sweeping.cancel()
    finally:
        with suppress(OSError):  # the service is gone already
            link.shutdown(socket.SHUT_RDWR)  # ends the thread, whatever happened


def _bounded(limits: Limits) -> Limits:
    """Return the limits with no more connections than there are descriptors for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = _SPARE + limits.refusals
    wanted = limits.connections + spare
    wanted = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return replace(limits, connections=min(limits.connections, max(16, soft - spare)))


def _take_updates(file: BufferedRWPair, site: Site) -> float:
    """Take what the service tells, in a thread of its own: no request waits meanwhile.

    Returns, when it says stop or is gone, the seconds that answers then have to be read.
    """
    with suppress(OSError, EOFError, pickle.UnpicklingError):
        while isinstance(message := pickle.load(file), Update | Health):  # noqa: S301 - as above
            missed: frozenset[str] = frozenset()
            if isinstance(message, Health):
                site.health = message
            else:
                missed = site.addresses.take_over(message)
            pickle.dump(missed, file)
            file.flush()
        return float(message)
    return 0.0


async def _first(site: Site, ended: asyncio.Task[float], seconds: float) -> None:
    """Wait until there is something to serve, or nothing will be, but not longer than `seconds`."""
    end = asyncio.get_running_loop().time() + seconds
    while not (site.addresses.filled or ended.done() or asyncio.get_running_loop().time() > end):
        await asyncio.sleep(_LOOK)


async def _sweep(site: Site) -> None:
    """Close the connections whose time is over."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(site.limits.sweep)
        now = loop.time()
        for connection in [c for c in site.connections if c.deadline < now]:
            connection.expire()


async def _drain(site: Site, running: list[asyncio.Task[None]], grace: float) -> None:
    """Give what is being answered some seconds; uvicorn closes what is idle."""
    _, left = await asyncio.wait(running, timeout=grace)
    while left:
        for connection in list(site.connections):
            connection.transport.abort()
        _, left = await asyncio.wait(left, timeout=_LOOK)
    await asyncio.gather(*running)


main()
