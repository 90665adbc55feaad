"""Reading feeds that others wrote, as forgiving as readers are: what they lack is '' or None (I1)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import UTC
from html import escape, unescape
from typing import Any, TypeAlias
from urllib.parse import urljoin

from lxml import etree
from lxml.etree import QName, _Element

from feedpub.core.dates import parse_instant
from feedpub.core.model import ReadEntry, ReadFeed

MOST_BYTES = 50_000_000
_SPACE = " \t\r\n"
_BLANK = b" \t\r\n\xef\xbb\xbf"
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>")
_NO_FEED = "it is no RSS 2.0, Atom or JSON Feed"

_Parts: TypeAlias = dict[str, list[_Element]]
"""The children of an element by name; `:name` where it is in another namespace than that."""


def read_feed(data: bytes) -> ReadFeed:
    """Return the feed that `data` is. Nothing is fetched or expanded.

    Raises `ValueError`, whose text quotes nothing, for anything else, for what has a DTD, and for
    more than 50 MB.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    data = data.lstrip(_BLANK)  # before an XML declaration they are a fault that readers forgive
    if data.startswith(b"{"):
        return _json(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"{_NO_FEED}: line {error.lineno} is not well-formed") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("it has a DTD (<!DOCTYPE …>), which is not read; remove that")
    is_rss = QName(root).localname == "rss"
    head = next(root.iterchildren("{*}channel"), None) if is_rss else root
    if head is None or QName(root).localname not in {"rss", "feed"}:
        raise ValueError(_NO_FEED)
    parts = _parts(head)
    link, own = _link(parts), _link(parts, "self")
    entries = [_entry(_parts(e), link or own) for e in parts["item" if is_rss else "entry"]]
    return ReadFeed("rss" if is_rss else "atom", _title(parts), link, own, tuple(entries))


def _parts(element: _Element) -> _Parts:
    found, own = defaultdict[str, list[_Element]](list), QName(element).namespace
    for part in element.iterchildren("*"):
        name = QName(part)
        found[name.localname if name.namespace == own else f":{name.localname}"].append(part)
    return found


def _entry(parts: _Parts, base: str) -> ReadEntry:
    own, guid = _text(parts, "guid", "id"), next(iter(parts["guid"]), None)
    is_link = guid is not None and guid.get("isPermaLink", "true") == "true"
    link = _absolute(_link(parts) or (own if is_link else ""), base)
    texts = (_markup(part) for name in (":encoded", "content") for part in parts[name])
    return ReadEntry(
        own or link,
        link,
        _title(parts),
        _instant(_text(parts, "pubDate", "published", "issued", ":date")),
        _instant(_text(parts, "updated", "modified", ":updated")),
        next(filter(None, texts), "") or _text(parts, "description", "summary"),
    )


def _whole(element: _Element) -> str:
    return "".join(map(str, element.itertext()))


def _text(parts: _Parts, *names: str) -> str:
    """Return what the first of these says that says anything."""
    texts = (_whole(part).strip(_SPACE) for name in names for part in parts[name])
    return next(filter(None, texts), "")


def _link(parts: _Parts, rel: str = "alternate") -> str:
    """Return the first address of that relation: an attribute in Atom, in RSS a text."""
    links = (
        part for part in (*parts["link"], *parts[":link"]) if part.get("rel", "alternate") == rel
    )
    found = (_absolute((e.get("href") or e.text or "").strip(_SPACE), e.base or "") for e in links)
    return next(filter(None, found), "")


def _markup(content: _Element) -> str:
    """Return HTML: as it is escaped, from plain text, or the XHTML that stands in Atom."""
    if len(content):
        return "".join(etree.tostring(part, encoding="unicode") for part in content)
    text = _whole(content)
    is_plain = QName(content).localname == "content" and content.get("type", "text") == "text"
    return escape(text) if is_plain else text


def _title(parts: _Parts) -> str:
    return " ".join(unescape(_TAGS.sub("", _text(parts, "title"))).split())


def _absolute(link: str, base: str) -> str:
    try:
        return urljoin(base, link) if base and link else link
    except ValueError:  # what looks like an IPv6 address
        return ""


def _instant(text: str) -> int | None:
    try:
        return parse_instant(text, UTC).seconds
    except ValueError:
        return None


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
