"""What a rescan found to do, before anything is read."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from feedpub.core.plan import Changes, Look
from feedpub.core.stories import Clock
from feedpub.publish.ports import Files, Scan


class Reach(NamedTuple):
    """All that a rescan found to do. `due` are stories that must be looked at in any case.

    `sheltered` says that known files are in folders that could not be read (X5).
    """

    changes: Changes
    present: Container[str]
    due: list[int]
    clock: Clock
    everything: bool
    sheltered: bool


class Sight(NamedTuple):
    """What was looked at, what was known of just that, and how many files are known elsewhere."""

    scan: Scan
    known: Mapping[str, Look]
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Present:
    """The files that are there: those seen, and those known that were not looked for."""

    seen: set[str]
    looked_for: Mapping[str, Look]
    elsewhere: Files | None

    def __contains__(self, path: object) -> bool:
        if self.elsewhere is None or path in self.seen or path in self.looked_for:
            return path in self.seen
        return isinstance(path, str) and bool(self.elsewhere.get([path]))
