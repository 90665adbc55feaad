"""The life of feeds, from run to run: they begin, move, are renamed, merged or retired, and end.

Feeds begin when items or the config ask for them (T1-T5, I5). The feed of a renamed topic goes on
under the new name, with its id. The ledger keeps under the old name where the feed went, so that the
old address leads to the heir even when the config no longer names it, until the old name is a topic
of its own again (T6).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import NamedTuple

from feedpub.core import topics
from feedpub.core.feeds import BY, Feed, feed_named, is_live, label_of
from feedpub.core.policy import ALL, EVERYTHING, NAMED, DigestRule, Name, Policy
from feedpub.core.stories import Authority

LAST_SECONDS = 90 * 86_400
"""How long the last entry of a retired topic can be read; its address is gone then."""


# how feeds go on ---------------------------------------------------------------------------------


def moved_on(
    feeds: Mapping[Name, Feed],
    claims: Collection[Candidate],
    former: Collection[Former],
    policy: Policy,
    authority: Authority,
    now: int,
) -> dict[Name, Feed]:
    """Return all feeds as they are from now on: known, renamed, new and ended ones (T1-T6, I5).

    `claims` are the feeds that items ask for, `former` those that a lost state had.
    """
    after = dict(feeds)
    _move(after, policy)
    _rename(after, policy)
    # The feed of everything, and what the config names, is there even before it has an item (F5).
    asked_for = (Candidate(EVERYTHING, now, "", ""), *claims, *_heirs(after, policy, now))
    after |= new_feeds(asked_for, after, policy, authority, now)
    after |= orphaned(former, after, policy, now)
    _end(after, {claim.name for claim in claims}, policy, authority, now)
    named = named_feeds(after, policy)
    given = [Candidate(name, now, "", label) for name, label in named.items()]
    after |= new_feeds(given, after, policy, authority, now)
    for name, feed in after.items():
        if name in named:  # what it is called outlasts the config
            back = feed if feed.ended is None else feed._replace(ended=None, changed=now)
            after[name] = back._replace(label=named[name])
        elif name.kind == NAMED and feed.ended is None:
            after[name] = feed._replace(ended=now)
    return after


def _move(feeds: dict[Name, Feed], policy: Policy) -> None:
    """Give feeds the slugs that the config names for them by now, where no other feed had these."""
    for name, feed in feeds.items():
        asked = policy.definition(*name).slug
        slug = asked or feed.slug
        if slug != feed.slug and feed.has_address and feed.ended is None:
            taken = slugs_of([other for other in feeds.values() if other is not feed])
            new, wanted = (feed.slug, slug) if (feed.kind, slug) in taken else (slug, "")
            feeds[name] = feed._replace(slug=new, wanted=wanted)
        elif feed.wanted and (asked or feed.wanted != topics.slug(feed.key)):
            feeds[name] = feed._replace(wanted="")  # the config asks for it no more


def _rename(feeds: dict[Name, Feed], policy: Policy) -> None:
    """Let feeds go on under a new name; old ones may leave their address to it.

    A topic without a feed takes over that of its oldest alias, with id, creation and dates, and
    its address if the new name has the same one. One that has a feed keeps that: it is a merger.
    """
    for key in sorted(set(policy.aliases.values())):
        name = Name("topic", key)
        if name in feeds or not policy.admits(*name) or not (old := _forebear(key, feeds, policy)):
            continue
        slug, wanted = slug_for(name, policy, slugs_of([f for f in feeds.values() if f is not old]))
        new = old._replace(key=key, label=policy.term(key).label, ended=None, heir="")
        if slug == old.slug:
            feeds[old.name] = old._replace(slug="", wanted="", places=())
            feeds[name] = new._replace(wanted=wanted)
        else:
            feeds[name] = new._replace(slug=slug, wanted=wanted, places=())


def _forebear(key: str, feeds: Mapping[Name, Feed], policy: Policy) -> Feed | None:
    """Return the feed that goes on under the topic `key`: one that goes on under no other."""
    names = [Name("topic", old) for old, heir in policy.aliases.items() if heir == key]
    busy = {f.id for f in feeds.values() if f.ended is None and not _is_ending(f, policy)}
    olds = [feeds[name] for name in names if name in feeds and feeds[name].id not in busy]
    return min(olds, key=lambda f: (f.ended is not None, f.created, f.key), default=None)


def _heirs(feeds: Mapping[Name, Feed], policy: Policy, now: int) -> list[Candidate]:
    """Return the topics that need a new feed: an old name had one, but it goes on elsewhere.

    That is so where the config had another heir before.
    """
    heirs = {heir for old, heir in policy.aliases.items() if Name("topic", old) in feeds}
    return [
        Candidate(Name("topic", key), now, "", policy.term(key).label)
        for key in sorted(heirs - policy.retired)
        if policy.admits("topic", key)
    ]


def _is_ending(feed: Feed, policy: Policy) -> bool:
    return feed.kind == "topic" and (feed.key in policy.aliases or feed.key in policy.retired)


def _end(
    feeds: dict[Name, Feed],
    claimed: Container[Name],
    policy: Policy,
    authority: Authority,
    now: int,
) -> None:
    """End what was renamed, merged or retired, and bring back what no longer is.

    A retired feed comes back when the config retires it no longer; one that moved, when an item
    (`claimed`) or a definition in the config asks for it.
    """
    for name, feed in feeds.items():
        heir = policy.aliases.get(feed.key, "")
        has_heir = heir == "" or Name("topic", heir) in feeds
        is_new = feed.ended is None or (feed.heir != heir and has_heir)
        if _is_ending(feed, policy) and is_new:
            feeds[name] = feed._replace(ended=now, heir=heir)
    for name, feed in feeds.items():
        asked_for = not feed.heir or name in claimed or feed.key in policy.defined
        is_topic = feed.kind == "topic" and feed.ended is not None
        if is_topic and asked_for and not _is_ending(feed, policy):
            feeds[name] = _revived(feed, feeds, policy, authority, now)


def _revived(
    feed: Feed, feeds: Mapping[Name, Feed], policy: Policy, authority: Authority, now: int
) -> Feed:
    """Return a feed that goes on again; what went on without it keeps id and address (I5, T3)."""
    own, slug, wanted = feed.id, feed.slug, feed.wanted
    if own in {f.id for f in feeds.values() if f.ended is None}:
        taken = {f.id for f in feeds.values()}
        own = authority.tag(f"feed/{feed.kind}", feed.key, taken.__contains__)
    if not slug:
        slug, wanted = slug_for(feed.name, policy, slugs_of(feeds.values()))
    return feed._replace(id=own, slug=slug, wanted=wanted, ended=None, heir="", changed=now)


# how feeds begin ---------------------------------------------------------------------------------


class Candidate(NamedTuple):
    """A feed that an item asks for: the older the item, the earlier it names and claims (T3)."""

    name: Name
    published: int
    item_id: str
    label: str


def new_feeds(
    candidates: Collection[Candidate],
    existing: Mapping[Name, Feed],
    policy: Policy,
    authority: Authority,
    now: int,
) -> dict[Name, Feed]:
    """Return the feeds that `candidates` ask for and that do not exist yet (T1-T4, I5).

    The oldest item names its feed first, so that the result does not depend on order; an address
    that is taken gets a suffix made from the key.
    """
    ids, taken = {feed.id for feed in existing.values()}, slugs_of(existing.values())
    made: dict[Name, Feed] = {}
    for c in sorted(candidates, key=lambda c: (c.published, c.item_id, c.name.key)):
        if c.name in existing or c.name in made:
            continue
        slug, wanted = slug_for(c.name, policy, taken)
        taken.add((c.name.kind, slug))
        own = authority.tag(f"feed/{c.name.kind}", c.name.key, ids.__contains__)
        made[c.name] = Feed(*c.name, own, slug, c.label, now, wanted=wanted)
    return made


def digested(name: Name, policy: Policy) -> tuple[DigestRule, Name] | None:
    """Return when a feed of digests has them, and of which feed; None for any other (N4)."""
    key, slash, of = name.key.partition("/")
    rule = policy.named[key].digest if name.kind == NAMED and key in policy.named else None
    if rule is None or not slash:
        return rule and (rule, feed_named(rule.of, policy) if rule.of else name)
    return rule, Name(rule.of, policy.aliases.get(of, of) if rule.of == "topic" else of)


def named_feeds(feeds: Mapping[Name, Feed], policy: Policy) -> dict[Name, str]:
    """Return the feeds that the config names, with their labels (N1).

    Digests of a kind have a feed for each of that kind; it goes on when a topic is renamed (N4).
    """
    found: dict[Name, str] = {}
    there = {(n.key.partition("/")[0], told[1]): n for n in feeds if (told := digested(n, policy))}
    for key, named in policy.named.items():
        kind, label = named.digest.of if named.digest else "", named.definition.label
        for of, feed in feeds.items():
            if of.kind == kind and is_live(feed, policy):
                own = Name(NAMED, f"{key}/{of.key}")
                name = own if own in feeds else there.get((key, of), own)
                found[name] = f"{label}: {label_of(feed, policy)}"
        if kind not in BY:
            found[Name(NAMED, key)] = label
    return found


class Former(NamedTuple):
    """A feed from before the state was lost, as out/ shows it; `title` is without that of the site."""

    kind: str
    id: str
    title: str
    slug: str


def orphaned(
    former: Collection[Former], existing: Mapping[Name, Feed], policy: Policy, now: int
) -> dict[Name, Feed]:
    """Return the `former` feeds that no item asks for any more; they stay out, empty (T5, I5).

    Their addresses must confirm the keys that their titles give, and be free.
    """
    taken = {each for f in existing.values() for each in (f.id, (f.kind, f.slug))}
    titles = {d.title: d.label or key for key, d in policy.defined.items() if d.title}
    made: dict[Name, Feed] = {}
    for kind, own, title, slug in former:
        label = titles.get(title, title)
        name = Name(kind, topics.key(label))
        wanted = policy.definition(*name).slug or topics.slug(name.key)
        is_confirmed = kind in BY and slug in (wanted, topics.suffixed(wanted, name.key))
        is_new = name not in existing and name not in made
        if is_confirmed and is_new and taken.isdisjoint(both := (own, (kind, slug))):
            taken.update(both)  # `meta` says that it was out
            made[name] = Feed(*name, own, slug, label, created=now, meta="?")
    return made


def slug_for(name: Name, policy: Policy, taken: Collection[tuple[str, str]]) -> tuple[str, str]:
    """Return a slug for a feed, and the one it should have if that is `taken`, else '' (T3)."""
    kind, key = name
    wanted = "" if kind == ALL else policy.definition(kind, key).slug or topics.slug(key)
    return (topics.suffixed(wanted, key), wanted) if (kind, wanted) in taken else (wanted, "")


def slugs_of(feeds: Collection[Feed]) -> set[tuple[str, str]]:
    """Return the slugs that feeds have or had, by kind: no other feed gets one of them (T3)."""
    had = ((f.kind, p.home or p.path) for f in feeds for p in f.places if f.slug)
    former = {(kind, f"/{path}".split("/")[-2]) for kind, path in had}
    return former | {(feed.kind, feed.slug) for feed in feeds}


# what becomes of the documents -------------------------------------------------------------------


def succession(feed: Feed, feeds: Mapping[Name, Feed]) -> list[Feed]:
    """Return `feed` and its heirs, down to the one that goes on or was retired.

    Empty when an heir has no feed: then nobody can say where the feed went.
    """
    found = [feed]
    while found[-1].heir:
        heir = feeds.get(Name(feed.kind, found[-1].heir))
        if heir is None or heir in found:
            return []
        found.append(heir)
    return found


def has_documents(feed: Feed, feeds: Mapping[Name, Feed], policy: Policy, now: int) -> bool:
    """Say whether a feed has documents: it goes on, or what tells of its end can be read."""
    line = succession(feed, feeds)
    if not (line and feed.was_out and feed.has_address):
        return False
    last = line[-1]
    return policy.admits(last.kind, last.key) and (
        last.ended is None or now < last.ended + LAST_SECONDS
    )


def departed(
    feeds: Mapping[Name, Feed], policy: Policy, now: int
) -> list[tuple[Feed, Feed | None]]:
    """Return the feeds whose address is no more, each with the one that took its place.

    None took the place of one that was retired; its address is gone when its last entry is. Of one
    whose heir has no feed nobody can say where it went.
    """
    found: list[tuple[Feed, Feed | None]] = []
    ended = [f for f in feeds.values() if f.ended is not None and f.was_out and f.has_address]
    for feed in sorted(ended, key=lambda feed: (feed.kind, feed.slug)):
        line = succession(feed, feeds)
        if line and is_live(line[-1], policy):
            found.append((feed, line[-1]))
        elif line and line[-1].ended is not None and not has_documents(feed, feeds, policy, now):
            found.append((feed, None))
    return found
