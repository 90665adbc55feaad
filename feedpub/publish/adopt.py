"""Adopt: items take over ids and dates, feeds their windows, from feeds that were there before (I1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feedpub.core.adoption import Adoption, Found, adoption
from feedpub.core.feeds import EVERYTHING, Feed, Opening, address
from feedpub.core.model import ReadFeed
from feedpub.core.problems import PublishError, Refused
from feedpub.core.stories import Clock, State, advance
from feedpub.core.urls import canonical
from feedpub.publish.ports import Edges
from feedpub.publish.record import record_stories
from feedpub.publish.report import Report
from feedpub.publish.rescan import LEDGER_STALE, learn, write_ledger
from feedpub.publish.run import Options, Run
from feedpub.publish.settings import Settings
from feedpub.publish.settle import Change, settle


def adopt(
    edges: Edges, settings: Settings, options: Options, sources: Sequence[tuple[str, ReadFeed]]
) -> Adoption:
    """Take over what old feeds have, by their files; the next rescan publishes it.

    Raises what `publish` does, `PublishError` where no entry is an item, and `Refused` where readers
    know all items by other ids.
    """
    run, catalogue = Run(edges, settings, options, Report()), edges.catalogue
    catalogue.begin()
    try:
        was_out = any(feed.was_out for feed in catalogue.feeds.all().values())
        learn(run)
        taken = _taken_over(run, sources, was_out=was_out)
        if not any(found.items for found in taken.found):
            raise PublishError(
                "no entry of these feeds is an item here. Do site.home and content.link_template say"
                " where items are read? Nothing was changed"
            )
        if all(len(found.left) == found.entries for found in taken.found):
            raise Refused(
                "readers know all of these items by other ids by now, and would see them as new. If"
                " it must be: --accept-id-change. Nothing was changed"
            )
        _open(run, taken.found, was_out=was_out)
        for name in ("selection", "rendering"):  # all is published anew
            catalogue.set_fact(name, "")
        catalogue.set_fact(LEDGER_STALE, "1")
        if not options.dry_run:
            write_ledger(run)
        catalogue.commit()
    except BaseException:
        catalogue.rollback()
        raise
    return taken


def _taken_over(run: Run, sources: Sequence[tuple[str, ReadFeed]], *, was_out: bool) -> Adoption:
    """Have what is out take over what it does; before any feed `was_out`, nobody knows of ours."""
    clock, options = Clock(run.now, first_build=not was_out), run.options
    due = run.catalogue.stories.in_states(State.OUT)
    settlement = settle(
        run, Change((), (), (), due, lambda _: True), clock._replace(first_build=False)
    )
    stories = {settled.new.id: settled.new for settled in settlement.stories}
    site = run.settings.rules.home, run.settings.rules.timezone
    out = stories if was_out and not options.accept_id_change else ()
    taken = adoption(sources, stories, out, site, run.now)
    moved = []
    for settled in settlement.stories:
        if new := taken.stories.get(settled.new.id):
            new = new if was_out else new._replace(first_out=None)
            new = advance(new, settled.copies, clock)
            moved.append(settled._replace(new=new, stale=True))
    record_stories(run, settlement._replace(stories=moved), clock)
    return taken


def _open(run: Run, found: Sequence[Found], *, was_out: bool) -> None:
    """Begin the windows of feeds with what their old documents held (F6); none is out by this."""
    feeds = run.catalogue.feeds
    held = _held(found, run.settings, feeds.all())
    for number, feed in feeds.all().items():
        new = feed if was_out else feed._replace(meta="", changed=None, places=())
        if number in held and (feed.adopted or not was_out):
            since, items = feed.adopted or (run.now, ())
            shown = _in_both({*items}, held[number])
            new = new._replace(adopted=Opening(since, tuple(sorted(shown))))
        if new != feed:
            feeds.put(number, new)


def _held(
    found: Sequence[Found], settings: Settings, feeds: Mapping[int, Feed]
) -> dict[int, set[str]]:
    """Return what was in all old documents of each feed: those at its addresses, or of its files.

    Of files in several folders the one in the shortest counts. Where no other is, the documents that
    have no feed are those of the feed of everything.
    """
    documents, left = settings.layout.documents, sorted(found, key=lambda old: len(old.file))
    places = {path: n for n, feed in feeds.items() for path in documents(feed).values()}
    held: dict[int, set[str]] = {}
    for path in sorted(places, key=len, reverse=True):
        own = canonical(address(settings.site, path))
        there = [old for old in left if canonical(old.address) == own]
        for old in there or [old for old in left if old.file.endswith(f"/{path}")][:1]:
            held[places[path]] = _in_both(held.get(places[path], set()), {*old.items})
            left.remove(old)
    everything = next(number for number, feed in feeds.items() if feed.name == EVERYTHING)
    for old in left if everything not in held else ():
        held[everything] = _in_both(held.get(everything, set()), {*old.items})
    return {number: items for number, items in held.items() if items}


def _in_both(items: set[str], others: set[str]) -> set[str]:
    """Return what readers of either document have seen; of one alone, or of strangers, all."""
    return items & others or items or others
