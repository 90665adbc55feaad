"""Reading feeds that others wrote, as forgiving as readers are: what they lack is '' or None (I1)."""

from __future__ import annotations

import json
from datetime import UTC
from html import escape
from typing import Any

from lxml import etree
from lxml.etree import QName, _Element

from feedpub.core import urls
from feedpub.core.dates import parse_instant
from feedpub.core.model import ReadEntry, ReadFeed
from feedpub.core.text import untagged

MOST_BYTES = 50_000_000
_ATOM = "{http://www.w3.org/2005/Atom}"
_SPACE, _BLANK = " \t\r\n", b" \t\r\n\xef\xbb\xbf"
_NO_FEED = "it is no RSS 2.0, Atom or JSON Feed"


def read_feed(data: bytes) -> ReadFeed:
    """Return the feed that `data` is. Nothing is fetched or expanded.

    Raises `ValueError`, whose text quotes nothing, for anything else, for what has a DTD, and for
    more than 50 MB.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    data = data.lstrip(_BLANK)  # before an XML declaration they are a fault that readers forgive
    if not data:
        raise ValueError("it is empty")
    if data.startswith(b"{"):
        return _json(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{_NO_FEED}: line {error.lineno} is not well-formed") from None
    is_rss, is_page = (QName(root).localname == name for name in ("rss", "html"))
    if is_page:
        raise ValueError("it is a web page, and no feed")
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it has a DTD (<!DOCTYPE …>), which is not read; remove that")
    head = root.find("{*}channel") if is_rss else root
    if head is None or QName(root).localname not in {"rss", "feed"}:
        raise ValueError(_NO_FEED)
    own = f"{{{QName(head).namespace or ''}}}"  # what has no namespace is in that of ''
    link, address = _link(head, own), _link(head, own, "self")
    items = head.iterfind(own + ("item" if is_rss else "entry"))
    entries = tuple(_entry(item, own, link or address) for item in items)
    return ReadFeed("rss" if is_rss else "atom", _title(head, own), link, address, entries)


def _entry(item: _Element, own: str, base: str) -> ReadEntry:
    guid, written = item.find(f"{own}guid"), _link(item, own)
    known = _text(item, f"{own}guid", f"{own}id")
    if guid is not None and guid.get("isPermaLink", "true") == "true":
        written = written or known
    return ReadEntry(
        known or written,
        urls.publishable(written, base, strip_tracking=False),
        _title(item, own),
        _instant(_text(item, *(own + n for n in ("pubDate", "published", "issued")), "{*}date")),
        _instant(_text(item, f"{own}updated", f"{own}modified", f"{_ATOM}updated")),
        _text(item, "{*}encoded", *(own + n for n in ("content", "description", "summary"))),
    )


def _text(parent: _Element, *names: str) -> str:
    """Return the first text among the children of these names; XHTML is a text, too."""
    for part in (part for name in names for part in parent.iterfind(name)):
        inner = [etree.tostring(child, encoding="unicode") for child in part]
        if text := "".join([part.text or "", *inner]).strip(_SPACE):
            return text
    return ""


def _link(parent: _Element, own: str, rel: str = "alternate") -> str:
    """Return the first address of that relation: an attribute in Atom, in RSS a text."""
    for part in (part for name in (own, _ATOM) for part in parent.iterfind(f"{name}link")):
        written = (part.get("href") or part.text or "").strip(_SPACE)
        if written and part.get("rel", "alternate") == rel:
            return urls.publishable(written, part.base, False) if part.base else written
    return ""


def _title(parent: _Element, own: str) -> str:
    return untagged(_text(parent, f"{own}title"))


def _instant(text: str) -> int | None:
    found = parse_instant(text, UTC)
    return found.seconds if found else None


def _json(data: bytes) -> ReadFeed:
    try:  # numbers stay as they are written: an id may be one
        feed = json.loads(data, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise ValueError(f"{_NO_FEED}: no valid JSON") from None
    if "jsonfeed.org/version/" not in _said(feed, "version"):
        raise ValueError(_NO_FEED)
    items = feed.get("items")
    read = [_item(i) for i in (items if isinstance(items, list) else ()) if isinstance(i, dict)]
    title, link, own = (_said(feed, name) for name in ("title", "home_page_url", "feed_url"))
    return ReadFeed("json", title, link, own, tuple(read))


def _item(item: dict[str, Any]) -> ReadEntry:
    own, link, title = (_said(item, name) for name in ("id", "url", "title"))
    published, updated = (_instant(_said(item, f"date_{n}")) for n in ("published", "modified"))
    content = _said(item, "content_html") or escape(_said(item, "content_text"))
    return ReadEntry(own or link, link, " ".join(title.split()), published, updated, content)


def _said(found: dict[str, Any], name: str) -> str:
    """Return a member that is a text, without what no encoding can write."""
    value = found.get(name, "")
    return value.encode(errors="ignore").decode() if isinstance(value, str) else ""
