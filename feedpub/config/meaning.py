"""What the config means for publishing, and what it names that the content has not.

Names of topics become their keys (T1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from feedpub.catalogue import Catalogue
from feedpub.config.readers import Written
from feedpub.config.schema import Config, FeedsConfig, NamedConfig, TopicConfig, WindowConfig
from feedpub.config.source import dotted, shown, suggestion
from feedpub.config.values import LOOPBACK
from feedpub.core import topics, urls
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import BY, Layout, feed_named, is_live, label_of
from feedpub.core.fields import DEFAULT_FIELDS, POST_FOLDERS, Rules
from feedpub.core.model import Person, Site, Value
from feedpub.core.policy import (
    ALL,
    LISTS,
    Clause,
    Definition,
    DigestRule,
    Extent,
    Growth,
    Name,
    Named,
    Policy,
    Rule,
    Style,
    below,
    words,
)
from feedpub.core.problems import Problem, Severity, problem
from feedpub.core.stories import Authority
from feedpub.publish.ports import Edges
from feedpub.publish.settings import Settings

Clauses: TypeAlias = tuple[Clause, ...]

if TYPE_CHECKING:
    from feedpub.publish.check import Checked

MET = "met"
"""The fact that lists what was found: it is not looked for again."""

_ITEM, _ID, _FILES = "item", "id", "files"
"""What a name may mean, beside a kind of feed."""

_LEFT_OUT = re.compile(r"(^|/)(\.|_site|_drafts|node_modules)")
"""What needs no pattern, and may have one for a day when it is there."""


def settings(config: Config) -> Settings:
    """Return what publishing is told."""
    site, content, feeds, output = config.site, config.content, config.feeds, config.output
    author, timezone = site.author, site.timezone or content.timezone or UTC
    home, posts = feeds.folders.get("everything"), POST_FOLDERS.get(content.dialect)
    has_pages = posts is not None and content.root.name not in posts  # beside posts (D6)
    growth = Growth(feeds.growth, feeds.growth_links, feeds.growth_quality)
    return Settings(
        site=Site(
            url=str(site.url),
            title=site.title,
            home=site.home if home or site.home != site.url else "",
            description=site.description,
            language=site.language,
            author=Person(author.name, author.uri, author.email) if author else None,
            copyright=site.copyright,
            related_in_rss=feeds.related_in_rss,
            scores=feeds.scores,
            page_pictures=feeds.page_pictures,
            timezone=timezone,
            catalogue=f"{home}/" if home else "",
        ),
        authority=Authority(site.id_domain, site.id_date, site.ids == "link"),
        rules=Rules(
            home=site.home,
            timezone=content.timezone or UTC,
            calendar=content.timezone or (UTC if content.dialect == "jekyll" else None),
            published_default=content.published_default,
            dialect=content.dialect,
            undated=content.undated or ("skip" if has_pages else "first-seen"),
            fields={**DEFAULT_FIELDS, **content.fields},
            withhold=content.withhold,
            link_template=content.link_template,
            link_templates=content.link_templates,
            languages=content.languages,
            strip_tracking=config.links.strip_tracking,
            authors=_people(content.authors, site.home) if content.authors else {},
        ),
        policy=policy(config),
        style=Style(feeds.related, feeds.content == "full", timezone, growth),
        significant=feeds.significant,
        layout=layout(feeds, policy(config)),
        precompress=output.precompress and not isinstance(output.root, str),
        archive=feeds.archive,
        redirects=output.redirects,
        moves=feeds.moved == "redirect",
        forget=feeds.forget,
        replaces=output.replace,
        templates=output.templates,
        hubs=() if LOOPBACK(urlsplit(site.url).netloc) else config.push.hubs,  # none comes here
    )


def _people(told: Mapping[str, Value], home: str) -> dict[str, Person]:
    from feedpub.core.references import people  # few sites name theirs

    return people(told, home)


def layout(feeds: FeedsConfig, policy: Policy) -> Layout:
    """Return where the documents of feeds are."""
    return Layout(
        files={name: feeds.paths[name] for name in feeds.formats},
        folders={name.replace("everything", ALL): path for name, path in feeds.folders.items()},
        addresses={feed_named(label, policy): given for label, given in feeds.addresses.items()},
        pages=feeds.pages,
    )


def policy(config: Config) -> Policy:
    """Return which feeds there are, and what is said of topics."""
    chosen, window = config.topics, config.feeds.window
    named = {topics.key(label): topic for label, topic in chosen.define.items()}
    aliases = {topics.key(old): key for key, topic in named.items() for old in topic.aliases}
    parents = {key: topics.key(topic.parent) for key, topic in named.items() if topic.parent}
    retired = frozenset(map(topics.key, chosen.retired))
    only, apart = (
        frozenset(aliases.get(key, key) for key in map(topics.key, names))
        for names in (chosen.only, chosen.except_)
    )
    found = Policy(
        by=config.feeds.by,
        only=only,
        except_=apart - retired,  # whose feeds say that they end
        defined={
            topics.key(label): _definition(label, topic, window, topic.minimum_quality)
            for label, topic in chosen.define.items()
        },
        extent=Extent(*window),
        aliases=aliases,
        retired=retired,
        minimum=chosen.minimum,
        parents={key: aliases.get(parent, parent) for key, parent in parents.items()},
        including=frozenset(key for key, topic in named.items() if topic.include_children),
        named={
            topics.key(label): _named(label, given, config.feeds, aliases)
            for label, given in config.feeds.named.items()
        },
    )
    unique = (tuple(feed_named(label, found) for label in labels) for labels in config.feeds.unique)
    return found._replace(unique=tuple(unique))


def _named(label: str, given: NamedConfig, feeds: FeedsConfig, aliases: Mapping[str, str]) -> Named:
    """Return what the config says about a named feed, topics by their names of today (N1, T6)."""

    def meant(clause: Clause) -> Clause:
        if clause.kind in LISTS:
            return clause._replace(parts=tuple(map(meant, clause.parts)))
        parts = tuple(map(words if clause.kind == "title" else topics.key, clause.parts))
        known = aliases if clause.kind == "topic" else {}
        return clause._replace(parts=tuple(known.get(part, part) for part in parts))

    def rule(every: Clauses, some: Clauses, no: Clauses) -> Clauses:
        lists = (Clause("any", some), Clause("none", no))
        return tuple(map(meant, (*every, *(each for each in lists if each.parts))))

    marks = given.at_least.items()
    return Named(
        Rule(
            own=rule(given.all, given.any, given.none),
            also=rule(*(given.also.get(name, ()) for name in LISTS)),
            items=_by_hand(given.items),
            except_=_by_hand(given.except_),
            at_least=tuple(marks),
            leave=tuple((name, min(m, given.leave.get(name, below(m)))) for name, m in marks),
            **{name: getattr(given, name) for name in ("top", "by", "within")},
        ),
        _definition(given.title or label, given, feeds.window),
        feeds.archive == "all" if given.archive is None else given.archive,
        given.digest and DigestRule(*given.digest),
    )


def _definition(
    label: str, given: TopicConfig | NamedConfig, window: WindowConfig, quality: int | None = None
) -> Definition:
    about = (given.slug, given.title, given.description, given.image, given.language)
    sizes = zip(given.window, window, strict=True)
    extent = Extent(*(size if own is None else own for own, size in sizes))
    return Definition(topics.label(label), *about, extent, quality, given.expect)


def _by_hand(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of items as they are compared: addresses canonically, too."""
    links = (urls.canonical(name) for name in names if "://" in name)
    return tuple({str(name): None for name in (*names, *links)})


def expected(config: Config, catalogue: Catalogue) -> dict[Problem, int]:
    """Return what is to say of the feeds that are out, each from an instant on if nothing comes (F11)."""
    wanted, found = policy(config), dict[Problem, int]()
    for number, feed in catalogue.feeds.all().items():
        time = config.feeds.expect if feed.kind == ALL else wanted.definition(*feed.name).expect
        if time and is_live(feed, wanted):
            made = (digest.instant for digest in catalogue.feeds.digests(number))
            members = (one.entered for one in catalogue.feeds.members(number))
            newest = next(chain(made, members), feed.created)
            label = label_of(feed, wanted) or "everything"
            every = f"{time / 3600:g} h" if time % 86400 else f"{time // 86400} d"
            text = f"{label}: nothing new since {rfc3339(newest)}, expected every {every}"
            folder = layout(config.feeds, wanted).folder(feed) or "./"
            found[problem(folder, "feed-quiet", text)] = newest + time
    return found


def quiet(expected: Mapping[Problem, int], now: int) -> list[Problem]:
    """Return what is to say now of feeds without news."""
    return [problem for problem, by in expected.items() if by < now]


_REPEATEDLY = 5


def elsewhere(config: Config, hosts: Mapping[str, int]) -> list[Problem]:
    """Return a problem where feeds are asked for (how often, by host), but never at site.url (H10)."""
    url, place = config.site.url, urlsplit(config.site.url)
    name = place.netloc.removesuffix(f":{place.port}")
    others = [h for h, n in hosts.items() if n >= _REPEATEDLY and not LOOPBACK(h)]
    if not others or hosts.keys() & {place.netloc, name, f"{name}:80", f"{name}:443"}:
        return []
    asked, file = max(others, key=lambda host: hosts[host]), str(url.node.source.path)
    text = f"readers ask for feeds at {asked}, never at site.url, {url}: feeds have them move there"
    advice = "set it to where feeds are (ids that are out stay), or have the proxy hand on its Host"
    grave = Severity.ERROR if config.push.hubs else Severity.WARNING  # beside hubs few readers ask
    return [Problem(file, url.node.line, "site-elsewhere", grave, f"{text}; {advice}")]


# what the content has not: mistyped, most likely


def unmet(config: Config, edges: Edges, there: Checked | None = None) -> list[Problem]:
    """Return a problem for each topic, feed, item and pattern that the content does not have.

    `there` has its topics, and its items but for their ids in a ledger; without it, the catalogue tells
    them and other feeds. A language of the site may have no item yet, one in a clause has.
    """
    catalogue, wanted = edges.catalogue, policy(config)
    told = _told(config, wanted, is_built=there is None)
    before = catalogue.facts().get(MET, "")
    met = told.keys() & before.split("\n")
    if met == told.keys():
        return []
    left = {text: told[text] for text in sorted(told.keys() - met)}
    wrong = dict(_missing(left, edges, wanted, there))
    if (now := "\n".join(sorted(told.keys() - wrong))) != before:
        catalogue.begin()
        catalogue.set_fact(MET, now)
        catalogue.commit()
    return [*wrong.values()]


def _missing(
    told: Mapping[str, tuple[Written, Name]], edges: Edges, wanted: Policy, there: Checked | None
) -> Iterator[tuple[str, Problem]]:
    """Yield those of the names that nothing has, with a problem that says what may be meant."""
    catalogue, items = edges.catalogue, there.names if there else set[str]()
    kinds = {meant.kind for _, meant in told.values()}.intersection(BY)
    known = _labels(catalogue, wanted, there.terms if there else catalogue.files.names(kinds))
    for text, (name, meant) in told.items():
        if meant.kind == _FILES:
            is_there = edges.content.has(name) or _LEFT_OUT.search(name) is not None
            wrong = "leaves out nothing in content.root, which it is relative to"
            alike = set[str]()
        elif meant.kind in (_ITEM, _ID):
            from feedpub.core.matching import names_of  # only names of items need it

            items = items or {n for s in catalogue.stories.all().values() for n in names_of(s)}
            is_there = not items.isdisjoint((name, urls.canonical(name)))
            wrong, alike = "is no id, address, or path in content.root of an item", items
        else:
            is_there, some = meant in known, "an" if meant.kind == "author" else "a"
            wrong = f"is {some} {meant.kind} that no item has"
            alike = {label for feed, label in known.items() if feed.kind == meant.kind}
            alike.update(BY if "of" in name.node.where else ())
        if not is_there:
            hint = suggestion(name.removeprefix(f"{meant.kind}/"), alike) or "mend or remove it"
            file, line = str(name.node.source.path), name.node.line
            yield text, problem(file, "name-unmatched", f"{text} {wrong}; {hint}", line)


def _labels(catalogue: Catalogue, wanted: Policy, terms: Mapping[Name, str]) -> Mapping[Name, str]:
    """Return the labels of feeds: of parents, of those that there are, and of what items name."""
    known = {Name("topic", key): key for key in wanted.parents.values()}
    known |= {feed.name: feed.label for feed in catalogue.feeds.all().values()}
    return known | {feed_named("/".join(name), wanted): label for name, label in terms.items()}


def _told(config: Config, wanted: Policy, *, is_built: bool) -> dict[str, tuple[Written, Name]]:
    """Return the names that the content should have, and what they mean, by what is told of each."""
    sure = {*BY, _ITEM, _FILES} - {"language"} | ({_ID} if is_built else set())
    return {
        f"{dotted(name.node.where[: 4 if 'named' in name.node.where else 2])}: {shown(name)}": each
        for each in _names(config, wanted)
        for name, meant in [each]
        if meant.kind in sure or (meant.kind == "language" and "named" in name.node.where)
    }


def _names(config: Config, wanted: Policy) -> Iterator[tuple[Written, Name]]:
    """Yield the names that the content should have, each with what it means."""
    chosen, named = config.topics, config.feeds.named.values()
    said = (*chosen.only, *chosen.except_, *chosen.retired, *chosen.define)
    asked = _asked(chain(*chain(*((f.all, f.any, f.none, *f.also.values()) for f in named))))
    for kind, name in (*(("topic", name) for name in said), *asked):
        yield name, feed_named(f"{kind}/{name}", wanted)
    of = (f.digest.of for f in named if f.digest and f.digest.of not in ("", *BY))
    for name in (*config.feeds.addresses, *chain(*config.feeds.unique), *of):
        yield name, feed_named(name, wanted)
    for name in chain(*(each.items + each.except_ for each in named)):
        yield name, Name(_ITEM if "://" in name or ":" not in name else _ID, name)
    for name in config.content.exclude:
        yield name, Name(_FILES, name)


def _asked(clauses: Iterable[Clause]) -> Iterator[tuple[str, Written]]:
    """Yield the names that clauses ask for, as written, each with its kind."""
    for kind, parts, _ in clauses:
        yield from (
            _asked(parts) if kind in LISTS else ((kind, part) for part in parts if kind in BY)
        )
