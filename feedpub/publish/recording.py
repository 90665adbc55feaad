"""Recording: a settlement goes into the catalogue, and marks the feeds it touches (R4, T3, D8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from feedpub.core.feeds import EVERYTHING, Candidate, Feed, Name, Policy, establish
from feedpub.core.identity import Authority, keys_of
from feedpub.core.model import Problem
from feedpub.core.problems import problem
from feedpub.core.stories import State
from feedpub.publish.ports import Catalogue, Stage
from feedpub.publish.settling import Settled, Settlement


def record(
    settlement: Settlement, catalogue: Catalogue, policy: Policy, authority: Authority, now: int
) -> int:
    """Write `settlement` into the catalogue; return how many stories were withdrawn.

    Must run in the transaction that also records the files. Afterwards every feed whose
    documents may have to change is marked dirty.
    """
    stories = settlement.stories
    catalogue.stories.put((s.number, s.old, s.new) for s in stories if s.new != s.old)
    catalogue.files.place(settlement.places())
    paths = {copy.path for s in stories for copy in s.copies}
    catalogue.files.replace_problems(Stage.SETTLING, paths, settlement.problems)
    numbers = _establish(stories, catalogue, policy, authority, now)
    _move_members(stories, numbers, catalogue, now)
    catalogue.entries.outdate(s.number for s in stories if s.stale)
    catalogue.entries.drop(s.number for s in stories if s.spent)
    _refresh_linking(stories, catalogue)
    return sum(_was_withdrawn(s) for s in stories)


def _was_withdrawn(story: Settled) -> bool:
    was_out = story.old is not None and story.old.state is State.OUT
    return was_out and story.new.state is not State.OUT


def _establish(
    stories: Iterable[Settled],
    catalogue: Catalogue,
    policy: Policy,
    authority: Authority,
    now: int,
) -> dict[Name, int]:
    """Make the feeds that do not exist yet; return the row number of every feed."""
    existing = catalogue.feeds.all()
    numbers = {feed.name: number for number, feed in existing.items()}
    # The feed of everything is there even before it has an item (F5).
    everything = Candidate(EVERYTHING, now, "", "")
    candidates = [everything, *(c for s in stories for c in s.candidates())]
    wanted = [c for c in candidates if c.name not in numbers]
    for feed in establish(wanted, existing.values(), policy, authority, now):
        numbers[feed.name] = catalogue.feeds.put(None, feed)
    return numbers


def _move_members(
    stories: list[Settled], numbers: Mapping[Name, int], catalogue: Catalogue, now: int
) -> None:
    """Make each story a member of just its feeds, and mark what that touches."""
    before = catalogue.feeds.memberships(s.number for s in stories if s.old is not None)
    dirty: set[int] = set()
    bereft: set[int] = set()
    gone: list[tuple[int, int, int]] = []
    come: list[tuple[int, int, list[int]]] = []
    for story in stories:
        _, was = before.get(story.number, (0, []))
        entered = story.old.entered if story.old else 0
        now_in = sorted(numbers[name] for name in story.feeds)
        if was != now_in or entered != story.new.entered:
            gone += [(feed, entered, story.number) for feed in was]
            come.append((story.number, story.new.entered, now_in))
            dirty |= {*was, *now_in}
        elif story.stale:
            dirty |= set(now_in)
        if _was_withdrawn(story):
            bereft |= set(was)
    catalogue.feeds.remove_members(gone)
    catalogue.feeds.put_members(come)
    catalogue.feeds.mark(dirty, dirty=True)
    _date_withdrawals(bereft, catalogue, now)


def _date_withdrawals(feeds: set[int], catalogue: Catalogue, now: int) -> None:
    """A withdrawal moves the `updated` of the feeds it was in (D8)."""
    known = catalogue.feeds.all() if feeds else {}
    for number in sorted(feeds):
        catalogue.feeds.put(number, replace(known[number], withdrawn=now))


def _refresh_linking(stories: Iterable[Settled], catalogue: Catalogue) -> None:
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
    touched = {f for _, feeds in catalogue.feeds.memberships(linking).values() for f in feeds}
    catalogue.feeds.mark(touched, dirty=True)


def collisions(feeds: Iterable[Feed]) -> list[Problem]:
    """Return a warning for each feed whose address another one already had (T3)."""
    text = "another name has this address without its suffix; rename one, or set a slug for it"
    return [problem(feed.folder, "slug-collision", text) for feed in feeds if feed.wanted]
