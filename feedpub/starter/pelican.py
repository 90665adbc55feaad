"""Pelican: `pelicanconf.py` and `publishconf.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core.link_template import PLACEHOLDERS
from feedpub.starter.folder import Finding, Folder, Found, Settings

USUAL = "/{slug_or_title}.html"
_KINDS = {"topic": "TAG", "category": "CATEGORY", "author": "AUTHOR"}
_PARTS = {"Y": "{year}", "m": "{month}", "d": "{day}", "-m": "{i_month}", "-d": "{i_day}"}


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Pelican says of itself."""
    config = folder.settings("publishconf.py", "pelicanconf.py")
    yield from config.said()
    root = config.at("PATH")
    place = root.text or "content"
    yield from root.found("content.root")
    given = config.at("ARTICLE_PATHS")
    inside = [f"{name}/**/*.{end}" for name in given.texts() for end in ("md", "markdown")]
    yield Found("content.include", inside, given.source)
    yield from given.found("content.include")
    given = config.at("PAGE_PATHS")
    apart = [*(given.texts() or ["pages"]), *config.at("ARTICLE_EXCLUDES").texts()]
    apart = [f"{one}/**" for one in apart if folder.has(f"{place}/{one}")]
    yield Found("content.exclude", apart, given.source or "its pages")
    given = config.at("DEFAULT_DATE")
    dated = given.source and given.text != "none"
    yield Found("content.undated", "first-seen" if dated else "", given.source)
    yield from _addresses(config)
    yield from _feeds(config)


def _addresses(config: Settings) -> Iterator[Finding]:
    """Yield the template of addresses; slugs are made of titles, but where files have their own."""
    given, named = config.at("ARTICLE_URL"), config.at("FILENAME_METADATA").text
    is_named = "?P<slug>" in named or config.at("SLUGIFY_SOURCE").text == "basename"
    written = given.text.lstrip("/") if given.source else "{slug}.html"
    template = re.sub(r"\{date:%(-?\w)\}", lambda part: _PARTS.get(part[1], part[0]), written)
    template = template.replace("{slug}", "{slug_or_name}" if is_named else "{slug_or_title}")
    if template and {*re.findall(r"\{(.*?)\}", template)} <= {*PLACEHOLDERS}:
        yield Found("content.link_template", f"/{template}", given.source or "as Pelican does")
    else:
        yield f"{given.source} has a part that is not known: set content.link_template"


def _feeds(config: Settings) -> Iterator[Finding]:
    """Yield where the feed of everything is, and those of others that have a folder each."""
    known, folders, paths = dict[str, str](), dict[str, str](), dict[str, str]()
    for form, usual in (("atom", "feeds/all.atom.xml"), ("rss", "")):
        every = config.at(f"FEED_ALL_{form}")
        for path in ("" if every.source else usual, config.at(f"FEED_{form}").text, every.text):
            known |= {form: path} if "." in path else {}
        for kind, name in _KINDS.items():
            one = config.at(f"{name}_FEED_{form}")
            if inside := re.fullmatch(r"(.+)/\{slug\}/([^/{}]+)", one.text):
                folders[kind], paths[form] = inside.groups()
            elif "." in one.text:
                written = one.text.replace("{slug}", "X")
                yield (
                    f"{one.source} has no folders: add feeds in use to feeds.addresses, such as"
                    f" {kind}/X: {{{form}: {written}}}, and {kind} to feeds.by"
                )
    yield Found("feeds.addresses", {"everything": known} if known else {}, "where feeds are")
    if folders:
        yield Found("feeds.by", [*folders], "as there are feeds of them")
        yield Found("feeds.folders", {"everything": "feeds", **folders}, "where their feeds are")
        yield Found("feeds.paths", paths, "how their feeds are called")
