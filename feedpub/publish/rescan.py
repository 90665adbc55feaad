"""One rescan, stage by stage: content in, feeds out, a report back.

    scan -> read -> settle -> record -> | commit | -> select -> render -> check -> write

Everything up to the commit is one transaction: the ledger and the marks of the feeds it touches
appear together or not at all. Files are replaced after it; a feed keeps its mark until its files
are as they should be, so a run that was killed is finished by the next one. What an unchanged site
does not need is not imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from feedpub.core import topics
from feedpub.core.feeds import is_live, label_of
from feedpub.core.policy import NAMED
from feedpub.core.problems import Problem, WrongClock, problem, worst_first
from feedpub.core.safeguards import behind
from feedpub.core.stories import State
from feedpub.publish.ports import Edges, Progress, no_progress
from feedpub.publish.publishing import publish_feeds, standing
from feedpub.publish.report import Report, tell_left_out
from feedpub.publish.scan import WHOLE, Scanned, last_run, scan
from feedpub.publish.settings import Options, Run, Settings

if TYPE_CHECKING:
    from feedpub.publish.read import ItemCache
    from feedpub.publish.render import RenderedEntries
    from feedpub.publish.settle import Settlement

LEDGER_STALE = "ledger-stale"
"""The fact that the text ledger does not yet say what the catalogue does."""


def publish(
    edges: Edges,
    settings: Settings,
    options: Options,
    progress: Progress = no_progress,
    rendered: RenderedEntries | None = None,
) -> Report:
    """Bring out/ in line with the content and return what was done.

    A service gives the same `rendered` each time, which holds the entries that were rendered last.
    Raises `PublishError` when the content root or the state cannot be used, `Refused` when so
    much is missing that nothing may be concluded and nothing known can be kept (X5), when the
    clock cannot be right (D10), or when so many items would get another id that readers would show
    the site as new (I1).
    """
    if options.takedowns_only:  # they do not wait for a clock that is wrong
        options = options._replace(now=max(options.now, last_run(edges.catalogue)))
    run = Run(edges, settings, options, Report(), progress)
    with run.report.timed("total"):
        run.catalogue.begin()
        try:
            _expire(run)
            before, is_fresh = None, not run.catalogue.facts().get("selection")
            was_out = any(feed.was_out for feed in run.catalogue.feeds.all().values())
            if options.dry_run:
                from feedpub.publish.check import differences, outlook, published

                # A new state with a text ledger knows of no file in out/, but what there was.
                before = outlook(run.catalogue, published(run.catalogue) or standing(run))
            items = learn(run)
            has_moved = items is not None
            if settings.digests and not options.takedowns_only:
                has_moved |= _make_digests(run, items)
            changed: Collection[str] = ()
            if is_fresh and not run.catalogue.outputs.all():
                from feedpub.publish.confirm import changed_ids

                changed = changed_ids(run, standing(run).values(), foreign=not was_out)
            if before is not None:
                after = outlook(run.catalogue, standing(run))
                run.report.changes = differences(before, after, changed, settings.layout)
            if has_moved and not options.dry_run:
                run.catalogue.commit()
                run.catalogue.begin()
            publish_feeds(run, items, rendered)
            _finish(run)
        except BaseException:
            run.catalogue.rollback()
            raise
    return run.report


def _expire(run: Run) -> None:
    """Announce no longer what was withdrawn long ago (X4)."""
    expired = run.catalogue.withdrawals.expire(run.now)
    if expired:
        run.catalogue.feeds.mark(expired)
        run.catalogue.set_fact(LEDGER_STALE, "1")  # it names the feeds that announce it


# scan -> read -> settle -> record ---------------------------------------------------------------


def learn(run: Run) -> ItemCache | None:
    """Bring the catalogue in line with the content; return the items that were read on the way.

    None means that nothing changed.
    """
    facts, prints = run.catalogue.facts(), run.settings.fingerprints()
    same = all(facts.get(name) == value for name, value in prints.items())
    refusal = "" if run.options.accept_clock else behind(run.now, last_run(run.catalogue))
    if refusal and not (run.options.is_named and (same or "selection" not in facts)):
        raise WrongClock(refusal)
    scanned = scan(run, facts, prints)
    if same and not (scanned.changed or scanned.missing or scanned.due):
        return None
    items = _take_over(run, scanned, refusal)
    if facts.get("rendering") != prints["rendering"]:
        from feedpub.publish.record import renew

        renew(run)
    _remember(run, scanned, prints)
    return items


def _take_over(run: Run, scanned: Scanned, refusal: str) -> ItemCache:
    """Read what changed, settle it and record it; return the items that were read.

    Raises what `Confirmation.confirmed` does, with the `refusal` if anything changes.
    """
    from feedpub.publish.confirm import Confirmation
    from feedpub.publish.read import ItemCache, read_changed
    from feedpub.publish.record import record
    from feedpub.publish.settle import Change

    files, report, items = run.catalogue.files, run.report, ItemCache()
    changed, removed = scanned.changed, files.get(scanned.missing)
    # A first build knows no file yet, and has most of them to read.
    before = [] if scanned.clock.first_build else files.get(f.path for f in changed)
    known = {f.seen.path: f for f in before}
    with report.timed("parse"):
        read = read_changed(
            run, changed, known, items.add, everything=scanned.everything, vanished=removed
        )
    report.parsed = sum(file.content != "" for file in read.files)  # it is '' if unreadable
    # What could not be read and cannot be now is tried at each walk, and did not change for that.
    unread = {file.seen.path for file in before if file.content == ""}
    still = sum(f.content == "" and f.seen.path in unread for f in read.files)
    report.unchanged -= len(before) - len(read.touched) - still
    with report.timed("settle"):
        touched = {seen.path for seen in read.touched}
        before = [f for f in before if f.seen.path not in touched]
        change = Change(read.files, before, removed, scanned.due, scanned.is_there)
        confirmation = Confirmation(run)
        change, settlement = confirmation.confirmed(change, scanned.clock, refusal)
        settlement = confirmation.announced(settlement)
        record(run, read, change, settlement, scanned.clock)
        confirmation.remember(settlement, everything=scanned.everything)
    with report.timed("compose"):
        _keep_scheduled(run, settlement, items)
    return items


def _keep_scheduled(run: Run, settlement: Settlement, items: ItemCache) -> None:
    """Compose what is scheduled and was read now: its file may be broken when it is due (X6)."""
    states = ((s.number, s.new.state) for s in settlement.stories if s.stale)
    numbers = [number for number, state in states if state is State.SCHEDULED]
    if numbers:
        from feedpub.publish.select import EntryComposer

        EntryComposer(run, items).entries(numbers)


def _remember(run: Run, scanned: Scanned, prints: Mapping[str, str]) -> None:
    """Note what the catalogue is in line with now."""
    catalogue = run.catalogue
    if run.report.held:
        catalogue.set_fact(WHOLE, "1")
    elif not scanned.sheltered:
        # Only with all files there: what else is new must reach those that come back, too.
        for name, value in prints.items():
            catalogue.set_fact(name, value)
        for number, feed in catalogue.feeds.all().items():  # all stories were asked now (N2)
            rule = run.settings.rules_of_feeds.get(feed.key, "") if feed.kind == NAMED else ""
            if rule != feed.rule:
                catalogue.feeds.put(number, feed._replace(rule=rule))
        base = 0 if run.options.accept_clock else int(catalogue.facts().get("now", "0"))
        catalogue.set_fact("now", str(max(run.now, base)))
    catalogue.set_fact(LEDGER_STALE, "1")


def _make_digests(run: Run, items: ItemCache | None) -> bool:
    """Make the digests of periods that ended, from what their items show now (N4).

    Say whether feeds moved on. `items` are those that were read on the way.
    """
    from feedpub.core import selection
    from feedpub.core.feed_lifecycle import digested

    catalogue, policy, zone = run.catalogue, run.settings.policy, run.settings.site.timezone
    rows, has_moved = catalogue.feeds.all(), False
    numbers = {feed.name: number for number, feed in rows.items()}
    for number, feed in rows.items():
        asked = digested(feed.name, policy) if is_live(feed, policy) else None
        if not asked or (period := selection.period(asked[0], zone, run.now)).ended <= feed.looked:
            continue
        begun, of = feed.begun or period.ended, numbers.get(asked[1])
        if of and feed.begun:
            from feedpub.publish.read import ItemCache  # most of the time none is due
            from feedpub.publish.select import EntryComposer

            source = feed.rule if of == number else rows[of].id
            made, members = catalogue.feeds.digests(number), catalogue.feeds.members(of)
            pending = selection.pending(members, made, begun, source, period.ended)
            composer = EntryComposer(run, items or ItemCache())
            entries = composer.entries([member.story for member in pending]).values()
            if len(entries) >= asked[0].minimum:
                about, authority = (feed.id, label_of(feed, policy), source), run.settings.authority
                new = selection.new_digest(about, period, entries, made, authority, zone)
                catalogue.feeds.put_digests([(number, new)])
        catalogue.feeds.put(number, feed._replace(begun=begun, looked=period.ended))
        catalogue.set_fact(LEDGER_STALE, "1")
        has_moved = True
    return has_moved


# the end -----------------------------------------------------------------------------------------


def _finish(run: Run) -> None:
    """Write the ledger, tell the report what there is now, and make all of that lasting."""
    report, catalogue = run.report, run.catalogue
    if not run.options.dry_run:
        write_ledger(run)
    report.statuses = catalogue.files.status_counts()
    found = [*report.problems, *catalogue.files.problems(), *_collisions(run)]
    report.problems = worst_first(found)
    tell_left_out(run)
    if run.options.dry_run:
        catalogue.rollback()
    else:
        catalogue.commit()


def _collisions(run: Run) -> Iterator[Problem]:
    """Yield a warning for each feed whose address another one already had (T3)."""
    settings, feeds = run.settings, run.catalogue.feeds.all().values()
    for feed in [f for f in feeds if f.wanted and is_live(f, settings.policy)]:
        text = "another feed has or had the slug that the config gives this one; choose another"
        if feed.slug == topics.suffixed(feed.wanted, feed.key):
            text = (
                "another name has this address without its suffix; rename one, or set a slug for it"
            )
        yield problem(settings.layout.folder(feed), "slug-collision", text)


def write_ledger(run: Run) -> None:
    """Write the text ledger if it is not true any more; what is out stays out if that fails."""
    if run.edges.ledger is None:
        return
    fresh = str(-run.edges.lead.epoch)  # each host has a file of its own; 1 is none
    is_stale = run.catalogue.facts().get(LEDGER_STALE) != fresh
    try:
        run.edges.ledger(run.catalogue, is_stale)
    except OSError as error:
        run.report.failed = True
        text = f"state.ledger cannot be written: {error.strerror}; tried again with each rescan"
        run.report.problems.append(problem("./", "ledger-not-written", text))
    else:
        if is_stale:
            run.catalogue.set_fact(LEDGER_STALE, fresh)
