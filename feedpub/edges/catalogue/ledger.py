"""The ledger as text, one JSON object a line, made to be committed beside the content."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from feedpub.core.feeds import ALL, EVERYTHING, Feed, Name
from feedpub.core.problems import PublishError
from feedpub.core.selection import Member
from feedpub.core.stories import State, Story
from feedpub.edges.catalogue.encoding import record
from feedpub.publish.ports import Catalogue

_HEADER = {"feedpub-ledger": 1}


class Ledger(NamedTuple):
    """What must survive: every story and every feed, and by story id the feeds that it is in.

    The feed of everything, which holds each story that is out, is not named there. `sealed` gives,
    also by story id, the number of the archive of each feed that holds the story, and `archives`
    how many archives a feed has.
    """

    stories: list[Story]
    feeds: list[Feed]
    members: dict[str, list[Name]]
    sealed: dict[str, dict[Name, int]]
    archives: dict[Name, int]


def ledger_of(catalogue: Catalogue) -> Ledger:
    """Return the ledger that a catalogue holds."""
    stories, feeds = catalogue.stories.all(), catalogue.feeds.all()
    within, announced = catalogue.feeds.memberships(stories), catalogue.withdrawals.feeds()
    return Ledger(
        [*stories.values()],
        [*feeds.values()],
        {
            story.id: [feeds[f].name for f in within[n][1] or announced.get(n, [])]
            for n, story in stories.items()
        },
        {
            stories[n].id: {feeds[f].name: archive for f, archive in sealed.items()}
            for n, sealed in catalogue.archives.sealed().items()
        },
        {feeds[f].name: number for f, number in catalogue.archives.last().items()},
    )


def restore(catalogue: Catalogue, ledger: Ledger) -> None:
    """Fill an empty catalogue from a ledger, in one transaction."""
    catalogue.begin()
    feeds = {
        feed.name: catalogue.feeds.put(None, feed)
        for feed in sorted(ledger.feeds, key=lambda f: f.name)
    }
    stories = dict(enumerate(sorted(ledger.stories, key=lambda s: s.id), start=1))
    names = {
        n: [feeds[name] for name in (EVERYTHING, *ledger.members.get(s.id, ())) if name in feeds]
        for n, s in stories.items()
    }
    catalogue.stories.put(
        (n, None, s, sorted(names[n]) if s.state is State.OUT else []) for n, s in stories.items()
    )
    catalogue.feeds.fill_members()
    catalogue.withdrawals.put(
        (feed, n, s.expires)
        for n, s in stories.items()
        if s.state is not State.OUT and s.expires is not None
        for feed in names[n]
    )
    archives: dict[tuple[int, int], list[Member]] = {
        (feeds[name], number): []
        for name, last in ledger.archives.items()
        for number in range(1, last + 1)
    }
    for n, s in stories.items():
        for name, archive in ledger.sealed.get(s.id, {}).items():
            if name in feeds:
                member = Member(s.entered, s.published, s.id, n)
                archives.setdefault((feeds[name], archive), []).append(member)
    for place, members in archives.items():
        catalogue.archives.seal(*place, members)
    catalogue.commit()


def dump_ledger(ledger: Ledger) -> bytes:
    """Return the ledger as text: a header, then one JSON object a line, sorted, for version control.

    The parts of it may be in any order.
    """
    feeds = ({"feed": record(f), "archives": ledger.archives.get(f.name)} for f in ledger.feeds)
    stories = (
        {
            "story": record(s),
            "in": sorted(
                f"{kind}:{key}" for kind, key in ledger.members.get(s.id, ()) if kind != ALL
            ),
            "sealed": {
                f"{k}:{key}": n for (k, key), n in sorted(ledger.sealed.get(s.id, {}).items())
            },
        }
        for s in ledger.stories
    )
    lines = [_line(_HEADER), *sorted(map(_line, feeds)), *sorted(map(_line, stories))]
    return "\n".join(lines).encode() + b"\n"


def _line(parts: dict[str, Any]) -> str:
    """Return what is not empty of the parts as JSON; surrogates of file names become escapes."""
    full = {name: value for name, value in parts.items() if value}
    return json.dumps(full, separators=(",", ":"))


def _name(text: str) -> Name:
    return Name(*text.split(":", 1))


def load_ledger(data: bytes, name: str) -> Ledger:
    """Return the ledger that `dump_ledger` wrote; `name` is how messages call the file.

    Raises `PublishError` with the line that is damaged, or is a second one of the same story or
    feed (a merge conflict, say): going on would give known stories new dates, or announce as
    deleted what is out.
    """
    ledger = Ledger([], [], {}, {}, {})
    lines: dict[str | Name | None, int] = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        try:
            own = _load_line(json.loads(line), ledger, is_first=number == 1)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise PublishError(
                f"{name}:{number}: this line of the ledger is damaged; restore the file from"
                " version control, or remove it to begin a new ledger"
            ) from error
        if (first := lines.setdefault(own, number)) != number:
            kind = "story" if isinstance(own, str) else "feed"
            raise PublishError(
                f"{name}:{number}: line {first} is of the same {kind}; keep one of the two lines, or"
                " restore the file from version control"
            )
    return ledger


def _load_line(parts: dict[str, Any], ledger: Ledger, *, is_first: bool) -> str | Name | None:
    """Put what a line says into the ledger; return the id or name that no other line may have."""
    if "story" in parts:
        given = parts["story"]
        story = Story(**{**given, "state": State(given.get("state", State.SCHEDULED))})
        ledger.stories.append(story)
        ledger.members[story.id] = [_name(text) for text in parts.get("in", ())]
        sealed = parts.get("sealed", {})
        ledger.sealed[story.id] = {_name(text): int(n) for text, n in sealed.items()}
        return story.id
    if "feed" in parts:
        feed = Feed(**parts["feed"])
        ledger.feeds.append(feed)
        ledger.archives[feed.name] = int(parts.get("archives", 0))
        return feed.name
    if not is_first or parts != _HEADER:
        raise ValueError
    return None
