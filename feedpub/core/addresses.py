"""Where an item can be read: the addresses it gives, or the one that a template makes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import links
from feedpub.core.dates import Instant
from feedpub.core.fields import Fields
from feedpub.core.model import Value
from feedpub.core.values import plain, string

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII).match
_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?!.*\{[{%])", re.IGNORECASE | re.ASCII).match
# No word with a colon first, no `/:year/:title/` of Jekyll's, no template code.
_REFERENCE = re.compile(r"(?![^/]*:)(?:(?!/:)[^\s{}<>\\])+").fullmatch
# 2024-03-21-title, 2024-3-1-title, 2024-03-21/title, 2024/03/21/title
_DATED = re.compile(
    r"(?:^|/)(?:(\d{4}-\d\d?-\d\d?)(?:[-/](?=.)|$)|(\d{4}/\d\d/\d\d)/)([^/]*)$", re.ASCII
).search
_PLACEHOLDER = re.compile(r"\{(path|slug|year|month|day)(:lower)?\}").sub
_WITHOUT_SLUG = re.compile(r"\[([^][]*)\]").sub
_LONGEST = 8_192  # characters; no address that works is longer


class Place(NamedTuple):
    """Where an item lies: path without suffix, slug and date (as written, or ''), undecoded."""

    path: str
    slug: str
    date: str


def place(fields: Fields) -> Place:
    """Return what the item's path says: Zola's `path` in the front matter, else the file's.

    `2024/2024-03-21-title.md` has the slug `title` and a date; `2024-03-21/title.md` and
    `2024/03/21/title.md` have them too. A file `index.*` stands for its folder (Docusaurus, Hugo).
    """
    given = plain(fields.get("path")).strip("/")
    if not given or not _REFERENCE(given):
        return _read(_without_suffix(fields.path))
    return _read(given)


def _without_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return folder if stem == "index" else folder + slash + stem


def _read(path: str) -> Place:
    name = path.rpartition("/")[2]
    dated = _DATED(path)
    if not dated:
        return Place(path, name, "")
    return Place(path, dated[3] or name, dated[1] or dated[2])


def given(value: Value, base: str, strip_tracking: bool) -> str:
    """Return the absolute web address that a front matter value gives, or ''.

    `base` is what a relative one resolves against. `false`, a pattern, template code or a host
    without its scheme is none.
    """
    written = string(value).strip()
    if len(written) <= _LONGEST and (_is_absolute(written) or _is_within(written)):
        return links.publishable(written, base, strip_tracking)
    return ""


def _is_absolute(written: str) -> bool:
    """Tell an address with a host, and no template code in it; nearly all are of one shape."""
    usual = written.startswith(("https://", "http://")) and "{" not in written
    return usual or _ABSOLUTE(written) is not None


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


def from_template(fields: Fields, published: Instant | None) -> str:
    """Return the address that `link_template` makes of path, slug and date, or ''.

    Without a date there is no {year}, {month} or {day}. What is in `[…]` is for items that give no
    slug of their own; `{slug:lower}` is in small letters.
    """
    rules = fields.rules
    if not rules.link_template:
        return ""
    parts, slug = place(fields), plain(fields.get("slug")).strip("/")
    template = _WITHOUT_SLUG("" if slug else r"\1", rules.link_template)
    values = {"path": parts.path, "slug": slug or parts.slug}
    try:
        values |= _calendar(published, rules.calendar) if published else {}
        filled = _PLACEHOLDER(lambda found: _filled(found, values), template)
    except (KeyError, OverflowError):
        return ""
    return links.publishable(filled, rules.home, rules.strip_tracking)


def _filled(found: re.Match[str], values: dict[str, str]) -> str:
    value = values[found[1]]
    return _escaped(value.lower() if found[2] else value)


def _calendar(instant: Instant, zone: tzinfo | None) -> dict[str, str]:
    zone = zone or timezone(timedelta(seconds=instant.offset))
    local = datetime.fromtimestamp(instant.seconds, UTC).astimezone(zone)
    return {"year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}"}


def _escaped(part: str) -> str:
    """Percent-encode a part of a path; bytes of a file name that are not UTF-8 stay themselves."""
    return quote(part.encode("utf-8", "surrogateescape"), safe="/")
