"""A site as its generator built it: its feeds, and which addresses have a file there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from feedpub.core.model import ReadFeed
from feedpub.core.problems import ConfigError
from feedpub.core.urls import identity
from feedpub.formats.reading import MOST_BYTES, read_feed

_SUFFIXES = {"", ".xml", ".rss", ".atom", ".json"}
_SIGN = re.compile(rb"<(rss|feed)[\s>]|jsonfeed\.org/version/")


def feeds(path: Path) -> dict[str, ReadFeed]:
    """Read the feeds in a folder, by their paths in it, or the one in a file.

    Raises `ConfigError` where there is none, or one cannot be read.
    """
    path = path.absolute()
    found, bad, root = dict[str, ReadFeed](), list[str](), path.resolve()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        is_within = file.suffix in _SUFFIXES and file.resolve().is_relative_to(root)
        if file == path or (is_within and file.is_file()):
            try:
                with file.open("rb") as stream:
                    data = stream.read(MOST_BYTES + 1)
                if file == path or _SIGN.search(data, 0, 4096):
                    found[str(file).removeprefix(f"{path}/")] = read_feed(data)
            except (OSError, ValueError) as error:
                bad.append(f"{file}: {getattr(error, 'strerror', None) or error}")
    if bad or not found:
        raise ConfigError(bad or [f"{path}: there is no feed in it"])
    return found


def missing(folder: Path, links: Iterable[str], home: str) -> list[str]:
    """Return those of `links` below `home` that have no file in a built site.

    `x`, `x/` and `x.html` have the file `x/index.html`, `x.html` or `x`.
    """
    lost, base = [], identity(home).rstrip("/") + "/"
    for link in (link for link in links if identity(link).startswith(base)):
        page = unquote(identity(link)[len(base) :].partition("#")[0]).strip("/")
        names = (f"{page}/index.html".lstrip("/"), f"{page}.html", page)
        if not any(os.path.isfile(folder / n) for n in names):  # noqa: PTH113 - Path may raise
            lost.append(link)
    return lost
