"""Recording: a settlement goes into the catalogue, and marks the feeds it touches (R4, T3, D8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from feedpub.core.endings import ended, heirs, renamed
from feedpub.core.feeds import EVERYTHING, Feed, Name, Policy
from feedpub.core.founding import Candidate, Former, establish, left_behind
from feedpub.core.identity import Authority, keys_of
from feedpub.core.model import Problem
from feedpub.core.problems import problem
from feedpub.core.stories import Clock, State, Story
from feedpub.publish.ports import Catalogue, Stage
from feedpub.publish.settling import Settled, Settlement

BATCH = 1000
"""How many stories are written at a time, so that what is written never stands twice in memory."""


def record(
    settlement: Settlement,
    catalogue: Catalogue,
    policy: Policy,
    authority: Authority,
    clock: Clock,
    former: Sequence[Former] = (),
) -> int:
    """Write `settlement` into the catalogue; return how many stories were withdrawn.

    `former` are the feeds in out/ where the state was lost: those that nothing is in any more stay.
    Must run in the transaction that also records the files. Afterwards every feed whose
    documents may have to change is marked dirty, and owing if something must go out of them.
    """
    stories = settlement.stories
    numbers = _establish(settlement, catalogue, policy, authority, clock.now, former)
    dirty: set[int] = set()
    bereft: set[int] = set()
    left: set[int] = set()
    if clock.first_build:
        _fill(stories, numbers, catalogue)
    else:
        for at in range(0, len(stories), BATCH):
            part = stories[at : at + BATCH]
            _move(part, numbers, catalogue, dirty, bereft, left)
            # No entry is kept of a story that is new.
            catalogue.entries.outdate(s.number for s in part if s.stale and s.old)
            catalogue.entries.drop(s.number for s in part if s.spent and s.old)
    known = () if clock.first_build else stories  # of what is new nothing was said before
    paths = (copy.path for s in known for copy in s.copies)
    catalogue.files.replace_problems(Stage.SETTLING, paths, settlement.problems)
    catalogue.feeds.mark(dirty, dirty=True)
    catalogue.feeds.owe(left)
    _date_withdrawals(bereft, catalogue, clock.now)
    if not clock.first_build:
        _refresh_linking(stories, catalogue)
    _open_archives([s for s in stories if _was_withdrawn(s)], catalogue)
    return sum(_was_withdrawn(s) for s in stories)


def _was_withdrawn(story: Settled) -> bool:
    was_out = story.old is not None and story.old.state is State.OUT
    return was_out and story.new.state is not State.OUT


def _establish(
    settlement: Settlement,
    catalogue: Catalogue,
    policy: Policy,
    authority: Authority,
    now: int,
    former: Sequence[Former],
) -> dict[Name, int]:
    """Make the feeds that do not exist yet, end those that do no longer (T6).

    Returns the row number of every feed.
    """
    existing = catalogue.feeds.all()
    feeds = {feed.name: feed for feed in existing.values()}
    numbers = {feed.name: number for number, feed in existing.items()}

    def keep(changed: Iterable[Feed]) -> None:
        for feed in changed:
            feeds[feed.name] = feed
            numbers[feed.name] = catalogue.feeds.put(numbers.get(feed.name), feed)

    keep(renamed(feeds.values(), policy))
    # The feed of everything is there even before it has an item (F5).
    everything = Candidate(EVERYTHING, now, "", "")
    asked_for = (everything, *settlement.claims, *heirs(feeds.values(), policy, now))
    wanted = [c for c in asked_for if c.name not in numbers]
    keep(establish(wanted, feeds.values(), policy, authority, now))
    keep(left_behind(former, feeds.values(), policy, now))
    claimed = {c.name for c in settlement.claims}
    keep(ended(feeds.values(), claimed, policy, authority, now))
    return numbers


def _fill(stories: Sequence[Settled], numbers: Mapping[Name, int], catalogue: Catalogue) -> None:
    """Write the stories of a first build; their feeds are new, and so dirty already."""
    for at in range(0, len(stories), BATCH):
        part = stories[at : at + BATCH]
        catalogue.stories.put(
            (s.number, None, s.new, sorted([numbers[name] for name in s.feeds])) for s in part
        )
    catalogue.feeds.fill_members()


def _move(
    stories: Sequence[Settled],
    numbers: Mapping[Name, int],
    catalogue: Catalogue,
    dirty: set[int],
    bereft: set[int],
    left: set[int],
) -> None:
    """Write some stories, each a member of just its feeds.

    Adds to `dirty` the feeds that this touches, to `bereft` those that a story was withdrawn from,
    to `left` those that it is not in any more, for whatever reason.
    """
    before = catalogue.feeds.memberships(s.number for s in stories if s.old)
    changes: list[tuple[int, Story | None, Story, list[int]]] = []
    gone: list[tuple[int, int, int]] = []
    come: list[tuple[int, int, int]] = []
    counted: set[int] = set()  # the feeds of which other items count now
    for story in stories:
        number, old, new = story.number, story.old, story.new
        entered, was = before.get(number, (0, []))
        enters = new.entered
        now_in = sorted([numbers[name] for name in story.feeds])
        if new != old or was != now_in:
            changes.append((number, old, new, now_in))
        if was != now_in or entered != enters:
            # What stays where it was stays sealed as it was (X2).
            stays = {*was} & {*now_in} if entered == enters else set()
            gone += [(feed, entered, number) for feed in was if feed not in stays]
            come += [(feed, enters, number) for feed in now_in if feed not in stays]
            dirty.update(was, now_in)
            left.update(set(was) - set(now_in))
        elif story.stale:
            dirty.update(now_in)
        if was != now_in or (old and old.published != new.published):
            counted.update(was, now_in)
        if _was_withdrawn(story):
            bereft.update(was)
            expires = new.expires or 0
            catalogue.withdrawals.put((feed, number, expires) for feed in was)
    back = [s.number for s in stories if s.old and s.old.withdrawn and not s.new.withdrawn]
    dirty.update(catalogue.withdrawals.lift(back) if back else ())
    catalogue.stories.put(changes)
    catalogue.feeds.remove_members(gone)
    catalogue.feeds.put_members(come)
    catalogue.feeds.forget_facts(counted)


def _date_withdrawals(feeds: set[int], catalogue: Catalogue, now: int) -> None:
    """A withdrawal moves the `updated` of the feeds it was in (D8)."""
    known = catalogue.feeds.all() if feeds else {}
    for number in sorted(feeds):
        catalogue.feeds.put(number, replace(known[number], withdrawn=now))


def _refresh_linking(stories: Sequence[Settled], catalogue: Catalogue) -> None:
    """Compose again what links to a story that came, went, or is known by other URLs (R2, R4)."""
    targets: set[str] = set()
    for story in stories:
        before = set(keys_of(story.old)) if story.old else set()
        after = set(keys_of(story.new))
        if story.old is None or story.old.state != story.new.state:
            targets |= before | after
        elif before != after:
            targets |= before ^ after
    linking = catalogue.entries.linking_to(targets)
    catalogue.entries.outdate(linking)
    catalogue.feeds.mark(_feeds_of(linking, catalogue), dirty=True)
    withdrawn = {key for s in stories if s.old and _was_withdrawn(s) for key in keys_of(s.old)}
    catalogue.feeds.owe(_feeds_of(catalogue.entries.linking_to(withdrawn), catalogue))


def _feeds_of(stories: Iterable[int], catalogue: Catalogue) -> set[int]:
    """Return the feeds that any of these stories is in."""
    return {f for _, feeds in catalogue.feeds.memberships(stories).values() for f in feeds}


def _open_archives(withdrawn: Sequence[Settled], catalogue: Catalogue) -> None:
    """Have the archives written again that hold a withdrawn story, or link to one (X4, R2)."""
    if not withdrawn:
        return
    keys = {key for s in withdrawn for key in (*keys_of(s.new), *(keys_of(s.old) if s.old else ()))}
    opened = catalogue.archives.outdate([s.number for s in withdrawn], keys)
    catalogue.feeds.owe(opened)


def collisions(feeds: Iterable[Feed]) -> list[Problem]:
    """Return a warning for each feed whose address another one already had (T3)."""
    text = "another name has this address without its suffix; rename one, or set a slug for it"
    return [problem(feed.folder, "slug-collision", text) for feed in feeds if feed.wanted]
