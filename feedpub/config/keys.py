"""Groups of keys: a class is a group, a line in it a key with its reader and its default.

    class Window(Group):
        items = optional(number(1, 100_000), 50)

A group is read once and never changes; an attribute has the type that its reader gives. A key that
is left out or empty has its default; keys that no group knows are the matter of `vocabulary`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeAlias, TypeVar, overload

from feedpub.config.readers import Parts, PartsError, Reader, mapping, must_be

T = TypeVar("T")
D = TypeVar("D")
G = TypeVar("G", bound="Group")
Absent: TypeAlias = Callable[[Mapping[str, Any], Path], T]
"""Gives what holds without a value, from what the keys before it mean and the config's folder."""


class Key(Generic[T]):
    """One key: `read` says what a value means, `absent` what holds where there is none.

    `written` is what is read then, where that is so. `group` is the class of the values, if these
    are groups; where `labelled`, each stands under a label.
    """

    def __init__(
        self,
        read: Reader[T],
        absent: Absent[T],
        *,
        written: object = None,
        group: type[Group] | None = None,
        labelled: bool = False,
    ) -> None:
        self.read = read
        self.absent = absent
        self.written = written
        self.group = group
        self.labelled = labelled

    def __set_name__(self, owner: type[Group], name: str) -> None:
        self.attribute = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: Group, owner: type) -> T: ...

    def __get__(self, instance: Group | None, owner: type) -> Self | T:
        """Return the key itself; the value is an attribute of the instance, found before this."""
        return self


class Group:
    """The keys of one group, read and checked."""

    keys: ClassVar[Mapping[str, Key[Any]]]
    """The keys by their names in the config."""

    def __init_subclass__(cls) -> None:
        found = {name: key for name, key in vars(cls).items() if isinstance(key, Key)}
        cls.keys = {name.rstrip("_"): key for name, key in found.items()}  # `except` is a keyword

    def __init__(self, values: Mapping[str, object]) -> None:
        vars(self).update({key.attribute: values[name] for name, key in self.keys.items()})

    @classmethod
    def read(cls, value: object, base: Path) -> Self:
        """Read a map of keys; an empty one has all defaults."""
        written = {} if value is None else value
        if not isinstance(written, dict):
            raise must_be("a map of keys and values", written)
        found: dict[str, object] = {}
        parts = Parts()
        for name, key in cls.keys.items():
            given = written.get(name)
            with parts.at(name):
                found[name] = key.absent(found, base) if given is None else key.read(given, base)
        parts.done()
        return cls(found)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


def required(read: Reader[T], what: str) -> Key[T]:
    """Return a key that must be given; `what` tells the operator what to give."""

    def absent(_: Mapping[str, Any], __: Path) -> T:
        raise ValueError(f"is missing; give {what}")

    return Key(read, absent)


def optional(read: Reader[T], default: D) -> Key[T | D]:
    """Return a key that means `default` where it is left out."""
    return Key(read, lambda *_: default)


def assumed(read: Reader[T], written: object) -> Key[T]:
    """Return a key that, left out, means what `written` does, with what is wrong with that."""
    return Key(read, lambda _, base: read(written, base), written=written)


def derived(read: Reader[T], source: str, make: Callable[[Any], T]) -> Key[T]:
    """Return a key that, left out, is made from the key `source` before it."""

    def absent(found: Mapping[str, Any], _: Path) -> T:
        if source not in found:
            raise PartsError  # and what is wrong was told there
        return make(found[source])

    return Key(read, absent)


def group(kind: type[G]) -> Key[G]:
    """Return a key with keys of its own."""
    return Key(kind.read, lambda _, base: kind.read({}, base), group=kind)


def optional_group(kind: type[G]) -> Key[G | None]:
    """Return a key with keys of its own that is None where it is left out."""
    return Key(kind.read, lambda *_: None, group=kind)


def labelled(label: Reader[str], kind: type[G]) -> Key[Mapping[str, G]]:
    """Return a key under which people choose labels, each with the keys of `kind`; sorted by them."""
    return Key(mapping(label, kind.read), lambda *_: {}, group=kind, labelled=True)
