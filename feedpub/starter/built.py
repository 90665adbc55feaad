"""A site as its generator built it: which addresses have a file there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from feedpub.core.urls import identity


class Addresses(NamedTuple):
    """How many addresses of a site were looked for, and which of them have no file."""

    total: int
    missing: list[str]

    def told(self) -> str:
        """Return a line for people, with the first of those that are missing; '' for no address."""
        others = f"; the others: {', '.join(self.missing[:3])}" if self.missing else ""
        more = ", …" if self.missing[3:] else ""
        found = f"{self.total - len(self.missing):,} of {self.total:,} addresses have a file"
        return f"{found}{others}{more}" if self.total else ""


def addresses(folder: Path, links: Iterable[str], home: str) -> Addresses:
    """Look in a built site for the files of `links`, those below `home`: its pages, by address.

    `x`, `x/` and `x.html` have the file `x/index.html`, `x.html` or `x`, in `folder` itself, or below
    the path of `home` in it.
    """
    root = urlsplit(identity(home))
    base = root.path.rstrip("/") + "/"
    count, missing = 0, []
    for link in links:
        parts = urlsplit(identity(link))
        if parts.netloc == root.netloc and parts.path.startswith(base):
            count += 1
            path = unquote(parts.path)
            if not any(_is_file(folder, p.strip("/")) for p in (path.removeprefix(base), path)):
                missing.append(link)
    return Addresses(count, missing)


def _is_file(folder: Path, path: str) -> bool:
    names = (f"{path}/index.html".lstrip("/"), f"{path}.html", path)
    if ".." in path.split("/"):
        return False
    return any(os.path.isfile(folder / n) for n in names)  # noqa: PTH113 - Path raises for long names
