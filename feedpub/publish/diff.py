"""Diff: what subscribers of each feed would see of a build, for a dry run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feedpub.core.feeds import Feed
from feedpub.core.stories import State
from feedpub.publish.ports import Catalogue


class Difference(NamedTuple):
    """What changes in one feed: numbers of items. `ids` are those of them with another id.

    `folder` is where it is in out/, '' for the feed of everything; `fate` says whether the feed
    itself is `new`, `ends` (what tells of that can be read for a time, T6), is `gone` without a
    word, as the config wants no such feed any more, or `stays`.
    """

    folder: str
    fate: str
    new: int
    updated: int
    withdrawn: int
    unchanged: int
    ids: int

    @property
    def is_one(self) -> bool:
        """Whether there is anything that subscribers would see."""
        return self.fate != "stays" or bool(self.new or self.updated or self.withdrawn or self.ids)

    def as_dict(self) -> dict[str, Any]:
        """Return it as `--report json` prints it."""
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Outlook:
    """Which items the feeds have: when each was updated, by id; the feeds by their ids.

    `ending` are the feeds that are out only to tell of their end.
    """

    updated: Mapping[str, int] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    within: Mapping[str, set[str]] = field(default_factory=dict)
    ending: Collection[str] = ()


def published(catalogue: Catalogue) -> dict[int, Feed]:
    """Return the feeds that the last build left in out/, whatever the config says of them now."""
    there = {output.feed for output in catalogue.outputs.all().values()}
    return {number: feed for number, feed in catalogue.feeds.all().items() if number in there}


def outlook(catalogue: Catalogue, standing: Mapping[int, Feed]) -> Outlook:
    """Return what the catalogue has in the feeds that have documents, as it is now."""
    stories = catalogue.stories.get(catalogue.stories.in_states(State.OUT))
    live = {n: feed for n, feed in standing.items() if feed.ended is None}
    within: dict[str, set[str]] = {feed.id: set() for feed in live.values()}
    for number, (_, feeds) in catalogue.feeds.memberships(stories).items():
        for feed in feeds:
            if feed in live:
                within[live[feed].id].add(stories[number].id)
    updated = {story.id: story.updated for story in stories.values()}
    ending = {feed.id for feed in standing.values() if feed.ended is not None}
    return Outlook(updated, {feed.id: feed for feed in live.values()}, within, ending)


def differences(before: Outlook, after: Outlook, changed: Collection[str]) -> list[Difference]:
    """Return what every feed before or after would show, that of everything first, then by folder.

    A feed that goes on under another name is the same one (T6). `changed` are the items that get
    another id.
    """
    feeds = {**before.feeds, **after.feeds}
    ordered = sorted(feeds.values(), key=lambda feed: feed.folder)
    return [_difference(feed, before, after, changed) for feed in ordered]


def _difference(
    feed: Feed, before: Outlook, after: Outlook, changed: Collection[str]
) -> Difference:
    old, new = before.within.get(feed.id, set()), after.within.get(feed.id, set())
    both = old & new
    moved = sum(before.updated[own] != after.updated[own] for own in both)
    fate = "ends" if feed.id in after.ending else "gone"
    if feed.id in after.feeds:
        fate = "stays" if feed.id in before.feeds else "new"
    return Difference(
        folder=feed.folder,
        fate=fate,
        new=len(new - old),
        updated=moved,
        withdrawn=len(old - new),
        unchanged=len(both) - moved,
        ids=len(new.intersection(changed)),
    )
