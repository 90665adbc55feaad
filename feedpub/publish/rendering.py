"""Rendering: dirty feeds become files in out/, checked before they replace what was good (F9)."""

from __future__ import annotations

import errno
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from feedpub.core.archiving import Month
from feedpub.core.channel import FeedFacts, FeedWindow, Listed, RenderedFeed
from feedpub.core.feeds import EVERYTHING, FOLDERS, Feed, Name, head, updated
from feedpub.core.model import Entry, Problem, Site
from feedpub.core.problems import problem
from feedpub.core.selection import fitting, listed
from feedpub.core.statistics import WEEK, WEEKS, facts, last_published, refreshed
from feedpub.formats import ASSETS, FORMATS, GZIP, LISTINGS, PAGE, REDIRECTS, Renderers
from feedpub.publish.archiving import Archivist
from feedpub.publish.listing import Directory
from feedpub.publish.options import Options
from feedpub.publish.ports import Catalogue, Progress, Target
from feedpub.publish.printing import NOT_XML, Printed, Printing, Sheet
from feedpub.publish.replacing import Replacer
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.windows import Windows

NO_LIMIT = sys.maxsize
"""For archives: what they hold is decided when they are sealed."""

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
        printing: Printing,
        *,
        options: Options,
    ) -> None:
        self._catalogue = catalogue
        self._target = target
        self._settings = settings
        self._windows = windows
        self._owing = catalogue.feeds.owing()
        self._directory = directory
        self._report = report
        self._replacer = Replacer(
            catalogue, target, report, options, precompress=settings.precompress
        )
        self._renderers, self._printing = renderers, printing
        self._facts: dict[Name, FeedFacts] = {}
        self._archivist = Archivist(catalogue, settings, windows)

    def publish(self, todo: Mapping[int, Feed], progress: Progress) -> set[int]:
        """Render feeds and replace what changed of them; return those now as they should be."""
        done: set[int] = set()
        sheets = (self._sheet(number, feed) for number, feed in todo.items())
        printed = self._printing.of(sheets, len(todo))
        for position, (sheet, made) in enumerate(printed, start=1):
            rendered = self._finished(sheet, made)
            paths = self._settings.paths_of(sheet.feed)
            if self._put_out(sheet.number, sheet.feed, paths, rendered):
                done.add(sheet.number)
            progress("Publishing", position, len(todo))
        return done

    def _sheet(self, number: int, feed: Feed) -> Sheet:
        with self._report.timed("compose"):
            entries = self._windows.entries(number, feed)
            self._note_facts(number, feed, entries)
            window = self._window(number, feed, entries)
        limit = self._settings.policy.extent_of(*feed.name).bytes
        return Sheet(number, feed, window, limit, entries)

    def _note_facts(self, number: int, feed: Feed, entries: Sequence[Entry]) -> None:
        feeds = self._catalogue.feeds
        known = feeds.facts_of(number)
        found = (known and refreshed(known, entries)) or self._counted(number, entries)
        self._facts[feed.name] = found
        if found != known:
            feeds.put_facts(number, found)

    def _counted(self, number: int, entries: Sequence[Entry]) -> FeedFacts:
        feeds = self._catalogue.feeds
        lately = feeds.published(number, (last_published(entries) or 0) - WEEKS * WEEK)
        return facts(feeds.count(number), lately, entries)

    def publish_archives(self, todo: Mapping[int, Feed], damaged: Collection[str]) -> set[int]:
        """Render the archives of feeds that must be; return the feeds whose files could be written.

        Must come after `publish` of all feeds, which composes most of what archives hold.
        """
        archivist, done = self._archivist, {*todo}
        jobs = [(n, f, a) for n, f in todo.items() for a in archivist.todo(n, f, damaged)]
        sheets = (self._archive_sheet(*job) for job in jobs)
        for sheet, printed in self._printing.of(sheets, len(jobs)):
            paths = self._settings.archive_paths(sheet.feed, sheet.archive)
            rendered = _rendered(printed, paths, archive=True)
            written = self._put_out(sheet.number, sheet.feed, paths, rendered)
            if written:
                archivist.note(sheet.number, sheet.archive, sheet.window, whole=sheet.whole)
            hopeless = bool(rendered.faults) and sheet.number not in self._owing
            if not (written or hopeless):
                done.discard(sheet.number)
        return done

    def _archive_sheet(self, number: int, feed: Feed, archive: int) -> Sheet:
        with self._report.timed("compose"):
            window, whole = self._archivist.window(number, feed, archive)
        return Sheet(number, feed, window, NO_LIMIT, archive=archive, whole=whole)

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

    def _finished(self, sheet: Sheet, printed: Printed) -> _Rendered:
        """Return all documents of a feed: with as many entries as its limit allows, and its page."""
        paths = self._settings.paths_of(sheet.feed)
        sheet, printed = self._fitted(sheet, printed)
        rendered = _rendered(printed, paths)
        if not self._settings.pages or not printed.documents:
            return rendered
        try:
            page = self._page(sheet, paths[PAGE.name])
        except ValueError:  # as in `Printer`
            return _Rendered([], [NOT_XML])
        return _Rendered(rendered.documents + page.documents, rendered.faults + page.faults)

    def _fitted(self, sheet: Sheet, printed: Printed) -> tuple[Sheet, Printed]:
        """Print a sheet again, with fewer entries, until it is not larger than it may be (F6)."""
        count = len(sheet.entries)
        while (fits := fitting(count, printed.size, sheet.limit)) < count:
            count = fits
            window = self._window(sheet.number, sheet.feed, sheet.entries[:count])
            sheet, printed = next(self._printing.of([sheet._replace(window=window)], 1))
        return sheet, printed

    def _page(self, sheet: Sheet, path: str) -> _Rendered:
        """Return the page of a feed, by the templates of the site if it has some.

        A page that these cannot make is made by ours: nothing on it may be outdated, least of all
        what was withdrawn (X4), and no feed waits for it.
        """
        feed, window = sheet.feed, sheet.window
        feeds = self._directory.listed[1:] if feed.name == EVERYTHING else ()
        known = self._facts[feed.name] if feed.ended is None else FeedFacts()
        past = self._archivist.months(sheet.number, feed)
        given = window, self._settings.site, feeds, known, past
        if self._settings.layout:
            with self._report.timed("pages"):
                data = self._own_page(*given)
            if data is not None:
                return _Rendered([RenderedFeed(path, PAGE.name, data)], [])
        with self._report.timed("pages"):
            data = self._renderers.pages()(*given)
        with self._report.timed("check"):
            return self._checked(RenderedFeed(path, PAGE.name, data), window)

    def _own_page(
        self,
        window: FeedWindow,
        site: Site,
        feeds: Sequence[Listed],
        facts: FeedFacts,
        past: Sequence[Month],
    ) -> bytes | None:
        from feedpub.formats.layout import TemplateFailure

        try:
            return self._renderers.own_pages(self._settings.layout)(
                window, site, feeds, facts, past
            )
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

    def _checked(self, page: RenderedFeed, window: FeedWindow) -> _Rendered:
        inspector = self._renderers.inspector()
        found = inspector.faults(page.data, page.format, window, self._settings.site)
        return _Rendered([page], [f"{page.path}: {fault}" for fault in found])

    def _reject(self, feed: Feed, faults: Sequence[str]) -> None:
        self._report.failed = True
        text = f"not published, the last good one stays: {'; '.join(faults[:5])}"
        self._report.problems.append(problem(feed.folder or "./", "feed-rejected", text))

    def _replace_all(self, number: int, feed: Feed, documents: Sequence[RenderedFeed]) -> bool:
        try:
            try:
                return self._replaced(number, documents)
            except OSError:
                if number not in self._owing:
                    raise
            # What was withdrawn must not stay, and its room may be all that is missing (X4).
            self._replacer.clear(document.path for document in documents)
            return self._replaced(number, documents)
        except OSError as error:
            self._report.failed = True
            self._report.problems.append(_not_written(feed, error))
            return False

    def _replaced(self, number: int, documents: Sequence[RenderedFeed]) -> bool:
        # A foreign file in the way of one document must not hold back the others.
        outcomes = [self._replacer.replace(number, document) for document in documents]
        return all(outcomes)

    def publish_lists(self, number: int, feed: Feed, now: int) -> bool:
        """Render what is for the whole site; say whether its files could be written.

        They belong to `feed`, that of everything, and must come after all others.
        """
        from feedpub.formats import assets

        site, feeds = self._settings.site, self._directory.listed
        with self._report.timed("lists"):
            documents = [
                RenderedFeed(LISTINGS[name].file, name, data)
                for name, data in self._renderers.lists(site, feeds).items()
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

    def remove_stale(self, wanted: set[str]) -> None:
        """Remove the files of ours that none of the `wanted` paths is; see `Replacer`."""
        self._replacer.remove_stale(wanted, self._possible)

    def _possible(self) -> set[str]:
        """Return where files of ours may be: in the folders of feeds and archives that there are."""
        names = {PAGE.file, *(f.file for f in FORMATS.values()), *self._settings.files.values()}
        paths = {folder + name for folder in self._folders() for name in names}
        paths |= {each.file for ours in (LISTINGS, ASSETS, REDIRECTS) for each in ours.values()}
        return paths | {path + GZIP for path in paths}

    def _folders(self) -> Iterator[str]:
        homes = (f"{top}/{slug}/" for top in FOLDERS.values() for slug in self._target.folders(top))
        for home in ("", *homes):
            yield home
            for name in self._target.folders(f"{home}archive"):
                yield f"{home}archive/{name}/"


def _rendered(printed: Printed, paths: Mapping[str, str], *, archive: bool = False) -> _Rendered:
    documents = printed.documents.items()
    return _Rendered(
        [RenderedFeed(paths[name], name, data, archive) for name, data in documents],
        [f"{paths[name]}: {fault}" if name else fault for name, fault in printed.faults],
    )


def _not_written(feed: Feed, error: OSError) -> Problem:
    advice = "; free some space" if error.errno in _FULL_DISK else ""
    text = f"not written, the last good one stays: {error.strerror}{advice}"
    return problem(feed.folder or "./", "feed-not-written", text)
