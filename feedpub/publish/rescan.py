"""The stages of one rescan, in order. What an unchanged site does not need is not imported."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.endings import goes_on, stands
from feedpub.core.errors import Refused
from feedpub.core.feeds import EVERYTHING, Feed
from feedpub.core.model import Problem
from feedpub.core.problems import problem
from feedpub.formats import DOCUMENTS, GZIP, PAGE, Renderers
from feedpub.publish.continuity import Continuity, continuity
from feedpub.publish.ports import Catalogue, Content, LedgerFile, Progress, Target, no_progress
from feedpub.publish.recording import collisions
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.surveying import WHOLE, Survey

if TYPE_CHECKING:
    from feedpub.publish.foresight import Outlook
    from feedpub.publish.windows import Shelf

LEDGER_STALE = "ledger-stale"
"""The fact that the text ledger does not yet say what the catalogue does."""


class Edges(NamedTuple):
    """The world as publishing sees it."""

    content: Content
    catalogue: Catalogue
    target: Target
    ledger: LedgerFile | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What one run is asked. `now` is its one instant, `full` reads every file again.

    `only` are the paths where something may have changed, relative to the content root; None
    means anywhere. Where it takes more to tell what changed, the whole root is walked all the same.
    """

    now: int
    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    only: frozenset[str] | None = None


def publish(
    edges: Edges,
    settings: Settings,
    options: Options,
    progress: Progress = no_progress,
    renderers: Renderers | None = None,
) -> Report:
    """Bring out/ in line with the content and return what was done.

    A service gives the same `renderers` each time, which remember what they rendered last.
    Raises `PublishError` when the content root or the state cannot be used, `Refused` when so
    much is missing that nothing may be concluded and nothing known can be kept (X5), or when so
    many items would get another id that readers would show the site as new (I1).
    """
    rescan = _Rescan(edges, settings, options, progress, renderers or Renderers())
    return rescan.run()


def warm_up(settings: Settings, renderers: Renderers) -> None:
    """Import what a change will need, so that a service has it at hand when one comes."""
    from feedpub.publish import learning, rendering

    del learning, rendering
    renderers.of(settings.files)
    if settings.pages:
        renderers.pages()
    for name in (*settings.files, PAGE.name):
        DOCUMENTS[name].load_check()


class _Rescan:
    """One run; its methods are the stages, in order."""

    def __init__(
        self,
        edges: Edges,
        settings: Settings,
        options: Options,
        progress: Progress,
        renderers: Renderers,
    ) -> None:
        self._edges = edges
        self._catalogue = edges.catalogue
        self._settings = settings
        self._options = options
        self._progress = progress
        self._renderers = renderers
        self._report = Report()
        self._shelf: Shelf | None = None

    def run(self) -> Report:
        with self._report.timed("total"):
            self._catalogue.begin()
            try:
                self._expire()
                before = self._outlook()
                is_fresh = "selection" not in self._catalogue.facts()
                learned = self._learn()
                self._compare(before, self._continuity() if is_fresh else Continuity())
                if learned and not self._options.dry_run:
                    self._catalogue.commit()
                    self._catalogue.begin()
                self._publish_feeds()
                self._finish()
            except BaseException:
                self._catalogue.rollback()
                raise
        return self._report

    # learning: what changed, and what that does to the ledger ------------------------------

    def _learn(self) -> bool:
        """Bring the catalogue in line with the content; say whether anything changed in it."""
        facts, prints = self._catalogue.facts(), self._settings.fingerprints()
        content, report = self._edges.content, self._report
        reach = Survey(self._catalogue, content, self._options, report).reach(facts, prints)
        same = all(facts.get(name) == value for name, value in prints._asdict().items())
        if same and not (reach.changes.changed or reach.changes.missing or reach.due):
            return False
        # Only here: an unchanged site needs nothing that reads or renders.
        from feedpub.publish.learning import Learning

        learning = Learning(self._edges, self._settings, self._report, self._progress)
        learning.learn(reach, accept_removals=self._options.accept_removals)
        if facts.get("rendering") != prints.rendering:
            learning.renew(self._options.now)
        self._shelf = learning.shelf
        if self._report.held:
            self._catalogue.set_fact(WHOLE, "1")
        elif not reach.sheltered:
            # Only with all files there: what else is new must reach those that come back, too.
            for name, value in prints._asdict().items():
                self._catalogue.set_fact(name, value)
            self._catalogue.set_fact("now", str(self._options.now))
        self._catalogue.set_fact(LEDGER_STALE, "1")
        return True

    def _outlook(self) -> Outlook | None:
        """Return what subscribers see now, where a dry run is to tell what would change."""
        if not self._options.dry_run:
            return None
        from feedpub.publish.foresight import outlook

        return outlook(self._catalogue, self._settings.policy)

    def _compare(self, before: Outlook | None, found: Continuity) -> None:
        """Refuse to give many items another id; in a dry run, say what subscribers would see."""
        if found.is_broken and not self._options.accept_id_change:
            if before is None:
                raise Refused(found.refusal())
            self._report.refusal = found.refusal()
        if before is not None:
            from feedpub.publish.foresight import differences, outlook

            after = outlook(self._catalogue, self._settings.policy)
            self._report.changes = differences(before, after, found.changed)

    def _continuity(self) -> Continuity:
        """Compare ids with those in out/, where nothing is recorded of what is there."""
        if self._catalogue.outputs.all():
            return Continuity()
        feeds = self._standing(self._catalogue.feeds.all()).values()
        return continuity(self._catalogue, self._edges.target, self._settings, feeds)

    def _expire(self) -> None:
        """Announce no longer what was withdrawn long ago (X4)."""
        expired = self._catalogue.withdrawals.expire(self._options.now)
        self._catalogue.feeds.mark(expired, dirty=True)

    # publishing: what is dirty goes out -----------------------------------------------------

    def _publish_feeds(self) -> None:
        feeds = self._catalogue.feeds.all()
        live = self._standing(feeds)
        self._report.pages.total = len(live) if self._settings.pages else 0
        self._report.feeds.total = len(live) * len(self._settings.files)
        outputs = self._catalogue.outputs.all()
        with self._report.timed("verify"):
            # A file of ours that is gone, or that somebody else changed, is written again.
            look = self._edges.target.look
            damaged = {o.path: o.feed for o in outputs.values() if look(o.path) != o.look}
        dirty = self._catalogue.feeds.dirty() | set(damaged.values())
        wanted = self._wanted(live)
        if not dirty and outputs.keys() <= wanted:
            return
        # That of everything is last: its page lists all others as they are then.
        todo = sorted(dirty & live.keys(), key=lambda n: (live[n].name == EVERYTHING, live[n].name))
        done = self._print(feeds, live, todo, damaged)
        self._catalogue.feeds.mark(done | (dirty - live.keys()), dirty=False)

    def _wanted(self, live: dict[int, Feed]) -> set[str]:
        """Return the paths of all documents that there should be."""
        last, settings = self._catalogue.archives.last(), self._settings
        found = {path for feed in live.values() for path in self._paths(feed)}
        archived = {n: feed for n, feed in live.items() if n in last and settings.is_archived(feed)}
        for number, feed in archived.items():
            for archive in range(1, last[number] + 2):  # the open one comes after the last
                found.update(settings.archive_paths(feed, archive).values())
        count = sum(last[number] + 1 for number in archived)
        self._report.archives.total = count * len(settings.files)
        lists = settings.list_paths()
        self._report.lists.total = sum(not name.endswith(GZIP) for name in lists)
        return found.union(lists.values())

    def _standing(self, feeds: dict[int, Feed]) -> dict[int, Feed]:
        """Return the feeds that have documents: those that go on, and for a time what ended (T6)."""
        named = {feed.name: feed for feed in feeds.values()}
        policy, now = self._settings.policy, self._options.now
        return {n: feed for n, feed in feeds.items() if stands(feed, named, policy, now)}

    def _goes_on(self, feed: Feed) -> bool:
        return goes_on(feed, self._settings.policy)

    def _paths(self, feed: Feed) -> Iterable[str]:
        return self._settings.paths_of(feed, PAGE).values()

    def _print(
        self,
        feeds: dict[int, Feed],
        live: dict[int, Feed],
        todo: list[int],
        damaged: Collection[str],
    ) -> set[int]:
        """Render and replace the feeds `todo`; return those that are as they should be.

        Archives come last, as most of what they hold was composed by then.
        """
        from feedpub.publish.intake import Reader
        from feedpub.publish.listing import Directory
        from feedpub.publish.rendering import Press
        from feedpub.publish.windows import Shelf, Windows

        settings = self._settings
        reader = Reader(self._edges.content, settings.rules, settings.significant)
        shelf = self._shelf or Shelf(settings.policy)
        windows = Windows(self._catalogue, settings, reader, shelf, feeds)
        press = Press(
            self._catalogue,
            self._edges.target,
            settings,
            windows,
            Directory(self._catalogue, settings, feeds),
            self._report,
            self._renderers,
            dry_run=self._options.dry_run,
        )
        done = set()
        for position, number in enumerate(todo, start=1):
            if press.publish(number, feeds[number]):
                done.add(number)
            self._progress("Publishing", position, len(todo))
        done = {n for n in todo if press.publish_archives(n, feeds[n], damaged) and n in done}
        home = {n for n, feed in live.items() if feed.name == EVERYTHING}
        now = self._options.now
        owing = {n for n in home if not press.publish_lists(n, feeds[n], now)}
        self._catalogue.feeds.mark(owing, dirty=True)
        done -= owing
        wanted = self._wanted(live)
        press.remove_stale(wanted, (feed for feed in feeds.values() if feed.has_address))
        return done

    # the end ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        report, catalogue = self._report, self._catalogue
        if not self._options.dry_run:
            self._write_ledger()
        report.statuses = catalogue.files.status_counts()
        live = filter(self._goes_on, catalogue.feeds.all().values())
        found: list[Problem] = [*report.problems, *catalogue.files.problems(), *collisions(live)]
        report.problems = sorted(found, key=lambda p: (-p.severity, p.path, p.line or 0, p.code))
        if self._options.dry_run:
            catalogue.rollback()
        else:
            catalogue.commit()

    def _write_ledger(self) -> None:
        """Write the text ledger if it is not true any more; what is out stays out if that fails."""
        ledger = self._edges.ledger
        if ledger is None:
            return
        if self._catalogue.facts().get(LEDGER_STALE) == "0" and ledger.is_there():
            return
        try:
            ledger.write(self._catalogue)
        except OSError as error:
            self._report.failed = True
            text = f"state.ledger cannot be written: {error.strerror}; tried again with each rescan"
            self._report.problems.append(problem("./", "ledger-not-written", text))
        else:
            self._catalogue.set_fact(LEDGER_STALE, "0")
