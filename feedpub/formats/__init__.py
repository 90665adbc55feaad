"""The registry of formats: adding one is a module and a row here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from feedpub.core.channel import Departure, FeedWindow, Listed
from feedpub.core.model import Site

if TYPE_CHECKING:
    from feedpub.formats.invariants import Inspector
    from feedpub.formats.invariants.seams import Checker
    from feedpub.formats.own_pages import OwnPages
    from feedpub.formats.pages import Pages

T = TypeVar("T")

Render: TypeAlias = Callable[[FeedWindow, Site], bytes]
Check: TypeAlias = Callable[[bytes, FeedWindow, Site], tuple[str, ...]]
"""Gives what is wrong with a document of a window, () when nothing is; never raises."""

ITEMS_CHECKED = 1500
"""How many items of a format a service knows to be right: some twice as many as it keeps as bytes."""

FORMATS_VERSION = 4
"""Raised when the same window would give other bytes: every feed is then rendered again."""


class Format(NamedTuple):
    """One way to write a feed.

    `name` is its key in the config and in `FeedHead.addresses`, `file` its default name in the
    folder of the feed, and `label` what people call it; `maker` makes its renderer and `checker`
    is a `Checker` of what that gives, each as `module:name`. `sign` stands in the `opening` of all
    its documents, and in that of none that others write. A site that names no formats has those
    that are on `by_default`: one that is added is not.
    """

    name: str
    label: str
    file: str
    media_type: str
    maker: str
    checker: str
    sign: bytes
    by_default: bool

    @property
    def content_type(self) -> str:
        """What HTTP says of its documents: with the charset where the type has one (H5)."""
        json = self.media_type.endswith("json")
        return self.media_type if json else f"{self.media_type}; charset=utf-8"

    def load(self) -> Render:
        """Return a new renderer; formats are heavy, so only what is used is imported.

        It may remember what it rendered, within bounds, but gives the same for the same.
        """
        make: Callable[[], Render] = _loaded(self.maker)
        return make()

    def load_checker(self) -> Checker:
        """Return what checks its documents before they replace the last good ones."""
        checker: Checker = _loaded(self.checker)
        return checker


_FIRST_ITEM = re.compile(rb'<item[ >]|<entry[ >]|</channel>|</feed>|<body[ >]|"items":\[')
_OPENING = 4096


def opening(data: bytes) -> bytes:
    """Return where a document of ours has its sign: all before its items, and 4 KiB at least.

    However long the texts of the site are that stand there, too.
    """
    first = _FIRST_ITEM.search(data)
    return data[: max(first.start() if first else 0, _OPENING)]


def _loaded(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


class Renderers:
    """The renderers of the formats in use, and what checks their documents.

    Those of a service are `lasting`: kept from one run to the next. What they remember is text of
    items: `forget` it when an item is withdrawn (X4).
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self._lasting = lasting
        self._loaded: dict[str, Render] = {}
        self._pages: Pages | None = None
        self._own_pages: OwnPages | None = None
        self._inspector: Inspector | None = None
        self._last: dict[str, tuple[object, Any]] = {}

    def of(self, names: Collection[str]) -> dict[str, Render]:
        """Return the renderer of each format by name."""
        for name in names:
            if name not in self._loaded:
                self._loaded[name] = FORMATS[name].load()
        return {name: self._loaded[name] for name in names}

    def pages(self) -> Pages:
        """Return that of pages, which is also told what lists say of feeds."""
        if self._pages is None:
            self._pages = _loaded(PAGE.maker)()
        return self._pages

    def own_pages(self, templates: Mapping[str, str]) -> OwnPages:
        """Return that of pages by the templates of the site, by name."""
        if self._own_pages is None or self._own_pages.templates != templates:
            self._own_pages = _loaded("feedpub.formats.own_pages:OwnPages")(templates)
        return self._own_pages

    def lists(self, site: Site, feeds: Sequence[Listed]) -> dict[str, bytes]:
        """Return the lists of all `feeds` by name."""
        return self.once(
            "lists",
            (site, feeds),
            lambda: {each.name: each.load()(site, feeds) for each in LISTINGS.values()},
        )

    def once(self, what: str, given: object, make: Callable[[], T]) -> T:
        """Return what `make` made of the same `given` the last time, or makes now.

        A service asks at each rescan for what is of all feeds, and mostly says what it said.
        """
        last = self._last.get(what)
        if last is None or last[0] != given:
            last = self._last[what] = given, make()
        made: T = last[1]
        return made

    def inspector(self) -> Inspector:
        """Return what checks documents before they replace the last good ones."""
        if self._inspector is None:
            make = _loaded("feedpub.formats.invariants:Inspector")
            self._inspector = make(ITEMS_CHECKED if self._lasting else 0)
        return self._inspector

    def forget(self) -> None:
        """Begin with new ones."""
        self._loaded.clear()
        self._last.clear()
        self._pages = self._own_pages = self._inspector = None


def _by_name(*formats: Format) -> dict[str, Format]:
    return {format_.name: format_ for format_ in formats}


_SYNDICATION, _XML = "feedpub.formats.syndication", "feedpub.formats.invariants.xml"
_GENERATOR = b"<generator>feedpub</generator>"

FORMATS = _by_name(
    Format(
        "rss",
        "RSS",
        "rss.xml",
        "application/rss+xml",
        f"{_SYNDICATION}:Rss",
        f"{_XML}:RSS",
        _GENERATOR,
        by_default=True,
    ),
    Format(
        "atom",
        "Atom",
        "atom.xml",
        "application/atom+xml",
        f"{_SYNDICATION}:Atom",
        f"{_XML}:ATOM",
        _GENERATOR,
        by_default=True,
    ),
    Format(
        "json",
        "JSON Feed",
        "feed.json",
        "application/feed+json",
        "feedpub.formats.jsonfeed:Json",
        "feedpub.formats.invariants.jsonfeed:JSON",
        b'"_feedpub":{"about":',
        by_default=True,
    ),
)
"""The formats that subscribers read."""

PAGE = Format(
    "page",
    "HTML",
    "index.html",
    "text/html",
    "feedpub.formats.pages:Pages",
    f"{_XML}:PAGE",
    b'name="generator" content="feedpub"',
    by_default=True,
)
"""The page of a feed, for people (B2)."""

DOCUMENTS = _by_name(*FORMATS.values(), PAGE)
"""All formats of the documents of a feed."""


class Listing(NamedTuple):
    """A list of all feeds: its file in out/, what makes it of the site and its feeds, its sign."""

    name: str
    file: str
    content_type: str
    maker: str
    sign: bytes

    def load(self) -> Callable[[Site, Iterable[Listed]], bytes]:
        """Return what renders it."""
        make: Callable[[Site, Iterable[Listed]], bytes] = _loaded(self.maker)
        return make


LISTINGS = {
    listing.name: listing
    for listing in (
        Listing(
            "opml",
            "feeds.opml",
            "text/x-opml; charset=utf-8",
            "feedpub.formats.opml:render_opml",
            # An element of its own OPML allows with a namespace.
            b'<generator xmlns="http://www.w3.org/2005/Atom">feedpub</generator>',
        ),
        Listing(
            "feeds",
            "feeds.json",
            "application/json",
            "feedpub.formats.feedlist:render_feeds",
            b'{"feedpub_feeds":1,',  # the number is the version of its shape
        ),
    )
}
"""The lists of all feeds (F7)."""


class Asset(NamedTuple):
    """A file that all pages load: its name in out/ and among templates, and its sign."""

    name: str
    file: str
    content_type: str
    sign: bytes


ASSETS = {
    asset.name: asset
    for asset in (
        Asset(
            "style",
            "feedpub.css",
            "text/css; charset=utf-8",
            b"/* feedpub: the stylesheet of all pages.",
        ),
        Asset(
            "script",
            "feedpub.js",
            "text/javascript; charset=utf-8",
            b"/* feedpub: copies addresses and filters the list of feeds.",
        ),
    )
}
"""What pages load, in out/ where there are pages (B3)."""


REDIRECTS_SIGN = b"# Made by feedpub: where feeds went."


class Redirects(NamedTuple):
    """Rules for one kind of web server: their file in out/, what makes them, their sign."""

    file: str
    maker: str
    sign: bytes = REDIRECTS_SIGN

    def load(self) -> Callable[[Site, Iterable[Departure]], bytes]:
        """Return what renders it."""
        make: Callable[[Site, Iterable[Departure]], bytes] = _loaded(self.maker)
        return make


_REDIRECTS = "feedpub.formats.redirects"

REDIRECTS = {
    "nginx": Redirects("redirects.map", f"{_REDIRECTS}:render_nginx"),
    "netlify": Redirects("_redirects", f"{_REDIRECTS}:render_netlify"),
    "cloudflare": Redirects("_redirects", f"{_REDIRECTS}:render_cloudflare"),
}
"""How web servers are told where addresses went, by the name of their kind (T6)."""

GZIP = ".gz"
"""What a document's compressed copy adds to the name of its file, and to that of its format."""
