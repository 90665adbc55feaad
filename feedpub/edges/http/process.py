"""The service's side of the HTTP process: its addresses, its beginning and end, what it is told."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from contextlib import suppress
from io import BufferedRWPair
from pathlib import Path
from threading import Lock
from typing import Any

from feedpub.edges.http import Health, Serving, Update

BACKLOG = 4096
"""How many connections the system takes before the process does: what waits for a new one."""
_PATIENCE = 60.0
"""Seconds that an update may take to be taken over; the process is taken for dead then."""
_HOLD = 5.0
"""Seconds that a process in the place of another waits for what it is to serve."""
_SEND_BUFFER = 128 * 1024
"""Bytes that the system takes of an answer: a slow reader costs no more, and is seen to read."""


class ListenError(Exception):
    """An address that cannot be listened on; the text says which and why."""


class HttpServer:
    """The HTTP process of one service. Any thread may call its methods.

    `health` is what the service last told of itself, None before.
    """

    def __init__(self, serving: Serving, instead: HttpServer | None = None) -> None:
        """Bind the addresses, or take over those of the server that this one is `instead` of.

        Raises `ListenError` when an address is in use, not ours or not allowed.
        """
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._link: BufferedRWPair | None = None
        self._serving = serving
        self._hold = _HOLD if instead else 0.0
        self.health: Health | None = instead.health if instead else None
        self._sockets: list[socket.socket] = []
        given = instead.listening if instead else {}
        try:
            for place in _places(serving):
                self._sockets.append(given[place].dup() if place in given else _bind(*place))
        except ListenError:
            self._close_sockets()
            raise

    @property
    def listening(self) -> dict[tuple[str, int], socket.socket]:
        """The sockets that are listened on, by host and port as they were asked for."""
        return dict(zip(_places(self._serving), self._sockets, strict=True))

    @property
    def url(self) -> str:
        """The address that is listened on, with the port that was found for port 0."""
        host, port = self._sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def start(self) -> None:
        """Start the process; it answers 503 until something whole is published.

        In the place of another it first lets connections wait for that, a few seconds at most, and
        says of the service's health what that one said.
        """
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(s.fileno() for s in self._sockets)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "feedpub.edges.http", *map(str, descriptors)],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                # Where this very feedpub is found, whatever the working directory holds.
                cwd=Path(__file__).parents[3],
            )
        ours.settimeout(_PATIENCE)
        self._socket, self._link = ours, ours.makefile("rwb")
        self._send((self._serving, self._hold, self.health))

    def publish(self, update: Update) -> frozenset[str]:
        """Serve an update, from one request to the next.

        Returns when it is so, or when the process has died; then everything must be published
        again after `restart`. What is returned are the paths of which a `Stored` file is another
        one by now: there, all is as it was.
        """
        with self._lock:
            return self._ask(update)

    def tell(self, health: Health) -> None:
        """Say how the service is; /readyz and /metrics are answered by it."""
        with self._lock:
            self.health = health
            self._ask(health)

    def is_alive(self) -> bool:
        """Say whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Start a new process in the place of one that died; connections wait meanwhile."""
        with self._lock:
            self._kill()
            self._hold = _HOLD
            self.start()

    def stop(self, grace: float) -> None:
        """End it: answers that were begun have so many seconds to be read."""
        with self._lock:
            self._send(grace)
            self._close_sockets()
            if self._process:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(grace + 1)
            self._kill()

    def _send(self, message: Any) -> None:
        if self._link is None:
            return
        try:
            pickle.dump(message, self._link, pickle.HIGHEST_PROTOCOL)
            self._link.flush()
        except OSError:
            self._kill()

    def _ask(self, message: Update | Health) -> frozenset[str]:
        """Tell it, and wait until it was taken over; return what of it could not be."""
        self._send(message)
        if self._link is not None:
            try:
                missed: frozenset[str] = pickle.load(self._link)  # noqa: S301 - our own process
                return missed
            except (OSError, EOFError, pickle.UnpicklingError):
                self._kill()
        return frozenset()

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        if self._socket and self._link:
            self._socket.close()
            with suppress(OSError):  # what was not sent, nobody takes
                self._link.close()
        self._socket = self._link = None

    def _close_sockets(self) -> None:
        for each in self._sockets:
            each.close()


def _places(serving: Serving) -> list[tuple[str, int]]:
    own = (serving.host, serving.port)
    return [own, serving.admin] if serving.admin else [own]


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        server = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or "the address is unusable"
        raise ListenError(f"cannot listen on {host} port {port}: {reason}") from error
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    return server
