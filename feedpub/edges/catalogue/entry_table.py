"""The entries of what is in a window, so that a neighbour is not read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from feedpub.core.compose import Kept
from feedpub.core.model import Entry
from feedpub.edges.catalogue.encoding import Encoding, key64, numbers_as_json

_KEPT = Encoding(Kept)


class EntryTable:
    """Entries by story."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, stories: Iterable[int]) -> dict[int, Entry]:
        """Return the kept entries of these stories that are true."""
        return {n: kept.entry for n, kept in self._kept(stories, outdated=False)}

    def outdated(self, stories: Iterable[int]) -> dict[int, Kept]:
        """Return the kept entries of these stories that must be composed again, if they can be."""
        return dict(self._kept(stories, outdated=True))

    def _kept(self, stories: Iterable[int], outdated: bool) -> Iterator[tuple[int, Kept]]:
        query = (
            "SELECT story, data FROM entries WHERE story IN (SELECT value FROM json_each(?))"
            " AND outdated = ?"
        )
        for number, data in self._db.execute(query, (numbers_as_json(stories), outdated)):
            yield number, _KEPT.decode(data)

    def put(self, entries: Iterable[tuple[int, Kept]]) -> None:
        """Keep entries by story; they are true from now on."""
        entries = list(entries)
        self.drop(number for number, _ in entries)
        self._db.executemany(
            "INSERT INTO entries (story, data) VALUES (?, ?)",
            ((number, _KEPT.encode(kept)) for number, kept in entries),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO entry_links VALUES (?, ?)",
            ((key64(link.key), number) for number, kept in entries for link in kept.links),
        )

    def outdate(self, stories: Iterable[int]) -> None:
        """Mark entries that must be composed again; they stay for when their file is unusable."""
        values = ((number,) for number in stories)
        self._db.executemany("UPDATE entries SET outdated = 1 WHERE story = ?", values)

    def outdate_all(self) -> None:
        """Mark all entries as `outdate` does."""
        self._db.execute("UPDATE entries SET outdated = 1")

    def drop(self, stories: Iterable[int]) -> None:
        """Forget entries that must not be shown any more."""
        values = [(s,) for s in stories]
        self._db.executemany("DELETE FROM entries WHERE story = ?", values)
        self._db.executemany("DELETE FROM entry_links WHERE story = ?", values)

    def linking_to(self, targets: Iterable[str]) -> list[int]:
        """Return the stories whose kept entries link to one of these canonical URLs (R4)."""
        query = (
            "SELECT DISTINCT story FROM entry_links WHERE target IN"
            " (SELECT value FROM json_each(?)) ORDER BY story"
        )
        found = self._db.execute(query, (numbers_as_json({key64(t) for t in targets}),))
        return [number for (number,) in found]
