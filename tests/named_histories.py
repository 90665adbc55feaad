"""Random histories of a site whose editors have feeds of their own, as subscribers see them.

What happens in histories.py happens here, too, while scores move with every build, rules change,
and items say which feeds they may be in. The truth that feeds are held to is told in
site_builder.py, site_topics.py and site_named.py. After each build a checkout of the content, with
nothing but the text ledger and its files in another order, must come to the same bytes, and a
second build must write nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from histories import SITE_ACTS, Build, History, Op, Play, Step, Tally, in_process
from site_builder import (
    DAY,
    OPERATIONS,
    Author,
    Copy,
    Expected,
    Operation,
    Story,
    Window,
    instant,
    tail_of,
)
from site_digests import Digests
from site_named import DIGESTS, FACETS, KEYS, Config, Facts, Member, NamedFeed, some_rule
from site_topics import FOLDERS
from small_site import Site, files_below
from subscriber import Fault

_LINK = re.compile(r'<a href="([^"]*)"[^>]*>([^<]*)<')
_NUMBER = re.compile(r"of number (\d+) in voice")
_MARK = re.compile(r"story(\d{3})\.")
_MORE = re.compile(r"(\d+) more since")
_TOMBSTONE = re.compile(rb'deleted-entry ref="([^"]+)"')
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
_BEGINS = tuple(
    int(datetime(2026, month, day, 20, tzinfo=UTC).timestamp())
    for month, day in ((1, 10), (3, 27), (3, 6), (4, 3), (10, 23), (2, 26), (10, 30))
)
_FORMATS = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}


@dataclass
class Grown:
    """Which links of a story its readers know, since when, and when they were told of some (N5)."""

    links: set[str]
    since: int
    rule: tuple[str, int]
    told: int = 0


class Desk(Author):
    """An author at a site with named feeds; `facets`, `wishes` and `grown` are by story.

    `unique` are lists of feeds, as `wishes` called by a label: everything, topic/NAME, or a key.
    """

    def __init__(self, content: Path, window: Window) -> None:
        super().__init__(content, window)
        self.facets: dict[int, dict[str, str]] = {}
        self.wishes: dict[int, dict[str, list[str]]] = {}
        self.named: dict[str, NamedFeed] = {}
        self.former: dict[str, NamedFeed] = {}
        self.unique: list[list[str]] = []
        self.zone = "UTC"
        self.clock_is_back = False
        self.growth = "off", 1
        self.grown: dict[int, Grown] = {}
        self._before: dict[int, tuple[bool, int]] = {}

    # files -----------------------------------------------------------------------------------

    def _text(self, story: Story, copy: Copy) -> str:
        facets = self.facets.setdefault(story.number, _some_facets(Random(story.number)))
        fields: dict[str, Any] = {"locale" if k == "language" else k: v for k, v in facets.items()}
        wish = False if copy.flag == "feedless" else self.wishes.get(story.number)
        fields |= {"feeds": wish} if wish is not None else {}
        lines = [f"{key}: {json.dumps(value)}" for key, value in fields.items()]
        return super()._text(story, copy).replace("---\n", "\n".join(["---", *lines, ""]), 1)

    def names_of(self, story: Story) -> set[str]:
        """Return what lists by hand may call a story (N3)."""
        own = {f"ours-{story.number}"} if story.kind == "id" else set[str]()
        return own | {copy.path for copy in story.copies} | {f"https://news.example/{story.tail}"}

    # what must be out --------------------------------------------------------------------------

    def settle(self, now: int) -> None:
        """Take note of a build at `now`."""
        stories = self.stories.values()
        self._before = {s.number: (s.out, s.entered) for s in stories if s.first_out is not None}
        if self.clock_is_back:
            self._set_back(now)
        super().settle(now)

    def _set_back(self, now: int) -> None:
        """Take note that what a clock that ran ahead has dated is of the present (D10)."""
        for story in self.stories.values():
            if story.first_out is not None:
                story.first_out = min(story.first_out, now)
            if story.date is None and story.published is not None:
                story.published = min(story.published, now)
            story.updated, story.came = min(story.updated, now), min(story.came, now)
            story.held = min(story.held, now)
        for feed in (*self.named.values(), *self.former.values()):
            feed.first = {number: min(at, now) for number, at in feed.first.items()}
            feed.digests.set_back(now)

    def grow(self, before: Mapping[int, int], now: int) -> None:
        """Tell of links that came, if that is asked for (N5)."""
        mode, least = self.growth
        for story in self.stories.values() if mode != "off" else ():
            every, shown = {*map(tail_of, story.related)}, self.links_of(story)
            known = self.grown.get(story.number)
            if not story.out or not story.face or story.face.damage:
                continue
            if not known or story.number not in before or known.rule != self.growth:
                known = None
            if known is None or known.since > now:
                self.grown[story.number] = Grown(every, now, self.growth)
            elif mode == "update":
                came = shown - known.links
                is_free = story.updated != before[story.number] or now >= known.told + DAY
                is_told = len(came) >= least and is_free
                known.links |= every if is_told else every - came
                if is_told:
                    story.updated, known.since, known.told = max(story.updated, now), now, now
        if mode == "off":
            self.grown.clear()

    def news_of(self, story: Story) -> int:
        """Return of how many links that came since an entry says that there are more."""
        known = self.grown.get(story.number)
        mode, least = self.growth
        came = self.links_of(story) - known.links if known and mode == "note" else set[str]()
        return len(came) if len(came) >= least else 0

    def choose(self, now: int) -> None:
        """Choose for the named feeds (N1-N3)."""
        ids = self._ids()
        members = {s.number: self._member(s, ids) for s in self.stories.values()}
        out = [members[s.number] for s in self.stories.values() if s.out]
        topics = self.topics
        own = FOLDERS.keys() - topics.aliases.keys()  # what is said of others says nothing
        parents = {t: topics.today(p) for t, p in topics.parents.items() if t in own}
        config = {**topics.aliases}, parents, topics.including & own, {*topics.retired}
        rests = {key: (config, self._before_it(key)) for key in self.named}
        for key, feed in self.named.items():
            feed.choose(out, topics.today, rests[key])
        within = {m.number: self._feeds_of(self.stories[m.number]) for m in out}
        for key, feed in self.named.items():
            inside = {number for number, feeds in within.items() if f"named/{key}" in feeds}
            feed.take(inside, members, rests[key], now)
        for feed in self.former.values():
            feed.take(set(), members, None, now)
            feed.known = None
        for key, feed in self.named.items():
            if asked := feed.config.get("digest"):
                source = self.resolve(asked["of"]) if "of" in asked else f"named/{key}"
                entered = {n: self._entered(n, feed) for n, own in within.items() if source in own}
                told = source if "of" in asked else feed.known
                feed.digests.settle(asked, self.zone, told, entered, within, now)
            else:
                feed.digests = Digests()

    def _entered(self, number: int, feed: NamedFeed) -> int:
        """Return when a story entered a feed (F6, N2)."""
        story = self.stories[number]
        return max(story.published or 0, feed.first.get(number, story.entered))

    def _before_it(self, key: str) -> list[Any]:
        """Return the feeds that come before one in `unique`, and what is in these: it has the rest."""
        lists = [labels[: labels.index(key)] for labels in self.unique if key in labels]
        return [
            (label, self.named[label].rule if label in self.named else None)
            for labels in lists
            for label in labels
        ]

    def _member(self, story: Story, ids: Mapping[int, str]) -> Member:
        was_out, before = self._before.get(story.number, (False, story.entered))
        face = story.face
        named = {topic for copy in story.live() for topic in copy.topics}
        own = {self.topics.today(topic) for topic in named}
        above = {each for topic in own for each in self.topics.above(topic)}
        terms = {kind: {value} for kind, value in self.facets[story.number].items()}
        terms["topic"] = (own | (above & self.topics.including)) - self.topics.retired
        facts = Facts(
            terms,
            story.title(face) if face else "",
            face.quality if face else 0,
            face.heat if face else 0,
            self.names_of(story),
        )

        def may_be_in(key: str) -> bool:
            return self._permits(story.number, f"named/{key}")

        return Member(
            story.number,
            ids.get(story.number, ""),
            story.entered,
            before,
            was_out,
            facts,
            may_be_in,
        )

    def _ids(self) -> dict[int, str]:
        """Return ids as feeds show them: of stories with the same instant the first is better."""
        found: dict[int, str] = {}
        for path in (self.content.parent / "out").rglob("feed.json"):
            for item in json.loads(path.read_bytes())["items"]:
                if mark := _MARK.search(item.get("summary", "")):
                    found[int(mark[1])] = item["id"]
        return found

    def resolve(self, label: str) -> str:
        """Return the feed that a label means."""
        if label == "everything":
            return label
        if label in self.named:
            return f"named/{label}"
        return f"topic/{self.topics.today(label.removeprefix('topic/'))}"

    def _permits(self, number: int, feed: str) -> bool:
        wish = self.wishes.get(number, {})
        only, apart = ([*map(self.resolve, wish.get(how, ()))] for how in ("only", "not"))
        return feed not in apart and ("only" not in wish or feed in only)

    def _feeds_of(self, story: Story) -> list[str]:
        """Return all feeds that a story is in that is out."""
        topics = {f"topic/{topic}" for topic in super().topics_of(story)}
        named = {f"named/{key}" for key, f in self.named.items() if story.number in f.wants}
        found = {"everything", *topics, *named}
        found = {feed for feed in found if self._permits(story.number, feed)}
        for labels in self.unique:
            wanting = [feed for feed in map(self.resolve, labels) if feed in found]
            found -= {*wanting[1:]}
        return sorted(found)

    def topics_of(self, story: Story) -> set[str]:
        """Return the topics in whose feeds a story is that is out."""
        feeds = self._feeds_of(story)
        return {feed.removeprefix("topic/") for feed in feeds if feed.startswith("topic/")}

    def feeds(self) -> dict[str, Expected]:
        """Return what each feed must show, by its folder in out/."""
        out = [s for s in self.stories.values() if s.out]
        within = {s.number: self._feeds_of(s) for s in out}

        def members(feed: str) -> list[Story]:
            return [s for s in out if feed in within[s.number]]

        expected = {"": self.shown(members("everything"), self.window)}
        for topic in self.topics.live():
            folder = f"topics/{FOLDERS[topic]}/"
            expected[folder] = self.shown(members(f"topic/{topic}"), self.window)
        for key, feed in self.named.items():
            if "digest" in feed.config:
                continue
            window = Window(**feed.config["window"]) if "window" in feed.config else self.window
            inside = members(f"named/{key}")
            assert {s.number for s in inside} == feed.inside
            first = {number: self._entered(number, feed) for number in feed.inside}
            expected[f"feeds/{key}/"] = self.shown(inside, window, first)
        return expected

    def is_page(self, story: Story) -> bool:
        """Say whether a story is on the site, and in no feed (S3)."""
        flags = [copy.flag for copy in story.copies]
        due = story.date is None or story.date <= self.now
        return "feedless" in flags and not story.out and due and "removed" not in flags

    def links_of(self, story: Story) -> set[str]:
        """Return the related links that an entry of `story` must show, if there is room (R2)."""
        pages = {s.tail for s in self.stories.values() if self.is_page(s)} - {story.tail}
        known = {end for url in story.related if (end := tail_of(url)) in pages}
        return super().links_of(story) | known

    def secrets(self) -> list[str]:
        """Return what must be nowhere in out/."""
        pages = {s.tail for s in self.stories.values() if self.is_page(s)}
        return [text for text in super().secrets() if text not in pages]


def _some_facets(rng: Random) -> dict[str, str]:
    return {kind: rng.choice(values) for kind, values in FACETS.items()}


# what may become of items ------------------------------------------------------------------------


def _refacet(author: Author, story: Story, rng: Random) -> None:
    assert isinstance(author, Desk)
    kind = rng.choice(sorted(FACETS))
    author.facets[story.number][kind] = rng.choice(FACETS[kind])
    author.write_all(story)


def _wish(author: Author, story: Story, rng: Random) -> None:
    assert isinstance(author, Desk)
    if author.wishes.pop(story.number, None) and rng.random() < 0.6:
        author.write_all(story)
        return
    labels = ["everything", *KEYS, *(f"topic/{topic}" for topic in sorted(FOLDERS)), "AI"]
    chosen = rng.sample(labels, rng.choice([1, 2, 4]))
    author.wishes[story.number] = {rng.choice(["only", "not"]): chosen}
    author.write_all(story)


def _link_more(author: Author, story: Story, rng: Random) -> None:
    links = [f"https://other.example/{rng.randrange(40)}" for _ in range(rng.choice([1, 1, 2, 3]))]
    story.related = [*dict.fromkeys((*story.related, *links))][-9:]
    author.write_all(story)


def _leave_all(author: Author, story: Story, rng: Random) -> None:
    del rng
    for copy in story.copies:
        copy.flag = "feedless"
        author.write(story, copy)


def _single(story: Story) -> bool:
    return len(story.copies) == 1 and not any(c.flag == "feedless" for c in story.copies)


def _also(name: str) -> Operation:
    """Return an operation for what has one file that is in feeds: else much is left open."""
    own = OPERATIONS[name]
    return Operation(lambda story: own.applies(story) and _single(story), own.act)


_LEFT_OPEN = ("break", "a second", "rename and change")
"""What leaves open which of two files is shown next, once their scores have moved."""

NAMED_OPERATIONS: dict[str, Operation] = {
    **OPERATIONS,
    **{name: _also(name) for name in OPERATIONS if name.startswith(_LEFT_OPEN)},
    "other facets": Operation(Story.is_sound, _refacet),
    "feeds: only, not": Operation(Story.is_sound, _wish),
    "more links": Operation(Story.is_sound, _link_more),
    "feeds: false": Operation(
        lambda s: s.is_sound() and not s.is_held() and _single(s), _leave_all
    ),
}


class NamedPlay(Play):
    """One history of a site with named feeds, its scores moving all the time."""

    author = Desk
    operations = NAMED_OPERATIONS
    documents: tuple[str, ...] = ("atom.xml", "feed.json")
    is_short = "HISTORIES" not in os.environ
    most_steps = 4 if is_short else 99
    _author: Desk

    def __init__(self, root: Path, history: History, build: Build, tally: Tally) -> None:
        self._twins = 0
        self._seed = history.seed
        if history.seed % 4 == 0:
            self.documents = tuple(_FORMATS.values())
        self._known: dict[str, dict[str, tuple[tuple[str, str], list[tuple[str, str]]]]] = {}
        self._ahead = self._latest = 0
        self._downs: dict[int, int] = {}
        self._last: dict[str, set[int]] = {}
        self._was_out: set[int] = set()
        super().__init__(root, history, build, tally)

    def _configure(self) -> None:
        super()._configure()
        author = self._author
        author.unique = [
            known
            for labels in author.unique
            if len(known := [n for n in labels if n in author.named or n not in KEYS]) > 1
        ]
        named = {key: _written(feed.config) for key, feed in author.named.items()}
        formats = [name for name, file in _FORMATS.items() if file in self.documents]
        mode, least = author.growth
        given = {"named": named, "unique": author.unique, "formats": formats}
        given |= {"growth": mode, "growth_links": least}
        self._author.zone = _ZONES[self._seed % len(_ZONES)]
        self._site.configure(feeds=given, site={"timezone": self._author.zone})

    @staticmethod
    def begins(seed: int) -> int:
        """Return an instant from which the clocks of some zone are not far from being changed."""
        return _BEGINS[seed % len(_BEGINS)]

    # what happens --------------------------------------------------------------------------

    def script(self, rng: Random, acts: Sequence[str]) -> Iterator[Step]:
        """Yield steps: first feeds are named, then scores move with each build."""
        first = [Op("name a feed", 0, rng.randrange(1 << 30)) for _ in range(rng.choice([3, 4, 6]))]
        if rng.random() < 0.6:
            first += [Op("have digests", 0, rng.randrange(1 << 30)) for _ in range(2)]
        yield Step(tuple(first), rng.choice([60, DAY]))
        for step in islice(super().script(rng, acts), self.most_steps):
            moved = Op("scores move", 0, rng.randrange(1 << 30))
            yield Step((*step.ops, moved), step.pause)

    def score(self, rng: Random) -> bool:
        """Have the scores of many items move."""
        stories = [
            s
            for s in self._author.stories.values()
            if s.is_sound() and not s.away and s.number not in self._author.touched
        ]
        for story in rng.sample(stories, len(stories) * 2 // 3):
            copy = rng.choice(story.copies)
            copy.quality += rng.randrange(-7, 8)
            copy.heat += rng.randrange(-5, 7)
            self._author.touched.add(story.number)
            self._author.write(story, copy)
        return bool(stories)

    def _is_away(self) -> bool:
        """Say whether most files are away: they change their feeds when they are back."""
        return any(story.away for story in self._author.stories.values())

    def have_digests(self, rng: Random) -> bool:
        """Name a feed of digests, or have another one."""
        return self.name(rng, DIGESTS)

    def name(self, rng: Random, keys: Sequence[str] = KEYS) -> bool:
        """Name a feed, or have its rule be another one."""
        author, key = self._author, rng.choice(keys)
        if self._is_away():
            return False
        names = sorted(rng.choice(sorted(author.names_of(s))) for s in author.stories.values())
        rule = some_rule(rng, key, max(author.stories), names)
        if key in author.named and rng.random() < 0.5:  # other lists by hand, or marks
            own = author.named[key].config
            rule = own | {k: v for k, v in rule.items() if k in own and k in _SINGLE}
            if own.get("at_least") != rule.get("at_least"):
                rule.pop("leave", None)
        feed = author.named.get(key) or author.former.pop(key, None) or NamedFeed(key, rule)
        self._author.touched.add(0)
        feed.config = rule
        author.named[key] = feed
        self._configure()
        return True

    def unname(self, rng: Random) -> bool:
        """Take a feed out of the config."""
        if not self._author.named or self._is_away():
            return False
        key = rng.choice(sorted(self._author.named))
        self._author.touched.add(0)
        self._author.former[key] = self._author.named.pop(key)
        self._configure()
        return True

    def run_ahead(self, rng: Random) -> bool:
        """Have the clock run ahead for a time."""
        ahead = rng.choice([2, 9, 40]) * DAY
        self._ahead += ahead
        self._now += ahead
        return True

    def set_back(self, rng: Random) -> bool:
        """Set a clock that ran ahead back (D10)."""
        del rng
        if not self._ahead or self._is_away():  # what is away keeps its instants (X5)
            return False
        self._now -= self._ahead
        self._ahead = 0
        self._flags = (*self._flags, "accept_clock")
        return True

    def grow(self, rng: Random) -> bool:
        """Have readers told of links that come, or no longer."""
        if self._is_away():
            return False
        self._author.touched.add(0)
        self._author.growth = rng.choice(["off", "note", "update", "update"]), rng.choice([1, 2])
        self._configure()
        return True

    def _relate(self, rng: Random) -> None:
        self._site.configure(feeds={"content": rng.choice(["full", "excerpt"])})

    def part(self, rng: Random) -> bool:
        """Have items in one of some feeds only, or no longer."""
        if self._is_away():
            return False
        labels = sorted(
            {*self._author.named.keys() - {*DIGESTS}, "everything", "topic/AI", "topic/C++"}
        )
        most = rng.choice([0, 2, 3])
        chosen = rng.sample(labels, min(most, len(labels)))
        chosen.sort(key=lambda label: label == "everything")
        self._author.touched.add(0)
        self._author.unique = [chosen] if most else []
        self._configure()
        return True

    def _has_archive(self, folder: str) -> bool:
        kind, _, key = folder.rstrip("/").partition("/")
        own = self._author.named[key].config if kind == "feeds" else {}
        return bool(own.get("archive", self._archive == "all" or super()._has_archive(folder)))

    # what is seen --------------------------------------------------------------------------

    def _publish(self, ops: Sequence[Op]) -> None:
        self._author.clock_is_back = "accept_clock" in self._flags
        twin = self._twin() if self._step_is_comparable() else None
        self._was_out = {s.number for s in self._author.stories.values() if s.out}
        self._latest = max(self._latest, self._now)
        super()._publish(ops)
        down = self._was_out - {s.number for s in self._author.stories.values() if s.out}
        self._downs |= dict.fromkeys(down, self._now)
        before = self._site.looks(), self._site.ledger.read_bytes()
        in_process(self._site, self._now, (), self._upgraded)
        after = self._site.looks(), self._site.ledger.read_bytes()
        assert before == after, "a second build wrote " + ", ".join(
            sorted(p for p, look in after[0].items() if before[0].get(p) != look) or ["the ledger"]
        )
        if twin:
            self._hold_to(twin)

    def _step_is_comparable(self) -> bool:
        stories = self._author.stories.values()
        sound = all(s.is_sound() and not s.away for s in stories if s.copies)
        # An end of which a clock that ran ahead saw the end is announced again by the ledger alone.
        ends = (at + 30 * DAY for at in self._downs.values())
        settled = not any(self._now < end <= self._latest for end in ends)
        return sound and settled and self._site.ledger.exists() and not self._upgraded

    def end(self) -> None:
        """Build from the same files anew, in three ways."""
        if not self.is_short and (self._step_is_comparable() or self._upgraded):
            super().end()
        else:
            self._tally.histories += 1

    def _twin(self) -> Site:
        """Return a checkout of the site as it is before a build, its files written in any order."""
        self._twins += 1
        twin = Site(self._site.root / f"twin{self._twins}", ledger=True)
        twin.config = self._site.config
        twin.configure()
        files = [path for path in self._site.content.rglob("*") if path.is_file()]
        self._rng.shuffle(files)
        for path in files:
            copy = twin.content / path.relative_to(self._site.content)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
        twin.ledger.write_bytes(self._site.ledger.read_bytes())
        return twin

    def _hold_to(self, twin: Site) -> None:
        """Hold what was built to what comes of the text ledger alone (D9)."""
        in_process(twin, self._now, self._flags, {})
        here, there = files_below(self._site.out), files_below(twin.out)
        # What is sealed shows items as they were: from nothing it is made as they are now (X2).
        every = {p for p in here.keys() | there.keys() if "archive/" not in p}
        differing = sorted(p for p in every if here.get(p) != there.get(p))
        assert not differing, f"from the ledger alone, other bytes: {differing}"
        ledgers = (site.ledger.read_text(encoding="utf-8") for site in (self._site, twin))
        differing = sorted({*next(ledgers).splitlines()} ^ {*next(ledgers).splitlines()})
        assert not differing, f"from the ledger alone, another one: {differing}"
        shutil.rmtree(twin.root)

    def _poll_all(self) -> Iterator[Fault]:
        yield from super()._poll_all()
        for key, feed in self._author.named.items():
            if "digest" in feed.config:
                yield from self._read_digests(key, feed)
        expected = self._author.feeds()
        yield from self._read_of_growth()
        for folder in expected:
            yield from self._look_at_tombstones(folder)
        self._last = {folder: wanted.certain for folder, wanted in expected.items()}

    def _read_of_growth(self) -> Iterator[Fault]:
        """Hold what entries say of links that came to those that came (N5)."""
        document = json.loads((self._site.out / "feed.json").read_bytes())
        for item in document["items"]:
            story = self._author.stories[int(_MARK.findall(item["summary"])[0])]
            told = _MORE.findall(item["content_html"])
            ought = self._author.news_of(story)
            if [*map(int, told)] != [ought] * bool(ought):
                yield Fault("wrong", story.number, f"{told} more links, ought to be {ought}")

    def _read_digests(self, key: str, feed: NamedFeed) -> Iterator[Fault]:
        """Let somebody read the digests of a feed, who knows each as it came (N4)."""
        document = json.loads((self._site.out / f"feeds/{key}/feed.json").read_bytes())
        made, found = feed.digests.made[-feed.config["window"]["items"] :], document["items"]
        ought = sorted((instant(one.instant), sorted(one.stories - one.gone)) for one in made)
        shown = sorted((item["date_published"], _stories_in(item)) for item in found)
        if ought != shown:
            yield Fault("wrong", -1, f"feeds/{key}/: {shown}, ought to be {ought}")
        known = self._known.setdefault(key, {})
        for item in found:
            links = _LINK.findall(item["content_html"])
            face = item["title"], "" if self._author.clock_is_back else item["date_published"]
            before, had = known.get(item["id"], (face, links))
            left = iter(had)
            if face != before and face[1] and before[1]:
                yield Fault("needless", -1, f"feeds/{key}/: {before} is {face}")
            if not all(link in left for link in links):
                yield Fault("needless", -1, f"feeds/{key}/: other links in {item['id']}")
            if item["date_modified"] != item["date_published"]:
                yield Fault("needless", -1, f"feeds/{key}/: {item['id']} is updated")
            known[item["id"]] = face, links
        if len({item["id"] for item in found}) != len(found):
            yield Fault("duplicate", -1, f"feeds/{key}/")

    def _look_at_tombstones(self, folder: str) -> Iterator[Fault]:
        """Hold deleted entries to takedowns: to leave a feed is none (X4)."""
        data = (self._site.out / folder / "atom.xml").read_bytes()
        dead = {ref.decode() for ref in _TOMBSTONE.findall(data)}
        known = self._subscribers[f"{folder}atom.xml"].ids
        for number, item_id in known.items():
            story = self._author.stories[number]
            if story.out and item_id in dead:
                yield Fault("wrong", number, f"{folder} says that it is deleted")
            down = number in self._was_out and not story.out
            if down and number in self._last.get(folder, ()) and item_id not in dead:
                yield Fault("missed", number, f"{folder} does not say that it is deleted")


class DigestPlay(NamedPlay):
    """One history of a site with feeds of digests: its news come day by day, and some go again."""

    def script(self, rng: Random, acts: Sequence[str]) -> Iterator[Step]:
        """Yield steps in which most happens to what is new."""
        first = ("have digests", "have digests", "name a feed", "tell of growth")
        yield Step(tuple(Op(act, 0, rng.randrange(1 << 30)) for act in first), 60)
        for _ in range(min(rng.randrange(8, 16), self.most_steps)):
            able = {act: self.candidates(act)[-5:] for act in {*acts}}
            names = [rng.choice([act for act in acts if able[act]]) for _ in range(2)]
            ops = [Op(act, rng.choice(able[act]), rng.randrange(1 << 30)) for act in names]
            # One story grows and grows.
            ops += [Op("more links", n, rng.randrange(1 << 30)) for n in able["more links"][:1]]
            yield Step(tuple(ops), rng.choice(_SHORT_PAUSES))


_SHORT_PAUSES = (1800, DAY // 4, DAY // 2, DAY, DAY, DAY, 2 * DAY, 9 * DAY)
_SINGLE = ("items", "except", "at_least", "top", "within", "by", "window")


def _stories_in(item: Mapping[str, Any]) -> list[int]:
    """Return the stories that a digest tells of, be it twice."""
    return sorted(map(int, _NUMBER.findall(item["content_html"])))


def _written(config: Config) -> Config:
    """Return a feed as the config has it."""
    return {k: {**v, "bytes": 50_000_000} if k == "window" else v for k, v in config.items()}


NAMED_ACTS: Mapping[str, Callable[[Any, Random], bool]] = MappingProxyType(
    {
        **SITE_ACTS,
        "scores move": NamedPlay.score,
        "name a feed": NamedPlay.name,
        "have digests": NamedPlay.have_digests,
        "take a feed out": NamedPlay.unname,
        "in one feed only": NamedPlay.part,
        "tell of growth": NamedPlay.grow,
        "the clock runs ahead": NamedPlay.run_ahead,
        "the clock is set back": NamedPlay.set_back,
    }
)
NamedPlay.acts = NAMED_ACTS
