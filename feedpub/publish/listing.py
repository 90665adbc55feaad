"""Listing: all feeds that go on, with what is known of each, and the addresses that are no more."""

from __future__ import annotations

from collections.abc import Mapping

from feedpub.core.endings import departed
from feedpub.core.feeds import Branch, Feed, head, tree
from feedpub.core.model import Departure, FeedFacts, Listed
from feedpub.formats import FORMATS, PAGE
from feedpub.publish.run import Run
from feedpub.publish.settings import Settings


def listed(run: Run, feeds: Mapping[int, Feed]) -> tuple[Listed, ...]:
    """Return all feeds that go on in their hierarchy, that of everything first (F7).

    Their statistics are those of now, so that it must be asked for when all others were rendered.
    """
    settings, facts = run.settings, run.catalogue.feeds.facts()
    numbers = {feed.name: number for number, feed in feeds.items()}

    def told(branches: tuple[Branch, ...]) -> tuple[Listed, ...]:
        return tuple(
            Listed(
                head(branch.feed, settings.policy, settings.site, settings.files, 0),
                told(branch.children),
                facts.get(numbers[branch.feed.name], FeedFacts()),
            )
            for branch in branches
        )

    return told(tree(feeds.values(), settings.policy))


def departures(run: Run, feeds: Mapping[int, Feed]) -> list[Departure]:
    """Return the addresses that are no more (T6)."""
    named = {feed.name: feed for feed in feeds.values()}
    found: list[Departure] = []
    for feed, heir in departed(named, run.settings.policy, run.now):
        there = _addresses(run.settings, heir) if heir else {}
        paths = _addresses(run.settings, feed).items()
        found += [Departure(path, there.get(name)) for name, path in paths]
    return found


def _addresses(settings: Settings, feed: Feed) -> dict[str, str]:
    """Return the paths of a feed as they are linked to: that of its page is the folder."""
    paths = settings.paths_of(feed)
    found = {name: path for name, path in paths.items() if name in FORMATS}
    return found | ({PAGE.name: feed.folder} if PAGE.name in paths else {})
