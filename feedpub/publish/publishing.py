"""Publishing: the feeds that are dirty, and files in out/ that are not as they were, are made anew.

select -> render -> check -> write
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING

from feedpub.core.endings import LAST_SECONDS, departed, has_documents
from feedpub.core.feeds import EVERYTHING, Branch, Feed, head, is_live, tree
from feedpub.core.model import Departure, FeedFacts, Listed, RenderedFeed
from feedpub.core.selection import WEEK, WEEKS, fitting, last_published, statistics
from feedpub.formats import ASSETS, GZIP, LISTINGS, PAGE, REDIRECTS
from feedpub.publish.report import FormerAddress
from feedpub.publish.run import Run
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
    outputs = catalogue.outputs.all()
    dirty = catalogue.feeds.dirty()
    if run.options.takedowns_only:
        catalogue.feeds.clean(dirty - catalogue.feeds.owing())
        outputs, dirty = {}, catalogue.feeds.dirty()
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
    todo = {n: live[n] for n in order}
    publisher = _Publisher(run, items or ItemCache(), rendered)
    done = publisher.publish(todo)
    # Archives come last, as most of what they hold was composed by then.
    done &= publisher.publish_archives(todo, damaged.keys())
    if run.options.takedowns_only:
        catalogue.feeds.clean(done)
        return
    everything = next(number for number, feed in live.items() if feed.name == EVERYTHING)
    if not publisher.publish_site_files(everything):
        catalogue.feeds.mark([everything])
        done.discard(everything)
    publisher.writer.remove_stale(_wanted(run, live))
    catalogue.feeds.clean(done | (dirty - live.keys()))


def _wanted(run: Run, live: Mapping[int, Feed]) -> set[str]:
    """Return the paths of all documents that there should be, as far as archives are sealed now.

    The report is told how many these are.
    """
    settings, report, last = run.settings, run.report, run.catalogue.archives.last()
    found, archives, ended = set(settings.list_paths().values()), 0, 0
    report.addresses = _former(run, live.values())
    for number, feed in live.items():
        found.update(settings.paths_of(feed).values(), settings.former_paths(feed))
        for paths in settings.last_paths(feed, run.now).values():
            found.update(paths.values())
            ended += 1
        if number in last and settings.is_archived(feed):
            archives += last[number] + 1  # the open one comes after the last
            for archive in range(1, last[number] + 2):
                found.update(settings.paths_of(feed, archive).values())
                found.update(settings.former_paths(feed, archive))
    report.feeds.total = len(live) * len(settings.files)
    report.pages.total = len(live) if settings.pages else 0
    report.archives.total = archives * len(settings.files) + ended
    report.lists.total = len(settings.site_files)
    return found


def _former(run: Run, live: Iterable[Feed]) -> list[FormerAddress]:
    """Return what becomes of the former addresses of feeds, those with one name together (T6)."""
    fate = "redirected" if run.settings.moves else "stays"
    found: Counter[tuple[str, str, str, int]] = Counter()
    for feed in live:
        for place in run.settings.former(feed):
            name, until = (
                place.path.removeprefix(feed.folder),
                place.ended and place.ended + LAST_SECONDS,
            )
            now = run.settings.files.get(place.format, "")
            if name == place.path:
                now = now and feed.folder + now
            found[name, now, "ends" if until > run.now else "gone" if until else fate, until] += 1
    return [FormerAddress(*told, feeds) for told, feeds in sorted(found.items())]


class _Publisher:
    """Makes and checks the documents of one run."""

    def __init__(self, run: Run, items: ItemCache, rendered: RenderedEntries | None) -> None:
        from feedpub.publish.render import RenderedEntries, Renderer
        from feedpub.publish.select import Selector

        self._run, self._settings, self._report = run, run.settings, run.report
        self._feeds = feeds = run.catalogue.feeds.all()
        self._selector = Selector(run, feeds, items)
        self._renderer = Renderer(run, rendered or RenderedEntries())
        self.writer = FileWriter(run)

    @cached_property
    def _listed(self) -> tuple[Listed, ...]:
        """All feeds that go on in their hierarchy, that of everything first (F7).

        Their statistics are those of now: only asked for when all others were rendered.
        """
        settings, facts = self._settings, self._run.catalogue.feeds.facts()
        numbers = {feed.name: number for number, feed in self._feeds.items()}

        def told(branches: tuple[Branch, ...]) -> tuple[Listed, ...]:
            return tuple(
                Listed(
                    head(branch.feed, settings.policy, settings.site, settings.files, 0),
                    told(branch.children),
                    facts.get(numbers[branch.feed.name], FeedFacts()),
                )
                for branch in branches
            )

        return told(tree(self._feeds.values(), settings.policy))

    def publish(self, todo: Mapping[int, Feed]) -> set[int]:
        """Make the documents of feeds and replace what changed; return those now as they should be."""
        done: set[int] = set()
        ready = self._renderer.ahead(starmap(self._selector.subscription, todo.items()), len(todo))
        for position, selected in enumerate(ready, start=1):
            made = [self._rendered(selected), *self._last(selected.number, selected.feed)]
            written = [self.writer.put_out(each) for each in made]
            if all(written):
                done.add(selected.number)
            self._run.progress("Publishing", position, len(todo))
        return done

    def _last(self, number: int, feed: Feed) -> Iterator[RenderedFeed]:
        """Yield what stands at the addresses that a feed has given up (T6)."""
        for place, paths in self._settings.last_paths(feed, self._run.now).items():
            yield self._renderer.last(number, feed, place, paths)

    def _counted(self, selected: Selected) -> FeedFacts:
        """Count the facts of a feed anew, for its page and for the lists of all feeds."""
        number, entries, feeds = selected.number, selected.entries, self._run.catalogue.feeds
        with self._report.timed("compose"):
            lately = feeds.published(number, (last_published(entries) or 0) - WEEKS * WEEK)
            found = statistics(feeds.count(number), lately, entries)
            feeds.put_facts(number, found)
        return found

    def _rendered(self, selected: Selected) -> RenderedFeed:
        """Return the documents of a feed, with as many entries as its limit allows, and its page."""
        limit = self._settings.policy.extent_of(*selected.feed.name).bytes
        facts = self._counted(selected)
        made, count = self._renderer.feed(selected), len(selected.entries)
        while (fits := fitting(count, made.size, limit)) < count:
            count = fits
            with self._report.timed("compose"):
                selected = self._selector.shortened(selected, count)
            made = self._renderer.feed(selected)
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
        )
        return self._renderer.page(selected.window, about)

    def publish_archives(self, todo: Mapping[int, Feed], damaged: Set[str]) -> set[int]:
        """Make the archives of feeds that must be; return the feeds whose files could be written.

        Must come after `publish` of all feeds, which composes most of what archives hold.
        """
        done, selector = {*todo}, self._selector
        jobs = [(n, f, a) for n, f in todo.items() for a in selector.archives(n, f, damaged)]
        for selected in self._renderer.ahead(starmap(selector.archive, jobs), len(jobs)):
            made = self._renderer.feed(selected)
            if self.writer.put_out(made):
                selector.note_written(selected)
            elif not made.faults or made.number in self.writer.owing:  # else there is no hope
                done.discard(made.number)
        return done

    def publish_site_files(self, number: int) -> bool:
        """Make what is for the whole site; say whether its files could be written.

        They belong to the feed of that number, that of everything, and must come after all others.
        """
        settings = self._settings
        with self._report.timed("lists"):
            about = {
                **dict.fromkeys(LISTINGS, self._listed),
                **dict.fromkeys(ASSETS, settings.templates),
                **dict.fromkeys(REDIRECTS, self._departures()),
            }
            documents = {
                each.name: each.render(settings.site, about[each.name])
                for each in settings.site_files
            }
        paths = settings.list_paths()
        return self.writer.put_out(RenderedFeed(number, "", paths, documents))

    def _departures(self) -> list[Departure]:
        """Return the addresses that are no more (T6)."""
        named, settings = {feed.name: feed for feed in self._feeds.values()}, self._settings
        found: list[Departure] = []
        for feed, heir in departed(named, settings.policy, self._run.now):
            there = settings.addresses(heir) if heir else {}
            paths = {path: name for name, path in settings.addresses(feed).items()}
            paths |= settings.former_paths(feed)
            found += [Departure(path, there.get(name)) for path, name in paths.items()]
        for feed in named.values():
            left = settings.left(feed, self._run.now) if is_live(feed, settings.policy) else {}
            found += starmap(Departure, left.items())
        # A page is its folder, and what is compressed has no address of its own.
        own = {d._replace(path=d.path.removesuffix(PAGE.file)) for d in found}
        return [d for d in own if not d.path.endswith(GZIP)]
