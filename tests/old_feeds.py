"""Feeds as other publishers write them, by hand: what a site had before feedpub."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

HOME = "https://www.example.org/"


class Old(NamedTuple):
    """An entry of a feed of theirs."""

    id: str
    link: str
    title: str
    date: int
    content: str = "<p>What it says</p>"

    @property
    def instant(self) -> datetime:
        return datetime.fromtimestamp(self.date, UTC)


def rss(entries: Sequence[Old], title: str = "Theirs") -> bytes:
    items = (
        f'<item><title>{escape(e.title)}</title><link>{escape(e.link)}</link><guid isPermaLink="'
        f'{str(e.id == e.link).lower()}">{escape(e.id)}</guid>'
        f"<pubDate>{format_datetime(e.instant)}</pubDate>"
        f"<description>{escape(e.content)}</description></item>"
        for e in entries
    )
    head = f"<title>{title}</title><link>{HOME}</link><description>All</description>"
    return f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


def atom(entries: Sequence[Old], title: str = "Theirs") -> bytes:
    items = (
        f'<entry><title>{escape(e.title)}</title><link href="{escape(e.link)}"/>'
        f"<id>{escape(e.id)}</id><published>{e.instant.isoformat()}</published>"
        f"<updated>{e.instant.isoformat()}</updated>"
        f'<content type="html">{escape(e.content)}</content></entry>'
        for e in entries
    )
    head = f"<title>{title}</title><id>{HOME}</id><updated>2025-12-31T00:00:00Z</updated>"
    author = "<author><name>They</name></author>"
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{author}{"".join(items)}</feed>'.encode()
    )


def json_feed(entries: Sequence[Old], title: str = "Theirs") -> bytes:
    items = [
        {
            "id": e.id,
            "url": e.link,
            "title": e.title,
            "date_published": e.instant.isoformat(),
            "content_html": e.content,
        }
        for e in entries
    ]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": title, "items": items}).encode()


WRITERS: Mapping[str, Callable[[Sequence[Old]], bytes]] = {
    "rss": rss,
    "atom": atom,
    "json": json_feed,
}
