"""Bodies that a finished build left in files: read by the front, and only if they still are those."""

from __future__ import annotations

import os

from feedpub.edges.files import open_folder, parts_of
from feedpub.edges.front import Stored

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def body(root: str, stored: Stored) -> bytes | None:
    """Return the bytes of a file below `root`, or None where it is away or looks otherwise now."""
    try:
        with os.fdopen(_opened(root, stored.path), "rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            look = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            return file.read() if look == stored[1:] else None
    except OSError:  # the rescan that finds it in the way of the next build says so
        return None


def _opened(root: str, path: str) -> int:
    *folders, name = parts_of(path)
    home = open_folder(root, folders)
    try:
        return os.open(name, _READ, dir_fd=home)
    finally:
        os.close(home)
