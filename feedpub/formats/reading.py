"""Reading back: what documents of ours show, so that a lost state costs no ids (I1, I5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from feedpub.core.founding import Former
from feedpub.formats import LISTINGS

_ATOM = "{http://www.w3.org/2005/Atom}"


def published_ids(data: bytes) -> dict[str, str]:
    """Return the id of each item in a feed of ours by its link; nothing where it cannot be read."""
    try:
        return dict(_from_json(data) if data.lstrip().startswith(b"{") else _from_xml(data))
    except (etree.XMLSyntaxError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # somebody changed it: it tells nothing


def former_feeds(data: bytes) -> list[Former]:
    """Return the feeds in a list of feeds of ours; nothing where it cannot be read."""
    try:
        return list(_listed(data)) if data.startswith(LISTINGS["feeds"].sign) else []
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _listed(data: bytes) -> Iterator[Former]:
    told = json.loads(data)
    for feed in told["feeds"]:
        title = str(feed["title"]).removesuffix(f" · {told['title']}")
        slug = unquote(str(feed["page"]).rstrip("/").rpartition("/")[2])
        yield Former(str(feed["kind"]), str(feed["id"]), title, slug)


def _from_json(data: bytes) -> Iterator[tuple[str, str]]:
    for item in json.loads(data)["items"]:
        yield str(item["url"]), str(item["id"])


def _from_xml(data: bytes) -> Iterator[tuple[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    for item in root.iterfind("channel/item"):
        yield item.findtext("link") or "", item.findtext("guid") or ""
    for entry in root.iterfind(f"{_ATOM}entry"):
        link = entry.find(f"{_ATOM}link[@rel='alternate']")
        href = "" if link is None else link.get("href") or ""
        yield href, entry.findtext(f"{_ATOM}id") or ""
