"""Withdrawals: which feeds announce that an item is no longer out, and until when (X4)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from feedpub.core.channel import Withdrawal
from feedpub.edges.catalogue import rows


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
        found = self._db.execute(query, (json.dumps(list(stories)),)).fetchall()
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
        stories = [rows.load_story(data) for (data,) in self._db.execute(query, (feed,))]
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
