"""What a rescan found to do, before anything is read."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import NamedTuple

from feedpub.core.plan import Changes
from feedpub.core.stories import Clock
from feedpub.publish.ports import Files


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


@dataclass(frozen=True, slots=True)
class Present:
    """The files that are there: those `seen`, and those known that are not `missing`."""

    seen: Container[str]
    missing: Container[str]
    known: Files

    def __contains__(self, path: object) -> bool:
        if path in self.seen or path in self.missing or not isinstance(path, str):
            return path in self.seen
        return bool(self.known.get([path]))
