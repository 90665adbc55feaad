"""RSS 2.0 and Atom 1.0 through feedgen, field by field as RULES.md has them.

feedgen makes each head and each entry from what it is told; what it has no words for (media, the
Dublin Core names, languages) is added to the element that it made. feedgen 1.0.0 is unmaintained, so
it is pinned, and each fault that is mended or stepped around here has a test that fails when the
stock library no longer has it (tests/test_feedgen_faults.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree
from lxml.etree import SubElement, _Element

from feedpub.core.dates import rfc3339
from feedpub.core.model import Entry, Episode, FeedWindow, Image, Person, Site
from feedpub.core.references import credited
from feedpub.formats import FORMATS

_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "fh": "http://purl.org/syndication/history/1.0",
    "at": "http://purl.org/atompub/tombstones/1.0",
}
"""What feeds use, by prefix; a document declares only what is in it."""

_BEGIN = etree.tostring(etree.Element("in", nsmap=_NAMESPACES)).replace(b"/>", b">")
_AFTER = b"</in>"

_NOT_FOR_RSS = re.compile(r"\.(?!(?:gif|jpe?g|png)$)\w+$", re.IGNORECASE)
"""An RSS channel's image is a GIF, JPEG or PNG (RSS 2.0); other endings are left to Atom."""


# feedgen with its faults mended


def rfc2822(instant: datetime) -> str:
    """Return an aware instant as RSS has it, in English wherever it runs (RFC 2822, 3.3)."""
    names = instant.ctime()  # English, too: Tue Nov 14 22:13:20 2023
    return f"{names[:3]}, {instant.day:02} {names[4:7]} {instant.year:04} {instant:%H:%M:%S %z}"


# Stock formatRFC2822 calls setlocale(), which is global to the process and not safe in threads.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = rfc2822


class Instant(datetime):
    """An instant that feedgen writes with `Z` in Atom, where stock dates end in +00:00 (D2)."""

    def isoformat(self, sep: str = "T", timespec: str = "seconds") -> str:
        """Return the instant as RFC 3339 has it, in whole seconds of UTC."""
        return super().isoformat(sep, timespec).removesuffix("+00:00") + "Z"


def _add(parent: _Element, name: str, text: str = "", /, **attributes: object) -> None:
    """Add an element, whose `name` may have a prefix, with those attributes that say something."""
    prefix, colon, local = name.rpartition(":")
    tag = f"{{{_NAMESPACES[prefix]}}}{local}" if colon else local
    given = {key: str(value) for key, value in attributes.items() if value}
    SubElement(parent, tag, given).text = text or None


def _within(entry: _Element) -> _Element:
    """Put an entry into an element that declares the prefixes.

    Else lxml would declare them at each element of the entry that has one.
    """
    etree.Element("in", nsmap=_NAMESPACES).append(entry)
    return entry


def _written(entry: _Element) -> bytes:
    """Return an entry as it stands in a document, alone on its line."""
    entry.tail = "\n"
    data: bytes = etree.tostring(entry.getroottree(), encoding="UTF-8")
    return data[len(_BEGIN) : -len(_AFTER)]


class _Namespaces(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """The feedgen extension by which a feed declares namespaces."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces

    def extend_ns(self) -> dict[str, str]:
        return self._namespaces


# Documents


class _Writer(NamedTuple):
    """Writes RSS 2.0 or Atom 1.0.

    `entry` writes an entry alone on its line. `root` makes a document without entries, which ends
    with `end`.
    """

    entry: Callable[[Entry, Site], bytes]
    root: Callable[[FeedWindow, Site], _Element]
    end: bytes

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of `window`: UTF-8 with declaration, no BOM."""
        data = etree.tostring(self.root(window, site), encoding="UTF-8", xml_declaration=True)
        return b"".join((data.removesuffix(self.end), b"\n", *entries, self.end, b"\n"))


# Heads


def _rss(window: FeedWindow, site: Site) -> _Element:
    head, feed = window.head, _feed(window, site, _namespaces(window, rss=True))
    # The order matters: stock feedgen makes the last link, of any rel, the channel's <link>.
    feed.link(href=head.addresses["rss"], rel="self", type=FORMATS["rss"].media_type)
    feed.link(href=head.alternate, rel="alternate", type="text/html")
    if head.image and not _NOT_FOR_RSS.search(head.image):
        feed.image(head.image)
    rss: _Element = feed._create_rss()[0]  # noqa: SLF001 - without items
    _add_chain(rss[0], window, "rss")
    return rss


def _atom(window: FeedWindow, site: Site) -> _Element:
    head, feed = window.head, _feed(window, site, _namespaces(window, rss=False))
    # The first link is the alternate: some readers take it whatever its rel.
    feed.link(href=head.alternate, rel="alternate", type="text/html")
    feed.link(href=head.addresses["atom"], rel="self", type=FORMATS["atom"].media_type)
    for format_ in FORMATS.values():
        if format_.name != "atom" and format_.name in head.addresses:
            address = head.addresses[format_.name]
            feed.link(href=address, rel="alternate", type=format_.media_type)
    feed.author((site.author or Person(site.title))._asdict())
    if head.image:
        feed.logo(head.image)
    atom: _Element = feed._create_atom()[0]  # noqa: SLF001 - without entries
    _add_chain(atom, window, "atom")
    for each in window.withdrawn:  # X4, RFC 6721 §3
        _add(atom, "at:deleted-entry", ref=each.id_in("atom"), when=rfc3339(each.instant))
    return atom


def _namespaces(window: FeedWindow, *, rss: bool) -> dict[str, str]:
    """Return the prefixes that the document of a window uses: only these are declared."""
    used: dict[str, None] = {}  # in the order of their first use
    for entry in window.entries:
        if entry.type or (rss and (entry.language or credited(entry))):
            used["dc"] = None
        if entry.images:
            used["media"] = None
        if rss and entry.episode:
            used["itunes"] = None
    if window.chain.sealed:
        used["fh"] = None
    if window.withdrawn and not rss:
        used["at"] = None
    return {prefix: _NAMESPACES[prefix] for prefix in used}


def _feed(window: FeedWindow, site: Site, namespaces: dict[str, str]) -> FeedGenerator:
    """Return what the heads of both formats say."""
    feed, head = FeedGenerator(), window.head
    feed.docs("")
    feed.register_extension("namespaces", lambda: _Namespaces(namespaces))
    feed.id(head.id)
    feed.title(head.title)
    feed.description(head.description or head.title)  # RSS 2.0 requires one
    feed.language(head.language)
    feed.updated(Instant.fromtimestamp(head.updated, UTC))
    feed.generator("feedpub")
    if site.copyright:
        feed.rights(site.copyright)
    return feed


def _add_chain(head: _Element, window: FeedWindow, format: str) -> None:
    """Link the documents before and after, and the hubs; mark an archive (X1, RFC 5005 §4)."""
    media_type, tag = FORMATS[format].media_type, "atom:link" if format == "rss" else "link"
    for rel, href in window.chain.links(format).items():
        _add(head, tag, href=href, rel=rel, type=media_type)
    for hub in window.hubs:  # W1
        _add(head, tag, href=hub, rel="hub")
    if window.chain.sealed:
        _add(head, "fh:archive")


# Entries


def _rss_item(source: Entry, site: Site) -> bytes:
    entry = FeedEntry()
    entry.id(source.id_in("rss"))
    entry.description(html.escape(source.excerpt, quote=False))  # C4: RSS descriptions are HTML
    _fill(entry, source, site)
    entry.link(href=source.link, rel="alternate", type="text/html")
    if source.enclosure:
        entry.enclosure(source.enclosure.url, source.enclosure.length, source.enclosure.type)
    if source.episode:
        _tell(entry, source.episode)
    item = _within(entry.rss_entry())
    if source.episode and source.episode.image:
        _add(item, "itunes:image", href=source.episode.image)
    updated = rfc3339(source.updated) if source.updated > source.published else ""
    said = [("dc:creator", person.name) for person in credited(source)]
    said += ("dc:type", source.type), ("dc:language", source.language), ("atom:updated", updated)
    for name, text in said:
        if text:
            _add(item, name, text)
    _add_images(item, source.images)
    for link in source.related if site.related_in_rss else ():
        _add(item, "atom:link", href=link.url, rel="related", type="text/html", title=link.title)
    return _written(item)


def _atom_entry(source: Entry, site: Site) -> bytes:
    entry = FeedEntry()
    _fill(entry, source, site)
    entry.id(source.id_in("atom"))
    entry.updated(Instant.fromtimestamp(source.updated, UTC))
    if source.excerpt:
        entry.summary(source.excerpt, type="text")
    # The mail address of an author is not for every reader.
    entry.author([person._replace(email="")._asdict() for person in credited(source)])
    element = _within(entry.atom_entry())  # without a namespace before it is in a feed
    element[1].set("type", "text")  # the title; said, not left to be guessed
    _add_links(element, source)
    if source.language:
        element.set("{http://www.w3.org/XML/1998/namespace}lang", source.language)
    if source.type:
        _add(element, "dc:type", source.type)
    _add_images(element, source.images)
    return _written(element)


def _tell(entry: FeedEntry, episode: Episode) -> None:
    """Say what podcasts say, in RSS, by feedgen's own extension; it takes not every picture."""
    entry.load_extension("podcast", atom=False)
    for name, value in episode._replace(image="")._asdict().items():
        if value:
            getattr(entry.podcast, f"itunes_{name}")(value)


def _fill(entry: FeedEntry, source: Entry, site: Site) -> None:
    entry.title(source.title)
    entry.content(source.content, type="html")
    entry.published(Instant.fromtimestamp(source.published, UTC))
    tags = [(topic, f"{site.url}topics/") for topic in source.topics]
    if source.category:
        tags.append((source.category, f"{site.url}ns/category"))
    entry.category([{"term": t.slug, "scheme": scheme, "label": t.label} for t, scheme in tags])


def _add_links(entry: _Element, source: Entry) -> None:
    """Add the links of an Atom entry; the alternate is the first (R5).

    What stock link() is given comes out with href only, and so as an alternate (#135).
    """
    _add(entry, "link", href=source.link, rel="alternate", type="text/html")
    if source.original_url and source.original_url != source.link:
        _add(entry, "link", href=source.original_url, rel="via")
    for file in source.enclosures:
        _add(entry, "link", href=file.url, rel="enclosure", type=file.type, length=file.length)
    for link in source.related:
        _add(entry, "link", href=link.url, rel="related", type="text/html", title=link.title)


def _add_images(parent: _Element, images: tuple[Image, ...]) -> None:
    """Add Media RSS elements: every picture, and the first as the thumbnail (M1-M3)."""
    for image in images:
        size = {"width": image.width, "height": image.height}
        _add(parent, "media:content", url=image.url, medium="image", type=image.type, **size)
    for image in images[:1]:
        _add(parent, "media:thumbnail", url=image.url, width=image.width, height=image.height)


RSS_WRITER = _Writer(_rss_item, _rss, b"</channel></rss>")
ATOM_WRITER = _Writer(_atom_entry, _atom, b"</feed>")
"""The writers of the two formats."""
