"""Bodies: read from the files of a finished build, held in memory or, what is too much, on disk."""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Lock
from typing import TypeAlias
from weakref import finalize

from feedpub.edges.files import open_folder, parts_of
from feedpub.edges.http import Stored

LARGE = 1024 * 1024
"""A body larger than this is not kept in memory."""
_PART = 16 * 1024 * 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

Body: TypeAlias = bytes | memoryview
"""A body in memory, or one that the system reads from disk when it is looked at."""


class Bodies:
    """Holds bodies: `memory` bytes of them, the rest in files that have no name.

    Those that are `Stored` are read from below `root`. A nameless file takes many bodies and is gone with the last of them: whatever happens to out/, a reader
    gets the document that it began with.
    """

    def __init__(self, memory: int, root: str = "") -> None:
        self._root, self._free, self._lock = root, memory, Lock()
        self._mapped = memoryview(b"")
        self._descriptor = self._used = 0

    def take(self, data: bytes | Stored) -> Body | None:
        """Hold a body, or return None where its file is away or looks otherwise now."""
        found = _read(self._root, data) if isinstance(data, Stored) else data
        return None if found is None else self.keep(found)

    def keep(self, data: bytes) -> Body:
        """Hold a body for as long as what is returned is held. Any thread may call it."""
        with self._lock:
            if len(data) > LARGE or len(data) > self._free:
                # With a full disk rather too much memory than no answer.
                with suppress(OSError):
                    return self._on_disk(data)
            self._free -= len(data)
            return data

    def release(self, body: Body) -> None:
        """Give the memory of a body to others."""
        with self._lock:
            self._free += len(body) if isinstance(body, bytes) else 0

    def _on_disk(self, data: bytes) -> memoryview:
        if self._used + len(data) > len(self._mapped):
            with TemporaryFile(prefix="feedpub-", buffering=0) as made:
                made.truncate(max(_PART, len(data)))
                whole = mmap.mmap(made.fileno(), 0, access=mmap.ACCESS_READ)
                self._descriptor = os.dup(made.fileno())
            finalize(whole, os.close, self._descriptor)
            self._mapped, self._used = memoryview(whole), 0
        start = self._used
        self._used += len(data)
        # Written, not copied into the map: there, a full disk would end the process.
        rest = memoryview(data)
        while rest:
            rest = rest[os.pwrite(self._descriptor, rest, self._used - len(rest)) :]
        return self._mapped[start : self._used]


def _read(root: str, stored: Stored) -> bytes | None:
    try:
        *folders, name = parts_of(stored.path)
        home = open_folder(root, folders)
        try:
            descriptor = os.open(name, _READ, dir_fd=home)
        finally:
            os.close(home)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            now = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            return file.read() if now == stored[1:] else None
    except OSError:  # the rescan that finds it in the way of the next build says so
        return None
