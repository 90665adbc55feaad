"""Bodies that do not fit into memory, in a file that has no name: whatever happens to out/, it stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from weakref import finalize

CHUNK = 65536


class _File:
    """A file without a name, open for as long as a spool or one of its bodies is held."""

    def __init__(self) -> None:
        with TemporaryFile(prefix="feedpub-", buffering=0) as made:
            self.descriptor = os.dup(made.fileno())
        finalize(self, os.close, self.descriptor)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body in a spool; it can be read for as long as somebody holds it."""

    file: _File
    start: int
    size: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces."""
        for at in range(self.start, self.start + self.size, CHUNK):
            yield os.pread(self.file.descriptor, min(CHUNK, self.start + self.size - at), at)

    def read(self) -> bytes:
        """Return the body whole."""
        return b"".join(self.chunks())


class Spool:
    """Takes bodies. A spool that is mostly waste is left behind: see `is_wasteful`."""

    def __init__(self) -> None:
        self._file = _File()
        self.size = 0

    def put(self, data: bytes) -> Spooled:
        """Keep a body. Raises `OSError` when the disk is full."""
        start, rest = self.size, memoryview(data)
        while rest:
            rest = rest[os.pwrite(self._file.descriptor, rest, start + len(data) - len(rest)) :]
        self.size += len(data)
        return Spooled(self._file, start, len(data))

    def is_wasteful(self, used: int) -> bool:
        """Say whether so few bytes of it are still in use that a new one should take its place."""
        return self.size > 2 * used + 64 * 1024 * 1024
