"""The catalogue: one SQLite file that holds the ledger and what is known of the content.

Every method is one question or one change; what makes a transaction is up to the caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from feedpub.core.problems import PublishError
from feedpub.edges.catalogue.encoding import DamagedRowError
from feedpub.edges.catalogue.feed_table import ArchiveTable, FeedTable, OutputTable
from feedpub.edges.catalogue.file_table import FileTable
from feedpub.edges.catalogue.migrations import NewerError, is_old, migrate
from feedpub.edges.catalogue.story_table import EntryTable, StoryTable, WithdrawalTable
from feedpub.publish import ports


class Catalogue:
    """A connection to the catalogue. Open it with `open_catalogue` or `read_catalogue`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.files: ports.Files = FileTable(connection)
        self.stories: ports.Stories = StoryTable(connection)
        self.feeds: ports.Feeds = FeedTable(connection)
        self.entries: ports.Entries = EntryTable(connection)
        self.outputs: ports.Outputs = OutputTable(connection)
        self.withdrawals: ports.Withdrawals = WithdrawalTable(connection)
        self.archives: ports.Archives = ArchiveTable(connection)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self) -> None:
        """Begin a transaction that writes. What was read before still holds: the lock is ours."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make everything since `begin` lasting."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

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
        query = (
            "SELECT min(instant) FROM (SELECT min(due) AS instant FROM stories WHERE due > ?1"
            " UNION ALL SELECT min(expires) FROM withdrawals WHERE expires > ?1)"
        )
        instant: int | None = self._db.execute(query, (now,)).fetchone()[0]
        return instant


class DamagedError(PublishError):
    """The file of the catalogue is damaged: it can only be kept aside and made anew."""


@contextmanager
def open_catalogue(path: Path) -> Iterator[tuple[Catalogue, Path | None]]:
    """Open the catalogue for a build, made or migrated as needed, and close it at the end.

    A file that is damaged is kept aside and a new one begun; the second value says where.
    Raises `PublishError` when the file cannot be opened or is of a newer feedpub.
    """
    aside = None
    try:
        catalogue = _connect(path)
    except DamagedError:
        aside = set_aside(path)
        catalogue = _connect(path)
    with closing(catalogue):
        yield catalogue, aside


def _connect(path: Path) -> Catalogue:
    # The caller begins and ends transactions, hence no isolation level of the module's own.
    with (
        translated(path),
        _closed_on_error(
            sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        ) as connection,
    ):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    return Catalogue(connection)


def read_catalogue(path: Path, *, copied: bool = False) -> Catalogue | None:
    """Open the catalogue to look things up only, or return None when there is none yet.

    Nothing is written, so that no permission to write is needed. Only beside a log, which a build
    that runs or was killed has left, does SQLite share memory with others, and that is a file.
    With `copied`, for which the caller needs the lock, it is a copy in memory that may be changed;
    an empty log, as opening it on a full disk leaves behind, is nobody's then. Of a state that an
    older feedpub left, a copy is migrated.
    Raises `DamagedError` and `PublishError` as `open_catalogue` does.
    """
    if not path.exists():
        return None
    log = path.with_name(f"{path.name}-wal")
    alone = not log.exists() or (copied and not log.stat().st_size)
    how = "immutable=1" if alone else "mode=ro"
    with (
        translated(path),
        _closed_on_error(
            sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None)
        ) as connection,
    ):
        connection.execute("SELECT 1 FROM facts LIMIT 1")
        if not (copied or is_old(connection)):
            return Catalogue(connection)
        with closing(connection):
            return in_memory(connection)


def in_memory(source: sqlite3.Connection | None = None) -> Catalogue:
    """Return a catalogue that is in no file: a copy of `source`, or an empty one."""
    with _closed_on_error(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        if source:
            source.backup(connection)
        connection.execute("PRAGMA temp_store = MEMORY")
        migrate(connection)
        return Catalogue(connection)


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


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what is raised about the catalogue at `path` into errors for the operator.

    Raises `DamagedError` when what is read is not what was written, `PublishError` when the file
    cannot be used: no space, no permission, another program in it, a newer feedpub's. A wrong query
    stays a bug.
    """
    try:
        yield
    except NewerError as error:
        text = f"a newer feedpub wrote the state file {path}; upgrade feedpub"
        raise PublishError(text) from error
    except (sqlite3.DatabaseError, DamagedRowError) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if (
            isinstance(error, DamagedRowError)
            or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            # Of the Python module itself, which has no code; what follows quotes the text (S2).
            or str(error).startswith("Could not decode to UTF-8")
        ):
            raise DamagedError(f"the state file {path} is damaged") from error
        if not isinstance(error, sqlite3.OperationalError):
            raise
        advice = "Check the space and the permissions there"
        raise PublishError(f"the state file {path} cannot be used: {error}. {advice}") from error


def set_aside(path: Path) -> Path:
    """Rename a damaged file, so that a new one can be begun, and return its new path."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside
