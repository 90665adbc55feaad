"""The items just read that may be shown, so that they are not read twice."""

from __future__ import annotations

from heapq import heappush, heappushpop
from typing import NamedTuple

from feedpub.core.feeds import Policy, memberships
from feedpub.core.model import Item
from feedpub.core.stories import Copy


class Held(NamedTuple):
    """An item that is held; `unlinked` is its content up to its links where that is made already."""

    item: Item
    unlinked: str | None = None


class Shelf:
    """The items just read that may be in a window, so that they are not read twice.

    For each feed the newest are held, as many as a window has items; all others are let go, so
    that memory does not grow with the content. What is not here is read again from its file.
    For archives, `room` is how many bytes of packed items are held beside those.
    """

    def __init__(self, policy: Policy, room: int = 0) -> None:
        self._policy = policy
        self._room = room
        self._others: dict[str, bytes] = {}
        self._items: dict[str, Item | bytes] = {}
        self._uses: dict[str, int] = {}
        self._newest: dict[object, list[tuple[int, str]]] = {}

    def add(self, item: Item | bytes, copy: Copy) -> None:
        """Hold on to `item`, packed or not, while it is among the newest of one of its feeds."""
        if copy.withheld:
            return
        rank = (max(copy.published or 0, copy.updated or 0), copy.path)
        for name in memberships(copy, copy.topics, self._policy):
            heap = self._newest.setdefault(name, [])
            self._uses[copy.path] = self._uses.get(copy.path, 0) + 1
            self._items[copy.path] = item
            if len(heap) < self._policy.extent.items:
                heappush(heap, rank)
            else:
                self._let_go(heappushpop(heap, rank)[1])

    def _let_go(self, path: str) -> None:
        self._uses[path] -= 1
        if not self._uses[path]:
            item = self._items.pop(path, None)
            is_new = path not in self._others
            if is_new and isinstance(item, bytes) and len(item) <= self._room:
                self._room -= len(item)
                self._others[path] = item

    def get(self, path: str) -> Held | None:
        """Return the item of the file at `path` if it is here."""
        held = self._items.get(path) or self._others.get(path)
        return opened(held) if held else None

    def long(self, size: int) -> dict[str, int]:
        """Return the paths of the items that are as long (bytes or characters), each with that."""
        found = {p: _length(held) for p, held in (self._items | self._others).items()}
        return {path: length for path, length in found.items() if length >= size}

    def packed(self, path: str) -> Item | bytes:
        """Return an item that is here as it is held."""
        return self._items.get(path) or self._others[path]

    def replace(self, path: str, held: bytes) -> None:
        """Hold on to a packed `Held` in place of the item of the file at `path`."""
        (self._items if path in self._items else self._others)[path] = held


def opened(held: Item | bytes) -> Held:
    """Return what is held, packed or not, as it is asked for."""
    if not isinstance(held, bytes):
        return Held(held)
    from feedpub.publish.parallel import unpacked  # only large changes are shared

    found: Held | Item = unpacked(held)
    return found if isinstance(found, Held) else Held(found)


def _length(held: Item | bytes) -> int:
    return len(held if isinstance(held, bytes) else held.body)
