"""How tables are asked, and what their rows hold: values as JSON by the names of their fields.

A named tuple becomes an object without the fields that have their default, so that
a field with a default can be added or taken away without touching what is stored. msgspec by itself
would write named tuples as arrays: here each kind gets a struct with the same fields, which msgspec
writes by name, and checks when it reads.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from inspect import signature
from operator import attrgetter
from types import GenericAlias, NoneType
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec

T = TypeVar("T")

Change = Callable[[Any], Any]


class DamagedRowError(Exception):
    """What is stored is not what was encoded. The message tells nothing of it (S2)."""


class Encoding(Generic[T]):
    """How the values of one kind are stored."""

    def __init__(self, kind: type[T]) -> None:
        hint: Any = kind
        self._stored = _stored(hint)
        self._decoder = msgspec.json.Decoder(self._stored.hint)

    def encode(self, value: T) -> str:
        """Return `value` as JSON."""
        row = self._stored.to(value)
        try:
            return msgspec.json.encode(row).decode()
        except UnicodeEncodeError:  # of the name of a file that is not UTF-8
            return json.dumps(msgspec.to_builtins(row), separators=(",", ":"))

    def decode(self, text: str) -> T:
        """Return the value that `encode` gave this text for. Raises `DamagedRowError`."""
        try:
            row = self._decoder.decode(text)
        except ValueError:  # perhaps only of surrogates, which json does not mind
            try:
                row = msgspec.convert(json.loads(text), self._stored.hint)
            except ValueError as error:
                raise DamagedRowError from error
        value: T = self._stored.back(row)
        return value


def key64(text: str) -> int:
    """Return a signed 64-bit hash of a key, for a small index (equality is checked afterwards)."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def numbers_as_json(numbers: Iterable[int]) -> str:
    """Return numbers as JSON, as they are stored and as `json_each` of SQLite takes them."""
    return msgspec.json.encode([*numbers]).decode()


class Table:
    """A part of the catalogue."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def _column(self, query: str, *values: object) -> list[Any]:
        """Return the first value of each row; what `query` changes is changed then."""
        return [row[0] for row in self._db.execute(query, values)]

    def _mark(self, query: str, numbers: Iterable[int]) -> None:
        """Change what belongs to each of these numbers."""
        self._db.executemany(query, [(number,) for number in numbers])


class _Stored(NamedTuple):
    """How values with a type hint are stored: the hint of that, and how it is made and undone."""

    hint: Any
    to: Change
    back: Change


def _same(value: Any) -> Any:
    return value


@cache
def _stored(hint: Any) -> _Stored:
    if hasattr(hint, "_fields"):
        return _as_struct(hint)
    parts = get_args(hint)
    inner = _stored(parts[0]) if parts else None
    if inner is None or inner.to is _same:
        return _Stored(hint, _same, _same)
    if parts[1] is NoneType:
        return _Stored(inner.hint | None, _unless_none(inner.to), _unless_none(inner.back))
    return _Stored(
        GenericAlias(tuple, (inner.hint, ...)), _for_each(inner.to), _for_each(inner.back)
    )


def _unless_none(change: Change) -> Change:
    return lambda value: None if value is None else change(value)


def _for_each(change: Change) -> Change:
    return lambda values: tuple([change(value) for value in values])


def _as_struct(kind: Any) -> _Stored:
    """Return how a kind is stored whose fields are what it is made of."""
    fields, hints = signature(kind).parameters, get_type_hints(kind)
    stored = [_stored(hints[name]) for name in fields]
    struct = msgspec.defstruct(
        kind.__name__,
        [
            (name, part.hint) if field.default is field.empty else (name, part.hint, field.default)
            for (name, field), part in zip(fields.items(), stored, strict=True)
        ],
        omit_defaults=True,
        gc=False,  # none can be part of a cycle
    )
    values_of = attrgetter(*fields)
    nested = [(place, part) for place, part in enumerate(stored) if part.to is not _same]

    def to(value: Any) -> Any:
        values = [*values_of(value)]
        for place, part in nested:
            values[place] = part.to(values[place])
        return struct(*values)

    def back(row: Any) -> Any:
        values = [*msgspec.structs.astuple(row)]
        for place, part in nested:
            values[place] = part.back(values[place])
        return kind(*values)

    return _Stored(struct, to, back)
