"""The HTTP front: a process of its own that answers every request from memory.

The service is on this side: it binds the addresses, starts the front, hands it what a finished build
made, and ends it. On the other side, `child` takes the news and `connections` answers. So a rescan
that keeps this process busy keeps no reader waiting, and no request sees half of an update.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any, NamedTuple, TypeAlias

BACKLOG = 4096
"""How many connections the system takes before the front does: what waits for a new process."""
_PATIENCE = 60.0
"""Seconds that the front may take to take over an update; it is taken for dead then."""
_HOLD = 5.0
"""Seconds that a process in the place of another waits for what it is to serve."""
_SEND_BUFFER = 128 * 1024
"""Bytes that the system takes of an answer: a slow reader costs no more, and is seen to read."""


class Stored(NamedTuple):
    """Bytes that are in a file below `Serving.root`, and how it looked when it was written.

    The front takes them from there itself, so that what a whole site weighs goes through no pipe.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int


class Resource(NamedTuple):
    """A document as it is served.

    `modified` is the instant of its last change in epoch seconds, `content` the hash of its bytes,
    `links` the values of its Link header (H7).
    """

    data: bytes | Stored
    media_type: str
    modified: int
    content: str
    links: tuple[str, ...] = ()


class Moved(NamedTuple):
    """An address that is another one now (301, T6)."""

    location: str


class Gone(NamedTuple):
    """An address that is no more (410, T6)."""


class Away(NamedTuple):
    """An address that there is, but nothing to answer with just now (503, H6)."""


News: TypeAlias = Resource | Moved | Gone | Away
"""What there is at an address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take. Seconds, where nothing else is said.

    `head`: for a request to arrive; readers send theirs at once. `idle`: until the next request.
    `stall`: for a reader to take `least` bytes of its answer. `linger`: after our side is closed.
    `connections`: how many there may be (fewer where descriptors are); so many more `refusals` at
    once are told so. `sweep`: between two looks at who takes too long.
    """

    head: float = 10.0
    idle: float = 60.0
    stall: float = 30.0
    linger: float = 2.0
    least: int = 8192
    connections: int = 16_384
    refusals: int = 32
    sweep: float = 1.0


@dataclass(frozen=True, slots=True)
class Serving:
    """How the front answers.

    `admin` is the address of /healthz, /readyz and /metrics, where they have their own; `prefix`
    the path of the site's address, with and without which targets are understood; `memory` the
    bytes of bodies to hold; `root` the folder of what is `Stored`; `access_log` the form of a line an
    answer on stderr, `text` or `json`, '' for none; the rest is in seconds.
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
    limits: Limits = Limits()


class Health(NamedTuple):
    """How the service is: ready or why not, until when (`time.monotonic`) that holds, figures."""

    ready: bool
    reason: str
    fresh_until: float
    metrics: bytes


class ListenError(Exception):
    """An address that cannot be listened on; the text says which and why."""


class Front:
    """The front of one service. Any thread may call its methods.

    `health` is what the service last told of itself, None before.
    """

    def __init__(self, serving: Serving, instead: Front | None = None) -> None:
        """Bind the addresses, or take over those of the front that this one is `instead` of.

        Raises `ListenError` when an address is in use, not ours or not allowed.
        """
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._answers: IO[bytes] | None = None
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

    @property
    def admin_port(self) -> int | None:
        """The port of the admin address, if there is one."""
        return int(self._sockets[1].getsockname()[1]) if len(self._sockets) > 1 else None

    def start(self) -> None:
        """Start the process; it answers 503 until something whole is published.

        In the place of another it first lets connections wait for that, a few seconds at most, and
        says of the service's health what that one said.
        """
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(s.fileno() for s in self._sockets)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "feedpub.edges.front", *map(str, descriptors)],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                # Where this very feedpub is found, whatever the working directory holds.
                cwd=Path(__file__).parents[3],
            )
        ours.settimeout(_PATIENCE)
        self._link, self._answers = ours, ours.makefile("rb")
        self._send([_line("serving", {**asdict(self._serving), "hold": self._hold})])
        if self.health:
            self._send([_health(self.health)])

    def publish(
        self,
        changed: Mapping[str, News],
        removed: Collection[str],
        *,
        whole: bool = True,
    ) -> frozenset[str]:
        """Serve `changed` (by path below out/) and no longer `removed`, from one request to the next.

        `whole` says that it is all there is, not what changed since: a process that was begun in
        between does not take a part for that. Returns when it is so, or when the front has died;
        then everything must be published again after `restart`. What is returned are the paths of
        which a `Stored` file is another one by now: there, all is as it was.
        """
        with self._lock:
            self._send(_update(changed, removed, whole))
            return frozenset(self._receive())

    def tell(self, health: Health) -> None:
        """Say how the service is; the front answers /readyz and /metrics by it."""
        with self._lock:
            self.health = health
            self._send([_health(health)])

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
            self._send([_line("stop", {"grace": grace})])
            self._close_sockets()
            if self._process:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(grace + 1)
            self._kill()

    def _send(self, frames: Iterator[bytes] | list[bytes]) -> None:
        if self._link is None:
            return
        try:
            for frame in frames:
                self._link.sendall(frame)
        except OSError:
            self._kill()

    def _receive(self) -> list[str]:
        """Wait until an update was taken over; return what of it could not be."""
        if self._answers is None:
            return []
        with suppress(OSError):
            if line := self._answers.readline():
                missed: list[str] = json.loads(line)
                return missed
        self._kill()
        return []

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        if self._link and self._answers:
            self._answers.close()
            self._link.close()
        self._link = self._answers = None

    def _close_sockets(self) -> None:
        for each in self._sockets:
            each.close()


def _places(serving: Serving) -> list[tuple[str, int]]:
    own = (serving.host, serving.port)
    return [own, serving.admin] if serving.admin else [own]


def _update(changed: Mapping[str, News], removed: Collection[str], whole: bool) -> Iterator[bytes]:
    for path, news in changed.items():
        if isinstance(news, Resource):
            stored = news.data if isinstance(news.data, Stored) else None
            told = {**news._asdict(), "path": path, "data": stored}
            yield _line("document", told, b"" if isinstance(news.data, Stored) else news.data)
        elif isinstance(news, Moved):
            yield _line("moved", {"path": path, "location": news.location})
        else:
            yield _line("gone" if isinstance(news, Gone) else "away", {"path": path})
    yield _line("take_over", {"removed": sorted(removed), "whole": whole})


def _health(health: Health) -> bytes:
    told = {"ready": health.ready, "reason": health.reason, "fresh_until": health.fresh_until}
    return _line("health", told, health.metrics)


def _line(kind: str, told: Mapping[str, Any], data: bytes = b"") -> bytes:
    """Return one message: a line of JSON, and as many bytes after it as it says."""
    text = json.dumps({"kind": kind, "size": len(data), **told})
    return text.encode() + b"\n" + data


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
