"""One rescan as a use case: content in, feeds out, a report back."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote

from feedpub.core import topics
from feedpub.core.documents import read_document
from feedpub.core.model import Document, Entry, FeedHead, FeedWindow, Item, Site, Tag, Withheld
from feedpub.core.normalize import Rules, normalize
from feedpub.edges import scan, targets
from feedpub.formats import FORMATS


def publish(content: Path, out: Path, site: Site) -> tuple[int, int]:
    """Publish `content` to `out`; return how many items and how many files were written."""
    feeds: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    items = 0
    for seen in scan.walk(content):
        document = read_document(seen.path, scan.read(content, seen.path))
        item = normalize(document, Rules()).item if isinstance(document, Document) else None
        if item is None or item.withheld or item.published is None:
            continue
        items += 1
        feeds["all", "", site.title].append(_entry(item))
        for topic in item.topics:
            feeds["topic", topics.slug(topic.key), topic.label].append(_entry(item))
    written = sum(_write(out, site, *feed, entries) for feed, entries in feeds.items())
    return items, written


def _entry(item: Item) -> Entry:
    identity = hashlib.sha256((item.original_key or item.web_key).encode()).hexdigest()[:32]
    return Entry(
        id=f"tag:example.org,2026-01-01:item/{identity}",
        title=item.title,
        link=item.link,
        published=item.published or 0,
        updated=item.published or 0,
        excerpt=item.excerpt,
        content=f"<p>{item.excerpt}</p>",
        topics=tuple(Tag(topics.slug(t.key), t.label) for t in item.topics),
        provider=item.provider,
        related=item.related,
    )


def _write(out: Path, site: Site, kind: str, slug: str, title: str, entries: list[Entry]) -> int:
    entries = sorted(entries, key=lambda e: (-e.published, e.id))[:50]
    folder = f"topics/{slug}/" if kind == "topic" else ""
    page = site.url + quote(folder)
    head = FeedHead(
        kind=kind,
        id=f"tag:example.org,2026-01-01:feed/{kind}/{slug}",
        title=title,
        description=title,
        language=site.language,
        updated=max(e.updated for e in entries),
        page=page,
        alternate=page,
        addresses={f.name: page + f.file for f in FORMATS.values()},
    )
    window = FeedWindow(head, tuple(entries))
    return sum(
        targets.replace(out, folder + f.file, f.load()(window, site)) for f in FORMATS.values()
    )
