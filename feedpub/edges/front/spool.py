"""Bodies that do not fit into memory, in a file that has no name: whatever happens to out/, it stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body in a spool; it can be read for as long as somebody holds it."""

    file: IO[bytes]
    start: int
    size: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces."""
        for at in range(self.start, self.start + self.size, CHUNK):
            yield os.pread(self.file.fileno(), min(CHUNK, self.start + self.size - at), at)

    def read(self) -> bytes:
        """Return the body whole."""
        return b"".join(self.chunks())


class Spool:
    """Takes bodies. A spool that is mostly waste is left behind: see `is_wasteful`."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(prefix="feedpub-", buffering=0)  # noqa: SIM115 - lives as long as its bodies
        self.size = 0

    def put(self, data: bytes) -> Spooled:
        """Keep a body. Raises `OSError` when the disk is full."""
        start, rest = self.size, memoryview(data)
        while rest:
            rest = rest[os.pwrite(self._file.fileno(), rest, start + len(data) - len(rest)) :]
        self.size += len(data)
        return Spooled(self._file, start, len(data))

    def is_wasteful(self, used: int) -> bool:
        """Say whether so few bytes of it are still in use that a new one should take its place."""
        return self.size > 2 * used + 64 * 1024 * 1024
