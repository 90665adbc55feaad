"""What is known of the content: files, their problems, stories, entries, and withdrawals."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import chain
from typing import Any, NamedTuple

from feedpub.catalogue.encoding import Table, decoder, encode, key64, upsert
from feedpub.core import topics
from feedpub.core.model import Entry, Kept, SeenFile, Withdrawal
from feedpub.core.policy import Name
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import Copy, State, Story, linked_by


class Status(IntEnum):
    """What became of a candidate file; every file has exactly one."""

    PUBLISHED = 0
    WITHHELD = 1
    SCHEDULED = 2
    DUPLICATE = 3
    QUARANTINED = 4
    NOT_ITEM = 5
    UNDATED = 6

    @property
    def label(self) -> str:
        """Its name in reports and metrics."""
        return "not_items" if self is Status.NOT_ITEM else self.name.lower()


class Stage(IntEnum):
    """Which stage said a problem; it replaces all it said about a file before."""

    READING = 0
    SETTLING = 1
    COMPOSING = 2
    ADDRESSES = 3


class KnownFile(NamedTuple):
    """A file as the catalogue remembers it.

    `content` is the hash of its bytes, `copy` what is kept of its (last good) item, `story` the
    row number of the story that it holds.
    """

    seen: SeenFile
    content: str
    status: Status
    copy: Copy | None
    story: int | None


class _Shown(NamedTuple):
    """What is read of a `Kept` that is up to date."""

    entry: Entry


_read_copy, _read_story = decoder(Copy), decoder(Story)
_read_kept, _read_shown = decoder(Kept), decoder(_Shown)
_SEEN = "path, size, mtime_ns, inode, ctime_ns"
_FILE = (*_SEEN.split(", "), "content", "status", "identity", "copy", "story")
_STORY = ("story", "state", "due", "published", "entered", "id", "feeds", "data")


class FileTable(Table):
    """Candidate files by path, and their problems."""

    def seen(self, below: Iterable[str] | None = None) -> Iterator[SeenFile]:
        """Yield every known file as it was seen, or just those at or below the paths `below`.

        The cost is that of what is yielded; a file may come twice if paths lie below each other.
        """
        query = f"SELECT {_SEEN} FROM files"  # noqa: S608 - constants
        found: Iterable[Any] = self._db.execute(query) if below is None else ()
        for blob in map(os.fsencode, below or ()):
            # '0' follows '/', so what begins with the path and a slash lies between the two.
            at = f"{query} WHERE path = ?1 UNION ALL {query} WHERE path > ?2 AND path < ?3"
            found = chain(found, self._db.execute(at, (blob, blob + b"/", blob + b"0")))
        for path, *stat in found:
            yield SeenFile(os.fsdecode(path), *stat)

    def get(self, paths: Iterable[str]) -> list[KnownFile]:
        """Return what is known of these files."""
        return [*chain.from_iterable(self._known("path = ?", os.fsencode(p)) for p in paths)]

    def with_identity(self, keys: Iterable[str]) -> list[KnownFile]:
        """Return the files whose copies have one of these identity keys."""
        wanted = set(keys)
        query = "identity IN (SELECT value FROM json_each(?))"
        found = self._known(query, encode(sorted(map(key64, wanted))))
        return [f for f in found if f.copy and f.copy.identity in wanted]

    def of_stories(self, stories: Iterable[int]) -> list[KnownFile]:
        """Return the files that hold one of these stories."""
        query = "story IN (SELECT value FROM json_each(?))"
        return self._known(query, encode(sorted(stories)))

    def with_status(self, statuses: Iterable[Status]) -> list[KnownFile]:
        """Return the files of these statuses, in the order of their paths."""
        query = "status IN (SELECT value FROM json_each(?)) ORDER BY path"
        return self._known(query, encode(sorted(statuses)))

    def _known(self, which: str, value: str | bytes) -> list[KnownFile]:
        query = f"SELECT {', '.join(_FILE)} FROM files WHERE {which}"  # noqa: S608 - constants
        return [
            KnownFile(
                SeenFile(os.fsdecode(blob), *stat),
                content,
                Status(status),
                _read_copy(copy)._replace(path=os.fsdecode(blob)) if copy else None,
                story,
            )
            for blob, *stat, content, status, _, copy, story in self._db.execute(query, (value,))
        ]

    def put(self, files: Iterable[KnownFile]) -> None:
        """Remember files, new or known."""
        rows = (
            (os.fsencode(f.seen.path), *f.seen[1:], f.content, f.status, *_copied(f.copy), f.story)
            for f in files
        )
        self._db.executemany(upsert("files", *_FILE), rows)

    def touch(self, seen: Iterable[SeenFile]) -> None:
        """Remember what `stat` says of known files now; their bytes are what they were."""
        query = "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, ctime_ns = ? WHERE path = ?"
        self._db.executemany(query, ((*s[1:], os.fsencode(s.path)) for s in seen))

    def place(self, places: Iterable[tuple[str, Status, int]]) -> None:
        """Set status and story of known files: (path, status, story)."""
        rows = ((status, story, os.fsencode(path)) for path, status, story in places)
        self._db.executemany("UPDATE files SET status = ?, story = ? WHERE path = ?", rows)

    def forget(self, paths: Iterable[str]) -> None:
        """Forget files that are gone, and their problems."""
        blobs = [(os.fsencode(p),) for p in paths]
        self._db.executemany("DELETE FROM files WHERE path = ?", blobs)
        self._db.executemany("DELETE FROM problems WHERE path = ?", blobs)

    def names(self, kinds: Iterable[str]) -> dict[Name, str]:
        """Return the labels of what files name and feeds of these kinds can be made of."""
        query = "SELECT DISTINCT atom FROM files, json_tree(copy, ?) WHERE atom NOTNULL AND coalesce(key, '') <> 'key'"
        several = {"topic": "topics", "author": "authors"}
        found = ((k, self._db.execute(query, (f"$.{several.get(k, k)}",))) for k in kinds)
        return {Name(kind, topics.key(text)): text for kind, rows in found for (text,) in rows}

    def status_counts(self) -> dict[int, int]:
        """Return how many files have each status."""
        return dict(self._db.execute("SELECT status, count(*) FROM files GROUP BY status"))

    def problems(self) -> list[Problem]:
        """Return every remembered problem, by path and line."""
        query = (
            "SELECT path, line, code, severity, message FROM problems"
            " ORDER BY path, coalesce(line, 0), code, message"
        )
        return [
            Problem(os.fsdecode(p), line, code, Severity(severity), message)
            for p, line, code, severity, message in self._db.execute(query)
        ]

    def replace_problems(self, source: int, paths: Iterable[str], found: Iterable[Problem]) -> None:
        """Replace the problems that the stage `source` found in `paths`."""
        places = ((source, os.fsencode(path)) for path in paths)
        self._db.executemany("DELETE FROM problems WHERE source = ? AND path = ?", places)
        rows = (
            (os.fsencode(p.path), source, p.line, p.code, int(p.severity), p.message) for p in found
        )
        self._db.executemany("INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?)", rows)


def _copied(copy: Copy | None) -> tuple[int | None, str | None]:
    return (key64(copy.identity), encode(copy._replace(path=""))) if copy else (None, None)


class StoryTable(Table):
    """Stories by row number and by the keys under which they are known."""

    def get(self, numbers: Iterable[int]) -> dict[int, Story]:
        """Return stories by row number."""
        query = "WHERE story IN (SELECT value FROM json_each(?))"
        return self._stories(query, encode(sorted(numbers)))

    def all(self) -> dict[int, Story]:
        """Return every story by row number."""
        return self._stories("")

    def with_keys(self, keys: Iterable[str]) -> dict[int, Story]:
        """Return the stories that are known by one of these keys, and perhaps a few others."""
        query = (
            "WHERE story IN"
            " (SELECT k.story FROM story_keys k JOIN json_each(?) j ON k.key = j.value)"
        )
        return self._stories(query, encode(sorted(set(map(key64, keys)))))

    def _stories(self, which: str, *values: str) -> dict[int, Story]:
        query = f"SELECT story, data FROM stories {which}"  # noqa: S608 - constants of this class
        found = self._db.execute(query, values)
        return {number: _read_story(data) for number, data in found}

    def is_taken(self, item_id: str) -> bool:
        """Say whether a story has this id, whatever became of it."""
        return any(item_id in _ids(s) for s in self.with_keys([f"id:{item_id}"]).values())

    def due(self, now: int) -> list[int]:
        """Return the row numbers of the stories that have changed by `now` through time alone."""
        return self._column("SELECT story FROM stories WHERE due <= ?", now)

    def in_states(self, *states: State) -> list[int]:
        """Return the row numbers of the stories in these states."""
        query = "SELECT story FROM stories WHERE state IN (SELECT value FROM json_each(?))"
        return self._column(query, encode(sorted(states)))

    def next_number(self) -> int:
        """Return the row number for the next new story."""
        return int(self._column("SELECT coalesce(max(story), 0) + 1 FROM stories")[0])

    def put(self, changes: Iterable[tuple[int, Story | None, Story, list[int]]]) -> None:
        """Remember stories: (row number, as it was or None, as it is, its feeds)."""
        changes = list(changes)
        rows = [
            (number, s.state, s.due, s.published, s.entered, s.id, encode(feeds), encode(s))
            for number, _, s, feeds in changes
        ]
        self._db.executemany(upsert("stories", *_STORY), rows)
        keys = [(number, _story_keys(old), _story_keys(new)) for number, old, new, _ in changes]
        gone = [(key, number) for number, before, after in keys for key in before - after]
        come = [(key, number) for number, before, after in keys for key in after - before]
        self._db.executemany("DELETE FROM story_keys WHERE key = ? AND story = ?", gone)
        self._db.executemany("INSERT INTO story_keys VALUES (?, ?) ON CONFLICT DO NOTHING", come)


def _ids(story: Story) -> set[str]:
    return {story.id, *dict(story.ids).values()}


def _story_keys(story: Story | None) -> set[int]:
    keys = (*linked_by(story), *(f"id:{own}" for own in _ids(story))) if story else ()
    return set(map(key64, keys))


class EntryTable(Table):
    """The entries of what is in a window, by story, so that its files are not read again."""

    def get(self, stories: Iterable[int]) -> tuple[dict[int, Entry], dict[int, Kept]]:
        """Return the entries of these stories: up to date ones, and ones to be composed again."""
        known: dict[int, Entry] = {}
        outdated: dict[int, Kept] = {}
        query = "SELECT story, data, outdated FROM entries WHERE story IN (SELECT value FROM json_each(?))"
        for number, data, is_outdated in self._db.execute(query, (encode(sorted(stories)),)):
            if is_outdated:
                outdated[number] = _read_kept(data)
            else:
                known[number] = _read_shown(data).entry
        return known, outdated

    def put(self, entries: Iterable[tuple[int, Kept]]) -> None:
        """Keep entries by story; they are up to date from now on."""
        entries = list(entries)
        self.drop(number for number, _ in entries)
        rows = ((number, encode(kept)) for number, kept in entries)
        self._db.executemany("INSERT INTO entries (story, data) VALUES (?, ?)", rows)
        links = ((key64(key), number) for number, kept in entries for key in sorted(kept.targets))
        self._db.executemany("INSERT INTO entry_links VALUES (?, ?) ON CONFLICT DO NOTHING", links)

    def outdate(self, stories: Iterable[int]) -> None:
        """Mark entries to be composed again; they stay in case their file is unusable."""
        self._each("UPDATE entries SET outdated = 1 WHERE story = ?", stories)

    def drop(self, stories: Iterable[int]) -> None:
        """Forget entries that must not be shown any more."""
        stories = list(stories)
        self._each("DELETE FROM entries WHERE story = ?", stories)
        self._each("DELETE FROM entry_links WHERE story = ?", stories)

    def linking_to(self, targets: Iterable[str]) -> list[int]:
        """Return the stories whose entries link to one of these canonical URLs (R4)."""
        query = (
            "SELECT DISTINCT story FROM entry_links WHERE target IN"
            " (SELECT value FROM json_each(?)) ORDER BY story"
        )
        return self._column(query, encode(sorted(set(map(key64, targets)))))


class WithdrawalTable(Table):
    """Withdrawals by feed. When a story was withdrawn stands in the story itself."""

    def put(self, withdrawals: Iterable[tuple[int, int, int]]) -> None:
        """Announce withdrawals: (feed, story, the instant at which that ends)."""
        self._db.executemany(upsert("withdrawals", "feed, story", "expires"), withdrawals)

    def lift(self, stories: Iterable[int]) -> set[int]:
        """Stop announcing these stories as withdrawn; return the feeds that did."""
        query = (
            "DELETE FROM withdrawals WHERE story IN (SELECT value FROM json_each(?)) RETURNING feed"
        )
        return set(self._column(query, encode(sorted(stories))))

    def expire(self, now: int) -> set[int]:
        """Forget what expired by `now`; return the feeds that announced it."""
        return set(self._column("DELETE FROM withdrawals WHERE expires <= ? RETURNING feed", now))

    def of(self, feed: int, limit: int) -> tuple[Withdrawal, ...]:
        """Return the last `limit` withdrawals that a feed announces, the last one first."""
        query = "SELECT s.data FROM withdrawals w JOIN stories s USING (story) WHERE w.feed = ?"
        stories = map(_read_story, self._column(query, feed))
        found = (Withdrawal(s.id, s.withdrawn, s.ids) for s in stories if s.withdrawn is not None)
        return tuple(sorted(found, key=lambda w: (-w.instant, w.id))[:limit])

    def feeds(self) -> dict[int, list[int]]:
        """Return the feeds that announce the withdrawal of a story, by story."""
        found: dict[int, list[int]] = {}
        for story, feed in self._db.execute("SELECT story, feed FROM withdrawals"):
            found.setdefault(story, []).append(feed)
        return found
