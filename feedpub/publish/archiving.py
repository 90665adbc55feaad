"""Archiving: seals what a feed's subscription document need not hold, and says what each holds."""

from __future__ import annotations

from collections.abc import Collection, Container

from feedpub.core.archiving import Month, beside, folder, months, sealable
from feedpub.core.channel import UNCHAINED, Chain, FeedWindow
from feedpub.core.feeds import Feed, address, head
from feedpub.core.selection import listed
from feedpub.publish.ports import Catalogue
from feedpub.publish.settings import Settings
from feedpub.publish.windows import Windows


class Archivist:
    """Keeps the archives of feeds (X1-X4)."""

    def __init__(self, catalogue: Catalogue, settings: Settings, windows: Windows) -> None:
        self._archives = catalogue.archives
        self._settings = settings
        self._windows = windows
        self._last = catalogue.archives.last()

    def seal(self, number: int, feed: Feed, shown: Container[str]) -> Chain:
        """Seal what must be, now that its subscription document holds the items `shown`.

        Return where that document stands in the chain.
        """
        if not self._settings.is_archived(feed):
            return UNCHAINED
        extent = self._settings.policy.extent_of(*feed.name)
        for members in sealable(self._archives.unsealed(number), shown, extent):
            self._last[number] = self._last.get(number, 0) + 1
            self._archives.seal(number, self._last[number], members)
        return self._chain(feed, 0, self._last.get(number, 0))

    def todo(self, number: int, feed: Feed, damaged: Collection[str]) -> list[int]:
        """Return the archives to be written: what must be, what is `damaged`, and the open one."""
        last = self._last.get(number, 0)
        if not last or not self._settings.is_archived(feed):
            return []
        found = {*self._archives.dirty(number), last + 1}
        if damaged:
            paths = {n: self._settings.archive_paths(feed, n) for n in range(1, last + 1)}
            found |= {
                n for n, files in paths.items() if any(path in damaged for path in files.values())
            }
        return sorted(found)

    def window(self, number: int, feed: Feed, archive: int) -> tuple[FeedWindow, bool]:
        """Return what an archive holds, and whether that is all: a file may be unusable now."""
        chain = self._chain(feed, archive, self._last[number])
        members = (
            self._archives.members(number, archive)
            if chain.sealed
            else self._archives.unsealed(number)
        )
        entries = self._windows.archived(members)
        # Dated by what it holds, not by what became of its feed since.
        instant = max((entry.updated for entry in entries), default=feed.created)
        given = self._settings
        top = head(feed, given.policy, given.site, given.files, instant)
        top = top._replace(addresses=self._addresses(feed, archive))
        window = FeedWindow(top, listed(entries), chain=chain)
        return window, len(entries) == len(members)

    def months(self, number: int, feed: Feed) -> tuple[Month, ...]:
        """Return the archives of a feed by month, for its page."""
        if number not in self._last or not self._settings.is_archived(feed):
            return ()
        file, site = next(iter(self._settings.files.values())), self._settings.site

        def url(archive: int) -> str:
            return address(site, folder(feed.folder, archive) + file)

        return months(self._archives.spans(number), url, self._settings.site.timezone)

    def note(self, number: int, archive: int, window: FeedWindow, *, whole: bool) -> None:
        """Remember what an archive that was written links to; a `whole` one is as it should be."""
        if window.chain.sealed:
            links = (link.key for entry in window.entries for link in entry.related)
            self._archives.put_links(number, archive, links)
        if whole:
            self._archives.clean(number, archive)

    def _chain(self, feed: Feed, archive: int, last: int) -> Chain:
        found = {rel: self._addresses(feed, n) for rel, n in beside(archive, last).items()}
        return Chain(found, sealed=0 < archive <= last)

    def _addresses(self, feed: Feed, archive: int) -> dict[str, str]:
        place = folder(feed.folder, archive)
        files = self._settings.files.items()
        return {name: address(self._settings.site, place + file) for name, file in files}
