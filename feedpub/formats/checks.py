"""The check before a file is replaced: what every format is held to, then RSS, Atom and the pages.

What was written is parsed again and held to what must be true; the checks share no code with the
writers. An entry is checked once, when it is written; of a document only the head, the joints and
the count are checked. A message never quotes what is wrong (S2).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias, cast

from lxml import etree
from lxml.etree import QName, _Element

from feedpub.core.model import Entry, FeedWindow
from feedpub.formats import DOCUMENTS, opening

Checks: TypeAlias = dict[str, bool]
"""What is wrong if it does not hold, and whether it holds."""

NOT_PARSED = "not well-formed"
OTHER_FORMAT = "the document is another format's"
RELATIVE = "an address is not absolute http(s) in ASCII"
ITEMS = "the items are not those of the feed, in their order"

_ABSOLUTE = re.compile("https?://(?=[^/?#])[!-~]+", re.IGNORECASE | re.ASCII).fullmatch
_SCRIPT = re.compile("<script", re.IGNORECASE)


def failed(checks: Checks) -> list[str]:
    """Return what is wrong by `checks`."""
    return [message for message, holds in checks.items() if not holds]


def are_absolute(addresses: Sequence[str]) -> bool:
    """Say whether all `addresses` are absolute http(s) URIs in ASCII (C2)."""
    return all(map(_ABSOLUTE, addresses))


def always(entry: Entry) -> Checks:
    """Return what must hold for an entry in any format."""
    return {
        "updated before it was published": entry.updated >= entry.published,
        "its content has a script": not _SCRIPT.search(entry.content),
    }


def frame_of(data: bytes, entries: Sequence[bytes], joint: bytes) -> bytes | None:
    """Return a document without its entries, or None if it has not just these, joined by `joint`.

    What was checked entry by entry need not be parsed again: only what is around it.
    """
    body = joint.join(entries)
    start = data.find(body)
    return None if start < 0 else data[:start] + data[start + len(body) :]


def counted(window: FeedWindow, entries: Sequence[bytes], others: bool) -> Checks:
    """Return what must hold for the entries of a document together.

    `others` says whether its frame has some beside them.
    """
    ids = {entry.id for entry in window.entries}
    return {
        "two items have one id": len(ids) == len(window.entries),
        ITEMS: len(entries) == len(window.entries) and not others,
    }


def in_rfc3339(instant: int) -> str:
    """Return how JSON and Atom must have an instant: in whole seconds and UTC, with `Z` (D2)."""
    return f"{datetime.fromtimestamp(instant, UTC).replace(tzinfo=None).isoformat()}Z"


def in_rfc822(instant: int) -> str:
    """Return how RSS must have an instant: in UTC, with a year of four digits (D2)."""
    date = datetime.fromtimestamp(instant, UTC)
    names = date.ctime()  # in English anywhere: Tue Nov 14 22:13:20 2023
    return f"{names[:3]}, {date.day:02} {names[4:7]} {date.year:04} {date:%H:%M:%S} +0000"


# XML

_STARTS = re.compile(rb"<\?xml version='1\.0' encoding='UTF-8'\?>\n<\w").match
"""How a document begins: no BOM, DTD or delay (C6, F4)."""

_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
}
"""What entries may use, and so what their documents must declare where they do."""

_DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items())
_ATOM, _ITUNES, _CONTENT = (f"{{{_PREFIXES[name]}}}" for name in ("atom", "itunes", "content"))
_LINK, _ATOM_TITLE, _ATOM_ID = (f"{_ATOM}{name}" for name in ("link", "title", "id"))

_ADDRESSES = etree.XPath(
    "//@href | //@src | //@url | //channel//link/text() | //item/link/text()"
    " | //channel/image/url/text()",
    smart_strings=False,
)
_DOCTYPE = b"<!doctype html>"
_ASIDES = etree.XPath("//comment() | //processing-instruction()")

PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
)
"""Fetches nothing, expands nothing and accepts no endless text; one for all, as each costs time."""


def _parsed(data: bytes, parser: etree.XMLParser | etree.HTMLParser = PARSER) -> _Element | None:
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


class XmlChecker(NamedTuple):
    """Checks the documents of one format of feeds.

    `root` and `entry_tag` are the tags of a document and an entry. `checks` and `entry_checks` hold
    a document to its window and an entry to what it is made of.
    """

    root: str
    entry_tag: str
    checks: Callable[[_Element, FeedWindow], Checks]
    entry_checks: Callable[[_Element, Entry], Checks]

    def entry(self, part: bytes, entry: Entry) -> list[str]:
        """Return what is wrong with an entry as it was written."""
        own = QName(self.entry_tag).namespace or ""
        around = _parsed(f'<in xmlns="{own}"{_DECLARED}>'.encode() + part + b"</in>")
        if around is None:
            return [NOT_PARSED]
        if [child.tag for child in around] != [self.entry_tag]:
            return [OTHER_FORMAT]
        return failed(_common(around) | self.entry_checks(around[0], entry) | always(entry))

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with a document apart from its entries."""
        frame = frame_of(data, entries, b"")
        if frame is None:
            return [ITEMS]
        root = _parsed(frame)
        if root is None:
            return [NOT_PARSED]
        if root.tag != self.root:
            return [OTHER_FORMAT]
        return failed(
            {
                "something precedes the root element, or the XML declaration": bool(_STARTS(data)),
                "a namespace is not declared": _is_declared(root, b"".join(entries)),
                **_common(root),
                **counted(window, entries, root.find(f".//{self.entry_tag}") is not None),
                **self.checks(root, window),
            }
        )


def _is_declared(root: _Element, entries: bytes) -> bool:
    """Say whether the prefixes that entries use mean in their document what they mean alone."""
    return all(
        root.nsmap.get(prefix) == uri
        for prefix, uri in _PREFIXES.items()
        if f"<{prefix}:".encode() in entries
    )


def _common(root: _Element) -> Checks:
    return {
        "a comment or processing instruction": not _ASIDES(root),
        RELATIVE: are_absolute(cast("list[str]", _ADDRESSES(root))),
    }


# Atom


def _atom(feed: _Element, window: FeedWindow) -> Checks:
    head, links = window.head, feed.findall(_LINK)
    gone = feed.iterfind("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    announced = [(each.get("ref"), each.get("when")) for each in gone]
    withdrawn = [(each.id_in("atom"), in_rfc3339(each.instant)) for each in window.withdrawn]
    return {
        "the feed's id is not its own": feed.findtext(_ATOM_ID) == head.id,
        "the feed's title is not its own": feed.findtext(_ATOM_TITLE) == head.title,
        "the feed has no author": bool(feed.findtext(f"{_ATOM}author/{_ATOM}name")),
        "the feed's updated is not right": feed.findtext(f"{_ATOM}updated")
        == in_rfc3339(head.updated),
        "the feed's first link is not its alternate": _leads_to(links, head.alternate),
        "two alternates of one type": _are_distinct(links),
        "the withdrawals are not those of the feed": announced == withdrawn,  # X4
        **_linked(feed, window, "atom"),
    }


def _linked(head: _Element, window: FeedWindow, format: str) -> Checks:
    """Return what must hold for the links of a feed to itself, its hubs and archives (W1, X1)."""
    links, chain = head.findall(_LINK), window.chain
    beside = {rel: _hrefs(links, rel) for rel in ("prev-archive", "next-archive", "current")}
    wanted = {rel: [href] for rel, href in chain.links(format).items()}
    is_archive = head.find("{http://purl.org/syndication/history/1.0}archive") is not None
    return {
        "self is not the feed's address": _hrefs(links, "self") == [window.head.addresses[format]],
        "the hubs are not those that are named": _hrefs(links, "hub") == [*window.hubs],
        "its place among the archives is not right": is_archive == chain.sealed
        and {rel: found for rel, found in beside.items() if found} == wanted,
    }


def _atom_entry(element: _Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    links = list(element.iterchildren(_LINK))
    return {
        "its id is not the item's": text.get(_ATOM_ID) == entry.id_in("atom"),
        "its title is not the item's": text.get(_ATOM_TITLE) == entry.title,
        "its summary is not the item's": text.get(f"{_ATOM}summary", "") == entry.excerpt,
        "its content is not the item's": text.get(f"{_ATOM}content") == entry.content,
        "published is not right": text.get(f"{_ATOM}published") == in_rfc3339(entry.published),
        "updated is not right": text.get(f"{_ATOM}updated") == in_rfc3339(entry.updated),
        "its first link is not the item's": _leads_to(links, entry.link),
        "two alternates of one type": _are_distinct(links),
        "its enclosures are not the item's": _hrefs(links, "enclosure")
        == [each.url for each in entry.enclosures],
        "its related links are not the item's": _hrefs(links, "related")
        == [related.url for related in entry.related],
    }


def _hrefs(links: Sequence[_Element], rel: str) -> list[str | None]:
    return [link.get("href") for link in links if link.get("rel") == rel]


def _leads_to(links: Sequence[_Element], address: str) -> bool:
    """Say whether the first link is the HTML alternate at `address` (R5)."""
    found = [link.get(name) for link in links[:1] for name in ("rel", "type", "href")]
    return found == ["alternate", "text/html", address]


def _are_distinct(links: Sequence[_Element]) -> bool:
    """Say whether no two alternates have one type (RFC 4287 §4.1.1)."""
    kinds = [link.get("type") for link in links if link.get("rel", "alternate") == "alternate"]
    return len(kinds) == len(set(kinds))


# RSS


def _rss(rss: _Element, window: FeedWindow) -> Checks:
    head, channel = window.head, next(rss.iterchildren(), rss)
    return {
        "not one channel": [child.tag for child in rss] == ["channel"],
        "the feed's title is not its own": channel.findtext("title") == head.title,
        "the feed has no description": bool(channel.findtext("description")),
        "the feed's language is not its own": channel.findtext("language", "") == head.language,
        "the feed's link is not its page": channel.findtext("link") == head.alternate,
        "an atom:link precedes the feed's link": _link_is_first(channel),
        "lastBuildDate is not right": channel.findtext("lastBuildDate") == in_rfc822(head.updated),
        **_linked(channel, window, "rss"),
    }


def _rss_item(element: _Element, entry: Entry) -> Checks:
    text = {child.tag: child.text or "" for child in element}
    content = text.get(f"{_CONTENT}encoded" if entry.excerpt else "description", "")
    excerpt = text.get("description", "") if entry.excerpt else ""
    guid = element.find("guid")
    itunes = element.iterchildren(f"{_ITUNES}*")
    said = {child.tag.removeprefix(_ITUNES): child.get("href") or child.text for child in itunes}
    told = entry.episode._asdict() if entry.episode else {}
    files = [dict(file.attrib) for file in element.iterchildren("enclosure")]
    return {
        "its guid is not the item's id": text.get("guid") == entry.id_in("rss"),
        "its title is not the item's": text.get("title") == entry.title,
        "its description is not the item's": html.unescape(excerpt) == entry.excerpt,
        "its content is not the item's": content == entry.content,
        "pubDate is not right": text.get("pubDate") == in_rfc822(entry.published),
        "atom:updated is not right": text.get(f"{_ATOM}updated")
        == (in_rfc3339(entry.updated) if entry.updated > entry.published else None),
        "its link is not the item's": text.get("link") == entry.link,
        "an atom:link precedes its link": _link_is_first(element),
        "its enclosure is not the item's": files
        == [{**each._asdict(), "length": str(each.length)} for each in entry.enclosures[:1]],
        "its episode is not the item's": said
        == {name: str(value) for name, value in told.items() if value},
        "its guid is not marked as no address": guid is not None
        and guid.get("isPermaLink") == "false",
    }


def _link_is_first(parent: _Element) -> bool:
    """Say whether `link` precedes each atom:link: some readers take the last they see (R5)."""
    return next((child.tag for child in parent.iterchildren("link", _LINK)), "") == "link"


RSS_CHECKER = XmlChecker("rss", "item", _rss, _rss_item)
ATOM_CHECKER = XmlChecker(f"{_ATOM}feed", f"{_ATOM}entry", _atom, _atom_entry)
"""What checks the two formats."""


# Pages


class _PageChecker:
    """Checks pages; they are parsed whole, as each is made once for all formats."""

    def entry(self, part: bytes, entry: Entry) -> list[str]:
        """Return what is wrong with an entry itself; the rest is seen on the page."""
        del part
        return failed(always(entry))

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with the page of a window."""
        del entries
        root = _parsed(data)
        if root is None:
            return [NOT_PARSED]
        if root.tag != "html":
            return [OTHER_FORMAT]
        links = root.findall(".//article/h3/a")
        # What a page has beside its items leads to files of out/.
        items = (element.attrib for item in root.iter("article") for element in item.iter())
        outside = [url for has in items for name in ("href", "src") if (url := has.get(name))]
        return failed(
            {
                "something precedes the root element": data.startswith(b"<!DOCTYPE html>\n<html "),
                "a comment or processing instruction": not _ASIDES(root),
                RELATIVE: are_absolute(outside),
                "the page's title is not the feed's": root.findtext("head/title")
                == window.head.title,
                "a format has no autodiscovery link": _offers_all(root, window),
                ITEMS: [link.get("href") for link in links] == [e.link for e in window.entries],
                "the titles are not those of the items": [link.text for link in links]
                == [entry.title for entry in window.entries],
            }
        )


PAGE_CHECKER = _PageChecker()
"""What checks pages."""


def own_page_faults(data: bytes, window: FeedWindow) -> list[str]:
    """Return what is wrong with a page by the templates of a site; never raises for any bytes.

    It may look like anything, so it is read as browsers do, not as XML: people write `<br>` and
    `&nbsp;`. It must keep what feedpub promises of pages: that readers find the feeds (B2), and
    that feedpub knows its own files when all that it knew of them is lost.
    """
    if data[: len(_DOCTYPE)].lower() != _DOCTYPE:
        return ["the page must begin with <!DOCTYPE html>"]
    sign = DOCUMENTS["page"].sign
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    page = _parsed(data, parser)
    linked = page is not None and _offers_all(page, window)
    return failed(
        {
            f"the page must have <meta {sign.decode()}> at its beginning": sign in opening(data),
            "the page must link to each of `addresses` with rel=alternate in its head": linked,
        }
    )


def _offers_all(page: _Element, window: FeedWindow) -> bool:
    """Say whether the head of a page leads to the feed in each of its formats (B2)."""
    offered = {link.get("href") for link in page.iterfind("head/link[@rel='alternate']")}
    return offered >= set(window.head.on_page.values())
