"""Related links: read, cleaned, compared, deduplicated and put in order (R1-R3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from feedpub.core import media, people, urls
from feedpub.core.dates import parse_instant
from feedpub.core.fields import Fields
from feedpub.core.model import Image, Related, Value
from feedpub.core.urls import given
from feedpub.core.values import first, integer, mapping, plain, string, token

_MAX_READ = 200
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off"})


class _Drop(NamedTuple):
    """A link left out: its 0-based place, the code of the reason, and the reason in words."""

    place: int
    code: str
    reason: str


def related(fields: Fields, link: str, original: str) -> tuple[Related, ...]:
    """Return the related links of an item, best first; each dropped one is reported (R2, R3).

    `link` and `original` are the item's own addresses; relative ones resolve against `link`.
    Not cut to the number that is shown: links to items that are not out still go.
    """
    value = fields.get("related")
    if isinstance(value, str):
        if value.strip().lower() not in _WORDS | {""}:  # a theme's switch
            fields.invalid("related", "is not a list of links")
        return ()
    several = value if isinstance(value, list) else [value]
    own = frozenset(map(urls.canonical, filter(None, (link, original))))
    if len(several) > _MAX_READ:
        fields.report("related-too-many", "holds over 200 links; the rest is ignored", "related")
    read = [_read(fields, index, one, link) for index, one in enumerate(several[:_MAX_READ])]
    kept = _best(read, own)
    for drop in sorted(drop for drop in (*read, *kept) if isinstance(drop, _Drop)):
        fields.report(drop.code, f"[{drop.place}] {drop.reason}; it is dropped", "related")
    return tuple(one for one in kept if isinstance(one, Related))


def _read(fields: Fields, index: int, value: Value, base: str) -> Related | _Drop:
    known: dict[str, Value] = {"webUrl": value} if isinstance(value, str) else mapping(value)
    address = first(known, "webUrl", "url", "link", "originalUrl")
    url = given(address, base, fields.rules.strip_tracking)
    if not url:
        reason = "leads to no web address" if address else "has no address"
        return _Drop(index, "related-no-url", reason)
    return Related(
        place=index,
        key=urls.canonical(url),
        url=url,
        title=plain(known.get("title")) or urls.host(url),
        excerpt=plain(first(known, "excerpt", "description", "summary")),
        published=_published(fields, index, first(known, "publishedDateTime", "date")),
        type=token(known.get("type")),
        provider=people.organization(known.get("provider")),
        quality=integer(known.get("quality")) or 0,
        image=_lead(first(known, "images", "image"), url),
    )


def _published(fields: Fields, index: int, value: Value) -> int | None:
    if not value:
        return None
    try:
        return parse_instant(string(value), fields.rules.timezone).seconds
    except ValueError:
        fault = f"[{index}] has a date that does not exist or cannot be read"
        fields.invalid("related", fault)
        return None


def _lead(value: Value, base: str) -> Image | None:
    if not value:
        return None
    several = value if isinstance(value, list) else [value]
    return next(filter(None, (media.image(one, base) for one in several)), None)


def _best(read: Iterable[Related | _Drop], own: frozenset[str]) -> list[Related | _Drop]:
    """Return the links in their order, with a drop for each that leads where another does (R3)."""
    ordered = sorted((one for one in read if isinstance(one, Related)), key=_order)
    return list(_distinct(ordered, own))


def _order(one: Related) -> tuple[int, int, str, int]:
    return -one.quality, -(one.published or 0), one.url, one.place


def _distinct(ordered: Iterable[Related], own: frozenset[str]) -> Iterator[Related | _Drop]:
    seen: set[str] = set()
    for one in ordered:
        if one.key in own:
            yield _Drop(one.place, "related-self", "leads to the item itself")
        elif one.key in seen:
            yield _Drop(one.place, "related-duplicate", "leads where a better one does")
        else:
            seen.add(one.key)
            yield one
