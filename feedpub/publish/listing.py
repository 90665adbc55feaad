"""Listing: all feeds that go on, with what is known of each, for the lists of them (F7)."""

from __future__ import annotations

from collections.abc import Mapping

from feedpub.core.feeds import Feed, head
from feedpub.core.hierarchy import Branch, tree
from feedpub.core.model import FeedFacts, Listed
from feedpub.publish.ports import Catalogue
from feedpub.publish.settings import Settings


class Directory:
    """The feeds of a site in their hierarchy."""

    def __init__(self, catalogue: Catalogue, settings: Settings, feeds: Mapping[int, Feed]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._feeds = feeds
        self._numbers = {feed.name: number for number, feed in feeds.items()}

    def listed(self) -> tuple[Listed, ...]:
        """Return all feeds that go on with their statistics of now, that of everything first."""
        facts = self._catalogue.feeds.facts()
        return self._of(tree(self._feeds.values(), self._settings.policy), facts)

    def _of(
        self, branches: tuple[Branch, ...], facts: Mapping[int, FeedFacts]
    ) -> tuple[Listed, ...]:
        given = self._settings.policy, self._settings.site, self._settings.files
        return tuple(
            Listed(
                head(branch.feed, *given, 0),
                self._of(branch.children, facts),
                facts.get(self._numbers[branch.feed.name], FeedFacts()),
            )
            for branch in branches
        )
