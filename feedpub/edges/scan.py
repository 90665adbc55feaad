"""Walk the content root and read files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from feedpub.core.model import SeenFile


def walk(root: Path) -> Iterator[SeenFile]:
    """Yield the candidate files below `root`."""
    for path in sorted(root.rglob("*.md")):
        stat = path.stat()
        relative = path.relative_to(root).as_posix()
        yield SeenFile(relative, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def read(root: Path, path: str) -> bytes:
    """Return the bytes of one file."""
    return (root / path).read_bytes()
