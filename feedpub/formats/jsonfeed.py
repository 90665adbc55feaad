"""JSON Feed 1.1: the JSON column of RULES.md (F3, R4).

What the format has no words for is in the extension `_feedpub`, in the format's own words where it
has such ones (url, title, summary, date_published).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from feedpub.core.dates import rfc3339
from feedpub.core.model import Entry, FeedWindow, Person, Related, Site
from feedpub.core.references import credited

_VERSION = "https://jsonfeed.org/version/1.1"
_ABOUT = "What JSON Feed has no words for: ids, original addresses, kinds, scores, related links."

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class _Json:
    """Writes JSON Feed 1.1. Raises `ValueError` for texts with lone surrogates (C3)."""

    def entries(self, entries: Sequence[Entry], site: Site) -> list[bytes]:
        """Return each entry as an item: an object without a line feed."""
        return [_written(_item(entry, site)).encode() for entry in entries]

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of `window`: UTF-8, each item alone on its line."""
        head = _written(_head(window, site)).encode()
        lines = b",".join(b"\n" + item for item in entries)
        return b"".join((head.removesuffix(b"}"), b',"items":[', lines, b"\n]}\n"))


JSON_WRITER = _Json()
"""The writer of the format."""


def _head(window: FeedWindow, site: Site) -> dict[str, Any]:
    """Return everything but the items; what a subscriber should see first comes first."""
    head, author = window.head, site.author or Person(site.title)
    links = window.chain.links("json")
    extras = {
        "about": _ABOUT,
        "id": head.id,
        "copyright": site.copyright,
        "archive": window.chain.sealed,
        "current_url": links.get("current", ""),
        "withdrawn": [{"id": w.id, "date": rfc3339(w.instant)} for w in window.withdrawn],
    }
    return {"version": _VERSION} | _said(
        # The sign of the registry: never far from the beginning, however long the texts are.
        _feedpub=_said(**extras),
        title=head.title,
        home_page_url=head.alternate,
        feed_url=head.addresses["json"],
        next_url=links.get("prev-archive", ""),  # the older items (X1)
        description=head.description,
        language=head.language,
        icon=head.image,
        authors=[_author(author)],
        expired=head.offered is not None,  # a topic that was merged or retired (T6)
    )


def _item(source: Entry, site: Site) -> dict[str, Any]:
    return _said(
        id=source.id,
        url=source.link,
        title=source.title,
        summary=source.excerpt,
        image=source.images[0].url if source.images else "",
        date_published=rfc3339(source.published),
        date_modified=rfc3339(source.updated),
        authors=[_author(person) for person in credited(source)],
        tags=_tags(source),
        language=source.language,
        attachments=_attachments(source),
        _feedpub=_extras(source, site),
    ) | {"content_html": source.content}


def _tags(source: Entry) -> list[str]:
    """Return the labels of the topics and then the category, each once, as schemas demand."""
    category = (source.category,) if source.category else ()
    return list(dict.fromkeys(tag.label for tag in (*source.topics, *category)))


def _attachments(source: Entry) -> list[dict[str, Any]]:
    if not (enclosure := source.enclosure):
        return []
    size = enclosure.length
    return [{"url": enclosure.url, "mime_type": enclosure.type, "size_in_bytes": size}]


def _extras(source: Entry, site: Site) -> dict[str, Any]:
    scores = {"quality": source.quality, "heat": source.heat} if site.scores else {}
    return (
        _said(
            original_url=source.original_url,
            type=source.type,
            category=source.category.label if source.category else "",
        )
        | scores
        | _said(related=[_related(link) for link in source.related])
    )


def _related(link: Related) -> dict[str, Any]:
    return _said(
        url=link.url,
        title=link.title,
        summary=link.excerpt,
        image=link.image.url if link.image else "",
        date_published=rfc3339(link.published) if link.published is not None else "",
        type=link.type,
        provider=_author(link.provider) if link.provider else {},
        item_id=link.item_id,
    )


def _author(person: Person) -> dict[str, str]:
    """Return a person as JSON Feed has one; an address of mail is not for every reader."""
    return _said(name=person.name, url=person.uri)


def _said(**members: Any) -> dict[str, Any]:
    """Return the members that say something, in their order."""
    return {name: value for name, value in members.items() if value}
