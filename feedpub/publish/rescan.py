"""The stages of one rescan, in order. What an unchanged site does not need is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedpub.core.endings import goes_on
from feedpub.core.errors import Refused
from feedpub.core.model import Problem
from feedpub.core.problems import problem
from feedpub.formats import DOCUMENTS, PAGE, Renderers
from feedpub.publish.continuity import Continuity, continuity
from feedpub.publish.options import Options
from feedpub.publish.outgoing import Outgoing, standing
from feedpub.publish.ports import Edges, Progress, no_progress
from feedpub.publish.recording import collisions
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.surveying import WHOLE, Survey

if TYPE_CHECKING:
    from feedpub.core.feeds import Feed
    from feedpub.publish.foresight import Outlook
    from feedpub.publish.shelf import Shelf

LEDGER_STALE = "ledger-stale"
"""The fact that the text ledger does not yet say what the catalogue does."""


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
    if settings.pages and settings.layout:
        renderers.own_pages(settings.layout)
    elif settings.pages:
        renderers.pages()
    for name in (*settings.files, PAGE.name):
        DOCUMENTS[name].load_checker()


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
                outgoing = Outgoing(self._edges, self._settings, self._options, self._report)
                outgoing.publish(self._shelf, self._renderers, self._progress)
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
        from feedpub.publish.foresight import outlook, published

        # A new state with a text ledger knows of no file in out/, but what there was.
        return outlook(self._catalogue, published(self._catalogue) or self._standing())

    def _compare(self, before: Outlook | None, found: Continuity) -> None:
        """Refuse to give many items another id; in a dry run, say what subscribers would see."""
        if found.is_broken and not self._options.accept_id_change:
            if before is None:
                raise Refused(found.refusal())
            self._report.refusal = found.refusal()
        if before is not None:
            from feedpub.publish.foresight import differences, outlook

            after = outlook(self._catalogue, self._standing())
            self._report.changes = differences(before, after, found.changed)

    def _continuity(self) -> Continuity:
        """Compare ids with those in out/, where nothing is recorded of what is there."""
        if self._catalogue.outputs.all():
            return Continuity()
        feeds = self._standing().values()
        return continuity(self._catalogue, self._edges.target, self._settings, feeds)

    def _standing(self) -> dict[int, Feed]:
        return standing(self._catalogue.feeds.all(), self._settings, self._options.now)

    def _expire(self) -> None:
        """Announce no longer what was withdrawn long ago (X4)."""
        expired = self._catalogue.withdrawals.expire(self._options.now)
        if expired:
            self._catalogue.feeds.mark(expired, dirty=True)
            self._catalogue.set_fact(LEDGER_STALE, "1")  # it names the feeds that announce it

    # the end ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        report, catalogue = self._report, self._catalogue
        if not self._options.dry_run:
            self._write_ledger()
        report.statuses = catalogue.files.status_counts()
        live = (f for f in catalogue.feeds.all().values() if goes_on(f, self._settings.policy))
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
