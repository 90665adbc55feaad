"""Lineage: which topic is below which, and whose feeds hold the items of those below them.

A topic has one parent at most, and only the config says so: what items say is what they are about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Lineage(NamedTuple):
    """The hierarchy of topics by their keys (T1): `parents` gives the parent of those that have one.

    The feeds of the topics in `including` hold the items of all topics below them, not only of
    those right below. There is no cycle: the config is checked for them.
    """

    parents: Mapping[str, str] = MappingProxyType({})
    including: frozenset[str] = frozenset()

    def above(self, key: str) -> Iterator[str]:
        """Yield the topics above a topic, the nearest first."""
        while (parent := self.parents.get(key)) is not None:
            yield (key := parent)

    def holders(self, keys: Collection[str]) -> list[str]:
        """Return the topics whose feeds hold the items of one of `keys`, for that one being below."""
        if not self.including:
            return []
        found = (above for key in keys for above in self.above(key) if above in self.including)
        return list(dict.fromkeys(found))


ORPHANS = Lineage()
"""No topic is below another."""


def cycle(parents: Mapping[str, str], key: str) -> list[str]:
    """Return the topics from `key` up and back to it, or nothing where it is not above itself."""
    found = [key]
    while (above := parents.get(found[-1])) is not None and above not in found:
        found.append(above)
    return found if above == key else []
