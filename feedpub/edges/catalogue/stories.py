"""The ledger of stories: ids and instants that must survive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from feedpub.core.identity import keys_of
from feedpub.core.stories import State, Story
from feedpub.edges.catalogue import rows
from feedpub.edges.catalogue.rows import key64


class StoryTable:
    """Stories by row number and by the keys under which they are known."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, numbers: Iterable[int]) -> dict[int, Story]:
        """Return stories by row number."""
        query = "SELECT story, data FROM stories WHERE story IN (SELECT value FROM json_each(?))"
        found = self._db.execute(query, (json.dumps(sorted(numbers)),))
        return {number: rows.load_story(data) for number, data in found}

    def all(self) -> Iterator[tuple[int, Story]]:
        """Yield every story with its row number."""
        for number, data in self._db.execute("SELECT story, data FROM stories"):
            yield number, rows.load_story(data)

    def with_keys(self, keys: Iterable[str]) -> dict[int, Story]:
        """Return the stories that may be known by one of these keys (a superset)."""
        query = (
            "SELECT story, data FROM stories WHERE story IN (SELECT k.story FROM story_keys k"
            " JOIN json_each(?) j ON k.key = j.value)"
        )
        found = self._db.execute(query, (json.dumps(sorted({key64(k) for k in keys})),))
        return {number: rows.load_story(data) for number, data in found}

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
        found = self._db.execute(query, (json.dumps([int(s) for s in states]),))
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
                    rows.dump_numbers(feeds), rows.dump_story(s),
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
