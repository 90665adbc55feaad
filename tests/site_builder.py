"""An author at work on a site, and what must be out after each act: the truth that feeds are held to.

The rules are told here once more, in few words and from RULES.md alone (S3, X5, X6, I4, D3-D6,
F6); nothing of feedpub is imported. A story is one number. Its excerpt always holds `mark`, and its
address always ends in `tail`, so that a reader of out/ can tell which story it sees, and whether
anything tells of one that must not be seen.

Left out is what the rules leave open: a story of which at one build address, file name, title and
date are all other ones; and an edit of a broken file made while the config changes what counts as
one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from site_topics import FOLDERS, TOPICS, Taxonomy

DAY = 86_400
CANARY = "canary-of-secured-text"
LINKS = "https://news.example/"
TEMPLATE = LINKS + "{slug}"
EDITED = 10
"""How many stories a feed shows only because they were edited (F6)."""
MANY = 10
"""How many stories may be updated within an hour, and one in twenty (D3)."""
_FOLDERS = ("news", "news/2025", "events", "blog/deep/er")
FLAGS = {
    "draft": {"draft": True},
    "unpublished": {"published": False},
    "removed": {"removed": True},
}
_DAMAGES = {
    "broken": "",
    "takedown": "removed: true",
    "named takedown": "deleted: yes",
    "draft": "published: false",
}


@dataclass
class Copy:
    """One file of a story. `known` says that the publisher has read it whole and remembers that.

    Each file tells the story with a `voice` of its own: its title is not that of another.
    """

    path: str
    topics: tuple[str, ...]
    quality: int = 10
    heat: int = 1
    voice: int = 0
    flag: str = ""
    damage: str = ""
    known: bool = False


@dataclass
class Story:
    """One story as its author means it, and what of it subscribers were told.

    `kind` is what identifies it: an `id`, its `url`, or its `path` alone. `pending` says that a
    significant edit was made that the publisher could not see yet, `kept` that a feed showed it
    when its files were last whole, so that it can be shown while they are not (X5, X6).
    `comparable` says that what counts as an edit is what it was when the publisher last looked,
    `face` is the file that is the one shown, `came` the build that first showed it, `held` the one
    at which it was updated with too many others.
    """

    number: int
    kind: str
    date: int | None
    copies: list[Copy]
    tail: str = ""
    past: list[str] = field(default_factory=list)
    moves: int = 0
    noise: str = ""
    scheme: str = "https"
    words: tuple[int, int, int] = (0, 0, 0)
    declared: int | None = None
    related: list[str] = field(default_factory=list)
    away: bool = False
    kept: bool = False
    pending: bool = False
    comparable: bool = True
    published: int | None = None
    first_out: int | None = None
    came: int = 0
    updated: int = 0
    held: int = 0
    out: bool = False
    face: Copy | None = None

    @property
    def mark(self) -> str:
        """What every entry of the story says."""
        return f"story{self.number:03}."

    @property
    def entered(self) -> int:
        """The instant by which a feed chooses what to show (F6)."""
        return max(self.published or 0, self.first_out or 0)

    @property
    def edited(self) -> int:
        """When subscribers were told of an edit, 0 if they never were: for a time it shows it."""
        return self.updated if self.updated > max(self.entered, self.came) else 0

    def is_sound(self) -> bool:
        """Every file of it can be read (and there is one)."""
        return bool(self.copies) and not any(c.damage for c in self.copies)

    def is_held(self) -> bool:
        """A flag keeps it back, though all its files can be read."""
        return self.is_sound() and (
            all(c.flag for c in self.copies) or any(c.flag == "removed" for c in self.copies)
        )

    def live(self) -> list[Copy]:
        """Return the copies that make it publishable, none if it must not be out (S3, I4, X6)."""
        usable = [c for c in self.copies if not c.damage or c.known]
        if any(c.flag == "removed" or c.damage == "takedown" for c in usable):
            return []
        if any(c.damage == "named takedown" for c in self.copies):
            return []  # known or not, what is left of it says which story it is
        return [c for c in usable if not c.flag and c.damage != "draft"]

    def choose(self, live: list[Copy]) -> Copy:
        """Return the file to show: the one shown before while it stands, else the best (I4)."""
        best = min(live, key=lambda c: (-c.quality, c.path))
        return next((c for c in live if c is self.face), best)

    def title(self, copy: Copy) -> str:
        """Return the title that a file of the story has."""
        return f"Title {self.words[0]} of number {self.number} in voice {copy.voice}"

    def edit(self, place: int) -> None:
        """Change title (0), excerpt (1) or body (2)."""
        words = list(self.words)
        words[place] += 1
        self.words = (words[0], words[1], words[2])
        self.pending = True

    def dated(self, first_seen: int) -> int:
        """Return its date, else when it was first seen, not after its last change (D6)."""
        if self.date is not None:
            return self.date
        if self.published is not None:
            return self.published
        return first_seen if self.declared is None else min(first_seen, self.declared)

    def settle(self, now: int, *, first_build: bool, first_seen: int) -> None:
        """Take note of a build: what subscribers are told from now on.

        `first_seen` is the date of what is new to the publisher and has none (D6).
        """
        live = self.live()
        self.out = False
        if not live:
            if self.first_out is None and self.copies:
                self.face = None  # nobody ever saw one of its files: the best comes first (I4)
            return
        before, self.face = self.face, self.choose(live)
        retold = before is not None and before.voice != self.face.voice
        if (self.pending or retold) and self.comparable and self.first_out is not None:
            self.updated = max(self.updated, now)
        # While its file is broken, what counts as an edit is not seen anew.
        self.pending, self.comparable = False, self.comparable or not self.face.damage
        self.published = self.dated(first_seen)
        if self.date is not None and self.date > now:
            return
        if self.first_out is None:
            self.first_out = self.published if first_build else now
            self.came = now if self.date is not None else self.published
        declared = self.declared if self.declared and self.held < self.declared <= now else 0
        self.updated = max(self.updated, self.published, declared)
        self.out = True


class Window(NamedTuple):
    """How much a feed shows: `items`, and what entered within `days` of the newest (F6)."""

    items: int
    days: int


class Expected(NamedTuple):
    """What one feed must show: all of `certain`, nothing that is not in `possible`.

    `members` are all stories in it, also those that only its archives have.
    """

    certain: set[int]
    possible: set[int]
    members: set[int]


class Author:
    """Writes, changes and removes the files of a content folder, and knows what should be out."""

    def __init__(self, content: Path, window: Window) -> None:
        self.content = content
        self.window = window
        self.stories: dict[int, Story] = {}
        self.topics = Taxonomy()
        self.dates_matter = True
        self.touched: set[int] = set()
        self.told: list[int] = []
        self.now = 0
        self.builds = 0
        self._paths = 0

    # files ---------------------------------------------------------------------------------

    def new_path(self, rng: Random, folder: str = "") -> str:
        """Return a path where no file ever was."""
        self._paths += 1
        return f"{folder or rng.choice(_FOLDERS)}/f{self._paths:03}.md"

    def url(self, story: Story) -> str:
        """Return the address of a story as its files have it."""
        return f"{story.scheme}://news.example/{story.tail}{story.noise}"

    def write(self, story: Story, copy: Copy, *, in_place: bool = True) -> None:
        """Write one file of a story."""
        text = self._broken(story, copy) if copy.damage else self._text(story, copy)
        file = self.content / copy.path
        file.parent.mkdir(parents=True, exist_ok=True)
        if in_place:
            file.write_text(text, encoding="utf-8")
        else:
            fresh = file.with_suffix(".tmp")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(file)

    def write_all(self, story: Story) -> None:
        """Write all files of a story."""
        for copy in story.copies:
            self.write(story, copy)

    def delete(self, copy: Copy) -> None:
        """Delete one file."""
        (self.content / copy.path).unlink()

    def _text(self, story: Story, copy: Copy) -> str:
        _, excerpt, body = story.words
        url = self.url(story)
        front = {
            "id": f"ours-{story.number}" if story.kind == "id" else None,
            "title": story.title(copy),
            "excerpt": f"What {story.mark} says, {excerpt}",
            "publishedDateTime": instant(story.date),
            "updatedDateTime": instant(story.declared),
            "originalUrl": url if story.kind != "path" else None,
            "webUrl": url if story.kind != "path" else None,
            "slug": story.tail if story.kind == "path" else None,
            "topics": list(copy.topics),
            "quality": copy.quality,
            "heat": copy.heat,
            "secured": f"{CANARY}-{story.number}",
            "related": [_link(url) for url in story.related],
            **FLAGS.get(copy.flag, {}),
        }
        lines = [f"{key}: {_yaml(value)}" for key, value in front.items() if value is not None]
        body_text = f"Words of the body, {body}.\n" if story.number % 3 else ""
        return "\n".join(["---", *lines, "---", body_text])

    def _broken(self, story: Story, copy: Copy) -> str:
        """Return what a file is when an editor saved it half way."""
        lines = [f"title: [half, a list of {story.number}.{copy.voice}", _DAMAGES[copy.damage]]
        if copy.damage == "named takedown":
            named = {"id": f"ours-{story.number}", "url": f'"{self.url(story)}"'}
            lines.append(f"{'id' if story.kind == 'id' else 'webUrl'}: {named[story.kind]}")
        return "\n".join(["---", *lines, f"topics: {_yaml(list(copy.topics))}", "---", ""])

    def begin(self, story: Story) -> Story:
        """Add a story with its files."""
        self.stories[story.number] = story
        self.write_all(story)
        return story

    # what must be out ------------------------------------------------------------------------

    def settle(self, now: int) -> None:
        """Take note of a build at `now`."""
        dates = [s.date for s in self.stories.values() if s.date is not None and s.live()]
        past = [date for date in dates if date <= now and not self.builds]
        first_seen = min(past) - 1 if past else now
        before = {s.number: s.updated for s in self.stories.values() if s.out}
        for story in self.stories.values():
            if story.away:
                continue
            for copy in story.copies:
                copy.known = copy.known or not copy.damage
            story.settle(now, first_build=not self.builds, first_seen=first_seen)
        self.grow(before, now)
        self._hold(before, now)
        self.choose(now)
        self.topics.settle(self.topics_of(s) for s in self.stories.values() if s.out)
        self.now = now
        self.builds += 1

    def grow(self, before: Mapping[int, int], now: int) -> None:
        """Tell of links that came, if that is asked for; `before` are instants of updates."""

    def choose(self, now: int) -> None:
        """Choose for feeds with rules of their own, of which this site has none."""

    def _hold(self, before: dict[int, int], now: int) -> None:
        """Tell nobody of what is updated with so many others within an hour (D3)."""
        out = [s for s in self.stories.values() if s.out and s.number in before]
        fresh = [s for s in out if s.updated > before[s.number]]
        self.told = [at for at in self.told if min(at, now) > now - 3600]
        if not MANY < len(fresh + self.told) > len(before) / 20:
            self.told += [now] * len(fresh)
            return
        for story in fresh:
            story.updated, story.held = max(before[story.number], story.published or 0), now

    def change_what_matters(self, *, dates: bool) -> None:
        """Say whether another date is an edit to tell readers of (D3)."""
        for story in self.stories.values():
            story.comparable = story.comparable and dates == self.dates_matter
        self.dates_matter = dates

    def note_shown(self, numbers: set[int]) -> None:
        """Take note of which stories the feeds show since the last build."""
        for story in self.stories.values():
            if story.is_sound() and not story.away:
                story.kept = story.number in numbers

    def lose_cache(self) -> None:
        """Forget what the publisher had read: only the ledger is left."""
        known = self.stories.values()
        self.told = [s.updated for s in known if s.first_out is not None and s.updated > s.entered]
        for story in self.stories.values():
            story.kept = False
            for copy in story.copies:
                copy.known = False

    def topics_of(self, story: Story) -> set[str]:
        """Return the topics in whose feeds a story is that is out: by all its live copies (I4)."""
        named = {topic for copy in story.live() for topic in copy.topics}
        return self.topics.feeds_of(named, story.face.quality if story.face else 0)

    def feeds(self) -> dict[str, Expected]:
        """Return what each feed must show, by its folder in out/."""
        out = {s.number: self.topics_of(s) for s in self.stories.values() if s.out}
        expected = {"": self.shown((self.stories[n] for n in out), self.window)}
        for topic in self.topics.live():
            members = (self.stories[n] for n, topics in out.items() if topic in topics)
            expected[f"topics/{FOLDERS[topic]}/"] = self.shown(members, self.window)
        return expected

    @staticmethod
    def shown(
        members: Iterable[Story], window: Window, first: Mapping[int, int] = MappingProxyType({})
    ) -> Expected:
        """Return the window of F6; stories of one instant may stand for each other.

        `first` has the instants of stories that entered this feed at another one than others.
        """
        order = [*members]
        came = {s.number: first.get(s.number, s.entered) for s in order}
        order.sort(key=lambda s: -came[s.number])
        newest = came[order[0].number] if order else 0
        recent = sum(
            window.days > 0 and came[s.number] >= newest - window.days * DAY for s in order
        )
        shown = order[: max(window.items, recent)]
        edge = came[shown[-1].number] if shown else 0
        possible = {s.number for s in order if came[s.number] >= edge}
        tied = len(possible) > len(shown)
        certain = [s for s in shown if not tied or came[s.number] > edge]
        edited = sorted(
            (s for s in order if s.edited and s not in certain), key=lambda s: -s.edited
        )
        doubtful = sum(s.number in possible for s in edited)
        last = edited[EDITED - 1].edited if len(edited) > EDITED else 0
        certain += [s for s in edited if s.edited > last]
        least = edited[EDITED + doubtful - 1].edited if len(edited) > EDITED + doubtful else 0
        possible |= {s.number for s in edited if s.edited >= least}
        readable = (s.number for s in certain if s.kept or (s.is_sound() and not s.away))
        return Expected(set(readable), possible, {s.number for s in order})

    def links_of(self, story: Story) -> set[str]:
        """Return the related links that an entry of `story` must show, if there is room (R2)."""
        hidden = {s.tail for s in self.stories.values() if not s.out} | {story.tail}
        return {end for url in story.related if (end := tail_of(url)) not in hidden}

    def secrets(self) -> list[str]:
        """Return what must be nowhere in out/: marks and addresses of what is not out (S3, R2)."""
        hidden = [s for s in self.stories.values() if not s.out]
        return [text for s in hidden for text in (s.mark, s.tail)]


def tail_of(url: str) -> str:
    """Return the end of an address, without what is only noise."""
    return url.rpartition("/")[2].partition("?")[0]


def instant(seconds: int | None) -> str | None:
    """Return seconds since 1970 as authors write an instant."""
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _link(url: str) -> dict[str, str]:
    return {"title": "See also", "webUrl": url}


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# what an author may do ----------------------------------------------------------------------------

Act = Callable[[Author, Story, Random], None]


class Operation(NamedTuple):
    """Something that an author does to one story, and when that makes sense."""

    applies: Callable[[Story], bool]
    act: Act


def _folder(copy: Copy) -> str:
    return copy.path.rpartition("/")[0]


def _rename(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice(story.copies)
    _relocate(author, copy, author.new_path(rng, _folder(copy)))


def _move(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice(story.copies)
    folder = rng.choice([f for f in _FOLDERS if f != _folder(copy)])
    _relocate(author, copy, author.new_path(rng, folder))


def _relocate(author: Author, copy: Copy, path: str) -> None:
    target = author.content / path
    target.parent.mkdir(parents=True, exist_ok=True)
    (author.content / copy.path).rename(target)
    copy.path = path


def _edits(place: int) -> Act:
    def act(author: Author, story: Story, rng: Random) -> None:
        del rng
        story.edit(place)
        author.write_all(story)

    return act


def _retopic(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice(story.copies)
    copy.topics = some_topics(rng)
    author.write(story, copy)


def _readdress(author: Author, story: Story, rng: Random) -> None:
    del rng
    story.past.append(story.tail)
    story.moves += 1
    story.tail = f"s{story.number:03}-at{story.moves}"
    story.pending = True
    author.write_all(story)


def _rename_and_readdress(author: Author, story: Story, rng: Random) -> None:
    _rename(author, story, rng)
    _readdress(author, story, rng)


def _noise(author: Author, story: Story, rng: Random) -> None:
    story.scheme = rng.choice(["http", "https"])
    story.noise = rng.choice(["", "?utm_source=x", "?utm_source=x&utm_medium=y", "?fbclid=z"])
    author.write_all(story)


def _unflag(author: Author, story: Story, rng: Random) -> None:
    del rng
    for copy in story.copies:
        copy.flag = ""
    author.write_all(story)


def _flag(author: Author, story: Story, rng: Random) -> None:
    flag = rng.choice(sorted(FLAGS))
    copies = [rng.choice(story.copies)] if flag == "removed" else story.copies
    for copy in copies:
        copy.flag = flag
        author.write(story, copy)


def _delete(author: Author, story: Story, rng: Random) -> None:
    del rng
    for copy in story.copies:
        author.delete(copy)
    story.copies = []


def _restore(author: Author, story: Story, rng: Random) -> None:
    story.copies = [Copy(author.new_path(rng), some_topics(rng))]
    author.write_all(story)


def _breaks(damage: str) -> Act:
    def act(author: Author, story: Story, rng: Random) -> None:
        copy = rng.choice(story.copies)
        copy.damage = damage
        author.write(story, copy)

    return act


def _is_broken(story: Story) -> bool:
    return any(c.damage and c.known for c in story.copies)


def _rename_broken(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice([c for c in story.copies if c.damage and c.known])
    _relocate(author, copy, author.new_path(rng, _folder(copy)))


def _repair(author: Author, story: Story, rng: Random) -> None:
    # Once the cache is lost, only its bytes tell which of two files was shown before.
    lasting = any(c.damage == "named takedown" for c in story.copies)
    for copy in story.copies:
        copy.damage = ""
    if rng.random() < 0.3 and not _is_nameless(story) and not lasting:
        story.edit(0)
    author.write_all(story)


def _touch(author: Author, story: Story, rng: Random) -> None:
    for copy in story.copies:
        author.write(story, copy, in_place=rng.random() < 0.5)


def _heat(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice(story.copies)
    copy.heat += 1
    copy.quality = rng.randrange(-1, 30)
    author.write(story, copy)


def _duplicate(author: Author, story: Story, rng: Random) -> None:
    flag = "draft" if rng.random() < 0.2 else ""
    second_file(author, story, rng, flag)


def _unduplicate(author: Author, story: Story, rng: Random) -> None:
    copy = rng.choice(story.copies)
    story.copies.remove(copy)
    author.delete(copy)


def _redate(author: Author, story: Story, rng: Random) -> None:
    future = rng.random() < 0.25
    story.date = author.now + (rng.randrange(600, 9 * DAY) if future else -rng.randrange(60 * DAY))
    story.pending = story.pending or author.dates_matter
    author.write_all(story)


def _declare(author: Author, story: Story, rng: Random) -> None:
    story.declared = author.now + rng.randrange(-9 * DAY, 5 * DAY)
    author.write_all(story)


def _link_up(author: Author, story: Story, rng: Random) -> None:
    story.related = some_links(author, rng)
    author.write_all(story)


def _take_path(author: Author, story: Story, rng: Random) -> None:
    """Delete a story, and write a new one in the place of its file."""
    path = story.copies[0].path
    _delete(author, story, rng)
    # Where the path is all there is to know a story by, a new one would be an edit of the old one.
    kinds = ["url", "id"] if story.kind == "path" else ["url", "id", "path"]
    fresh = new_story(author, rng, rng.choice(kinds))
    fresh.copies[0].path = path
    author.begin(fresh)
    author.touched.add(fresh.number)


def _take_url(author: Author, story: Story, rng: Random) -> None:
    """Write a new story at an address that another story once had."""
    fresh = new_story(author, rng, "url")
    fresh.tail = story.past.pop()
    author.begin(fresh)
    author.touched.add(fresh.number)


def _swap(author: Author, story: Story, rng: Random) -> None:
    """Let two stories change places."""
    candidates = (author.stories[n] for n in sorted(author.stories.keys() - author.touched))
    if others := [s for s in candidates if _addressed(s) and s is not story]:
        mine, theirs = story.copies[0], (other := rng.choice(others)).copies[0]
        mine.path, theirs.path = theirs.path, mine.path
        author.write(story, mine)
        author.write(other, theirs)
        author.touched.add(other.number)


def _sound(story: Story) -> bool:
    return story.is_sound()


def _traceable(story: Story) -> bool:
    # A hidden file with neither address nor date, edited and then renamed, is anybody's.
    # Nor is it told which of two hidden files is the one shown next, when the first one moves.
    vague = _is_nameless(story) or len(story.copies) > 1
    return story.is_sound() and not (vague and story.is_held())


def _is_nameless(story: Story) -> bool:
    return story.kind == "path" and story.date is None


def _addressed(story: Story) -> bool:
    return story.is_sound() and story.kind != "path"


def _may_go(story: Story) -> bool:
    return story.is_sound() and (story.date is not None or story.first_out is not None)


OPERATIONS: dict[str, Operation] = {
    "rename": Operation(_traceable, _rename),
    "move to another folder": Operation(_traceable, _move),
    "retitle": Operation(_sound, _edits(0)),
    "edit the excerpt": Operation(_sound, _edits(1)),
    "edit the body": Operation(lambda s: s.is_sound() and s.number % 3 > 0, _edits(2)),
    "re-topic": Operation(_sound, _retopic),
    "change the URL": Operation(_sound, _readdress),
    "http, https, utm noise": Operation(_addressed, _noise),
    "rename and change the URL": Operation(
        lambda s: _traceable(s) and s.date is not None, _rename_and_readdress
    ),
    "link to others": Operation(_sound, _link_up),
    "approve late, republish": Operation(Story.is_held, _unflag),
    "withdraw by a flag": Operation(lambda s: s.is_sound() and not s.is_held(), _flag),
    "delete the files": Operation(_may_go, _delete),
    "bring a deleted one back": Operation(lambda s: not s.copies and s.kind != "path", _restore),
    "break": Operation(_sound, _breaks("broken")),
    "break above a takedown line": Operation(_sound, _breaks("takedown")),
    "break above a takedown line and an address": Operation(_addressed, _breaks("named takedown")),
    "break above a line that unpublishes": Operation(_sound, _breaks("draft")),
    "rename a broken file": Operation(_is_broken, _rename_broken),
    "repair": Operation(lambda s: bool(s.copies) and not s.is_sound(), _repair),
    "touch": Operation(_sound, _touch),
    "heat and quality": Operation(_sound, _heat),
    "a second file": Operation(lambda s: _addressed(s) and len(s.copies) == 1, _duplicate),
    "one file less": Operation(lambda s: s.is_sound() and len(s.copies) > 1, _unduplicate),
    "redate": Operation(lambda s: s.is_sound() and s.date is not None, _redate),
    "declare an update": Operation(_sound, _declare),
    "reuse the file name": Operation(lambda s: _may_go(s) and len(s.copies) == 1, _take_path),
    "reuse an old URL": Operation(lambda s: bool(s.past) and s.kind != "path", _take_url),
    "swap file names": Operation(_addressed, _swap),
}
"""What an author does to one story, by the name it has in the table."""


def second_file(author: Author, story: Story, rng: Random, flag: str = "") -> None:
    """Write a second file of a story."""
    voice = max(copy.voice for copy in story.copies) + 1
    quality = rng.randrange(-1, 30)
    copy = Copy(author.new_path(rng), some_topics(rng), quality, voice=voice, flag=flag)
    story.copies.append(copy)
    author.write(story, copy)


def some_topics(rng: Random) -> tuple[str, ...]:
    """Return none, one or two topics."""
    return tuple(rng.sample(sorted(TOPICS), rng.choice([0, 1, 1, 2])))


def some_links(author: Author, rng: Random) -> list[str]:
    """Return related links: to stories of the site, whatever state they are in, and elsewhere."""
    ours = [author.url(s) for s in author.stories.values()]
    return [*rng.sample(ours, min(len(ours), rng.randrange(1, 4))), "https://other.example/x"]


def new_story(author: Author, rng: Random, kind: str, when: str = "past") -> Story:
    """Return a story that is not written yet; `when` is past, future or undated."""
    dates = {
        "past": author.now - rng.randrange(60 * DAY),
        "future": author.now + rng.randrange(600, 9 * DAY),
        "undated": None,
    }
    copy = Copy(author.new_path(rng), some_topics(rng), rng.randrange(-1, 30))
    number = max(author.stories, default=0) + 1
    story = Story(number, kind, dates[when], [copy], f"s{number:03}-at0")
    story.related = some_links(author, rng)
    return story
