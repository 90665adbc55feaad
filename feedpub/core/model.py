"""The types that flow through feedpub, one frozen type per stage.

    SeenFile -> Document -> Item -> Entry -> FeedWindow -> RenderedFeed

Instants are whole seconds since 1970-01-01T00:00:00Z (`int`), text is already free of what XML
forbids once it is in an `Item`, and paths are relative to the content root with `/` between the
parts; a name that is not UTF-8 carries surrogate escapes, as `os.fsdecode` gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, tzinfo
from enum import IntEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from feedpub.core import source_links
from feedpub.core.problems import Problem

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
"""A front matter value: every scalar is its source string (S4), a null is the empty string."""

Ids: TypeAlias = tuple[tuple[str, str], ...]
"""Ids by format that an item has in place of its own; pairs, so that an entry can be hashed (I1)."""

PAGE_POLICY = (
    "default-src 'none'; img-src http: https: data:; media-src http: https:; style-src 'self'; "
    "script-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The content security policy of pages (B3): they carry it, and HTTP sends it with them.

Pictures and sound from anywhere, style and script of out/ alone; links may lead anywhere.
"""


HASH_BYTES = 16


def content_hash(data: bytes) -> str:
    """Return the hash, as hex, by which the bytes of a file are told from those they were."""
    return blake2b(data, digest_size=HASH_BYTES).hexdigest()


class SeenFile(NamedTuple):
    """A candidate file as the walk saw it: nothing of it was read yet.

    `ctime_ns` is 0 where an older feedpub saw it, which did not look: such a file is read again.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int = 0


class Document(NamedTuple):
    """A file split in front matter and body; fields have no meaning yet.

    `lines` maps each top-level key to its 1-based line in the file, `body_line` is that of the body;
    YAML has the values of those that are `quoted` in quotes.
    """

    path: str
    front: dict[str, Value]
    body: str
    lines: Mapping[str, int] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()
    body_line: int = 1
    quoted: Collection[str] = ()


class Withheld(IntEnum):
    """Why an item is not out by its own flags (S3). REMOVED on one copy withholds the story (I4).

    APART is on the site, and in no feed: so a copy counts that is in `only` none (`in_force`).
    """

    NO = 0
    UNPUBLISHED = 1
    REMOVED = 2
    APART = 3


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
    """An attached file; its `length` in bytes is 0 where unknown (M2)."""

    url: str
    type: str
    length: int = 0


class Episode(NamedTuple):
    """What podcasts say of an item, in Apple's words: 0 or '' where nothing; `duration` in seconds."""

    duration: int = 0
    episode: int = 0
    season: int = 0
    explicit: str = ""
    image: str = ""


class Term(NamedTuple):
    """A name that makes a feed: `key` compares (T1), `label` is the spelling to show."""

    key: str
    label: str


class Related(NamedTuple):
    """A related link, already cleaned, deduplicated and in order (R1-R3).

    `place` is its 0-based one in the source list, `key` its canonical URL. `item_id` is filled
    in an `Entry` when the link leads to a published item of ours: its id in JSON (R4).
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


class ReadEntry(NamedTuple):
    """An entry of somebody's feed. `id` is byte for byte theirs, its link where there is none.

    `title` is plain text, `content` HTML; what they do not say is '' or None.
    """

    id: str
    link: str
    title: str
    published: int | None
    updated: int | None
    content: str


class ReadFeed(NamedTuple):
    """A feed as it was read, whoever wrote it; `address` is its own, `link` that of its site."""

    format: str
    title: str
    link: str
    address: str
    entries: tuple[ReadEntry, ...]


class Item(NamedTuple):
    """One document, normalized: every field is clean, typed and independent of all other files.

    `explicit`, `original_key` and `web_key` are the identity keys of I2 (each '' if absent); an
    item with neither is known by its path. `link` is where to read it (webUrl, else originalUrl,
    else the template). `body` is HTML, not safe yet (C1). `undated` says that it lacks a date and is
    no news for that: it is only out if it ever was (D6). From `expiry` on it is withheld (S3).
    `only` are the labels of the feeds that it may be in, None for any, `apart` of those that it is not
    in (S3).
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
    enclosures: tuple[Enclosure, ...] = ()
    episode: Episode | None = None
    related: tuple[Related, ...] = ()
    language: str = ""
    withheld: Withheld = Withheld.NO
    undated: bool = False
    expiry: int | None = None
    only: tuple[str, ...] | None = None
    apart: tuple[str, ...] = ()


class Tag(NamedTuple):
    """A topic or category of an entry, as formats print it."""

    slug: str
    label: str


class Entry(NamedTuple):
    """One story as every format shows it: identity and dates from the ledger, content finished.

    `content` is sanitized HTML in the layout of C7; all URLs in it are absolute. `sources` are the
    keys of the files that it links to (C9).
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
    enclosures: tuple[Enclosure, ...] = ()
    episode: Episode | None = None
    related: tuple[Related, ...] = ()
    language: str = ""
    sources: tuple[str, ...] = ()
    ids: Ids = ()

    def id_in(self, format: str) -> str:
        """Return its id in the documents of a format."""
        return dict(self.ids).get(format, self.id)

    @property
    def enclosure(self) -> Enclosure | None:
        """The attached file for formats that have a place for one alone."""
        return self.enclosures[0] if self.enclosures else None


class Kept(NamedTuple):
    """An entry as it is kept, so that its links can change while its file cannot be read (X5, X6).

    `links` are all links of its item, those that are not shown too; the content of the entry is
    that of its file for `body_end` characters, and then its links. `marked` is that of its file with
    its links to source files as they were read, '' without any (C9).
    """

    entry: Entry
    links: tuple[Related, ...]
    body_end: int
    marked: str = ""

    @property
    def targets(self) -> set[str]:
        """The keys of all that it links to."""
        return {*(link.key for link in self.links), *source_links.keys(self.marked)}


class Site(NamedTuple):
    """What all feeds of one site share. `url` is the public address of out/, ends with `/`.

    `timezone` is that of the days on pages (D11); feeds themselves carry UTC (D2). `scores` says
    whether formats with a place for them show quality and heat, `page_pictures` whether pages show
    pictures. `catalogue` is the folder in out/ of the page that lists all feeds.
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
    catalogue: str = ""


class Grown(NamedTuple):
    """The related links that readers know of a story, as hashes, since when, and by which rule (N5).

    `told` is when `updated` last moved for more of them.
    """

    links: tuple[str, ...]
    since: int
    rule: str
    told: int = 0


class FeedHead(NamedTuple):
    """A feed without its entries.

    `kind` is `all` or the name of one in `feeds.KINDS`; `addresses` maps each
    format's name to the absolute URL of its document; `page` is the HTML page of the feed, and
    `alternate` what a person is led to (the page; `site.home` for the feed of everything).
    `offered` are the addresses that its page gives to people who want to subscribe, where these
    are not its own (T6).
    """

    kind: str
    id: str
    title: str
    description: str
    language: str
    updated: int
    page: str
    alternate: str
    addresses: dict[str, str]
    image: str = ""
    offered: dict[str, str] | None = None

    @property
    def on_page(self) -> dict[str, str]:
        """The addresses by which people subscribe who see its page."""
        return self.addresses if self.offered is None else self.offered


class Withdrawal(NamedTuple):
    """An item that was in a feed and is no longer out, and since when (X4)."""

    id: str
    instant: int
    ids: Ids = ()

    def id_in(self, format: str) -> str:
        """Return its id in the documents of a format."""
        return dict(self.ids).get(format, self.id)


class Chain(NamedTuple):
    """Where a document stands among the archives of its feed (RFC 5005 §4, X1).

    `beside` gives by relation the addresses, by format, of the documents that it leads to, none
    without archives; a `sealed` one does not change any more.
    """

    beside: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    sealed: bool = False

    def links(self, format: str) -> dict[str, str]:
        """Return the addresses to link to in a document of that format, by relation."""
        return {rel: addresses[format] for rel, addresses in self.beside.items()}


class FeedWindow(NamedTuple):
    """A feed and the entries of its subscription document, or of an archive, in the order of D7.

    `withdrawn` are the items whose withdrawal it announces, the last one first; it names `hubs` (W1).
    """

    head: FeedHead
    entries: tuple[Entry, ...]
    withdrawn: tuple[Withdrawal, ...] = ()
    chain: Chain = Chain()
    hubs: tuple[str, ...] = ()


class FeedFacts(NamedTuple):
    """Statistics of a feed: how many items, when the newest was published, how many a week lately.

    `weeks` counts the items of up to 26 weeks, the oldest first; `providers` are the main ones, and
    `updated` is that of the feed (D8). Where there are hubs, `news` is a hash of what it shows (W2).
    """

    items: int = 0
    newest: int | None = None
    weeks: tuple[int, ...] = ()
    providers: tuple[str, ...] = ()
    updated: int | None = None
    news: str = ""


class Listed(NamedTuple):
    """A feed in a list of all, and those below it in the hierarchy of its kind."""

    head: FeedHead
    children: tuple[Listed, ...] = ()
    facts: FeedFacts = FeedFacts()


class RenderedFeed(NamedTuple):
    """The documents of a feed, or of one of its archives, by format, checked.

    `paths` are those of its documents in out/, by format; `files` gives the format of each path that it
    has there, with compressed copies and the paths that it had before (T6). `faults` says why they must
    not be replaced, and `number` is the feed's in the catalogue.
    """

    number: int
    folder: str
    paths: Mapping[str, str]
    files: Mapping[str, str]
    documents: Mapping[str, bytes]
    faults: Sequence[str] = ()
    archive: bool = False

    @property
    def size(self) -> int:
        """How many bytes the largest document has."""
        return max(map(len, self.documents.values()), default=0)
