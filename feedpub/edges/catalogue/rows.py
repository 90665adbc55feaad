"""Ledger and copies as rows and as text: one encoding each way, nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from hashlib import blake2b
from json import JSONEncoder
from types import MappingProxyType
from typing import Any, NamedTuple

from feedpub.core.compose import Kept
from feedpub.core.errors import PublishError
from feedpub.core.feeds import ALL, Feed, Name
from feedpub.core.model import Enclosure, Entry, Image, Person, Related, Tag, Term, Withheld
from feedpub.core.stories import Copy, State, Story

_STORY_DEFAULTS = {name: Story._field_defaults.get(name, MISSING) for name in Story._fields}
_FEED_DEFAULTS = {f.name: f.default for f in fields(Feed) if f.init}
_HEADER = {"feedpub-ledger": 1}


class Ledger(NamedTuple):
    """What must survive: every story and every feed, and by story id the feeds that it is in.

    The feed of everything, which holds each story that is out, is not named there. `sealed` gives,
    also by story id, the number of the archive of each feed that holds the story, and `archives`
    how many archives a feed has.
    """

    stories: list[Story]
    feeds: list[Feed]
    members: dict[str, list[Name]]
    sealed: dict[str, dict[Name, int]]
    archives: dict[Name, int]


def key64(text: str) -> int:
    """Return a signed 64-bit hash of a key, for a small index (equality is checked afterwards)."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def path_blob(path: str) -> bytes:
    """Return a path as the bytes that the file system has for it."""
    return os.fsencode(path)


compact = JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""Return a value as compact JSON; surrogates of odd file names are kept as escapes."""

_readable = JSONEncoder(separators=(",", ":"), check_circular=False, ensure_ascii=False).encode


def dump_numbers(numbers: Iterable[int]) -> str:
    """Return a JSON list of numbers: what `compact` gives, in a quarter of the time."""
    return f"[{','.join(map(str, numbers))}]"


def dump_copy(copy: Copy) -> str:
    """Return everything of `copy` but its path."""
    return compact(
        (
            copy.content,
            copy.explicit,
            copy.original_key,
            copy.web_key if copy.web_key != copy.original_key else 0,
            copy.title,
            copy.mark,
            copy.published,
            copy.updated,
            copy.quality,
            copy.withheld,
            [(t.key, t.label) if t.key != t.label else t.key for t in copy.topics],
            (copy.category.key, copy.category.label) if copy.category else 0,
            copy.provider,
            copy.type,
            copy.language,
            copy.broken,
            copy.link_key,
            *([copy.bars] if copy.bars else []),
        )
    )


def load_copy(path: str, text: str) -> Copy:
    """Return the copy that `dump_copy` wrote, of the file at `path`."""
    row = json.loads(text)
    row[3] = row[3] if row[3] != 0 else row[2]
    row[9] = Withheld(row[9])
    row[10] = tuple(Term(t, t) if isinstance(t, str) else Term(*t) for t in row[10])
    row[11] = Term(*row[11]) if row[11] else None
    row[17:] = map(tuple, row[17:])
    return Copy(path, *row)


def dump_entry(kept: Kept) -> str:
    """Return everything of an entry, in the order of its fields; a link that is shown only once."""
    entry = kept.entry
    shown = {link.place for link in entry.related}
    return _readable(
        (
            *(entry.id, entry.title, entry.link, entry.published, entry.updated, entry.excerpt),
            *(entry.content, entry.original_url, entry.type, entry.quality, entry.heat),
            entry.category,
            entry.topics,
            _person_row(entry.provider),
            [_person_row(a) for a in entry.authors],
            [_image_row(i) for i in entry.images],
            (e.url, e.type, e.length) if (e := entry.enclosure) else None,
            [_related_row(r) for r in entry.related],
            entry.language,
            [(n, _related_row(r)) for n, r in enumerate(kept.links) if r.place not in shown],
            kept.body_end,
        )
    )


def load_entry(text: str) -> Kept:
    """Return the entry that `dump_entry` wrote."""
    row: list[Any] = json.loads(text)
    body_end, hidden = row.pop(), row.pop()
    category, topics, provider, authors, images, enclosure, related = row[11:18]
    row[11:18] = (
        Tag(*category) if category else None,
        tuple(Tag(*t) for t in topics),
        Person(*provider) if provider else None,
        tuple(Person(*a) for a in authors),
        tuple(Image(*i) for i in images),
        Enclosure(*enclosure) if enclosure else None,
        tuple(_load_related(r) for r in related),
    )
    entry = Entry(*row)
    links = list(entry.related)
    for position, link in hidden:
        links.insert(position, _load_related(link))
    return Kept(entry, tuple(links), body_end)


def _person_row(person: Person | None) -> tuple[str, ...] | None:
    return (person.name, person.uri, person.email) if person else None


def _image_row(image: Image | None) -> tuple[str | int, ...] | None:
    return (image.url, image.width, image.height, image.type, image.alt) if image else None


def _related_row(link: Related) -> tuple[Any, ...]:
    return (
        *(link.place, link.key, link.url, link.title, link.excerpt, link.published, link.type),
        *(_person_row(link.provider), link.quality, _image_row(link.image), link.item_id),
    )


def _load_related(row: list[Any]) -> Related:
    row[7] = Person(*row[7]) if row[7] else None
    row[9] = Image(*row[9]) if row[9] else None
    return Related(*row)


def dump_story(story: Story) -> str:
    """Return `story` as JSON, in the order of its fields; keys that are the same only once."""
    key = story.original_key
    return compact(
        (
            story.id,
            story.basis if story.basis != key else 0,
            story.explicit,
            key,
            story.web_key if story.web_key != key else 0,
            story.path,
            story.title,
            story.date,
            story.content,
            story.mark,
            story.first_seen,
            story.published,
            story.updated,
            story.first_out,
            story.state,
            story.due,
            story.withdrawn,
            story.expires,
            story.link_key,
        )
    )


def load_story(text: str) -> Story:
    """Return the story that `dump_story` wrote, or its predecessors, which named the fields."""
    row = json.loads(text)
    if isinstance(row, dict):
        return _load_record(row)
    row[1] = row[1] if row[1] != 0 else row[3]
    row[4] = row[4] if row[4] != 0 else row[3]
    row[14] = State(row[14])
    return Story(*row)


def _load_record(record: dict[str, Any]) -> Story:
    state = State(record.get("state", _STORY_DEFAULTS["state"]))
    return Story(**{**record, "state": state})


def dump_feed(feed: Feed) -> str:
    """Return `feed` as JSON, defaults left out."""
    return compact(_without_defaults(feed, _FEED_DEFAULTS))


@lru_cache(maxsize=4096)
def load_feed(text: str) -> Feed:
    """Return the feed that `dump_feed` wrote; most are the same in each rescan of a service."""
    return Feed(**json.loads(text))


def _without_defaults(record: Story | Feed, defaults: dict[str, Any]) -> dict[str, Any]:
    values = ((name, getattr(record, name)) for name in defaults)
    return {name: value for name, value in values if value != defaults[name]}


def dump_ledger(
    stories: Iterable[Story],
    feeds: Iterable[Feed],
    members: Mapping[str, Iterable[Name]] = MappingProxyType({}),
    sealed: Mapping[str, Mapping[Name, int]] = MappingProxyType({}),
    archives: Mapping[Name, int] = MappingProxyType({}),
) -> bytes:
    """Return the ledger as text: a header, then one JSON object a line, sorted, for version control.

    The arguments are the parts of a `Ledger`, in any order.
    """
    lines = [compact(_HEADER)]
    lines += sorted(compact(_feed_record(f, archives.get(f.name, 0))) for f in feeds)
    lines += sorted(
        compact(_story_record(s, members.get(s.id, ()), sealed.get(s.id, {}))) for s in stories
    )
    return "\n".join(lines).encode() + b"\n"


def _feed_record(feed: Feed, archives: int) -> dict[str, Any]:
    record: dict[str, Any] = {"feed": _without_defaults(feed, _FEED_DEFAULTS)}
    return {**record, "archives": archives} if archives else record


def _story_record(
    story: Story, feeds: Iterable[Name], sealed: Mapping[Name, int]
) -> dict[str, Any]:
    record: dict[str, Any] = {"story": _without_defaults(story, _STORY_DEFAULTS)}
    if names := sorted(f"{kind}:{key}" for kind, key in feeds if kind != ALL):
        record["in"] = names
    if sealed:
        record["sealed"] = {f"{kind}:{key}": n for (kind, key), n in sorted(sealed.items())}
    return record


def _name(text: str) -> Name:
    return Name(*text.split(":", 1))


def load_ledger(data: bytes, name: str) -> Ledger:
    """Return the ledger that `dump_ledger` wrote; `name` is how messages call the file.

    Raises `PublishError` with the line that is damaged, or is a second one of the same story or
    feed (a merge conflict, say): going on would give known stories new dates, or announce as
    deleted what is out.
    """
    ledger = Ledger([], [], {}, {}, {})
    lines: dict[str | Name | None, int] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        own: str | Name | None = None
        try:
            record = json.loads(line)
            if "story" in record:
                story = _load_record(record["story"])
                ledger.stories.append(story)
                ledger.members[story.id] = [_name(text) for text in record.get("in", ())]
                sealed = record.get("sealed", {})
                ledger.sealed[story.id] = {_name(text): int(n) for text, n in sealed.items()}
                own = story.id
            elif "feed" in record:
                feed = Feed(**record["feed"])
                ledger.feeds.append(feed)
                ledger.archives[feed.name] = int(record.get("archives", 0))
                own = feed.name
            elif record != _HEADER or number != 1:
                raise ValueError
            first = lines.setdefault(own, number)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise PublishError(
                f"{name}:{number}: this line of the ledger is damaged; restore the file from"
                " version control, or remove it to begin a new ledger"
            ) from error
        if first != number:
            kind = "story" if isinstance(own, str) else "feed"
            raise PublishError(
                f"{name}:{number}: line {first} is of the same {kind}; keep one of the two lines, or"
                " restore the file from version control"
            )
    return ledger
