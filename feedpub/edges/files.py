"""Read files below a root, never outside of it and never anything but files (S5)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG

from feedpub.edges.folders import IN_THE_WAY, open_folder, parts_of, resolve
from feedpub.publish.ports import FileTooLargeError

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_CHUNK = 65536


class Files:
    """The files below `root`, of at most `limit` bytes each; a context whose value reads them.

    The folder of one stays open for the next: most of the way to a file leads there.
    """

    def __init__(self, root: Path, limit: int) -> None:
        self._root = root
        self._limit = limit
        self._parts: list[str] | None = None
        self._folder = -1

    def __enter__(self) -> Callable[[str], bytes]:
        return self.read

    def __exit__(self, *_: object) -> None:
        self._leave()

    def read(self, path: str) -> bytes:
        """Return the bytes of a regular file; `path` is relative to the root.

        Symbolic links are followed only when they resolve inside. Nothing else is ever waited for:
        a FIFO or a device fails. Raises `FileTooLargeError`, and `OSError` for anything unreadable.
        """
        descriptor = self._open_inside(path)
        try:
            stat = os.fstat(descriptor)
            if not S_ISREG(stat.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            if stat.st_size > self._limit:
                raise FileTooLargeError
            data = os.read(descriptor, stat.st_size + 1)
            while len(data) <= self._limit and (more := os.read(descriptor, _CHUNK)):
                data += more
        finally:
            os.close(descriptor)
        if len(data) > self._limit:
            raise FileTooLargeError
        return data

    def _open_inside(self, path: str) -> int:
        try:
            return self._open(self._root, path)
        except OSError as error:
            if error.errno not in IN_THE_WAY:
                raise
        real = os.path.realpath(self._root, strict=True)
        return self._open(real, resolve(real, path))

    def _open(self, root: str | Path, path: str) -> int:
        *parts, name = parts_of(path)
        if parts != self._parts:
            self._leave()
            self._folder = open_folder(root, parts)
            self._parts = parts
        return os.open(name, _FILE, dir_fd=self._folder)

    def _leave(self) -> None:
        if self._parts is not None:
            self._parts = None
            os.close(self._folder)
