"""The keys of the config: a class a group, a line a key, with its type and default.

Every value is checked and normalized, every path absolute; nothing changes afterwards. Where a
key is left out or empty, its default holds. What no single key can know is in `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import isclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from feedpub.config import values
from feedpub.config.values import Flag, Name, Number, Text
from feedpub.config.words import shown, suggestion
from feedpub.core.cron import Cron
from feedpub.formats import FORMATS

LABEL = "LABEL"
"""Stands for any label of `topics.define` in the paths of `known_keys`."""


class Group(BaseModel):
    """A group of keys; an empty one has all defaults, an unknown key in it is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, data: object) -> object:
        if not isinstance(data, dict):
            return {} if data is None else data
        known = _fields(cls)
        return {k: v for k, v in data.items() if v is not None or k not in known}


@cache
def _fields(group: type[Group]) -> Mapping[str, Any]:
    return {field.alias or name: field for name, field in group.model_fields.items()}


def _sorted(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(sorted(mapping.items()))


def _not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("is an empty list; write one or more, or remove the key")
    return names


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("has a name twice; keep one")
    return names


def _format(name: str) -> str:
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        hint = suggestion(name, FORMATS) or "write one of these"
        raise ValueError(f"is not one of {known}; {hint}")
    return name


def _all_paths(given: Mapping[str, str]) -> Mapping[str, str]:
    names = {name: given.get(name, f.file) for name, f in FORMATS.items()}
    if len({file.lower() for file in names.values()}) < len(names):
        raise ValueError("gives two formats one file name; give each its own")
    return names


def _field_names(given: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    # Only a config with this key pays for the import.
    from feedpub.core.fields import DEFAULT_FIELDS

    for name, keys in given.items():
        if name not in DEFAULT_FIELDS:
            hint = suggestion(name, DEFAULT_FIELDS) or f"known are {', '.join(DEFAULT_FIELDS)}"
            raise ValueError(f"{shown(name)} is no field of items; {hint}")
        if any("secured" in key.lower().split(".") for key in keys):
            raise ValueError("names the key secured, which is never published (S1); remove it")
    return _sorted(given)


FormatName = Annotated[str, AfterValidator(_format)]
Kind = Literal["topic", "category", "provider", "type", "language"]
Significant = Literal["title", "excerpt", "body", "link", "published"]
Distinct = AfterValidator(_distinct)
NotEmpty = AfterValidator(_not_empty)


class Author(Group):
    """Who publishes the feeds."""

    name: Name = Field(description="the name of the person or organization that publishes")
    email: values.Email = ""
    uri: values.WebAddress = ""


class Site(Group):
    """What all feeds of the site share (I1, F1-F3)."""

    url: values.SiteAddress = Field(
        description="the public address of output.root, such as https://feeds.example.org/"
    )
    title: Name = Field(description="the name of the site, as subscribers see it")
    home: values.HomeAddress = Field(default_factory=lambda given: given["url"])
    description: Text = ""
    language: values.Language = "en"
    timezone: values.ZoneName = "UTC"
    author: Author | None = None
    copyright: Text = ""
    id_domain: values.Authority = Field(default_factory=lambda given: values.host(given["url"]))
    id_date: values.TagDate = "2026-01-01"


class Content(Group):
    """Where the items are and how their files are read."""

    root: values.ContentRoot = Field(default="content", validate_default=True)
    include: Annotated[tuple[values.Pattern, ...], NotEmpty] = (
        "**/*.md",
        "**/*.markdown",
        "**/*.mdx",
    )
    exclude: tuple[values.Pattern, ...] = ()
    timezone: values.ZoneName | None = None
    published_default: Flag = True
    fields: Annotated[
        Mapping[str, Annotated[tuple[Name, ...], NotEmpty]], AfterValidator(_field_names)
    ] = {}
    link_template: values.Template = ""


class Output(Group):
    """Where the feeds go."""

    root: values.OwnFolder = Field(default="out", validate_default=True)
    precompress: Flag = False


class State(Group):
    """Where what must survive is kept."""

    root: values.OwnFolder = Field(default=".feedpub", validate_default=True)
    ledger: values.OwnFile | None = None


class Links(Group):
    """How addresses are published (R1)."""

    strip_tracking: Flag = True


class Window(Group):
    """How much of a feed its subscription document holds (F6)."""

    items: values.Items = 50
    days: values.Days = 14
    bytes: values.Bytes = 1_000_000


class PartialWindow(Group):
    """A topic's own window; None where it is that of `feeds.window`."""

    items: values.Items | None = None
    days: values.Days | None = None
    bytes: values.Bytes | None = None

    def over(self, window: Window) -> Window:
        """Return `window` with the sizes given here in place."""
        return window.model_copy(update=self.model_dump(exclude_none=True))


class Feeds(Group):
    """Which feeds there are and what they show."""

    formats: Annotated[tuple[FormatName, ...], NotEmpty, Distinct] = tuple(FORMATS)
    pages: Flag = True
    by: Annotated[tuple[Kind, ...], Distinct] = ("topic",)
    window: Window = Window()
    content: Literal["full", "excerpt"] = "full"
    significant: Annotated[tuple[Significant, ...], Distinct] = get_args(Significant)
    related: Annotated[Number, Field(ge=0, le=200)] = 10
    related_in_rss: Flag = False
    paths: Annotated[Mapping[FormatName, values.FileName], AfterValidator(_all_paths)] = Field(
        {}, validate_default=True
    )


class Topic(Group):
    """What the config says about one topic; empty or None where the items or feeds say it."""

    slug: values.Slug = ""
    title: Text = ""
    description: Text = ""
    image: values.WebAddress = ""
    language: values.Language = ""
    window: PartialWindow = PartialWindow()
    minimum_quality: Number | None = None


class Topics(Group):
    """Which topics make feeds, and how these are."""

    only: tuple[Name, ...] = ()
    except_: tuple[Name, ...] = Field(default=(), alias="except")
    define: Annotated[Mapping[Name, Topic], AfterValidator(_sorted)] = {}


class Schedule(Group):
    """When the service rescans: `times` is either an interval in seconds or a cron line."""

    every: values.Interval = 300
    cron: values.CronLine | None = None
    watch: Flag = True

    @property
    def times(self) -> Cron | int:
        """The cron line if there is one, else the interval in seconds."""
        return self.cron or self.every


class Server(Group):
    """How the service answers: addresses, seconds that others may keep answers, bytes held."""

    host: values.Host = "127.0.0.1"
    port: values.Port = 8080
    admin: values.Place | None = None
    max_age: values.Seconds = 900
    shared_max_age: values.Seconds = 60
    stale_if_error: values.Seconds = 86_400
    trusted_proxies: tuple[values.Network, ...] = ()
    memory: values.Memory = 256_000_000
    access_log: Flag = False


class Config(Group):
    """The whole config: the groups of the file, checked, with all defaults in place.

    `PATHS` names what depends on the machine, and what the feeds say does not depend on:
    `config.model_dump_json(exclude=PATHS)` is the same text wherever the same config is used.
    """

    site: Site = Field(default={}, validate_default=True)
    content: Content = Field(default={}, validate_default=True)
    output: Output = Field(default={}, validate_default=True)
    state: State = Field(default={}, validate_default=True)
    links: Links = Field(default={}, validate_default=True)
    feeds: Feeds = Field(default={}, validate_default=True)
    topics: Topics = Field(default={}, validate_default=True)
    schedule: Schedule = Field(default={}, validate_default=True)
    server: Server = Field(default={}, validate_default=True)


PATHS: Any = {"content": {"root"}, "output": True, "state": True, "schedule": True, "server": True}


@cache
def known_keys() -> Mapping[str, str]:
    """Return every key by its dotted path, with what to give for it if it is required."""
    return dict(_keys(Config, ""))


def _keys(group: type[Group], prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in _fields(group).items():
        yield prefix + name, field.description or ""
        if inner := _group_in(field.annotation):
            labelled = get_origin(field.annotation) is Mapping
            yield from _keys(inner, f"{prefix}{name}.{LABEL}." if labelled else f"{prefix}{name}.")


def _group_in(annotation: Any) -> type[Group] | None:
    if isclass(annotation) and issubclass(annotation, Group):
        return annotation
    inner = (_group_in(argument) for argument in get_args(annotation))
    return next((group for group in inner if group), None)
