"""Beginnings: the ids of items, and feeds that items or the config ask for (I1, I5, T1-T5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from feedpub.core import topics
from feedpub.core.feeds import BY, Feed, feed_named, is_live, label_of
from feedpub.core.policy import ALL, NAMED, DigestRule, Name, Policy
from feedpub.core.stories import Copy


class Authority(NamedTuple):
    """The tagging entity of RFC 4151 under which ids are minted, where not `links` are ids (I1)."""

    domain: str
    date: str
    links: bool = False

    def tag(self, path: str, text: str, taken: Callable[[str], bool]) -> str:
        """Return the id of an item (`item`) or a feed (`feed/KIND`) from its key (I1, I5).

        An id that is `taken` is never given to another one: the key gets a number then.
        """
        key, salt = text, 0
        while True:
            digits = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
            made = f"tag:{self.domain},{self.date}:{path}/{digits}"
            if not taken(made):
                return made
            salt += 1
            key = f"{text}\n{salt}"  # no key of a feed has a line break


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


def mint(copy: Copy, authority: Authority, taken: Callable[[str], bool]) -> str:
    """Return the id of a new story that begins with `copy` (I1, I2).

    An explicit id that is an absolute URI is used verbatim, and so is the link where that is asked
    for, unless it is `taken`.
    """
    for own in (copy.explicit, copy.link if authority.links else ""):
        if own and _is_absolute_uri(own) and not taken(own):
            return own
    return authority.tag("item", copy.identity, taken)


def _is_absolute_uri(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or any(c in text for c in ' <>"{}|\\^`'):
        return False
    with suppress(ValueError):
        parts = urlsplit(text)
        return bool(parts.scheme and (parts.netloc or parts.path))
    return False
