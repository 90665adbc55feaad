"""What publishing needs from the world: the Protocols of its edges, and the records they carry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from feedpub.catalogue import Catalogue
from feedpub.catalogue.feed_tables import Stat
from feedpub.core.model import SeenFile
from feedpub.core.problems import LeadLostError, Problem

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path


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


class Target(Protocol):
    """The output root, a folder or a bucket. Methods raise `OSError` when it refuses."""

    @property
    def root(self) -> Path | str:
        """The folder, or the address of the bucket."""

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
