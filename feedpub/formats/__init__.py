"""The registry of formats: adding one is a module and a row here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, TypeAlias

from feedpub.core.model import FeedWindow, Site

Render: TypeAlias = Callable[[FeedWindow, Site], bytes]

FORMATS_VERSION = 1
"""Raised when the same window would give other bytes: every feed is then rendered again."""


class Format(NamedTuple):
    """One way to write a feed.

    `name` is its key in the config and in `FeedHead.addresses`, `file` its default name in the
    folder of the feed, and `label` what people call it; `maker`, in `module`, makes its renderer.
    """

    name: str
    label: str
    file: str
    media_type: str
    module: str
    maker: str

    def load(self) -> Render:
        """Return a new renderer; formats are heavy, so only what is used is imported.

        It may remember what it rendered, within bounds, but gives the same for the same.
        """
        make: Callable[[], Render] = getattr(import_module(self.module), self.maker)
        return make()


def _by_name(*formats: Format) -> dict[str, Format]:
    return {format_.name: format_ for format_ in formats}


_SYNDICATION = "feedpub.formats.syndication"

FORMATS = _by_name(
    Format("rss", "RSS", "rss.xml", "application/rss+xml", _SYNDICATION, "Rss"),
    Format("atom", "Atom", "atom.xml", "application/atom+xml", _SYNDICATION, "Atom"),
)
"""The formats that subscribers read."""

PAGE = Format("page", "HTML", "index.html", "text/html", "feedpub.formats.pages", "renderer")
"""The page of a feed, for people (B2)."""

GZIP = ".gz"
"""What a document's compressed copy adds to the name of its file, and to that of its format."""
