"""JSON Feed 1.1: the JSON column of RULES.md (F3, R4).

What the format has no words for is in the extension `_feedpub`, in the format's own words where it
has such ones (url, title, summary, date_published).

The writer comes first, and then the checker, which shares nothing with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from feedpub.core.dates import rfc3339
from feedpub.core.model import Entry, FeedWindow, Person, Related, Site
from feedpub.core.references import credited
from feedpub.formats import checks
from feedpub.formats.checks import Checks

_VERSION = "https://jsonfeed.org/version/1.1"
_ABOUT = "What JSON Feed has no words for: ids, original addresses, kinds, scores, related links."

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class _Writer:
    """Writes JSON Feed 1.1. Raises `ValueError` for texts with lone surrogates (C3)."""

    def entry(self, entry: Entry, site: Site) -> bytes:
        """Return an entry as an item: an object without a line feed."""
        return _written(_item(entry, site)).encode()

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of `window`: UTF-8, each item alone on its line."""
        head = _written(_head(window, site)).encode()
        lines = b",".join(b"\n" + item for item in entries)
        return b"".join((head.removesuffix(b"}"), b',"items":[', lines, b"\n]}\n"))


JSON_WRITER = _Writer()
"""The writer of the format."""


def _head(window: FeedWindow, site: Site) -> dict[str, Any]:
    """Return everything but the items; what a subscriber should see first comes first."""
    head, links = window.head, window.chain.links("json")
    gone = [{"id": w.id_in("json"), "date": rfc3339(w.instant)} for w in window.withdrawn]
    extras = _said(
        about=_ABOUT,
        id=head.id,
        copyright=site.copyright,
        archive=window.chain.sealed,
        current_url=links.get("current", ""),
        withdrawn=gone,
    )
    return _said(
        version=_VERSION,
        # The sign of the registry: never far from the beginning, however long the texts are.
        _feedpub=extras,
        title=head.title,
        home_page_url=head.alternate,
        feed_url=head.addresses["json"],
        next_url=links.get("prev-archive", ""),  # the older items (X1)
        description=head.description,
        language=head.language,
        icon=head.image,
        authors=[_author(site.author or Person(site.title))],
        hubs=[{"type": "WebSub", "url": hub} for hub in window.hubs],  # W1
        expired=head.offered is not None,  # a topic that was merged or retired (T6)
    )


def _item(source: Entry, site: Site) -> dict[str, Any]:
    labels = [tag.label for tag in (*source.topics, source.category) if tag]
    return _said(
        id=source.id_in("json"),
        url=source.link,
        title=source.title,
        summary=source.excerpt,
        image=source.images[0].url if source.images else "",
        date_published=rfc3339(source.published),
        date_modified=rfc3339(source.updated),
        authors=[_author(person) for person in credited(source)],
        tags=list(dict.fromkeys(labels)),  # each once, as schemas demand
        language=source.language,
        attachments=_attachments(source),
        _feedpub=_extras(source, site),
    ) | {"content_html": source.content}


def _attachments(source: Entry) -> list[dict[str, Any]]:
    found = [_said(url=e.url, mime_type=e.type, size_in_bytes=e.length) for e in source.enclosures]
    if found and source.episode and source.episode.duration:
        found[0]["duration_in_seconds"] = source.episode.duration
    return found


def _extras(source: Entry, site: Site) -> dict[str, Any]:
    category = source.category.label if source.category else ""
    said = _said(original_url=source.original_url, type=source.type, category=category)
    scores = {"quality": source.quality, "heat": source.heat} if site.scores else {}
    return said | scores | _said(related=[_related(link) for link in source.related])


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


# Checks

_KNOWN_VERSION = "https://jsonfeed.org/version/1.1"
_START = b'{"version":"https://jsonfeed.org/version/1.1","_feedpub":{"about":"'
_ADDRESSES = {"url", "image", "icon", "home_page_url", "feed_url", "next_url", "original_url"}


class _Checker:
    """Checks JSON Feed."""

    def entry(self, part: bytes, entry: Entry) -> list[str]:
        """Return what is wrong with an item as it was written."""
        return _faults(part, lambda item: _item_checks(item, entry) | checks.always(entry))

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with a document apart from its items."""
        frame = checks.frame_of(data, entries, b",\n")
        if frame is None:
            return [checks.ITEMS]
        precedes = "something precedes the version, or the sign of feedpub"
        return _faults(
            frame,
            lambda feed: {
                precedes: data.startswith(_START),
                **checks.counted(window, entries, feed.get("items") != []),
                **_head_checks(feed, window),
            },
        )


JSON_CHECKER = _Checker()
"""What checks the format."""


def _faults(data: bytes, held: Callable[[dict[str, Any]], Checks]) -> list[str]:
    """Return what is wrong with an object, and with all that is an address in it, however deep."""
    addresses: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name twice: which of them counts is left to each parser")
        addresses.extend([str(value) for name, value in pairs if name in _ADDRESSES])
        return found

    try:
        value = json.loads(data.decode(), object_pairs_hook=members, parse_constant=_refused)
    except (ValueError, RecursionError):
        return [checks.NOT_PARSED]
    try:
        return checks.failed({checks.RELATIVE: checks.are_absolute(addresses)} | held(value))
    except (AttributeError, TypeError):  # something is no object, or no list
        return [checks.OTHER_FORMAT]


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _head_checks(feed: dict[str, Any], window: FeedWindow) -> Checks:
    head, extras = window.head, feed.get("_feedpub", {})
    announced = [(gone.get("id"), gone.get("date")) for gone in extras.get("withdrawn", [])]
    withdrawn = [(each.id_in("json"), checks.in_rfc3339(each.instant)) for each in window.withdrawn]
    return {
        checks.OTHER_FORMAT: feed.get("version") == _KNOWN_VERSION,
        "the feed's id is not its own": extras.get("id") == head.id,
        "the feed's title is not its own": feed.get("title") == head.title,
        "the feed's language is not its own": feed.get("language", "") == head.language,
        "the feed's home page is not its alternate": feed.get("home_page_url") == head.alternate,
        "feed_url is not the feed's address": feed.get("feed_url") == head.addresses["json"],
        "its place among the archives is not right": feed.get("next_url", "")
        == window.chain.links("json").get("prev-archive", "")
        and extras.get("archive", False) == window.chain.sealed,
        "the withdrawals are not those of the feed": announced == withdrawn,  # X4
        "the hubs are not those that are named": feed.get("hubs", [])
        == [{"type": "WebSub", "url": hub} for hub in window.hubs],
        "the feed has no author": any(a.get("name") for a in feed.get("authors", [])),
    }


def _item_checks(item: dict[str, Any], entry: Entry) -> Checks:
    links = item.get("_feedpub", {}).get("related", [])
    related = [(link.get("url"), link.get("item_id", "")) for link in links]
    image = entry.images[0].url if entry.images else None
    labels = [tag.label for tag in (*entry.topics, entry.category) if tag]
    attached = item.get("attachments", [])
    files = [(a.get("url"), a.get("mime_type"), a.get("size_in_bytes", 0)) for a in attached]
    lasting = [each["duration_in_seconds"] for each in attached if "duration_in_seconds" in each]
    return {
        "its id is not the item's": item.get("id") == entry.id_in("json"),
        "its title is not the item's": item.get("title", "") == entry.title,
        "its summary is not the item's": item.get("summary", "") == entry.excerpt,
        "its content is not the item's": item.get("content_html") == entry.content,
        "date_published is not right": item.get("date_published")
        == checks.in_rfc3339(entry.published),
        "date_modified is not right": item.get("date_modified") == checks.in_rfc3339(entry.updated),
        "its url is not the item's": item.get("url") == entry.link,
        "its image is not the item's": item.get("image") == image,
        "its attachments are not the item's": files == [tuple(each) for each in entry.enclosures]
        and lasting
        == ([entry.episode.duration] if entry.episode and entry.episode.duration else []),
        "its tags are not the item's": item.get("tags", []) == list(dict.fromkeys(labels)),
        "its related links are not the item's": related
        == [(link.url, link.item_id) for link in entry.related],
    }
