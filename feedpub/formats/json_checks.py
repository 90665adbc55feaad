"""Checks of JSON Feed, and reading back which items a feed of ours has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from feedpub.core.model import Entry, FeedWindow, Withdrawal
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
_START = b'{"version":"https://jsonfeed.org/version/1.1","_feedpub":{"about":"'
_ADDRESSES = {"url", "image", "icon", "home_page_url", "feed_url", "next_url", "original_url"}


class _Json:
    """Checks JSON Feed."""

    def entries(self, parts: Sequence[bytes], entries: Sequence[Entry]) -> list[list[str]]:
        """Return what is wrong with each of some items as they were written."""
        return held(parts, entries, _items, _item)

    def document(self, data: bytes, window: FeedWindow, entries: Sequence[bytes]) -> list[str]:
        """Return what is wrong with a document apart from its items."""
        frame = frame_of(data, entries, b",\n")
        if frame is None:
            return [ITEMS]
        try:
            feed, addresses = _parsed(frame)
        except (ValueError, RecursionError):
            return [NOT_PARSED]
        if not isinstance(feed, dict) or feed.get("version") != _VERSION:
            return [OTHER_FORMAT]
        others = feed.get("items")
        checks = {
            "something precedes the version, or the sign of feedpub": data.startswith(_START),
            RELATIVE: are_absolute(list(map(str, addresses))),
            **counted(window, entries, 0 if others == [] else 1),
        }
        return [*failed(checks), *_feed(feed, window)]


JSON_CHECKER = _Json()
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


def _feed(feed: dict[str, Any], window: FeedWindow) -> Iterator[str]:
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


def _item(item: dict[str, Any], entry: Entry) -> Checks:
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
