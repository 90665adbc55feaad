"""One rescan as a use case: content in, feeds out, a report back.

    scan -> read -> settle -> record -> | commit | -> compose -> render -> check -> replace

Everything up to the commit is one transaction: the ledger and the marks of the feeds it touches
appear together or not at all. Files are replaced after it; a feed keeps its mark until its files
are as they should be, so a run that was killed is finished by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from feedpub.core.errors import PublishError, Refused
from feedpub.core.feeds import Feed, head, meta
from feedpub.core.model import Problem
from feedpub.core.plan import Changes, compare, is_mass_loss, sheltered
from feedpub.core.problems import problem
from feedpub.core.stories import Clock, State
from feedpub.formats import PAGE
from feedpub.publish.intake import Intake, Reader, take_in
from feedpub.publish.ports import (
    Catalogue,
    Content,
    LedgerFile,
    Progress,
    Scan,
    Stage,
    Target,
    no_progress,
)
from feedpub.publish.recording import collisions, record
from feedpub.publish.rendering import Press
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.settling import Change, Settlement, settle
from feedpub.publish.windows import Shelf, Windows, live, paths_of, recompose_all

__all__ = ["Edges", "Options", "Report", "Settings", "publish"]

LEDGER_STALE = "ledger-stale"


class Edges(NamedTuple):
    """The world as publishing sees it."""

    content: Content
    catalogue: Catalogue
    target: Target
    ledger: LedgerFile | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What one run is asked. `now` is its one instant, `full` reads every file again."""

    now: int
    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False


def publish(
    edges: Edges, settings: Settings, options: Options, progress: Progress = no_progress
) -> Report:
    """Bring out/ in line with the content and return what was done.

    Raises `PublishError` when the content root or the state cannot be used, `Refused` when so
    much is missing that nothing may be concluded and nothing known can be kept (X5).
    """
    return _Rescan(edges, settings, options, progress).run()


class _Rescan:
    """One run; its methods are the stages, in order."""

    def __init__(
        self, edges: Edges, settings: Settings, options: Options, progress: Progress
    ) -> None:
        self._content, self._catalogue, self._target, self._ledger = edges
        self._settings = settings
        self._options = options
        self._progress = progress
        self._reader = Reader(edges.content, settings.rules, settings.significant)
        self._shelf = Shelf(settings.policy)
        self._report = Report()
        self._passing: list[Problem] = []

    def run(self) -> Report:
        with self._report.timed("total"):
            self._catalogue.begin()
            try:
                changed = self._learn()
                if changed and not self._options.dry_run:
                    self._catalogue.commit()
                    self._catalogue.begin()
                self._publish_feeds()
                self._finish()
            except BaseException:
                self._catalogue.rollback()
                raise
        return self._report

    # learning: what changed, and what that does to the ledger -----------------------------

    def _learn(self) -> bool:
        """Bring the catalogue in line with the content; say whether anything changed in it."""
        with self._report.timed("scan"):
            scan = self._content.walk()
            facts = self._catalogue.facts()
            prints = self._settings.fingerprints()
            everything = self._options.full or facts.get("reading") != prints.reading
            looks = self._catalogue.files.looks()
            changes = compare(looks, scan.files, everything)
        self._passing += scan.problems
        clock = Clock(self._options.now, self._catalogue.is_new())
        due = self._due(facts, clock, prints.selection, files_known=bool(looks))
        away = sheltered(changes.missing, scan.unreadable)
        missing = [path for path in changes.missing if path not in away]
        self._report.unchanged = len(scan.files) - len(changes.changed)
        quiet = (
            not (changes.changed or missing or due) and facts.get("rendering") == prints.rendering
        )
        if quiet and not clock.first_build:
            return False
        self._take_in_and_settle(scan, changes._replace(missing=missing), due, clock, everything)
        if facts.get("rendering") != prints.rendering:
            self._renew()
        for name, value in zip(prints._fields, prints, strict=True):
            self._catalogue.set_fact(name, value)
        self._catalogue.set_fact("now", str(clock.now))
        self._catalogue.set_fact(LEDGER_STALE, "1")
        return True

    def _due(
        self, facts: dict[str, str], clock: Clock, selection: str, files_known: bool
    ) -> list[int]:
        """Return the stories that must be looked at although none of their files changed."""
        stories = self._catalogue.stories
        if not files_known:
            # A ledger without files: whatever is not found again has lost its file.
            return stories.in_states(State.OUT, State.SCHEDULED, State.WITHHELD)
        if facts.get("selection") != selection or clock.now < int(facts.get("now", "0")):
            return stories.in_states(State.OUT, State.SCHEDULED)
        return stories.due(clock.now)

    def _take_in_and_settle(
        self, scan: Scan, changes: Changes, due: list[int], clock: Clock, everything: bool
    ) -> None:
        files = self._catalogue.files
        before = files.get(f.path for f in changes.changed)
        known = {f.seen.path: f for f in before}
        with self._report.timed("parse"):
            total = len(changes.changed)
            intake = take_in(
                changes.changed,
                known,
                self._reader,
                everything,
                self._shelf.add,
                lambda done: self._progress("Reading", done, total),
            )
        self._report.parsed = intake.parsed
        self._report.unchanged += len(intake.touched)
        with self._report.timed("settle"):
            present = {f.path for f in scan.files}
            removed = files.get(changes.missing)
            change = Change(intake.files, before, removed, due, present)
            change, settlement = self._settle_cautiously(change, clock)
            self._record(intake, change, settlement)

    def _settle_cautiously(self, change: Change, clock: Clock) -> tuple[Change, Settlement]:
        """Settle, but believe in a mass loss only when told to (X5)."""
        settings = self._settings
        arguments = (self._catalogue, clock, settings.authority, settings.policy)
        settlement = settle(change, *arguments)
        lost = settlement.lost()
        known = len(self._catalogue.stories.in_states(State.OUT, State.SCHEDULED, State.WITHHELD))
        if self._options.accept_removals or not is_mass_loss(len(lost), known):
            return change, settlement
        kept = [f for f in change.removed if f.story not in lost]
        change = change._replace(removed=kept, due=[n for n in change.due if n not in lost])
        if len(kept) == len(change.removed) and not self._catalogue.files.of_stories(lost):
            raise Refused(
                f"the files of {len(lost)} of {known} known items are not there, and nothing of"
                " them is kept here; nothing was changed. Is content.root the right folder, and"
                " mounted? If they are really gone: feedpub build --accept-removals"
            )
        self._report.held = len(lost)
        text = (
            f"{len(lost)} of {known} known items vanished at once; they stay out. Is the folder"
            " whole, and mounted? If they are really gone: feedpub build --accept-removals"
        )
        self._passing.append(problem("./", "files-missing", text))
        return change, settle(change, *arguments)

    def _record(self, intake: Intake, change: Change, settlement: Settlement) -> None:
        catalogue, options = self._catalogue, self._options
        read = [f.seen.path for f in intake.files]
        gone = [f.seen.path for f in change.removed]
        catalogue.files.put(intake.files)
        catalogue.files.touch(intake.touched)
        catalogue.files.replace_problems(Stage.READING, read, intake.problems)
        settings = self._settings
        self._report.withdrawn = record(
            settlement, catalogue, settings.policy, settings.authority, options.now
        )
        catalogue.files.forget(gone)
        self._report.removed = len(gone)
        self._refresh_heads()

    def _renew(self) -> None:
        """After a change of the config or of feedpub: compose and render everything again."""
        recompose_all(self._catalogue)
        self._refresh_heads()
        self._catalogue.feeds.mark(self._catalogue.feeds.all(), dirty=True)

    def _refresh_heads(self) -> None:
        """Date the change of a feed's own metadata (D8); a new feed has none yet."""
        settings = self._settings
        for number, feed in self._catalogue.feeds.all().items():
            own = meta(head(feed, settings.policy, settings.site, settings.files, 0))
            if own != feed.meta:
                changed = self._options.now if feed.meta else None
                self._catalogue.feeds.put(number, replace(feed, meta=own, changed=changed))

    # publishing: what is dirty goes out ----------------------------------------------------

    def _publish_feeds(self) -> None:
        feeds = live(self._catalogue.feeds.all(), self._settings.policy)
        wanted = {p for f in feeds.values() for _, p in paths_of(f, self._settings, PAGE.name)}
        self._count(feeds, wanted)
        dirty = self._catalogue.feeds.dirty() | self._damaged()
        todo = sorted(dirty & feeds.keys(), key=lambda n: feeds[n].name)
        stale = self._catalogue.outputs.all().keys() - wanted
        if not todo and not stale:
            return
        press = self._press(feeds)
        done = set()
        for position, number in enumerate(todo):
            if press.publish(number, feeds[number]):
                done.add(number)
            self._progress("Publishing", position + 1, len(todo))
        press.remove_stale(wanted)
        self._catalogue.feeds.mark(done | (dirty - feeds.keys()), dirty=False)

    def _press(self, feeds: dict[int, Feed]) -> Press:
        if not self._options.dry_run:
            self._target.sweep()
        everything = self._catalogue.feeds.all()
        windows = Windows(self._catalogue, self._settings, self._reader, self._shelf, everything)
        del feeds
        return Press(
            self._catalogue,
            self._target,
            self._settings,
            windows,
            self._report,
            dry_run=self._options.dry_run,
        )

    def _count(self, feeds: dict[int, Feed], wanted: set[str]) -> None:
        self._report.pages.total = len(feeds) if self._settings.pages else 0
        self._report.feeds.total = len(wanted) - self._report.pages.total

    def _damaged(self) -> set[int]:
        """Return the feeds of which a file in out/ is gone or was changed by somebody else."""
        with self._report.timed("verify"):
            return {
                output.feed
                for output in self._catalogue.outputs.all().values()
                if self._target.look(output.path) != output.look
            }

    # the end -------------------------------------------------------------------------------

    def _finish(self) -> None:
        report, catalogue = self._report, self._catalogue
        report.statuses = catalogue.files.status_counts()
        found = [*self._passing, *report.problems, *catalogue.files.problems()]
        found += collisions(live(catalogue.feeds.all(), self._settings.policy).values())
        report.problems = sorted(found, key=lambda p: (-p.severity, p.path, p.line or 0, p.code))
        if self._options.dry_run:
            catalogue.rollback()
            return
        self._write_ledger()
        catalogue.commit()

    def _write_ledger(self) -> None:
        if self._ledger is None or self._catalogue.facts().get(LEDGER_STALE) == "0":
            return
        try:
            self._ledger.write(self._catalogue)
        except OSError as error:
            raise PublishError(f"state.ledger cannot be written: {error.strerror}") from error
        self._catalogue.set_fact(LEDGER_STALE, "0")
