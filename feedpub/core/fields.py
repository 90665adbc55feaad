"""Which front matter keys hold which field, the fields of one document, and readers of values.

The table covers the news shape and the dialects of Jekyll, Hugo, Zola, Eleventy, Docusaurus,
Astro, Pelican and Nikola; `content.fields` of the config replaces its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar

from feedpub.core import text
from feedpub.core.flags import TABLE, Flag, flags, row, word_of
from feedpub.core.model import Document, Person, Value
from feedpub.core.problems import Problem, problem

DIALECTS = (
    *("jekyll", "hugo", "zola", "pelican", "eleventy", "docusaurus"),
    *("obsidian", "mkdocs", "quarto"),
)
"""The generators whose words and notations are known."""

_POSTS = ("posts", "post", "blog", "news", "articles")
POST_FOLDERS = {
    **dict.fromkeys(("hugo", "zola", "pelican", "eleventy", "quarto"), _POSTS),
    "jekyll": ("_posts",),
    "docusaurus": ("blog",),
}
"""Where news are in dialects in which pages lie beside them, also without a date (D6)."""


def _keys(*names: str, within: Sequence[str] = ("extra", "params")) -> tuple[str, ...]:
    """Return keys, and the same within maps: there Zola and Hugo want an author's own keys."""
    return (*names, *(f"{bag}.{name}" for bag in within for name in names))


def _keys_in(names: str, *more: str) -> tuple[str, ...]:
    return _keys(*names.split(), within=("extra", "params", *more))


_BY_THEIR_NAME = (
    "title slug type quality heat category related"
    " published publishDate status draft removed deleted feeds"
)
DEFAULT_FIELDS: dict[str, tuple[str, ...]] = {
    **{name: _keys(name) for name in _BY_THEIR_NAME.split()},
    "id": _keys_in("id guid"),
    "excerpt": _keys_in("excerpt description summary subtitle"),
    "publishedDateTime": _keys_in(
        "publishedDateTime date pubDate publishedAt pubDatetime published_at datePublished"
    ),
    "expiryDate": _keys_in("expiryDate unpublishDate"),
    "updatedDateTime": _keys_in(
        "updatedDateTime lastmod updated last_modified_at updatedDate modified last_update.date"
        " updatedAt updated_at modDatetime dateModified"
    ),
    "webUrl": _keys_in("webUrl link url permalink"),
    "originalUrl": _keys_in("originalUrl original_url"),
    "path": ("path",),
    "categories": _keys_in("categories", "taxonomies"),
    "topics": _keys_in("topics tags categories", "taxonomies"),
    "provider": _keys_in("provider publisher"),
    "authors": _keys_in("authors author"),
    "images": _keys_in(
        "images image cover thumbnail featured_image featuredImage heroImage hero header.image"
        " header.overlay_image header.teaser"
    ),
    "enclosure": _keys_in("enclosure enclosures audio audio_url audio_file podcast_file"),
    "enclosureLength": _keys_in("enclosureLength enclosure_length audio_file_size podcast_bytes"),
    "enclosureType": _keys_in("enclosureType enclosure_type audio_type"),
    "duration": _keys_in("duration podcast_duration itunes_duration"),
    "episode": _keys_in("episode episode_number itunes_episode"),
    "season": _keys_in("season season_number itunes_season"),
    "explicit": _keys_in("explicit itunes_explicit"),
    "episodeImage": _keys_in("episodeImage episode_image itunes_image"),
    "locale": _keys_in("locale lang language"),
}
"""Field name -> the keys that may hold it, best first; `a.b` is `b` within the map `a`."""

_DATES = {("hugo", "published"), ("obsidian", "created")}
"""Keys that hold a date only in one dialect, where they are not empty or a yes or no."""

_IGNORED = frozenset(
    """
    ampweburl cdnampweburl sourceurl featuredcontent iscached
    layout template templateengineoverride weight order priority aliases redirect_from redirect_to
    redirects toc table_of_contents hide_table_of_contents toc_max_heading_level
    toc_min_heading_level math mathjax katex mermaid highlight classes pinned
    featured comments comment share hidden sitemap robots noindex keywords key canonical
    canonicalurl canonical_url linktitle seo social twitter translationkey translations outputs
    cascade resources menu menus nav_order parent has_children sidebar sidebar_label
    sidebar_position displayed_sidebar pagination_label pagination_next pagination_prev pagination
    eleventynavigation eleventycomputed eleventyimport in_search_index render insert_anchor_links
    sort_by paginate_by page_template series collections authorurl authortitle authorimageurl
    authortwitter authorfbid css js custom_edit_url filename
    """.split()  # noqa: SIM905 - as a list of literals it would take a page
)
"""Keys in lower case that mean nothing to a feed, and that no author needs to hear about."""

_PROSE = ("title", "excerpt")
_CURLY = re.compile(r"[“”„«‘’].*[“”»’]", re.DOTALL).fullmatch
_MAX_UNKNOWN = 50
_MAX_QUOTED = 40
_MAX_TOKEN = 64
_INTEGER = re.compile(r"\s*([+-]?)0*([0-9]+)(?:\.[0-9]*)?\s*").fullmatch
_MEDIA_TYPE = re.compile(
    r"\s*([a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})\s*", re.ASCII | re.I
).fullmatch

_Read = TypeVar("_Read")


class Rules(NamedTuple):
    """What the config says about reading items.

    `home` is the absolute address that relative item links resolve against, `timezone` the one of
    dates without offset, `published_default` what an absent `published` means, `fields` rows that
    replace those of `DEFAULT_FIELDS`, `link_template` the address of items that name none,
    `link_templates` those of folders that have their own, `languages` those of paths, the usual first,
    and `calendar` the zone of its days (None: that of each date as written). `dialect` is the
    generator that bodies are written for, '' for none in particular (C5). With `undated` of
    `skip`, what has no date is no news outside of the folders of posts. `withhold` adds to the
    table of what withholds, or empties rows of it (S3). `authors` are the people that items may
    name by a key. `preview` is the instant of a preview that shows what is not out yet, else 0.
    """

    home: str = ""
    timezone: tzinfo = UTC
    published_default: bool = True
    fields: Mapping[str, tuple[str, ...]] = DEFAULT_FIELDS
    link_template: str = ""
    link_templates: Mapping[str, str] = {}
    languages: tuple[str, ...] = ()
    calendar: tzinfo | None = None
    strip_tracking: bool = True
    dialect: str = ""
    undated: str = "first-seen"
    withhold: Mapping[str, tuple[str, ...]] = {}
    authors: Mapping[str, Person] = {}
    preview: int = 0

    @property
    def flags(self) -> dict[str, Flag]:
        """What withholds by key, and with `dialects` what does so there alone (S3)."""
        return flags(self.dialect, tuple(self.withhold.items()))


class Found(NamedTuple):
    """A value of a field: its key's place in the row, the key and its top-level key as written."""

    rank: int
    key: str
    top: str
    value: Value


_NOTHING = Found(0, "", "", "")


_Index: TypeAlias = tuple[dict[str, list[tuple[str, int]]], frozenset[str]]
"""The fields and flags that a key is of, and its place in their rows; the maps to look into."""


class Fields:
    """The fields of one document by name, and the problems met while reading them."""

    def __init__(self, document: Document, rules: Rules) -> None:
        self.path = document.path
        self.rules = rules
        self.problems: list[Problem] = []
        self._lines, self._quoted = document.lines, document.quoted
        self._found: dict[str, list[Found]] = {}
        self._unknown: list[str] = []
        self._index = _index(tuple(rules.fields.items()), tuple(rules.withhold))
        self._best: dict[str, Found] = {}
        self._gather(document.front)
        for name, several in self._found.items():
            several.sort(key=lambda found: found[:3])
            self._best[name] = next((one for one in several if one.value), several[0])

    def each(self, name: str) -> list[Found]:
        """Return every value of a field, in the order of its keys."""
        return self._found.get(name, [])

    def one(self, name: str) -> Found:
        """Return what holds a field: its first key that is not empty."""
        return self._best.get(name, _NOTHING)

    def get(self, name: str) -> Value:
        """Return the value of a field; '' without any."""
        return self.one(name).value

    def key(self, name: str) -> str:
        """Return the key that the value of a field is from, without its maps, in lower case."""
        return self.one(name).key.rpartition(".")[2].lower()

    def read(self, name: str, reader: Callable[[Value], _Read | None], fault: str) -> _Read | None:
        """Return what `reader` makes of a field; None if it is empty.

        A value that the reader can make nothing of is reported with its `fault`.
        """
        if not (value := self.get(name)):
            return None
        if (found := reader(value)) in (None, ""):
            self.invalid(name, fault)
        return found

    def most(
        self, name: str, values: Sequence[_Read], most: int, code: str = "field-invalid"
    ) -> Sequence[_Read]:
        """Return the first of the `values` of a field; more than `most` are reported as `code` (S4)."""
        if len(values) > most:
            self.report(code, f"holds over {most} values; the rest is ignored", name)
        return values[:most]

    def invalid(self, name: str, fault: str) -> None:
        """Report that a field is ignored, as its value has this `fault`."""
        self.report("field-invalid", f"{fault}; it is ignored", name)

    def report(self, code: str, message: str, name: str = "", line: int | None = None) -> None:
        """Add a problem, at the key of field `name`; `message` goes on from that key.

        What is no fault of a field is at a `line` of the file, if one is known.
        """
        if at := self.one(name).key:
            line = self._lines.get(self.one(name).top)
            message = f"{at}{message}" if message.startswith("[") else f"{at} {message}"
        self.problems.append(problem(self.path, code, message, line))

    def is_written(self, name: str) -> bool:
        """Say whether the front matter has the value of a field, not only what it stands for."""
        return self.one(name).top in self._lines

    def is_quoted(self, name: str) -> bool:
        """Say whether YAML has the value of a field in quotes."""
        return self.one(name).top in self._quoted

    def report_unknown(self) -> None:
        """Add one problem for each unknown key, the first 50 in the order of the alphabet."""
        for key in sorted(self._unknown)[:_MAX_UNKNOWN]:
            name = f"the key {key}" if _quotable(key) else "a key"
            code, message = "key-unknown", f"{name} is not known; it is ignored"
            if near := _quotable(key) and _like(key.lower()):
                code, message = "key-misspelt", f"{name} is not known; did you mean {near}?"
            if _CURLY(key):
                code, message = "field-invalid", "a key is in curly quotes; write it without"
            self.report(code, message, line=self._lines.get(key))

    def _gather(self, values: dict[str, Value], bag: str = "", top: str = "") -> None:
        """Find a place for each of `values`, which are in `bag` (`extra.`) of the key `top`."""
        known, bags = self._index
        for key, value in values.items():
            written = bag + key
            folded = word_of(written)
            if (self.rules.dialect, folded) in _DATES and string(value)[:4].isdecimal():
                folded = "pubdate"
            if folded.rpartition(".")[2].strip() == "secured":  # S1, whatever the config says
                continue
            places = known.get(folded, ())
            for name, rank in places:
                self._found.setdefault(name, []).append(Found(rank, written, top or key, value))
            is_prose = not places or places[0][0] in _PROSE
            if not is_prose and any(map(_CURLY, map(string, sequence(value)))):
                told = f"{written} has curly quotes, which are part of it; write straight ones"
                self.report("field-invalid", told, line=self._lines.get(top or key))
            if folded in bags and isinstance(value, dict):
                self._gather(value, f"{written}.", top or key)
            elif not (bag or places or folded in _IGNORED or folded in bags):
                self._unknown.append(key)


@lru_cache(maxsize=16)
def _index(rows: tuple[tuple[str, tuple[str, ...]], ...], withhold: tuple[str, ...]) -> _Index:
    places: dict[str, list[tuple[str, int]]] = {}
    more = {row(key): _keys(row(key)) for key in (*TABLE, *withhold)}
    for name, keys in (more | DEFAULT_FIELDS | dict(rows)).items():
        for rank, key in enumerate(keys):
            places.setdefault(word_of(key), []).append((name, rank))
    parts = [key.split(".") for key in places]
    return places, frozenset(".".join(p[:end]) for p in parts for end in range(1, len(p)))


@lru_cache(maxsize=1024)
def _like(key: str) -> str:
    """Return the key that an unknown one is most like, without adding to it, or ''."""
    from difflib import get_close_matches  # few have one

    names = (name for keys in DEFAULT_FIELDS.values() for name in keys if "." not in name)
    known = {name for name in names if name[:1] == key[:1]}
    near = get_close_matches(key, sorted(known), 1, 0.8)
    return near[0] if near and not key.startswith(near[0]) else ""


def _quotable(key: str) -> bool:
    """Tell whether a key is a plain name, not a sentence that slipped before a colon (S2)."""
    return len(key) <= _MAX_QUOTED and key.isascii() and key.replace("-", "_").isidentifier()


# Readers of single values: each gives a neutral value for one of the wrong kind (S4).


def string(value: Value | None) -> str:
    """Return a scalar as it is written; '' for a list, a map or nothing."""
    return value if isinstance(value, str) else ""


def plain(value: Value | None) -> str:
    """Return a scalar as plain text (C4); '' for a list, a map or nothing."""
    return text.plain(value) if isinstance(value, str) else ""


def mapping(value: Value | None) -> dict[str, Value]:
    """Return a map as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Value | None) -> list[Value]:
    """Return a list as it is, one value as a list of it, and nothing as an empty one."""
    if isinstance(value, list):
        return value
    return [value] if value else []


def first(values: dict[str, Value], *keys: str) -> Value:
    """Return the first of `keys` that is not empty in `values`; '' without any."""
    return next((value for key in keys if (value := values.get(key))), "")


def names(fields: Fields, field: str) -> list[str]:
    """Return the names in the first value of a field that has any.

    That is a list of names, a list of maps with a label, or one text with commas between the names;
    in Jekyll, where it has none, with white space. A text is all of a `category`.
    """
    value = fields.get(field)
    if not isinstance(value, str) or not value:
        return [
            string(one) or string(first(mapping(one), "label", "name", "title"))
            for one in sequence(value)
        ]
    if field == "category":
        return [value]
    words = fields.rules.dialect == "jekyll" and "," not in value
    return value.split(None if words else ",")


def integer(value: Value | None, most_digits: int = 9) -> int | None:
    """Return a whole number of few digits, cut at a decimal point; None for all else."""
    match = _INTEGER(string(value))
    return int(match[1] + match[2]) if match and len(match[2]) <= most_digits else None


def positive(value: Value | None, most_digits: int) -> int:
    """Return a positive whole number of at most `most_digits` digits, or 0 (M3)."""
    return max(0, integer(value, most_digits) or 0)


def media_type(value: Value | None) -> str:
    """Return a media type without parameters in lower case, or '' (RFC 6838 §4.2, M2)."""
    match = _MEDIA_TYPE(string(value).partition(";")[0])
    return match[1].lower() if match else ""


def token(value: Value | None) -> str:
    """Return a short word such as `article`; '' for what is longer than 64 characters."""
    word = plain(value)
    return word if len(word) <= _MAX_TOKEN else ""
