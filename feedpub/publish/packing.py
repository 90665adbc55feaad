"""Values as bytes, for the other processes of a run and to be held in less room."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any

from feedpub.core.channel import FeedHead, FeedWindow
from feedpub.core.model import Enclosure, Entry, Image, Item, Person, Related, Term
from feedpub.core.stories import Copy

Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


def packed(value: object) -> bytes:
    """Return `value` as bytes; it must be made of what `pickle` knows."""
    data = io.BytesIO()
    pickler = pickle.Pickler(data, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _TABLE
    pickler.dump(value)
    return data.getvalue()


def unpacked(data: bytes | bytearray) -> Any:
    """Return what was packed, by this process or one that it began: by nobody else."""
    return pickle.loads(data)  # noqa: S301 - of our own making


def _by_fields(kind: type[tuple[Any, ...]]) -> Callable[[tuple[Any, ...]], Reduced]:
    """Return how a named tuple is packed: twice as fast as it is without."""
    return lambda value: (kind, (*value,))


def _copy(value: Copy) -> Reduced:
    return _shared_copy, (*value,)


_AT = Copy._fields.index("provider")  # and after it type and language


def _shared_copy(*values: Any) -> Copy:
    """Return a copy that shares its names with others: there is one of each file at a time."""
    names = map(intern, values[_AT : _AT + 3])
    return Copy(*values[:_AT], *names, *values[_AT + 3 :])


def _term(value: Term) -> Reduced:
    return _shared_term, (value.key, value.label)


@lru_cache(4096)
def _shared_term(key: str, label: str) -> Term:
    return Term(key, label)  # one for all files that have it


def _mapping(value: MappingProxyType[Any, Any]) -> Reduced:
    return _read_only, (dict(value),)


def _read_only(value: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(value)  # the type itself has no name by which it could be found


_TABLE: dict[type, Callable[[Any], Reduced]] = {
    kind: _by_fields(kind)
    for kind in (
        *(Item, Related, Person, Image, Enclosure),
        *(Entry, FeedWindow, FeedHead),
    )
} | {Copy: _copy, Term: _term, MappingProxyType: _mapping}
