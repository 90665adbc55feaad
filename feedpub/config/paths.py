"""Paths of a config: absolute, whatever the working directory, and checked for what they are for."""

from __future__ import annotations

import os
from pathlib import Path

from feedpub.config.readers import must_be
from feedpub.config.words import shown_path


def location(value: object, base: Path) -> Path:
    """Return the absolute path, symlinks resolved, that `value` means in a config in `base`."""
    if not isinstance(value, (str, Path)):
        raise must_be("a path", value)
    if value == "":
        raise ValueError("is empty; name a path, such as ./out")
    try:
        return Path(os.path.realpath(base / value))
    except (OSError, ValueError):
        raise ValueError("is not a usable path") from None


def content_root(value: object, base: Path) -> Path:
    """Read the path of the folder that holds the items, links in it as they are.

    Not resolved once for all: the folder may be a link that leads elsewhere tomorrow.
    """
    location(value, base)
    return base / str(value)


def check_is_there(path: Path) -> None:
    """Raise `ValueError` unless there is a folder at `path`."""
    # os.path: unlike Path.is_dir it raises for no name whatsoever.
    if not os.path.isdir(path):  # noqa: PTH112 - it never raises
        state = "is not a folder" if os.path.lexists(path) else "does not exist"
        raise ValueError(
            f"{shown_path(path)} {state}; create it, or name the folder that holds the items"
        )


def own_folder(value: object, base: Path) -> Path:
    """Read the path of a folder that feedpub makes when it is needed."""
    path = location(value, base)
    if os.path.lexists(path) and not os.path.isdir(path):  # noqa: PTH112 - as above
        raise ValueError(
            f"{shown_path(path)} is not a folder; name another, or move that file away"
        )
    return path


def own_file(value: object, base: Path) -> Path:
    """Read the path of a file that feedpub makes when it is needed."""
    path = location(value, base)
    if os.path.isdir(path):  # noqa: PTH112 - as above
        raise ValueError(f"{shown_path(path)} is a folder; name a file, such as ledger.txt")
    return path
