"""Publishing: the feeds that are dirty, and files in out/ that are not as they were, are made anew.

select -> render -> check -> write
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.endings import has_documents
from feedpub.core.feeds import EVERYTHING, Feed, Name
from feedpub.core.model import Entry, FeedFacts, Listed, RenderedFeed
from feedpub.core.problems import problem
from feedpub.core.selection import WEEK, WEEKS, fitting, last_published, refreshed, statistics
from feedpub.formats import ASSETS, GZIP, LISTINGS, PAGE, REDIRECTS
from feedpub.publish.listing import departures, listed
from feedpub.publish.ports import Output
from feedpub.publish.run import Run
from feedpub.publish.settings import Settings

if TYPE_CHECKING:
    from feedpub.publish.read import ItemCache
    from feedpub.publish.render import Documents, RenderedEntries
    from feedpub.publish.select import Selected

_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}


def standing(feeds: Mapping[int, Feed], settings: Settings, now: int) -> dict[int, Feed]:
    """Return the feeds that have documents at `now` (epoch seconds).

    Those are the ones that go on, and for a time what ended (T6).
    """
    named = {feed.name: feed for feed in feeds.values()}
    return {
        n: feed for n, feed in feeds.items() if has_documents(feed, named, settings.policy, now)
    }


def publish_feeds(run: Run, items: ItemCache | None, rendered: RenderedEntries | None) -> None:
    """Bring out/ in line with the catalogue.

    `items` are those that were read on the way, `rendered` the entries that were rendered before.
    """
    catalogue = run.catalogue
    feeds = catalogue.feeds.all()
    live = standing(feeds, run.settings, run.now)
    run.report.pages.total = len(live) if run.settings.pages else 0
    run.report.feeds.total = len(live) * len(run.settings.files)
    outputs = catalogue.outputs.all()
    dirty = catalogue.feeds.dirty()
    if run.options.takedowns_only:
        catalogue.feeds.mark(dirty - catalogue.feeds.owing(), dirty=False)
        outputs, dirty = {}, catalogue.feeds.dirty()
    damaged = _damaged(run, outputs, [live[number] for number in dirty & live.keys()])
    dirty |= set(damaged.values())
    if not dirty and outputs.keys() <= _wanted(run, live):
        return
    # Only here: an unchanged site needs nothing that reads or renders.
    from feedpub.publish.read import ItemCache

    # That of everything is last: its page lists all others as they are then.
    order = sorted(dirty & live.keys(), key=lambda n: (live[n].name == EVERYTHING, live[n].name))
    todo = {n: live[n] for n in order}
    publisher = _Publisher(run, feeds, items or ItemCache(), rendered)
    done = publisher.publish(todo)
    # Archives come last, as most of what they hold was composed by then.
    done &= publisher.publish_archives(todo, damaged)
    if run.options.takedowns_only:
        catalogue.feeds.mark(done, dirty=False)
        return
    owing = {n for n, feed in live.items() if feed.name == EVERYTHING}
    owing = {n for n in owing if not publisher.publish_lists(n, live[n])}
    publisher.remove_stale(_wanted(run, live))
    catalogue.feeds.mark(owing, dirty=True)
    catalogue.feeds.mark(done - owing | (dirty - live.keys()), dirty=False)


def _wanted(run: Run, live: Mapping[int, Feed]) -> set[str]:
    """Return the paths of all documents that there should be, as far as archives are sealed now.

    The report is told how many these are.
    """
    settings, last = run.settings, run.catalogue.archives.last()
    found = {path for feed in live.values() for path in settings.paths_of(feed).values()}
    archived = {n: f for n, f in live.items() if n in last and settings.is_archived(f)}
    for number, feed in archived.items():
        for archive in range(1, last[number] + 2):  # the open one comes after the last
            found.update(settings.archive_paths(feed, archive).values())
    count = sum(last[number] + 1 for number in archived)
    run.report.archives.total = count * len(settings.files)
    lists = settings.list_paths()
    run.report.lists.total = sum(not name.endswith(GZIP) for name in lists)
    return found.union(lists.values())


def _damaged(run: Run, outputs: Mapping[str, Output], changed: Iterable[Feed]) -> dict[str, int]:
    """Return the files of ours that are gone or that somebody changed, each with its feed.

    Those are written again. Who names paths of content has no news of out/: then only the files
    of the feeds that `changed` tell whether there is a reason to look at all the others.
    """
    stat = run.edges.target.stat

    def amiss(some: Iterable[Output]) -> dict[str, int]:
        return {o.path: o.feed for o in some if stat(o.path) != o.stat}

    with run.report.timed("verify"):
        if run.options.only is not None:
            paths = (p for feed in changed for p in run.settings.paths_of(feed).values())
            if not amiss(outputs[path] for path in paths if path in outputs):
                return {}
        return amiss(outputs.values())


class _Made(NamedTuple):
    """Documents of one feed, rendered and checked; `faults` says why they must not go out."""

    documents: list[RenderedFeed]
    faults: list[str]


class _Publisher:
    """Publishes the feeds of one run, of all that there are, and keeps the report."""

    def __init__(
        self,
        run: Run,
        feeds: Mapping[int, Feed],
        items: ItemCache,
        rendered: RenderedEntries | None,
    ) -> None:
        from feedpub.publish.entries import EntryComposer
        from feedpub.publish.render import RenderedEntries, Renderer
        from feedpub.publish.select import Selector
        from feedpub.publish.write import FileWriter

        self._run, self._settings, self._report = run, run.settings, run.report
        self._feeds = feeds
        self._owing = run.catalogue.feeds.owing()
        self._facts: dict[Name, FeedFacts] = {}
        self._selector = Selector(run, feeds, EntryComposer(run, feeds, items))
        self._renderer = Renderer(run, rendered or RenderedEntries())
        self._writer = FileWriter(run)

    @cached_property
    def _listed(self) -> tuple[Listed, ...]:
        """All feeds that go on; only asked for when all others were rendered, see `listed`."""
        return listed(self._run, self._feeds)

    def publish(self, todo: Mapping[int, Feed]) -> set[int]:
        """Make the documents of feeds and replace what changed; return those now as they should be."""
        done: set[int] = set()
        selections = (self._subscription(number, feed) for number, feed in todo.items())
        ready = self._renderer.ahead(selections, len(todo))
        for position, selected in enumerate(ready, start=1):
            paths = self._settings.paths_of(selected.feed)
            if self._put_out(selected.number, selected.feed, paths, self._made(selected, paths)):
                done.add(selected.number)
            self._run.progress("Publishing", position, len(todo))
        return done

    def _subscription(self, number: int, feed: Feed) -> Selected:
        with self._report.timed("compose"):
            selected = self._selector.subscription(number, feed)
            self._note_facts(number, feed, selected.entries)
        return selected

    def _note_facts(self, number: int, feed: Feed, entries: Sequence[Entry]) -> None:
        feeds = self._run.catalogue.feeds
        known = feeds.facts_of(number)
        found = (known and refreshed(known, entries)) or self._counted(number, entries)
        self._facts[feed.name] = found
        if found != known:
            feeds.put_facts(number, found)

    def _counted(self, number: int, entries: Sequence[Entry]) -> FeedFacts:
        feeds = self._run.catalogue.feeds
        lately = feeds.published(number, (last_published(entries) or 0) - WEEKS * WEEK)
        return statistics(feeds.count(number), lately, entries)

    def _made(self, selected: Selected, paths: Mapping[str, str]) -> _Made:
        """Return the documents of a feed, with as many entries as its limit allows, and its page."""
        limit = self._settings.policy.extent_of(*selected.feed.name).bytes
        documents, count = self._renderer.documents(selected.window), len(selected.entries)
        while (fits := fitting(count, documents.size, limit)) < count:
            count = fits
            with self._report.timed("compose"):
                selected = self._selector.shortened(selected, count)
            documents = self._renderer.documents(selected.window)
        made = self._checked(selected, documents, paths)
        if self._settings.pages and made.documents:
            data, faults = self._page(selected)
            made.documents.append(RenderedFeed(paths[PAGE.name], PAGE.name, data))
            made.faults.extend(f"{paths[PAGE.name]}: {fault}" for fault in faults)
        return made

    def _checked(self, selected: Selected, documents: Documents, paths: Mapping[str, str]) -> _Made:
        faults = self._renderer.faults(selected.window, documents)
        archive = selected.archive > 0
        return _Made(
            [RenderedFeed(paths[n], n, data, archive) for n, data in documents.data.items()],
            [f"{paths[name]}: {fault}" if name else fault for name, fault in faults],
        )

    def _page(self, selected: Selected) -> tuple[bytes, list[str]]:
        from feedpub.formats.pages import About

        number, feed = selected.number, selected.feed
        about = About(
            self._facts[feed.name] if feed.ended is None else FeedFacts(),
            self._selector.months(number, feed),
            self._listed[1:] if feed.name == EVERYTHING else (),
        )
        return self._renderer.page(selected.window, about)

    def publish_archives(self, todo: Mapping[int, Feed], damaged: Collection[str]) -> set[int]:
        """Make the archives of feeds that must be; return the feeds whose files could be written.

        Must come after `publish` of all feeds, which composes most of what archives hold.
        """
        done, selector = {*todo}, self._selector
        jobs = [(n, f, a) for n, f in todo.items() for a in selector.archives(n, f, damaged)]
        for selected in self._renderer.ahead((self._archive(*job) for job in jobs), len(jobs)):
            number, feed = selected.number, selected.feed
            paths = self._settings.archive_paths(feed, selected.archive)
            documents = self._renderer.documents(selected.window)
            made = self._checked(selected, documents, paths)
            if self._put_out(number, feed, paths, made):
                selector.note_written(selected)
            elif not made.faults or number in self._owing:  # else there is no hope for it
                done.discard(number)
        return done

    def _archive(self, number: int, feed: Feed, archive: int) -> Selected:
        with self._report.timed("compose"):
            return self._selector.archive(number, feed, archive)

    def publish_lists(self, number: int, feed: Feed) -> bool:
        """Make what is for the whole site; say whether its files could be written.

        They belong to `feed`, that of everything, and must come after all others.
        """
        settings, site = self._settings, self._settings.site
        with self._report.timed("lists"):
            feeds = self._listed
            gone = departures(self._run, self._feeds)
            about = {
                **dict.fromkeys(LISTINGS, feeds),
                **dict.fromkeys(ASSETS, settings.templates),
                **dict.fromkeys(REDIRECTS, gone),
            }
            documents = [
                RenderedFeed(each.file, each.name, each.render(site, about[each.name]))
                for each in settings.site_files
            ]
        return self._put_out(number, feed, settings.list_paths(), _Made(documents, []))

    def _put_out(self, number: int, feed: Feed, paths: Mapping[str, str], made: _Made) -> bool:
        """Replace the files of a feed; say whether they are now as they should be."""
        for document in made.documents:
            self._report.tally(document).rendered += 1
        if made.faults:
            self._reject(feed, made.faults)
            written, missed = False, dict[str, bytes | None].fromkeys(paths.values())
        else:
            with self._report.timed("write"):
                written = self._replace_all(number, feed, made.documents)
            missed = {document.path: document.data for document in made.documents}
        if not written and number in self._owing:
            self._report.unwritten |= missed
        return written

    def _reject(self, feed: Feed, faults: Sequence[str]) -> None:
        text = f"not published, the last good one stays: {'; '.join(faults[:5])}"
        self._fail(feed, "feed-rejected", text)

    def _replace_all(self, number: int, feed: Feed, documents: Sequence[RenderedFeed]) -> bool:
        try:
            try:
                return self._replaced(number, documents)
            except OSError:
                if number not in self._owing:
                    raise
            # What was withdrawn must not stay, and its room may be all that is missing (X4).
            self._writer.clear(document.path for document in documents)
            return self._replaced(number, documents)
        except OSError as error:
            advice = "; free some space" if error.errno in _FULL_DISK else ""
            text = f"not written, the last good one stays: {error.strerror}{advice}"
            self._fail(feed, "feed-not-written", text)
            return False

    def _replaced(self, number: int, documents: Sequence[RenderedFeed]) -> bool:
        # A foreign file in the way of one document must not hold back the others.
        outcomes = [self._writer.replace(number, document) for document in documents]
        return all(outcomes)

    def _fail(self, feed: Feed, code: str, text: str) -> None:
        self._report.failed = True
        self._report.problems.append(problem(feed.folder or "./", code, text))

    def remove_stale(self, wanted: set[str]) -> None:
        """Remove the files of ours that none of the `wanted` paths is."""
        self._writer.remove_stale(wanted)
