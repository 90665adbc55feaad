"""The check before the swap: a rendered document is parsed again and held to what must be true.

It shares no code with the renderers: what it reads back is compared with the window itself. A
message says which item is wrong by its place in the document, and never quotes it (S2).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias, cast

from lxml import etree
from lxml.etree import _Element

from feedpub.core.model import Entry, FeedWindow, Site

Element: TypeAlias = _Element
Checks: TypeAlias = dict[str, bool]
"""What is wrong if it does not hold, and whether it holds."""
Read: TypeAlias = Callable[[Element, FeedWindow, Site], Iterator[str]]

_ATOM = "{http://www.w3.org/2005/Atom}"
_LINK, _ATOM_TITLE, _ATOM_ID = f"{_ATOM}link", f"{_ATOM}title", f"{_ATOM}id"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"

_DECLARATION = b"<?xml version='1.0' encoding='UTF-8'?>\n"

_ADDRESSES = etree.XPath(
    "//@href | //@src | //@url | /rss/channel//link/text() | /rss/channel/image/url/text()",
    smart_strings=False,
)
_ABSOLUTE_LINES = re.compile(r"(?:[Hh][Tt]{2}[Pp][Ss]?://(?=[^/?#])[!-~]++\n)*+")
_ASIDES = etree.XPath("//comment() | //processing-instruction()")
_SCRIPT = re.compile("<script", re.IGNORECASE)
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DATES = 4096  # an item has most of its dates twice, and is in several feeds
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) \+0000"
)


def faults(data: bytes, format: str, window: FeedWindow, site: Site) -> tuple[str, ...]:
    """Return what is wrong with `data`, the document of `window` in `format`; () when nothing is.

    `format` is `rss`, `atom` or `page` (else `KeyError`). Never raises for any bytes.
    """
    tag, start, read = _FORMATS[format]
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError):
        return ("not well-formed",)
    if root.tag != tag:
        return ("the root element is another format's",)
    checks = {
        "something precedes the root element, or the XML declaration": data.startswith(start),
        "a comment or processing instruction": not _ASIDES(root),
        "an address is not absolute http(s) in ASCII": _are_absolute(root),
    }
    return (*_failed(checks), *read(root, window, site))


def _failed(checks: Checks) -> list[str]:
    return [message for message, holds in checks.items() if not holds]


def _parser() -> etree.XMLParser:
    """Return a parser that fetches nothing, expands nothing and accepts no endless text."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )


def _are_absolute(root: Element) -> bool:
    addresses = cast("list[str]", _ADDRESSES(root))
    lines = "\n".join([*addresses, ""])
    # One match for all of a document; an address of two lines must not pass as two addresses.
    one_each = lines.count("\n") == len(addresses)
    return one_each and _ABSOLUTE_LINES.fullmatch(lines) is not None


# Atom


def _atom(feed: Element, window: FeedWindow, _site: Site) -> Iterator[str]:
    head, links = window.head, feed.findall(_LINK)
    yield from _failed(
        {
            "the feed's id is not its own": feed.findtext(_ATOM_ID) == head.id,
            "the feed's title is not its own": feed.findtext(_ATOM_TITLE) == head.title,
            "the feed has no author": bool(feed.findtext(f"{_ATOM}author/{_ATOM}name")),
            "the feed's updated is not right": _is_rfc3339(
                feed.findtext(f"{_ATOM}updated"), head.updated
            ),
            "self is not the feed's address": _hrefs(links, "self") == [head.addresses["atom"]],
            "the feed's first link is not its alternate": _leads_to(links, head.alternate),
            "two alternates of one type and language": _are_distinct(links),
        }
    )
    entries = feed.findall(f"{_ATOM}entry")
    yield from _items(entries, [e.findtext(_ATOM_ID) for e in entries], window, _atom_entry)


def _atom_entry(element: Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    links = list(element.iterchildren(_LINK))
    return {
        "its title is not the item's": text.get(_ATOM_TITLE) == entry.title,
        "its summary is not the item's": text.get(f"{_ATOM}summary", "") == entry.excerpt,
        "its content is not the item's": text.get(f"{_ATOM}content") == entry.content,
        "published is not right": _is_rfc3339(text.get(f"{_ATOM}published"), entry.published),
        "updated is not right": _is_rfc3339(text.get(f"{_ATOM}updated"), entry.updated),
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


def _rss(rss: Element, window: FeedWindow, _site: Site) -> Iterator[str]:
    head, channels = window.head, rss.findall("channel")
    if len(channels) != 1:
        yield "not one channel"
        return
    channel = channels[0]
    yield from _failed(
        {
            "the feed's title is not its own": channel.findtext("title") == head.title,
            "the feed has no description": bool(channel.findtext("description")),
            "the feed's language is not its own": channel.findtext("language", "") == head.language,
            "the feed's link is not its page": channel.findtext("link") == head.alternate,
            "an atom:link precedes the feed's link": _link_is_first(channel),
            "lastBuildDate is not right": _is_rfc822(
                channel.findtext("lastBuildDate"), head.updated
            ),
            "self is not the feed's address": _hrefs(channel.findall(_LINK), "self")
            == [head.addresses["rss"]],
        }
    )
    items = channel.findall("item")
    yield from _items(items, [item.findtext("guid") for item in items], window, _rss_item)


def _rss_item(element: Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    content = text.get(_ENCODED) if entry.excerpt else text.get("description")
    excerpt = text.get("description", "") if entry.excerpt else ""
    guid = element.find("guid")
    return {
        "its title is not the item's": text.get("title") == entry.title,
        "its description is not the item's": html.unescape(excerpt) == entry.excerpt,
        "its content is not the item's": (content or "") == entry.content,
        "pubDate is not right": _is_rfc822(text.get("pubDate"), entry.published),
        "its link is not the item's": text.get("link") == entry.link,
        "an atom:link precedes its link": _link_is_first(element),
        "its guid is not marked as no address": guid is not None
        and guid.get("isPermaLink") == "false",
    }


def _link_is_first(parent: Element) -> bool:
    """Say whether `link` precedes each atom:link: some readers take the last they see (R5)."""
    return next((child.tag for child in parent.iterchildren("link", _LINK)), "") == "link"


# Pages


def _page(page: Element, window: FeedWindow, _site: Site) -> Iterator[str]:
    head = window.head
    offered = [link.get("href") for link in page.iterfind("head/link[@rel='alternate']")]
    yield from _failed(
        {
            "the page has no language": page.get("lang") is not None,
            "the page's title is not the feed's": page.findtext("head/title") == head.title,
            "a format has no autodiscovery link": set(offered) >= set(head.on_page.values()),
            "no content security policy": page.find("head/meta[@http-equiv]") is not None,
            "a script": page.find(".//script") is None,
        }
    )
    articles = page.findall(".//article")
    links = [article.find("h3/a") for article in articles]
    addresses = [None if link is None else link.get("href") for link in links]
    if addresses != [entry.link for entry in window.entries]:
        yield "the items are not those of the feed, in their order"
    elif [link.text for link in links if link is not None] != [e.title for e in window.entries]:
        yield "the titles are not those of the items"


# Items and dates


def _items(
    elements: Sequence[Element],
    ids: Sequence[str | None],
    window: FeedWindow,
    check: Callable[[Element, Entry], Checks],
) -> Iterator[str]:
    """Yield what is wrong with the items, each known by its place, counted from 1."""
    if len(set(ids)) != len(ids):
        yield "two items have one id"
    if ids != [entry.id for entry in window.entries]:
        yield "the items are not those of the feed, in their order"
        return
    for place, (element, entry) in enumerate(zip(elements, window.entries, strict=True), 1):
        checks = check(element, entry)
        checks["updated before it was published"] = entry.updated >= entry.published
        checks["its content has a script"] = not _SCRIPT.search(entry.content)
        for message in _failed(checks):
            yield f"item {place}: {message}"


@lru_cache(_DATES)
def _is_rfc3339(text: str | None, instant: int) -> bool:
    """Say whether `text` is that instant in whole seconds and UTC, with `Z` (D2)."""
    if text is None or not _RFC3339.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text).timestamp() == instant
    except ValueError:
        return False


@lru_cache(_DATES)
def _is_rfc822(text: str | None, instant: int) -> bool:
    """Say whether `text` is that instant as an RFC 822 date with a year of four digits (D2)."""
    found = _RFC822.fullmatch(text or "")
    if not found or found[2] not in _MONTHS:
        return False
    day, year, hour, minute, second = map(int, found.group(1, 3, 4, 5, 6))
    try:
        date = datetime(year, _MONTHS.index(found[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return date.timestamp() == instant


_FORMATS: dict[str, tuple[str, bytes, Read]] = {
    "rss": ("rss", _DECLARATION + b"<rss ", _rss),
    "atom": (f"{_ATOM}feed", _DECLARATION + b"<feed ", _atom),
    "page": ("html", b"<!DOCTYPE html>\n<html ", _page),
}
"""For each format: root element, first bytes (no BOM, DTD or delay: C6, F4), its own checks."""
