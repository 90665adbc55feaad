"""Settle: which story each changed file belongs to, and how each story moves on (I2, I4, D3-D6).

Only the stories that a change can reach are looked at: those of the changed files, of files with
the same identity key, those that may be known by one of their keys, and those that are due.
Nothing is written here, so that an outcome that is not confirmed leaves no trace (X5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

from feedpub.catalogue import Catalogue
from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.core.feed_lifecycle import Candidate
from feedpub.core.feeds import feed_named
from feedpub.core.matching import grouped, grown, match
from feedpub.core.membership import Contender, wanted
from feedpub.core.model import Withheld
from feedpub.core.policy import EVERYTHING, NAMED, Name
from feedpub.core.problems import Problem, problem
from feedpub.core.stories import (
    BARRING,
    Clock,
    Copy,
    State,
    Story,
    advance,
    begin,
    by_link,
    in_force,
    is_undated,
    keys_of,
    mint,
    winner,
)
from feedpub.publish.report import printable
from feedpub.publish.settings import Run

_MOST_NAMED = 5
_UNSURE = (
    "a new item: its title and date, or its text, are those of an item whose file is gone, and of"
    " others. To keep an id, rename a file in one build and change its address in the next"
)


class Settled(NamedTuple):
    """One story moved on. `feeds` are those it is now in.

    `stale` says that its entry must be composed again. Where it `contends`, others count, too (N2).
    """

    number: int
    old: Story | None
    new: Story
    copies: list[Copy]
    feeds: tuple[Name, ...]
    stale: bool
    contends: Mapping[Name, Contender] = MappingProxyType({})

    @property
    def was_out(self) -> bool:
        """Whether it was out before."""
        return self.old is not None and self.old.state is State.OUT

    @property
    def was_withdrawn(self) -> bool:
        """Whether it was out, and is not any more."""
        return self.was_out and self.new.state is not State.OUT

    @property
    def was_page(self) -> bool:
        """Whether it was a page, to which links led, and is nowhere now."""
        old, new = self.old, self.new
        return old is not None and old.state is State.UNDATED and not new.state.is_on_site

    @property
    def was_updated(self) -> bool:
        """Whether subscribers are told of an update of it: it was out, and is."""
        old, new = self.old, self.new
        return old is not None and old.state is new.state is State.OUT and old.updated < new.updated


class Settlement(NamedTuple):
    """The stories that a rescan reaches, and the problems of stories with several files.

    `claims` is, for each feed that one of them is in, the claim of the oldest (T3).
    """

    stories: list[Settled]
    claims: Collection[Candidate]
    problems: list[Problem]

    def places(self) -> dict[str, tuple[Status, int]]:
        """Return status and story of every file that was looked at, by path."""
        return {c.path: (_status(c, s.new), s.number) for s in self.stories for c in s.copies}


def _status(copy: Copy, story: Story) -> Status:
    """Return what became of the file that `copy` is of, by its own flags and by its story."""
    if copy.withheld is not Withheld.NO:
        return Status.WITHHELD
    if is_undated(copy, story):
        return Status.UNDATED
    if story.state in (State.OUT, State.SCHEDULED) and copy.path != story.path:
        return Status.DUPLICATE
    return Status.PUBLISHED if story.state is State.OUT else Status[story.state.name]


class Change(NamedTuple):
    """What happened since the last rescan; `before` holds changed files as they were.

    `is_there` says of a path whether there is a file.
    """

    read: Sequence[KnownFile] = ()
    before: Sequence[KnownFile] = ()
    removed: Sequence[KnownFile] = ()
    due: Sequence[int] = ()
    is_there: Callable[[str], bool] = lambda _: True


def settle(run: Run, change: Change, clock: Clock) -> Settlement:
    """Work out what `change` does to the ledger; nothing is written."""
    catalogue = run.catalogue
    # A first build knows no file and no story yet, so there is nothing to look up.
    near = [] if clock.first_build else _neighbours(change, catalogue)
    groups = _groups(change.read, near, clock.now)
    clock = clock.behind(groups.values())
    files = (*change.read, *change.before, *change.removed, *near)
    own = catalogue.stories.get({*change.due, *(f.story for f in files if f.story is not None)})
    others = {} if clock.first_build else _claimable(groups, own, change, near, catalogue)
    stories = own | others
    claims, unsure = match(groups, stories.values(), lambda path: not change.is_there(path))
    numbered = {s.id: n for n, s in stories.items()}
    course = _Course(run, change, near, clock)
    settled = []
    for key, copies in groups.items():
        old = claims.get(key)
        settled.append(course.moved(numbered[old.id] if old else None, old, copies))
    left = sorted(own.keys() - {s.number for s in settled})
    settled += [Settled(n, own[n], advance(own[n], (), clock), [], (), stale=True) for n in left]
    if run.settings.style.growth.mode != "off" or any(s.new.grown for s in settled):
        settled = list(_grown(run, settled, clock.now))
    unclear = [problem(groups[key][0].path, "story-unsure", _UNSURE) for key in unsure]
    unclear += _unmet(settled, course.claims, run)
    return Settlement(settled, course.claims.values(), [*_problems(settled), *unclear])


def _grown(run: Run, settled: Sequence[Settled], now: int) -> Iterator[Settled]:
    """Let stories grow by the related links that their files have now (N5)."""
    keys = {key for s in settled if s.old for c in s.copies for key, _ in c.links}
    near = run.catalogue.stories.with_keys(keys) | {s.number: s.new for s in settled}
    known, style = by_link(near.values()), run.settings.style
    for s in settled:
        new = grown(s.old, s.new, winner(s.copies, s.new.path), known, style, now)
        yield s._replace(new=new, stale=s.stale or new != s.new)


def _groups(
    read: Sequence[KnownFile], near: Sequence[KnownFile], now: int
) -> dict[str, list[Copy]]:
    """Group copies by identity key; what a broken file bars counts as removed (I4, S3)."""
    copies = [in_force(f.copy, now) for f in (*read, *near) if f.copy is not None]
    bars = {key for copy in copies for key in copy.bars}
    groups = grouped(copy for copy in copies if not copy.bars)
    for identity, group in groups.items() if bars else ():
        if any(not bars.isdisjoint(keys_of(copy)) for copy in group):
            groups[identity] = [copy._replace(withheld=Withheld.REMOVED) for copy in group]
    return groups


def _neighbours(change: Change, catalogue: Catalogue) -> list[KnownFile]:
    """Return the unchanged files that share an identity key or a story with the change.

    Files that bar stories are always among them: there are few, if any.
    """
    touched = {f.seen.path for f in (*change.read, *change.removed)}
    all_changed = (*change.read, *change.before, *change.removed)
    bars = {key for f in all_changed if f.copy for key in f.copy.bars}
    keys = {f.copy.identity for f in all_changed if f.copy} | bars | {BARRING}
    numbers = {f.story for f in all_changed if f.story is not None} | set(change.due)
    numbers |= catalogue.stories.with_keys(bars).keys() if bars else set()
    near = {f.seen.path: f for f in catalogue.files.with_identity(keys)}
    near |= {f.seen.path: f for f in catalogue.files.of_stories(numbers)}
    return [f for path, f in near.items() if path not in touched]


def _claimable(
    groups: Mapping[str, Sequence[Copy]],
    own: Mapping[int, Story],
    change: Change,
    near: Sequence[KnownFile],
    catalogue: Catalogue,
) -> dict[int, Story]:
    """Return the other stories that a group may claim: those that no unchanged file holds."""
    keys = {key for copies in groups.values() for copy in copies for key in keys_of(copy)}
    found = {n: s for n, s in catalogue.stories.with_keys(keys).items() if n not in own}
    moving = {f.seen.path for f in (*change.read, *change.removed, *near)}
    held = {f.story for f in catalogue.files.of_stories(found) if f.seen.path not in moving}
    return {n: s for n, s in found.items() if n not in held}


class _Course:
    """Moves groups of copies on; `claims` gathers the oldest claim on each of their feeds."""

    def __init__(self, run: Run, change: Change, near: Sequence[KnownFile], clock: Clock) -> None:
        self.claims: dict[Name, Candidate] = {}
        self._catalogue, self._settings, self._clock = run.catalogue, run.settings, clock
        self._near = {f.seen.path for f in near}
        self._reshaped = {f.story for f in (*change.before, *change.removed)}
        rules = run.settings.rules_of_feeds if run.settings.policy.named else {}
        feeds = run.catalogue.feeds.all().items() if rules else ()
        # Where the config changed the rule, what is in must enter anew.
        self._same = {n: f.name for n, f in feeds if f.rule and f.rule == rules.get(f.key)}
        self._minted: set[str] = set()
        self._fresh = count(run.catalogue.stories.next_number())

    def moved(self, number: int | None, old: Story | None, copies: list[Copy]) -> Settled:
        """Move a story on with all its copies; make a new one where there is no `old` one."""
        first, clock, settings = copies[0], self._clock, self._settings
        start = old or begin(first, mint(first, settings.authority, self._is_taken), clock)
        self._minted.add(start.id)
        number = next(self._fresh) if number is None else number
        new = advance(start, copies, clock)
        found, contends = wanted(new, copies, settings.policy, self._inside(number))
        # A story without one of its files has fewer topics, though nothing else of it changed.
        reshaped = number in self._reshaped or any(c.path not in self._near for c in copies)
        feeds = tuple([self._oldest(name, new, label) for name, label in found.items()])
        return Settled(number, old, new, copies, feeds, reshaped or new != old, contends)

    def _inside(self, number: int) -> set[Name]:
        known = self._catalogue.feeds.memberships([number]).values() if self._same else ()
        return {self._same[n] for feeds in known for n in feeds if n in self._same}

    def _is_taken(self, item_id: str) -> bool:
        known = not self._clock.first_build and self._catalogue.stories.is_taken(item_id)
        return known or item_id in self._minted

    def _oldest(self, name: Name, story: Story, label: str) -> Name:
        """Note that a story is in a feed; return its name, the same object for all stories."""
        known = self.claims.get(name)
        if known is None or (story.published, story.id) < (known.published, known.item_id):
            name = known.name if known else name
            self.claims[name] = Candidate(name, story.published, story.id, label)
        return self.claims[name].name


def _problems(settled: Sequence[Settled]) -> Iterator[Problem]:
    """Yield what is to be said of stories that are, or will be, out: late ids, several files (I4)."""
    for _, _, story, copies, *_ in settled:
        if story.state not in (State.OUT, State.SCHEDULED):
            continue
        if story.explicit not in ("", story.id) and story.basis != f"id:{story.explicit}":
            text = "its id came after readers knew it by another one, which stays; take it away"
            yield problem(story.path, "id-late", text)
        others = [c.path for c in copies if c.withheld is Withheld.NO and c.path != story.path]
        if others:
            names = ", ".join(map(printable, others))
            text = f"the same story is also in {names}; this file is the one published"
            yield problem(story.path, "story-duplicate", text)


def _unmet(settled: Sequence[Settled], claims: Iterable[Name], run: Run) -> Iterator[Problem]:
    """Yield a problem for each item that is out and says of a feed that there is not what it is (S3)."""
    copies = [c for s in settled if s.new.state is State.OUT for c in s.copies if c.only or c.apart]
    if not copies:
        return
    from difflib import get_close_matches  # few items say it

    policy, feeds = run.settings.policy, run.catalogue.feeds.all().values()
    others = (feed.name for feed in feeds if feed.kind != NAMED)
    known = {EVERYTHING, *claims, *others, *(Name(NAMED, key) for key in policy.named)}
    words = [key if kind in (NAMED, "topic") else f"{kind}/{key}" for kind, key in known]
    for copy in copies:
        labels = (*(copy.only or ()), *copy.apart)
        for label in [one for one in labels if feed_named(one, policy) not in known][:1]:
            near = get_close_matches(label.lower(), [*words, "everything"], 1)
            hint = f"did you mean {near[0]}?" if near else "name one of feeds.named, or topic/NAME"
            text = f"feeds names a feed that is not there; {hint}"
            yield problem(copy.path, "name-unmatched", text)


def address_problems(stories: Iterable[Story]) -> Iterator[Problem]:
    """Yield a problem for each address that several items have which are out, or will be."""
    advice = "give each a slug or link of its own, or use {path} in content.link_template"
    found = defaultdict[str, list[str]](list)
    for story in stories:
        if story.link and story.state in (State.OUT, State.SCHEDULED):
            found[story.link].append(story.path)
    for path, *others in map(sorted, found.values()):
        names = ", ".join(map(printable, others[:_MOST_NAMED]))
        if names:
            yield problem(path, "address-shared", f"has the address of {names} too; {advice}")
