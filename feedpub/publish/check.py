"""Check and explain: what a rescan would make of the content, with nothing written."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from feedpub.core.feeds import Feed, Name, memberships
from feedpub.core.model import Item, Withheld
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import (
    BARRING,
    Copy,
    State,
    Story,
    copy_of,
    grouped,
    keys_of,
    united_topics,
    winner,
)
from feedpub.publish.ports import Catalogue, Content, KnownFile, Status
from feedpub.publish.read import Reader, read_file
from feedpub.publish.report import printable
from feedpub.publish.settings import Settings
from feedpub.publish.settle import duplicate


class Checked(NamedTuple):
    """How many files were looked at, how many of them are usable items, and all problems."""

    files: int
    items: int
    problems: list[Problem]


def check(content: Content, settings: Settings, paths: Collection[str] = ()) -> Checked:
    """Read the content (only `paths`, files or folders, if given) and report every problem.

    Raises `PublishError` when the content root cannot be listed.
    """
    walk = content.walk()
    seen = [f for f in walk if not paths or _among(f.path, paths)]
    reader = Reader(content, settings.rules, settings.significant)
    found: list[Problem] = list(walk.problems)
    copies: list[Copy] = []
    for file in seen:
        reading = read_file(file, None, reader, everything=True)
        if reading is not None:
            found += reading.problems
            if reading.file.copy is not None and not reading.file.copy.bars:
                copies.append(reading.file.copy)
    found += _duplicates(copies)
    order = sorted(found, key=lambda p: (-p.severity, p.path, p.line or 0, p.code))
    return Checked(len(seen), len(copies), order)


def _among(path: str, wanted: Collection[str]) -> bool:
    return any(path == w or w == "." or path.startswith(w.rstrip("/") + "/") for w in wanted)


def _duplicates(copies: Collection[Copy]) -> list[Problem]:
    found = []
    for group in grouped(copies).values():
        live = [c.path for c in group if c.withheld is Withheld.NO]
        if len(live) > 1:
            found.append(duplicate(live[0], live))
    return found


class Explanation(NamedTuple):
    """One file as feedpub understands it.

    `verdict` says in words whether and where it is out; `story` and `feeds` are what the last
    build recorded (None and empty before the first).
    """

    item: Item | None
    problems: tuple[Problem, ...]
    verdict: str
    story: Story | None
    feeds: list[Feed]


def explain(
    path: str, content: Content, settings: Settings, catalogue: Catalogue | None, now: int
) -> Explanation:
    """Explain one file. Raises `PublishError` when the content root cannot be listed."""
    seen = next((f for f in content.walk() if f.path == path), None)
    known = next(iter(catalogue.files.get([path])), None) if catalogue else None
    story, feeds = _recorded(known, catalogue)
    if seen is None:
        return Explanation(None, (), _OVERLOOKED, story, feeds)
    reader = Reader(content, settings.rules, settings.significant)
    reading = read_file(seen, known, reader, everything=True)
    assert reading is not None  # noqa: S101 - with `everything`, a file is always read
    file, item, problems = reading
    if item is None:
        return Explanation(None, problems, _unusable(file), story, feeds)
    copies = _copies(path, item, catalogue)
    return Explanation(item, problems, _verdict(item, story, copies, settings, now), story, feeds)


_OVERLOOKED = "not looked at: content.include and content.exclude leave it out, or it is no file"


def _unusable(file: KnownFile) -> str:
    if file.status is Status.NOT_ITEM:
        return "not an item: no front matter, or the page of a section"
    if file.copy is None:
        return "quarantined: see its problems"
    if file.copy.bars:
        return "quarantined, and withholds the other files of its story: see its problems"
    if file.copy.withheld is not Withheld.NO:
        return "unusable now, and withheld: see its problems"
    return "unusable now: its last good item stays, see its problems"


def _recorded(
    known: KnownFile | None, catalogue: Catalogue | None
) -> tuple[Story | None, list[Feed]]:
    if catalogue is None or known is None or known.story is None:
        return None, []
    story = catalogue.stories.get([known.story]).get(known.story)
    _, numbers = catalogue.feeds.memberships([known.story]).get(known.story, (0, []))
    feeds = catalogue.feeds.all()
    return story, [feeds[n] for n in numbers if feeds[n].was_out]


def _copies(path: str, item: Item, catalogue: Catalogue | None) -> list[Copy]:
    """Return the copies that decide about a file: all of its story, and those that bar it."""
    mine = copy_of(item, "")
    if catalogue is None:
        return [mine]
    others = catalogue.files.with_identity([mine.identity, BARRING])
    copies = [f.copy for f in others if f.copy and f.seen.path != path]
    keys = {key for copy in (mine, *copies) if not copy.bars for key in keys_of(copy)}
    return [mine, *(c for c in copies if not c.bars or not keys.isdisjoint(c.bars))]


def _verdict(
    item: Item, story: Story | None, copies: list[Copy], settings: Settings, now: int
) -> str:
    if item.withheld is Withheld.UNPUBLISHED:
        return "withheld: it is a draft, or not published"
    if item.withheld is Withheld.REMOVED:
        return "withheld: it is marked as removed or deleted"
    best = winner(copies, story.path if story else "")
    if best is None:
        return "withheld: another file of the same story is marked as removed or deleted"
    if best.path != item.path:
        return f"a duplicate: the same story is published from {printable(best.path)}"
    if item.published is not None and item.published > now:
        return "scheduled: its date is in the future"
    if story is None or story.state is not State.OUT:
        return f"will be out with the next build, in {_names(best, copies, settings)}"
    return f"out, in {_names(best, copies, settings)}"


def _names(best: Copy, copies: list[Copy], settings: Settings) -> str:
    wanted: dict[Name, str] = memberships(best, united_topics(copies, best), settings.policy)
    own = [f"{name.kind} {label}" for name, label in wanted.items() if name.kind != "all"]
    return ", ".join(["the feed of everything", *own])


def has_warnings(problems: Collection[Problem]) -> bool:
    """Say whether a problem of warning or above is among `problems` (exit code 4)."""
    return any(p.severity >= Severity.WARNING for p in problems)
