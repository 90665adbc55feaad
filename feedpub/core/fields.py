"""Which front matter keys hold which field, and the fields of one document (RULES.md).

The table covers the news shape and the dialects of Jekyll, Hugo, Zola, Eleventy, Docusaurus,
Astro, Pelican and Nikola; `content.fields` of the config replaces its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import NamedTuple

from feedpub.core import text
from feedpub.core.model import Document, Problem, Value
from feedpub.core.problems import problem

_BAGS = ("extra", "params")
"""Where Zola and Hugo want an author's own keys."""


def _keys(*names: str) -> tuple[str, ...]:
    return (*names, *(f"{bag}.{name}" for bag in _BAGS for name in names))


def _terms(*names: str) -> tuple[str, ...]:
    return (*_keys(*names), *(f"taxonomies.{name}" for name in names))


DEFAULT_FIELDS: dict[str, tuple[str, ...]] = {
    "id": _keys("id", "guid"),
    "title": _keys("title"),
    "excerpt": _keys("excerpt", "description", "summary", "subtitle"),
    "publishedDateTime": _keys(
        *("publishedDateTime", "publishDate", "date", "pubDate", "publishedAt", "pubDatetime"),
        *("published_at", "datePublished"),
    ),
    "updatedDateTime": _keys(
        *("updatedDateTime", "lastmod", "updated", "last_modified_at", "updatedDate", "modified"),
        *("last_update.date", "updatedAt", "updated_at", "modDatetime", "dateModified"),
    ),
    "webUrl": _keys("webUrl", "link", "url", "permalink"),
    "originalUrl": _keys("originalUrl", "original_url"),
    "slug": _keys("slug"),
    "path": ("path",),
    "type": _keys("type"),
    "quality": _keys("quality"),
    "heat": _keys("heat"),
    "published": _keys("published"),
    "removed": _keys("removed"),
    "deleted": _keys("deleted"),
    "draft": _keys("draft", "unlisted", "eleventyExcludeFromCollections"),
    "status": _keys("status"),
    "category": _keys("category"),
    "topics": _terms("topics", "tags", "categories"),
    "provider": _keys("provider", "publisher"),
    "authors": _keys("authors", "author"),
    "images": _keys(
        *("images", "image", "cover", "thumbnail", "featured_image", "featuredImage"),
        *("heroImage", "hero", "header.image", "header.overlay_image", "header.teaser"),
    ),
    "enclosure": _keys("enclosure", "audio"),
    "related": _keys("related"),
    "locale": _keys("locale", "lang", "language"),
}
"""Field name -> the keys that may hold it, best first; `a.b` is `b` within the map `a`."""

_IGNORED = frozenset(
    """
    ampweburl cdnampweburl sourceurl featuredcontent iscached secured
    layout template templateengineoverride weight order priority aliases redirect_from redirect_to
    redirects toc table_of_contents hide_table_of_contents toc_max_heading_level
    toc_min_heading_level tocopen showtoc math mathjax katex mermaid highlight classes pin pinned
    sticky featured comments comment disablecomments disqus share hidden hidemeta searchhidden
    sitemap sitemap_exclude robots noindex keywords key canonical canonicalurl canonical_url
    linktitle seo seo_title og opengraph twitter social translationkey translations ref outputs
    cascade build _build resources headless menu menus nav nav_order parent has_children
    sidebar sidebar_label sidebar_position sidebar_class_name displayed_sidebar pagination_label
    pagination_next pagination_prev pagination eleventynavigation eleventycomputed
    eleventyimport in_search_index render insert_anchor_links sort_by paginate_by
    page_template series collection collections ext readtime readingtime reading_time image_alt
    author_profile author_url author_title author_image_url authorurl authortitle authorimageurl
    authortwitter authorfbid read_time css js scripts stylesheets
    postid post_id wordpress_id wordpress_url dsq_thread_id oldurl custom_edit_url
    draft_reason locale_alternates filename basename markup
    """.split()  # noqa: SIM905 - as a list of literals it would take a page
)
"""Keys in lower case that mean nothing to a feed, and that no author needs to hear about."""

_MAX_UNKNOWN = 50
_MAX_QUOTED = 40


class Rules(NamedTuple):
    """What the config says about reading items.

    `home` is the absolute address that relative item links resolve against, `timezone` the one of
    dates without offset, `published_default` what an absent `published` means, `fields` rows that
    replace those of `DEFAULT_FIELDS`, `link_template` the address of items that name none,
    and `calendar` the zone of its days (None: that of each date as written).
    """

    home: str = ""
    timezone: tzinfo = UTC
    published_default: bool = True
    fields: Mapping[str, tuple[str, ...]] = DEFAULT_FIELDS
    link_template: str = ""
    calendar: tzinfo | None = None
    strip_tracking: bool = True


class Found(NamedTuple):
    """A value of a field: its key's place in the row, the key and its top-level key as written."""

    rank: int
    key: str
    top: str
    value: Value


class _Index(NamedTuple):
    """The table of fields by key in lower case; `bags` are the maps to look into.

    `usual` is the part of it that needs no second look: by key as it is written in the table.
    """

    places: dict[str, list[tuple[str, int]]]
    bags: frozenset[str]
    usual: dict[str, list[tuple[str, int]]]


class Fields:
    """The fields of one document by name, and the problems met while reading them."""

    __slots__ = ("_found", "_lines", "_unknown", "path", "problems", "rules")

    def __init__(self, document: Document, rules: Rules) -> None:
        self.path = document.path
        self.rules = rules
        self.problems: list[Problem] = []
        self._lines = document.lines
        self._found: dict[str, list[Found]] = {}
        self._unknown: list[str] = []
        self._gather(document.front, _index(_Rows(rules.fields)))
        for several in self._found.values():
            if len(several) > 1:
                several.sort(key=lambda found: found[:3])

    def each(self, name: str) -> list[Found]:
        """Return every value of a field, in the order of its keys."""
        return self._found.get(name, [])

    def get(self, name: str) -> Value:
        """Return the value of a field: of its first key that is not empty; '' without any."""
        found = self._found.get(name)
        return (found[0].value or self._first(found).value) if found else ""

    def plain(self, name: str) -> str:
        """Return a field as plain text (C4); a list or a map is reported and gives ''."""
        value = self.get(name)
        if isinstance(value, str):
            return text.plain(value)
        if value:
            self.invalid(name, "is not text")
        return ""

    def invalid(self, name: str, fault: str) -> None:
        """Report that a field is ignored, as its value has this `fault`."""
        self.report("field-invalid", f"{fault}; it is ignored", name)

    def report(self, code: str, message: str, name: str = "") -> None:
        """Add a problem, at the key of field `name`; `message` goes on from that key."""
        found = self._found.get(name)
        if not found:
            self.problems.append(problem(self.path, code, message))
            return
        at = self._first(found)
        message = f"{at.key}{message}" if message.startswith("[") else f"{at.key} {message}"
        self.problems.append(problem(self.path, code, message, self._lines.get(at.top)))

    def report_unknown(self) -> None:
        """Add one info problem for each unknown key, the first 50 in the order of the alphabet."""
        for key in sorted(self._unknown)[:_MAX_UNKNOWN]:
            name = f"the key {key}" if _quotable(key) else "a key"
            message = f"{name} is not known; it is ignored"
            self.problems.append(problem(self.path, "key-unknown", message, self._lines.get(key)))

    @staticmethod
    def _first(found: list[Found]) -> Found:
        return next((one for one in found if one.value), found[0])

    def _gather(self, front: dict[str, Value], index: _Index) -> None:
        for key, value in front.items():
            if usual := index.usual.get(key):
                self._place(usual, key, key, value)
                continue
            folded = key.lower()
            if folded == "secured":  # S1: whatever the config says, it does not exist
                continue
            places = index.places.get(folded)
            if places:
                self._place(places, key, key, value)
            if folded in index.bags and isinstance(value, dict):
                self._gather_bag(key, key, value, index)
            elif not places and folded not in _IGNORED and folded not in index.bags:
                self._unknown.append(key)

    def _gather_bag(self, bag: str, top: str, values: dict[str, Value], index: _Index) -> None:
        for key, value in values.items():
            dotted = f"{bag}.{key}"
            folded = dotted.lower()
            if key.lower() == "secured":
                continue
            self._place(index.places.get(folded, ()), dotted, top, value)
            if isinstance(value, dict) and folded in index.bags:
                self._gather_bag(dotted, top, value, index)

    def _place(self, places: Iterable[tuple[str, int]], key: str, top: str, value: Value) -> None:
        for name, rank in places:
            self._found.setdefault(name, []).append(Found(rank, key, top, value))


class _Rows:
    """Rows of the table, known by being the same object: to compare them for each item takes long."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self.fields = fields

    def __hash__(self) -> int:
        return id(self.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rows) and self.fields is other.fields


@lru_cache(maxsize=16)
def _index(rows: _Rows) -> _Index:
    places: dict[str, list[tuple[str, int]]] = {}
    fields = DEFAULT_FIELDS | dict(rows.fields)
    for name, keys in fields.items():
        for rank, key in enumerate(keys):
            places.setdefault(key.lower(), []).append((name, rank))
    bags = frozenset(bag for key in places for bag in _bags(key))
    plain = places.keys() - bags - {"secured"}
    written = {key for keys in fields.values() for key in keys if key.lower() in plain}
    return _Index(places, bags, {key: places[key.lower()] for key in written})


def _bags(key: str) -> Iterator[str]:
    """Yield `a` and `a.b` for the dotted key `a.b.c`."""
    parts = key.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts)))


def _quotable(key: str) -> bool:
    """Tell whether a key is a plain name, not a sentence that slipped before a colon (S2)."""
    return len(key) <= _MAX_QUOTED and key.isascii() and key.replace("-", "_").isidentifier()
