"""What publishing needs from the world: the Protocols of its edges, and the records they carry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol

from feedpub.core.feeds import Feed, Hub
from feedpub.core.model import Entry, FeedFacts, Kept, SeenFile, Withdrawal
from feedpub.core.policy import Name
from feedpub.core.problems import LeadLostError, Problem
from feedpub.core.selection import Digest, Member, Span
from feedpub.core.stories import Copy, State, Story

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

Stat = tuple[int, int, int]
"""Size in bytes, mtime in nanoseconds, inode: equal ones mean an unchanged file."""


class Status(IntEnum):
    """What became of a candidate file; every file has exactly one."""

    PUBLISHED = 0
    WITHHELD = 1
    SCHEDULED = 2
    DUPLICATE = 3
    QUARANTINED = 4
    NOT_ITEM = 5
    UNDATED = 6

    @property
    def label(self) -> str:
        """Its name in reports and metrics."""
        return "not_items" if self is Status.NOT_ITEM else self.name.lower()


class Stage(IntEnum):
    """Which stage said a problem; it replaces all it said about a file before."""

    READING = 0
    SETTLING = 1
    COMPOSING = 2
    ADDRESSES = 3


class KnownFile(NamedTuple):
    """A file as the catalogue remembers it.

    `content` is the hash of its bytes, `copy` what is kept of its (last good) item, `story` the
    row number of the story that it holds.
    """

    seen: SeenFile
    content: str
    status: Status
    copy: Copy | None
    story: int | None


HASH_BYTES = 16


def content_hash(data: bytes) -> str:
    """Return the hash, as hex, by which the bytes of a file are told from those they were."""
    return blake2b(data, digest_size=HASH_BYTES).hexdigest()


class Output(NamedTuple):
    """A file in out/ as it was written, and how it looked on disk.

    `content` is the hash of the document's bytes, also for its compressed copy.
    """

    path: str
    feed: int
    format: str
    content: str
    size: int
    mtime_ns: int
    inode: int

    @property
    def stat(self) -> Stat:
        """How the file looked when it was written."""
        return (self.size, self.mtime_ns, self.inode)


class Walk(Protocol):
    """A walk of the content root: what is seen on it, once, and at its end what could not be read.

    `unreadable` are folders (relative paths) that could not be listed whole: nothing is known of
    what lies below them, so that what was known stays (X5). `linked` says that symbolic links were
    met: a file may then be shown at another path than its own, so that only a walk of the whole
    root can tell what a change means.
    """

    unreadable: list[str]
    problems: list[Problem]
    linked: bool

    def __iter__(self) -> Iterator[SeenFile]:
        """Yield the candidates in any order. Raises `PublishError` for an unusable root."""


class Overlooked(NamedTuple):
    """The files that are no candidates: the `include` globs take no `others`, `excluded` are hidden."""

    include: tuple[str, ...]
    others: list[str]
    excluded: list[str]


class Content(Protocol):
    """The content root."""

    def walk(self, only: Collection[str] | None = None) -> Walk:
        """Walk the root, or just what is at or below the paths `only`."""

    def spoiled(self, paths: Iterable[str]) -> list[SeenFile]:
        """Return those of the `paths` of candidates where there is something now, but no file."""

    def has(self, glob: str) -> bool:
        """Say whether a glob matches a file, or a folder with one."""

    def overlooked(self) -> Overlooked:
        """Return the files that are no candidates. Raises `PublishError` for an unusable root."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises `OSError`, `FileTooLargeError`."""


class FileTooLargeError(Exception):
    """The file is larger than an item may be; it was not read whole."""


class Target(Protocol):
    """The output root, a folder or a bucket. Methods raise `OSError` when it refuses."""

    @property
    def root(self) -> Path | str: ...

    def stat(self, path: str) -> Stat | None:
        """Return size, time and inode of a file, or None when it is not there."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when it is not there."""

    def replace(self, path: str, data: bytes, form: str, /) -> Stat:
        """Replace a file atomically by a document of the format `form`; return its `stat`."""

    def remove(self, path: str) -> None:
        """Remove a file if it is there, and folders that are empty then."""

    def folders(self, path: str) -> list[str]:
        """Return the names of the folders in a folder, which may not be there."""

    def sweep(self, now: int, /) -> str:
        """Remove what a killed run left; return what somebody must be warned of."""

    def settle(self) -> dict[str, OSError]:
        """Wait until all is as it was asked for; return what could not be done, by path."""


class Files(Protocol):
    """Candidate files by path, and their problems."""

    def seen(self, below: Iterable[str] | None = None) -> Iterator[SeenFile]: ...
    def get(self, paths: Iterable[str]) -> list[KnownFile]: ...
    def with_identity(self, keys: Iterable[str]) -> list[KnownFile]: ...
    def of_stories(self, stories: Iterable[int]) -> list[KnownFile]: ...
    def put(self, files: Iterable[KnownFile]) -> None: ...
    def touch(self, seen: Iterable[SeenFile]) -> None: ...
    def place(self, places: Iterable[tuple[str, Status, int]]) -> None: ...
    def forget(self, paths: Iterable[str]) -> None: ...
    def names(self, kinds: Iterable[str]) -> dict[Name, str]: ...
    def status_counts(self) -> dict[int, int]: ...
    def with_status(self, statuses: Iterable[Status]) -> list[KnownFile]: ...
    def problems(self) -> list[Problem]: ...
    def replace_problems(
        self, source: int, paths: Iterable[str], found: Iterable[Problem]
    ) -> None: ...


class Stories(Protocol):
    """The ledger of stories, by row number and by key."""

    def get(self, numbers: Iterable[int]) -> dict[int, Story]: ...
    def all(self) -> dict[int, Story]: ...
    def with_keys(self, keys: Iterable[str]) -> dict[int, Story]: ...
    def is_taken(self, item_id: str) -> bool: ...
    def due(self, now: int) -> list[int]: ...
    def in_states(self, *states: State) -> list[int]: ...
    def next_number(self) -> int: ...
    def put(self, changes: Iterable[tuple[int, Story | None, Story, list[int]]]) -> None: ...


class Feeds(Protocol):
    """The ledger of feeds, and their members."""

    def all(self) -> dict[int, Feed]: ...
    def dirty(self) -> set[int]: ...
    def owing(self) -> set[int]: ...
    def put(self, number: int | None, feed: Feed) -> int: ...
    def mark(self, feeds: Iterable[int]) -> None: ...
    def owe(self, feeds: Iterable[int]) -> None: ...
    def clean(self, feeds: Iterable[int]) -> None: ...
    def memberships(self, stories: Iterable[int]) -> dict[int, list[int]]: ...
    def move_members(
        self, gone: Iterable[tuple[int, int, int]], come: Iterable[tuple[int, int, int, int | None]]
    ) -> None: ...
    def members(self, feed: int) -> Iterator[Member]: ...
    def edited(self, feed: int) -> Iterator[Member]: ...
    def arrived(self, feed: int, since: int) -> set[int]: ...
    def count(self, feed: int) -> int: ...
    def member_counts(self) -> dict[int, tuple[int, int]]: ...
    def published(self, feed: int, since: int) -> list[int]: ...
    def put_facts(self, feed: int, facts: FeedFacts) -> None: ...
    def facts(self) -> dict[int, FeedFacts]: ...
    def rank(self, stories: Collection[int], rows: Iterable[tuple[object, ...]]) -> None: ...
    def ranked(
        self, feed: int, top: int, within: int, *, keep: bool
    ) -> tuple[set[int], set[int]]: ...
    def put_digests(self, digests: Iterable[tuple[int, Digest]]) -> None: ...
    def digests(self, feed: int) -> list[Digest]: ...
    def digest_days(self) -> dict[int, list[str]]: ...


class Entries(Protocol):
    """The entries of what is in a window."""

    def get(self, stories: Iterable[int]) -> tuple[dict[int, Entry], dict[int, Kept]]: ...
    def put(self, entries: Iterable[tuple[int, Kept]]) -> None: ...
    def outdate(self, stories: Iterable[int]) -> None: ...
    def drop(self, stories: Iterable[int]) -> None: ...
    def linking_to(self, targets: Iterable[str]) -> list[int]: ...


class Outputs(Protocol):
    """Every file in out/ that is ours."""

    def all(self) -> dict[str, Output]: ...
    def put(self, output: Output) -> None: ...
    def forget(self, path: str) -> None: ...


class StoredObject(NamedTuple):
    """An object in a bucket, as it was when it was put or looked at last.

    `epoch` is that of the leader that put it, 0 where there is one host; `mark` is the hash of its
    bytes, if known, and of the fields with which we put it. Where `gone`, it only keeps the place of
    one that was removed.
    """

    path: str
    etag: str
    size: int
    epoch: int
    mark: str
    gone: int


class Objects(Protocol):
    """What is known of the objects in buckets, by the address of the output root."""

    def all(self, root: str) -> dict[str, StoredObject]: ...
    def put(self, root: str, changed: Mapping[str, StoredObject | None]) -> None: ...


class Purges(Protocol):
    """The addresses that caches must forget, as something went out of what is there."""

    def all(self) -> list[tuple[str, int]]: ...
    def put(self, urls: Iterable[str], now: int) -> None: ...
    def settle(self, url: str, since: int, *, done: bool) -> None: ...


class Withdrawals(Protocol):
    """Which feeds announce withdrawals, and until when (X4)."""

    def put(self, withdrawals: Iterable[tuple[int, int, int]]) -> None: ...
    def lift(self, stories: Iterable[int]) -> set[int]: ...
    def expire(self, now: int) -> set[int]: ...
    def of(self, feed: int, limit: int) -> tuple[Withdrawal, ...]: ...
    def feeds(self) -> dict[int, list[int]]: ...


class Archives(Protocol):
    """The sealed documents of feeds (X1-X4)."""

    def unsealed(self, feed: int) -> list[Member]: ...
    def seal(self, feed: int, number: int, members: Sequence[Member]) -> None: ...
    def last(self) -> dict[int, int]: ...
    def spans(self, feed: int) -> list[Span]: ...
    def members(self, feed: int, number: int) -> list[Member]: ...
    def dirty(self, feed: int) -> list[int]: ...
    def put_links(self, feed: int, number: int, targets: Iterable[str]) -> None: ...
    def clean(self, feed: int, number: int) -> None: ...
    def outdate(self, stories: Iterable[int], targets: Iterable[str]) -> set[int]: ...
    def release(self, members: Sequence[tuple[int, int]]) -> None: ...
    def sealed(self) -> dict[int, dict[int, int]]: ...


class Catalogue(Protocol):
    """What is known: see `feedpub.edges.catalogue`, which is one."""

    files: Files
    stories: Stories
    feeds: Feeds
    entries: Entries
    outputs: Outputs
    objects: Objects
    purges: Purges
    withdrawals: Withdrawals
    archives: Archives

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def facts(self) -> dict[str, str]: ...
    def set_fact(self, name: str, value: str) -> None: ...
    def hubs(self) -> dict[str, Hub]: ...
    def put_hubs(self, hubs: Iterable[Hub]) -> None: ...
    def outdate_all(self) -> None: ...
    def is_new(self) -> bool: ...
    def next_due(self, now: int) -> int | None: ...


LedgerFile = Callable[[Catalogue, bool], None]
"""Writes the ledger as text, where the file is said to be stale or is not there; else nothing.

Raises `OSError`.
"""

Progress = Callable[[str, int, int], None]
"""Told how far a long stage is: its name, how much is done, and of how much."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


Pool = Callable[[bool], "Executor | None"]
"""Gives what shares the work of a run: what an earlier stage began, or, if this one is `worth` it, a
new one. None where there is none, or none can be begun."""


class Lead(NamedTuple):
    """What a run writes under where there are several hosts: the epoch of its lead, 0 without others."""

    epoch: int = 0
    stands: Callable[[], bool] = lambda: True

    def check(self) -> None:
        """Raise `LeadLostError` unless this host leads, in this epoch."""
        if not self.stands():
            raise LeadLostError(
                "another host leads this site, or may lead it by now; nothing is written"
            )


ALONE = Lead()


class Edges(NamedTuple):
    """The world as publishing sees it; `is_cached` says that caches are told what to forget."""

    content: Content
    catalogue: Catalogue
    target: Target
    ledger: LedgerFile | None = None
    pool: Pool | None = None
    lead: Lead = ALONE
    is_cached: bool = False
