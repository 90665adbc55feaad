"""What the pages load: one stylesheet, and a script that they are complete without (B3)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from feedpub.core.channel import Listed
from feedpub.core.model import Site


def stylesheet(_site: Site, _feeds: Iterable[Listed]) -> bytes:
    """Return the stylesheet of all pages as UTF-8; it is the same for all sites."""
    return _packaged("feedpub.css")


def script(_site: Site, _feeds: Iterable[Listed]) -> bytes:
    """Return the script of all pages as UTF-8: copy buttons, and the filter of the catalogue."""
    return _packaged("feedpub.js")


def _packaged(name: str) -> bytes:
    return files("feedpub.formats").joinpath("templates", name).read_bytes()
