"""The inspector: checks documents, but no item again that it has seen to be right."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from feedpub.core.channel import FeedWindow
from feedpub.core.model import Entry, Site
from feedpub.formats import DOCUMENTS
from feedpub.formats.invariants.seams import Checker, is_sure


class Inspector:
    """Checks documents before they replace the last good ones; may remember what was right.

    A change of one item is in feeds that have fifty each, which were right when they were made.
    `room` bounds how many items of each format are remembered; the oldest go first. With 0, each
    document is checked whole: that is less work where hardly any is checked again.
    """

    def __init__(self, room: int = 0) -> None:
        self._room = room
        self._known: dict[str, _Known] = {}

    def faults(self, data: bytes, format: str, window: FeedWindow, site: Site) -> tuple[str, ...]:
        """Return what is wrong with `data`, the document of `window` in `format`; () for nothing.

        `format` is the name of one in the registry (else `KeyError`). Never raises for any bytes.
        """
        checker: Checker = DOCUMENTS[format].load_checker()
        if not self._room:
            return checker.check(data, window, site)
        known = self._known.setdefault(format, _Known(self._room))
        rest = known.without(data, window, checker)
        if rest is None or checker.check(rest.data, rest.window, site):
            # Whole: its faults are told by the places of the items in it.
            return checker.check(data, window, site)
        known.remember(rest.fresh)
        return ()


class _Sight(NamedTuple):
    """One item as it was seen: the hash of its bytes, and what names stand for there."""

    entry: Entry
    digest: bytes
    scope: bytes


class _Rest(NamedTuple):
    """A document and its window without the items that are known; `fresh` are those left."""

    data: bytes
    window: FeedWindow
    fresh: list[_Sight]


class _Known:
    """The items of one format that were right, by id."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._sights: dict[str, _Sight] = {}

    def without(self, data: bytes, window: FeedWindow, checker: Checker) -> _Rest | None:
        """Return a document without what is known of it; None where that cannot be told.

        One item is always left, so that what remains is a document.
        """
        cut = checker.cut(data)
        entries = window.entries
        if not cut or len(cut.pieces) != len(entries) or _are_alike(entries):
            return None
        sights = [
            _Sight(entry, sha256(piece).digest(), cut.scope)
            for entry, piece in zip(entries, cut.pieces, strict=True)
        ]
        places = [at for at, sight in enumerate(sights) if not self._has(sight)] or [0]
        pieces = [cut.pieces[at] for at in places]
        if not all(map(is_sure, pieces)):
            return None
        left = window._replace(entries=tuple(entries[at] for at in places))
        return _Rest(cut.joined(pieces), left, [sights[at] for at in places])

    def _has(self, sight: _Sight) -> bool:
        known = self._sights.get(sight.entry.id)
        return known is not None and known[1:] == sight[1:] and known.entry == sight.entry

    def remember(self, fresh: Sequence[_Sight]) -> None:
        """Remember items that were right; the oldest go where there are too many."""
        for sight in fresh:
            self._sights.pop(sight.entry.id, None)
            self._sights[sight.entry.id] = sight
        while len(self._sights) > self._room:
            del self._sights[next(iter(self._sights))]


def _are_alike(entries: Sequence[Entry]) -> bool:
    return len({entry.id for entry in entries}) != len(entries)
