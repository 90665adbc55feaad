"""Publishing: the feeds that are dirty, and files in out/ that are not as they were, are made anew.

select -> render -> check -> write
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any

from feedpub.catalogue.feed_tables import Output
from feedpub.core.dates import rfc3339
from feedpub.core.feed_lifecycle import LAST_SECONDS, digested, has_documents
from feedpub.core.feeds import Feed, news_of, tree
from feedpub.core.model import FeedFacts, FeedWindow, Listed, RenderedFeed, content_hash
from feedpub.core.policy import EVERYTHING
from feedpub.core.selection import WEEK, WEEKS, fitting, last_published, statistics
from feedpub.formats import ASSETS, GZIP, LISTINGS, PAGE, REDIRECTS, plain
from feedpub.publish.report import plural
from feedpub.publish.settings import Run

if TYPE_CHECKING:
    from feedpub.publish.read import ItemCache
    from feedpub.publish.render import RenderedEntries, Renderer
    from feedpub.publish.select import Selected, Selector
    from feedpub.publish.write import FileWriter


def standing(run: Run) -> dict[int, Feed]:
    """Return the feeds that have documents now: those that go on, and for a time others (T6)."""
    feeds, policy = run.catalogue.feeds.all(), run.settings.policy
    named = {feed.name: feed for feed in feeds.values()}
    return {n: feed for n, feed in feeds.items() if has_documents(feed, named, policy, run.now)}


def publish_feeds(run: Run, items: ItemCache | None, rendered: RenderedEntries | None) -> None:
    """Bring out/ in line with the catalogue.

    `items` are those that were read on the way, `rendered` the entries that were rendered before.
    """
    catalogue = run.catalogue
    live = standing(run)
    everything = next(number for number, feed in live.items() if feed.name == EVERYTHING)
    outputs = catalogue.outputs.all()
    dirty = catalogue.feeds.dirty()
    if run.options.takedowns_only:
        catalogue.feeds.clean(dirty - catalogue.feeds.owing())
        outputs, dirty = {}, catalogue.feeds.dirty()
    elif dirty and run.settings.layout.pages:
        dirty.add(everything)  # whose page counts what is in the others
    with run.report.timed("verify"):
        # What is gone, or what somebody changed, is written again.
        damaged = {o.path: o.feed for o in outputs.values() if not _is_as_written(run, o)}
    dirty |= set(damaged.values())
    if not dirty and outputs.keys() <= _wanted(run, live):
        return
    # Only here: an unchanged site needs nothing that reads or renders.
    from feedpub.publish.read import ItemCache
    from feedpub.publish.render import RenderedEntries, Renderer
    from feedpub.publish.select import Selector
    from feedpub.publish.write import FileWriter

    # The feed of everything is last: its page lists all others as they are then.
    order = sorted(dirty & live.keys(), key=lambda n: (live[n].name == EVERYTHING, live[n].name))
    selector = Selector(run, items or ItemCache())
    renderer, writer = Renderer(run, rendered or RenderedEntries()), FileWriter(run)
    intact, done = outputs.keys() - damaged.keys(), set[int]()
    publisher = _Publisher(run, selector, renderer, writer, damaged.keys(), intact)
    owing = writer.owing - {everything}
    for first in (True, False):  # what something must go out of does not wait for others (X4)
        done |= publisher.publish({n: live[n] for n in order if (n in owing) is first})
        done -= writer.settle()
    if run.options.takedowns_only:
        catalogue.feeds.clean(done)
        return
    is_listed = publisher.publish_site_files(everything)
    if everything in writer.settle() or not is_listed:
        catalogue.feeds.mark([everything])
        done.discard(everything)
    writer.remove_stale(_wanted(run, live))
    writer.settle()
    catalogue.feeds.clean(done | (dirty - live.keys()))


def _is_as_written(run: Run, output: Output) -> bool:
    """Say whether a file of ours is as it was written, byte for byte: a copy of a site is, too."""
    stat = run.edges.target.stat(output.path)
    if stat is None or stat == output.stat:
        return stat is not None
    data = None
    with suppress(OSError):  # who writes it says why it cannot be
        data = run.edges.target.read(output.path)
    if data is not None and output.format.endswith(GZIP):
        data = plain(data)
    if is_same := data is not None and content_hash(data) == output.content:
        size, mtime_ns, inode = stat
        run.catalogue.outputs.put(output._replace(size=size, mtime_ns=mtime_ns, inode=inode))
    return is_same


def _wanted(run: Run, live: Mapping[int, Feed]) -> Set[str]:
    """Return the paths of all documents that there should be, as far as archives are sealed now.

    The report is told how many these are.
    """
    settings, report, last = run.settings, run.report, run.catalogue.archives.last()
    found = settings.with_copies({each.file: each.name for each in settings.site_files})
    digests = run.catalogue.feeds.digest_days() if settings.layout.pages else {}
    archives = ended = 0
    report.addresses = _former_addresses(run, live.values())
    for number, feed in live.items():
        found |= settings.files_of(feed)
        if number in digests and feed.ended is None and digested(feed.name, settings.policy):
            found |= settings.digest_files(feed, digests[number])
        last_entries = {place.path: place.format for place in settings.last_places(feed, run.now)}
        found |= settings.with_copies(last_entries)
        ended += len(last_entries)
        if number in last and settings.is_archived(feed):
            archives += last[number] + 1  # the open one comes after the last
            for archive in range(1, last[number] + 2):
                found |= settings.files_of(feed, archive)
    report.feeds.total = len(live) * len(settings.layout.files)
    pages = len(live) + sum(map(len, digests.values()))
    report.pages.total = pages if settings.layout.pages else 0
    report.archives.total = archives * len(settings.layout.files) + ended
    report.lists.total = len(settings.site_files)
    return found.keys()


def _former_addresses(run: Run, live: Iterable[Feed]) -> list[str]:
    """Return what becomes of the former addresses of feeds, those with one name in one line (T6)."""
    settings = run.settings
    found: Counter[str] = Counter()
    alone = "" if settings.redirects else ", by the service alone: output.redirects is empty"
    for feed in live:
        for place in settings.former(feed):  # few have any
            folder, here = settings.layout.folder(feed), settings.layout.documents(feed)
            name, until = place.path.removeprefix(folder), place.ended + LAST_SECONDS
            now = here.get(place.format, folder)
            now = now if name == place.path else now.removeprefix(folder)
            if place.ended and until <= run.now:
                fate = "is gone"
            elif place.ended:
                fate = f"ends {rfc3339(until)[:10]}, its last entry says where the feed is"
            elif settings.moves:
                fate = f"leads to {now}{alone}"
            else:
                fate = f"goes on with the feed, now at {now}"
            found[f"{name} {fate}"] += 1
    return [f"{told} ({plural(feeds, 'feed')})" for told, feeds in sorted(found.items())]


@dataclass
class _Publisher:
    """Makes and checks the documents of one run, and has them written.

    `damaged` are the paths of files that are not as they were written, `intact` those of the others.
    """

    run: Run
    selector: Selector
    renderer: Renderer
    writer: FileWriter
    damaged: Set[str]
    intact: Set[str]

    @cached_property
    def _listed(self) -> tuple[Listed, ...]:
        """All feeds that go on in their hierarchy, that of everything first (F7).

        Their statistics are those of now: only asked for when all others were rendered.
        """
        settings, facts = self.run.settings, self.run.catalogue.feeds.facts()
        numbers = {feed.name: number for number, feed in self.selector.feeds.items()}

        def listed(feed: Feed, below: tuple[Listed, ...]) -> Listed:
            top = settings.head(feed, 0)
            return Listed(top, below, facts.get(numbers[feed.name], FeedFacts()))

        return tree(self.selector.feeds.values(), settings.policy, listed)

    def publish(self, todo: Mapping[int, Feed]) -> set[int]:
        """Make the documents of feeds and replace what changed; return those now as they should be.

        What a document leads to is there before it is: archives before feeds.
        """
        done: set[int] = set()
        ready = self.renderer.ahead(starmap(self.selector.subscription, todo.items()), len(todo))
        for position, selected in enumerate(ready, start=1):
            number, feed = selected.number, selected.feed
            places = self.run.settings.last_places(feed, self.run.now)
            last = [self.renderer.last(number, feed, place) for place in places]
            made = self._rendered(selected)  # which seals
            whole = self._publish_archives(number, feed)
            written = map(self.writer.put_out, chain(self._digest_pages(selected), (made, *last)))
            if all([*written]) and whole:
                done.add(number)
            self.run.progress("Publishing", position, len(todo))
        return done

    def _counted(self, selected: Selected) -> FeedFacts:
        """Count the facts of a feed anew, for its page and for the lists of all feeds."""
        number, entries, feeds = selected.number, selected.entries, self.run.catalogue.feeds
        with self.run.report.timed("compose"):
            if selected.digests is None:
                lately = feeds.published(number, (last_published(entries) or 0) - WEEKS * WEEK)
                count = feeds.count(number)
            else:
                lately = [digest.instant for digest in selected.digests]
                count = len(lately)
            found = statistics(count, lately, entries)
            found = found._replace(updated=selected.window.head.updated)
            if self.run.settings.hubs:
                news = news_of(selected.window, scores=self.run.settings.site.scores)
                found = found._replace(news=news)
            feeds.put_facts(number, found)
        return found

    def _rendered(self, selected: Selected) -> RenderedFeed:
        """Return the documents of a feed, with as many entries as its limit allows, and its page."""
        feed, settings = selected.feed, self.run.settings
        limit = settings.policy.extent_of(*feed.name).bytes
        made, count = self.renderer.feed(selected), len(selected.entries)
        while (fits := fitting(count, made.size, limit)) < count:
            count = fits
            with self.run.report.timed("compose"):
                selected = self.selector.shortened(selected, count)
            made = self.renderer.feed(selected)
        facts = self._counted(selected)
        if not settings.layout.pages or not made.documents:
            return made
        page, faults = self._page(
            selected.window,
            made.files,
            facts=facts if feed.ended is None else FeedFacts(),
            past=self.selector.months(selected.number, feed),
            feeds=self._listed[1:] if feed.name == EVERYTHING else (),
        )
        found = [*made.faults, *(f"{made.paths[PAGE.name]}: {fault}" for fault in faults)]
        return made._replace(documents={**made.documents, PAGE.name: page}, faults=found)

    def _page(
        self, window: FeedWindow, files: Mapping[str, str], **about: Any
    ) -> tuple[bytes, list[str]]:
        """Return the page of a window, and what is wrong with it; `files` are where it will be."""
        from feedpub.formats.pages import About

        depths = {path.count("/") for path, name in files.items() if name == PAGE.name}
        return self.renderer.page(window, About(**about, one_depth=len(depths) == 1))

    def _digest_pages(self, selected: Selected) -> Iterator[RenderedFeed]:
        """Yield the pages of the digests of a feed that are not out, or may be outdated (N4)."""
        number, feed, settings = selected.number, selected.feed, self.run.settings
        folder, head = settings.layout.folder(feed), selected.window.head
        for digest in (selected.digests or ()) if settings.layout.pages else ():
            place = f"{digest.start}/"
            files = settings.digest_files(feed, [digest.start])
            if files.keys() <= self.intact and number not in self.writer.owing:
                continue
            top = head._replace(title=digest.title, page=head.page + place, updated=digest.instant)
            page, faults = self._page(FeedWindow(top, digest.items), files)
            paths, documents = {PAGE.name: f"{folder}{place}{PAGE.file}"}, {PAGE.name: page}
            yield RenderedFeed(number, folder, paths, files, documents, faults)

    def _publish_archives(self, number: int, feed: Feed) -> bool:
        """Make the archives of a feed that must be; say whether its files could be written."""
        selector, whole = self.selector, True
        jobs = selector.archives(number, feed, self.damaged)
        found = (selector.archive(number, feed, archive) for archive in jobs)
        for selected in self.renderer.ahead(found, len(jobs)):
            made = self.renderer.feed(selected)
            if self.writer.put_out(made):
                selector.note_written(selected)
            elif not made.faults or number in self.writer.owing:  # else there is no hope
                whole = False
        return whole

    def publish_site_files(self, number: int) -> bool:
        """Make what is for the whole site; say whether its files could be written.

        They belong to the feed of that number, that of everything, and must come after all others.
        """
        settings = self.run.settings
        with self.run.report.timed("lists"):
            left = settings.departures(self.selector.feeds.values(), self.run.now)
            moved = {path.removesuffix(PAGE.file): new for path, new in left.items()}
            about: dict[str, Any] = {
                **dict.fromkeys(LISTINGS, self._listed),
                **dict.fromkeys(ASSETS, settings.templates),
                **dict.fromkeys(REDIRECTS, moved),
            }
            rows = settings.site_files
            documents = {row.name: row.render(settings.site, about[row.name]) for row in rows}
        files = settings.with_copies({row.file: row.name for row in rows})
        paths = {row.name: row.file for row in rows}
        return self.writer.put_out(RenderedFeed(number, "", paths, files, documents))
