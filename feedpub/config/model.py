"""The keys of the config: a class a group, a line a key, with its reader and default.

Every value is checked and normalized, every path absolute; nothing changes afterwards. Where a
key is left out or empty, its default holds. What no single key can know is in `checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from feedpub.config import addresses, paths, values
from feedpub.config.keys import (
    Group,
    assumed,
    derived,
    group,
    labelled,
    optional,
    optional_group,
    required,
)
from feedpub.config.readers import choice, distinct, flag, listing, mapping, not_empty, number, text
from feedpub.config.templates import own_templates
from feedpub.config.words import shown, suggestion
from feedpub.formats import FORMATS, REDIRECTS

if TYPE_CHECKING:
    from feedpub.core.cron import Cron

_SIGNIFICANT = ("title", "excerpt", "body", "link", "published")
_OURS: Mapping[str, str] = MappingProxyType({})
_KINDS = ("topic", "category", "provider", "type", "language")

_names = listing(text(values.name))
_patterns = listing(text(values.pattern), not_empty)
_seconds = number(0, 31_536_000)
_phrase = text(values.phrase)
_web_address = text(addresses.web_address)


def _format(name: str) -> str:
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        hint = suggestion(name, FORMATS) or "write one of these"
        raise ValueError(f"is not one of {known}; {hint}")
    return name


def _file_names(value: object, base: Path) -> Mapping[str, str]:
    """Read the names that some formats shall have; return those of all."""
    given = mapping(text(_format), text(values.file_name))(value, base)
    names = {name: given.get(name, f.file) for name, f in FORMATS.items()}
    if len({file.lower() for file in names.values()}) < len(names):
        raise ValueError("gives two formats one file name; give each its own")
    return names


def _field_names(value: object, base: Path) -> Mapping[str, tuple[str, ...]]:
    """Read the keys of the front matter that some fields of items have; more than the defaults."""
    # Only a config with this key pays for the import.
    from feedpub.core.fields import DEFAULT_FIELDS

    given = mapping(text(values.name), listing(text(values.name), not_empty))(value, base)
    for name, keys in given.items():
        if name not in DEFAULT_FIELDS:
            hint = suggestion(name, DEFAULT_FIELDS) or f"known are {', '.join(DEFAULT_FIELDS)}"
            raise ValueError(f"{shown(name)} is no field of items; {hint}")
        if any("secured" in key.lower().split(".") for key in keys):
            raise ValueError("names the key secured, which is never published (S1); remove it")
    return given


class Author(Group):
    """Who publishes the feeds."""

    name = required(text(values.name), "the name of the person or organization that publishes")
    email = optional(text(values.email), "")
    uri = optional(_web_address, "")


class Site(Group):
    """What all feeds of the site share (I1, F1-F3)."""

    url = required(
        text(addresses.site_address),
        "the public address of output.root, such as https://feeds.example.org/",
    )
    title = required(text(values.name), "the name of the site, as subscribers see it")
    home = derived(text(addresses.home_address), "url", str)
    description = optional(_phrase, "")
    language = optional(text(values.language), "en")
    timezone = optional(text(values.zone_name), "UTC")
    author = optional_group(Author)
    copyright = optional(_phrase, "")
    id_domain = derived(text(addresses.authority), "url", addresses.host)
    id_date = optional(text(values.tag_date), "2026-01-01")


class Content(Group):
    """Where the items are and how their files are read."""

    root = assumed(paths.content_root, "content")
    include = optional(_patterns, ("**/*.md", "**/*.markdown", "**/*.mdx"))
    exclude = optional(listing(text(values.pattern)), ())
    timezone = optional(text(values.zone_name), None)
    published_default = optional(flag, True)
    fields = assumed(_field_names, {})
    link_template = optional(text(values.template), "")


class Output(Group):
    """Where the feeds go."""

    root = assumed(paths.own_folder, "out")
    precompress = optional(flag, False)
    redirects = optional(listing(choice(*REDIRECTS), distinct, values.one_of_a_file), ())
    templates = optional(own_templates, _OURS)


class State(Group):
    """Where what must survive is kept."""

    root = assumed(paths.own_folder, ".feedpub")
    ledger = optional(paths.own_file, None)


class Links(Group):
    """How addresses are published (R1)."""

    strip_tracking = optional(flag, True)


class Window(Group):
    """How much of a feed its subscription document holds (F6)."""

    items = optional(number(1, 100_000), 50)
    days = optional(number(0, 36_500), 14)
    bytes = optional(number(10_000, 100_000_000), 1_000_000)


class PartialWindow(Group):
    """A topic's own window; None where it is that of `feeds.window`."""

    items = optional(Window.items.read, None)
    days = optional(Window.days.read, None)
    bytes = optional(Window.bytes.read, None)

    def over(self, window: Window) -> Window:
        """Return `window` with the sizes given here in place."""
        given = {name: size for name, size in vars(self).items() if size is not None}
        return Window(vars(window) | given)


class Feeds(Group):
    """Which feeds there are and what they show."""

    formats = optional(listing(text(_format), not_empty, distinct), tuple(FORMATS))
    pages = optional(flag, True)
    page_pictures = optional(flag, True)
    by = optional(listing(choice(*_KINDS), distinct), ("topic",))
    window = group(Window)
    content = optional(choice("full", "excerpt"), "full")
    significant = optional(listing(choice(*_SIGNIFICANT), distinct), _SIGNIFICANT)
    related = optional(number(0, 200), 10)
    related_in_rss = optional(flag, False)
    scores = optional(flag, False)
    archive = optional(choice("everything", "all", "off"), "everything")
    paths = assumed(_file_names, {})


class Topic(Group):
    """What the config says about one topic; empty or None where the items or feeds say it."""

    slug = optional(text(values.slug), "")
    aliases = optional(_names, ())
    parent = optional(text(values.name), "")
    include_children = optional(flag, False)
    title = optional(_phrase, "")
    description = optional(_phrase, "")
    image = optional(_web_address, "")
    language = optional(text(values.language), "")
    window = group(PartialWindow)
    minimum_quality = optional(number(), None)


class Topics(Group):
    """Which topics make feeds, and how these are."""

    only = optional(_names, ())
    except_ = optional(_names, ())
    retired = optional(_names, ())
    minimum = optional(number(1, 1_000_000), 1)
    define = labelled(text(values.name), Topic)


class Schedule(Group):
    """When the service rescans: `times` is either an interval in seconds or a cron line."""

    every = optional(text(values.interval), 300)
    cron = optional(text(values.cron_line), None)
    watch = optional(flag, True)

    @property
    def times(self) -> Cron | int:
        """The cron line if there is one, else the interval in seconds."""
        return self.cron or self.every


class Server(Group):
    """How the service answers: addresses, seconds that others may keep answers, bytes held."""

    host = optional(text(addresses.host_name), "127.0.0.1")
    port = optional(number(0, 65_535), 8080)
    admin = optional(text(addresses.place), None)
    max_age = optional(_seconds, 900)
    shared_max_age = optional(_seconds, 60)
    stale_if_error = optional(_seconds, 86_400)
    trusted_proxies = optional(listing(text(addresses.network)), ())
    memory = optional(number(1_000_000, 100_000_000_000), 256_000_000)
    access_log = optional(flag, False)


class Config(Group):
    """The whole config: the groups of the file, checked, with all defaults in place."""

    site = group(Site)
    content = group(Content)
    output = group(Output)
    state = group(State)
    links = group(Links)
    feeds = group(Feeds)
    topics = group(Topics)
    schedule = group(Schedule)
    server = group(Server)
