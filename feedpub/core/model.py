"""The types that flow through feedpub, one frozen type per stage.

    SeenFile -> Document -> Item -> Entry -> FeedWindow -> RenderedFeed

The last two are in `feedpub.core.channel`. Instants are whole seconds since 1970-01-01T00:00:00Z
(`int`), text is already free of what XML forbids once it is in an `Item`, and paths are relative to
the content root with `/` between the parts; a name that is not UTF-8 carries surrogate escapes, as
`os.fsdecode` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
"""A front matter value: every scalar is its source string (S4), a null is the empty string."""

PAGE_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What browsers are told that pages may load (B3), by the pages and by whoever serves them.

Pictures from anywhere, and style and script of out/ alone; links may lead anywhere.
"""


class Severity(IntEnum):
    """How much a problem matters; ordered, so that the worst can be shown first."""

    INFO = 0
    WARNING = 1
    ERROR = 2

    @property
    def label(self) -> str:
        """The lower-case word of reports."""
        return self.name.lower()


class Problem(NamedTuple):
    """A diagnostic about one file.

    `line` is 1-based or None where none is known; `code` is stable and documented; `message` says
    what is wrong and what to do, and never quotes file content (S2).
    """

    path: str
    line: int | None
    code: str
    severity: Severity
    message: str


class SeenFile(NamedTuple):
    """A candidate file as the walk saw it: nothing of it was read yet."""

    path: str
    size: int
    mtime_ns: int
    inode: int


class Document(NamedTuple):
    """A file split in front matter and body; fields have no meaning yet.

    `lines` maps each top-level key to its 1-based line in the file.
    """

    path: str
    front: dict[str, Value]
    body: str
    lines: Mapping[str, int] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()


class Withheld(IntEnum):
    """Why an item is not out by its own flags (S3). REMOVED on one copy withholds the story (I4)."""

    NO = 0
    UNPUBLISHED = 1
    REMOVED = 2


class NotAnItem(NamedTuple):
    """A file without front matter (or a section page): skipped and counted, unless it was an item.

    `takedown` says whether, and how, a line of it asks for withdrawal (X6).
    """

    path: str
    takedown: Withheld = Withheld.NO


class Broken(NamedTuple):
    """A file that cannot be used: its problems say why. `takedown` as in `NotAnItem` (X6)."""

    path: str
    problems: tuple[Problem, ...]
    takedown: Withheld = Withheld.NO


class Person(NamedTuple):
    """A provider or an author: `uri` is absolute or empty, `email` may be empty."""

    name: str
    uri: str = ""
    email: str = ""


class Image(NamedTuple):
    """A picture by address; sizes in pixels, 0 where unknown; `type` is a given media type or ''."""

    url: str
    width: int = 0
    height: int = 0
    type: str = ""
    alt: str = ""


class Enclosure(NamedTuple):
    """An attached media file whose address, media type and length in bytes are all known."""

    url: str
    type: str
    length: int


class Term(NamedTuple):
    """A name that makes a feed: `key` compares (T1), `label` is the spelling to show."""

    key: str
    label: str


class Related(NamedTuple):
    """A related link, already cleaned, deduplicated and in order (R1-R3).

    `place` is its 0-based one in the source list, `key` its canonical URL. `item_id` is filled
    in an `Entry` when the link leads to a published item of ours (R4).
    """

    place: int
    key: str
    url: str
    title: str
    excerpt: str = ""
    published: int | None = None
    type: str = ""
    provider: Person | None = None
    quality: int = 0
    image: Image | None = None
    item_id: str = ""


class Item(NamedTuple):
    """One document, normalized: every field is clean, typed and independent of all other files.

    `explicit`, `original_key` and `web_key` are the identity keys of I2 (each '' if absent); an
    item with neither is known by its path. `link` is where to read it (webUrl, else originalUrl,
    else the template). `body` is raw Markdown, or HTML when `body_html`.
    """

    path: str
    explicit: str
    original_key: str
    web_key: str
    title: str
    excerpt: str
    link: str
    original_url: str = ""
    body: str = ""
    body_html: bool = False
    published: int | None = None
    updated: int | None = None
    type: str = ""
    quality: int = 0
    heat: int = 0
    category: Term | None = None
    topics: tuple[Term, ...] = ()
    provider: Person | None = None
    authors: tuple[Person, ...] = ()
    images: tuple[Image, ...] = ()
    enclosure: Enclosure | None = None
    related: tuple[Related, ...] = ()
    language: str = ""
    withheld: Withheld = Withheld.NO


class Tag(NamedTuple):
    """A topic or category of an entry, as formats print it."""

    slug: str
    label: str


class Entry(NamedTuple):
    """One story as every format shows it: identity and dates from the ledger, content finished.

    `content` is sanitized HTML in the layout of C7; all URLs in it are absolute.
    """

    id: str
    title: str
    link: str
    published: int
    updated: int
    excerpt: str = ""
    content: str = ""
    original_url: str = ""
    type: str = ""
    quality: int = 0
    heat: int = 0
    category: Tag | None = None
    topics: tuple[Tag, ...] = ()
    provider: Person | None = None
    authors: tuple[Person, ...] = ()
    images: tuple[Image, ...] = ()
    enclosure: Enclosure | None = None
    related: tuple[Related, ...] = ()
    language: str = ""


class Site(NamedTuple):
    """What all feeds of one site share. `url` is the public address of out/, ends with `/`.

    `timezone` is that of the days on pages; feeds themselves carry UTC (D2). `scores` says
    whether formats with a place for them show quality and heat, `page_pictures` whether pages show
    pictures.
    """

    url: str
    title: str
    home: str = ""
    description: str = ""
    language: str = "en"
    author: Person | None = None
    copyright: str = ""
    related_in_rss: bool = False
    scores: bool = False
    page_pictures: bool = True
    timezone: tzinfo = UTC


class Style(NamedTuple):
    """What the config says about entries: how many related links, and whether bodies are in."""

    related: int = 10
    full: bool = True
