"""RSS 2.0 and Atom 1.0 through feedgen, field by field as RULES.md has them.

feedgen makes each head and each entry from what it is told; what it has no words for (media, the
Dublin Core names, languages) is added to the element that it made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.etree import SubElement

from feedpub.core.dates import rfc3339
from feedpub.core.model import Entry, FeedWindow, Image, Person, Site, Tag
from feedpub.core.references import credited
from feedpub.formats import FORMATS
from feedpub.formats.feedgen_mends import (
    ATOM,
    DC,
    HISTORY,
    ITUNES,
    MEDIA,
    TOMBSTONES,
    Element,
    Instant,
    MendedEntry,
    MendedFeed,
    written,
)

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TYPE, _CREATOR, _LANGUAGE = f"{{{DC}}}type", f"{{{DC}}}creator", f"{{{DC}}}language"
_EPISODE_IMAGE = f"{{{ITUNES}}}image"
_CONTENT, _THUMBNAIL = f"{{{MEDIA}}}content", f"{{{MEDIA}}}thumbnail"
_ARCHIVE, _DELETED = f"{{{HISTORY}}}archive", f"{{{TOMBSTONES}}}deleted-entry"
_ATOM_LINK = f"{{{ATOM}}}link"

_NOT_FOR_RSS = re.compile(r"\.(?!(?:gif|jpe?g|png)$)\w+$", re.IGNORECASE)
"""An RSS channel's image is a GIF, JPEG or PNG (RSS 2.0); other endings are left to Atom."""


class _Writer(NamedTuple):
    """Writes RSS 2.0 or Atom 1.0.

    `entry` writes an entry alone on its line. `root` makes a document without entries, which ends
    with `end`.
    """

    entry: Callable[[Entry, Site], bytes]
    root: Callable[[FeedWindow, Site], Element]
    end: bytes

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of `window`: UTF-8 with declaration, no BOM."""
        data = etree.tostring(self.root(window, site), encoding="UTF-8", xml_declaration=True)
        return b"".join((data.removesuffix(self.end), b"\n", *entries, self.end, b"\n"))


# Heads


def _rss(window: FeedWindow, site: Site) -> Element:
    head, feed = window.head, _feed(window, site, _namespaces(window, rss=True))
    # The order matters: stock feedgen makes the last link, of any rel, the channel's <link>.
    feed.link(_link(head.addresses["rss"], "self", FORMATS["rss"].media_type))
    feed.link(_link(head.alternate, "alternate", "text/html"))
    if head.image and not _NOT_FOR_RSS.search(head.image):
        feed.image(head.image)
    rss = feed.rss()
    _add_chain(rss[0], window, "rss")
    return rss


def _atom(window: FeedWindow, site: Site) -> Element:
    head, feed = window.head, _feed(window, site, _namespaces(window, rss=False))
    # The first link is the alternate: some readers take it whatever its rel.
    feed.link(_link(head.alternate, "alternate", "text/html"))
    feed.link(_link(head.addresses["atom"], "self", FORMATS["atom"].media_type))
    for format_ in FORMATS.values():
        if format_.name != "atom" and format_.name in head.addresses:
            feed.link(_link(head.addresses[format_.name], "alternate", format_.media_type))
    feed.author(_person(site.author or Person(site.title), email=True))
    if head.image:
        feed.logo(head.image)
    atom = feed.atom()
    _add_chain(atom, window, "atom")
    for each in window.withdrawn:  # X4, RFC 6721 §3
        SubElement(atom, _DELETED, {"ref": each.id_in("atom"), "when": rfc3339(each.instant)})
    return atom


def _namespaces(window: FeedWindow, *, rss: bool) -> dict[str, str]:
    """Return the prefixes that the document of a window uses: only these are declared."""
    used: dict[str, str] = {}
    for entry in window.entries:
        if entry.type or (rss and (entry.language or credited(entry))):
            used["dc"] = DC
        if entry.images:
            used["media"] = MEDIA
        if rss and entry.episode:
            used["itunes"] = ITUNES
    if window.chain.sealed:
        used["fh"] = HISTORY
    if window.withdrawn and not rss:
        used["at"] = TOMBSTONES
    return used


def _feed(window: FeedWindow, site: Site, namespaces: dict[str, str]) -> MendedFeed:
    """Return what the heads of both formats say."""
    feed, head = MendedFeed(namespaces), window.head
    feed.id(head.id)
    feed.title(head.title)
    feed.description(head.description or head.title)  # RSS 2.0 requires one
    feed.language(head.language)
    feed.updated(Instant.at(head.updated))
    feed.generator("feedpub")
    if site.copyright:
        feed.rights(site.copyright)
    return feed


def _add_chain(head: Element, window: FeedWindow, format: str) -> None:
    """Link the documents before and after, and mark an archive (X1, RFC 5005 §4)."""
    media_type, tag = FORMATS[format].media_type, _ATOM_LINK if format == "rss" else "link"
    for rel, href in window.chain.links(format).items():
        SubElement(head, tag, _link(href, rel, media_type))
    if window.chain.sealed:
        SubElement(head, _ARCHIVE)


# Entries


def _rss_item(source: Entry, site: Site) -> bytes:
    entry = MendedEntry()
    entry.id(source.id_in("rss"))
    entry.description(html.escape(source.excerpt, quote=False))  # C4: RSS descriptions are HTML
    _fill(entry, source, site)
    entry.link(_link(source.link, "alternate", "text/html"))
    if source.enclosure:
        entry.enclosure(source.enclosure.url, source.enclosure.length, source.enclosure.type)
    if source.episode:
        entry.tell(source.episode)
    item = entry.rss_item()
    if source.episode and source.episode.image:
        SubElement(item, _EPISODE_IMAGE, {"href": source.episode.image})
    for person in credited(source):
        SubElement(item, _CREATOR).text = person.name
    if source.type:
        SubElement(item, _TYPE).text = source.type
    if source.language:
        SubElement(item, _LANGUAGE).text = source.language
    _add_images(item, source.images)
    for related in source.related if site.related_in_rss else ():
        SubElement(item, _ATOM_LINK, _link(related.url, "related", "text/html", related.title))
    return written(item)


def _atom_entry(source: Entry, site: Site) -> bytes:
    entry = MendedEntry()
    _fill(entry, source, site)
    entry.id(source.id_in("atom"))
    entry.updated(Instant.at(source.updated))
    if source.excerpt:
        entry.summary(source.excerpt, type="text")
    entry.author([_person(person) for person in credited(source)])
    element = entry.atom(_links(source))
    if source.language:
        element.set(_LANG, source.language)
    if source.type:
        SubElement(element, _TYPE).text = source.type
    _add_images(element, source.images)
    return written(element)


def _fill(entry: MendedEntry, source: Entry, site: Site) -> None:
    entry.title(source.title)
    entry.content(source.content, type="html")
    entry.published(Instant.at(source.published))
    categories = [_category(topic, f"{site.url}topics/") for topic in source.topics]
    if source.category:
        categories.append(_category(source.category, f"{site.url}ns/category"))
    entry.category(categories)


def _links(source: Entry) -> list[dict[str, str]]:
    """Return the links of an Atom entry; the alternate is the first (R5)."""
    links = [_link(source.link, "alternate", "text/html")]
    if source.original_url and source.original_url != source.link:
        links.append(_link(source.original_url, "via"))
    for each in source.enclosures:
        size = {"length": str(each.length)} if each.length else {}
        links.append(_link(each.url, "enclosure", each.type) | size)
    links.extend(_link(r.url, "related", "text/html", r.title) for r in source.related)
    return links


def _link(href: str, rel: str, media_type: str = "", title: str = "") -> dict[str, str]:
    link = {"href": href, "rel": rel, "type": media_type, "title": title}
    return {name: value for name, value in link.items() if value}


def _category(tag: Tag, scheme: str) -> dict[str, str]:
    return {"term": tag.slug, "scheme": scheme, "label": tag.label}


def _person(person: Person, *, email: bool = False) -> dict[str, str]:
    """Return a person as feedgen takes one; an author's address is not for every reader."""
    return {"name": person.name, "uri": person.uri} | ({"email": person.email} if email else {})


def _add_images(parent: Element, images: tuple[Image, ...]) -> None:
    """Add Media RSS elements: every picture, and the first as the thumbnail (M1-M3)."""
    for image in images:
        known = ({"type": image.type} if image.type else {}) | _size(image)
        SubElement(parent, _CONTENT, {"url": image.url, "medium": "image", **known})
    for image in images[:1]:
        SubElement(parent, _THUMBNAIL, {"url": image.url, **_size(image)})


def _size(image: Image) -> dict[str, str]:
    sizes = {"width": image.width, "height": image.height}
    return {name: str(size) for name, size in sizes.items() if size > 0}


RSS_WRITER = _Writer(_rss_item, _rss, b"</channel></rss>")
ATOM_WRITER = _Writer(_atom_entry, _atom, b"</feed>")
"""The writers of the two formats."""
