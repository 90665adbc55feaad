"""Entries as they stand in a document, kept for the next document that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from feedpub.core.model import Entry, Site

Write: TypeAlias = Callable[[Sequence[Entry], Site], Sequence[bytes]]
"""Gives each of the entries as bytes that depend on nothing but it and the site."""

ROOM = 1 << 21
"""How many bytes are kept of one format: 2 MiB, about 650 entries of news."""


class Fragments:
    """The entries that `write` wrote last: an item in several feeds is mostly written once.

    `room` bounds the bytes that are held; those not asked for the longest time go first.
    """

    def __init__(self, write: Write, room: int = ROOM) -> None:
        self._write = write
        self._room = room
        self._known: dict[str, tuple[Entry, Site, bytes]] = {}

    def of(self, entries: Iterable[Entry], site: Site) -> list[bytes]:
        """Return each entry as bytes, in their order; raises what `write` raises."""
        found = [(entry, self._kept(entry, site)) for entry in entries]
        missing = [entry for entry, data in found if data is None]
        fresh = iter(self._write(missing, site))
        made = [(entry, next(fresh) if data is None else data) for entry, data in found]
        for entry, data in made:
            self._keep(entry, site, data)
        return [data for _, data in made]

    def _kept(self, entry: Entry, site: Site) -> bytes | None:
        # An id alone does not tell: a story has another entry as soon as anything of it changes.
        known = self._known.get(entry.id)
        return known[2] if known and known[:2] == (entry, site) else None

    def _keep(self, entry: Entry, site: Site, data: bytes) -> None:
        if known := self._known.pop(entry.id, None):
            self._room += len(known[2])
        self._known[entry.id] = (entry, site, data)
        self._room -= len(data)
        while self._room < 0:
            self._room += len(self._known.pop(next(iter(self._known)))[2])
