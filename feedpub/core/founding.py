"""Founding: the feeds that items ask for come to be, each with an id and an address (T1-T4, I5)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from feedpub.core import topics
from feedpub.core.feeds import ALL, KINDS, Definition, Feed, Name, Policy
from feedpub.core.stories import Authority


class Candidate(NamedTuple):
    """A feed that an item asks for: the older the item, the earlier it names and claims (T3)."""

    name: Name
    published: int
    item_id: str
    label: str


def establish(
    candidates: Collection[Candidate],
    existing: Collection[Feed],
    policy: Policy,
    authority: Authority,
    now: int,
) -> list[Feed]:
    """Return the feeds that `candidates` ask for and that do not exist yet (T1-T4, I5).

    The oldest item names its feed first, so that the result does not depend on order; an address
    that is taken gets a suffix made from the key.
    """
    known = {feed.name for feed in existing}
    taken = {(feed.kind, feed.slug) for feed in existing}
    made: list[Feed] = []
    for c in sorted(candidates, key=lambda c: (c.published, c.item_id, c.name.key)):
        if c.name in known:
            continue
        known.add(c.name)
        feed = _create(c, taken, policy.definition(*c.name), authority, now)
        taken.add((feed.kind, feed.slug))
        made.append(feed)
    return made


class Former(NamedTuple):
    """A feed of before the state was lost: what is left of it in out/, its title without ours."""

    kind: str
    id: str
    title: str
    slug: str


def left_behind(
    former: Collection[Former], existing: Collection[Feed], policy: Policy, now: int
) -> list[Feed]:
    """Return those of the `former` feeds that no item asks for any more, to be out empty (T5, I5).

    Their addresses must confirm the keys that their titles give, and be free.
    """
    names = {feed.name for feed in existing}
    taken = {text for feed in existing for text in (feed.id, feed.folder)}
    titles = {d.title: d.label or key for key, d in policy.defined.items() if d.title}
    made: list[Feed] = []
    for kind, own, title, slug in former:
        label = titles.get(title, title)
        name = Name(kind, topics.key(label))
        wanted = policy.definition(*name).slug or topics.slug(name.key)
        if kind not in KINDS or slug not in (wanted, topics.suffixed(wanted, name.key)):
            continue
        feed = Feed(*name, own, slug, label, created=now, meta="?")  # it was out, as it says so
        if name not in names and taken.isdisjoint((own, feed.folder)):
            names.add(name)
            taken |= {own, feed.folder}
            made.append(feed)
    return made


def _create(
    candidate: Candidate,
    taken: Collection[tuple[str, str]],
    definition: Definition,
    authority: Authority,
    now: int,
) -> Feed:
    kind, key = candidate.name
    slug, wanted = slug_for(candidate.name, definition, taken)
    return Feed(
        kind=kind,
        key=key,
        id=authority.feed(kind, key),
        slug=slug,
        label=candidate.label,
        created=now,
        wanted=wanted,
    )


def slug_for(
    name: Name, definition: Definition, taken: Collection[tuple[str, str]]
) -> tuple[str, str]:
    """Return a slug for a feed, and the one it should have if that is `taken`, else '' (T3)."""
    kind, key = name
    wanted = "" if kind == ALL else definition.slug or topics.slug(key)
    if (kind, wanted) in taken:
        return topics.suffixed(wanted, key), wanted
    return wanted, ""
