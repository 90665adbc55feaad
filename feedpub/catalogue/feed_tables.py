"""Feeds, their members and archives, and their files in out/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from feedpub.catalogue.encoding import Table, decoder, encode, key64, upsert
from feedpub.core.feeds import Feed
from feedpub.core.model import FeedFacts
from feedpub.core.selection import Digest, Member, Span

# All feeds are asked for several times a run, and few of them change in between.
_read_feed = lru_cache(16_384)(decoder(Feed))
_read_facts = lru_cache(16_384)(decoder(FeedFacts))
_read_numbers = decoder(list[int])
_read_digest = decoder(Digest)

_MEMBERS = (
    "SELECT m.entered, s.published, s.id, m.story FROM members m JOIN stories s USING (story)"
    " WHERE m.feed = ?"
)


Stat = tuple[int, int, int]
"""Size in bytes, mtime in nanoseconds, inode: equal ones mean an unchanged file."""


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


class FeedTable(Table):
    """The ledger of feeds, and which stories are in which."""

    def all(self) -> dict[int, Feed]:
        """Return every feed by row number."""
        found = self._db.execute("SELECT feed, data FROM feeds ORDER BY feed")
        return {number: _read_feed(data) for number, data in found}

    def dirty(self) -> set[int]:
        """Return the feeds whose documents may not be what they should be."""
        return set(self._column("SELECT feed FROM feeds WHERE dirty > 0"))

    def owing(self) -> set[int]:
        """Return the dirty feeds whose documents may still show what must go out of them."""
        return set(self._column("SELECT feed FROM feeds WHERE dirty > 1"))

    def put(self, number: int | None, feed: Feed) -> int:
        """Remember a feed, new (None) or known, and mark it dirty; return its row number."""
        query = (
            "INSERT INTO feeds (feed, kind, key, data) VALUES"
            " (coalesce(?, (SELECT coalesce(max(feed), 0) + 1 FROM feeds)), ?, ?, ?) ON CONFLICT (feed)"
            " DO UPDATE SET data = excluded.data, dirty = CASE feeds.dirty WHEN 2 THEN 2 ELSE 1 END"
            " RETURNING feed"
        )
        return int(self._column(query, number, feed.kind, feed.key, encode(feed))[0])

    def mark(self, feeds: Iterable[int]) -> None:
        """Have feeds rendered."""
        self._each("UPDATE feeds SET dirty = 1 WHERE feed = ? AND dirty = 0", feeds)

    def owe(self, feeds: Iterable[int]) -> None:
        """Have feeds rendered that something must go out of, until `clean` says that it has."""
        self._each("UPDATE feeds SET dirty = 2 WHERE feed = ?", feeds)

    def clean(self, feeds: Iterable[int]) -> None:
        """Remember that the documents of feeds are as they should be."""
        self._each("UPDATE feeds SET dirty = 0 WHERE feed = ?", feeds)

    def memberships(self, stories: Iterable[int]) -> dict[int, list[int]]:
        """Return for each story its feeds as recorded."""
        query = "SELECT story, feeds FROM stories WHERE story IN (SELECT value FROM json_each(?))"
        found = self._db.execute(query, (encode(sorted(stories)),))
        return {number: _read_numbers(feeds) for number, feeds in found}

    def move_members(
        self, gone: Iterable[tuple[int, int, int]], come: Iterable[tuple[int, int, int, int | None]]
    ) -> None:
        """Take members out of feeds, each (feed, entered, story), and put others in.

        These come with when they were edited; one that is in already stays sealed as it is.
        """
        query = "DELETE FROM members WHERE feed = ? AND entered = ? AND story = ?"
        self._db.executemany(query, gone)
        self._db.executemany(upsert("members", "feed, entered, story", "edited"), come)

    def members(self, feed: int) -> Iterator[Member]:
        """Yield the members of a feed, the one that entered last first, then by D7 (F6)."""
        order = "ORDER BY m.entered DESC, s.published DESC, s.id"
        found = self._db.execute(f"{_MEMBERS} {order}", (feed,))
        return map(Member._make, found)

    def edited(self, feed: int) -> Iterator[Member]:
        """Yield the members of a feed that were edited, the last one first, then by D7 (F6)."""
        order = "ORDER BY m.edited DESC, s.published DESC, s.id"
        found = self._db.execute(f"{_MEMBERS} AND m.edited NOTNULL {order}", (feed,))
        return map(Member._make, found)

    def arrived(self, feed: int, since: int) -> set[int]:
        """Return the members of a feed that were first out, or came in late, after `since`."""
        query = (  # the index is on `entered`, and nothing enters before it is first out
            "SELECT m.story FROM members m JOIN stories s USING (story) WHERE m.feed = ?"
            " AND m.entered > ?"
            " AND (m.entered > s.entered OR json_extract(s.data, '$.first_out') > ?)"
        )
        return set(self._column(query, feed, since, since))

    def count(self, feed: int) -> int:
        """Return how many members a feed has."""
        return int(self._column("SELECT count(*) FROM members WHERE feed = ?", feed)[0])

    def published(self, feed: int, since: int) -> list[int]:
        """Return when the members were published that were published after `since`."""
        query = (  # the index is on `entered`, and nothing enters before it is published
            "SELECT s.published FROM members m JOIN stories s USING (story)"
            " WHERE m.feed = ? AND m.entered > ? AND s.published > ?"
        )
        return self._column(query, feed, since, since)

    def put_facts(self, feed: int, facts: FeedFacts) -> None:
        """Remember the statistics of a feed."""
        self._db.execute(upsert("feed_facts", "feed", "data"), (feed, encode(facts)))

    def facts(self) -> dict[int, FeedFacts]:
        """Return the statistics of all feeds that were rendered."""
        found = self._db.execute("SELECT feed, data FROM feed_facts")
        return {feed: _read_facts(data) for feed, data in found}

    def member_counts(self) -> dict[int, tuple[int, int]]:
        """Return how many members each feed has, if any, and when the newest was published."""
        query = (
            "SELECT m.feed, count(*), max(s.published) FROM members m JOIN stories s USING (story)"
            " GROUP BY m.feed"
        )
        return {feed: (count, newest) for feed, count, newest in self._db.execute(query)}

    def rank(self, stories: Collection[int], rows: Iterable[tuple[object, ...]]) -> None:
        """Have stories ranked in feeds by rows of the table of ranks, and by no others."""
        self._each("DELETE FROM ranks WHERE story = ?", stories)
        self._db.executemany("INSERT INTO ranks VALUES (?, ?, ?, ?, ?, ?)", rows)

    def ranked(self, feed: int, top: int, within: int, *, keep: bool) -> tuple[set[int], set[int]]:
        """Return the members of a feed, and those that it has by its ranks (N2).

        These are its `top`, what is in by hand, and, if it may `keep` them, members that stay, but
        nothing that entered more than so many seconds `within` the newest, unless that is 0.
        """
        (newest,) = self._column("SELECT max(entered) FROM ranks WHERE feed = ?", feed)
        query = (
            "SELECT story FROM ranks WHERE feed = ?1 AND entered IS NULL"
            " UNION SELECT m.story FROM members m CROSS JOIN ranks r"
            " WHERE r.story = m.story AND r.feed = m.feed"
            " AND m.feed = ?1 AND r.entered >= ?2 AND r.stays = 1 AND ?4 = 1"
            " UNION SELECT story FROM (SELECT story FROM ranks WHERE feed = ?1 AND +entered >= ?2"
            " AND score NOTNULL ORDER BY score DESC, entered, id LIMIT ?3) AS best"
        )
        oldest = newest - within if newest and within else 0
        members = self._column("SELECT story FROM members WHERE feed = ?", feed)
        return set(members), set(self._column(query, feed, oldest, top, int(keep)))

    def put_digests(self, digests: Iterable[tuple[int, Digest]]) -> None:
        """Remember digests by feed (N4)."""
        rows = ((feed, digest.start, encode(digest)) for feed, digest in digests)
        self._db.executemany(upsert("digests", "feed, start", "data"), rows)

    def digests(self, feed: int) -> list[Digest]:
        """Return the digests of a feed, the last one first."""
        found = map(_read_digest, self._column("SELECT data FROM digests WHERE feed = ?", feed))
        return sorted(found, key=lambda digest: (digest.instant, digest.start), reverse=True)

    def digest_days(self) -> dict[int, list[str]]:
        """Return by feed the days on which the periods of its digests began."""
        found: dict[int, list[str]] = {}
        for feed, start in self._db.execute("SELECT feed, start FROM digests ORDER BY feed, start"):
            found.setdefault(feed, []).append(start)
        return found


class ArchiveTable(Table):
    """The sealed documents of feeds, numbered from 1 in the order in which they were sealed."""

    def unsealed(self, feed: int) -> list[Member]:
        """Return the members of a feed that no sealed document holds."""
        found = self._db.execute(f"{_MEMBERS} AND m.sealed IS NULL", (feed,))
        return [*map(Member._make, found)]

    def seal(self, feed: int, number: int, members: Sequence[Member]) -> None:
        """Seal members of a feed in the document of that number, which must be written then."""
        self._db.execute(upsert("archives", "feed, number", "dirty"), (feed, number, 1))
        rows = ((feed, number, m.story, m.entered) for m in members)
        self._db.executemany(upsert("archived", "feed, number, story", "entered"), rows)
        rows = ((number, feed, m.entered, m.story) for m in members)
        query = "UPDATE members SET sealed = ? WHERE feed = ? AND entered = ? AND story = ?"
        self._db.executemany(query, rows)

    def last(self) -> dict[int, int]:
        """Return the number of the last sealed document of each feed that has one."""
        return dict(self._db.execute("SELECT feed, max(number) FROM archives GROUP BY feed"))

    def spans(self, feed: int) -> list[Span]:
        """Return in which span the members in each document entered a feed, the oldest first.

        What entered again since counts where it is now, as in the text ledger.
        """
        query = (
            "SELECT number,"
            " (SELECT min(entered) FROM members m WHERE m.feed = a.feed AND m.sealed = a.number),"
            " (SELECT max(entered) FROM members m WHERE m.feed = a.feed AND m.sealed = a.number)"
            " FROM archives a WHERE feed = ?1"
            # The open one comes after the last.
            " UNION ALL SELECT (SELECT max(number) + 1 FROM archives WHERE feed = ?1),"
            " min(entered), max(entered) FROM members WHERE feed = ?1 AND sealed IS NULL ORDER BY 1"
        )
        found = self._db.execute(query, (feed,))
        return [Span(*row) for row in found if None not in row]

    def members(self, feed: int, number: int) -> list[Member]:
        """Return what was sealed in a document and is still in the feed, as it is now.

        That includes what entered again since: a reader who is on the way to this document has not
        met it where it is now (X3).
        """
        query = (
            "SELECT s.entered, s.published, s.id, story FROM archived a JOIN stories s USING (story)"
            " WHERE a.feed = ?1 AND a.number = ?2"
            " AND EXISTS (SELECT 1 FROM json_each(s.feeds) WHERE value = ?1)"
        )
        return [Member._make(row) for row in self._db.execute(query, (feed, number))]

    def release(self, members: Sequence[tuple[int, int]]) -> None:
        """Have the documents that hold these members, by feed and story, written without them."""
        query = (
            "UPDATE archives SET dirty = 1 WHERE (feed, number) IN"
            " (SELECT feed, number FROM archived WHERE feed = ? AND story = ?)"
        )
        self._db.executemany(query, members)
        self._db.executemany("DELETE FROM archived WHERE feed = ? AND story = ?", members)

    def dirty(self, feed: int) -> list[int]:
        """Return the documents of a feed that must be written again, in their order."""
        query = "SELECT number FROM archives WHERE feed = ? AND dirty = 1 ORDER BY number"
        return self._column(query, feed)

    def put_links(self, feed: int, number: int, targets: Iterable[str]) -> None:
        """Remember the canonical URLs that a document links to, in place of those before."""
        self._db.execute("DELETE FROM archive_links WHERE feed = ? AND number = ?", (feed, number))
        rows = ((key64(target), feed, number) for target in targets)
        query = "INSERT INTO archive_links VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        self._db.executemany(query, rows)

    def clean(self, feed: int, number: int) -> None:
        """Remember that a document is as it should be."""
        query = "UPDATE archives SET dirty = 0 WHERE feed = ? AND number = ?"
        self._db.execute(query, (feed, number))

    def outdate(self, stories: Iterable[int], targets: Iterable[str]) -> set[int]:
        """Have the documents that hold these stories, or link to `targets`, written again (X4).

        Return their feeds.
        """
        query = (
            "UPDATE archives SET dirty = 1 WHERE (feed, number) IN ("
            " SELECT feed, number FROM archived WHERE story IN (SELECT value FROM json_each(?))"
            " UNION SELECT feed, number FROM archive_links"
            " WHERE target IN (SELECT value FROM json_each(?))) RETURNING feed"
        )
        keys = encode(sorted(set(map(key64, targets))))
        return set(self._column(query, encode(sorted(stories)), keys))

    def sealed(self) -> dict[int, dict[int, int]]:
        """Return by story and feed the document that holds the story as it is now."""
        found: dict[int, dict[int, int]] = {}
        query = "SELECT story, feed, sealed FROM members WHERE sealed IS NOT NULL"
        for story, feed, number in self._db.execute(query):
            found.setdefault(story, {})[feed] = number
        return found


class OutputTable(Table):
    """Every file in out/ that is ours."""

    def all(self) -> dict[str, Output]:
        """Return every file in out/ that is ours, by path."""
        found = self._db.execute("SELECT * FROM outputs")
        return {row[0]: Output._make(row) for row in found}

    def put(self, output: Output) -> None:
        """Remember a file in out/ as it was just written or found."""
        self._db.execute(upsert("outputs", *Output._fields), output)

    def forget(self, path: str) -> None:
        """Forget a file that was removed from out/."""
        self._db.execute("DELETE FROM outputs WHERE path = ?", (path,))


class ObjectTable(Table):
    """What is known of the objects in buckets."""

    def all(self, root: str) -> dict[str, StoredObject]:
        """Return what is known of the objects at the address of an output root, by path."""
        query = "SELECT path, etag, size, epoch, mark, gone FROM objects WHERE root = ?"
        return {row[0]: StoredObject._make(row) for row in self._db.execute(query, (root,))}

    def put(self, root: str, changed: Mapping[str, StoredObject | None]) -> None:
        """Remember how objects were last (None: not there); of other roots, nothing is known then."""
        rows = [(root, *known) for known in changed.values() if known]
        paths = [(root, path) for path in changed]
        self._db.execute("DELETE FROM objects WHERE root <> ?", (root,))
        self._db.executemany("DELETE FROM objects WHERE root = ? AND path = ?", paths)
        self._db.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


class PurgeTable(Table):
    """The addresses that caches must forget."""

    def all(self) -> list[tuple[str, int]]:
        """Return each, and since when, in the order to purge them: those tried least first."""
        return [*self._db.execute("SELECT url, since FROM purges ORDER BY tries, since, url")]

    def put(self, urls: Iterable[str], now: int) -> None:
        """Have addresses purged; one that is asked for already is then another, later one."""
        query = (
            "INSERT INTO purges VALUES (?, ?, 0) ON CONFLICT (url) DO UPDATE SET tries = 0, since ="
            " CASE WHEN excluded.since > purges.since THEN excluded.since ELSE purges.since + 1 END"
        )
        self._db.executemany(query, ((url, now) for url in urls))

    def settle(self, url: str, since: int, *, done: bool) -> None:
        """Forget what was done, unless it was asked for anew since, and count what failed."""
        change = "DELETE FROM purges" if done else "UPDATE purges SET tries = tries + 1"
        self._db.execute(f"{change} WHERE url = ? AND since = ?", (url, since))
