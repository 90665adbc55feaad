"""The HTTP process: uvicorn serves what the service tells of, and ends when that ends."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import resource
import signal
import socket
import sys
import time
from collections import deque
from contextlib import nullcontext, suppress
from functools import partial
from io import BufferedRWPair
from typing import Any, cast

import httptools
import uvicorn
import uvloop
from prometheus_client import disable_created_metrics
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from feedpub.edges.http import BACKLOG, Health, Update
from feedpub.edges.http.answers import private, refusal
from feedpub.edges.http.app import MOST_HEAD_BYTES, App, Site

_REFUSALS = 32  # connections over the limit that are told so; more are closed without a word
_MOST_WAITING = 1000  # requests of a connection that wait for answers before theirs (pipelining)
_SPARE = 64 + _REFUSALS  # descriptors for everything that is no connection
_ON_ITS_WAY = 1.0  # seconds in which a request comes of who connected just before the end
_LINGER = 2.0  # seconds that a client has to read that it was refused
_LOOK = 0.02  # seconds between two looks at what is waited for


class Connection(HttpToolsProtocol):
    """One connection of uvicorn, with the bounds that uvicorn does not have.

    They are on the bytes and the time of a head, on the requests that wait for their turn, on the
    time in which a reader must take more of an answer, and on the number of connections. uvicorn's
    timer, which is for idle connections, serves all of them: when it ends, the connection does.
    """

    _in_head = _asked = _refused = False
    _received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection; one over the limit is refused when it asks (H6)."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._cycles: deque[RequestResponseCycle] = deque()  # those not answered whole yet
        app = cast("App", self.app)
        self._site, self._limits = app.site, app.site.serving
        self._allow(self._limits.head)
        over = len(self.connections) - self._limits.connections
        if over > 0:
            self._site.refused.inc()
            self.app = partial(app, is_over=True)
        if over > _REFUSALS:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        for cycle in self._cycles:  # uvicorn tells only the last, which then waits for the others
            cycle.disconnected = True
        self.pipeline.clear()
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Read requests. After a refusal, it is read only so that the refusal arrives."""
        if self._refused:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # it is answered in this protocol
        except httptools.HttpParserError:
            self._refuse(400)
        if len(self.pipeline) > _MOST_WAITING:
            self.transport.abort()
        # The parser keeps what it has of a field, however long.
        if self._in_head:
            self._received += len(data)
            if self._received > MOST_HEAD_BYTES:
                self._refuse(431 if self.headers else 414)

    def eof_received(self) -> bool:  # type: ignore[override]  # which says nothing, and closes
        """Answer what was asked before the client closed its side; close then."""
        super().shutdown()
        return True

    def on_message_begin(self) -> None:
        """Begin a request: its head must arrive soon."""
        super().on_message_begin()
        self._in_head, self._received = True, 0
        self._allow(self._limits.head)

    def on_headers_complete(self) -> None:
        """Have a request answered."""
        self._in_head = False
        super().on_headers_complete()
        self._cycles.append(self.cycle)
        self._asked = True
        self._allow(self._limits.pause)

    def resume_writing(self) -> None:
        """Go on with an answer of which the reader took some."""
        super().resume_writing()
        self._allow(self._limits.pause)

    def on_response_complete(self) -> None:
        """Wait for the next request, and until what was written is read."""
        self._cycles.popleft()
        super().on_response_complete()
        self._allow(self._limits.pause)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that takes too long: with a word if it owes us a request."""
        if self._in_head and not self._cycles:
            self._refuse(408)
        else:
            self.transport.abort()

    def shutdown(self) -> None:
        """End it when all is answered; who has only connected surely means to ask."""
        if self._asked:
            super().shutdown()
        else:
            self.loop.call_later(_ON_ITS_WAY, super().shutdown)

    def _allow(self, seconds: float) -> None:
        self._unset_keepalive_if_required()
        if not self._refused:
            wait = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
            self.timeout_keep_alive_task = wait

    def _refuse(self, status: int) -> None:
        """Answer what is no request, and close; after an answer that is not read yet, only close."""
        self._in_head = False
        if self._cycles:
            self._refused, self.cycle.keep_alive = True, False
            return
        answer = private(refusal(status)) if self._limits.private else refusal(status)
        fields = [*self.server_state.default_headers, *answer.fields]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + bytes(answer.body))
        scope: dict[str, Any] = {"method": "", "raw_path": b"", "client": self.client}
        self._site.count(answer, scope, {})
        # First only our side: what the client still sends would otherwise make its system throw the
        # answer away before it was read (RFC 9112 §9.6).
        self.transport.write_eof()
        self._allow(_LINGER)
        self._refused = True


def _server(site: Site, state: ServerState, *, public: bool) -> uvicorn.Server:
    """Return what serves one address; all share the `state`."""
    server = uvicorn.Server(
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
    server.server_state = state
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]  # they are the service's
    return server


def main() -> None:
    """Serve until the service says stop or is gone."""
    # A terminal or a manager sends them to all.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # the access log tells of bad requests
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library forgot it
    link, *listening = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(link, listening))


async def _serve(link: socket.socket, listening: list[socket.socket]) -> None:
    file = link.makefile("rwb")
    serving, hold, health = pickle.load(file)  # noqa: S301 - from the service itself
    state = ServerState()
    site = Site(serving._replace(connections=_room(serving.connections)), state.connections)
    site.health = health or site.health
    ended = asyncio.create_task(asyncio.to_thread(_take_updates, file, site))
    servers = [_server(site, state, public=n == 0) for n in range(len(listening))]
    try:
        # In the place of another process, connections wait a while until there is something to serve.
        until = time.monotonic() + hold
        while not (site.addresses.filled or ended.done()) and time.monotonic() < until:
            await asyncio.sleep(_LOOK)  # a thread that waited would keep this process after its end
        async with asyncio.TaskGroup() as running:
            serve = [
                running.create_task(server.serve([each]))
                for server, each in zip(servers, listening, strict=True)
            ]
            grace = await ended
            for server in servers:
                server.should_exit = True
            _, late = await asyncio.wait(serve, timeout=grace)
            if late:  # who reads too slowly has had the time that there was
                os._exit(0)
    finally:
        with suppress(OSError):  # the service is gone already
            link.shutdown(socket.SHUT_RDWR)  # ends the thread, whatever happened


def _room(connections: int) -> int:
    """Return for how many connections there are descriptors, `connections` at most."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    room = connections if most == resource.RLIM_INFINITY else max(16, most - _SPARE)
    return min(connections, room)


def _take_updates(file: BufferedRWPair, site: Site) -> float:
    """Take what the service tells, in a thread of its own: no request waits meanwhile.

    Returns, when it says stop or is gone, the seconds that answers then have to be read.
    """
    with suppress(OSError, EOFError, pickle.UnpicklingError):
        while isinstance(message := pickle.load(file), Update | Health):  # noqa: S301 - as above
            told: object = dict(site.hosts)
            if isinstance(message, Health):
                site.health = message
            else:
                told = site.addresses.take_over(message)
            pickle.dump(told, file)
            file.flush()
        return float(message)
    return 0.0


main()
