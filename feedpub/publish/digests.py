"""Digests: those that are due are made, from what their items show now (N4)."""

from __future__ import annotations

from collections.abc import Mapping

from feedpub.core import digests
from feedpub.core.beginnings import digested
from feedpub.core.clauses import Course, DigestRule
from feedpub.core.feeds import Feed, Name, is_live, label_of
from feedpub.publish.ports import NEXT_DIGEST
from feedpub.publish.read import ItemCache
from feedpub.publish.rescan import LEDGER_STALE
from feedpub.publish.run import Run
from feedpub.publish.select import EntryComposer


def make_due(run: Run, items: ItemCache | None) -> bool:
    """Make the digests that are due, and note when the next ones are; say whether feeds moved on.

    `items` are those that were read on the way.
    """
    catalogue, policy, following = run.catalogue, run.settings.policy, set[int]()
    rows, has_moved = catalogue.feeds.all(), False
    maker = _Maker(run, rows, items or ItemCache())
    for number, feed in rows.items():
        if (told := digested(feed.name, policy)) and is_live(feed, policy):
            period = digests.period(told[0], run.settings.site.timezone, run.now)
            following.add(period.ends)
            course = maker.moved_on(number, feed, *told, period)
            if course != feed.course:
                catalogue.feeds.put(number, feed._replace(course=course))
                has_moved = True
    facts = {NEXT_DIGEST: str(min(following, default=0))} | (
        {LEDGER_STALE: "1"} if has_moved else {}
    )
    for name, value in facts.items() - catalogue.facts().items():
        catalogue.set_fact(name, value)
    return has_moved


class _Maker:
    def __init__(self, run: Run, rows: Mapping[int, Feed], items: ItemCache) -> None:
        self._run, self._settings, self._kept = run, run.settings, run.catalogue.digests
        self._feeds = {feed.name: feed for feed in rows.values()}
        self._numbers = {feed.name: number for number, feed in rows.items()}
        self._composer = EntryComposer(run, self._feeds, items)

    def moved_on(
        self, number: int, feed: Feed, rule: DigestRule, of: Name, period: digests.Period
    ) -> Course:
        """Return how far a feed has come; make its digest of what is new in `of`, if one is due."""
        now, ended, course = self._run.now, period.ended, feed.course
        if course and self._run.options.accept_clock:  # what one ahead has dated is of the present
            begun, looked, told = (min(at, now - 1) for at in course[:3])
            course = Course(begun, looked, told, course.source)
            ahead = [digest for _, digest in self._kept.all(number) if digest.instant > now]
            self._kept.put((number, digest._replace(instant=now)) for digest in ahead)
        source = feed.rule if of == feed.name else self._feeds.get(of, feed).id
        course = digests.begun(course, ended, source)
        if ended <= course.looked:
            return course
        made, course = [d for _, d in self._kept.all(number)], course._replace(looked=ended)
        members = self._run.catalogue.feeds.members(self._numbers.get(of, 0))
        pending = digests.pending(members, made, course, ended)
        entries = self._composer.entries([member.story for member in pending])
        if len(entries) < rule.minimum:
            return course
        about, given = (feed.id, label_of(feed, self._settings.policy)), self._settings
        found = period, entries.values(), made
        digest = digests.composed(about, *found, given.authority, given.site.timezone)
        self._kept.put([(number, digest)])
        return course._replace(told=ended)
