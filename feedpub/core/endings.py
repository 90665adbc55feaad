"""Endings: feeds that were moved, renamed, merged or retired, and what they say then (T6).

The feed of a renamed topic goes on under the new name, with its id. The ledger keeps under the old
name where the feed went, so that the old address leads to the heir even when the config no longer
names it, until the old name is a topic of its own again.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Container, Mapping

from feedpub.core import beginnings, topics
from feedpub.core.beginnings import Authority, Candidate, Former, slug_for, slugs_of
from feedpub.core.feeds import Feed, Layout, Place, address, head, is_live, label_of, updated
from feedpub.core.model import Entry, FeedHead, FeedWindow, Site
from feedpub.core.policy import EVERYTHING, NAMED, Name, Policy

LAST_SECONDS = 90 * 86_400
"""How long the last entry of a retired topic can be read; its address is gone then."""

_TOPIC = "topic"


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
    after |= beginnings.new_feeds(asked_for, after, policy, authority, now)
    after |= beginnings.orphaned(former, after, policy, now)
    _end(after, {claim.name for claim in claims}, policy, authority, now)
    named = beginnings.named_feeds(after, policy)
    given = [Candidate(name, now, "", label) for name, label in named.items()]
    after |= beginnings.new_feeds(given, after, policy, authority, now)
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
        name = Name(_TOPIC, key)
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
    names = [Name(_TOPIC, old) for old, heir in policy.aliases.items() if heir == key]
    busy = {f.id for f in feeds.values() if f.ended is None and not _is_ending(f, policy)}
    olds = [feeds[name] for name in names if name in feeds and feeds[name].id not in busy]
    return min(olds, key=lambda f: (f.ended is not None, f.created, f.key), default=None)


def _heirs(feeds: Mapping[Name, Feed], policy: Policy, now: int) -> list[Candidate]:
    """Return the topics that need a new feed: an old name had one, but it goes on elsewhere.

    That is so where the config had another heir before.
    """
    heirs = {heir for old, heir in policy.aliases.items() if Name(_TOPIC, old) in feeds}
    return [
        Candidate(Name(_TOPIC, key), now, "", policy.term(key).label)
        for key in sorted(heirs - policy.retired)
        if policy.admits(_TOPIC, key)
    ]


def _is_ending(feed: Feed, policy: Policy) -> bool:
    return feed.kind == _TOPIC and (feed.key in policy.aliases or feed.key in policy.retired)


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
        has_heir = heir == "" or Name(_TOPIC, heir) in feeds
        is_new = feed.ended is None or (feed.heir != heir and has_heir)
        if _is_ending(feed, policy) and is_new:
            feeds[name] = feed._replace(ended=now, heir=heir)
    for name, feed in feeds.items():
        asked_for = not feed.heir or name in claimed or feed.key in policy.defined
        is_topic = feed.kind == _TOPIC and feed.ended is not None
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


# what becomes of the documents ---------------------------------------------------------------


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


def final_window(
    feed: Feed, feeds: Mapping[Name, Feed], policy: Policy, site: Site, layout: Layout
) -> FeedWindow:
    """Return what the documents of an ended feed hold: one entry that says so, and where it went.

    A renamed feed is the feed of its heir, so it has its head, with id and `self` (RFC 4287
    §4.2.6); one that was merged or retired keeps its own. `layout` is as in `feeds.head`.
    """
    line = succession(feed, feeds)
    last, instant = line[-1], max(f.ended or 0 for f in line)
    top, label = head(feed, policy, site, layout, updated(feed, instant)), label_of(feed, policy)
    if last.ended is not None:
        text = f"{site.title} has no feed of {label} any more. This is its last entry."
        top = top._replace(offered={})
        title = f"This feed has ended: {label}"
        return _last(feed, top, instant, title, text, site.home or site.url)
    new = head(last, policy, site, layout, top.updated)
    is_same = last.id == feed.id
    news = f"{label} {'is now' if is_same else 'is now part of'} {label_of(last, policy)}"
    text = f"{news}. This is the last entry here. Please subscribe at the new address: {new.page}"
    top = new if is_same else top._replace(alternate=new.page, offered=new.addresses)
    return _last(feed, top, instant, f"This feed has moved: {news}", text, new.page)


def last_window(feed: Feed, place: Place, policy: Policy, site: Site, layout: Layout) -> FeedWindow:
    """Return what stands at an address that a feed has given up: one entry that says where it is."""
    top = head(feed, policy, site, layout, updated(feed, place.ended))
    there = {place.format: address(site, place.path)} | top.addresses
    title = f"This feed has moved: {top.title}"
    text = "This is the last entry at this address. Please subscribe at another one of the feed:"
    last = top._replace(addresses=there, offered=top.addresses)
    return _last(feed, last, place.ended, title, f"{text} {top.page}", top.page)


def _last(feed: Feed, top: FeedHead, instant: int, title: str, text: str, link: str) -> FeedWindow:
    """Return a window with an entry that is the last one; it lists where else people subscribe."""
    urls = map(html.escape, top.on_page.values())
    listed = "".join(f'<li><a href="{url}">{url}</a></li>' for url in urls)
    items = f"<ul>{listed}</ul>" if listed else ""
    content = f'<div dir="auto"><p>{html.escape(text, quote=False)}</p>{items}</div>'
    about = f"{feed.id}/ended/{instant}", title, link, instant, instant, text, content
    return FeedWindow(top, (Entry(*about, language="en"),))
