"""A feed with every field once, for the tests of the formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feedpub.core.model import (
    Enclosure,
    Entry,
    Episode,
    FeedHead,
    FeedWindow,
    Image,
    Person,
    Related,
    Site,
    Tag,
)
from feedpub.formats import DOCUMENTS
from feedpub.formats.pages import NOTHING, PAGE_WRITER, About

SITE = Site(
    url="https://feeds.example.org/",
    title="Harbour News",
    home="https://example.org/",
    description="All of it",
    language="en",
    author=Person("The Desk", "https://example.org/desk", "desk@example.org"),
    copyright="© Harbour News",
)
PAGE = "https://feeds.example.org/topics/c-plus-plus/"
HEAD = FeedHead(
    kind="topic",
    id="tag:feeds.example.org,2026-01-01:feed/topic/0123",
    title="C++ & friends · Harbour News",
    description="C++: what Harbour News published",
    language="en",
    updated=1_700_000_900,
    page=PAGE,
    alternate=PAGE,
    addresses={"rss": f"{PAGE}rss.xml", "atom": f"{PAGE}atom.xml", "json": f"{PAGE}feed.json"},
    image="https://example.org/c.png",
)
PICTURE = Image(
    "https://i.example.org/raw/https%253A%252F%252Fb?a=1&height=630", 1200, 630, "image/jpeg", "Alt"
)
RICH = Entry(
    id="tag:feeds.example.org,2026-01-01:item/00ff",
    title="AT&T <3 C++",
    link="https://example.org/read?a=1&b=2",
    published=1_700_000_000,
    updated=1_700_000_600,
    excerpt="Fish & chips: 1 < 2, or so we’re told",
    content='<div dir="auto"><p>Fish &amp; chips, <a href="https://e.org/?a=1&amp;b=2">1</a></p></div>',
    original_url="https://elsewhere.example.net/story",
    type="article",
    quality=17,
    heat=104,
    category=Tag("news", "News"),
    topics=(Tag("c-plus-plus", "C++"), Tag("人工智能", "人工智能")),
    provider=Person("The Provider", "https://provider.example/", "not@for.readers"),
    authors=(Person("Not Shown"),),
    images=(PICTURE,),
    enclosures=(
        Enclosure("https://example.org/a.mp3", "audio/mpeg", 12345),
        Enclosure("https://example.org/a.ogg", "audio/ogg"),
    ),
    episode=Episode(2531, 12, 2, "no", "https://example.org/e.webp?a=1&b=2"),
    related=(
        Related(
            0,
            "k0",
            "https://one.example/x?a=1&b=2",
            'One & "two"',
            excerpt="What it is about",
            published=1_600_000_000,
            type="video",
            provider=Person("One", "https://one.example/", "not@for.readers"),
            quality=77,
            image=Image("https://one.example/p.jpg", 10, 10),
            item_id="tag:feeds.example.org,2026-01-01:item/0001",
        ),
        Related(1, "k1", "https://three.example/", "Three"),
    ),
    language="en-us",
)
PLAIN = Entry(
    id="tag:feeds.example.org,2026-01-01:item/0001",
    title="Plain",
    link="https://example.org/plain",
    published=1_600_000_000,
    updated=1_600_000_000,
    content='<div dir="auto"><p>Body</p></div>',
)


def window(*entries: Entry, **changes: Any) -> FeedWindow:
    """Return a feed of these entries; `changes` are those of its head."""
    return FeedWindow(HEAD._replace(**changes), entries)


def written(name: str, feed: FeedWindow, site: Site = SITE) -> bytes:
    """Return the document of a window in the format of that name."""
    writer = DOCUMENTS[name].load_writer()
    return writer.document(feed, site, [writer.entry(e, site) for e in feed.entries])


def paged(feed: FeedWindow, site: Site = SITE, about: About = NOTHING) -> bytes:
    """Return the page of a window, with what it says beside that."""
    entries = [PAGE_WRITER.entry(entry, site) for entry in feed.entries]
    return PAGE_WRITER.document(feed, site, entries, about)


def faults(
    name: str, feed: FeedWindow, data: bytes | None = None, entries: Sequence[bytes] | None = None
) -> list[str]:
    """Return what is wrong with a document of a window and with its entries.

    Both are as they are written, unless they are given.
    """
    format_ = DOCUMENTS[name]
    writer, checker = format_.load_writer(), format_.load_checker()
    entries = [writer.entry(e, SITE) for e in feed.entries] if entries is None else entries
    data = written(name, feed) if data is None else data
    found = checker.document(data, feed, entries)
    for place, (part, entry) in enumerate(zip(entries, feed.entries, strict=True), 1):
        found += [f"item {place}: {fault}" for fault in checker.entry(part, entry)]
    return found
