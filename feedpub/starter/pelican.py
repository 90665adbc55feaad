"""Pelican: `pelicanconf.py` and `publishconf.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core.link_template import PLACEHOLDERS
from feedpub.starter.folder import Asked, Finding, Folder, Found
from feedpub.starter.literals import Literals

_SAME = {
    "site.url": "SITEURL",
    "site.title": "SITENAME",
    "site.description": "SITESUBTITLE",
    "site.language": "DEFAULT_LANG",
    "site.author": "AUTHOR",
    "content.timezone": "TIMEZONE",
    "content.root": "PATH",
}
_OF_DATE = {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}
_SUFFIXES = ("md", "markdown")


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Pelican says of itself."""
    config = Literals(folder, "pelicanconf.py", "publishconf.py")
    for key, name in _SAME.items():
        given = config.at(name)
        yield from given.found(key) if "//localhost" not in given.text else ()
    yield Found("content.root", "content" if folder.has("content") else ".", "as Pelican does")
    given = config.at("ARTICLE_PATHS")
    if inside := [f"{name}/**/*.{suffix}" for name in given.texts() for suffix in _SUFFIXES]:
        yield Found("content.include", inside, given.source)
    given = config.at("PAGE_PATHS")
    apart = [*(given.texts() or ["pages"]), *config.at("ARTICLE_EXCLUDES").texts()]
    yield Found(
        "content.exclude", [f"{one}/**" for one in apart], given.source or "as Pelican does"
    )
    yield _addresses(config)
    given = config.at("FEED_MAX_ITEMS")
    if given.text.isdigit():
        yield Found("feeds.window", {"items": int(given.text), "days": 0}, given.source)
    given = config.at("DEFAULT_DATE")
    yield from given._replace(value=given.text and "first-seen").found("content.undated")
    yield from config.told


def _addresses(config: Literals) -> Finding:
    """Return the template of addresses; slugs are made of titles, but where files have their own."""
    given, source = config.at("ARTICLE_URL"), "as Pelican does"
    named = config.at("SLUGIFY_SOURCE").text == "basename"
    slug = (
        "{slug}"
        if named or "?P<slug>" in config.at("FILENAME_METADATA").text
        else "{slug_or_title}"
    )
    template = (given.text or "{slug}.html").lstrip("/").replace("{slug}", slug)
    for sign, name in _OF_DATE.items():
        template = template.replace(f"{{date:%{sign}}}", f"{{{name}}}")
    template = template.replace("{date:%-m}", "{i_month}").replace("{date:%-d}", "{i_day}")
    if {*re.findall(r"\{(.*?)\}", template)} <= {*PLACEHOLDERS}:
        return Found("content.link_template", f"/{template}", given.source or source)
    why = f"{given.source} has a part that is not known here"
    return Asked("content.link_template", why, f"/{slug}.html")
