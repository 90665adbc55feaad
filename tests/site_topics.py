"""What an author says about topics in the config, and what feeds that makes: T5, T6, told once more.

Nothing of feedpub is imported. Topics are the names that people write; that names which differ in
case are one topic is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

TOPICS = {"AI": "ai", "C++": "c-plus-plus", "人工智能": "人工智能"}
"""Every topic that stories have, and its slug (T2)."""

FOLDERS = {**TOPICS, "Machine Learning": "machine-learning", "Rust": "rust"}
"""These, and names that only the config gives to topics (T6)."""


@dataclass
class Taxonomy:
    """The groups `topics` and `topics.define` of a config, and which feeds they have had so far.

    `parents` has what the author wrote, also of names that are aliases now and say nothing then.
    The feeds of `including` have the items of all topics below them, those with a floor only items
    of so much quality. `seen` are the topics that ever made a feed, `moved` those of them whose
    address leads elsewhere.
    """

    excluded: set[str] = field(default_factory=set)
    retired: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    including: set[str] = field(default_factory=set)
    floors: dict[str, int] = field(default_factory=dict)
    minimum: int = 1
    seen: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)

    # the config ------------------------------------------------------------------------------

    def group(self) -> dict[str, Any]:
        """Return the group `topics` of the config."""
        return {
            "except": sorted(self.excluded),
            "retired": sorted(self.retired),
            "minimum": self.minimum,
            "define": self._definitions(),
        }

    def _definitions(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for old, new in sorted(self.aliases.items()):
            found.setdefault(new, {}).setdefault("aliases", []).append(old)
        for child, parent in sorted(self.parents.items()):
            if child not in self.aliases:
                found.setdefault(child, {})["parent"] = parent
                found.setdefault(self.today(parent), {})
        for topic in sorted(self.including - self.aliases.keys()):
            found.setdefault(topic, {})["include_children"] = True
        for topic, floor in sorted(self.floors.items()):
            if topic not in self.aliases:
                found.setdefault(topic, {})["minimum_quality"] = floor
        return found

    def today(self, name: str) -> str:
        """Return what a topic is called now (T6)."""
        return self.aliases.get(name, name)

    def above(self, topic: str) -> Iterator[str]:
        """Yield the topics above one, the nearest first; it does not end where one is its own."""
        while (parent := self.parents.get(topic)) is not None:
            yield (topic := self.today(parent))

    def is_circular(self) -> bool:
        """Say whether a topic is above itself: the config may not say that."""
        depth = len(FOLDERS)
        return any(len(list(zip(range(depth), self.above(t), strict=False))) == depth
                   for t in FOLDERS.keys() - self.aliases.keys())  # fmt: skip

    # the feeds -------------------------------------------------------------------------------

    def feeds_of(self, named: Iterable[str], quality: int) -> set[str]:
        """Return the topics in whose feeds a story is that has these topics and that quality."""
        own = {self.today(name) for name in named}
        including = self.including - self.aliases.keys()
        every = own | {above for topic in own for above in self.above(topic)} & including
        barred = {topic for topic, floor in self.floors.items() if quality < floor}
        return every - self.retired - self.excluded - (barred - self.aliases.keys())

    def live(self) -> set[str]:
        """Return the topics that have a feed now, be it empty (T5)."""
        return self.seen - self.excluded - self.retired - self.moved

    def leftovers(self) -> set[str]:
        """Return the topics that may have documents that say what became of them (T6)."""
        return self.seen & (self.moved | self.retired)

    def parent_of(self, topic: str) -> str | None:
        """Return the topic below which lists show one that has a feed: the nearest that has one."""
        return next((above for above in self.above(topic) if above in self.live()), None)

    def settle(self, memberships: Iterable[set[str]]) -> None:
        """Take note of a build in which the stories that are out are in the feeds of these."""
        counts = Counter(topic for topics in memberships for topic in topics)
        self.seen |= {topic for topic, number in counts.items() if number >= self.minimum}
        # Who subscribed to the old one relies on the new one, however small.
        heirs = {new for old, new in self.aliases.items() if old in self.seen}
        self.seen |= heirs - self.excluded
        self.moved |= self.aliases.keys() & self.seen
        asked_for = counts.keys() | self._definitions().keys() | self.retired
        self.moved -= asked_for - self.aliases.keys()
