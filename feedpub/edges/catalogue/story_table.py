"""Stories, whose ids and instants must survive; their entries, and which feeds withdraw them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from feedpub.core.compose import Kept
from feedpub.core.model import Entry, Withdrawal
from feedpub.core.stories import State, Story, keys_of
from feedpub.edges.catalogue.encoding import Encoding, key64, numbers_as_json

_STORY = Encoding(Story)
_KEPT = Encoding(Kept)


class _Shown(NamedTuple):
    """What of a kept entry is shown: all but the links that stand in for those of its file."""

    entry: Entry


_SHOWN = Encoding(_Shown)


class StoryTable:
    """Stories by row number and by the keys under which they are known."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, numbers: Iterable[int]) -> dict[int, Story]:
        """Return stories by row number."""
        query = "SELECT story, data FROM stories WHERE story IN (SELECT value FROM json_each(?))"
        found = self._db.execute(query, (numbers_as_json(sorted(numbers)),))
        return {number: _STORY.decode(data) for number, data in found}

    def all(self) -> Iterator[tuple[int, Story]]:
        """Yield every story with its row number."""
        for number, data in self._db.execute("SELECT story, data FROM stories"):
            yield number, _STORY.decode(data)

    def with_keys(self, keys: Iterable[str]) -> dict[int, Story]:
        """Return the stories that may be known by one of these keys (a superset)."""
        query = (
            "SELECT story, data FROM stories WHERE story IN (SELECT k.story FROM story_keys k"
            " JOIN json_each(?) j ON k.key = j.value)"
        )
        found = self._db.execute(query, (numbers_as_json(sorted({key64(k) for k in keys})),))
        return {number: _STORY.decode(data) for number, data in found}

    def is_taken(self, item_id: str) -> bool:
        """Say whether a story has this id, whatever became of it."""
        query = (
            "SELECT 1 FROM story_keys k JOIN stories s USING (story) WHERE k.key = ? AND s.id = ?"
        )
        return bool(self._db.execute(query, (key64("id:" + item_id), item_id)).fetchone())

    def due(self, now: int) -> list[int]:
        """Return the stories that time alone changes by `now`."""
        query = "SELECT story FROM stories WHERE due IS NOT NULL AND due <= ?"
        return [number for (number,) in self._db.execute(query, (now,))]

    def next_due(self, now: int) -> int | None:
        """Return the first instant after `now` at which time alone changes a story, if any."""
        query = "SELECT min(due) FROM stories WHERE due > ?"
        instant: int | None = self._db.execute(query, (now,)).fetchone()[0]
        return instant

    def in_states(self, *states: State) -> list[int]:
        """Return the row numbers of the stories in these states."""
        query = "SELECT story FROM stories WHERE state IN (SELECT value FROM json_each(?))"
        found = self._db.execute(query, (numbers_as_json(states),))
        return [number for (number,) in found]

    def next_number(self) -> int:
        """Return the row number for the next new story."""
        query = "SELECT coalesce(max(story), 0) + 1 FROM stories"
        number: int = self._db.execute(query).fetchone()[0]
        return number

    def put(self, changes: Iterable[tuple[int, Story | None, Story, list[int]]]) -> None:
        """Remember stories: (row number, as it was or None, as it is, its feeds)."""
        changes = list(changes)
        self._db.executemany(
            "INSERT INTO stories VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (story) DO UPDATE"
            " SET state = excluded.state, due = excluded.due, published = excluded.published,"
            " entered = excluded.entered, feeds = excluded.feeds, data = excluded.data",
            (
                (
                    number, s.state, s.due, s.published, s.entered, s.id,
                    numbers_as_json(feeds), _STORY.encode(s),
                )
                for number, _, s, feeds in changes
            ),
        )  # fmt: skip
        stale, fresh = [], []
        for number, old, new, _ in changes:
            before = set(_story_keys(old)) if old else set()
            after = set(_story_keys(new))
            stale += [(key64(k), number) for k in before - after]
            fresh += [(key64(k), number) for k in after - before]
        self._db.executemany("DELETE FROM story_keys WHERE key = ? AND story = ?", stale)
        fresh.sort()  # in the order of the table
        self._db.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", fresh)


def _story_keys(story: Story) -> Iterator[str]:
    yield from keys_of(story)
    yield "id:" + story.id


class EntryTable:
    """The entries of what is in a window, by story, so that a neighbour is not read again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, stories: Iterable[int]) -> dict[int, Entry]:
        """Return the kept entries of these stories that are true."""
        found = self._stored(stories, outdated=False)
        return {number: _SHOWN.decode(data).entry for number, data in found}

    def outdated(self, stories: Iterable[int]) -> dict[int, Kept]:
        """Return the kept entries of these stories that must be composed again, if they can be."""
        found = self._stored(stories, outdated=True)
        return {number: _KEPT.decode(data) for number, data in found}

    def _stored(self, stories: Iterable[int], outdated: bool) -> sqlite3.Cursor:
        query = (
            "SELECT story, data FROM entries WHERE story IN (SELECT value FROM json_each(?))"
            " AND outdated = ?"
        )
        return self._db.execute(query, (numbers_as_json(stories), outdated))

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


class WithdrawalTable:
    """Withdrawals by feed. What is told of a story itself stands in the ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, withdrawals: Iterable[tuple[int, int, int]]) -> None:
        """Announce withdrawals: (feed, story, the instant at which that ends)."""
        self._db.executemany("INSERT OR REPLACE INTO withdrawals VALUES (?, ?, ?)", withdrawals)

    def lift(self, stories: Iterable[int]) -> set[int]:
        """Announce these stories as withdrawn no longer; return the feeds that did."""
        query = (
            "DELETE FROM withdrawals WHERE story IN (SELECT value FROM json_each(?)) RETURNING feed"
        )
        found = self._db.execute(query, (numbers_as_json(stories),)).fetchall()
        return {feed for (feed,) in found}

    def expire(self, now: int) -> set[int]:
        """Forget what expired by `now`; return the feeds that announced it."""
        query = "DELETE FROM withdrawals WHERE expires <= ? RETURNING feed"
        return {feed for (feed,) in self._db.execute(query, (now,)).fetchall()}

    def next_expiry(self, now: int) -> int | None:
        """Return the first instant after `now` at which one expires, if any."""
        query = "SELECT min(expires) FROM withdrawals WHERE expires > ?"
        instant: int | None = self._db.execute(query, (now,)).fetchone()[0]
        return instant

    def of(self, feed: int, limit: int) -> tuple[Withdrawal, ...]:
        """Return what a feed announces, the last `limit`, the last one first."""
        query = "SELECT s.data FROM withdrawals w JOIN stories s USING (story) WHERE w.feed = ?"
        stories = [_STORY.decode(data) for (data,) in self._db.execute(query, (feed,))]
        found = sorted(
            (Withdrawal(s.id, s.withdrawn) for s in stories if s.withdrawn is not None),
            key=lambda w: (-w.instant, w.id),
        )
        return tuple(found[:limit])

    def feeds(self) -> dict[int, list[int]]:
        """Return for each story whose withdrawal is announced the feeds that do."""
        found: dict[int, list[int]] = {}
        for story, feed in self._db.execute("SELECT story, feed FROM withdrawals"):
            found.setdefault(story, []).append(feed)
        return found
