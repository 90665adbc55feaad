"""RSS 2.0 and Atom 1.0 through feedgen; the only module that imports it, and mends it."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feedpub.core.model import Entry, FeedWindow, Site


class _Entry(FeedEntry):  # type: ignore[misc]  # feedgen is untyped
    """feedgen's entry with the Atom link attributes that it drops (feedgen #135)."""

    def atom_entry(self, extensions: bool = True) -> Any:
        element = super().atom_entry(extensions)
        for link, given in zip(element.findall("link"), self.link(), strict=True):
            for name in ("rel", "type", "title"):
                if given.get(name):
                    link.set(name, given[name])
        return element


def render_rss(window: FeedWindow, site: Site) -> bytes:
    """Render the subscription document as RSS 2.0."""
    data: bytes = _generator(window, site, "rss").rss_str()
    return data


def render_atom(window: FeedWindow, site: Site) -> bytes:
    """Render the subscription document as Atom 1.0."""
    data: bytes = _generator(window, site, "atom").atom_str()
    return data


def _generator(window: FeedWindow, site: Site, format_: str) -> Any:
    head, feed = window.head, FeedGenerator()
    feed.id(head.id)
    feed.title(head.title)
    feed.description(head.description)
    feed.language(head.language)
    feed.author({"name": site.title})
    feed.link([
        {"href": head.addresses[format_], "rel": "self"},
        {"href": head.alternate, "rel": "alternate"},
    ])
    feed.updated(_datetime(head.updated))
    feed.lastBuildDate(_datetime(head.updated))
    for entry in window.entries:
        feed.add_entry(_fill(entry), order="append")
    return feed


def _fill(entry: Entry) -> _Entry:
    e = _Entry()
    e.id(entry.id)
    e.guid(entry.id, permalink=False)
    e.title(entry.title)
    e.link({"href": entry.link, "rel": "alternate"})
    for related in entry.related:
        e.link({"href": related.url, "rel": "related", "title": related.title})
    e.published(_datetime(entry.published))
    e.updated(_datetime(entry.updated))
    e.summary(entry.excerpt)
    e.description(html.escape(entry.excerpt))
    e.content(entry.content, type="html")
    return e


def _datetime(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
