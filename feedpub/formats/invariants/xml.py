"""The documents that are XML: RSS, Atom and the pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, cast

from lxml import etree
from lxml.etree import _Element

from feedpub.core.channel import FeedWindow, Withdrawal
from feedpub.core.model import Entry, Site
from feedpub.formats.invariants.items import (
    NOT_PARSED,
    OTHER_FORMAT,
    RELATIVE,
    Checks,
    are_absolute,
    failed,
    is_rfc822,
    is_rfc3339,
    items,
)
from feedpub.formats.invariants.seams import Checker, Seams

Element: TypeAlias = _Element
Read: TypeAlias = Callable[[Element, FeedWindow], Iterator[str]]

_ATOM = "{http://www.w3.org/2005/Atom}"
_LINK, _ATOM_TITLE, _ATOM_ID = f"{_ATOM}link", f"{_ATOM}title", f"{_ATOM}id"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"

_ADDRESSES = etree.XPath(
    "//@href | //@src | //@url | /rss/channel//link/text() | /rss/channel/image/url/text()",
    smart_strings=False,
)
_OWN = re.compile(r"#[a-z]+|(\.\./)*feed(pub\.css|pub\.js|s\.opml|s\.json)")
_ASIDES = etree.XPath("//comment() | //processing-instruction()")

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
)
"""Fetches nothing, expands nothing and accepts no endless text; one for all, as each costs time."""


def _atom_faults(data: bytes, window: FeedWindow, _site: Site) -> tuple[str, ...]:
    return _faults(data, f"{_ATOM}feed", _DECLARATION + b"<feed ", window, _atom)


def _rss_faults(data: bytes, window: FeedWindow, _site: Site) -> tuple[str, ...]:
    return _faults(data, "rss", _DECLARATION + b"<rss ", window, _rss)


def _page_faults(data: bytes, window: FeedWindow, _site: Site) -> tuple[str, ...]:
    return _faults(data, "html", b"<!DOCTYPE html>\n<html ", window, _page)


ATOM = Checker(_atom_faults, Seams(b"\n<entry", b"</entry>\n<entry", b"</entry>"))
RSS = Checker(_rss_faults, Seams(b"\n<item", b"</item>\n<item", b"</item>"))
PAGE = Checker(_page_faults, Seams(b"\n<article", b"</article>\n<article", b"</article>"))


def _faults(data: bytes, tag: str, start: bytes, window: FeedWindow, read: Read) -> tuple[str, ...]:
    """Hold `data` to its root element, its first bytes (no BOM, DTD or delay: C6, F4) and `read`."""
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return (NOT_PARSED,)
    if root.tag != tag:
        return (OTHER_FORMAT,)
    checks = {
        "something precedes the root element, or the XML declaration": data.startswith(start),
        "a comment or processing instruction": not _ASIDES(root),
        RELATIVE: are_absolute(_addresses(root)),
    }
    return (*failed(checks), *read(root, window))


def _addresses(root: Element) -> list[str]:
    """Return all addresses, but those of a page to itself and to what out/ has for all pages."""
    found = cast("list[str]", _ADDRESSES(root))
    return [a for a in found if not (root.tag == "html" and _OWN.fullmatch(a))]


# Atom


def _atom(feed: Element, window: FeedWindow) -> Iterator[str]:
    head, links = window.head, feed.findall(_LINK)
    yield from failed(
        {
            "the feed's id is not its own": feed.findtext(_ATOM_ID) == head.id,
            "the feed's title is not its own": feed.findtext(_ATOM_TITLE) == head.title,
            "the feed has no author": bool(feed.findtext(f"{_ATOM}author/{_ATOM}name")),
            "the feed's updated is not right": is_rfc3339(
                feed.findtext(f"{_ATOM}updated"), head.updated
            ),
            "self is not the feed's address": _hrefs(links, "self") == [head.addresses["atom"]],
            "the feed's first link is not its alternate": _leads_to(links, head.alternate),
            "two alternates of one type and language": _are_distinct(links),
            "its place among the archives is not right": _is_linked(feed, links, window, "atom"),
            "the withdrawals are not those of the feed": _are_announced(feed, window.withdrawn),
        }
    )
    entries = feed.findall(f"{_ATOM}entry")
    yield from items(entries, [e.findtext(_ATOM_ID) for e in entries], window, _atom_entry)


def _is_linked(head: Element, links: Sequence[Element], window: FeedWindow, format: str) -> bool:
    """Say whether a document is linked to its neighbours, and marked if it is an archive (X1)."""
    rels = ("prev-archive", "next-archive", "current")
    found = {link.get("rel"): link.get("href") for link in links if link.get("rel") in rels}
    archive = head.find("{http://purl.org/syndication/history/1.0}archive")
    chain = window.chain
    return found == chain.links(format) and (archive is not None) == chain.sealed


def _are_announced(feed: Element, withdrawn: Sequence[Withdrawal]) -> bool:
    """Say whether the feed has a deleted-entry for each withdrawal, in its order (X4)."""
    found = feed.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    return [gone.get("ref") for gone in found] == [each.id for each in withdrawn] and all(
        is_rfc3339(gone.get("when"), each.instant)
        for gone, each in zip(found, withdrawn, strict=True)
    )


def _atom_entry(element: Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    links = list(element.iterchildren(_LINK))
    return {
        "its title is not the item's": text.get(_ATOM_TITLE) == entry.title,
        "its summary is not the item's": text.get(f"{_ATOM}summary", "") == entry.excerpt,
        "its content is not the item's": text.get(f"{_ATOM}content") == entry.content,
        "published is not right": is_rfc3339(text.get(f"{_ATOM}published"), entry.published),
        "updated is not right": is_rfc3339(text.get(f"{_ATOM}updated"), entry.updated),
        "its first link is not the item's": _leads_to(links, entry.link),
        "two alternates of one type and language": _are_distinct(links),
        "its related links are not the item's": _hrefs(links, "related")
        == [related.url for related in entry.related],
    }


def _hrefs(links: Sequence[Element], rel: str) -> list[str | None]:
    return [link.get("href") for link in links if link.get("rel") == rel]


def _leads_to(links: Sequence[Element], address: str) -> bool:
    """Say whether the first link is the HTML alternate at `address` (R5)."""
    found = [link.get(name) for link in links[:1] for name in ("rel", "type", "href")]
    return found == ["alternate", "text/html", address]


def _are_distinct(links: Sequence[Element]) -> bool:
    """Say whether no two alternates have one type and language (RFC 4287 §4.1.1)."""
    kinds = [
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    ]
    return len(kinds) == len(set(kinds))


# RSS


def _rss(rss: Element, window: FeedWindow) -> Iterator[str]:
    head, channels = window.head, rss.findall("channel")
    if len(channels) != 1:
        yield "not one channel"
        return
    channel = channels[0]
    yield from failed(
        {
            "the feed's title is not its own": channel.findtext("title") == head.title,
            "the feed has no description": bool(channel.findtext("description")),
            "the feed's language is not its own": channel.findtext("language", "") == head.language,
            "the feed's link is not its page": channel.findtext("link") == head.alternate,
            "an atom:link precedes the feed's link": _link_is_first(channel),
            "lastBuildDate is not right": is_rfc822(
                channel.findtext("lastBuildDate"), head.updated
            ),
            "self is not the feed's address": _hrefs(channel.findall(_LINK), "self")
            == [head.addresses["rss"]],
            "its place among the archives is not right": _is_linked(
                channel, channel.findall(_LINK), window, "rss"
            ),
        }
    )
    found = channel.findall("item")
    yield from items(found, [item.findtext("guid") for item in found], window, _rss_item)


def _rss_item(element: Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    content = text.get(_ENCODED) if entry.excerpt else text.get("description")
    excerpt = text.get("description", "") if entry.excerpt else ""
    guid = element.find("guid")
    return {
        "its title is not the item's": text.get("title") == entry.title,
        "its description is not the item's": html.unescape(excerpt) == entry.excerpt,
        "its content is not the item's": (content or "") == entry.content,
        "pubDate is not right": is_rfc822(text.get("pubDate"), entry.published),
        "its link is not the item's": text.get("link") == entry.link,
        "an atom:link precedes its link": _link_is_first(element),
        "its guid is not marked as no address": guid is not None
        and guid.get("isPermaLink") == "false",
    }


def _link_is_first(parent: Element) -> bool:
    """Say whether `link` precedes each atom:link: some readers take the last they see (R5)."""
    return next((child.tag for child in parent.iterchildren("link", _LINK)), "") == "link"


# Pages


def _page(page: Element, window: FeedWindow) -> Iterator[str]:
    head = window.head
    offered = [link.get("href") for link in page.iterfind("head/link[@rel='alternate']")]
    yield from failed(
        {
            "the page has no language": page.get("lang") is not None,
            "the page's title is not the feed's": page.findtext("head/title") == head.title,
            "a format has no autodiscovery link": set(offered) >= set(head.on_page.values()),
            "no content security policy": page.find("head/meta[@http-equiv]") is not None,
            "a script of its own": all(
                s.get("src") and not s.text for s in page.iterfind(".//script")
            ),
        }
    )
    articles = page.findall(".//article")
    links = [article.find("h3/a") for article in articles]
    addresses = [None if link is None else link.get("href") for link in links]
    if addresses != [entry.link for entry in window.entries]:
        yield "the items are not those of the feed, in their order"
    elif [link.text for link in links if link is not None] != [e.title for e in window.entries]:
        yield "the titles are not those of the items"
