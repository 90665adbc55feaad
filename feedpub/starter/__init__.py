"""What `feedpub init` writes: a small working site, or a config beside the files that are there."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from feedpub.config import NAMES
from feedpub.core.problems import ConfigError, PublishError, Refused

FILES = (
    "feedpub.yaml",
    ".gitignore",
    "content/blog/2026-03-12-why-we-publish-feeds.md",
    "content/news/2026-03-02-river-sensors-go-online.md",
    "content/news/2026-03-20-flood-map-updates-itself.md",
)
"""What is written, in this order."""


def write(directory: Path, site: Path | None = None) -> tuple[list[Path], list[str], Path | None]:
    """Write the starter site into `directory`, or a config for the `site`, or for what is there.

    Returns the written paths in order, what to tell of them, and where the site is built. The
    directory and its parents are created. Raises `Refused`, with nothing written, where there is a
    config or a file is in the way, `ConfigError` where there is no site or its config cannot be
    read, and `PublishError` when the disk does not let us.
    """
    try:
        if site and not site.is_dir():
            raise ConfigError([f"{site} is no folder: name that of the site"])
        directory.mkdir(parents=True, exist_ok=True)
        if not site and not any(directory.iterdir()):
            return [_put(directory / name, _stored(name)) for name in FILES], [], None
        if taken := [name for name in NAMES if (directory / name).exists()]:
            raise Refused(f"{directory / taken[0]} is there already: nothing was written")
        from feedpub.starter.sites import config_for  # not for the starter site

        text, told, built = config_for(site or directory, directory)
        return [_put(directory / FILES[0], text.encode())], told, built
    except (FileExistsError, NotADirectoryError) as error:
        raise Refused(f"{directory} cannot be a folder: a file is in the way") from error
    except OSError as error:
        raise PublishError(f"cannot write to {directory}: {error.strerror or error}") from error


def _stored(name: str) -> bytes:
    # A stored `.gitignore` would act on this repository itself.
    return files(__name__).joinpath("site", name.removeprefix(".")).read_bytes()


def _put(target: Path, data: bytes) -> Path:
    """Write `data` to `target`, which must not exist yet, and return `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:  # never over a file that appeared meanwhile
        file.write(data)
    return target
