"""Archives: which items of a feed are sealed in which of its documents (X1-X4)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from feedpub.core.archiving import Span
from feedpub.core.selection import Member
from feedpub.edges.catalogue.rows import key64


class ArchiveTable:
    """The sealed documents of feeds, numbered from 1 in the order in which they were sealed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def unsealed(self, feed: int) -> list[Member]:
        """Return the members of a feed that are in no sealed document as they are now."""
        query = (
            "SELECT m.entered, s.published, s.id, m.story FROM members m JOIN stories s USING"
            " (story) WHERE m.feed = ? AND m.sealed IS NULL"
        )
        return [Member._make(row) for row in self._db.execute(query, (feed,))]

    def seal(self, feed: int, number: int, members: Sequence[Member]) -> None:
        """Seal members of a feed in the document of that number, which must be written then."""
        self._db.execute("INSERT OR REPLACE INTO archives VALUES (?, ?, 1)", (feed, number))
        self._db.executemany(
            "INSERT OR REPLACE INTO archived VALUES (?, ?, ?, ?)",
            ((feed, number, m.story, m.entered) for m in members),
        )
        self._db.executemany(
            "UPDATE members SET sealed = ? WHERE feed = ? AND entered = ? AND story = ?",
            ((number, feed, m.entered, m.story) for m in members),
        )

    def last(self) -> dict[int, int]:
        """Return the number of the last sealed document of each feed that has one."""
        return dict(self._db.execute("SELECT feed, max(number) FROM archives GROUP BY feed"))

    def spans(self, feed: int) -> list[Span]:
        """Return when what the documents of a feed hold entered it, the oldest document first.

        What entered again since counts where it is now, which is what the text ledger tells, too.
        """
        query = (
            "SELECT number,"
            " (SELECT min(entered) FROM members m WHERE m.feed = a.feed AND m.sealed = a.number),"
            " (SELECT max(entered) FROM members m WHERE m.feed = a.feed AND m.sealed = a.number)"
            " FROM archives a WHERE feed = ? ORDER BY number"
        )
        found = self._db.execute(query, (feed,)).fetchall()
        query = "SELECT min(entered), max(entered) FROM members WHERE feed = ? AND sealed IS NULL"
        if found:  # the open one comes after the last
            found.append((found[-1][0] + 1, *self._db.execute(query, (feed,)).fetchone()))
        return [Span(*row) for row in found if row[1] is not None]

    def members(self, feed: int, number: int) -> list[Member]:
        """Return what was sealed in a document and is still in the feed, as it is now.

        Also what entered again since: who is on the way here did not meet it where it is then (X3).
        """
        query = (
            "SELECT m.entered, s.published, s.id, m.story FROM archived a JOIN stories s"
            " USING (story) JOIN members m"
            " ON m.feed = a.feed AND m.entered = s.entered AND m.story = a.story"
            " WHERE a.feed = ? AND a.number = ?"
        )
        return [Member._make(row) for row in self._db.execute(query, (feed, number))]

    def dirty(self, feed: int) -> list[int]:
        """Return the documents of a feed that must be written again, in their order."""
        query = "SELECT number FROM archives WHERE feed = ? AND dirty ORDER BY number"
        return [number for (number,) in self._db.execute(query, (feed,))]

    def put_links(self, feed: int, number: int, targets: Iterable[str]) -> None:
        """Remember the canonical URLs that a document links to, in place of those before."""
        self._db.execute("DELETE FROM archive_links WHERE feed = ? AND number = ?", (feed, number))
        self._db.executemany(
            "INSERT OR IGNORE INTO archive_links VALUES (?, ?, ?)",
            ((key64(target), feed, number) for target in targets),
        )

    def clean(self, feed: int, number: int) -> None:
        """Remember that a document is as it should be."""
        self._db.execute(
            "UPDATE archives SET dirty = 0 WHERE feed = ? AND number = ?", (feed, number)
        )

    def outdate(self, stories: Iterable[int], targets: Iterable[str]) -> set[int]:
        """Have the documents written again that hold these stories, or link to one of `targets`.

        Return their feeds (X4).
        """
        query = (
            "UPDATE archives SET dirty = 1 WHERE (feed, number) IN ("
            " SELECT feed, number FROM archived WHERE story IN (SELECT value FROM json_each(?))"
            " UNION SELECT feed, number FROM archive_links"
            " WHERE target IN (SELECT value FROM json_each(?))) RETURNING feed"
        )
        keys = sorted({key64(target) for target in targets})
        found = self._db.execute(query, (json.dumps(sorted(stories)), json.dumps(keys))).fetchall()
        return {feed for (feed,) in found}

    def outdate_all(self) -> None:
        """Have all documents written again."""
        self._db.execute("UPDATE archives SET dirty = 1")

    def sealed(self) -> dict[int, dict[int, int]]:
        """Return for each story the document of each feed in which it is sealed as it is now."""
        found: dict[int, dict[int, int]] = {}
        query = "SELECT story, feed, sealed FROM members WHERE sealed IS NOT NULL"
        for story, feed, number in self._db.execute(query):
            found.setdefault(story, {})[feed] = number
        return found
