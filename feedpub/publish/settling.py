"""Settling: which story each changed file belongs to, and how each story moves on (I2, I4, D3-D6).

Only the stories that a change can reach are looked at: those of the changed files, of files with
the same identity key, those that may be known by one of their keys, and those that are due.
Nothing is written here, so that an outcome that is not accepted leaves no trace (X5).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from feedpub.core.feeds import Candidate, Name, Policy, memberships
from feedpub.core.identity import Authority, grouped, keys_of, match, mint
from feedpub.core.model import Problem, Withheld
from feedpub.core.problems import problem
from feedpub.core.stories import (
    BARRING,
    Clock,
    Copy,
    State,
    Story,
    advance,
    begin,
    united_topics,
    winner,
)
from feedpub.publish.ports import Catalogue, KnownFile, Status
from feedpub.publish.report import printable

_STATUS = {
    State.OUT: Status.PUBLISHED,
    State.SCHEDULED: Status.SCHEDULED,
    State.WITHHELD: Status.WITHHELD,
}


class Settled(NamedTuple):
    """One story moved on. `feeds` are those it is now in, with the label it uses for each.

    `stale` says that its entry must be composed again, `spent` that the one that is kept of it
    must not even stand in when its file cannot be read: it was withdrawn, or its file read anew.
    """

    number: int
    old: Story | None
    new: Story
    copies: list[Copy]
    feeds: dict[Name, str]
    stale: bool
    spent: bool

    def candidates(self) -> list[Candidate]:
        """Return the story's claims on its feeds."""
        story = self.new
        return [Candidate(n, story.published, story.id, la) for n, la in self.feeds.items()]


class Settlement(NamedTuple):
    """The stories that a rescan reaches, and the problems of stories with several files."""

    stories: list[Settled]
    problems: list[Problem]

    def lost(self) -> set[int]:
        """Return the stories that just lost their last file."""
        return {
            s.number
            for s in self.stories
            if s.new.state is State.GONE and s.old is not None and s.old.state is not State.GONE
        }

    def places(self) -> list[tuple[str, int, int | None]]:
        """Return (path, status, story) of every file that was looked at."""
        return [
            (copy.path, int(_status(copy, story.new)), story.number)
            for story in self.stories
            for copy in story.copies
        ]


def _status(copy: Copy, story: Story) -> Status:
    if copy.withheld is not Withheld.NO:
        return Status.WITHHELD
    if story.state in (State.OUT, State.SCHEDULED) and copy.path != story.path:
        return Status.DUPLICATE
    return _STATUS[story.state]


class Change(NamedTuple):
    """What happened since the last rescan; `before` holds changed files as they were."""

    read: Sequence[KnownFile]
    before: Sequence[KnownFile]
    removed: Sequence[KnownFile]
    due: Sequence[int]
    present: Container[str]


def settle(
    change: Change, catalogue: Catalogue, clock: Clock, authority: Authority, policy: Policy
) -> Settlement:
    """Work out what `change` does to the ledger; nothing is written."""
    near = _neighbours(change, catalogue)
    groups = _groups(change.read, near)
    numbers = {f.story for f in (*change.read, *change.before, *change.removed, *near)} - {None}
    own = catalogue.stories.get({*change.due, *(n for n in numbers if n is not None)})
    stories = own | _claimable(groups, own, change, near, catalogue)
    claims = match(groups, stories.values(), lambda path: path not in change.present)
    touched = {f.seen.path for f in change.read}
    reshaped = {f.story for f in (*change.before, *change.removed)}
    settled = _advance_groups(
        groups,
        claims,
        {s.id: n for n, s in stories.items()},
        touched,
        reshaped,
        catalogue,
        clock,
        authority,
        policy,
    )
    claimed = {s.number for s in settled}
    for number in sorted(own.keys() - claimed):
        old = own[number]
        new = advance(old, (), clock)
        settled.append(Settled(number, old, new, [], {}, stale=True, spent=True))
    return Settlement(settled, _duplicate_problems(settled))


def _groups(read: Sequence[KnownFile], near: Sequence[KnownFile]) -> dict[str, list[Copy]]:
    """Group the copies by story; those that a broken file bars count as removed (I4, S3)."""
    copies = [f.copy for f in (*read, *near) if f.copy is not None]
    bars = {key for copy in copies for key in copy.bars}
    groups = grouped(copy for copy in copies if not copy.bars)
    for identity, group in groups.items() if bars else ():
        if any(not bars.isdisjoint(keys_of(copy)) for copy in group):
            groups[identity] = [replace(copy, withheld=Withheld.REMOVED) for copy in group]
    return groups


def _neighbours(change: Change, catalogue: Catalogue) -> list[KnownFile]:
    """Return the unchanged files that share an identity key or a story with the change.

    Files that only bar stories are always among them: there are few, if any.
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


def _advance_groups(
    groups: Mapping[str, list[Copy]],
    claims: Mapping[str, Story],
    numbers: Mapping[str, int],
    touched: Collection[str],
    reshaped: Collection[int | None],
    catalogue: Catalogue,
    clock: Clock,
    authority: Authority,
    policy: Policy,
) -> list[Settled]:
    taken = _taken(catalogue, clock)
    fresh = catalogue.stories.next_number()
    settled: list[Settled] = []
    for key, copies in groups.items():
        old = claims.get(key)
        if old is None:
            start = begin(copies[0], mint(copies[0], authority, taken), clock)
            number, fresh = fresh, fresh + 1
        else:
            start, number = old, numbers[old.id]
        new = advance(start, copies, clock)
        best = winner(copies, new.path)
        # A story without one of its files has fewer topics, though nothing else of it changed.
        stale = new != old or number in reshaped or any(c.path in touched for c in copies)
        reread = best is not None and best.path in touched and not best.broken
        spent = reread or new.state is State.WITHHELD
        feeds = _feeds_of(new, best, copies, policy)
        settled.append(Settled(number, old, new, copies, feeds, stale, spent))
    return settled


def _taken(catalogue: Catalogue, clock: Clock) -> Callable[[str], bool]:
    """Return a test that says whether an id was given before; asking claims it."""
    minted: set[str] = set()

    def taken(item_id: str) -> bool:
        if item_id in minted or (not clock.first_build and catalogue.stories.is_taken(item_id)):
            return True
        minted.add(item_id)
        return False

    return taken


def _feeds_of(
    story: Story, best: Copy | None, copies: Sequence[Copy], policy: Policy
) -> dict[Name, str]:
    if story.state is not State.OUT or best is None:
        return {}
    return memberships(best, united_topics(copies, best), policy)


def _duplicate_problems(settled: Sequence[Settled]) -> list[Problem]:
    found = []
    for story in settled:
        live = [c.path for c in story.copies if c.withheld is Withheld.NO]
        if len(live) > 1 and story.new.state in (State.OUT, State.SCHEDULED):
            names = ", ".join(printable(p) for p in live if p != story.new.path)
            text = f"the same story is also in {names}; this file is the one published"
            found.append(problem(story.new.path, "story-duplicate", text))
    return found
