"""What a rescan has to look at, and when it must not believe its eyes (X5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from feedpub.core.model import SeenFile

Look = tuple[int, int, int]
"""Size in bytes, mtime in nanoseconds, inode: equal looks mean an unchanged file."""


class Changes(NamedTuple):
    """The files to read (new, or looking different), and the known paths that are not there."""

    changed: list[SeenFile]
    missing: list[str]


def compare(known: Mapping[str, Look], seen: Iterable[SeenFile], everything: bool) -> Changes:
    """Compare what is known with what was seen; with `everything` all files are read again."""
    present: set[str] = set()
    changed: list[SeenFile] = []
    for file in seen:
        present.add(file.path)
        if everything or known.get(file.path) != file[1:]:
            changed.append(file)
    return Changes(changed, [path for path in known if path not in present])


def sheltered(missing: Iterable[str], unreadable: Iterable[str]) -> set[str]:
    """Return the missing paths that lie in folders that could not be read: they stay (X5)."""
    folders = tuple(folder.rstrip("/") + "/" for folder in unreadable)
    return {path for path in missing if path.startswith(folders)} if folders else set()


def is_mass_loss(lost: int, known: int) -> bool:
    """Say whether so many stories vanished at once that it looks like an accident (X5)."""
    return lost > 10 and lost * 2 > known
