"""Publishing: the feeds that are dirty, and files in out/ that are not as they were, are made anew.

select -> render -> check -> write
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from itertools import chain, starmap
from typing import TYPE_CHECKING

from feedpub.core.beginnings import digested
from feedpub.core.dates import rfc3339
from feedpub.core.endings import LAST_SECONDS, has_documents
from feedpub.core.feeds import Feed, news_of, tree
from feedpub.core.model import FeedFacts, FeedWindow, Listed, RenderedFeed
from feedpub.core.policy import EVERYTHING
from feedpub.core.selection import WEEK, WEEKS, fitting, last_published, statistics
from feedpub.formats import ASSETS, LISTINGS, PAGE, REDIRECTS
from feedpub.publish.report import plural
from feedpub.publish.run import Run
from feedpub.publish.settings import by_path
from feedpub.publish.write import FileWriter, is_as_written

if TYPE_CHECKING:
    from feedpub.publish.read import ItemCache
    from feedpub.publish.render import RenderedEntries
    from feedpub.publish.select import Selected


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
    elif dirty and run.settings.pages:
        dirty.add(everything)  # whose page counts what is in the others
    with run.report.timed("verify"):
        # What is gone, or what somebody changed, is written again.
        damaged = {o.path: o.feed for o in outputs.values() if not is_as_written(run, o)}
    dirty |= set(damaged.values())
    if not dirty and outputs.keys() <= _wanted(run, live):
        return
    # Only here: an unchanged site needs nothing that reads or renders.
    from feedpub.publish.read import ItemCache

    # The feed of everything is last: its page lists all others as they are then.
    order = sorted(dirty & live.keys(), key=lambda n: (live[n].name == EVERYTHING, live[n].name))
    intact, done = outputs.keys() - damaged.keys(), set[int]()
    publisher = _Publisher(run, items or ItemCache(), rendered, intact)
    writer, owing = publisher.writer, publisher.writer.owing - {everything}
    for first in (True, False):  # what something must go out of does not wait for others (X4)
        todo = {n: live[n] for n in order if (n in owing) is first}
        done |= publisher.publish(todo, damaged.keys())
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


def _wanted(run: Run, live: Mapping[int, Feed]) -> Set[str]:
    """Return the paths of all documents that there should be, as far as archives are sealed now.

    The report is told how many these are.
    """
    settings, report, last = run.settings, run.report, run.catalogue.archives.last()
    found, archives = settings.with_copies(by_path(settings.list_paths())), 0
    digests = run.catalogue.feeds.digest_days() if settings.pages else {}
    ended = 0
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
    report.feeds.total = len(live) * len(settings.files)
    report.pages.total = len(live) + sum(map(len, digests.values())) if settings.pages else 0
    report.archives.total = archives * len(settings.files) + ended
    report.lists.total = len(settings.site_files)
    return found.keys()


def _former_addresses(run: Run, live: Iterable[Feed]) -> list[str]:
    """Return what becomes of the former addresses of feeds, those with one name in one line (T6)."""
    settings = run.settings
    found: Counter[str] = Counter()
    alone = "" if settings.redirects else ", by the service alone: output.redirects is empty"
    for feed in live:
        folder, here = settings.layout.folder(feed), settings.layout.documents(feed)
        for place in settings.former(feed):
            name, until = place.path.removeprefix(folder), place.ended + LAST_SECONDS
            now = here.get(place.format, folder)
            now = now if name == place.path else now.removeprefix(folder)
            fate = f"goes on with the feed, now at {now}"
            if settings.moves:
                fate = f"leads to {now}{alone}"
            if place.ended:
                last = f"ends {rfc3339(until)[:10]}, its last entry says where the feed is"
                fate = last if run.now < until else "is gone"
            found[f"{name} {fate}"] += 1
    return [f"{told} ({plural(feeds, 'feed')})" for told, feeds in sorted(found.items())]


def _is_one_depth(files: Mapping[str, str]) -> bool:
    """Say whether a page is at one depth below out/ wherever it is."""
    return len({path.count("/") for path, name in files.items() if name == PAGE.name}) == 1


class _Publisher:
    """Makes and checks the documents of one run; `intact` are the paths of files that are as written."""

    def __init__(
        self, run: Run, items: ItemCache, rendered: RenderedEntries | None, intact: Set[str]
    ) -> None:
        from feedpub.publish.render import RenderedEntries, Renderer
        from feedpub.publish.select import Selector

        self._run, self._settings, self._report = run, run.settings, run.report
        self._feeds = feeds = run.catalogue.feeds.all()
        self._selector = Selector(run, feeds, items)
        self._renderer = Renderer(run, rendered or RenderedEntries())
        self.writer, self._intact = FileWriter(run), intact

    @cached_property
    def _listed(self) -> tuple[Listed, ...]:
        """All feeds that go on in their hierarchy, that of everything first (F7).

        Their statistics are those of now: only asked for when all others were rendered.
        """
        settings, facts = self._settings, self._run.catalogue.feeds.facts()
        numbers = {feed.name: number for number, feed in self._feeds.items()}

        def listed(feed: Feed, below: tuple[Listed, ...]) -> Listed:
            top = settings.head(feed, 0)
            return Listed(top, below, facts.get(numbers[feed.name], FeedFacts()))

        return tree(self._feeds.values(), settings.policy, listed)

    def publish(self, todo: Mapping[int, Feed], damaged: Set[str]) -> set[int]:
        """Make the documents of feeds and replace what changed; return those now as they should be.

        What a document leads to is there before it is: archives before feeds.
        """
        done: set[int] = set()
        ready = self._renderer.ahead(starmap(self._selector.subscription, todo.items()), len(todo))
        for position, selected in enumerate(ready, start=1):
            number, feed = selected.number, selected.feed
            places = self._settings.last_places(feed, self._run.now)
            last = [self._renderer.last(number, feed, place) for place in places]
            made = self._rendered(selected)  # which seals
            whole = self._publish_archives(number, feed, damaged)
            written = map(self.writer.put_out, chain(self._digest_pages(selected), (made, *last)))
            if all([*written]) and whole:
                done.add(number)
            self._run.progress("Publishing", position, len(todo))
        return done

    def _counted(self, selected: Selected) -> FeedFacts:
        """Count the facts of a feed anew, for its page and for the lists of all feeds."""
        number, entries, feeds = selected.number, selected.entries, self._run.catalogue.feeds
        with self._report.timed("compose"):
            lately = feeds.published(number, (last_published(entries) or 0) - WEEKS * WEEK)
            count = feeds.count(number)
            if selected.digests is not None:
                lately = [digest.instant for digest in selected.digests]
                count = len(lately)
            found = statistics(count, lately, entries)
            found = found._replace(updated=selected.window.head.updated)
            if self._settings.hubs:
                news = news_of(selected.window, scores=self._settings.site.scores)
                found = found._replace(news=news)
            feeds.put_facts(number, found)
        return found

    def _rendered(self, selected: Selected) -> RenderedFeed:
        """Return the documents of a feed, with as many entries as its limit allows, and its page."""
        limit = self._settings.policy.extent_of(*selected.feed.name).bytes
        made, count = self._renderer.feed(selected), len(selected.entries)
        while (fits := fitting(count, made.size, limit)) < count:
            count = fits
            with self._report.timed("compose"):
                selected = self._selector.shortened(selected, count)
            made = self._renderer.feed(selected)
        facts = self._counted(selected)
        if not self._settings.pages or not made.documents:
            return made
        page, faults = self._page(selected, facts)
        found = [*made.faults, *(f"{made.paths[PAGE.name]}: {fault}" for fault in faults)]
        return made._replace(documents={**made.documents, PAGE.name: page}, faults=found)

    def _page(self, selected: Selected, facts: FeedFacts) -> tuple[bytes, list[str]]:
        from feedpub.formats.pages import About

        feed = selected.feed
        about = About(
            facts if feed.ended is None else FeedFacts(),
            self._selector.months(selected.number, feed),
            self._listed[1:] if feed.name == EVERYTHING else (),
            one_depth=_is_one_depth(self._settings.files_of(feed)),
        )
        return self._renderer.page(selected.window, about)

    def _digest_pages(self, selected: Selected) -> Iterator[RenderedFeed]:
        """Yield the pages of the digests of a feed that are not out, or may be outdated (N4)."""
        number, feed, settings = selected.number, selected.feed, self._settings
        if not (selected.digests and settings.pages):
            return
        from feedpub.formats.pages import About

        folder, head = settings.layout.folder(feed), selected.window.head
        for digest in selected.digests:
            place = f"{digest.start}/"
            top = head._replace(title=digest.title, page=head.page + place, updated=digest.instant)
            files = settings.digest_files(feed, [digest.start])
            if files.keys() <= self._intact and number not in self.writer.owing:
                continue
            about = About(one_depth=_is_one_depth(files))
            page, faults = self._renderer.page(FeedWindow(top, digest.items), about)
            paths, documents = {PAGE.name: f"{folder}{place}{PAGE.file}"}, {PAGE.name: page}
            yield RenderedFeed(number, folder, paths, files, documents, faults)

    def _publish_archives(self, number: int, feed: Feed, damaged: Set[str]) -> bool:
        """Make the archives of a feed that must be; say whether its files could be written."""
        selector, whole = self._selector, True
        jobs = selector.archives(number, feed, damaged)
        found = (selector.archive(number, feed, archive) for archive in jobs)
        for selected in self._renderer.ahead(found, len(jobs)):
            made = self._renderer.feed(selected)
            if self.writer.put_out(made):
                selector.note_written(selected)
            elif not made.faults or number in self.writer.owing:  # else there is no hope
                whole = False
        return whole

    def publish_site_files(self, number: int) -> bool:
        """Make what is for the whole site; say whether its files could be written.

        They belong to the feed of that number, that of everything, and must come after all others.
        """
        settings = self._settings
        with self._report.timed("lists"):
            left = settings.departures(self._feeds.values(), self._run.now)
            moved = {path.removesuffix(PAGE.file): new for path, new in left.items()}
            about = {
                **dict.fromkeys(LISTINGS, self._listed),
                **dict.fromkeys(ASSETS, settings.templates),
                **dict.fromkeys(REDIRECTS, moved),
            }
            documents = {
                each.name: each.render(settings.site, about[each.name])
                for each in settings.site_files
            }
        paths = settings.list_paths()
        files = settings.with_copies(by_path(paths))
        return self.writer.put_out(RenderedFeed(number, "", paths, files, documents))
