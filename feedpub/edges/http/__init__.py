"""HTTP: a process of its own that answers every request from memory, with uvicorn.

This is the service's side of it: `HttpServer` binds the addresses, begins the process, tells it what a
finished build made and ends it. On the other side, `__main__` takes that over and `app` answers. So a
rescan that keeps the service busy keeps no reader waiting, and no request sees half of an update.
"""

from __future__ import annotations

import json
import pickle
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeAlias

from feedpub.core.problems import ConfigError

BACKLOG = 4096  # connections that the system accepts ahead of the process: they wait for it
_PATIENCE = 60.0  # seconds that it may take to take something over, before it counts as dead
_HOLD = 5.0  # seconds that a process in the place of another waits for what it is to serve
_SEND_BUFFER = 128 * 1024  # bytes that the system takes of an answer for a slow reader
_LOST = (OSError, EOFError, ValueError, pickle.UnpicklingError)  # from one that died or hung


class Resource(NamedTuple):
    """A document as it is served.

    Where `data` is None, the HTTP process reads the file at its path below `Serving.root` itself, so
    that what a whole site weighs goes through no pipe. `modified` is the instant of its last change
    in epoch seconds, `content` the hash of its bytes, `links` the values of its Link header (H7).
    """

    data: bytes | None
    media_type: str
    modified: int
    content: str
    links: tuple[str, ...] = ()


class Moved(NamedTuple):
    """An address that is another one now (301, T6)."""

    location: str


Response: TypeAlias = Resource | Moved | HTTPStatus
"""What there is to answer with at an address: a document, where it is now, that it is no more (GONE,
T6), or nothing just now (SERVICE_UNAVAILABLE, H6)."""


class Update(NamedTuple):
    """What to answer with from now on, by path below out/, and the paths that are gone.

    A `whole` update holds everything there is, others only what has changed: a process that began
    in between must not take a part for the whole.
    """

    changed: Mapping[str, Response]
    removed: Collection[str] = ()
    whole: bool = True


class Health(NamedTuple):
    """How the service is: why it is not ready, until when (`time.monotonic`) that holds, figures.

    Without a reason it is ready, whichever feeds are `quiet`: a line for each.
    """

    reason: str
    fresh_until: float
    metrics: bytes
    quiet: tuple[str, ...] = ()


class Serving(NamedTuple):
    """How requests are answered.

    `admin` is the address of /healthz, /readyz and /metrics, where they have their own; `prefix`
    the path of the site's address, with and without which targets are understood; `memory` the
    bytes of bodies to hold; `root` the folder of the documents; `access_log` the form of a line an answer
    on stderr, `text` or `json`, '' for none. What is `private` is for browsers of this machine alone
    that know the prefix. There may be so many `connections`, fewer where there are fewer descriptors.
    The rest is in seconds: `head` for the head of a request to arrive, `pause` until the next request
    begins, or the reader has taken some more of a long answer.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    admin: tuple[str, int] | None = None
    max_age: int = 900
    shared_max_age: int = 60
    stale_if_error: int = 86_400
    trusted_proxies: tuple[str, ...] = ()
    memory: int = 256_000_000
    root: str = ""
    prefix: str = "/"
    access_log: str = ""
    connections: int = 16_384
    head: float = 10.0
    pause: float = 60.0
    private: bool = False

    @property
    def cache_control(self) -> str:
        """The value of Cache-Control: for how long answers may be kept (H4)."""
        stale = f"stale-if-error={self.stale_if_error}"
        return f"public, max-age={self.max_age}, s-maxage={self.shared_max_age}, {stale}"


class HttpServer:
    """The HTTP process of one service. Any thread may call its methods.

    When it has died, what it is told is lost without an error; another one can take its place.
    `sockets` are those that it listens on, `health` is what the service last told of itself, None
    before.
    """

    def __init__(self, serving: Serving, instead: HttpServer | None = None) -> None:
        """Bind the addresses and start the process; it answers 503 until something whole is published.

        With `instead` it takes over the addresses and the health of another server, which is to be
        stopped then, and lets connections wait a few seconds for something whole.
        Raises `ConfigError` when an address is in use, not ours or not allowed.
        """
        self._lock = Lock()
        self.serving = serving
        self.sockets: list[socket.socket] = []
        given = dict(zip(_places(instead.serving), instead.sockets, strict=True)) if instead else {}
        try:
            for place in _places(serving):
                self.sockets.append(given[place].dup() if place in given else _bind(*place))
        except ConfigError:
            self._close_sockets()
            raise
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(each.fileno() for each in self.sockets)]
        with ours, theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "feedpub.edges.http", *map(str, descriptors)],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                # Where this very feedpub is found, whatever the working directory holds.
                cwd=Path(__file__).parents[3],
            )
            ours.settimeout(_PATIENCE)
            self._link = ours.makefile("rwb")
        self.health: Health | None = instead.health if instead else None
        with suppress(*_LOST):
            self._send((serving, _HOLD if instead else 0.0, self.health))

    @property
    def url(self) -> str:
        """The address that is listened on, with the port that was found for port 0."""
        host, port = self.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def publish(self, update: Update) -> frozenset[str]:
        """Serve an update, from one request to the next, and return when it is so.

        Returns the paths whose file is no longer the expected one: there, the answer is the old one.
        """
        return frozenset(self._ask(update))

    def tell(self, health: Health) -> dict[str, int]:
        """Say how the service is; return by which hosts feeds were asked for lately, how often."""
        self.health = health
        return dict(self._ask(health))

    def is_alive(self) -> bool:
        """Say whether the process runs."""
        return self._process.poll() is None

    def stop(self, grace: float) -> None:
        """End it: answers that were begun have so many seconds to be read."""
        with self._lock:
            with suppress(*_LOST):
                self._send(grace)
            self._close_sockets()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace + 1)
            self._kill()

    def _ask(self, message: Update | Health) -> Any:
        """Tell it, wait until it was taken over, and return what it answers; nothing when it died."""
        with self._lock:
            try:
                self._send(message)
                return pickle.load(self._link)  # noqa: S301 - our own process
            except _LOST:
                self._kill()
                return ()

    def _send(self, message: Any) -> None:
        pickle.dump(message, self._link, pickle.HIGHEST_PROTOCOL)
        self._link.flush()

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(*_LOST):  # what was not sent, nobody takes
            self._link.close()

    def _close_sockets(self) -> None:
        for each in self.sockets:
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
        raise ConfigError([f"server: cannot listen on {host} port {port}: {reason}"]) from error
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    return server


def json_line(at: float, level: str, message: str, figures: Mapping[str, object]) -> str:
    """Return a line about what was at that instant (epoch seconds) as one JSON object.

    `figures` are keys of its own beside `time`, `level` and `message`, or in their place.
    """
    instant = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    told = {"time": f"{instant[:-6]}Z", "level": level, "message": message, **figures}
    return json.dumps(told, ensure_ascii=False)
