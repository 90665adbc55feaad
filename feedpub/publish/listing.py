"""Listing: all feeds that go on, with what is known of each, for the lists of them (F7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from feedpub.core.channel import Departure, FeedFacts, Listed
from feedpub.core.endings import departed
from feedpub.core.feeds import Feed, head
from feedpub.core.hierarchy import Branch, tree
from feedpub.formats import FORMATS, PAGE, Renderers
from feedpub.publish.ports import Catalogue
from feedpub.publish.settings import Settings


class Directory:
    """The feeds of a site in their hierarchy; `renderers` remember how they were listed last."""

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        feeds: Mapping[int, Feed],
        renderers: Renderers,
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._feeds = feeds
        self._renderers = renderers
        self._numbers = {feed.name: number for number, feed in feeds.items()}

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """All feeds that go on, that of everything first, with their statistics when first asked.

        So it must be asked for when all others were rendered.
        """
        facts, given = self._catalogue.feeds.facts(), self._settings
        return self._renderers.once(
            "listed",
            (self._feeds, facts, given.policy, given.site, given.files),
            lambda: self._of(tree(self._feeds.values(), given.policy), facts),
        )

    def departures(self, now: int) -> list[Departure]:
        """Return the addresses that are no more at the instant `now` (T6)."""
        named = {feed.name: feed for feed in self._feeds.values()}
        found: list[Departure] = []
        for feed, heir in departed(named, self._settings.policy, now):
            there = self._addresses(heir) if heir else {}
            found += [Departure(path, there.get(n)) for n, path in self._addresses(feed).items()]
        return found

    def _addresses(self, feed: Feed) -> dict[str, str]:
        """Return the paths of a feed as they are linked to: that of its page is the folder."""
        paths = self._settings.paths_of(feed)
        found = {name: path for name, path in paths.items() if name in FORMATS}
        return found | ({PAGE.name: feed.folder} if PAGE.name in paths else {})

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
