"""Foresight: what subscribers of each feed would see of a build, for a dry run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from feedpub.core.endings import goes_on
from feedpub.core.feeds import Feed, Policy
from feedpub.core.stories import State
from feedpub.publish.ports import Catalogue


class Difference(NamedTuple):
    """What changes in one feed: numbers of items. `ids` are those of them with another id.

    `folder` is where it is in out/, '' for the feed of everything; `fate` says whether the feed
    itself is `new`, `ends` (there is a last entry for a time, T6), or `stays`.
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
    """Which items the feeds have: when each was updated, by id; the feeds by their ids."""

    updated: Mapping[str, int] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    within: Mapping[str, set[str]] = field(default_factory=dict)


def outlook(catalogue: Catalogue, policy: Policy) -> Outlook:
    """Return what the catalogue has in the feeds that go on, as it is now."""
    stories = catalogue.stories.get(catalogue.stories.in_states(State.OUT))
    live = {n: feed for n, feed in catalogue.feeds.all().items() if goes_on(feed, policy)}
    within: dict[str, set[str]] = {feed.id: set() for feed in live.values()}
    for number, (_, feeds) in catalogue.feeds.memberships(stories).items():
        for feed in feeds:
            if feed in live:
                within[live[feed].id].add(stories[number].id)
    updated = {story.id: story.updated for story in stories.values()}
    return Outlook(updated, {feed.id: feed for feed in live.values()}, within)


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
    fate = "stays" if feed.id in after.feeds else "ends"
    return Difference(
        folder=feed.folder,
        fate=fate if feed.id in before.feeds else "new",
        new=len(new - old),
        updated=moved,
        withdrawn=len(old - new),
        unchanged=len(both) - moved,
        ids=len(new.intersection(changed)),
    )
