"""The ledger as text, one JSON object a line, made to be committed beside the content."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, NamedTuple

from feedpub.catalogue import Catalogue
from feedpub.catalogue.encoding import converted, record
from feedpub.core.feeds import KINDS, Feed, Hub, Place
from feedpub.core.policy import ALL, EVERYTHING, Name
from feedpub.core.problems import PublishError
from feedpub.core.selection import Digest, Member
from feedpub.core.stories import State, Story
from feedpub.core.text import FORBIDDEN
from feedpub.formats import FORMATS, usual_places

_HEADER = {"feedpub-ledger": 1}
_INSTANTS = range(-62_135_596_800, 253_402_300_800)
"""The years 1 to 9999: any other number in a ledger is damage."""
_MOST_ARCHIVES = 1_000_000


APART = Name("-all", "")
"""What stands among the feeds of a story that is, or was when it was withdrawn, not in everything."""


class Ledger(NamedTuple):
    """What must survive: every feed, and every story.

    A feed comes with how many archives it has; a story with the feeds that it is in, and by feed
    with the archive that it is sealed in. The feed of everything need not be among the feeds of a
    story; one that is not in it has `APART` there.
    """

    feeds: list[tuple[Feed, int]]
    stories: list[tuple[Story, list[Name], dict[Name, int]]]
    hubs: list[Hub] = []  # noqa: RUF012 - who loads one brings its own
    digests: list[tuple[Name, Digest]] = []  # noqa: RUF012 - who loads one brings its own


def ledger_of(catalogue: Catalogue) -> Ledger:
    """Return the ledger that a catalogue holds."""
    stories, feeds = catalogue.stories.all(), catalogue.feeds.all()
    names = {number: feed.name for number, feed in feeds.items()}
    within, announced = catalogue.feeds.memberships(stories), catalogue.withdrawals.feeds()
    sealed, last = catalogue.archives.sealed(), catalogue.archives.last()
    ledger = Ledger([(feed, last.get(number, 0)) for number, feed in feeds.items()], [])
    for number, story in stories.items():
        among = [names[feed] for feed in within[number] or announced.get(number, [])]
        has_feeds = bool(among) or story.state is State.OUT
        if has_feeds and EVERYTHING not in among:
            among.append(APART)
        archives = {names[feed]: archive for feed, archive in sealed.get(number, {}).items()}
        ledger.stories.append((story, among, archives))
    begun = {number: feed.name for number, feed in feeds.items() if feed.begun}
    digests = [(name, d) for number, name in begun.items() for d in catalogue.feeds.digests(number)]
    return ledger._replace(hubs=[*catalogue.hubs().values()], digests=digests)


def restore(catalogue: Catalogue, ledger: Ledger) -> None:
    """Fill an empty catalogue from a ledger, in one transaction."""
    # One of an older feedpub, as its marks tell, knows of no places at all.
    is_newer = not {story.mark[:2] for story, _, _ in ledger.stories} <= {"", "2-"}
    catalogue.begin()
    feeds: dict[Name, int] = {}
    archives: dict[tuple[int, int], list[Member]] = {}
    for feed, last in sorted(ledger.feeds, key=lambda each: each[0].name):
        placed = _placed(feed) if is_newer else feed
        number = feeds[feed.name] = catalogue.feeds.put(None, placed)
        archives |= {(number, archive): [] for archive in range(1, last + 1)}
    changes: list[tuple[int, None, Story, list[int]]] = []
    stories = sorted(ledger.stories, key=lambda each: each[0].id)
    for number, (story, names, sealed) in enumerate(stories, start=1):
        among = {*names} if APART in names else {EVERYTHING, *names}
        within = sorted(among & feeds.keys(), key=feeds.__getitem__)
        is_out, numbers = story.state is State.OUT, [feeds[name] for name in within]
        changes.append((number, None, story, numbers if is_out else []))
        if is_out:
            rows = [(feeds[n], story.entered_in(n.named), number, story.edited) for n in within]
            catalogue.feeds.move_members((), rows)
        elif story.expires is not None:
            catalogue.withdrawals.put((feed, number, story.expires) for feed in numbers)
        for name in [name for name in sealed if name in feeds]:
            member = Member(story.entered_in(name.named), story.published, story.id, number)
            archives.setdefault((feeds[name], sealed[name]), []).append(member)
    catalogue.stories.put(changes)
    catalogue.put_hubs(ledger.hubs)
    for place, members in archives.items():
        catalogue.archives.seal(*place, members)
    catalogue.feeds.put_digests((feeds[name], d) for name, d in ledger.digests if name in feeds)
    catalogue.commit()


def _placed(feed: Feed) -> Feed:
    """Return a feed with the usual places, where it has some and the ledger names none (T6)."""
    is_usual = not feed.places and feed.was_out and feed.has_address
    return feed._replace(places=usual_places(feed)) if is_usual else feed


def dump_ledger(ledger: Ledger) -> bytes:
    """Return the ledger as text: a header, then one JSON object a line, sorted, for version control.

    Feeds and stories may come in any order.
    """
    lines = [_line({"feed": record(feed), "archives": last}) for feed, last in ledger.feeds]
    lines += [_line({"hub": record(hub)}) for hub in ledger.hubs]
    for story, feeds, archives in ledger.stories:
        within = sorted(":".join(name) for name in feeds if name.kind != ALL)
        sealed = {":".join(name): archives[name] for name in sorted(archives)}
        lines.append(_line({"story": record(story), "in": within, "sealed": sealed}))
    lines += [_line({"digest": record(d), "in": ":".join(name)}) for name, d in ledger.digests]
    return "\n".join([_line(_HEADER), *sorted(lines)]).encode() + b"\n"


def _line(parts: dict[str, Any]) -> str:
    """Return the parts that are not empty as JSON; surrogates in file names become escapes."""
    full = {name: value for name, value in parts.items() if value}
    return json.dumps(full, separators=(",", ":"))


def _name(text: str) -> Name:
    return Name(*text.split(":", 1))


def load_ledger(data: bytes, name: str) -> Ledger:
    """Return the ledger that `dump_ledger` wrote; `name` is how messages call the file.

    Raises `PublishError` that names a line which is damaged, or which is the second one for a story
    or feed (after a merge, say): to go on would give known stories new dates, or announce as deleted
    what is out.
    """
    ledger = Ledger([], [], [], [])
    lines: dict[str | Name | None, int] = {}
    for number, line in enumerate(data.splitlines() or [b""], start=1):
        try:
            parts = json.loads(line.decode(), parse_int=_number)
            own = _load_line(parts, ledger, is_first=number == 1)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise PublishError(
                f"{name}:{number}: this line of the ledger is damaged; finish the merge that it is"
                " from, restore the file from version control, upgrade feedpub if a newer one wrote"
                " it, or remove it to begin a new ledger"
            ) from error
        if (first := lines.setdefault(own, number)) != number:
            kind = next(iter(parts))
            advice = "keep one of the two lines, or restore the file from version control"
            raise PublishError(f"{name}:{number}: line {first} is of the same {kind}; {advice}")
    return ledger


def _number(text: str) -> int:
    number = int(text)  # ValueError for thousands of digits
    if number not in _INSTANTS:
        raise ValueError
    return number


def _is_place(place: Place) -> bool:
    paths = [place.path, place.home or place.path]
    parts = {part for path in paths for part in path.split("/")}
    return place.format in FORMATS and not {"", ".", ".."} & parts


def _is_digest(digest: Digest) -> bool:
    is_day = date.fromisoformat(digest.start).isoformat() == digest.start  # it is a path
    texts = (digest.id, digest.title, *(item.title for item in digest.items))
    return is_day and digest.id != "" and not FORBIDDEN.search("".join(texts))


def _load_line(parts: dict[str, Any], ledger: Ledger, *, is_first: bool) -> str | Name | None:
    """Put what a line says into the ledger; return the id or name that no other line may have."""
    if "story" in parts:
        story = converted(Story, parts["story"])
        feeds = [_name(text) for text in parts.get("in", ())]
        sealed = converted(dict[str, int], parts.get("sealed", {}))
        ledger.stories.append((story, feeds, {_name(text): n for text, n in sealed.items()}))
        return story.id
    if "feed" in parts:
        feed, last = converted(Feed, parts["feed"]), converted(int, parts.get("archives", 0))
        is_known = feed.kind in (ALL, *KINDS) and all(map(_is_place, feed.places))
        if not is_known or last > _MOST_ARCHIVES:
            raise ValueError
        ledger.feeds.append((feed, last))
        return feed.name
    if "hub" in parts:
        ledger.hubs.append(hub := converted(Hub, parts["hub"]))
        return Name("hub", hub.url)
    if "digest" in parts:
        digest = converted(Digest, parts["digest"])
        if not _is_digest(digest):
            raise ValueError
        ledger.digests.append((_name(parts["in"]), digest))
        return digest.id
    if not is_first or parts != _HEADER:
        raise ValueError
    return None
