"""Check, explain, and dry runs: what a rescan would make of the content, with nothing written.

Files are read and settled as a rescan does it. `check` and `explain` record nothing of that; a dry
run does, compares what subscribers of each feed see before and after, and takes it back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from feedpub.catalogue import Catalogue
from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.core import source_links
from feedpub.core.compose import dead_links
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import BY, KINDS, Feed, Layout
from feedpub.core.matching import names_of
from feedpub.core.membership import attributes_of, in_one, matches, permitted, reason as why
from feedpub.core.model import Item, Withheld
from feedpub.core.policy import ALL, NAMED, Name
from feedpub.core.problems import Problem, worst_first
from feedpub.core.stories import Clock, Copy, State, Story, by_link, winner
from feedpub.publish.ports import Edges
from feedpub.publish.read import Reader, read_changed, read_file, unpacked
from feedpub.publish.report import Gap, LeftOut, Report, gaps, left_out, printable, reason
from feedpub.publish.settings import Options, Run, Settings
from feedpub.publish.settle import Change, Settled, Settlement, address_problems, settle


class Checked(NamedTuple):
    """How many files were looked at, how many of them are usable items, and all problems.

    `terms` are the labels of what they name and feeds can be made of; `left_out` are the files that would
    not be out, `gaps` tell why. `links` are the addresses of those that would be, `names` what lists
    by hand may call the items.
    """

    files: int
    items: int
    problems: list[Problem]
    terms: dict[Name, str]
    left_out: list[LeftOut]
    gaps: list[Gap]
    links: list[str]
    names: set[str]


def check(edges: Edges, settings: Settings, now: int, paths: Collection[str] = ()) -> Checked:
    """Read the content (only `paths`, files or folders, if given) and report every problem.

    The catalogue of `edges` must be an empty one: nothing is taken for known.
    Raises `PublishError` when the content root cannot be listed.
    """
    run = Run(edges, settings, Options(now), Report())
    walk = edges.content.walk()
    seen = sorted(f for f in walk if not paths or _among(f.path, paths))
    links: dict[str, str] = {}

    def note_links(item: bytes, copy: Copy) -> None:
        if source_links.HOST.encode() in item:  # few items link to source files
            links[copy.path] = source_links.only(unpacked(item).body)

    read = read_changed(run, seen, {}, note_links, everything=True)
    change = Change(read.files, is_there={f.path for f in seen}.__contains__)
    settlement = settle(run, change, Clock(run.now, first_build=True))
    items = sum(f.copy is not None and not f.copy.bars for f in read.files)
    found = [*walk.problems, *read.problems, *settlement.problems]
    found += address_problems([settled.new for settled in settlement.stories])
    if paths:  # it is not known which items and feeds there are
        found = [one for one in found if one.code != "name-unmatched"]
    else:
        found += _dead_links(links, [settled.new for settled in settlement.stories])
    copies = [f.copy for f in read.files if f.copy]
    terms = {Name(k, t.key): t.label for k in BY for c in copies for t in KINDS[k].terms(c)}
    places, stories = settlement.places(), {s.number: s.new for s in settlement.stories}
    placed = ((f, places.get(f.seen.path, (f.status, None))) for f in read.files)
    files = [f._replace(status=status, story=story) for f, (status, story) in placed]
    is_any_out = bool(paths) or any(f.status is Status.PUBLISHED for f in files)
    told = gaps(files, is_any_out, settings.rules.undated, edges.content)
    missing = left_out(files, stories, found, run.now)
    links_out = [story.link for story in stories.values() if story.state is State.OUT]
    names = {name for s in settlement.stories for name in names_of(s.new, *s.copies)}
    return Checked(len(seen), items, worst_first(found), terms, missing, told, links_out, names)


def _dead_links(links: Mapping[str, str], stories: Collection[Story]) -> Iterator[Problem]:
    """Yield the problems of the stories that link to source files of which no item is made (C9).

    `links` are what is left of their bodies, by path: only the links.
    """
    known = by_link(stories)
    for story in stories:
        is_news = story.state not in (State.WITHHELD, State.UNDATED)
        if is_news and (html := links.get(story.path)):
            found = source_links.resolved(html, story.link, known, bool)
            yield from dead_links(story.path, found.dead)


def _among(path: str, wanted: Collection[str]) -> bool:
    return any(path == w or w == "." or path.startswith(w.rstrip("/") + "/") for w in wanted)


class Explanation(NamedTuple):
    """One file as feedpub understands it.

    `verdict` says in words whether and where it is out; `story` and `feeds` are what the last
    build recorded (None and empty before the first). `named` says of each named feed why the item is
    in it, or not.
    """

    item: Item | None
    problems: tuple[Problem, ...]
    verdict: str
    story: Story | None
    feeds: list[Feed]
    named: Mapping[str, str] = {}


def explain(path: str, edges: Edges, settings: Settings, now: int) -> Explanation:
    """Explain one file. Raises `PublishError` when the content root cannot be listed."""
    catalogue = edges.catalogue
    run = Run(edges, settings, Options(now), Report())
    known = catalogue.files.get([path])
    seen = (*edges.content.walk(), *edges.content.spoiled(f.seen.path for f in known))
    there = {f.path: f for f in reversed(seen)}
    story, feeds = _recorded(known, catalogue)
    if path not in there:
        return Explanation(None, (), _OVERLOOKED, story, feeds)
    before = known[0] if known else None
    reading = read_file(there[path], before, Reader.of(run, [path]), everything=True)
    assert reading is not None  # noqa: S101 - with `everything`, a file is always read
    file, packed, problems = reading
    if packed is None:
        return Explanation(None, problems, _unusable(file, now), story, feeds)
    item = unpacked(packed)
    alike = catalogue.files.with_identity([file.copy.identity] if file.copy else ())
    gone = [other for other in alike if other.seen.path not in there]
    change = Change([file], known, gone, is_there=there.__contains__)
    settlement = settle(run, change, Clock(now, catalogue.is_new()))
    status, number = settlement.places()[path]
    settled = next(s for s in settlement.stories if s.number == number)
    if status is not Status.PUBLISHED:
        word = "a duplicate" if status is Status.DUPLICATE else status.label
        verdict = f"{word}: {reason(file._replace(status=status), settled.new, now)}"
        return Explanation(item, problems, verdict, story, feeds)
    # Where others count, too, it is in those feeds that the last build had it in.
    ranked = (feed.name for feed in feeds if feed.name in settled.contends)
    wanted = in_one(dict.fromkeys((*settled.feeds, *ranked), ""), settings.policy)
    named = dict(_in_named(run, settled, wanted))
    return Explanation(item, problems, _where_out(settled, settlement, wanted), story, feeds, named)


_OVERLOOKED = (
    "not looked at: content.include and content.exclude leave it out, or a name in its path does"
    " (_drafts, _site, node_modules, one that begins with a dot), or it is no file"
)


def _recorded(known: list[KnownFile], catalogue: Catalogue) -> tuple[Story | None, list[Feed]]:
    """Return the story that a file holds by what the last build recorded, and the feeds it is in."""
    numbers = [file.story for file in known if file.story is not None]
    story = next(iter(catalogue.stories.get(numbers).values()), None)
    within = [n for feeds in catalogue.feeds.memberships(numbers).values() for n in feeds]
    feeds = catalogue.feeds.all()
    return story, [feeds[n] for n in within if feeds[n].was_out]


def _in_named(run: Run, settled: Settled, wanted: Collection[Name]) -> Iterator[tuple[str, str]]:
    """Yield each named feed, with what lets a story in, or keeps it out, by its file as it is now.

    Whether it is among the best was seen by the last build.
    """
    policy, feeds, story = run.settings.policy, run.catalogue.feeds, settled.new
    copy = winner(settled.copies, story.path) or settled.copies[0]
    asked = attributes_of(story, settled.copies, copy, policy)
    numbers = {feed.name: number for number, feed in feeds.all().items()}
    for key, (rule, *_) in policy.named.items():
        name, part = Name(NAMED, key), settled.contends.get(Name(NAMED, key))
        if part and part.by_hand:
            rule = rule._replace(own=(), at_least=(), leave=(), top=0)
        told = [why(rule, asked) or "it lists what is new in other feeds"]
        for score, least in rule.leave:
            told.append(f"{score} is {getattr(asked, score)}, it leaves below {least}")
        if rule.top and name in numbers:
            _, best = feeds.ranked(numbers[name], rule.top, rule.within, keep=False)
            is_best, stays = settled.number in best, ", but it stays" * (name in wanted)
            place = f"among the best {rule.top} by {rule.by}"
            decides = name not in wanted and matches(rule, asked)
            told.insert(0 if decides else len(told), place if is_best else f"not {place}{stays}")
        if key in dict(story.admitted):
            told.append(f"admitted {rfc3339(story.entered_in(key))}")
        if name not in wanted and not permitted({name: ""}, copy, policy):
            told = ["the front matter of the item says so (feeds)"]
        elif name not in wanted and matches(rule, asked):
            others = (n for names in policy.unique if name in names for n in names if n in wanted)
            told[:0] = [f"feeds.unique gives it to {n.kind} {n.key}" for n in others][:1]
        yield key, f"{'in' if name in wanted else 'not in'}: {'; '.join(told)}"


def _unusable(file: KnownFile, now: int) -> str:
    """Return the verdict on a file that gives no item now."""
    if file.status in (Status.NOT_ITEM, Status.UNDATED):
        word = "undated" if file.status is Status.UNDATED else "not an item"
        return f"{word}: {reason(file, None, now)}"
    if file.copy is None:
        return "quarantined: see its problems"
    if file.copy.bars:
        return "quarantined, and withholds the other files of its story: see its problems"
    if file.copy.withheld is not Withheld.NO:
        return "unusable now, and withheld: see its problems"
    return "unusable now: its last good item stays, see its problems"


def _where_out(settled: Settled, settlement: Settlement, wanted: Collection[Name]) -> str:
    """Return the verdict on a file that is out, or will be with the next build: in which feeds."""
    labels = {each.name: each.label for each in settlement.claims if each.name.kind != NAMED}
    feeds = [
        f"{n.kind} {labels.get(n, n.key)}" if n.key else "the feed of everything" for n in wanted
    ]
    where = ", ".join(feeds) or "no feed"
    return f"{'out' if settled.was_out else 'will be out with the next build'}, in {where}"


# what a dry run compares ------------------------------------------------------------


class Difference(NamedTuple):
    """What changes in one feed: numbers of items. `ids` are those of them with another id.

    `folder` is where it is in out/, '' for the feed of everything; `fate` says whether the feed
    itself is `new`, `ends` (what tells of that can be read for a time, T6), is `gone` without a
    word, as the config wants no such feed any more, or `stays`. Of a named feed, `late` are items that
    were out before and come as news, `left` those that are out elsewhere (N2), and `items` the paths of
    those that come or go, by what becomes of them.
    """

    folder: str
    fate: str
    new: int
    updated: int
    withdrawn: int
    unchanged: int
    ids: int
    late: int = 0
    left: int = 0
    items: Mapping[str, list[str]] = {}


class Outlook(NamedTuple):
    """The feeds that have documents, when each item in them was updated, and what is out; all by ids."""

    feeds: Mapping[str, Feed]
    updated: Mapping[str, dict[str, int]]
    stories: Mapping[str, Story]


def published(catalogue: Catalogue) -> dict[int, Feed]:
    """Return the feeds that the last build left in out/, whatever the config says of them now."""
    there = {output.feed for output in catalogue.outputs.all().values()}
    return {number: feed for number, feed in catalogue.feeds.all().items() if number in there}


def outlook(catalogue: Catalogue, standing: Mapping[int, Feed]) -> Outlook:
    """Return what the catalogue has in the feeds that have documents, as it is now."""
    stories = catalogue.stories.get(catalogue.stories.in_states(State.OUT))
    updated: dict[str, dict[str, int]] = {feed.id: {} for feed in standing.values()}
    for number, feeds in catalogue.feeds.memberships(stories).items():
        story = stories[number]
        for within in standing.keys() & feeds:
            updated[standing[within].id][story.id] = story.updated
    for number, feed in standing.items():
        if feed.begun:  # its entries are digests
            updated[feed.id] = {d.id: d.instant for d in catalogue.feeds.digests(number)}
    out = {story.id: story for story in stories.values()}
    return Outlook({feed.id: feed for feed in standing.values()}, updated, out)


def differences(
    before: Outlook, after: Outlook, changed: Collection[str], layout: Layout
) -> list[Difference]:
    """Return what every feed before or after would show, that of everything first, then by folder.

    A feed that goes on under another name is the same one (T6). `changed` are the items that get
    another id.
    """
    both = (*before.feeds.values(), *after.feeds.values())
    feeds = {feed.id: feed for feed in both if feed.ended is None}
    found = ((layout.folder(feed), feed) for feed in feeds.values())
    ordered = sorted(found, key=lambda each: (each[1].kind != ALL, each[0]))
    return [_difference(*each, before, after, changed) for each in ordered]


def _difference(
    folder: str, feed: Feed, before: Outlook, after: Outlook, changed: Collection[str]
) -> Difference:
    old, new = before.updated.get(feed.id, {}), after.updated.get(feed.id, {})
    both, key = old.keys() & new.keys(), "" if feed.begun else feed.name.named
    moved = sum(old[item] != new[item] for item in both)
    first, last = before.feeds.get(feed.id), after.feeds.get(feed.id)
    if last is None or last.ended is not None:
        fate = "ends" if last else "gone"
    else:
        fate = "stays" if first and first.ended is None else "new"
    told: dict[str, list[str]] = {"new": [], "late": [], "left": [], "withdrawn": []}
    for item in old.keys() ^ new.keys():
        story = after.stories.get(item) or before.stories.get(item)  # none: a digest
        word = "late" if story and story.entered_in(key) > story.entered else "new"
        if item in old:
            word = "left" if key and item in after.stories else "withdrawn"
        told[word].append(printable(story.path if story else item))
    listed = told if key and fate in ("stays", "new") else {}
    return Difference(
        folder=folder,
        fate=fate,
        updated=moved,
        unchanged=len(both) - moved,
        ids=len(new.keys() & changed),
        **{word: len(paths) for word, paths in told.items()},
        items={word: sorted(paths) for word, paths in listed.items() if paths},
    )
