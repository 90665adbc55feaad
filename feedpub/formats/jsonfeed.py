"""JSON Feed 1.1: the JSON column of RULES.md (F3, R4).

What the format has no words for is in the extension `_feedpub`, in the format's own words where it
has such ones (url, title, summary, date_published).

The writer comes first, and then the checker, which shares nothing with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from feedpub.core.dates import rfc3339
from feedpub.core.model import Entry, FeedWindow, Person, Related, Site, Withdrawal
from feedpub.core.references import credited
from feedpub.formats.checks import (
    ITEMS,
    NOT_PARSED,
    OTHER_FORMAT,
    RELATIVE,
    Checks,
    are_absolute,
    counted,
    failed,
    frame_of,
    held,
    in_rfc3339,
)

_VERSION = "https://jsonfeed.org/version/1.1"
_ABOUT = "What JSON Feed has no words for: ids, original addresses, kinds, scores, related links."

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class _Writer:
    """Writes JSON Feed 1.1. Raises `ValueError` for texts with lone surrogates (C3)."""

    def entries(self, entries: Sequence[Entry], site: Site) -> list[bytes]:
        """Return each entry as an item: an object without a line feed."""
        return [_written(_item(entry, site)).encode() for entry in entries]

    def document(self, window: FeedWindow, site: Site, entries: Sequence[bytes]) -> bytes:
        """Return the document of `window`: UTF-8, each item alone on its line."""
        head = _written(_head(window, site)).encode()
        lines = b",".join(b"\n" + item for item in entries)
        return b"".join((head.removesuffix(b"}"), b',"items":[', lines, b"\n]}\n"))


JSON_WRITER = _Writer()
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


# Checks

_KNOWN_VERSION = "https://jsonfeed.org/version/1.1"
_START = b'{"version":"https://jsonfeed.org/version/1.1","_feedpub":{"about":"'
_ADDRESSES = {"url", "image", "icon", "home_page_url", "feed_url", "next_url", "original_url"}


class _Checker:
    """Checks JSON Feed."""

    def entries(self, parts: Sequence[bytes], entries: Sequence[Entry]) -> list[list[str]]:
        """Return what is wrong with each of some items as they were written."""
        return held(parts, entries, _items, _item_checks)

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with a document apart from its items."""
        frame = frame_of(data, entries, b",\n")
        if frame is None:
            return [ITEMS]
        try:
            feed, addresses = _parsed(frame)
        except (ValueError, RecursionError):
            return [NOT_PARSED]
        if not isinstance(feed, dict) or feed.get("version") != _KNOWN_VERSION:
            return [OTHER_FORMAT]
        others = feed.get("items")
        checks = {
            "something precedes the version, or the sign of feedpub": data.startswith(_START),
            RELATIVE: are_absolute(list(map(str, addresses))),
            **counted(window, entries, 0 if others == [] else 1),
        }
        return [*failed(checks), *_head_checks(feed, window)]


JSON_CHECKER = _Checker()
"""What checks the format."""


def json_ids(data: bytes) -> dict[str, str]:
    """Return the id of each item by its link (I1); raises for what is no feed."""
    return {str(item["url"]): str(item["id"]) for item in json.loads(data)["items"]}


def _items(parts: Sequence[bytes]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return items, parsed at once, and what is wrong with them together."""
    try:
        items, addresses = _parsed(b"[%s]" % b",".join(parts))
    except (ValueError, RecursionError):
        return [], [NOT_PARSED]
    if len(items) != len(parts) or not all(isinstance(item, dict) for item in items):
        return [], [OTHER_FORMAT]
    return items, failed({RELATIVE: are_absolute(list(map(str, addresses)))})


def _parsed(data: bytes) -> tuple[Any, list[Any]]:
    """Return what `data` says, and every member that is an address, however deep.

    Raises `ValueError`, also for an object with two members of one name: which of them counts is
    left to each parser.
    """
    addresses: list[Any] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name twice")
        addresses.extend([value for name, value in pairs if name in _ADDRESSES])
        return found

    value = json.loads(data.decode(), object_pairs_hook=members, parse_constant=_refused)
    return value, addresses


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _head_checks(feed: dict[str, Any], window: FeedWindow) -> Iterator[str]:
    head = window.head
    yield from failed(
        {
            "the feed's id is not its own": _object(feed, "_feedpub").get("id") == head.id,
            "the feed's title is not its own": feed.get("title") == head.title,
            "the feed's language is not its own": feed.get("language", "") == head.language,
            "the feed's home page is not its alternate": feed.get("home_page_url")
            == head.alternate,
            "feed_url is not the feed's address": feed.get("feed_url") == head.addresses["json"],
            "its place among the archives is not right": feed.get("next_url", "")
            == window.chain.links("json").get("prev-archive", "")
            and _object(feed, "_feedpub").get("archive", False) == window.chain.sealed,
            "the withdrawals are not those of the feed": _are_announced(feed, window.withdrawn),
            "the feed has no author": any(
                author.get("name") for author in _objects(feed, "authors")
            ),
        }
    )


def _are_announced(feed: dict[str, Any], withdrawn: Sequence[Withdrawal]) -> bool:
    """Say whether each withdrawal is announced, with its date and in its order (X4)."""
    found = _objects(_object(feed, "_feedpub"), "withdrawn")
    return [(gone.get("id"), gone.get("date")) for gone in found] == [
        (each.id, in_rfc3339(each.instant)) for each in withdrawn
    ]


def _item_checks(item: dict[str, Any], entry: Entry) -> Checks:
    extras = _object(item, "_feedpub")
    related = [(link.get("url"), link.get("item_id", "")) for link in _objects(extras, "related")]
    image = entry.images[0].url if entry.images else None
    labels = [tag.label for tag in (*entry.topics, entry.category) if tag]
    return {
        "its id is not the item's": item.get("id") == entry.id,
        "its title is not the item's": item.get("title", "") == entry.title,
        "its summary is not the item's": item.get("summary", "") == entry.excerpt,
        "its content is not the item's": item.get("content_html") == entry.content,
        "date_published is not right": item.get("date_published") == in_rfc3339(entry.published),
        "date_modified is not right": item.get("date_modified") == in_rfc3339(entry.updated),
        "its url is not the item's": item.get("url") == entry.link,
        "its image is not the item's": item.get("image") == image,
        "its tags are not the item's": item.get("tags", []) == list(dict.fromkeys(labels)),
        "its related links are not the item's": related
        == [(link.url, link.item_id) for link in entry.related],
    }


def _object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _objects(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of a list, an empty one for what is none."""
    found = parent.get(name)
    return (
        [each if isinstance(each, dict) else {} for each in found]
        if isinstance(found, list)
        else []
    )
