"""The address that `content.link_template` makes of an item that gives none (README, "link_template")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import text, urls
from feedpub.core.dates import Instant
from feedpub.core.fields import Fields, names, plain

PLACEHOLDER = re.compile(r"\{([^{}]*?)(:lower)?\}(/?)")
"""A placeholder, its name, whether it is in small letters, and the slash after it."""

WITHOUT_SLUG = re.compile(r"\[([^][]*)\]")
"""What only those items get that give no slug of their own."""

_HUGO_KEEPS = ".+#~@/"
"""Signs that are in addresses that Hugo makes of titles."""


class _Item(NamedTuple):
    """What an address is made of: `slug` is the one that the item gives, or ''."""

    fields: Fields
    place: urls.Place
    slug: str

    @property
    def title(self) -> str:
        title = plain(self.fields.get("title"))
        keeps = _HUGO_KEEPS if self.fields.rules.dialect == "hugo" else ""
        return text.slug(title, keeps) or self.place.slug

    @property
    def folders(self) -> str:
        return self.place.path.rpartition("/")[0]

    @property
    def categories(self) -> list[str]:
        """The categories, each once: of Jekyll also the folders that `_posts` is in."""
        above, within, _ = self.place.path.partition("_posts/")
        found = above.split("/") if within and self.fields.rules.dialect == "jekyll" else []
        found += names(self.fields, "category") or names(self.fields, "categories")
        return [*dict.fromkeys(filter(None, map(str.strip, map(plain, found))))]


_OF_DATE = {
    "year": "%Y", "short_year": "%y", "month": "%m", "i_month": "%m", "day": "%d",
    "i_day": "%d", "y_day": "%j", "hour": "%H", "minute": "%M", "second": "%S",
}  # fmt: skip
_OF_ITEM: Mapping[str, Callable[[_Item], str]] = {
    "path": lambda item: item.place.path,
    "slug": lambda item: item.slug or item.place.slug,
    "name": lambda item: item.place.slug,
    "title": lambda item: item.title,
    "slug_or_title": lambda item: item.slug or item.title,
    "sections": lambda item: item.folders,
    "section": lambda item: item.folders.partition("/")[0],
    "categories": lambda item: "/".join(item.categories).lower(),
    "slugified_categories": lambda item: "/".join(filter(None, map(text.slug, item.categories))),
    "category": lambda item: next(filter(None, map(text.slug, item.categories)), ""),
}
OF_ONE = ("path", "slug", "name", "title", "slug_or_title")
"""The placeholders of which a template needs one: the others are the same for many items."""

PLACEHOLDERS = (*_OF_ITEM, *_OF_DATE)


def made(fields: Fields, published: Instant | None) -> str:
    """Return the address that `link_template` makes, relative to home with its path, or ''.

    One that begins with that path is not given it twice. Without a date there is no {year} and its like; a part that is empty takes its slash along.
    """
    rules = fields.rules
    if not rules.link_template:
        return ""
    item = _Item(fields, urls.place(fields), plain(fields.get("slug")).strip("/"))
    template = WITHOUT_SLUG.sub("" if item.slug else r"\1", rules.link_template)
    try:
        local = local_time(published, rules.calendar) if published else None
        filled = PLACEHOLDER.sub(lambda found: _filled(found, item, local), template)
    except (KeyError, OverflowError):
        return ""
    below = rules.home.partition("//")[2].partition("/")[2].rpartition("/")[0]
    has_it = below and filled.startswith(
        f"/{below}/"
    )  # the path of home, as it once had to be there
    if not has_it and not filled.startswith(("http:", "https:", "//")):
        filled = f"./{filled.removeprefix('/')}"
    return urls.publishable(filled, rules.home, rules.strip_tracking)


def local_time(instant: Instant, zone: tzinfo | None) -> datetime:
    """Return an instant by the clock of `zone`, else by the one that it is written by."""
    zone = zone or timezone(timedelta(seconds=instant.offset))
    return datetime.fromtimestamp(instant.seconds, UTC).astimezone(zone)


def _filled(found: re.Match[str], item: _Item, local: datetime | None) -> str:
    """Percent-encode a part of a path; bytes of a file name that are not UTF-8 stay themselves."""
    name, lower, slash = found.groups()
    if name in _OF_ITEM:
        value = _OF_ITEM[name](item)
    elif local is None:
        raise KeyError(name)
    else:
        value = f"{local:{_OF_DATE[name]}}"
        value = value.lstrip("0") if name.startswith("i_") else value
    part = value.lower() if lower else value
    if not part and name not in OF_ONE:
        return ""
    return quote(part.encode("utf-8", "surrogateescape"), safe="/") + slash
