"""Windows: the members of a feed become the entries of its subscription document (F6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from feedpub.core.channel import FeedWindow, Withdrawal
from feedpub.core.compose import Composed, Kept, compose, own_tag, refreshed
from feedpub.core.endings import last_words
from feedpub.core.feeds import Feed, Name, label_of
from feedpub.core.identity import keys_of
from feedpub.core.model import Entry, Item, Related, Tag, Term
from feedpub.core.selection import Member, floor_of, newest
from feedpub.core.stories import Copy, Story, united_topics, winner
from feedpub.publish.ports import Catalogue, Stage
from feedpub.publish.reading import Reader
from feedpub.publish.settings import Settings
from feedpub.publish.shelf import Shelf

BATCH = 64
"""How many entries are composed at a time."""


MOST_WITHDRAWN = 1000
"""How many withdrawals a feed announces: some 100 KB. The rest is only gone."""


class _Source(NamedTuple):
    """What a story is shown from: its item, or what was kept of it, and the united topics.

    `unlinked` is the content of the item up to its links where that is made already.
    """

    origin: Item | Kept
    terms: tuple[Term, ...]
    unlinked: str | None = None

    @property
    def links(self) -> tuple[Related, ...]:
        """All its related links."""
        return self.origin.related if isinstance(self.origin, Item) else self.origin.links


class Windows:
    """Gives the window of any feed, composing only the entries that are not kept already.

    `absent` are the ids of items that should be in a window and cannot be shown now.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        reader: Reader,
        shelf: Shelf,
        feeds: Mapping[int, Feed],
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._reader = reader
        self._shelf = shelf
        self.absent: set[str] = set()
        self._feeds = {feed.name: feed for feed in feeds.values()}
        self._tag = cache(self._tag_of)

    def last_words(self, feed: Feed) -> FeedWindow:
        """Return the window of a feed that has ended (T6)."""
        given = self._settings
        return last_words(feed, self._feeds, given.policy, given.site, given.files)

    def withdrawn(self, number: int) -> tuple[Withdrawal, ...]:
        """Return the withdrawals that a feed announces (X4)."""
        return self._catalogue.withdrawals.of(number, MOST_WITHDRAWN)

    def entries(self, number: int, feed: Feed) -> list[Entry]:
        """Return the entries of the window, the one that entered last first.

        The list ends where no document could hold more (F6: at most so many bytes).
        """
        extent = self._settings.policy.extent_of(*feed.name)
        members = newest(self._catalogue.feeds.members(number), extent)
        known = self._catalogue.entries.get(m.story for m in members)
        missing = [m.story for m in members if m.story not in known]
        # Composed in batches: a feed of large bodies must not be composed far beyond its limit.
        batches = (missing[at : at + BATCH] for at in range(0, len(missing), BATCH))
        found: list[Entry] = []
        size = 0
        for member in members:
            while member.story not in known and (batch := next(batches, None)):
                known |= self._compose(batch)
            entry = known.get(member.story)
            if entry is None:
                self.absent.add(member.id)
                continue
            size += floor_of(entry)
            if found and size > extent.bytes:
                break
            found.append(entry)
        return found

    def archived(self, members: Sequence[Member]) -> list[Entry]:
        """Return the entries of members, those that there can be now; they are not kept for it."""
        numbers = [member.story for member in members]
        known = self._catalogue.entries.get(numbers)
        missing = [number for number in numbers if number not in known]
        known |= self._compose(missing, keep=False) if missing else {}
        return [known[number] for number in numbers if number in known]

    def _compose(self, numbers: Sequence[int], *, keep: bool = True) -> dict[int, Entry]:
        """Compose the entries of stories from their files.

        Where a file cannot be used, what was kept of it stands in, brought up to date (X5, X6).
        """
        catalogue = self._catalogue
        stories, copies = catalogue.stories.get(numbers), self._copies(numbers)
        outdated = catalogue.entries.outdated(numbers)
        sources = {n: self._source(stories[n], copies[n], outdated.get(n)) for n in numbers}
        find = self._finder(source for source in sources.values() if source)
        made: dict[int, Composed] = {}
        entries: dict[int, Entry] = {}
        for number, source in sources.items():
            found = source and self._composed(stories[number], source, find)
            if isinstance(found, Composed):
                made[number], entries[number] = found, found.kept.entry
            elif found is not None:
                entries[number] = found
        if not keep:
            return entries
        catalogue.entries.put((n, c.kept) for n, c in made.items())
        paths = [stories[n].path for n in made]
        problems = [p for c in made.values() for p in c.problems]
        catalogue.files.replace_problems(Stage.COMPOSING, paths, problems)
        return entries

    def _copies(self, numbers: Sequence[int]) -> dict[int, list[Copy]]:
        copies: dict[int, list[Copy]] = {number: [] for number in numbers}
        for file in self._catalogue.files.of_stories(numbers):
            if file.copy is not None and file.story is not None:
                copies[file.story].append(file.copy)
        return copies

    def _source(self, story: Story, copies: list[Copy], kept: Kept | None) -> _Source | None:
        """Return what the story is shown from, or None when it must not be shown, or cannot be."""
        best = winner(copies, story.path)
        if best is None:
            return None
        held = self._shelf.get(best.path)
        item = held.item if held else self._reader.item(best.path)
        origin = item or kept
        if origin is None or (item and item.withheld):
            return None
        terms = self._settings.policy.current(united_topics(copies, best))
        return _Source(origin, terms, held.unlinked if held else None)

    def _finder(self, sources: Iterable[_Source]) -> Callable[[str], Story | None]:
        """Return what finds the story that a link of `sources` leads to: one that is out, if any."""
        keys = {link.key for source in sources for link in source.links}
        targets = self._catalogue.stories.with_keys(keys).values() if keys else ()
        known: dict[str, Story] = {}
        for story in sorted(targets, key=lambda s: (s.state, s.id)):
            for key in keys_of(story):
                known.setdefault(key, story)
        return known.get

    def _composed(
        self, story: Story, source: _Source, find: Callable[[str], Story | None]
    ) -> Composed | Entry:
        given = (story, source.terms, self._tag, find, self._settings.style)
        if isinstance(source.origin, Item):
            return compose(source.origin, *given, unlinked=source.unlinked)
        return refreshed(source.origin, *given)

    def _tag_of(self, kind: str, term: Term) -> Tag:
        feed = self._feeds.get(Name(kind, term.key))
        return Tag(feed.slug, label_of(feed, self._settings.policy)) if feed else own_tag(term)
