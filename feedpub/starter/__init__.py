"""The small working site that `feedpub init` writes: package data and the code that copies it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from feedpub.core.problems import PublishError, Refused

FILES = (
    "feedpub.yaml",
    ".gitignore",
    "content/blog/2026-03-12-why-we-publish-feeds.md",
    "content/news/2026-03-02-river-sensors-go-online.md",
    "content/news/2026-03-20-flood-map-updates-itself.md",
)
"""What is written, in this order."""


def write(directory: Path) -> list[Path]:
    """Write the starter site into `directory` and return the written paths in order.

    The directory and its parents are created; an existing one must be empty. Raises `Refused`,
    with nothing written, when it holds anything or a file is in the way, and `PublishError` when
    the disk does not let us.
    """
    try:
        _claim(directory)
        return [_copy(name, directory / name) for name in FILES]
    except OSError as error:
        raise PublishError(f"cannot write to {directory}: {error.strerror or error}") from error


def _claim(directory: Path) -> None:
    """Make `directory`, or find it empty; raise `Refused` for anything that is in the way."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Refused(f"{directory} cannot be a folder: a file is in the way") from error
    if any(directory.iterdir()):
        raise Refused(f"{directory} is not empty: nothing was written; name a new folder")


def _copy(name: str, target: Path) -> Path:
    """Write one packaged file to `target`, which must not exist yet, and return `target`."""
    # A stored `.gitignore` would act on this repository itself.
    data = files(__name__).joinpath("site", name.removeprefix(".")).read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:  # never over a file that appeared meanwhile
        file.write(data)
    return target
