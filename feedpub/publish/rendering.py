"""Rendering: dirty feeds become files in out/, checked before they replace what was good (F9)."""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from feedpub.core.channel import FeedFacts, FeedWindow, Listed, RenderedFeed
from feedpub.core.feeds import EVERYTHING, Feed, Name, head, updated
from feedpub.core.model import Entry, Problem, Site
from feedpub.core.problems import problem
from feedpub.core.selection import fitting, listed
from feedpub.core.statistics import WEEK, WEEKS, facts
from feedpub.formats import ASSETS, FORMATS, GZIP, LISTINGS, PAGE, REDIRECTS, Renderers
from feedpub.publish.archiving import Archivist
from feedpub.publish.listing import Directory
from feedpub.publish.ports import Catalogue, Target
from feedpub.publish.replacing import Replacer
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.windows import Windows

_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}


class _Rendered(NamedTuple):
    """All documents of one feed, rendered and checked; `faults` says why they must not go out."""

    documents: list[RenderedFeed]
    faults: list[str]


class Press:
    """Renders feeds and replaces their files; keeps the report and the outputs up to date.

    `directory` knows all feeds, which the page of the feed of everything lists.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        target: Target,
        settings: Settings,
        windows: Windows,
        directory: Directory,
        report: Report,
        renderers: Renderers,
        *,
        dry_run: bool,
    ) -> None:
        self._catalogue = catalogue
        self._target = target
        self._settings = settings
        self._windows = windows
        self._owing = catalogue.feeds.owing()
        self._directory = directory
        self._report = report
        self._replacer = Replacer(
            catalogue, target, report, precompress=settings.precompress, dry_run=dry_run
        )
        self._keeper, self._renderers = renderers, renderers.of(settings.files)
        self._facts: dict[Name, FeedFacts] = {}
        self._archivist = Archivist(catalogue, settings, windows)

    def publish(self, number: int, feed: Feed) -> bool:
        """Render one feed and replace what changed of it; say whether it is now as it should be."""
        with self._report.timed("compose"):
            entries = self._windows.entries(number, feed)
            self._note_facts(number, feed, entries)
        try:
            rendered = self._render(number, feed, entries)
        except ValueError:
            # feedgen and lxml raise it for what XML forbids: a fault of ours, kept from spreading.
            rendered = _Rendered([], ["it cannot be written as XML"])
        return self._put_out(number, feed, self._settings.paths_of(feed, PAGE), rendered)

    def _note_facts(self, number: int, feed: Feed, entries: Sequence[Entry]) -> None:
        feeds = self._catalogue.feeds
        newest = max((entry.published for entry in entries), default=0)
        lately = feeds.published(number, newest - WEEKS * WEEK)
        self._facts[feed.name] = facts(feeds.count(number), lately, entries)
        feeds.put_facts(number, self._facts[feed.name])

    def publish_archives(self, number: int, feed: Feed, damaged: Collection[str]) -> bool:
        """Render the archives of a feed that must be; say whether its files could be written.

        Must come after `publish` of all feeds, which composes most of what archives hold.
        """
        archivist, done = self._archivist, True
        for archive in archivist.todo(number, feed, damaged):
            with self._report.timed("compose"):
                window, whole = archivist.window(number, feed, archive)
            paths = self._settings.archive_paths(feed, archive)
            try:
                rendered = self._checked(self._documents(window, paths, archive=True), window)
            except ValueError:
                rendered = _Rendered([], ["it cannot be written as XML"])
            written = self._put_out(number, feed, paths, rendered)
            if written:
                archivist.note(number, archive, window, whole=whole)
            hopeless = bool(rendered.faults) and number not in self._owing
            done = done and (written or hopeless)
        return done

    def _put_out(
        self, number: int, feed: Feed, paths: Mapping[str, str], rendered: _Rendered
    ) -> bool:
        for document in rendered.documents:
            self._report.tally(document).rendered += 1
        if rendered.faults:
            self._reject(feed, rendered.faults)
            written, missed = False, dict[str, bytes | None].fromkeys(paths.values())
        else:
            with self._report.timed("write"):
                written = self._replace_all(number, feed, rendered.documents)
            missed = {document.path: document.data for document in rendered.documents}
        if not written and number in self._owing:
            self._report.unwritten |= missed
        return written

    def _render(self, number: int, feed: Feed, entries: Sequence[Entry]) -> _Rendered:
        """Render a feed in all formats, with as many entries as its limit in bytes allows (F6)."""
        extent = self._settings.policy.extent_of(*feed.name)
        count, paths = len(entries), self._settings.paths_of(feed, PAGE)
        while True:
            window = self._window(number, feed, entries[:count])
            documents = self._documents(window, paths)
            fits = fitting(count, max((len(d.data) for d in documents), default=0), extent.bytes)
            if fits >= count:
                break
            count = fits
        rendered = self._checked(documents, window)
        if self._settings.pages:
            page = self._page(feed, window, paths[PAGE.name])
            rendered = _Rendered(documents + page.documents, rendered.faults + page.faults)
        return rendered

    def _documents(
        self, window: FeedWindow, paths: Mapping[str, str], *, archive: bool = False
    ) -> list[RenderedFeed]:
        """Return the documents of a window in all formats that subscribers read."""
        site = self._settings.site
        with self._report.timed("render"):
            return [
                RenderedFeed(paths[name], name, render(window, site), archive)
                for name, render in self._renderers.items()
            ]

    def _checked(self, documents: list[RenderedFeed], window: FeedWindow) -> _Rendered:
        with self._report.timed("check"):
            return _Rendered(documents, self._check(documents, window))

    def _page(self, feed: Feed, window: FeedWindow, path: str) -> _Rendered:
        """Return the page of a feed, by the templates of the site if it has some.

        A page that these cannot make is made by ours: nothing on it may be outdated, least of all
        what was withdrawn (X4), and no feed waits for it.
        """
        feeds = self._directory.listed[1:] if feed.name == EVERYTHING else ()
        known = self._facts[feed.name] if feed.ended is None else FeedFacts()
        given = window, self._settings.site, feeds, known
        if self._settings.layout:
            with self._report.timed("pages"):
                data = self._own_page(*given)
            if data is not None:
                return _Rendered([RenderedFeed(path, PAGE.name, data)], [])
        with self._report.timed("pages"):
            data = self._keeper.pages()(*given)
        return self._checked([RenderedFeed(path, PAGE.name, data)], window)

    def _own_page(
        self, window: FeedWindow, site: Site, feeds: Sequence[Listed], facts: FeedFacts
    ) -> bytes | None:
        from feedpub.formats.layout import TemplateFailure

        try:
            return self._keeper.own_pages(self._settings.layout)(window, site, feeds, facts)
        except TemplateFailure as failure:
            name, line, kind, _ = failure.fault
            text = f"cannot make every page ({kind}); these look as ours do"
            found = problem(name, "template-failed", text, line)
            if found not in self._report.problems:
                self._report.problems.append(found)
            return None

    def _window(self, number: int, feed: Feed, entries: Sequence[Entry]) -> FeedWindow:
        if feed.ended is not None:
            return self._windows.last_words(feed)
        settings = self._settings
        newest = max((e.updated for e in entries), default=None)
        instant = updated(feed, newest)
        top = head(feed, settings.policy, settings.site, settings.files, instant)
        # What only cannot be shown now has its place there: it is not sealed for that.
        shown = {entry.id for entry in entries} | self._windows.absent
        chain = self._archivist.seal(number, feed, shown)
        return FeedWindow(top, listed(entries), self._windows.withdrawn(number), chain)

    def _check(self, documents: Sequence[RenderedFeed], window: FeedWindow) -> list[str]:
        from feedpub.formats.invariants import faults

        site = self._settings.site
        return [
            f"{d.path}: {fault}"
            for d in documents
            for fault in faults(d.data, d.format, window, site)
        ]

    def _reject(self, feed: Feed, faults: Sequence[str]) -> None:
        self._report.failed = True
        text = f"not published, the last good one stays: {'; '.join(faults[:5])}"
        self._report.problems.append(problem(feed.folder or "./", "feed-rejected", text))

    def _replace_all(self, number: int, feed: Feed, documents: Sequence[RenderedFeed]) -> bool:
        try:
            # A foreign file in the way of one document must not hold back the others.
            outcomes = [self._replacer.replace(number, document) for document in documents]
            return all(outcomes)
        except OSError as error:
            self._report.failed = True
            self._report.problems.append(_not_written(feed, error))
            return False

    def publish_lists(self, number: int, feed: Feed, now: int) -> bool:
        """Render what is for the whole site; say whether its files could be written.

        They belong to `feed`, that of everything, and must come after all others.
        """
        from feedpub.formats import assets

        site, feeds = self._settings.site, self._directory.listed
        with self._report.timed("lists"):
            documents = [
                RenderedFeed(each.file, each.name, each.load()(site, feeds))
                for each in LISTINGS.values()
            ]
            documents += [
                RenderedFeed(each.file, each.name, assets.contents(each, self._settings.templates))
                for each in self._settings.assets
            ]
            departures = self._directory.departures(now)
            documents += [
                RenderedFeed(each.file, name, each.load()(site, departures))
                for name, each in REDIRECTS.items()
                if name in self._settings.redirects
            ]
        return self._put_out(number, feed, self._settings.list_paths(), _Rendered(documents, []))

    def remove_stale(self, wanted: set[str], feeds: Iterable[Feed]) -> None:
        """Remove the files of ours that none of the `wanted` paths is; see `Replacer`."""
        self._replacer.remove_stale(wanted, lambda: self._possible(feeds))

    def _possible(self, feeds: Iterable[Feed]) -> set[str]:
        names = {PAGE.file, *(f.file for f in FORMATS.values()), *self._settings.files.values()}
        folders = (place for feed in feeds for place in self._folders(feed.folder))
        paths = {folder + name for folder in folders for name in names}
        paths |= {each.file for ours in (LISTINGS, ASSETS, REDIRECTS) for each in ours.values()}
        return paths | {path + GZIP for path in paths}

    def _folders(self, home: str) -> Iterator[str]:
        """Yield the folder of a feed, and those in which its archives are."""
        yield home
        for name in self._target.folders(f"{home}archive"):
            yield f"{home}archive/{name}/"


def _not_written(feed: Feed, error: OSError) -> Problem:
    advice = "; free some space" if error.errno in _FULL_DISK else ""
    text = f"not written, the last good one stays: {error.strerror}{advice}"
    return problem(feed.folder or "./", "feed-not-written", text)
