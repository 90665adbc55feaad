"""The entries of what is in a window, so that a neighbour is not read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from feedpub.core.compose import Kept
from feedpub.core.model import Entry
from feedpub.edges.catalogue.encoding import Encoding, key64, numbers_as_json

_KEPT = Encoding(Kept)

_MOST = 400
"""How many entries are held once they are loaded: those of eight feeds of 50."""

_LONG = 1 << 14
"""The characters of content from which on an entry is loaded each time."""


class EntryTable:
    """Entries by story.

    An item in several feeds, or in one of a service that often changes, is mostly loaded once.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._loaded: dict[int, Entry] = {}  # those that are true; what was asked for last is last

    def forget_read(self) -> None:
        """Read again what was read before: a transaction was undone."""
        self._loaded.clear()

    def get(self, stories: Iterable[int]) -> dict[int, Entry]:
        """Return the kept entries of these stories that are true."""
        wanted = dict.fromkeys(stories)
        found = {n: self._loaded[n] for n in wanted if n in self._loaded}
        missing = wanted.keys() - found.keys()
        if missing:
            found |= {n: kept.entry for n, kept in self._kept(missing, outdated=False)}
        self._hold(found)
        return found

    def _hold(self, entries: Mapping[int, Entry]) -> None:
        held = {n: entry for n, entry in entries.items() if len(entry.content) < _LONG}
        self._forget(held)
        self._loaded |= held
        self._forget(list(islice(self._loaded, max(0, len(self._loaded) - _MOST))))

    def _forget(self, stories: Iterable[int]) -> None:
        for number in stories:
            self._loaded.pop(number, None)

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
        numbers = list(stories)
        self._forget(numbers)
        self._db.executemany(
            "UPDATE entries SET outdated = 1 WHERE story = ?", ((n,) for n in numbers)
        )

    def outdate_all(self) -> None:
        """Mark all entries as `outdate` does."""
        self.forget_read()
        self._db.execute("UPDATE entries SET outdated = 1")

    def drop(self, stories: Iterable[int]) -> None:
        """Forget entries that must not be shown any more."""
        values = [(s,) for s in stories]
        self._forget(number for (number,) in values)
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
