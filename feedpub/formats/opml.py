"""The list of all feeds as OPML 2.0: a file to subscribe to everything at once (F7).

It says nothing of time: so it changes only when the feeds do, not with every item (D9).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from lxml import etree
from lxml.etree import SubElement, _Element

from feedpub.core.channel import FeedHead, Listed
from feedpub.core.feeds import GROUPS
from feedpub.core.model import Person, Site
from feedpub.formats import FORMATS, LISTINGS


def render_opml(site: Site, branches: Iterable[Listed]) -> bytes:
    """Return the list as UTF-8, in the order given; `branches` are the live feeds, each once.

    Feeds of one kind that follow each other are one group. A feed with others below it becomes a
    group as well, with itself in front: many readers look into groups only, not below feeds. Texts
    must be free of what XML forbids (C3): else `ValueError`.
    """
    opml = etree.Element("opml", version="2.0")
    _fill_head(SubElement(opml, "head"), site)
    body = SubElement(opml, "body")
    for kind, group in groupby(branches, lambda branch: branch.head.kind):
        name = GROUPS.get(kind)
        parent = _group(body, name) if name else body
        for branch in group:
            _add(parent, branch)
    data: bytes = etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return data


def _fill_head(head: _Element, site: Site) -> None:
    owner = site.author or Person(site.title)
    texts = {
        "title": site.title,
        "ownerName": owner.name,
        "ownerEmail": owner.email,
        "ownerId": owner.uri,
    }
    for name, text in texts.items():
        if text:
            SubElement(head, name).text = text
    head.append(etree.fromstring(LISTINGS["opml"].sign))


def _add(parent: _Element, branch: Listed) -> None:
    if branch.children:
        parent = _group(parent, branch.head.title)
    SubElement(parent, "outline", _feed(branch.head))
    for child in branch.children:
        _add(parent, child)


def _group(parent: _Element, name: str) -> _Element:
    return SubElement(parent, "outline", {"text": name, "title": name})


def _feed(head: FeedHead) -> dict[str, str]:
    """Return the attributes of a feed; `type` is rss whatever its format (OPML 2.0)."""
    attributes = {
        "type": "rss",
        "text": head.title,
        "title": head.title,
        "xmlUrl": _address(head),
        "htmlUrl": head.alternate,
        "description": head.description,
        "language": head.language,
    }
    return {name: value for name, value in attributes.items() if value}


def _address(head: FeedHead) -> str:
    """Return where the feed is in the first format of the registry that it has: RSS, if any."""
    return next(head.addresses[name] for name in FORMATS if name in head.addresses)
