"""What is known of the files of the content root, and the problems they have."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sized
from itertools import islice

from feedpub.core.model import SeenFile
from feedpub.core.plan import Known
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import Copy
from feedpub.edges.catalogue.encoding import Encoding, key64, numbers_as_json
from feedpub.publish.ports import KnownFile, Status

_COPY = Encoding(Copy)

_CODEC = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
"""What `os.fsdecode` goes by, which takes twice as long for each of all files."""

_FILE = "path, size, mtime_ns, inode, content, status, copy, story"


class FileTable:
    """Candidate files by path, and their problems."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def looks(self, below: Iterable[str] | None = None) -> Iterator[Known]:
        """Yield how every known file looked, or just those at or below the paths `below`.

        '' names the content root. All of them come by path; the cost is that of what is yielded.
        """
        if below is None or "" in (below := set(below)):
            yield from self._looks("SELECT path, size, mtime_ns, inode FROM files ORDER BY path")
            return
        query = (
            "SELECT path, size, mtime_ns, inode FROM files WHERE path = ?1"
            " UNION ALL SELECT path, size, mtime_ns, inode FROM files WHERE path > ?2 AND path < ?3"
        )
        found: dict[str, Known] = {}
        for blob in map(os.fsencode, below):
            # '0' follows '/': what begins with the path and a slash lies between the two.
            found |= {row[0]: row for row in self._looks(query, blob, blob + b"/", blob + b"0")}
        yield from found.values()

    def _looks(self, query: str, *values: bytes) -> Iterator[Known]:
        codec, errors = _CODEC
        for path, size, mtime_ns, inode in self._db.execute(query, values):
            yield path.decode(codec, errors), size, mtime_ns, inode

    def get(self, paths: Iterable[str]) -> list[KnownFile]:
        """Return what is known of these files."""
        query = f"SELECT {_FILE} FROM files WHERE path"  # noqa: S608 - a constant
        return [
            _known(row)
            for some in _batches(paths)
            for row in self._db.execute(f"{query} IN ({_marks(some)})", some)
        ]

    def with_identity(self, keys: Iterable[str]) -> list[KnownFile]:
        """Return the files whose copies have one of these identity keys."""
        wanted = set(keys)
        found = self._where("identity", sorted(key64(k) for k in wanted))
        return [f for f in found if f.copy and f.copy.identity in wanted]

    def of_stories(self, stories: Iterable[int]) -> list[KnownFile]:
        """Return the files that hold one of these stories."""
        return self._where("story", sorted(stories))

    def _where(self, column: str, values: list[int]) -> list[KnownFile]:
        query = (
            f"SELECT {_FILE} FROM files WHERE {column}"  # noqa: S608 - constants
            " IN (SELECT value FROM json_each(?))"
        )
        return [_known(row) for row in self._db.execute(query, (numbers_as_json(values),))]

    def put(self, files: Iterable[KnownFile]) -> None:
        """Remember files, new or known."""
        # To sort and count what a first build brings takes a third of doing so row by row.
        followers = self._followers() if self._is_empty() else []
        for kind, name, _ in followers:
            self._db.execute(f"DROP {kind} {name}")
        self._db.executemany(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
            " size = excluded.size, mtime_ns = excluded.mtime_ns, inode = excluded.inode,"
            " content = excluded.content, status = excluded.status, identity = excluded.identity,"
            " copy = excluded.copy, story = excluded.story",
            (
                (
                    os.fsencode(f.seen.path), f.seen.size, f.seen.mtime_ns, f.seen.inode,
                    f.content, f.status,
                    key64(f.copy.identity) if f.copy else None,
                    _COPY.encode(f.copy._replace(path="")) if f.copy else None,
                    f.story,
                )
                for f in files
            ),
        )  # fmt: skip
        for _, _, statement in followers:
            self._db.execute(statement)
        if followers:
            query = "SELECT status, count(*) FROM files GROUP BY status"
            self._db.execute(f"INSERT OR REPLACE INTO file_counts {query}")

    def _is_empty(self) -> bool:
        return not self._db.execute("SELECT EXISTS (SELECT 1 FROM files)").fetchone()[0]

    def _followers(self) -> list[tuple[str, str, str]]:
        """Return what follows each change of a row: kind, name and the statement that makes it."""
        query = (
            "SELECT type, name, sql FROM sqlite_schema"
            " WHERE tbl_name = 'files' AND type != 'table' AND sql IS NOT NULL"
        )
        return self._db.execute(query).fetchall()

    def touch(self, seen: Iterable[SeenFile]) -> None:
        """Remember how known files look now; their bytes are what they were."""
        self._db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, inode = ? WHERE path = ?",
            ((s.size, s.mtime_ns, s.inode, os.fsencode(s.path)) for s in seen),
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

    def status_counts(self) -> dict[int, int]:
        """Return how many files have each status."""
        return dict(self._db.execute("SELECT status, files FROM file_counts WHERE files"))

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
        """Replace what the stage `source` had to say about `paths`."""
        for some in _batches(paths):
            query = f"DELETE FROM problems WHERE source = ? AND path IN ({_marks(some)})"  # noqa: S608 - only marks
            self._db.execute(query, (source, *some))
        self._db.executemany(
            "INSERT INTO problems VALUES (?, ?, ?, ?, ?, ?)",
            (
                (os.fsencode(p.path), source, p.line, p.code, int(p.severity), p.message)
                for p in found
            ),
        )


def _batches(paths: Iterable[str]) -> Iterator[list[bytes]]:
    """Yield the paths as blobs, as many at a time as one query takes."""
    blobs = map(os.fsencode, paths)
    while some := list(islice(blobs, 500)):
        yield some


def _marks(values: Sized) -> str:
    return ",".join("?" * len(values))


def _known(row: tuple[bytes, int, int, int, str, int, str | None, int | None]) -> KnownFile:
    path = os.fsdecode(row[0])
    copy = _COPY.decode(row[6])._replace(path=path) if row[6] else None
    return KnownFile(SeenFile(path, *row[1:4]), row[4], Status(row[5]), copy, row[7])
