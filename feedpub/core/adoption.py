"""Taking the place of feeds that were there before.

Items take over the ids and dates that they have there (`Adoption`: I1, D6); `compare` tells what readers
would see differently.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from feedpub.core.dates import day, rfc3339
from feedpub.core.model import ReadEntry, ReadFeed
from feedpub.core.stories import Adopted, Story, digest
from feedpub.core.text import legal
from feedpub.core.urls import canonical, identity, publishable

_LONGEST = 2048  # bytes of an id
END = re.compile(r"(?:/index)?(?:\.html?)?/?$")
"""The end of an address that is as well without."""

_SIGNS = re.compile(r"[\W_]+")
_FORMS = ("{path}", "{path without suffix}", "{path without suffix}/")


class Rule(NamedTuple):
    """How ids were made: `prefix`, where `{date}` is the day of the item, and a form of its path."""

    prefix: str
    form: int

    def id(self, story: Story, home: str, zone: tzinfo) -> str:
        """Return the id of an item of the site at `home`, whose days are those of `zone`."""
        prefix = self.prefix.replace("{date}", day(story.published, zone))
        return prefix + _forms(story.link, home)[self.form]

    def __str__(self) -> str:
        """Return it as people are shown it."""
        return self.prefix + _FORMS[self.form // 2 % 3]


def rule_of(matches: Sequence[tuple[str, Story]], home: str, zone: tzinfo) -> Rule | None:
    """Return the rule by which all `matches` have their ids, if there is one; see `Rule.id`.

    A single match tells of nothing but a form of its link.
    """
    found = [{*_rules(own, story, home, zone)} for own, story in matches]
    fit = set.intersection(*found) if found else set()
    fit = {r for r in fit if matches[1:] or re.fullmatch("https?://[^/]+", r.prefix)}
    return min(fit, key=lambda rule: ("{date}" not in rule.prefix, rule.form), default=None)


def _rules(own: str, story: Story, home: str, zone: tzinfo) -> Iterator[Rule]:
    for form, end in enumerate(_forms(story.link, home)):
        if end and own.endswith(end):
            prefix = own.removesuffix(end)
            yield Rule(prefix, form)
            yield Rule(prefix.replace(day(story.published, zone), "{date}"), form)


def _forms(link: str, home: str) -> list[str]:
    """Return what ids end with, as in `_FORMS`, each also with what is escaped as it is read."""
    path, base = (re.sub("^[^/]*//[^/]*", "", url) for url in (link, home.rstrip("/")))
    wholes = (path, path.removeprefix(base))  # Jekyll's `id` is without baseurl
    ends = (e for w in wholes for e in (w, END.sub("", w, 1), END.sub("/", w, 1)))
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


@lru_cache(1 << 16)  # of stories they are asked for with each feed
def _traits(link: str, title: str, date: int | None) -> tuple[str, ...]:
    whole = canonical(link)
    dated = ("", "") if date is None else (f"{title} {date}", f"{title} {date // 86_400}")
    return (whole, END.sub("", whole), *dated)


class Found(NamedTuple):
    """An old feed: how many entries it has, which items these are, ids that are left out, and why."""

    file: str
    format: str
    address: str
    entries: int
    items: frozenset[str]
    left: tuple[tuple[str, str], ...]


class Adoption:
    """What `stories`, which are published, take over from old feeds; those in `out` keep all (I1).

    What a story has it keeps, so the first feed counts, and no other one gets it: `known` are all
    that there are. Those of `taken` still have to be advanced.
    `rules` tells by format by which rule, '' for none, how many older items got ids. `apart` are the
    files of old feeds whose addresses no feed of ours has.
    """

    def __init__(
        self, stories: Mapping[str, Story], out: Collection[str], now: int, known: Iterable[Story]
    ) -> None:
        self._stories, self._out, self._now = dict(stories), out, now
        self._owners = {own: s.id for s in known for own in (s.id, *dict(s.ids).values())}
        self.taken: dict[str, Story] = {}
        self.found: list[Found] = []
        self.apart: list[str] = []
        self.rules: dict[str, tuple[str, int]] = {}

    @property
    def newer(self) -> int:
        """How many items are newer than all that the old feeds hold, so that no window has them."""
        held = [self._stories[own].published for old in self.found for own in old.items]
        newest = max(held, default=0)
        return sum(story.published > newest for story in self._stories.values())

    def take(self, file: str, feed: ReadFeed) -> None:
        """Take over the ids and dates that the entries of a feed have."""
        times = Counter(entry.id for entry in feed.entries)
        usable = {
            e.id: e for e in feed.entries if times[e.id] == 1 and 0 < len(e.id.encode()) <= _LONGEST
        }
        pairs, left = matched(usable.values(), self._stories.values()), []
        published, updated = (self._told(feed, kind) for kind in ("published", "updated"))
        for place, entry in enumerate(feed.entries, 1):
            story, own = pairs.get(entry.id, ""), entry.id
            dates = published.get(own), updated.get(own)
            if story and self._give(story, feed.format, own, dates):
                continue
            if story:
                why = "another item has its id, or it another one, known or of a feed named before"
            elif own in usable:
                why = "no item, or several, have its link, or its title and date"
            else:
                why = "its id is lacking, given twice or over 2 KB"
            left.append((own, f"entry {place} ({entry.link}): {why}"))
        found = len(feed.entries), frozenset(pairs.values()), tuple(left)
        self.found.append(Found(file, feed.format, feed.address, *found))

    def extend(self, format: str, home: str, zone: tzinfo) -> None:
        """Give older items than the feeds of a format hold the ids that their rule makes."""
        having = {s.id: s.id_in(format) for s in self._stories.values() if format in dict(s.ids)}
        newest = max((self._stories[own].published for own in having), default=0)
        rule = rule_of([(having[own], self._stories[own]) for own in having], home, zone)
        others = self._stories.keys() - having.keys() - {*self._out}
        old = [s for own in others if (s := self._stories[own]).published <= newest]
        made = {story.id: rule.id(story, home, zone) for story in old} if rule else {}
        times = Counter([*having.values(), *made.values()])
        unique = {o: s for s, o in made.items() if times[o] == 1 and o == legal(o).strip()}
        by_id = {own: story for own, story in unique.items() if self._give(story, format, own)}
        for place, found in enumerate(self.found):  # what only its id tells of is an item, too
            if found.format == format:
                items = found.items | {by_id[own] for own, _ in found.left if own in by_id}
                left = tuple(each for each in found.left if each[0] not in by_id)
                self.found[place] = found._replace(items=items, left=left)
        self.rules[format] = str(rule or ""), len(by_id)

    def _told(self, feed: ReadFeed, kind: str) -> dict[str, int]:
        """Return instants by ids of entries; what all have alike is when the feed was built."""
        told = {entry.id: getattr(entry, kind) for entry in feed.entries}
        is_build = len({*told.values()}) == 1
        return {own: t for own, t in told.items() if t and t <= self._now and not is_build}

    def _give(
        self, own: str, format: str, id_: str, dates: tuple[int | None, int | None] = (None, None)
    ) -> bool:
        """Give a story an id, unless another one has that, or it has one that readers know.

        Say whether it has that id now.
        """
        if self._owners.setdefault(id_, own) != own:
            return False
        story, (published, updated) = self._stories[own], dates
        ids, _, held = story.adopted or Adopted()
        if held is None and published != story.date:
            held = published
        adopted = Adopted(tuple(sorted(({format: id_} | dict(ids)).items())), story.date, held)
        if own not in self._out and adopted != story.adopted:
            instant = updated or (story.updated if ids else 0)
            self.taken[own] = story._replace(adopted=adopted, updated=instant)
            self._stories[own] = self.taken[own]
        return self._stories[own].id_in(format) == id_


# What readers would see differently

SAME = ("in both", "only in NEW, older than all in OLD")  # OLD may hold the newest alone


class Seen(NamedTuple):
    """What is seen of an item: the class of that, its link, and what the two sides say."""

    kind: str
    link: str
    old: str = ""
    new: str = ""


def compare(old: Mapping[str, ReadFeed], new: Mapping[str, ReadFeed]) -> Iterator[Seen]:
    """Compare the feeds of two sites, given by their paths, which tell which feed is which.

    An item is known again by its link, without suffix and slash, else by its title.
    """
    before, after = _items(old), _items(new)
    titles = {item["title"]: key for key, item in after.items() if key not in before}
    for key in [key for key in before if key not in after]:
        if before[key]["title"] and (match := titles.pop(before[key]["title"], "")):
            after[key] = after.pop(match)
    for key, item in before.items():
        name = item["link"] or item["title"]
        yield Seen(SAME[0] if key in after else "only in OLD", name)
        a, b = (_with_content(side.get(key, item)) for side in (before, after))
        differing = (name for name in a if a[name] != b.get(name, a[name]))
        yield from (Seen(_kind(n, a[n], b[n]), name, a[n], b[n]) for n in differing)
    oldest = min((item["date"] for item in before.values() if item["date"]), default="")
    for item in (item for key, item in after.items() if key not in before):
        yield Seen(SAME[1] if "" < item["date"] < oldest else "only in NEW", item["link"])
    for path, feed in old.items():
        # The path of a feed that stands alone may be longer.
        alike = [p for p in new if p == path or (len(old) == 1 and path.endswith(f"/{p}"))]
        if alike or len(old) == len(new) == 1:
            known, now = {entry.id for entry in feed.entries}, new[max(alike or new, key=len)]
            news = (entry.link for entry in now.entries if entry.id not in known)
            yield from (Seen(f"unread in {path}", link) for link in news)
        else:
            yield Seen("no such feed in NEW", path)


def _items(feeds: Mapping[str, ReadFeed]) -> dict[str, dict[str, str]]:
    """Return what feeds say of each item, by its link: the longest content, of all else the first."""
    found: dict[str, dict[str, str]] = {}
    for _, feed in sorted(feeds.items(), key=lambda each: (each[0].count("/"), each[0])):
        for entry in feed.entries:
            date = entry.updated if entry.published is None else entry.published
            item = {"link": entry.link, "title": entry.title, f"{feed.format} id": entry.id}
            item |= {"date": "" if date is None else rfc3339(date), "content": entry.content}
            first = found.setdefault(END.sub("", identity(entry.link)) or entry.id, item)
            first |= {**item, **first, "content": max(first["content"], entry.content, key=len)}
    return found


def _with_content(item: Mapping[str, str]) -> dict[str, str]:
    """Return an item with what its content has: text and, a line each, links, pictures, code."""
    parser = etree.HTMLParser(encoding="utf-8")
    tree = etree.fromstring(f"<div>{legal(item['content'])}</div>".encode(), parser)
    blocks = ("".join(map(str, block.itertext())).strip() for block in tree.iter("pre"))
    parts = {"code": "\n".join(blocks)}
    for name, tag, key in (("links", "a", "href"), ("pictures", "img", "src")):
        given = {e.get(key, "#") for e in tree.iter(tag)}
        absolute = {identity(publishable(one, item["link"])) for one in given if one[:1] != "#"}
        parts[name] = "\n".join(sorted(absolute))
    etree.strip_elements(tree, "pre", "script", "style", with_tail=False)
    return {**item, **parts, "content": " ".join(" ".join(map(str, tree.itertext())).split())}


def _kind(name: str, old: str, new: str) -> str:
    """Return the class of a difference: does one side say less, or the same with other signs?"""
    a, b = (identity(s) if name == "link" else _SIGNS.sub("", s).casefold() for s in (old, new))
    lines, others = set(old.splitlines()), set(new.splitlines())
    if a == b or name == "link":
        return f"{name}: {'other signs' if a == b else 'another'}"
    if a in b or lines <= others:
        return f"{name}: less in OLD"
    return f"{name}: less in NEW" if b in a or others <= lines else f"{name}: another"
