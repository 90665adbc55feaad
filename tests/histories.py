"""Random histories of a site, each step followed by a build, as independent subscribers see it.

After each build, subscribers of every feed poll it (see subscriber.py), and out/ is held to what
the author meant (see site_builder.py). Nothing old may show up as new, nothing may be missed, no
story be marked unread without an edit that deserves it, and nothing hidden may be seen anywhere.
A history that fails is made as short as it can be before it is shown.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from disturbed import Launcher
from site_builder import (
    CANARY,
    DAY,
    OPERATIONS,
    TEMPLATE,
    Author,
    Expected,
    Operation,
    Story,
    Window,
    instant,
    new_story,
    second_file,
)
from site_topics import FOLDERS, TOPICS, Taxonomy
from small_site import EPOCH, Files, Site, files_below
from subscriber import Fault, QuickReader, Shown, Subscriber, read

from feedpub import config as configs, wiring
from feedpub.publish import Options, publish, settings as versions
from feedpub.publish.render import SERVICE_ROOM, RenderedEntries

FAULTS = ("false-new", "missed", "needless", "leak", "duplicate", "wrong")
UPGRADES = ("FORMATS_VERSION", "COMPOSE_VERSION", "READER_VERSION", "TRACKING_VERSION")
VANISH = "most of the content vanishes"
REPLACE = "search and replace"
MANY = 24
"""How many items there must be before a loss of nearly all of them is one of over ten (X5)."""
AMPLE = Window(500, 0)
WINDOWS = (AMPLE, AMPLE, AMPLE, Window(4, 0), Window(3, 5))
SIGNIFICANT = ("title", "excerpt", "body", "link")


class Op(NamedTuple):
    """One act: its name, the story it is done to (0: the site), and the seed of its details."""

    name: str
    story: int
    seed: int


class Step(NamedTuple):
    """What happens, how many seconds later the next build is."""

    ops: tuple[Op, ...]
    pause: int


class History(NamedTuple):
    """A start (its seed, number of items, window) and what happens then."""

    seed: int
    items: int
    window: Window
    steps: tuple[Step, ...]


class ViolationError(AssertionError):
    """Something that a subscriber must never meet."""

    def __init__(self, step: int, ops: Sequence[Op], faults: Sequence[Fault]) -> None:
        names = ", ".join(f"{op.name} ({op.story})" for op in ops) or "the first build"
        super().__init__(f"step {step}, after {names}: {'; '.join(map(str, faults[:8]))}")
        self.faults = [f.kind for f in faults]


@dataclass
class Tally:
    """What all histories together did, and what was found."""

    acts: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    histories: int = 0
    builds: int = 0
    polls: int = 0
    entries: int = 0

    def table(self) -> str:
        """Return the table: a line for each kind of act, a column for each kind of fault."""
        lines = [f"{'act':32}{'times':>7}" + "".join(f"{f:>11}" for f in FAULTS)]
        for name, times in sorted(self.acts.items()):
            found = "".join(f"{self.faults[name, f]:>11}" for f in FAULTS)
            lines.append(f"{name:32}{times:>7}{found}")
        lines.append(
            f"{self.histories} histories, {self.builds} builds,"
            f" {self.polls} polls that read {self.entries} entries"
        )
        return "\n".join(lines)


Build = Callable[[Site, int, tuple[str, ...], dict[str, int]], None]
"""Builds a site at an instant with flags, as a feedpub whose parts have these versions."""


def _options(now: int, flags: Iterable[str]) -> Options:
    return Options(now)._replace(**dict.fromkeys(flags, True))


def in_process(site: Site, now: int, flags: tuple[str, ...], upgraded: dict[str, int]) -> None:
    """Build with the use case itself."""
    config = configs.load(site.root / "feedpub.yaml")
    with patch.dict(vars(versions), upgraded), wiring.locked_edges(config, "a test") as edges:
        report = publish(edges, wiring.settings(config), _options(now, flags))
    assert not report.failed, report.problems


class Service:
    """Builds as `in_process` does, with all that a service remembers from rescan to rescan."""

    def __init__(self) -> None:
        self._memories: dict[object, RenderedEntries] = {}

    def __call__(
        self, site: Site, now: int, flags: tuple[str, ...], upgraded: dict[str, int]
    ) -> None:
        version = (site.root, *sorted(upgraded.items()))
        memory = self._memories.setdefault(version, RenderedEntries(SERVICE_ROOM))
        config = configs.load(site.root / "feedpub.yaml")
        with (
            patch.dict(vars(versions), upgraded),
            wiring.site_lock(config, "a test"),
            wiring.open_edges(config) as edges,
        ):
            options = _options(now, flags)
            report = publish(edges, wiring.settings(config), options, rendered=memory)
        assert not report.failed, report.problems
        if report.withdrawals:
            memory.clear()


def builder(seed: int) -> Build:
    """Return how a history is built: every other one by a service."""
    return Service() if seed % 2 else in_process


def by_command(site: Site, now: int, flags: tuple[str, ...], upgraded: dict[str, int]) -> None:
    """Build with the command line in a process of its own."""
    del upgraded
    done = site.run(
        "build", "--report", "json", *(f"--{flag.replace('_', '-')}" for flag in flags), epoch=now
    )
    assert done.code in (0, 3), (done.code, done.stderr)


class Killed:
    """Builds with the command line in a process that is killed, and then in one that is not (F9)."""

    def __init__(self, launcher: Launcher, seed: int) -> None:
        self._launcher = launcher
        self._rng = Random(seed)

    def __call__(
        self, site: Site, now: int, flags: tuple[str, ...], upgraded: dict[str, int]
    ) -> None:
        """Build, killed at any of the first ticks (see disturbed.py), then build."""
        del upgraded
        options = [f"--{flag.replace('_', '-')}" for flag in flags]
        at = self._rng.choice([self._rng.randrange(1, 40), self._rng.randrange(1, 300)])
        self._launcher.build(site, *options, epoch=now, kind="kill", at=at)
        done = self._launcher.build(site, *options, epoch=now)
        assert done.code in (0, 3), (done.code, done.stderr)


class Play:
    """One history as it happens: the site on disk, its author, its subscribers.

    Other histories have another `author`, acts of their own, or fewer `documents` of each feed.
    """

    author: type[Author] = Author
    operations: Mapping[str, Operation] = OPERATIONS
    acts: Mapping[str, SiteAct] = {}
    documents: tuple[str, ...] = ("rss.xml", "atom.xml", "feed.json")

    def __init__(self, root: Path, history: History, build: Build, tally: Tally) -> None:
        self._rng = Random(history.seed)
        self.items = history.items
        self._site = Site(root, ledger=True)
        self._build = build
        self._tally = tally
        self._author = self.author(self._site.content, history.window)
        self._author.now = self._now = self.begins(history.seed)
        self._subscribers: dict[str, Subscriber] = {}
        self._reader = QuickReader()
        self._upgraded: dict[str, int] = {}
        self._flags: tuple[str, ...] = ()
        self._suffix = ""
        self._related = 10
        self._archive = self._rng.choice(["everything", "all"])
        self._ever: dict[str, set[int]] = {}
        self._site.configure(feeds={"pages": history.seed % 3 == 0})
        self._configure()
        for _ in range(history.items):
            self._add(self._rng.choice(["past"] * 8 + ["future", "undated"]))
        for story in self._author.stories.values():
            if story.kind != "path" and self._rng.random() < 0.2:
                second_file(self._author, story, self._rng)
        self._step = 0
        self._publish(())

    # what happens --------------------------------------------------------------------------

    @staticmethod
    def begins(seed: int) -> int:
        """Return the instant of the first build."""
        del seed
        return EPOCH

    def take(self, step: Step) -> tuple[Op, ...]:
        """Do what can be done of a step, build, and let everybody look; return what was done."""
        self._come_back()
        self._flags = ()
        self._author.touched.clear()
        done = tuple(op for op in step.ops if self._do(op))
        self._now += step.pause
        self._step += 1
        self._publish(done)
        return done

    def script(self, rng: Random, acts: Sequence[str]) -> Iterator[Step]:
        """Yield steps that fit to how the history went so far."""
        return scripted(self, rng, self.items, acts)

    def candidates(self, name: str) -> list[int]:
        """Return the stories to which an act can be done now, 0 standing for the site."""
        if name in self.acts:
            return [0] if name != VANISH or len(self._with_files()) >= MANY else []
        applies = self.operations[name].applies
        stories = self._author.stories.values()
        return [s.number for s in stories if s.number not in self._author.touched and applies(s)]

    def twofold(self) -> list[int]:
        """Return the stories that have two files."""
        return [s.number for s in self._author.stories.values() if len(s.copies) > 1]

    def _do(self, op: Op) -> bool:
        rng = Random(op.seed)
        if op.name in self.acts:
            return self.acts[op.name](self, rng)
        if op.story not in self.candidates(op.name):
            return False
        self._author.touched.add(op.story)
        self.operations[op.name].act(self._author, self._author.stories[op.story], rng)
        return True

    def _add(self, when: str, rng: Random | None = None, flag: str = "") -> bool:
        rng = rng or self._rng
        story = new_story(self._author, rng, rng.choice(["url", "url", "id", "path"]), when)
        story.copies[0].flag = flag or rng.choice([""] * 8 + ["draft", "unpublished"])
        self._author.touched.add(self._author.begin(story).number)
        return True

    def lose_cache(self, rng: Random) -> bool:
        """Lose the state, and maybe out/; what is left is content, config and the text ledger."""
        away = any(s.away for s in self._author.stories.values())
        if away or not self._site.state.exists():
            return False
        shutil.rmtree(self._site.state)
        if rng.random() < 0.5:
            shutil.rmtree(self._site.out)
        self._author.lose_cache()
        return True

    def replace(self, rng: Random) -> bool:
        """Search and replace in all files that are sound (D3): readers may not be told of it."""
        stories = [s for s in self._author.stories.values() if s.is_sound() and not s.away]
        for story in stories:
            story.edit(rng.randrange(2))
            self._author.write_all(story)
            self._author.touched.add(story.number)
        return bool(stories)

    def full(self, rng: Random) -> bool:
        """Build with --full."""
        del rng
        self._flags = (*self._flags, "full")
        return True

    def upgrade(self, rng: Random) -> bool:
        """Upgrade feedpub."""
        self._upgraded[rng.choice(UPGRADES)] = 100 + self._step
        return True

    def upgrade_reader(self, suffix: str) -> None:
        """Upgrade to a feedpub that adds `suffix` to every title that it reads."""
        self._upgraded["READER_VERSION"] = 99
        self._suffix = suffix

    def reconfigure(self, rng: Random) -> bool:
        """Change one thing in the config."""
        rng.choice([self._rewindow, self._retitle, self._relate, self._signify])(rng)
        self._configure()
        return True

    def _rewindow(self, rng: Random) -> None:
        self._author.window = rng.choice(WINDOWS)

    def _retitle(self, rng: Random) -> None:
        self._site.configure(site={"title": f"Site {rng.randrange(9)}"})

    def _relate(self, rng: Random) -> None:
        self._related = rng.choice([0, 1, 10])
        self._site.configure(feeds={"content": rng.choice(["full", "excerpt"])})

    def _signify(self, rng: Random) -> None:
        dates = rng.random() < 0.5
        if not all(s.is_sound() for s in self._author.stories.values() if s.copies):
            return
        self._author.change_what_matters(dates=dates)
        names = [*SIGNIFICANT, *(["published"] if dates else [])]
        self._site.configure(feeds={"significant": rng.sample(names, len(names))})

    def arrange(self, rng: Random, act: TopicAct) -> bool:
        """Change what the config says of topics, unless it may not say that."""
        # Not while most files are away: they change their feeds when they are back.
        if any(story.away for story in self._author.stories.values()):
            return False
        before = deepcopy(self._author.topics)
        if not act(self._author.topics, rng) or self._author.topics.is_circular():
            self._author.topics = before
            return False
        self._author.touched.add(0)
        self._configure()
        return True

    def archive(self, rng: Random) -> bool:
        """Choose which feeds have archives."""
        self._archive = rng.choice(["everything", "all", "all", "off"])
        self._configure()
        return True

    def vanish(self, rng: Random) -> bool:
        """Unmount most of the content (X5): everything must stay as it is."""
        stories = self._with_files()
        whole = self._site.state.exists() and not self._flags
        if self._author.touched or not whole or len(stories) < MANY:
            return False
        staying = {s.number for s in rng.sample(stories, 2)}
        for story in stories:
            self._author.touched.add(story.number)
            if story.number not in staying:
                story.away = True
                for copy in story.copies:
                    self._shift(self._site.content / copy.path, self._aside(copy.path))
        return True

    def _with_files(self) -> list[Story]:
        return [s for s in self._author.stories.values() if s.copies]

    def _come_back(self) -> None:
        for story in self._author.stories.values():
            if story.away:
                story.away = False
                for copy in story.copies:
                    self._shift(self._aside(copy.path), self._site.content / copy.path)

    def _aside(self, path: str) -> Path:
        return self._site.root / "aside" / path

    @staticmethod
    def _shift(source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)

    def _configure(self) -> None:
        window = {"items": self._author.window.items, "days": self._author.window.days}
        self._site.configure(
            content={"link_template": TEMPLATE},
            feeds={
                "window": {**window, "bytes": 50_000_000},
                "related": self._related,
                "archive": self._archive,
            },
            topics=self._author.topics.group(),
        )

    # what is seen --------------------------------------------------------------------------

    def _publish(self, ops: Sequence[Op]) -> None:
        self._build(self._site, self._now, self._flags, self._upgraded)
        self._author.settle(self._now)
        self._tally.builds += 1
        self._tally.acts.update(op.name for op in ops)
        faults = [*self._poll_all(), *self._leaks()]
        if faults:
            self._tally.faults.update((op.name, f.kind) for op in ops for f in faults)
            raise ViolationError(self._step, ops, faults)

    def _poll_all(self) -> Iterator[Fault]:
        """Let the subscribers of every feed look, and hold what they see to what they should."""
        expected = self._author.feeds()
        seen: set[int] = set()
        for folder, wanted in expected.items():
            for path in (folder + name for name in self.documents):
                if not (self._site.out / path).exists():
                    yield Fault("missed", -1, f"all of {path}")
                    continue
                shown = self._poll(path)
                seen |= {entry.story for entry in shown}
                yield from self._compare(path, shown, wanted)
        self._author.note_shown(seen)
        for folder, wanted in expected.items():
            yield from self._come_late(folder, wanted)
        yield from self._look_at_lists(set(expected))

    def _come_late(self, folder: str, wanted: Expected) -> Iterator[Fault]:
        """Let somebody walk through the archives of a feed, who must meet all that is in it (X3)."""
        ever = self._ever.setdefault(folder, set())
        ever |= wanted.members
        reached = set(self._walk(folder))
        yield from (Fault("leak", n, f"archives of {folder}") for n in sorted(reached - ever))
        if self._has_archive(folder):
            # What can only be read in out/ itself is not there when an archive is made again.
            stories = (self._author.stories[number] for number in wanted.members)
            lost = {s.number for s in stories if s.is_sound() and not s.away} - reached
            yield from (Fault("missed", n, f"archives of {folder}") for n in sorted(lost))

    def _has_archive(self, folder: str) -> bool:
        return self._archive == "all" or (self._archive == "everything" and not folder)

    def _walk(self, folder: str) -> Iterator[int]:
        """Yield the stories that who comes late meets on the way through the archives (X3)."""
        path = f"{folder}feed.json"
        while path:
            file = self._site.out / path
            assert file.exists(), f"{path} is not there"
            data = file.read_bytes()
            yield from (entry.story for entry in self._reader.read(data))
            url = json.loads(data).get("next_url", "").removeprefix("https://feeds.example.org/")
            path = unquote(url)

    def _look_at_lists(self, folders: set[str]) -> Iterator[Fault]:
        """Hold folders and lists to which feeds there are, and which is below which (F7)."""
        topics = self._author.topics
        slugs = {folder.split("/")[1] for folder in folders if folder.startswith("topics/")}
        there = {p.name for p in (self._site.out / "topics").glob("*")}
        there -= {FOLDERS[topic] for topic in topics.leftovers()}
        yield from (Fault("leak", -1, f"topics/{slug} is no feed") for slug in there - slugs)
        wanted = {FOLDERS[t]: FOLDERS.get(topics.parent_of(t) or "", "") for t in topics.live()}
        found = dict(outlined(self._site.out / "feeds.opml"))
        if found != wanted:
            yield Fault("wrong", -1, f"OPML has {found}, ought to have {wanted}")

    def _poll(self, path: str) -> list[Shown]:
        shown = self._reader.read((self._site.out / path).read_bytes())
        self._tally.polls += 1
        self._tally.entries += len(shown)
        return shown

    def _compare(self, path: str, shown: Sequence[Shown], wanted: Expected) -> Iterator[Fault]:
        edits = {s.number: s.updated for s in self._author.stories.values()}
        yield from self._subscribers.setdefault(path, Subscriber()).poll(shown, edits)
        numbers = {entry.story for entry in shown}
        yield from (Fault("missed", n, path) for n in wanted.certain - numbers)
        yield from (Fault("leak", n, path) for n in numbers - wanted.possible)
        if path.endswith(("atom.xml", "feed.json")):
            yield from (fault for entry in shown for fault in self._details(entry))

    def _details(self, entry: Shown) -> Iterator[Fault]:
        """Hold dates, title and links of an entry to those that its author gave it."""
        story = self._author.stories[entry.story]
        face, links = story.face, self._author.links_of(story)
        # Which of two titles stands in for a file that cannot be read is not told.
        known_title = story.title(face) + self._suffix if face and not face.damage else entry.title
        pairs: dict[str, tuple[object, object]] = {
            "published": (entry.published, instant(story.published)),
            "updated": (entry.updated, instant(story.updated)),
            "title": (entry.title, known_title),
            "links": (len(entry.related), min(len(links), self._related)),
            "other links": (entry.related - links, frozenset()),
        }
        for what, (found, ought) in pairs.items():
            if found != ought:
                yield Fault("wrong", story.number, f"{what}: {found}, ought to be {ought}")

    def _leaks(self) -> Iterator[Fault]:
        files = files_below(self._site.out)
        everything = b"\n".join(files.values())
        for text in self._author.secrets():
            if text.encode() in everything:
                holding = [path for path, data in files.items() if text.encode() in data]
                yield Fault("leak", -1, f"{text} in {holding}")
        state = files_below(self._site.state) | {"ledger": self._site.ledger.read_bytes()}
        for path, data in (files | state).items():
            if CANARY.encode() in data:
                yield Fault("leak", -1, f"secured text in {path}")

    # the end ---------------------------------------------------------------------------------

    def end(self) -> None:
        """Build from the same files anew, in three ways: the bytes must be those there are."""
        self._come_back()
        self._author.touched.clear()
        for number in self.candidates("repair"):
            self._do(Op("repair", number, number))
        self._flags = ()
        self._publish(())
        before = files_below(self._site.out)
        if self._tally.histories % 5 == 0:  # what reads quickly reads as what reads all does
            for path in self.documents:
                assert read(before[path]) == self._reader.read(before[path]), path
        ledger = self._site.ledger.read_bytes()
        self._rebuild("a second time", before)
        shutil.rmtree(self._site.out)
        self._rebuild("with --full", before, "full")
        shutil.rmtree(self._site.out)
        shutil.rmtree(self._site.state)
        self._rebuild("from the text ledger", before)
        assert self._site.ledger.read_bytes() == ledger, "the ledger is another one"
        self._tally.histories += 1

    def _rebuild(self, how: str, before: Files, *flags: str) -> None:
        # By one that remembers nothing: what a service remembered must have been true.
        afresh = in_process if isinstance(self._build, Service) else self._build
        afresh(self._site, self._now, flags, self._upgraded)
        after = files_below(self._site.out)
        # What is sealed shows items as they were: from nothing it is made as they are now (X2).
        every = {p for p in before.keys() | after.keys() if "archive/" not in p}
        differing = sorted(p for p in every if before.get(p) != after.get(p))
        assert not differing, f"built {how}, other bytes: {differing}"


def outlined(opml: Path) -> Iterator[tuple[str, str]]:
    """Yield the slug of each topic in a list of feeds, and that of the topic that it is below."""
    groups = ElementTree.parse(opml).iterfind("body/outline[@text='Topics']")
    return (pair for group in groups for pair in _below(group, ""))


def _below(outlines: Iterable[ElementTree.Element], above: str) -> Iterator[tuple[str, str]]:
    """Yield what is in a group, whose first one is the topic that the others are below."""
    for outline in outlines:
        first, *others = [*outline] or [outline]
        slug = unquote(first.attrib["xmlUrl"].split("/")[-2])
        yield slug, above
        yield from _below(others, slug)


# what may become of topics -----------------------------------------------------------------------


def exclude(topics: Taxonomy, rng: Random) -> bool:
    """Have a topic make no feed, or take that back."""
    able = TOPICS.keys() - topics.aliases.keys() - topics.retired
    topics.excluded ^= {rng.choice(sorted(able))} if able else set()
    return bool(able)


def retire(topics: Taxonomy, rng: Random) -> bool:
    """Retire a topic, or take that back (T6)."""
    able = topics.retired or FOLDERS.keys() - topics.aliases.keys() - topics.excluded
    topics.retired ^= {rng.choice(sorted(able))} if able else set()
    return bool(able)


def rename(topics: Taxonomy, rng: Random) -> bool:
    """Rename a topic, merge it with another one, or take that back (T6)."""
    if topics.aliases and rng.random() < 0.5:
        del topics.aliases[rng.choice(sorted(topics.aliases))]
        return True
    olds = TOPICS.keys() - topics.excluded - topics.retired - set(topics.aliases.values())
    if not olds:
        return False
    old = rng.choice(sorted(olds))
    topics.aliases[old] = rng.choice(sorted(FOLDERS.keys() - topics.aliases.keys() - {old}))
    return True


def rear(topics: Taxonomy, rng: Random) -> bool:
    """Put a topic below another one, elsewhere, or below none any more."""
    if topics.parents and rng.random() < 0.3:
        del topics.parents[rng.choice(sorted(topics.parents))]
        return True
    able = FOLDERS.keys() - topics.aliases.keys()
    tops = able & {topics.today(parent) for parent in topics.parents.values()}
    child = rng.choice(sorted(tops if tops and rng.random() < 0.5 else able))
    parent = rng.choice(sorted(able - {child}))
    topics.parents[child] = parent
    topics.including |= {parent} if rng.random() < 0.7 else set()
    return True


def include(topics: Taxonomy, rng: Random) -> bool:
    """Let the feed of a topic have what is in those below it, or no longer."""
    parents = {topics.today(parent) for parent in topics.parents.values()}
    topics.including ^= {rng.choice(sorted(parents or FOLDERS))}
    return True


def resize(topics: Taxonomy, rng: Random) -> bool:
    """Say how many items a topic needs before it makes a feed."""
    topics.minimum = rng.choice([1, 1, 2, 3, 5])
    return True


def be_choosy(topics: Taxonomy, rng: Random) -> bool:
    """Say how good an item must be to be in the feed of a topic, or no longer."""
    topic = rng.choice(sorted(FOLDERS.keys() - topics.aliases.keys()))
    if topics.floors.pop(topic, None) is None:
        topics.floors[topic] = rng.randrange(0, 25)
    return True


TopicAct = Callable[[Taxonomy, Random], bool]
TOPIC_ACTS: dict[str, TopicAct] = {
    "except a topic": exclude,
    "retire a topic": retire,
    "rename or merge a topic": rename,
    "other parents": rear,
    "include children": include,
    "another minimum": resize,
    "a least quality": be_choosy,
}

SiteAct = Callable[[Play, Random], bool]
SITE_ACTS: dict[str, SiteAct] = {
    "add": lambda play, rng: play._add("past", rng),
    "add, due later": lambda play, rng: play._add("future", rng),
    "add, undated": lambda play, rng: play._add("undated", rng),
    "add a draft": lambda play, rng: play._add("past", rng, "draft"),
    "lose the cache": Play.lose_cache,
    "--full": Play.full,
    "upgrade feedpub": Play.upgrade,
    "change the config": Play.reconfigure,
    "other archives": Play.archive,
    VANISH: Play.vanish,
    REPLACE: Play.replace,
    **{name: partial(Play.arrange, act=act) for name, act in TOPIC_ACTS.items()},
}
Play.acts = SITE_ACTS
SEQUELS = {
    "repair", "one file less", "bring a deleted one back", "approve late, republish",
    "reuse an old URL", VANISH,
}  # fmt: skip
"""What can seldom be done: taken more often, so that stories come full circle."""
PAUSES = (-1800, 60, 3600, DAY, 3 * DAY, 40 * DAY)


def scripted(play: Play, rng: Random, items: int, acts: Sequence[str]) -> Iterator[Step]:
    """Yield steps that fit to how the history went so far; much happens to a few of the stories."""
    busy = {*play.twofold()[:2], *rng.sample(range(1, items + 1), 3)}
    for _ in range(rng.randrange(6, 11)):
        ops = tuple(_op(play, rng, busy, acts) for _ in range(rng.choice([1, 2, 2, 3])))
        yield Step(ops, rng.choice(PAUSES))


def _op(play: Play, rng: Random, busy: set[int], acts: Sequence[str]) -> Op:
    able = {name: play.candidates(name) for name in {*acts}}
    names = [name for name in acts if able[name]]
    name = rng.choice([*names, *(name for name in names if name in SEQUELS for _ in range(2))])
    numbers = able[name]
    if rng.random() < 0.6:
        numbers = [n for n in numbers if n in busy] or numbers
    return Op(name, rng.choice(numbers), rng.randrange(1 << 30))


def play_out(
    root: Path,
    start: History,
    acts: Sequence[str],
    build: Build,
    tally: Tally,
    kind: type[Play] = Play,
) -> None:
    """Play a new history; one that fails is shortened, and shown as `replay` takes it."""
    done: list[Step] = []
    rng = Random(start.seed + 1)
    try:
        play = kind(root / "play", start, build, tally)
        for step in play.script(rng, acts):
            done.append(step)
            play.take(step)
        play.end()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown with its history
        long = start._replace(steps=tuple(done))
        shortest = shortened(long, root, build, kind, type(error))
        pytest.fail(f"{error}\n\nthe shortest history that fails:\n{listing(shortest)}")


def replay(history: History, root: Path, build: Build, kind: type[Play] = Play) -> Exception | None:
    """Play a known history; return how it fails, if it does."""
    try:
        play = kind(root, history, build, Tally())
        for step in history.steps:
            play.take(step)
        play.end()
    except Exception as error:  # noqa: BLE001 - see above
        return error
    return None


def shortened(
    history: History, root: Path, build: Build, kind: type[Play], error: type[Exception]
) -> History:
    """Return a history that fails in that way, too, and from which nothing can be left out."""
    attempts = (root / f"try{n}" for n in count())
    while shorter := next(
        (h for h in _shorter(history) if type(replay(h, next(attempts), build, kind)) is error),
        None,
    ):
        history = shorter
    return history


def _shorter(history: History) -> Iterator[History]:
    """Yield the history without each of its steps, then each of its acts; the latest first."""
    steps = history.steps
    for at in reversed(range(len(steps))):
        yield history._replace(steps=steps[:at] + steps[at + 1 :])
    for at, step in reversed(list(enumerate(steps))):
        for op in step.ops if len(step.ops) > 1 else ():
            less = Step(tuple(o for o in step.ops if o is not op), step.pause)
            yield history._replace(steps=(*steps[:at], less, *steps[at + 1 :]))


def listing(history: History) -> str:
    """Return a history as Python, to be pasted into a test."""
    steps = "".join(f"    {step!r},\n" for step in history.steps)
    return f"History({history.seed}, {history.items}, {history.window!r}, (\n{steps}))"


def shown_at_the_end(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count over all histories of a module, and print the table at the end."""
    total = Tally()
    yield total
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{total.table()}")


ACTS = (*OPERATIONS, *(act for act in SITE_ACTS if act != REPLACE))
TOPICAL = (
    *TOPIC_ACTS, "other archives", "add", "re-topic", "retitle", "heat and quality",
    "withdraw by a flag", "approve late, republish", "a second file", "lose the cache",
)  # fmt: skip
"""Acts that bear on which feeds there are, and on what these and their archives hold."""
