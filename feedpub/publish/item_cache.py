"""The items just read that may be shown, so that they are not read twice."""

from __future__ import annotations

from heapq import heappush, heappushpop

from feedpub.core.feeds import Name, Policy, memberships
from feedpub.core.model import Item
from feedpub.core.stories import Copy


class ItemCache:
    """Items just read, by path; what is not here is read again from its file.

    For each feed the newest are held, as many as a window has items; all others are let go, so
    that memory does not grow with the content. For archives, `room` is how many bytes of items
    are held beside those. An item may be given as bytes (a pickle made by another process of this
    run): most are never asked for, and stay so.
    """

    def __init__(self, policy: Policy, room: int = 0) -> None:
        self._policy = policy
        self._room = room
        self._others: dict[str, bytes] = {}
        self._items: dict[str, Item | bytes] = {}
        self._uses: dict[str, int] = {}
        self._newest: dict[Name, list[tuple[int, str]]] = {}

    def add(self, item: Item | bytes, copy: Copy) -> None:
        """Hold on to `item` while it is among the newest of one of its feeds."""
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

    def get(self, path: str) -> Item | None:
        """Return the item of the file at `path` if it is here."""
        held = self._items.get(path) or self._others.get(path)
        if isinstance(held, bytes):
            from feedpub.publish.parallel import unpacked  # only large changes are shared

            item: Item = unpacked(held)
            return item
        return held
