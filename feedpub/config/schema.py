"""The keys of the config: a class a group, a line a key, with its reader and its default.

Every value is checked and normalized, every path absolute; nothing changes afterwards. What no
single key can know is in `clashes`. A new key is a line here, and its explanation in the sample.
"""

from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeAlias

from feedpub.config import readers, values
from feedpub.config.readers import (
    From,
    Group,
    Key,
    Written,
    choice,
    distinct,
    flag,
    listing,
    mapping,
    not_empty,
    number,
    placed,
    text,
)
from feedpub.config.source import Node, shown, suggestion
from feedpub.core.feeds import BY, KINDS
from feedpub.core.fields import DEFAULT_FIELDS, DIALECTS
from feedpub.core.model import Value
from feedpub.core.policy import LISTS, SCORES, Clause
from feedpub.formats import FORMATS, REDIRECTS

FORMATS_ON = tuple(name for name, f in FORMATS.items() if f.by_default)
"""The formats of a site that names none."""

_SIGNIFICANT = ("title", "excerpt", "body", "link", "published")
_WITHHOLD = mapping(text(values.front_matter_key), listing(text(values.name)))
_SCORE = number(-(10**18), 10**18)
_ITEMS, _DAYS, _BYTES = number(1, 100_000), number(0, 36_500), number(10_000, 100_000_000)

Flag: TypeAlias = Annotated[bool, flag]
Phrase: TypeAlias = Annotated[str, text(values.phrase)]
Name: TypeAlias = Annotated[str, text(values.name)]
Names: TypeAlias = Annotated[tuple[Written, ...], listing(placed(text(values.name)))]
Language: TypeAlias = Annotated[str, text(values.language)]
WebAddress: TypeAlias = Annotated[str, text(values.web_address)]
Seconds: TypeAlias = Annotated[int, number(0, 31_536_000)]


def _file_names(node: Node) -> Mapping[str, str]:
    """Read the names that some formats shall have; return those of all, in use or not."""
    given = mapping(choice(*FORMATS), text(values.file_name))(node)
    return {name: given.get(name, f.file) for name, f in FORMATS.items()}


def _field_names(node: Node) -> Mapping[str, tuple[str, ...]]:
    """Read the keys of the front matter that some fields of items have; more than the defaults."""
    given = mapping(text(values.name), listing(text(values.front_matter_key), not_empty))(node)
    if wrong := next((name for name in given if name not in DEFAULT_FIELDS), ""):
        hint = suggestion(wrong, DEFAULT_FIELDS) or f"known are {', '.join(DEFAULT_FIELDS)}"
        raise ValueError(f"{shown(wrong)} is no field of items; {hint}")
    return given


def _clause(node: Node) -> Clause:
    """Read a clause of the rule of a named feed: a map with one key; names stay as written (N1)."""
    if len(node.parts) != 1:
        raise ValueError("is not one clause with one key; write [topic: AI, heat: 50], for example")
    [(kind, part)] = node.parts.items()
    choice(*BY, "title", *SCORES, *LISTS)(node._replace(value=kind))
    if kind in LISTS:
        return Clause(kind, part.read(_CLAUSES) or ())
    if kind in SCORES:
        return Clause(kind, least=part.read(_SCORE) or 0)
    listed = part if isinstance(part.value, list) else part._replace(value=[part])
    names = values.words_of_title if kind == "title" else values.name
    return Clause(kind, listed.read(listing(placed(text(names)), not_empty)) or ())


_CLAUSES = listing(_clause, not_empty)
_MARKS = mapping(choice(*SCORES), _SCORE)


def _leave(node: Node) -> Mapping[str, int]:
    """Read the marks by which stories leave a named feed: one for all scores, or by score."""
    return _MARKS(node) if isinstance(node.value, dict) else dict.fromkeys(SCORES, _SCORE(node))


class AuthorConfig(NamedTuple):
    """Who publishes the feeds."""

    name: Annotated[str, text(values.name), "the name of the person or organization that publishes"]
    email: Annotated[str, text(values.email)] = ""
    uri: WebAddress = ""


class SiteConfig(NamedTuple):
    """What all feeds of the site share (I1, F1-F3)."""

    url: Annotated[
        Written,
        placed(text(values.feeds_address)),
        "the public address of output.root, such as https://feeds.example.org/",
    ]
    title: Annotated[str, text(values.name), "the name of the site, as subscribers see it"]
    home: Annotated[str, text(values.home_address), From("url", str)] = ""
    description: Phrase = ""
    language: Language = "en"
    timezone: Annotated[tzinfo | None, text(values.zone)] = None
    author: Annotated[AuthorConfig | None, Group(AuthorConfig)] = None
    copyright: Phrase = ""
    id_domain: Annotated[str, text(values.authority), From("url", values.authority_of)] = ""
    id_date: Annotated[str, text(values.tag_date)] = "2026-01-01"
    ids: Annotated[str, choice("made", "link")] = "made"


class ContentConfig(NamedTuple):
    """Where the items are and how their files are read."""

    root: Annotated[Path, readers.content_root] = Path("content")
    include: Annotated[tuple[str, ...], listing(text(values.pattern), not_empty)] = (
        *("**/*.md", "**/*.markdown", "**/*.mdx"),
    )
    exclude: Annotated[tuple[Written, ...], listing(placed(text(values.pattern)))] = ()
    timezone: Annotated[tzinfo | None, text(values.zone)] = None
    published_default: Flag = True
    dialect: Annotated[str, choice(*DIALECTS)] = ""
    undated: Annotated[str, choice("skip", "first-seen")] = ""
    withhold: Annotated[Mapping[str, tuple[str, ...]], _WITHHOLD] = {}
    fields: Annotated[Mapping[str, tuple[str, ...]], _field_names] = MappingProxyType({})
    link_template: Annotated[str, text(values.template)] = ""
    languages: Annotated[tuple[str, ...], listing(text(values.language), distinct)] = ()
    link_templates: Annotated[
        Mapping[str, str], mapping(text(values.folder), text(values.template))
    ] = {}
    authors: Annotated[
        Mapping[str, Value], readers.authors_file, From("root", readers.authors_within)
    ] = {}


class PurgeRequest(NamedTuple):
    """How the API of a CDN is asked to forget {url}: `token` names an environment variable."""

    url: Annotated[str, text(values.purge_address), "the https address of the API"]
    method: Annotated[str, choice("POST", "PUT", "DELETE", "GET", "PURGE")] = "POST"
    body: Annotated[str, text(values.phrase)] = ""
    token: Annotated[str, text(values.variable)] = ""


_REQUEST = Group(PurgeRequest)


def _purge(node: Node) -> PurgeRequest | tuple[str, ...]:
    """Read how caches are told: by a request, or by a command as a list of arguments."""
    if isinstance(node.value, list):
        return listing(text(str), not_empty, values.purge_command)(node)
    if not isinstance(node.value, dict):  # which may be a command with a secret in it
        raise ValueError('is one text; write a list, such as [purge-cache, "{url}"]')
    found: PurgeRequest = _REQUEST(node)
    if None not in found and "{url}" not in found.url + found.body:
        raise ValueError("names nothing to purge; write {url} in its url or body")
    return found


class OutputConfig(NamedTuple):
    """Where the feeds go."""

    root: Annotated[Path | str, readers.output_root] = Path("out")
    replace: Flag = False
    precompress: Flag = False
    redirects: Annotated[
        tuple[str, ...], listing(choice(*REDIRECTS), distinct, values.one_of_a_file)
    ] = ()
    templates: Annotated[Mapping[str, str], readers.own_templates] = MappingProxyType({})
    purge: Annotated[PurgeRequest | tuple[str, ...], _purge] = ()


class StateConfig(NamedTuple):
    """Where what must survive is kept."""

    root: Annotated[Path, readers.own_folder] = Path(".feedpub")
    ledger: Annotated[Path | None, readers.own_file] = None
    url: Annotated[str, text(values.database_address)] = ""
    lease: Annotated[float, text(values.lease)] = 10.0


class LinksConfig(NamedTuple):
    """How addresses are published (R1)."""

    strip_tracking: Flag = True


class WindowConfig(NamedTuple):
    """How much of a feed its subscription document holds (F6)."""

    items: Annotated[int, _ITEMS] = 50
    days: Annotated[int, _DAYS] = 14
    bytes: Annotated[int, _BYTES] = 1_000_000


class TopicWindowConfig(NamedTuple):
    """A topic's own window; None where it is that of `feeds.window`."""

    items: Annotated[int | None, _ITEMS] = None
    days: Annotated[int | None, _DAYS] = None
    bytes: Annotated[int | None, _BYTES] = None


class DigestConfig(NamedTuple):
    """When a feed has a digest of what is new, of which feed or kind, and of how much at least."""

    of: Annotated[Written, placed(text(values.name))] = Written()
    every: Annotated[str, choice("day", "week", "month")] = "week"
    on: Annotated[tuple[int, int], text(values.digest_time)] = (0, 420)
    minimum: Annotated[int, number(1, 1_000)] = 1


class NamedConfig(NamedTuple):
    """A feed of what the config asks for: by its clauses, by scores, and by hand (N1)."""

    title: Phrase = ""
    description: Phrase = ""
    slug: Annotated[str, text(values.slug)] = ""
    image: WebAddress = ""
    language: Language = ""
    window: TopicWindowConfig = TopicWindowConfig()
    archive: Annotated[bool | None, flag] = None
    expect: Annotated[int, text(values.interval)] = 0
    all: Annotated[tuple[Clause, ...], _CLAUSES] = ()
    any: Annotated[tuple[Clause, ...], _CLAUSES] = ()
    none: Annotated[tuple[Clause, ...], _CLAUSES] = ()
    items: Names = ()
    except_: Names = ()
    also: Annotated[Mapping[str, tuple[Clause, ...]], mapping(choice(*LISTS), _CLAUSES)] = {}
    at_least: Annotated[Mapping[str, int], _MARKS] = {}
    leave: Annotated[Mapping[str, int], _leave] = {}
    top: Annotated[int, number(0, 10_000)] = 0
    by: Annotated[str, choice(*SCORES)] = "quality"
    within: Annotated[int, text(values.interval)] = 0
    digest: Annotated[DigestConfig | None, Group(DigestConfig)] = None


class FeedsConfig(NamedTuple):
    """Which feeds there are and what they show."""

    formats: Annotated[tuple[str, ...], listing(choice(*FORMATS), not_empty, distinct)] = FORMATS_ON
    pages: Flag = True
    page_pictures: Flag = True
    by: Annotated[tuple[str, ...], listing(choice(*BY), distinct)] = ("topic",)
    window: WindowConfig = WindowConfig()
    content: Annotated[str, choice("full", "excerpt")] = "full"
    significant: Annotated[tuple[str, ...], listing(choice(*_SIGNIFICANT), distinct)] = _SIGNIFICANT
    related: Annotated[int, number(0, 200)] = 10
    related_in_rss: Flag = False
    growth: Annotated[str, choice("off", "note", "update")] = "off"
    growth_links: Annotated[int, number(1, 200)] = 3
    growth_quality: Annotated[int | None, number(-(10**18), 10**18)] = None
    scores: Flag = False
    archive: Annotated[str, choice("everything", "all", "off")] = "everything"
    paths: Annotated[Mapping[str, str], _file_names] = {}
    folders: Annotated[
        Mapping[str, str], mapping(choice("everything", *KINDS), text(values.feeds_folder))
    ] = {}
    addresses: Annotated[
        Mapping[Written, Mapping[str, str]],
        mapping(placed(text(values.feed_name)), mapping(choice(*FORMATS), text(values.document))),
    ] = {}
    moved: Annotated[str, choice("stay", "redirect")] = "stay"
    forget: Annotated[tuple[str, ...], listing(text(values.path_in_output), distinct)] = ()
    named: Annotated[
        Mapping[Written, NamedConfig], Group(NamedConfig, placed(text(values.feed_key)))
    ] = {}
    expect: Annotated[int, text(values.interval)] = 0
    unique: Annotated[
        tuple[tuple[Written, ...], ...], listing(listing(placed(text(values.name)), distinct))
    ] = ()


class TopicConfig(NamedTuple):
    """What the config says about one topic; empty or None where the items or feeds say it."""

    slug: Annotated[str, text(values.slug)] = ""
    aliases: Names = ()
    parent: Name = ""
    include_children: Flag = False
    title: Phrase = ""
    description: Phrase = ""
    image: WebAddress = ""
    language: Language = ""
    window: TopicWindowConfig = TopicWindowConfig()
    minimum_quality: Annotated[int | None, _SCORE] = None
    expect: Annotated[int, text(values.interval)] = 0


class TopicsConfig(NamedTuple):
    """Which topics make feeds, and how these are."""

    only: Names = ()
    except_: Names = ()
    retired: Names = ()
    minimum: Annotated[int, number(1, 1_000_000)] = 1
    define: Annotated[
        Mapping[Written, TopicConfig], Group(TopicConfig, placed(text(values.name)))
    ] = {}


class ScheduleConfig(NamedTuple):
    """When the service rescans: `times` is either an interval in seconds or a cron line."""

    every: Annotated[int, text(values.interval)] = 300
    cron: Annotated[str, text(values.cron_line)] = ""
    watch: Flag = True

    @property
    def times(self) -> str | int:
        """The cron line if there is one, else the interval in seconds."""
        return self.cron or self.every


class ServerConfig(NamedTuple):
    """How the service answers: addresses, seconds that others may keep answers, bytes held."""

    host: Annotated[str, text(values.host_name)] = "127.0.0.1"
    port: Annotated[int, number(0, 65_535)] = 8080
    admin: Annotated[tuple[str, int] | None, text(values.host_and_port)] = None
    max_age: Seconds = 900
    shared_max_age: Seconds = 60
    stale_if_error: Seconds = 86_400
    trusted_proxies: Annotated[tuple[str, ...], listing(text(values.network))] = ()
    memory: Annotated[int, number(1_000_000, 100_000_000_000)] = 256_000_000
    access_log: Flag = False


class PushConfig(NamedTuple):
    """Whom the service tells at once what changed (W2)."""

    hubs: Annotated[tuple[str, ...], listing(text(values.hub), distinct)] = ()


class Config(NamedTuple):
    """The whole config: the groups of the file, checked, with all defaults in place."""

    site: SiteConfig
    content: ContentConfig
    output: OutputConfig
    state: StateConfig
    links: LinksConfig
    feeds: FeedsConfig
    topics: TopicsConfig
    schedule: ScheduleConfig
    server: ServerConfig
    push: PushConfig


# the same as a JSON Schema, by which editors complete and check a config: made of the readers


def json_schema(read: Any) -> dict[str, Any]:
    """Return the JSON Schema (draft 7) of what a reader takes.

    It refuses nothing that the reader takes; what it cannot say, `feedpub check` does.
    """
    match read:
        case readers.Group(label=label, keys=keys):
            return _map(_or_empty(_of_keys(keys))) if label else _of_keys(keys)
        case readers.flag:
            return {"type": ["boolean", "string"], "pattern": "^[OoYyNn][A-Za-z]{1,2}$"}  # or yes
        case partial(func=readers.read_choice, args=(names,)):
            return {"type": ["string"], "enum": [*names, None]}
        case partial(func=readers.read_number, args=(least, most)):  # 1_000 is a text in YAML 1.2
            bounds = {"minimum": least, "maximum": most}
            return {"type": ["integer", "string"], "pattern": "^[0-9]+_", **bounds}
        case partial(func=readers.read_list, args=(item, checks)):
            least = int(readers.not_empty in checks)
            return {"type": ["array"], "items": json_schema(item), "minItems": least}
        case partial(func=readers.read_map, args=(_, item)):
            return _map(json_schema(item))
    if read.__module__ == __name__ and read not in (_leave, _purge):
        return _map({})
    also = ["object"] if read == _leave else []
    scalar = {"type": ["string", "number", "boolean", *also]}  # `title: 2024` is a text
    command = {"type": ["array", "object"], "items": scalar}
    return _of_keys(_REQUEST.keys) | command if read == _purge else scalar


def _map(values: object) -> dict[str, Any]:
    return {"type": ["object"], "additionalProperties": values}


def _or_empty(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "type": [*found["type"], "null"]}


def _of_keys(keys: Mapping[str, Key]) -> dict[str, Any]:
    """Return the schema of a map of keys; what is left empty there has its default."""
    found, needed = {}, []
    for name, key in keys.items():
        found[name] = json_schema(key.read)
        if isinstance(key.origin, str) or (key.default == {} and found[name].get("required")):
            needed.append(name)
        else:
            found[name] = _or_empty(found[name])
    return {**_map(False), "properties": found, "required": needed}
