"""Due: the digests of periods that ended are made, from what their items show now (N4)."""

from __future__ import annotations

from feedpub.core import digests
from feedpub.core.beginnings import digested
from feedpub.core.feeds import is_live, label_of
from feedpub.publish.read import ItemCache
from feedpub.publish.rescan import LEDGER_STALE
from feedpub.publish.run import Run


def make_due(run: Run, items: ItemCache | None) -> bool:
    """Make the digests that are due; say whether feeds moved on.

    `items` are those that were read on the way.
    """
    catalogue, policy, zone = run.catalogue, run.settings.policy, run.settings.site.timezone
    rows, has_moved = catalogue.feeds.all(), False
    numbers = {feed.name: number for number, feed in rows.items()}
    for number, feed in rows.items():
        asked = digested(feed.name, policy) if is_live(feed, policy) else None
        if not asked or (period := digests.period(asked[0], zone, run.now)).ended <= feed.looked:
            continue
        begun, of = feed.begun or period.ended, numbers.get(asked[1])
        if of and feed.begun:
            from feedpub.publish.select import EntryComposer  # most of the time none is due

            source = feed.rule if of == number else rows[of].id
            made, members = catalogue.feeds.digests(number), catalogue.feeds.members(of)
            pending = digests.pending(members, made, begun, source, period.ended)
            composer = EntryComposer(run, {f.name: f for f in rows.values()}, items or ItemCache())
            entries = composer.entries([member.story for member in pending]).values()
            if len(entries) >= asked[0].minimum:
                about = feed.id, label_of(feed, policy), source
                given = period, entries, made, run.settings.authority, zone
                catalogue.feeds.put_digests([(number, digests.composed(about, *given))])
        catalogue.feeds.put(number, feed._replace(begun=begun, looked=period.ended))
        catalogue.set_fact(LEDGER_STALE, "1")
        has_moved = True
    return has_moved
