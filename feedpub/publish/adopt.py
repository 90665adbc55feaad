"""Adopt: items take over ids and dates, feeds their windows, from feeds that were there before (I1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feedpub.core.adoption import Adoption, Found
from feedpub.core.feeds import Feed, Opening, address
from feedpub.core.model import ReadFeed
from feedpub.core.policy import EVERYTHING
from feedpub.core.problems import PublishError, Refused
from feedpub.core.stories import Clock, State, advance
from feedpub.core.urls import canonical
from feedpub.publish.ports import Edges
from feedpub.publish.record import record_stories
from feedpub.publish.report import Report
from feedpub.publish.rescan import LEDGER_STALE, learn, write_ledger
from feedpub.publish.settings import Options, Run, Settings
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
        _open(run, taken, was_out=was_out)
        for name, value in (("selection", ""), ("rendering", ""), (LEDGER_STALE, "1")):
            catalogue.set_fact(name, value)  # all is published anew
        if not options.dry_run:
            write_ledger(run)
        catalogue.commit()
    except BaseException:
        catalogue.rollback()
        raise
    return taken


def _taken_over(run: Run, sources: Sequence[tuple[str, ReadFeed]], *, was_out: bool) -> Adoption:
    """Have what is out take over what it does; before any feed `was_out`, nobody knows of ours."""
    clock, due = Clock(run.now, first_build=False), run.catalogue.stories.in_states(State.OUT)
    settlement = settle(run, Change(due=due), clock)
    stories = {settled.new.id: settled.new for settled in settlement.stories}
    out = stories if was_out and not run.options.accept_id_change else ()
    known, rules = run.catalogue.stories.all().values(), run.settings.rules
    adoption = Adoption(stories, out, run.now, known)
    for file, feed in sources:
        adoption.take(file, feed)
    for format in dict.fromkeys(feed.format for _, feed in sources):
        adoption.extend(format, rules.home, rules.timezone)
    moved = []
    for settled in settlement.stories:
        if new := adoption.taken.get(settled.new.id):
            if was_out:  # what readers were told of stays so (D4)
                new = new._replace(updated=max(new.updated, settled.new.updated))
            settled = settled._replace(new=advance(new, settled.copies, clock), stale=True)
        moved.append(settled)
    record_stories(run, settlement._replace(stories=moved), clock)
    return adoption


def _open(run: Run, taken: Adoption, *, was_out: bool) -> None:
    """Begin the windows of feeds with what all their old documents held (F6); none is out by this.

    An old feed in the outermost folder that is at no address of ours goes on as that of everything, if
    no other does.
    """
    feeds, held = run.catalogue.feeds.all(), dict[int, frozenset[str]]()
    everything = next(number for number, feed in feeds.items() if feed.name == EVERYTHING)
    places = _feeds_of(taken.found, run.settings, feeds)
    outermost = min(old.file.count("/") for old in taken.found)
    for old, number in zip(taken.found, places, strict=True):
        if number is None and everything not in places and old.file.count("/") == outermost:
            number = everything
        if number is None and old.entries:
            taken.apart.append(old.file)
        elif number is not None:
            held[number] = _in_both(held.get(number, frozenset()), old.items)
    for number, feed in feeds.items():
        new = feed if was_out else feed._replace(meta="", changed=None, places=())
        if held.get(number) and (feed.adopted or not was_out):
            since, items = feed.adopted or (run.now, ())
            seen = _in_both(frozenset(items), held[number])
            new = new._replace(adopted=Opening(since, tuple(sorted(seen))))
        if new != feed:
            run.catalogue.feeds.put(number, new)


def _in_both(items: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Return what readers of either document have seen; of one alone, or of strangers, all."""
    return items & others or items or others


def _feeds_of(
    found: Sequence[Found], settings: Settings, feeds: Mapping[int, Feed]
) -> list[int | None]:
    """Return for each old feed ours at the address that it says is its own, else at that of its file."""
    documents = settings.layout.documents
    paths = {path: number for number, feed in feeds.items() for path in documents(feed).values()}
    ours = {canonical(address(settings.site, path)): number for path, number in paths.items()}
    return [
        ours.get(canonical(old.address))
        if old.address
        else next((n for p, n in paths.items() if "/" in p and old.file.endswith(f"/{p}")), None)
        for old in found
    ]
