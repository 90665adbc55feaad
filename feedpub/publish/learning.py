"""Learning: the changed files are read and the ledger moves on, in one transaction (X5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from feedpub.core.errors import Refused
from feedpub.core.feeds import Feed, head, meta
from feedpub.core.founding import Former
from feedpub.core.plan import is_mass_loss
from feedpub.core.problems import problem
from feedpub.core.stories import Clock, State
from feedpub.formats import LISTINGS
from feedpub.publish.intake import MANY, Intake, take_in
from feedpub.publish.ports import Edges, KnownFile, Progress, Stage
from feedpub.publish.reading import Reader
from feedpub.publish.recording import record
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings
from feedpub.publish.settling import Change, Settled, Settlement, settle
from feedpub.publish.shelf import Shelf

if TYPE_CHECKING:
    from feedpub.publish.reach import Reach

ROOM = 16 * 1024 * 1024
"""How many bytes of items that archives alone may show are held from their reading: some 7,000."""


class Learning:
    """Brings the catalogue in line with the content; `shelf` holds what was read on the way."""

    def __init__(
        self, edges: Edges, settings: Settings, report: Report, progress: Progress
    ) -> None:
        self._catalogue = edges.catalogue
        self._settings = settings
        self._report = report
        self._progress = progress
        self._target = edges.target
        self._pool = edges.pool
        self._reader = Reader(edges.content, settings.rules, settings.significant)
        self.shelf = Shelf(settings.policy, 0 if settings.archive == "off" else ROOM)

    def learn(self, reach: Reach, *, accept_removals: bool) -> None:
        """Read what changed, settle it and record it.

        Raises `Refused` when so much is missing that nothing may be concluded, and nothing known
        can be kept (X5).
        """
        files = self._catalogue.files
        changed = reach.changes.changed
        before = files.get(f.path for f in changed) if len(changed) > reach.changes.new else []
        removed = files.get(reach.changes.missing)
        intake = self._read(reach, before, removed)
        self._make_bodies(len(changed))
        with self._report.timed("settle"):
            touched = {seen.path for seen in intake.touched}
            before = [f for f in before if f.seen.path not in touched]
            change = Change(intake.files, before, removed, reach.due, reach.present)
            change, settlement = self._settle(change, reach.clock, accept_removals)
            self._record(intake, change, settlement, reach.clock)

    def _read(self, reach: Reach, before: list[KnownFile], removed: list[KnownFile]) -> Intake:
        changed = reach.changes.changed
        known = {f.seen.path: f for f in before}
        with self._report.timed("parse"):
            told = partial(self._progress, "Reading", total=len(changed))
            given = self._reader, reach.everything, self.shelf.add, told, removed, self._pool
            intake = take_in(changed, known, *given)
        self._report.parsed = intake.parsed
        self._report.unchanged += len(intake.touched)
        return intake

    def _make_bodies(self, count: int) -> None:
        """Have what of `count` files read is long made HTML, where the content of items is shown."""
        if self._pool is None or count < MANY or not self._settings.style.full:
            return
        from feedpub.publish.bodies import make_long_ones  # only large changes are shared

        make_long_ones(self.shelf, self._pool, self._report)

    def _settle(
        self, change: Change, clock: Clock, accept_removals: bool
    ) -> tuple[Change, Settlement]:
        """Settle, but believe in a mass loss only when told to (X5)."""
        settings = self._settings
        given = (self._catalogue, clock, settings.authority, settings.policy)
        settlement = settle(change, *given)
        lost = settlement.lost()
        if accept_removals or not lost:
            return change, settlement
        known = len(self._catalogue.stories.in_states(State.OUT, State.SCHEDULED, State.WITHHELD))
        if not is_mass_loss(len(lost), known):
            return change, settlement
        text = (
            f"{len(lost)} of {known} known items vanished at once. Is content.root the right"
            " folder, whole, and mounted? If they are really gone: feedpub build --accept-removals"
        )
        if not self._catalogue.files.of_stories(lost):
            raise Refused(f"{text}. Nothing was changed")
        self._report.held = len(lost)
        self._report.problems.append(problem("./", "files-missing", f"{text}. They stay out"))
        kept = [f for f in change.removed if f.story not in lost]
        change = change._replace(removed=kept, due=[n for n in change.due if n not in lost])
        return change, settle(change, *given)

    def _record(self, intake: Intake, change: Change, settlement: Settlement, clock: Clock) -> None:
        files, settings = self._catalogue.files, self._settings
        holders = settlement.holders()
        files.put(_placed(file, holders) for file in intake.files)
        files.place((path, *story.place(path)) for path, story in holders.items())
        files.touch(intake.touched)
        read = (f.seen.path for f in intake.files)
        files.replace_problems(Stage.READING, read, intake.problems)
        given = self._catalogue, settings.policy, settings.authority, clock
        self._report.withdrawn = record(settlement, *given, self._former())
        files.forget(f.seen.path for f in change.removed)
        self._report.removed = len(change.removed)
        # What a feed says of itself changes with the feed, which is dirty then, or with the config.
        self._date_heads(self._catalogue.feeds.dirty(), clock.now)

    def _former(self) -> list[Former]:
        """Return the feeds that are out, as they say, where nothing is recorded of out/."""
        if self._catalogue.outputs.all() or not (data := self._target.read(LISTINGS["feeds"].file)):
            return []
        from feedpub.formats.reading import former_feeds  # only a lost state pays for it

        return former_feeds(data)

    def renew(self, now: int) -> None:
        """After a change of the config or of feedpub: compose and render everything again."""
        self._catalogue.entries.outdate_all()
        self._catalogue.archives.outdate_all()
        self._catalogue.feeds.mark(self._catalogue.feeds.all(), dirty=True)
        self._date_heads(self._catalogue.feeds.all(), now)

    def _date_heads(self, numbers: Iterable[int], now: int) -> None:
        """Date the change of the own metadata of feeds (D8); a new feed has none yet."""
        settings, feeds = self._settings, self._catalogue.feeds.all()
        heirs = {feed.heir for feed in feeds.values() if feed.was_out}
        for number in sorted(numbers):
            feed = feeds[number]
            own = meta(head(feed, settings.policy, settings.site, settings.files, 0))
            if own != feed.meta and (feed.was_out or self._comes_out(number, feed, heirs)):
                changed = now if feed.meta else None
                self._catalogue.feeds.put(number, replace(feed, meta=own, changed=changed))

    def _comes_out(self, number: int, feed: Feed, heirs: Collection[str]) -> bool:
        """Say whether a new feed is out from now on: a topic with enough items, or an heir (T6)."""
        if feed.kind != "topic" or feed.key in heirs:
            return True
        least = self._settings.policy.minimum
        return sum(1 for _ in islice(self._catalogue.feeds.members(number), least)) >= least


def _placed(file: KnownFile, holders: dict[str, Settled]) -> KnownFile:
    """Return a file that was read with its status and story, which is taken from `holders`."""
    holder = holders.pop(file.seen.path, None)
    if holder is None:
        return file
    status, number = holder.place(file.seen.path)
    return file._replace(status=status, story=number)
