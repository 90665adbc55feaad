"""Feeds, their members, and what of them is in out/."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

from feedpub.core.channel import FeedFacts
from feedpub.core.compose import Kept
from feedpub.core.feeds import Feed
from feedpub.core.model import Entry
from feedpub.core.selection import Member
from feedpub.edges.catalogue import rows
from feedpub.edges.catalogue.rows import key64
from feedpub.publish.ports import Output

_MOST = 400
"""How many entries are held once they are loaded: those of eight feeds of 50."""

_LONG = 1 << 14
"""The characters of content from which on an entry is loaded each time."""


class FeedTable:
    """The ledger of feeds, and which stories are in which."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._all: dict[int, Feed] | None = None

    def forget_read(self) -> None:
        """Read again what was read before: a transaction begins or was undone."""
        self._all = None

    def all(self) -> dict[int, Feed]:
        """Return every feed by row number; read once in a transaction, as many stages ask."""
        if self._all is None:
            query = "SELECT feed, data FROM feeds ORDER BY feed"
            self._all = {n: rows.load_feed(data) for n, data in self._db.execute(query)}
        return dict(self._all)

    def dirty(self) -> set[int]:
        """Return the feeds whose documents may not be what they should be."""
        return {n for (n,) in self._db.execute("SELECT feed FROM feeds WHERE dirty")}

    def owing(self) -> set[int]:
        """Return the dirty feeds whose documents may show what must go out of them."""
        return {n for (n,) in self._db.execute("SELECT feed FROM feeds WHERE dirty > 1")}

    def put(self, number: int | None, feed: Feed) -> int:
        """Remember a feed, new (None) or known, and mark it dirty; return its row number."""
        query = (
            "INSERT INTO feeds (feed, kind, key, data) VALUES (?, ?, ?, ?) ON CONFLICT (feed)"
            " DO UPDATE SET data = excluded.data, dirty = max(dirty, 1) RETURNING feed"
        )
        values = (number, feed.kind, feed.key, rows.dump_feed(feed))
        ((row,),) = self._db.execute(query, values).fetchall()
        if self._all is not None:
            self._all[row] = feed
        return int(row)

    def mark(self, feeds: Iterable[int], dirty: bool) -> None:
        """Set or clear the mark that says that a feed must be rendered."""
        mark = "max(dirty, 1)" if dirty else "0"
        query = f"UPDATE feeds SET dirty = {mark} WHERE feed = ?"  # noqa: S608 - one of these two
        self._db.executemany(query, ((number,) for number in sorted(feeds)))

    def owe(self, feeds: Iterable[int]) -> None:
        """Set the mark that says that something must go out of a feed, until `mark` clears it."""
        values = ((number,) for number in sorted(feeds))
        self._db.executemany("UPDATE feeds SET dirty = 2 WHERE feed = ?", values)

    def memberships(self, stories: Iterable[int]) -> dict[int, tuple[int, list[int]]]:
        """Return for each story its `entered` as recorded and its feeds."""
        query = (
            "SELECT story, entered, feeds FROM stories"
            " WHERE story IN (SELECT value FROM json_each(?))"
        )
        found = self._db.execute(query, (json.dumps(sorted(stories)),))
        return {number: (entered, json.loads(feeds)) for number, entered, feeds in found}

    def remove_members(self, members: Iterable[tuple[int, int, int]]) -> None:
        """Remove (feed, entered, story)."""
        self._db.executemany(
            "DELETE FROM members WHERE feed = ? AND entered = ? AND story = ?", members
        )

    def put_members(self, members: Iterable[tuple[int, int, int]]) -> None:
        """Add (feed, entered, story)."""
        # In the order of the table: that takes half as long.
        in_order = sorted(members, key=lambda member: (member[0], -member[1], member[2]))
        self._db.executemany(
            "INSERT OR IGNORE INTO members (feed, entered, story) VALUES (?, ?, ?)", in_order
        )

    def fill_members(self) -> None:
        """Add the members of all feeds where there are none yet: what the stories say that is."""
        # Sorted at once, which no row is slow to add to, and without a copy of them out here.
        self._db.execute(
            "INSERT INTO members (feed, entered, story) SELECT f.value, s.entered, s.story"
            " FROM stories s, json_each(s.feeds) f ORDER BY 1, 2 DESC, 3"
        )

    def members(self, feed: int) -> Iterator[Member]:
        """Yield the members of a feed, the one that entered last first (F6)."""
        query = (
            "SELECT m.entered, s.published, s.id, m.story FROM members m JOIN stories s USING"
            " (story) WHERE m.feed = ? ORDER BY m.entered DESC"
        )
        return map(Member._make, self._db.execute(query, (feed,)))

    def count(self, feed: int) -> int:
        """Return how many members a feed has."""
        query = "SELECT count(*) FROM members WHERE feed = ?"
        number: int = self._db.execute(query, (feed,)).fetchone()[0]
        return number

    def published(self, feed: int, since: int) -> list[int]:
        """Return when those members were published that were after that instant."""
        query = (  # nothing enters before it is published
            "SELECT s.published FROM members m JOIN stories s USING (story)"
            " WHERE m.feed = ? AND m.entered > ? AND s.published > ?"
        )
        return [instant for (instant,) in self._db.execute(query, (feed, since, since))]

    def put_facts(self, feed: int, facts: FeedFacts) -> None:
        """Remember the statistics of a feed."""
        data = rows.compact(facts)
        self._db.execute("INSERT OR REPLACE INTO feed_facts VALUES (?, ?)", (feed, data))

    def forget_facts(self, feeds: Iterable[int]) -> None:
        """Forget the statistics of feeds whose items are not those they were made of."""
        self._db.executemany("DELETE FROM feed_facts WHERE feed = ?", ((n,) for n in sorted(feeds)))

    def facts_of(self, feed: int) -> FeedFacts | None:
        """Return the statistics of a feed as it was last rendered, if they still count."""
        query = "SELECT data FROM feed_facts WHERE feed = ?"
        found = self._db.execute(query, (feed,)).fetchone()
        return _facts(found[0]) if found else None

    def facts(self) -> dict[int, FeedFacts]:
        """Return the statistics of all feeds that were rendered."""
        found = self._db.execute("SELECT feed, data FROM feed_facts")
        return {feed: _facts(data) for feed, data in found}

    def member_counts(self) -> dict[int, tuple[int, int]]:
        """Return for each feed with members how many, and when the newest was published."""
        query = (
            "SELECT m.feed, count(*), max(s.published) FROM members m JOIN stories s USING (story)"
            " GROUP BY m.feed"
        )
        return {feed: (count, newest) for feed, count, newest in self._db.execute(query)}


@lru_cache(maxsize=4096)
def _facts(text: str) -> FeedFacts:
    items, newest, weeks, providers = json.loads(text)
    return FeedFacts(items, newest, tuple(weeks), tuple(providers))


class EntryTable:
    """The entries of what is in a window, so that a neighbour is not read again.

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
        for number, data in self._db.execute(query, (json.dumps(list(stories)), outdated)):
            yield number, rows.load_entry(data)

    def put(self, entries: Iterable[tuple[int, Kept]]) -> None:
        """Keep entries by story; they are true from now on."""
        entries = list(entries)
        self.drop(number for number, _ in entries)
        self._db.executemany(
            "INSERT INTO entries (story, data) VALUES (?, ?)",
            ((number, rows.dump_entry(kept)) for number, kept in entries),
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
        found = self._db.execute(query, (json.dumps(sorted({key64(t) for t in targets})),))
        return [number for (number,) in found]


class OutputTable:
    """Every file in out/ that is ours."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._all: dict[str, Output] | None = None

    def forget_read(self) -> None:
        """Read again what was read before: a transaction begins or was undone."""
        self._all = None

    def all(self) -> dict[str, Output]:
        """Return every file in out/ that is ours, by path; read once in a transaction."""
        if self._all is None:
            found = self._db.execute("SELECT * FROM outputs")
            self._all = {row[0]: Output._make(row) for row in found}
        return dict(self._all)

    def put(self, output: Output) -> None:
        """Remember a file in out/ as it was just written or found."""
        self._db.execute("INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?, ?, ?, ?)", output)
        if self._all is not None:
            self._all[output.path] = output

    def forget(self, path: str) -> None:
        """Forget a file that was removed from out/."""
        self._db.execute("DELETE FROM outputs WHERE path = ?", (path,))
        if self._all is not None:
            self._all.pop(path, None)
