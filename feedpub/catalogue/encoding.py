"""What the tables share: how they are asked, and values as JSON by the names of their fields.

A named tuple becomes an object without the fields that have their default, so a field with a
default can be added or taken away without touching what is stored. msgspec by itself takes named
tuples for arrays: it is given objects to write, and reads them into structs with the same fields,
which it checks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache, reduce
from hashlib import blake2b
from operator import or_
from types import GenericAlias, NoneType, UnionType
from typing import Any, Protocol, TypeVar, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")


class Connection(Protocol):
    """What the tables ask; their SQL is what SQLite and PostgreSQL both take."""

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and did not end."""

    def execute(self, sql: str, values: Any = (), /) -> Any:
        """Ask, or change something, with a value for each `?`; return the rows."""

    def executemany(self, sql: str, values: Iterable[Any], /) -> Any:
        """Change something with each of these values."""

    def close(self) -> None:
        """End it, and what was not committed."""


class DamagedRowError(Exception):
    """What is stored is not what was encoded. The message says nothing about it (S2)."""


def encode(value: Any) -> str:
    """Return `value` as JSON; `decoder` gives what reads it."""
    row = record(value)
    try:
        return msgspec.json.encode(row).decode()
    except UnicodeEncodeError:  # the path of a file need not be UTF-8
        return json.dumps(row, separators=(",", ":"))


def decoder(kind: type[T]) -> Callable[[str], T]:
    """Return what reads a value of that kind, and raises `DamagedRowError` for anything else."""
    hint: Any = kind
    struct = _struct(hint)
    read = msgspec.json.Decoder(struct).decode

    def decode(text: str) -> Any:
        try:
            return _value(read(text))
        except ValueError:  # perhaps only because of surrogates, which json accepts
            try:
                return converted(kind, json.loads(text))
            except ValueError as error:
                raise DamagedRowError from error

    return decode


def converted(kind: type[T], found: object) -> T:
    """Return what `json` has read as a value of that kind; raise `ValueError` for anything else."""
    hint: Any = kind
    value: T = _value(msgspec.convert(found, _struct(hint)))
    return value


def record(value: Any) -> Any:
    """Return `value` with a dict for each named tuple in it, without the fields at their default."""
    if not isinstance(value, tuple):
        return value
    kind: Any = type(value)
    if kind is tuple:
        return [record(each) for each in value]
    defaults = kind._field_defaults
    return {
        name: each if type(each) in _PLAIN else record(each)
        for name, each in zip(kind._fields, value, strict=True)
        if name not in defaults or each != defaults[name]
    }


def _value(row: Any) -> Any:
    """Return what was read with a named tuple for each struct in it."""
    if isinstance(row, tuple):
        return tuple(map(_value, row))
    if (kind := _KINDS.get(type(row))) is None:
        return row
    values = msgspec.structs.astuple(row)
    return kind(*[v if type(v) in _PLAIN else _value(v) for v in values])


_PLAIN = frozenset({str, int, bool, NoneType})
"""Most values are of these types, and are what they are."""

_KINDS: dict[type[msgspec.Struct], Any] = {}
"""The named tuples by the structs that they are read into."""


@cache
def _struct(hint: Any) -> Any:
    """Return the type hint with a struct for each named tuple in it."""
    if hasattr(hint, "_fields"):
        # The optional third part of a field is its default.
        defaults = {name: (default,) for name, default in hint._field_defaults.items()}
        fields = [
            (name, _struct(part), *defaults.get(name, ()))
            for name, part in get_type_hints(hint).items()
        ]
        struct = msgspec.defstruct(hint.__name__, fields, gc=False)  # none is part of a cycle
        _KINDS[struct] = hint
        return struct
    parts = tuple(map(_struct, get_args(hint)))
    if isinstance(hint, UnionType):
        return reduce(or_, parts)
    return GenericAlias(get_origin(hint), parts) if parts else hint


def key64(text: str) -> int:
    """Return a signed 64-bit hash of a key, for a small index (equality is checked afterwards)."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


@cache
def upsert(table: str, key: str, *others: str) -> str:
    """Return what puts a row into a table, in place of the one with its `key`, if there is one."""
    columns = [*key.split(", "), *others]
    renewed = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - constants
        f" ON CONFLICT ({key}) DO UPDATE SET {renewed}"
    )


class Table:
    """A part of the catalogue."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def _column(self, query: str, *values: object) -> list[Any]:
        """Return the first value of each row; what `query` changes is changed at once."""
        return [row[0] for row in self._db.execute(query, values)]

    def _each(self, query: str, numbers: Iterable[int]) -> None:
        """Run `query`, which changes something, for each of these numbers."""
        self._db.executemany(query, [(number,) for number in numbers])
