"""The registry of formats, each a module and a row here, and how files of ours are known."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from feedpub.core.feeds import Feed, Layout, Place
from feedpub.core.model import Entry, FeedWindow, Site

FORMATS_VERSION = 7
"""Raised when the same window would give other bytes: every feed is then rendered again."""


class Writer(Protocol):
    """Writes feeds in one format.

    Both methods raise `ValueError` for texts with what the format forbids (C3).
    """

    def entry(self, entry: Entry, site: Site, /) -> bytes:
        """Return an entry as it stands in any document: it and the site are all that counts."""

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of a window whose entries were written before."""


class Checker(Protocol):
    """Holds what was written in one format to what must be true, sharing no code with its writer.

    No method raises for any bytes. What is wrong is said without quoting anything (S2).
    """

    def entry(self, part: bytes, entry: Entry) -> list[str]:
        """Return what is wrong with an entry as it was written."""

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with a document, apart from its entries: head, joints and count."""


class Format(NamedTuple):
    """One way to write a feed.

    `name` is its key in the config and in `FeedHead.addresses`, `file` its default name in the
    folder of the feed, and `label` what people call it. `sign` is in the `opening` of all documents
    that we write, and in no document that others write. `writer` and `checker` are places,
    `module:name`, of a `Writer` and a `Checker`: formats are heavy, so only what is used is
    imported. `by_default` says that sites that name no formats have it.
    """

    name: str
    label: str
    file: str
    media_type: str
    sign: bytes
    writer: str
    checker: str
    by_default: bool = False

    @property
    def content_type(self) -> str:
        """What HTTP says of its documents: with the charset where the type has one (H5)."""
        json = self.media_type.endswith("json")
        return self.media_type if json else f"{self.media_type}; charset=utf-8"

    def load_writer(self) -> Writer:
        """Return what writes its documents."""
        return cast("Writer", loaded(self.writer))

    def load_checker(self) -> Checker:
        """Return what checks its documents before they replace the last good ones."""
        return cast("Checker", loaded(self.checker))


_FIRST_ITEM = re.compile(rb'<item[ >]|<entry[ >]|</channel>|</feed>|<body[ >]|"items":\[')
_OPENING = 4096


def opening(data: bytes) -> bytes:
    """Return the part of a document that must have our sign: all before its items, 4 KiB at least.

    The texts of the site, which are also there, may have any length.
    """
    first = _FIRST_ITEM.search(data)
    return data[: max(first.start() if first else 0, _OPENING)]


@cache
def loaded(place: str) -> Any:
    """Return what stands at `place`, a `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


_GENERATOR = b"<generator>feedpub</generator>"

FORMATS = {
    row.name: row
    for row in (
        Format(
            name="rss",
            label="RSS",
            file="rss.xml",
            media_type="application/rss+xml",
            sign=_GENERATOR,
            writer="feedpub.formats.syndication:RSS_WRITER",
            checker="feedpub.formats.checks:RSS_CHECKER",
            by_default=True,
        ),
        Format(
            name="atom",
            label="Atom",
            file="atom.xml",
            media_type="application/atom+xml",
            sign=_GENERATOR,
            writer="feedpub.formats.syndication:ATOM_WRITER",
            checker="feedpub.formats.checks:ATOM_CHECKER",
            by_default=True,
        ),
        Format(
            name="json",
            label="JSON Feed",
            file="feed.json",
            media_type="application/feed+json",
            sign=b'"_feedpub":{"about":',
            writer="feedpub.formats.jsonfeed:JSON_WRITER",
            checker="feedpub.formats.jsonfeed:JSON_CHECKER",
            by_default=True,
        ),
    )
}
"""The formats that subscribers read."""

PAGE = Format(
    name="page",
    label="HTML",
    file="index.html",
    media_type="text/html",
    sign=b'name="generator" content="feedpub"',
    writer="feedpub.formats.pages:PAGE_WRITER",
    checker="feedpub.formats.checks:PAGE_CHECKER",
)
"""The page of a feed, for people (B2); see `feedpub.formats.pages` for what else it shows."""

DOCUMENTS = {**FORMATS, PAGE.name: PAGE}
"""All formats of the documents of a feed."""


class SiteFile(NamedTuple):
    """A file that out/ has once for all feeds: its name there, how it is known, and what makes it.

    HTTP serves what has a `content_type`. `maker` is a function of `site_files` that takes this row,
    the site, and what the file is made from: all live feeds, the departures, or the templates.
    """

    name: str
    file: str
    content_type: str
    maker: str
    sign: bytes

    def render(self, site: Site, about: Any) -> bytes:
        """Return its bytes; raises `ValueError` for texts with what it must not have (C3)."""
        make = loaded(f"feedpub.formats.site_files:{self.maker}")
        return cast("bytes", make(self, site, about))


LISTINGS = {
    "opml": SiteFile(
        "opml",
        "feeds.opml",
        "text/x-opml; charset=utf-8",
        "render_opml",
        # An element of its own OPML allows with a namespace.
        b'<generator xmlns="http://www.w3.org/2005/Atom">feedpub</generator>',
    ),
    "feeds": SiteFile(
        "feeds",
        "feeds.json",
        "application/json",
        "render_feeds",
        b'{"feedpub_feeds":1,',  # the number is the version of its shape
    ),
}
"""The lists of all feeds (F7), made from the live feeds."""

ASSETS = {
    "style": SiteFile(
        "style",
        "feedpub.css",
        "text/css; charset=utf-8",
        "render_asset",
        b"/* feedpub: the stylesheet of all pages.",
    ),
    "script": SiteFile(
        "script",
        "feedpub.js",
        "text/javascript; charset=utf-8",
        "render_asset",
        b"/* feedpub: copies addresses and filters the list of feeds.",
    ),
}
"""What pages load, in out/ where there are pages (B3), made from the templates of the site."""

SERVED: dict[str, Format | SiteFile] = {**DOCUMENTS, **LISTINGS, **ASSETS}
"""What HTTP serves, and has a media type for."""

REDIRECTS_SIGN = b"# Made by feedpub: where feeds went."

REDIRECTS = {
    host: SiteFile(host, file, "", "render_redirects", REDIRECTS_SIGN)
    for host, file in (
        ("nginx", "redirects.map"),
        ("netlify", "_redirects"),
        ("cloudflare", "_redirects"),
    )
}
"""How web servers are told where addresses went, made from the departures (T6)."""

GZIP = ".gz"
"""What a document's compressed copy adds to the name of its file, and to that of its format."""

_GZIP_FORM = 31  # what zlib calls 15 bits of window with a header of gzip
_MOST_PLAIN = 64 * 1024 * 1024


def is_ours(data: bytes | None) -> bool:
    """Say whether an unrecorded file, if it is there, is ours: its sign tells."""
    head = opening(plain(data or b""))
    signs = {each.sign for each in (*SERVED.values(), *REDIRECTS.values())}
    return any(sign in head for sign in signs)


def compressed(data: bytes) -> bytes:
    """Return the gzip form of a document: no name, no time, so that the same gives the same."""
    # At 6: a feed is 0.6 % smaller at 9, for a tenth more time, and for far more with odd content.
    return zlib.compress(data, 6, _GZIP_FORM)


def plain(data: bytes) -> bytes:
    """Return a document, or how a compressed one begins, far beyond what any of ours has."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    with suppress(zlib.error):
        return zlib.decompressobj(_GZIP_FORM).decompress(data, _MOST_PLAIN)
    return b""


def usual_places(feed: Feed) -> tuple[Place, ...]:
    """Return the addresses of a feed of a site that says nothing of them."""
    usual = Layout({row.name: row.file for row in FORMATS.values() if row.by_default})
    return tuple(sorted(Place(*each) for each in usual.documents(feed).items()))
