"""The catalogue: one SQLite file that holds the ledger and what is known of the content.

Every method is one question or one change; what makes a transaction is up to the caller.
"""

from __future__ import annotations

import sqlite3

from feedpub.edges.catalogue.entry_table import EntryTable
from feedpub.edges.catalogue.feed_table import ArchiveTable, FeedTable, OutputTable
from feedpub.edges.catalogue.file_table import FileTable
from feedpub.edges.catalogue.story_table import StoryTable, WithdrawalTable


class Catalogue:
    """A connection to the catalogue. Open it with `connection`."""

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

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self.feeds.forget_read()
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
