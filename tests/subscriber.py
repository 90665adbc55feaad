"""A subscriber of one feed, who remembers what every honest feed reader remembers.

It reads documents with feedparser, which knows nothing of feedpub (or as plain JSON), and finds
fault with what it would have to show its user: an old story as a new one, a story twice, a story
marked unread again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import feedparser

_MARK = re.compile(r"story(\d{3})\.")
_ENTRY = re.compile(rb"<(entry|item)\b.*?</\1>", re.DOTALL)
_LINK_TAIL = re.compile(r"/([^/?]*)(?:\?|$)")


class Shown(NamedTuple):
    """One entry as a reader sees it; `updated` is '' in RSS, which has none."""

    id: str
    story: int
    title: str
    published: str
    updated: str
    related: frozenset[str]


class Fault(NamedTuple):
    """What is wrong, and with which story."""

    kind: str
    story: int
    detail: str


def read(data: bytes) -> list[Shown]:
    """Return the entries of an RSS, Atom or JSON document; it must be well-formed."""
    if data.startswith(b"{"):
        return [_shown_in_json(item) for item in json.loads(data)["items"]]
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo, feed.bozo_exception
    return [_shown(entry) for entry in feed.entries]


class QuickReader:
    """Reads as `read` does, but an entry that it saw byte for byte before it knows by heart."""

    def __init__(self) -> None:
        self._seen: dict[bytes, Shown] = {}

    def read(self, data: bytes) -> list[Shown]:
        """Return the entries of a document; the new ones are read in a document without the old."""
        if data.startswith(b"{"):
            return read(data)
        entries = [found[0] for found in _ENTRY.finditer(data)]
        fresh = [entry for entry in dict.fromkeys(entries) if entry not in self._seen]
        if fresh or not entries:
            keep = set(fresh)
            shown = read(_ENTRY.sub(lambda found: found[0] if found[0] in keep else b"", data))
            self._seen |= zip(fresh, shown, strict=True)
        return [self._seen[entry] for entry in entries]


def _shown(entry: feedparser.FeedParserDict) -> Shown:
    return Shown(
        entry.id,
        _story(entry.summary),
        entry.title,
        entry.published,
        dict.get(entry, "updated", ""),  # without feedparser's own stand-in, `published`
        _tails(link.href for link in entry.links if link.rel == "related"),
    )


def _shown_in_json(item: dict[str, Any]) -> Shown:
    return Shown(
        item["id"],
        _story(item["summary"]),
        item["title"],
        item["date_published"],
        item["date_modified"],
        _tails(link["url"] for link in item.get("_feedpub", {}).get("related", ())),
    )


def _story(summary: str) -> int:
    found = _MARK.search(summary)
    assert found, "an entry that is no story of ours"
    return int(found[1])


def _tails(links: Iterable[str]) -> frozenset[str]:
    found = map(_LINK_TAIL.search, links)
    return frozenset(tail[1] for tail in found if tail)


@dataclass
class Subscriber:
    """What a reader of one document has seen: every id, its story, and the `updated` it had."""

    ids: dict[int, str] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    updated: dict[int, tuple[str, int]] = field(default_factory=dict)

    def poll(self, shown: Sequence[Shown], edits: Mapping[int, int]) -> list[Fault]:
        """Look at the entries; `edits` gives each story's last edit that readers should be told."""
        faults: list[Fault] = []
        for entry in shown:
            faults += self._look_at(entry, edits[entry.story])
        numbers, ids = [e.story for e in shown], [e.id for e in shown]
        faults += [Fault("duplicate", n, "twice") for n in set(numbers) if numbers.count(n) > 1]
        faults += [Fault("duplicate", -1, i) for i in set(ids) if ids.count(i) > 1]
        return faults

    def _look_at(self, entry: Shown, edit: int) -> list[Fault]:
        number = entry.story
        faults: list[Fault] = []
        if self.ids.setdefault(number, entry.id) != entry.id:
            faults.append(Fault("false-new", number, f"{self.ids[number]} is now {entry.id}"))
            self.ids[number] = entry.id
        if self.seen.setdefault(entry.id, number) != number:
            faults.append(Fault("duplicate", number, f"has the id of {self.seen[entry.id]}"))
        before, told = self.updated.get(number, (entry.updated, edit))
        if before != entry.updated and told == edit:
            faults.append(Fault("needless", number, f"{before} is now {entry.updated}"))
        self.updated[number] = entry.updated, edit
        return faults
