"""Where an item can be read: the addresses it gives, or the one that a template makes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import links
from feedpub.core.fields import Fields
from feedpub.core.model import Value
from feedpub.core.values import plain, string

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII).match
_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?!.*\{[{%])", re.IGNORECASE | re.ASCII).match
# No word with a colon first, no `/:year/:title/` of Jekyll's, no template code.
_REFERENCE = re.compile(r"(?![^/]*:)(?:(?!/:)[^\s{}<>\\])+").fullmatch
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?:-(?=.)|$)", re.ASCII).match
_PLACEHOLDER = re.compile(r"\{(path|slug|year|month|day)\}").sub
_LONGEST = 8_192  # characters; no address that works is longer


class FileName(NamedTuple):
    """What the path of a file says: address, slug and date (`YYYY-MM-DD` or ''), undecoded."""

    path: str
    slug: str
    date: str


def file_name(path: str) -> FileName:
    """Read `2024/2024-03-21-title.md` as path without suffix, slug `title` and date.

    A file `index.*` stands for its folder, as in Docusaurus and Hugo.
    """
    folder, _, name = path.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    stem = stem if dot and stem else name
    bare = path[: len(path) - len(name)] + stem
    if stem == "index":
        bare, stem = folder, folder.rpartition("/")[2]
    dated = _DATED(stem)
    return FileName(bare, stem[dated.end() :] if dated else stem, dated[1] if dated else "")


def given(value: Value, base: str, strip_tracking: bool) -> str:
    """Return the absolute web address that a front matter value gives, or ''.

    `base` is what a relative one resolves against. `false`, a pattern, template code or a host
    without its scheme is none.
    """
    written = string(value).strip()
    if len(written) <= _LONGEST and (_ABSOLUTE(written) or _is_within(written)):
        return links.publishable(written, base, strip_tracking)
    return ""


def _is_within(written: str) -> bool:
    """Tell a reference within a site from a word such as Jekyll's `pretty`."""
    leads_on = "/" in written or written.endswith((".html", ".htm"))
    return leads_on and not written.startswith("www.") and bool(_REFERENCE(written))


def of_field(fields: Fields, name: str) -> str:
    """Return the first usable address among the keys of field `name`, resolved against home.

    An address that is none of the web's is reported; a mere `false` or pattern is not.
    """
    rules, written = fields.rules, fields.each(name)
    for found in written:
        if url := given(found.value, rules.home, rules.strip_tracking):
            return url
    if any(_SCHEME(string(found.value).strip()) for found in written):
        fields.invalid(name, "is not a web address")
    return ""


def from_template(fields: Fields, published: int | None) -> str:
    """Return the address that `link_template` makes of file name, slug and date, or ''.

    Dates count in the zone of the content; without one there is no {year}, {month} or {day}.
    """
    rules = fields.rules
    if not rules.link_template:
        return ""
    parts = file_name(fields.path)
    values = {"path": parts.path, "slug": plain(fields.get("slug")).strip("/") or parts.slug}
    try:
        values |= {} if published is None else _calendar(published, rules.timezone)
        filled = _PLACEHOLDER(lambda name: _escaped(values[name[1]]), rules.link_template)
    except (KeyError, OverflowError):
        return ""
    return links.publishable(filled, rules.home, rules.strip_tracking)


def _calendar(seconds: int, timezone: tzinfo) -> dict[str, str]:
    local = datetime.fromtimestamp(seconds, UTC).astimezone(timezone)
    return {"year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}"}


def _escaped(part: str) -> str:
    """Percent-encode a part of a path; bytes of a file name that are not UTF-8 stay themselves."""
    return quote(part.encode("utf-8", "surrogateescape"), safe="/")
