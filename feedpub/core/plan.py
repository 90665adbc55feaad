"""What a rescan has to read, and when so much is missing that it must not be believed (X5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from feedpub.core.model import SeenFile

Stat = tuple[int, int, int]
"""Size in bytes, mtime in nanoseconds, inode: equal ones mean an unchanged file."""

Known = tuple[str, int, int, int]
"""The path of a file that is known, and how it looked."""


class Changes(NamedTuple):
    """The files to read (new, or looking different), and the known paths that are not there.

    `new` is how many of the former were not known.
    """

    changed: list[SeenFile]
    missing: list[str]
    new: int


def compare(known: Iterable[Known], seen: Iterable[SeenFile], everything: bool) -> Changes:
    """Compare what is known with what was seen; with `everything` all files are read again.

    Both usually come sorted by path; then only what differs is held in memory.
    """
    left: dict[str, Known] = {}
    lone: list[SeenFile] = []
    changed = list(_altered(known, seen, everything, left, lone))
    new = 0
    for file in lone:  # where it is known, one of the two does not come by path
        was = left.pop(file.path, None)
        new += was is None
        if everything or was != file:
            changed.append(file)
    return Changes(sorted(changed), list(left), new)


def _altered(
    known: Iterable[Known],
    seen: Iterable[SeenFile],
    everything: bool,
    left: dict[str, Known],
    lone: list[SeenFile],
) -> Iterator[SeenFile]:
    """Yield the known files to read again; put unknown files in `lone`, unseen ones in `left`."""
    rows = iter(known)
    row = next(rows, None)
    for file in seen:
        if row == file and not everything:  # most files: this comparison is all they cost
            row = next(rows, None)
            continue
        path = file[0]
        while row is not None and row[0] < path:
            left[row[0]] = row
            row = next(rows, None)
        if row is None or row[0] != path:
            lone.append(file)
            continue
        if everything or row != file:
            yield file
        row = next(rows, None)
    while row is not None:
        left[row[0]] = row
        row = next(rows, None)


def sheltered(missing: Iterable[str], unreadable: Iterable[str]) -> set[str]:
    """Return the missing paths that lie in folders that could not be read: they stay (X5)."""
    folders = tuple(folder.rstrip("/") + "/" for folder in unreadable)
    return {path for path in missing if path.startswith(folders)} if folders else set()


def is_mass_loss(lost: int, known: int) -> bool:
    """Say whether so many stories vanished at once that it looks like an accident (X5)."""
    return lost > 10 and lost * 2 > known
