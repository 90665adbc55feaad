"""The catalogue: the tables that hold the ledger and what is known of the content.

Every method is one question or one change; the caller puts them together into transactions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from feedpub.catalogue import content_tables, feed_tables, migrations
from feedpub.catalogue.encoding import Connection, decoder, encode, upsert
from feedpub.core.feeds import Hub

_read_hubs = decoder(tuple[Hub, ...])


class Catalogue:
    """A connection to the catalogue, which `edges.sqlite` or `edges.postgresql` opens."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self.files = content_tables.FileTable(connection)
        self.stories = content_tables.StoryTable(connection)
        self.feeds = feed_tables.FeedTable(connection)
        self.entries = content_tables.EntryTable(connection)
        self.outputs = feed_tables.OutputTable(connection)
        self.objects = feed_tables.ObjectTable(connection)
        self.purges = feed_tables.PurgeTable(connection)
        self.withdrawals = content_tables.WithdrawalTable(connection)
        self.archives = feed_tables.ArchiveTable(connection)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self) -> None:
        """Begin a transaction that writes. What was read before still holds, as the site is locked."""
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
        self._db.execute(upsert("facts", "name", "value"), (name, value))

    def hubs(self) -> dict[str, Hub]:
        """Return every hub by its address."""
        return {hub.url: hub for hub in _read_hubs(self.facts().get("hubs", "[]"))}

    def put_hubs(self, hubs: Iterable[Hub]) -> None:
        """Remember these hubs, and no others."""
        self.set_fact("hubs", encode(tuple(hubs)))

    def outdate_all(self) -> None:
        """Have all entries composed again, and all sealed documents written."""
        self._db.execute("UPDATE entries SET outdated = 1")
        self._db.execute("UPDATE archives SET dirty = 1")

    def copy_to(self, other: Catalogue) -> None:
        """Write all of it, as it is at one moment, into another one, of either kind."""
        ours, theirs = self._db, other._db
        if isinstance(ours, sqlite3.Connection) and isinstance(theirs, sqlite3.Connection):
            ours.backup(theirs)
            migrations.migrate(theirs)
            return
        ours.execute("BEGIN")
        other.begin()
        for table in sorted({table for table, _ in migrations.columns()}):
            theirs.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
            rows = ours.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own tables
            marks = ", ".join("?" * len(rows.description))  # columns have one order everywhere
            theirs.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own tables
        other.commit()
        self.rollback()

    def is_new(self) -> bool:
        """Say whether the ledger is empty: the next build is its first (F6)."""
        query = "SELECT EXISTS (SELECT 1 FROM stories) OR EXISTS (SELECT 1 FROM feeds)"
        return not self._db.execute(query).fetchone()[0]

    def next_due(self, now: int) -> int | None:
        """Return the first instant after `now` at which time alone changes a feed, if any."""
        query = (
            "SELECT min(instant) FROM (SELECT min(due) AS instant FROM stories WHERE due > ?1"
            " UNION ALL SELECT min(expires) FROM withdrawals WHERE expires > ?1) AS next"
        )
        instant: int | None = self._db.execute(query, (now,)).fetchone()[0]
        return instant
