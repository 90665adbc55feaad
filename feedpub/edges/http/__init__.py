"""HTTP: a process of its own that answers every request from memory, with uvicorn.

The service is on this side: `process` binds the addresses, begins the other process, hands it what a
finished build made and ends it. There, `__main__` takes that over and `app` answers. So a rescan that
keeps the service busy keeps no reader waiting, and no request sees half of an update.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Stored(NamedTuple):
    """Bytes that are in a file below `Serving.root`, and how it looked when it was written.

    The HTTP process reads them itself, so that what a whole site weighs goes through no pipe.
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


Response: TypeAlias = Resource | Moved | Gone | Away
"""What there is to answer with at an address."""


class Update(NamedTuple):
    """What to answer with from now on, by path below out/, and paths that are no more.

    `whole` says that it is all there is, not what changed since: a process that was begun in
    between does not take a part for that.
    """

    changed: Mapping[str, Response]
    removed: Collection[str] = ()
    whole: bool = True


class Health(NamedTuple):
    """How the service is: ready or why not, until when (`time.monotonic`) that holds, figures."""

    ready: bool
    reason: str
    fresh_until: float
    metrics: bytes


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
    """How requests are answered.

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

    @property
    def cache_control(self) -> str:
        """The value of Cache-Control: for how long answers may be kept (H4)."""
        return (
            f"public, max-age={self.max_age}, s-maxage={self.shared_max_age},"
            f" stale-if-error={self.stale_if_error}"
        )
