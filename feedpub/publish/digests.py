"""Digests: those that are due are made, from what their items show now (N4)."""

from __future__ import annotations

from collections.abc import Mapping

from feedpub.core import digests
from feedpub.core.beginnings import digested
from feedpub.core.clauses import Course, DigestRule
from feedpub.core.feeds import Feed, Name, is_live, label_of
from feedpub.publish.ports import NEXT_DIGEST
from feedpub.publish.read import ItemCache
from feedpub.publish.run import Run
from feedpub.publish.select import EntryComposer


def make_due(run: Run, items: ItemCache | None) -> bool:
    """Make the digests that are due, and note when the next ones are; say whether feeds moved on.

    `items` are those that were read on the way.
    """
    catalogue, policy, zone = run.catalogue, run.settings.policy, run.settings.site.timezone
    rows, following, has_moved = catalogue.feeds.all(), list[int](), False
    maker = _Maker(run, rows, items or ItemCache())
    for number, feed in rows.items():
        if (told := digested(feed.name, policy)) and is_live(feed, policy):
            following.append(digests.next_boundary(told[0], zone, run.now))
            course = maker.moved_on(number, feed, *told)
            if course != feed.course:
                catalogue.feeds.put(number, feed._replace(course=course))
                has_moved = True
    instant = str(min(following, default=0))
    if catalogue.facts().get(NEXT_DIGEST) != instant:
        catalogue.set_fact(NEXT_DIGEST, instant)
    return has_moved


class _Maker:
    def __init__(self, run: Run, rows: Mapping[int, Feed], items: ItemCache) -> None:
        self._run, self._kept = run, run.catalogue.digests
        self._feeds = {feed.name: feed for feed in rows.values()}
        self._numbers = {feed.name: number for number, feed in rows.items()}
        self._composer = EntryComposer(run, self._feeds, items)

    def moved_on(self, number: int, feed: Feed, rule: DigestRule, of: Name) -> Course:
        """Return how far a feed has come; make its digest of what is new in `of`, if one is due."""
        now, policy, zone = (
            self._run.now,
            self._run.settings.policy,
            self._run.settings.site.timezone,
        )
        course, last = feed.course, digests.last_period(rule, zone, now)
        if course and self._run.options.accept_clock:  # as of the present what one ahead has dated
            begun, looked, told = (min(at, now - 1) for at in course[:3])
            course = Course(begun, looked, told, course.source)
            ahead = [d for _, d in self._kept.all(number) if d.instant > now]
            self._kept.put((number, digest._replace(instant=now)) for digest in ahead)
        source = feed.rule if of == feed.name else self._feeds.get(of, feed).id
        course = digests.begun(course, last, source)
        if last.instant <= course.looked:
            return course
        made, course = [d for _, d in self._kept.all(number)], course._replace(looked=last.instant)
        members = self._run.catalogue.feeds.members(self._numbers.get(of, 0))
        pending = digests.pending(members, made, course.begun, last.instant)
        entries = self._composer.entries([member.story for member in pending])
        if len(entries) < rule.minimum:
            return course
        about = feed.id, label_of(feed, policy), last
        given = self._run.settings.authority, zone
        digest = digests.digest_of(*about, entries.values(), made, *given)
        self._kept.put([(number, digest)])
        return course._replace(told=last.instant)
