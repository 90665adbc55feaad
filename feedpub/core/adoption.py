"""Adoption: the ids and dates that items take over from feeds that were there before (I1, D6)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple
from urllib.parse import unquote

from feedpub.core import urls
from feedpub.core.dates import day
from feedpub.core.model import ReadEntry, ReadFeed
from feedpub.core.stories import Adopted, Story, digest

_LONGEST = 2048  # bytes of an id
_END = re.compile(r"(?:/index)?(?:\.html?)?/?$")
_FORMS = ("{path}", "{path without suffix}", "{path without suffix}/")


class Rule(NamedTuple):
    """How ids were made: `prefix`, where `{date}` is the day in `zone`, and a form of the path."""

    prefix: str
    form: int
    zone: tzinfo | None

    def id(self, story: Story, home: str) -> str:
        """Return the id of an item of the site at `home`."""
        date = day(story.published, self.zone) if self.zone else "{date}"
        return self.prefix.replace("{date}", date) + _forms(story.link, home)[self.form]

    def __str__(self) -> str:
        """Return it as people are shown it."""
        return self.prefix + _FORMS[self.form // 2 % 3]


def rule_of(matches: Sequence[tuple[str, Story]], home: str, zone: tzinfo) -> Rule | None:
    """Return the rule by which all `matches` have their ids, if there is one.

    Their days are those of `zone`, or of UTC. A single match tells of nothing but a form of a link.
    """
    found = [{*_rules(own, story, home, (zone, UTC))} for own, story in matches]
    fit = set.intersection(*found) if found else set()
    fit = {r for r in fit if matches[1:] or re.fullmatch("https?://[^/]+", r.prefix)}
    return min(fit, key=lambda r: ("{date}" not in r.prefix, r.form, str(r.zone)), default=None)


def _rules(own: str, story: Story, home: str, zones: Sequence[tzinfo]) -> Iterator[Rule]:
    """Yield all rules by which an item has the id `own`."""
    for form, end in enumerate(_forms(story.link, home)):
        if end and own.endswith(end):
            prefix = own.removesuffix(end)
            yield Rule(prefix, form, None)
            for zone in zones:
                yield Rule(prefix.replace(day(story.published, zone), "{date}"), form, zone)


def _forms(link: str, home: str) -> list[str]:
    """Return what ids end with, as in `_FORMS`, each also with what is escaped as it is read."""
    path, base = (re.sub("^[^/]*//[^/]*", "", url) for url in (link, home.rstrip("/")))
    wholes = (path, path.removeprefix(base))  # Jekyll's `id` is without baseurl
    ends = (e for w in wholes for e in (w, _END.sub("", w, 1), _END.sub("/", w, 1)))
    return [form for end in ends for form in (end, unquote(end))]


def matched(entries: Collection[ReadEntry], stories: Collection[Story]) -> dict[str, str]:
    """Return by the id of an entry that of its story, one to one: by link, then title and date.

    What several have alike tells of none of them.
    """
    theirs = {e.id: _traits(e.link, digest(e.title), e.published) for e in entries}
    ours = {s.id: _traits(s.link, s.title, s.date) for s in stories}
    found: dict[str, str] = {}
    for rank in range(4):
        alike = defaultdict[str, tuple[list[str], list[str]]](lambda: ([], []))
        for side, known in enumerate((theirs, ours)):
            for own, traits in known.items():
                alike[traits[rank]][side].append(own)
        alike.pop("", None)
        for some, others in alike.values():
            if len(some) == len(others) == 1:
                found[some[0]] = others[0]
                del theirs[some[0]], ours[others[0]]
    return found


def _traits(link: str, title: str, date: int | None) -> tuple[str, ...]:
    whole = urls.canonical(link)
    dated = ("", "") if date is None else (f"{title} {date}", f"{title} {date // 86_400}")
    return (whole, _END.sub("", whole), *dated)


class Found(NamedTuple):
    """An old feed: how many entries it has, which items these are, what is left out, and why."""

    file: str
    format: str
    address: str
    entries: int
    items: tuple[str, ...]
    left: tuple[str, ...]


class Adoption(NamedTuple):
    """What old feeds gave: by which `rules`, '' for none, to how many older items, by format too.

    `stories` are those that took something over; they still have to be advanced.
    """

    found: list[Found]
    rules: dict[str, tuple[str, int]]
    stories: dict[str, Story]


def adoption(
    sources: Sequence[tuple[str, ReadFeed]],
    stories: Mapping[str, Story],
    out: Collection[str],
    site: tuple[str, tzinfo],
    now: int,
) -> Adoption:
    """Return what `stories`, which are published, take over from old feeds by their files (I1, D6).

    Readers know those in `out` by now. `site` is its address, and the zone of its days. What a story
    has it keeps, so the first feed counts.
    """
    free = {own: story for own, story in stories.items() if own not in out}
    known = {**stories}
    found = [_found(file, feed, known, free, now) for file, feed in sources]
    formats = sorted({feed.format for _, feed in sources})
    rules = {format: _extended(format, known, free, site) for format in formats}
    return Adoption(found, rules, {own: s for own, s in known.items() if s != stories[own]})


def _found(
    file: str, feed: ReadFeed, known: dict[str, Story], free: Collection[str], now: int
) -> Found:
    """Have `known` stories that are `free` take over what a feed has."""
    times = Counter(entry.id for entry in feed.entries)
    usable = {e.id: e for e in feed.entries if times[e.id] == 1 and 0 < len(e.id) <= _LONGEST}
    pairs, left = matched(usable.values(), known.values()), []
    published, updated = (_told(feed, kind, now) for kind in ("published", "updated"))
    for place, entry in enumerate(feed.entries, 1):
        own = entry.id
        if (story := known.get(pairs.get(own, ""))) is None:
            why = "no item, or several, have its link, or its title and date"
            why = why if own in usable else "its id is lacking, given twice or over 2 KB"
        else:
            if story.id in free:
                dates = published.get(own), updated.get(own)
                story = known[story.id] = _adopting(story, feed.format, own, *dates)
            if story.id_in(feed.format) == own:
                continue
            why = "readers know its item by another id, or a feed named before has one"
        left.append(f"entry {place} ({entry.link}): {why}")
    items = tuple(sorted(pairs.values()))
    return Found(file, feed.format, feed.address, len(feed.entries), items, tuple(left))


def _told(feed: ReadFeed, kind: str, now: int) -> dict[str, int]:
    """Return the instants of entries by their ids; what all have alike is when the feed was built."""
    told = {entry.id: getattr(entry, kind) for entry in feed.entries}
    return {own: t for own, t in told.items() if t and t <= now and len({*told.values()}) > 1}


def _adopting(
    story: Story, format: str, own: str, published: int | None = None, updated: int | None = None
) -> Story:
    """Return a story with an id, and with dates, where it has adopted none before."""
    ids, _, held = story.adopted or Adopted()
    if held is None and published != story.date:
        held = published
    adopted = Adopted(tuple(sorted(({format: own} | dict(ids)).items())), story.date, held)
    return story._replace(adopted=adopted, updated=updated or (story.updated if ids else 0))


def _extended(
    format: str, known: dict[str, Story], free: Collection[str], site: tuple[str, tzinfo]
) -> tuple[str, int]:
    """Give older items that old feeds hold no more the ids that their rule makes; return both."""
    matches = [(s.id_in(format), s) for s in known.values() if format in dict(s.ids)]
    if (rule := rule_of(matches, *site)) is None:
        return "", 0
    newest = max(story.published for _, story in matches)
    old = (known[own] for own in free if format not in dict(known[own].ids))
    made = {story.id: rule.id(story, site[0]) for story in old if story.published <= newest}
    times = Counter([*(own for own, _ in matches), *made.values()])
    made = {own: id_ for own, id_ in made.items() if times[id_] == 1}
    known.update((own, _adopting(known[own], format, made[own])) for own in made)
    return str(rule), len(made)
