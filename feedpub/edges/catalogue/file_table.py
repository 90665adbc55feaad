"""What is known of the files of the content root, and the problems they have."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from feedpub.core import topics
from feedpub.core.model import SeenFile
from feedpub.core.policy import Name
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import Copy
from feedpub.edges.catalogue.encoding import Table, decoder, encode, key64, upsert
from feedpub.publish.ports import KnownFile, Status

_read_copy = decoder(Copy)
_STAT = ("path", "size", "mtime_ns", "inode", "ctime_ns")
_KEPT = ("content", "status", "identity", "copy", "story")


class FileTable(Table):
    """Candidate files by path, and their problems."""

    def seen(self, below: Iterable[str] | None = None) -> Iterator[SeenFile]:
        """Yield every known file as it was seen, or just those at or below the paths `below`.

        The cost is that of what is yielded; a file may come twice if paths lie below each other.
        """
        query = "SELECT path, size, mtime_ns, inode, ctime_ns FROM files"
        found: Iterable[Any] = ()
        if below is None:
            found = self._db.execute(query)
        for blob in map(os.fsencode, below or ()):
            # '0' follows '/', so what begins with the path and a slash lies between the two.
            at = f"{query} WHERE path = ?1 UNION ALL {query} WHERE path > ?2 AND path < ?3"
            found = chain(found, self._db.execute(at, (blob, blob + b"/", blob + b"0")))
        for path, *stat in found:
            yield SeenFile(os.fsdecode(path), *stat)

    def get(self, paths: Iterable[str]) -> list[KnownFile]:
        """Return what is known of these files."""
        found = (self._known("path = ?", os.fsencode(path)) for path in paths)
        return [*chain.from_iterable(found)]

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
        columns = "path, size, mtime_ns, inode, ctime_ns, content, status, copy, story"
        query = f"SELECT {columns} FROM files WHERE {which}"  # noqa: S608 - constants
        return [
            KnownFile(
                SeenFile(os.fsdecode(blob), *stat),
                content,
                Status(status),
                _read_copy(copy)._replace(path=os.fsdecode(blob)) if copy else None,
                story,
            )
            for blob, *stat, content, status, copy, story in self._db.execute(query, (value,))
        ]

    def put(self, files: Iterable[KnownFile]) -> None:
        """Remember files, new or known."""
        rows = (
            (os.fsencode(f.seen.path), *f.seen[1:], f.content, f.status, *_copied(f.copy), f.story)
            for f in files
        )
        self._db.executemany(upsert("files", *_STAT, *_KEPT), rows)

    def touch(self, seen: Iterable[SeenFile]) -> None:
        """Remember what `stat` says of known files now; their bytes are what they were."""
        self._db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, ctime_ns = ? WHERE path = ?",
            ((*s[1:], os.fsencode(s.path)) for s in seen),
        )

    def place(self, places: Iterable[tuple[str, Status, int]]) -> None:
        """Set status and story of known files: (path, status, story)."""
        self._db.executemany(
            "UPDATE files SET status = ?, story = ? WHERE path = ?",
            ((status, story, os.fsencode(path)) for path, status, story in places),
        )

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
        self._db.executemany(
            "DELETE FROM problems WHERE source = ? AND path = ?",
            ((source, os.fsencode(path)) for path in paths),
        )
        rows = (
            (os.fsencode(p.path), source, p.line, p.code, int(p.severity), p.message) for p in found
        )
        self._db.executemany("INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?)", rows)


def _copied(copy: Copy | None) -> tuple[int | None, str | None]:
    return (key64(copy.identity), encode(copy._replace(path=""))) if copy else (None, None)
