"""The catalogue: one SQLite file that holds the ledger and what is known of the content.

Every method is one question or one change; what makes a transaction is up to the caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from feedpub.core.errors import PublishError
from feedpub.core.feeds import EVERYTHING, Name
from feedpub.core.selection import Member
from feedpub.core.stories import State, Story
from feedpub.edges.catalogue.archives import ArchiveTable
from feedpub.edges.catalogue.feeds import EntryTable, FeedTable, OutputTable
from feedpub.edges.catalogue.files import FileTable
from feedpub.edges.catalogue.rows import Ledger
from feedpub.edges.catalogue.schema import migrate
from feedpub.edges.catalogue.stories import StoryTable
from feedpub.edges.catalogue.withdrawals import WithdrawalTable


class Catalogue:
    """A connection to the catalogue. Open it with `open_catalogue` or `read_catalogue`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.files = FileTable(connection)
        self.stories = StoryTable(connection)
        self.feeds = FeedTable(connection)
        self.entries = EntryTable(connection)
        self.outputs = OutputTable(connection)
        self.withdrawals = WithdrawalTable(connection)
        self.archives = ArchiveTable(connection)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self) -> None:
        """Begin a transaction that writes. What was read before still holds: the lock is ours."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make everything since `begin` lasting."""
        self._db.execute("COMMIT")

    def flush(self) -> None:
        """Move what is committed into the file itself, lasting, and empty its log.

        Nobody who reads just now is waited for: what is in the way of that stays in the log.
        """
        (patience,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._db.execute(f"PRAGMA busy_timeout = {patience}")

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._forget_read()

    def _forget_read(self) -> None:
        self.feeds.forget_read()
        self.entries.forget_read()
        self.outputs.forget_read()

    def facts(self) -> dict[str, str]:
        """Return all facts."""
        return dict(self._db.execute("SELECT name, value FROM facts"))

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def is_new(self) -> bool:
        """Say whether the ledger is empty: the next build is its first (F6)."""
        query = "SELECT EXISTS (SELECT 1 FROM stories) OR EXISTS (SELECT 1 FROM feeds)"
        return not self._db.execute(query).fetchone()[0]

    def next_due(self, now: int) -> int | None:
        """Return the first instant after `now` at which time alone changes a feed, if any."""
        found = (self.stories.next_due(now), self.withdrawals.next_expiry(now))
        return min((instant for instant in found if instant is not None), default=None)

    def restore(self, ledger: Ledger) -> None:
        """Fill an empty catalogue from a ledger."""
        feeds = {
            feed.name: self.feeds.put(None, feed)
            for feed in sorted(ledger.feeds, key=lambda f: f.name)
        }
        stories = [
            (number, None, story, _numbers(story, ledger, feeds))
            for number, story in enumerate(sorted(ledger.stories, key=lambda s: s.id), start=1)
        ]
        self.stories.put(stories)
        self.feeds.fill_members()
        self.withdrawals.put(
            (feeds[name], number, story.expires)
            for number, _, story, _ in stories
            if story.state is not State.OUT and story.expires is not None
            for name in (EVERYTHING, *ledger.members.get(story.id, ()))
            if name in feeds
        )
        self._restore_archives(ledger, {s.id: (n, s) for n, _, s, _ in stories}, feeds)

    def _restore_archives(
        self, ledger: Ledger, stories: Mapping[str, tuple[int, Story]], feeds: Mapping[Name, int]
    ) -> None:
        archives: dict[tuple[int, int], list[Member]] = {
            (feeds[name], number): []
            for name, last in ledger.archives.items()
            for number in range(1, last + 1)
        }
        for item_id, within in ledger.sealed.items():
            number, story = stories[item_id]
            member = Member(story.entered, story.published, item_id, number)
            for name, archive in within.items():
                if name in feeds:
                    archives.setdefault((feeds[name], archive), []).append(member)
        for place, members in archives.items():
            self.archives.seal(*place, members)


def _numbers(story: Story, ledger: Ledger, feeds: Mapping[Name, int]) -> list[int]:
    """Return the row numbers of the feeds that a story is in."""
    if story.state is not State.OUT:
        return []
    names = [*ledger.members.get(story.id, ()), EVERYTHING]
    return sorted(feeds[name] for name in names if name in feeds)


class DamagedError(PublishError):
    """The file of the catalogue is damaged: it can only be kept aside and made anew."""


def open_catalogue(path: Path) -> tuple[Catalogue, Path | None]:
    """Open the catalogue for a build, made or migrated as needed.

    A file that is damaged is kept aside and a new one begun; the second value says where.
    Raises `PublishError` when the file cannot be opened or is of a newer feedpub.
    """
    try:
        return _connect(path), None
    except DamagedError:
        aside = set_aside(path)
        return _connect(path), aside


@contextmanager
def opened(path: Path) -> Iterator[tuple[Catalogue, Path | None]]:
    """Yield what `open_catalogue` returns, and close it."""
    catalogue, aside = open_catalogue(path)
    with closing(catalogue):
        yield catalogue, aside


def _connect(path: Path) -> Catalogue:
    with translated(path):
        # The caller begins and ends transactions, hence no isolation level of the module's own.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
        except ValueError as error:
            connection.close()
            raise PublishError(
                f"a newer feedpub wrote the state file {path}; upgrade feedpub"
            ) from error
        except sqlite3.Error:
            connection.close()
            raise
    return Catalogue(connection)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the catalogue at `path` into errors for the operator.

    Raises `DamagedError` when what is read is not what was written, `PublishError` when the file
    cannot be used: no space, no permission, another program in it. A wrong query stays a bug.
    """
    try:
        yield
    except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
        if _is_damage(error):
            raise DamagedError(f"the state file {path} is damaged") from error
        if not isinstance(error, sqlite3.OperationalError):
            raise
        advice = "Check the space and the permissions there"
        raise PublishError(f"the state file {path} cannot be used: {error}. {advice}") from error


def _is_damage(error: Exception) -> bool:
    if isinstance(error, json.JSONDecodeError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # of the Python module itself; what follows quotes the text (S2)
        return str(error).startswith("Could not decode to UTF-8")
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def set_aside(path: Path) -> Path:
    """Rename a damaged file, so that a new one can be begun, and return its new path."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def copy_living(path: Path, to: Path) -> None:
    """Copy the catalogue as it is at this instant, while another process may write to it.

    Raises `DamagedError` and `PublishError` as opening it does.
    """
    source = f"{path.as_uri()}?mode=ro"
    with (
        translated(path),
        closing(sqlite3.connect(source, uri=True)) as living,
        closing(sqlite3.connect(to)) as copy,
    ):
        living.backup(copy)


def read_catalogue(path: Path, *, locked: bool = False) -> Catalogue | None:
    """Open the catalogue to look things up only, or return None when there is none yet.

    Nothing is written, so that no permission to write is needed. Only beside a log, which a build
    that runs or was killed has left, does SQLite share memory with others, and that is a file.
    `locked` says that the caller has the lock: then an empty log, as opening it on a full disk
    leaves behind, is nobody's.
    """
    if not path.exists():
        return None
    log = path.with_name(f"{path.name}-wal")
    alone = not log.exists() or (locked and not log.stat().st_size)
    how = "immutable=1" if alone else "mode=ro"
    with translated(path):
        connection = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None)
        try:
            connection.execute("SELECT 1 FROM facts LIMIT 1")
        except sqlite3.Error:
            connection.close()
            raise
    return Catalogue(connection)
