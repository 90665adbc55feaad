"""Record: what was read and settled goes into the catalogue, and marks feeds (R4, T3, D8, N2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from feedpub.catalogue import Catalogue
from feedpub.catalogue.content_tables import Stage
from feedpub.core.feed_lifecycle import Former, moved_on
from feedpub.core.feeds import Place, meta
from feedpub.core.membership import admit, in_one
from feedpub.core.policy import NAMED, Name
from feedpub.core.selection import Digest, archive_number
from feedpub.core.stories import Clock, State, Story, linked_by, set_back
from feedpub.formats import FORMATS, LISTINGS
from feedpub.publish.read import FilesRead
from feedpub.publish.settings import Run
from feedpub.publish.settle import Change, Settled, Settlement, address_problems, settle

BATCH = 1000
"""How many stories are written at a time, so that what is written never stands twice in memory."""


def record(run: Run, read: FilesRead, change: Change, settlement: Settlement, clock: Clock) -> None:
    """Write the files that were read, and what became of their stories, into the catalogue.

    Afterwards every feed whose documents may have to change is marked dirty, and owing if
    something must go out of them.
    """
    files = run.catalogue.files
    places = settlement.places()
    placed = ((file, places.pop(file.seen.path, (file.status, file.story))) for file in read.files)
    files.put(file._replace(status=status, story=story) for file, (status, story) in placed)
    files.place((path, *place) for path, place in places.items())
    files.touch(read.touched)
    paths = (f.seen.path for f in read.files)
    files.replace_problems(Stage.READING, paths, read.problems)
    record_stories(run, settlement, clock)
    files.forget(f.seen.path for f in change.removed)
    run.report.removed = len(change.removed)
    if clock.is_base:
        _set_back(run, settlement)
    # The head of a feed changes with the feed, which is dirty then, or with the config (`renew`).
    _date_heads(run, run.catalogue.feeds.dirty())
    if run.settings.digests:
        _establish(run, settlement)  # those of a feed that came out now (N4)
        _date_heads(run, run.catalogue.feeds.dirty())


def renew(run: Run) -> None:
    """After a change of the config or of feedpub: have everything composed and rendered again."""
    run.catalogue.put_hubs(h for url, h in run.catalogue.hubs().items() if url in run.settings.hubs)
    run.catalogue.outdate_all()
    run.catalogue.feeds.mark(feeds := run.catalogue.feeds.all())
    run.catalogue.feeds.owe(number for number, feed in feeds.items() if feed.begun)  # whole (N4)
    _date_heads(run, run.catalogue.feeds.all())
    _note_places(run)


def _note_places(run: Run) -> None:
    """Note where feeds are from now on, and let go on, or end, where they were (T6)."""
    outputs, feeds = run.catalogue.outputs.all(), run.catalogue.feeds
    written: dict[int, list[Place]] = {}
    for path, output in outputs.items():
        if output.format in FORMATS and output.size >= 0 and not archive_number(path):
            written.setdefault(output.feed, []).append(Place(output.format, path))
    for number, feed in feeds.all().items():
        if feed.was_out and feed.has_address:
            # Where none is kept, they are the usual ones, or an older feedpub wrote what is in out/.
            found = run.settings.places(feed, feed.places or written.get(number, ()), run.now)
            if found != feed.places:
                run.report.moved = True
                feeds.put(number, feed._replace(places=found))


def _set_back(run: Run, settlement: Settlement) -> None:
    """Leave no instant of feeds and of what they announce in the future: a clock ran ahead (D10)."""
    catalogue = run.catalogue
    for number, feed in catalogue.feeds.all().items():
        places = tuple(p._replace(ended=min(p.ended, run.now)) for p in feed.places)
        back = feed._replace(places=places, **set_back(feed, run.now))
        if back.adopted and back.adopted.since >= run.now:  # what came since is of now then
            back = back._replace(adopted=back.adopted._replace(since=run.now - 1))
        if back != feed:
            catalogue.feeds.put(number, back)
    _change_digests(catalogue, lambda d: d._replace(instant=min(d.instant, run.now)))
    announced, stories = catalogue.withdrawals.feeds(), settlement.stories
    ends = ((s.number, s.new.expires) for s in stories if s.new.expires)
    ahead = (s.number for s in stories if s.old and set_back(s.old, run.now))
    catalogue.feeds.mark(catalogue.archives.outdate(ahead, ()))
    catalogue.withdrawals.put((feed, n, end) for n, end in ends for feed in announced.get(n, ()))


def _date_heads(run: Run, numbers: Iterable[int]) -> None:
    """Date the change of the own metadata of feeds (D8); a new feed has none yet."""
    settings, feeds = run.settings, run.catalogue.feeds.all()
    heirs = {feed.heir for feed in feeds.values() if feed.was_out}
    for number in sorted(numbers):
        feed = feeds[number]
        own = meta(settings.head(feed, 0))
        if own == feed.meta:
            continue
        # A topic comes out with enough items, or as an heir (T6).
        is_asked_for = feed.was_out or feed.kind != "topic" or feed.key in heirs
        if is_asked_for or run.catalogue.feeds.count(number) >= settings.policy.minimum:
            new = feed._replace(meta=own, changed=run.now)
            if not feed.was_out:
                new = new._replace(changed=None, places=settings.places(feed, (), run.now))
            run.catalogue.feeds.put(number, new)


def record_stories(run: Run, settlement: Settlement, clock: Clock) -> None:
    """Write the stories of `settlement` and their feeds."""
    catalogue, stories = run.catalogue, settlement.stories
    numbers = _establish(run, settlement)
    if run.settings.policy.named:
        stories = [*_admitted(run, stories, numbers, clock)]
    for at in range(0, len(stories), BATCH):
        part = stories[at : at + BATCH]
        _move(part, numbers, catalogue, clock.now)
        known = [s for s in part if s.old]  # no entry is kept of a story that is new
        catalogue.entries.outdate(s.number for s in known if s.stale)
        # What is withheld must not even stand in while its file cannot be read.
        spent = State.WITHHELD, State.GONE, State.UNDATED
        catalogue.entries.drop(s.number for s in known if s.new.state in spent)
    before = () if clock.first_build else stories  # nothing was said of new ones before
    paths = (c.path for s in settlement.stories if before for c in s.copies)
    catalogue.files.replace_problems(Stage.SETTLING, paths, settlement.problems)
    _compare_addresses(stories, catalogue)
    _refresh_linking(before, catalogue)


def _compare_addresses(stories: Sequence[Settled], catalogue: Catalogue) -> None:
    """Say which items have one address, of `stories` and of those that share one with them."""
    changed = [story for s in stories for story in (s.old, s.new) if story]
    keys = {s.web_key or s.original_key or s.link_key for s in changed} - {""}
    near = catalogue.stories.with_keys(keys).values()
    paths = {story.path for story in (*changed, *near)}
    catalogue.files.replace_problems(Stage.ADDRESSES, paths, address_problems(near))


def _establish(run: Run, settlement: Settlement) -> dict[Name, int]:
    """Make the feeds that do not exist yet, end those that do no longer (T6).

    Returns the row number of every feed.
    """
    catalogue, settings = run.catalogue, run.settings
    rows = catalogue.feeds.all()
    feeds = {feed.name: feed for feed in rows.values()}
    numbers = {feed.name: number for number, feed in rows.items()}
    after = moved_on(
        feeds, settlement.claims, _lost_feeds(run), settings.policy, settings.authority, run.now
    )
    for name, feed in after.items():
        if feed != feeds.get(name):
            numbers[name] = catalogue.feeds.put(numbers.get(name), feed)
    return numbers


def _lost_feeds(run: Run) -> list[Former]:
    """Return the feeds that are in out/ by its own list, where a lost state tells nothing of them.

    Perhaps no item asks for them any more: then they stay, empty (T5).
    """
    file = LISTINGS["feeds"].file
    if run.catalogue.outputs.all() or not (data := run.edges.target.read(file)):
        return []
    from feedpub.formats.site_files import former_feeds  # only a lost state pays for it

    return former_feeds(data)


def _admitted(
    run: Run, stories: Sequence[Settled], numbers: Mapping[Name, int], clock: Clock
) -> Iterator[Settled]:
    """Yield stories with all feeds that they are in, and others that come or go by their ranks (N2)."""
    policy, feeds, rules = run.settings.policy, run.catalogue.feeds, run.settings.rules_of_feeds
    keys = {number: name.key for name, number in numbers.items() if name.named in policy.named}
    known, inside = feeds.all(), dict[int, set[int]]()
    late = {key: run.now for number, key in keys.items() if known[number].rule == rules[key]}
    top = {number for number, key in keys.items() if policy.named[key].rule.top}
    if top:
        touched, movers = {s.number for s in stories}, set[int]()
        feeds.rank(touched, (row for s in stories for row in _ranks(s, numbers)))
        for number in top:
            rule, keep = policy.named[keys[number]].rule, keys[number] in late
            members, inside[number] = feeds.ranked(number, rule.top, rule.within, keep=keep)
            movers |= members ^ inside[number]
        there = {f.story for f in run.catalogue.files.of_stories(movers - touched) if f.story}
        stories = [*stories, *settle(run, Change(due=sorted(there)), clock).stories]
    before = feeds.memberships(s.number for s in stories)
    for each in stories:
        ranked = (Name(NAMED, keys[n]) for n, found in inside.items() if each.number in found)
        within = tuple(in_one(dict.fromkeys((*each.feeds, *ranked), ""), policy))
        was = {keys[n] for n in before.get(each.number, []) if n in keys}
        new = admit(each.old, each.new, was, {name.key for name in within if name.named}, late)
        yield each._replace(new=new, feeds=within)


def _ranks(story: Settled, numbers: Mapping[Name, int]) -> Iterator[tuple[object, ...]]:
    for name, (by_hand, stays, score) in story.contends.items():
        entered = None if by_hand else story.new.entered
        yield numbers[name], story.number, story.new.id, entered, score, stays


def _move(
    stories: Sequence[Settled], numbers: Mapping[Name, int], catalogue: Catalogue, now: int
) -> None:
    """Write some stories, each a member of just its feeds; mark the feeds that this touches."""
    before = catalogue.feeds.memberships(s.number for s in stories)
    keys = {number: name.key for name, number in numbers.items() if name.kind == NAMED}
    changes: list[tuple[int, Story | None, Story, list[int]]] = []
    gone: set[tuple[int, int, int]] = set()
    come: set[tuple[int, int, int, int | None]] = set()
    withdrawals: list[tuple[int, int, int]] = []
    dirty: set[int] = set()
    left: set[int] = set()
    for story in stories:
        number, old, new = story.number, story.old, story.new
        was = before.get(number, [])
        now_in = sorted([numbers[name] for name in story.feeds])
        if story.was_withdrawn and not was:
            new = new._replace(expires=None)  # nobody is told of what was in no feed
        members = {(f, (old or new).entered_in(keys.get(f, "")), number) for f in was}
        members_now = {(f, new.entered_in(keys.get(f, "")), number) for f in now_in}
        if new != old or was != now_in:
            changes.append((number, old, new, now_in))
        is_edited = old is not None and old.edited != new.edited
        if members != members_now or is_edited:
            # What stays where it was stays sealed as it was (X2).
            gone |= members - members_now
            moved = members_now if is_edited else members_now - members
            come |= {(*member, new.edited) for member in moved}
            dirty.update(was, now_in)
            left |= {*was} - {*now_in}
        elif story.stale:
            dirty.update(now_in)
        if story.was_withdrawn:
            withdrawals += [(feed, number, new.expires or 0) for feed in was]
    back = [s.number for s in stories if s.old and s.old.withdrawn and not s.new.withdrawn]
    dirty |= catalogue.withdrawals.lift(back) if back else set()
    catalogue.withdrawals.put(withdrawals)
    catalogue.stories.put(changes)
    catalogue.feeds.move_members(gone, sorted(come))
    catalogue.archives.release([(f, number) for f, _, number in gone if f in keys])
    catalogue.feeds.mark(dirty)
    catalogue.feeds.owe(left)
    known = catalogue.feeds.all() if withdrawals else {}
    for feed in sorted({feed for feed, _, _ in withdrawals}):  # its `updated` moves (D8)
        catalogue.feeds.put(feed, known[feed]._replace(withdrawn=now))


def _refresh_linking(stories: Sequence[Settled], catalogue: Catalogue) -> None:
    """Compose again what links to a story that came, went, or is known by other URLs (R2, R4).

    Archives that hold a withdrawn story, or link to one, are written again (X4).
    """
    targets: set[str] = set()
    lost: set[str] = set()
    for story in stories:
        old, new = story.old, story.new
        before, after = set(linked_by(old)) if old else set(), set(linked_by(new))
        stays = old is not None and (old.state, old.link) == (new.state, new.link)
        targets |= before ^ after if stays else before | after
        lost |= before | after if story.was_withdrawn or story.was_page else set()
    linking = catalogue.entries.linking_to(targets)
    catalogue.entries.outdate(linking)
    catalogue.feeds.mark(_feeds_of(linking, catalogue))
    if lost:
        catalogue.feeds.owe(_feeds_of(catalogue.entries.linking_to(lost), catalogue))
        withdrawn = [s.number for s in stories if s.was_withdrawn]
        catalogue.feeds.owe(catalogue.archives.outdate(withdrawn, lost))
        ids = {i for s in stories if s.was_withdrawn for i in (s.new.id, s.new.id_in("json"))}
        _change_digests(catalogue, lambda digest: digest.without(ids, lost))


def _change_digests(catalogue: Catalogue, change: Callable[[Digest], Digest]) -> None:
    """Change the digests that were made, and have what was in them go out (N4)."""
    for number, feed in catalogue.feeds.all().items():
        for old in catalogue.feeds.digests(number) if feed.begun else ():
            if (new := change(old)) != old:
                catalogue.feeds.put_digests([(number, new)])
                catalogue.feeds.owe([number])


def _feeds_of(stories: Iterable[int], catalogue: Catalogue) -> set[int]:
    """Return the feeds that any of these stories is in."""
    return {f for feeds in catalogue.feeds.memberships(stories).values() for f in feeds}
