"""Outgoing: the feeds that are dirty, and files in out/ that are not as they were, are made anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from feedpub.core.endings import stands
from feedpub.core.feeds import EVERYTHING, Feed
from feedpub.formats import GZIP, Renderers
from feedpub.publish.options import Options
from feedpub.publish.ports import Edges, Output, Progress, no_progress
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings

if TYPE_CHECKING:
    from feedpub.publish.printing import Printing
    from feedpub.publish.rendering import Press
    from feedpub.publish.shelf import Shelf


def standing(feeds: Mapping[int, Feed], settings: Settings, now: int) -> dict[int, Feed]:
    """Return the feeds that have documents at `now` (epoch seconds).

    Those are the ones that go on, and for a time what ended (T6).
    """
    named = {feed.name: feed for feed in feeds.values()}
    return {n: feed for n, feed in feeds.items() if stands(feed, named, settings.policy, now)}


class Outgoing:
    """Brings out/ in line with the catalogue, and keeps the report."""

    def __init__(self, edges: Edges, settings: Settings, options: Options, report: Report) -> None:
        self._edges = edges
        self._catalogue = edges.catalogue
        self._settings = settings
        self._options = options
        self._report = report

    def publish(
        self, shelf: Shelf | None, renderers: Renderers, progress: Progress = no_progress
    ) -> None:
        """Render and replace what is dirty; `shelf` is what was read on the way."""
        feeds = self._catalogue.feeds.all()
        live = standing(feeds, self._settings, self._options.now)
        self._report.pages.total = len(live) if self._settings.pages else 0
        self._report.feeds.total = len(live) * len(self._settings.files)
        outputs = self._catalogue.outputs.all()
        dirty = self._catalogue.feeds.dirty()
        if self._options.takedowns_only:
            self._catalogue.feeds.mark(dirty - self._catalogue.feeds.owing(), dirty=False)
            outputs, dirty = {}, self._catalogue.feeds.dirty()
        damaged = self._damaged(outputs, [live[number] for number in dirty & live.keys()])
        dirty |= set(damaged.values())
        if not dirty and outputs.keys() <= self._wanted(live):
            return
        # That of everything is last: its page lists all others as they are then.
        todo = sorted(dirty & live.keys(), key=lambda n: (live[n].name == EVERYTHING, live[n].name))
        press = self._press(feeds, shelf, renderers)
        done = press.publish({n: live[n] for n in todo}, progress)
        # Archives come last, as most of what they hold was composed by then.
        done &= press.publish_archives({n: live[n] for n in todo}, damaged)
        if self._options.takedowns_only:
            self._catalogue.feeds.mark(done, dirty=False)
            return
        owing = self._list(press, live)
        press.remove_stale(self._wanted(live))
        self._catalogue.feeds.mark(owing, dirty=True)
        self._catalogue.feeds.mark(done - owing | (dirty - live.keys()), dirty=False)

    def _damaged(self, outputs: Mapping[str, Output], changed: Iterable[Feed]) -> dict[str, int]:
        """Return the files of ours that are gone or that somebody changed, each with its feed.

        Those are written again. Who names paths of content has no news of out/: then only the files
        of the feeds that `changed` tell whether there is a reason to look at all the others.
        """
        with self._report.timed("verify"):
            if self._options.only is not None:
                paths = (p for feed in changed for p in self._settings.paths_of(feed).values())
                if not self._amiss(outputs[path] for path in paths if path in outputs):
                    return {}
            return self._amiss(outputs.values())

    def _amiss(self, outputs: Iterable[Output]) -> dict[str, int]:
        stat = self._edges.target.stat
        return {o.path: o.feed for o in outputs if stat(o.path) != o.stat}

    def _wanted(self, live: dict[int, Feed]) -> set[str]:
        """Return the paths of all documents that there should be."""
        last, settings = self._catalogue.archives.last(), self._settings
        found = {path for feed in live.values() for path in settings.paths_of(feed).values()}
        archived = {n: feed for n, feed in live.items() if n in last and settings.is_archived(feed)}
        for number, feed in archived.items():
            for archive in range(1, last[number] + 2):  # the open one comes after the last
                found.update(settings.archive_paths(feed, archive).values())
        count = sum(last[number] + 1 for number in archived)
        self._report.archives.total = count * len(settings.files)
        lists = settings.list_paths()
        self._report.lists.total = sum(not name.endswith(GZIP) for name in lists)
        return found.union(lists.values())

    def _printing(self, renderers: Renderers) -> Printing:
        # Only here: an unchanged site needs nothing that reads or renders.
        from feedpub.publish.printing import Printer, Printing

        printer = Printer(self._settings.site, tuple(self._settings.files), renderers)
        return Printing(printer, self._report, self._edges.pool)

    def _press(
        self,
        feeds: Mapping[int, Feed],
        shelf: Shelf | None,
        renderers: Renderers,
    ) -> Press:
        from feedpub.publish.listing import Directory
        from feedpub.publish.reading import Reader
        from feedpub.publish.rendering import Press
        from feedpub.publish.shelf import Shelf
        from feedpub.publish.windows import Windows

        catalogue, settings = self._catalogue, self._settings
        reader = Reader(self._edges.content, settings.rules, settings.significant)
        shelf = shelf or Shelf(settings.policy)
        return Press(
            catalogue,
            self._edges.target,
            settings,
            Windows(catalogue, settings, reader, shelf, feeds),
            Directory(catalogue, settings, feeds, renderers),
            self._report,
            renderers,
            self._printing(renderers),
            options=self._options,
        )

    def _list(self, press: Press, live: Mapping[int, Feed]) -> set[int]:
        """Render what is for the whole site; return the feed it belongs to if that could not be."""
        home = ((n, feed) for n, feed in live.items() if feed.name == EVERYTHING)
        return {n for n, feed in home if not press.publish_lists(n, feed, self._options.now)}
