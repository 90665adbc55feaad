"""Digests: those that are due are made, from what their items show now (N4)."""

from __future__ import annotations

from feedpub.core import digests
from feedpub.core.beginnings import digested
from feedpub.core.clauses import Course
from feedpub.core.feeds import Feed, is_live, label_of
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
    numbers = {feed.name: number for number, feed in rows.items()}
    composer = EntryComposer(run, {f.name: f for f in rows.values()}, items or ItemCache())
    for number, feed in rows.items():
        if (asked := digested(feed.name, policy)) and is_live(feed, policy):
            rule, of = asked[0], numbers.get(asked[1])
            period = digests.period(rule, run.settings.site.timezone, run.now)
            following.add(period.ends)
            source = feed.rule if of == number else rows[of].id if of else ""
            course = digests.begun(_as_of_now(run, number, feed), period.ended, source)
            if period.ended > course.looked:
                made = [digest for _, digest in catalogue.digests.all(number)]
                members = catalogue.feeds.members(of or 0)
                pending = digests.pending(members, made, course, period.ended)
                entries = composer.entries([member.story for member in pending]).values()
                if len(entries) >= rule.minimum:
                    about, given = (feed.id, label_of(feed, policy)), run.settings
                    where = given.authority, given.site.timezone
                    new = digests.composed(about, period, entries, made, *where)
                    catalogue.digests.put([(number, new)])
                    course = course._replace(told=period.ended)
                course = course._replace(looked=period.ended)
            if course != feed.course:
                catalogue.feeds.put(number, feed._replace(course=course))
                has_moved = True
    facts = {NEXT_DIGEST: str(min(following, default=0))} | (
        {LEDGER_STALE: "1"} if has_moved else {}
    )
    for name, value in facts.items() - catalogue.facts().items():
        catalogue.set_fact(name, value)
    return has_moved


def _as_of_now(run: Run, number: int, feed: Feed) -> Course | None:
    """Return the course of a feed; what a clock that ran ahead has dated is of the present (D10)."""
    if not (feed.course and run.options.accept_clock):
        return feed.course
    ahead = [d for _, d in run.catalogue.digests.all(number) if d.instant > run.now]
    run.catalogue.digests.put((number, digest._replace(instant=run.now)) for digest in ahead)
    begun, looked, told, source = feed.course
    before = run.now - 1
    return Course(min(begun, before), min(looked, before), min(told, before), source)
