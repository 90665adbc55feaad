"""How values are read: the kinds of values, and groups of keys.

A reader takes a value as written and the folder of the config. It returns what the value means, or
raises `ValueError` with words for the operator: what the value must be, and an example. A group is
a named tuple of keys; the type of each is `Annotated` with its reader:

    class WindowConfig(NamedTuple):
        items: Annotated[int, number(1, 100_000)] = 50

A key that is left out or empty means its default; a `Path` as a default is relative to the config,
as if it were written there. A key without a default must be given, and says as what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from feedpub.config.mistakes import Mistake, shown, suggestion
from feedpub.config.source import Plain

T = TypeVar("T")
Reader: TypeAlias = Callable[[object, Path], T]

LABEL = "LABEL"
"""Stands for any label of `topics.define` in the paths of keys."""

_FLAGS = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}


class PartsError(ValueError):
    """A value that cannot be used: each mistake in it, with its place within the value."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes


class Parts:
    """Reads a value part by part, so that a mistake in one hides none in another."""

    def __init__(self) -> None:
        self._mistakes: list[Mistake] = []

    @contextmanager
    def at(self, name: str | int) -> Iterator[None]:
        """Note what is wrong with the part `name`, which is read inside, and go on after it."""
        try:
            yield
        except PartsError as wrong:
            self._mistakes += (m._replace(where=(name, *m.where)) for m in wrong.mistakes)
        except ValueError as error:
            self._mistakes.append(Mistake((name,), str(error)))

    def done(self) -> None:
        """Raise `PartsError` if anything was."""
        if self._mistakes:
            raise PartsError(*self._mistakes)


# --- kinds of values -----------------------------------------------------------------------------


def must_be(what: str, value: object) -> ValueError:
    """Return the error for a value of another kind than `what`."""
    names = {dict: "a map", tuple: "a list", type(None): "empty"}
    return ValueError(f"is {names.get(type(value)) or shown(str(value))}; write {what}")


def flag(value: object, _: Path) -> bool:
    """Read true or false, in any of the words of YAML 1.1."""
    found = _FLAGS.get(value.lower()) if isinstance(value, Plain) else None
    if found is None:
        raise must_be("true or false, without quotes", value)
    return found


def number(least: int | None = None, most: int | None = None) -> Reader[int]:
    """Return the reader of a whole number from `least` to `most`."""

    def read(value: object, _: Path) -> int:
        if not (isinstance(value, Plain) and re.fullmatch(r"[+-]?[0-9][0-9_]{0,17}", value)):
            raise must_be("a whole number, without quotes", value)
        found = int(value.replace("_", ""))
        if least is not None and found < least:
            raise ValueError(f"is too small; write {least:,} or more")
        if most is not None and found > most:
            raise ValueError(f"is too large; write {most:,} or less")
        return found

    return read


def text(meaning: Callable[[str], T]) -> Reader[T]:
    """Return the reader of a text, which `meaning` checks and normalizes."""

    def read(value: object, _: Path) -> T:
        if not isinstance(value, str):
            raise must_be("text", value)
        if re.search("[\ud800-\udfff]", value):
            raise ValueError("has a broken character; write it again")
        return meaning(str(value))

    return read


def choice(*names: str) -> Reader[str]:
    """Return the reader of one of `names`."""

    def read(value: object, _: Path) -> str:
        if value not in names:
            hint = suggestion(value, names) if isinstance(value, str) else ""
            raise ValueError(f"is not one of {', '.join(names)}; {hint or 'write one of these'}")
        return str(value)

    return read


def listing(item: Reader[T], *checks: Callable[[tuple[T, ...]], None]) -> Reader[tuple[T, ...]]:
    """Return the reader of a list; `checks` look at all of it when every item is right."""

    def read(value: object, base: Path) -> tuple[T, ...]:
        if not isinstance(value, tuple):
            raise must_be("a list, such as [one, two]", value)
        items, parts = [], Parts()
        for place, one in enumerate(value):
            with parts.at(place):
                items.append(item(one, base))
        parts.done()
        for check in checks:
            check(tuple(items))
        return tuple(items)

    return read


def not_empty(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for an empty list."""
    if not items:
        raise ValueError("is an empty list; write one or more, or remove the key")


def distinct(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for a list that has an item twice."""
    if len(set(items)) < len(items):
        raise ValueError("has a name twice; keep one")


def mapping(label: Reader[str], item: Reader[T]) -> Reader[Mapping[str, T]]:
    """Return the reader of a map of labels that people choose; sorted by them."""

    def read(value: object, base: Path) -> Mapping[str, T]:
        labels: list[str] = []
        items: list[T] = []
        parts = Parts()
        for name, one in _map(value).items():
            with parts.at(name):
                labels.append(label(name, base))
            with parts.at(name):
                items.append(item(one, base))
        parts.done()
        return dict(sorted(zip(labels, items, strict=True), key=itemgetter(0)))

    return read


def _map(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise must_be("a map of keys and values", value)
    return value


# --- groups of keys ------------------------------------------------------------------------------


class From(NamedTuple):
    """Says that a key, left out, is made from the key `source` before it."""

    source: str
    make: Callable[[Any], object]


class Key(NamedTuple):
    """One key of a group: the name of its attribute, its reader, what holds without a value.

    That is `default`, or what `origin` makes; where `origin` is a text, it says what to give.
    """

    attribute: str
    read: Reader[Any]
    default: object
    origin: From | str | None = None

    def meaning(self, value: object, found: Mapping[str, object], base: Path) -> object:
        """Return what `value` means; `found` are the keys before it. Raises `ValueError`."""
        if value is not None:
            return self.read(value, base)
        if isinstance(self.origin, str):
            raise ValueError(f"is missing; give {self.origin}")
        if self.origin is not None:
            if self.origin.source not in found:
                raise PartsError  # and what is wrong was told there
            return self.origin.make(found[self.origin.source])
        written = isinstance(self.default, Path | dict)
        return self.read(self.default, base) if written else self.default


class Group:
    """The reader of a map of `keys`, by their names in the config, to a `kind` of named tuple.

    With `labels`, it reads a map of labels that people choose, each with such a map. `around` is
    the group that this one is in.
    """

    around: Group | None = None

    def __init__(self, kind: Any, labels: Reader[str] | None = None) -> None:
        self._kind = kind
        self._read = mapping(labels, self._group) if labels else self._group
        self.is_labelled = labels is not None
        self._keys = {name.rstrip("_"): _key(kind, name) for name in kind._fields}  # as `except_`
        for key in self._keys.values():
            if isinstance(key.read, Group):
                key.read.around = self

    def __call__(self, value: object, base: Path) -> Any:
        """Read the map; where there is none, all keys have their defaults."""
        return self._read(value, base)

    def _group(self, value: object, base: Path) -> Any:
        written = _map({} if value is None else value)
        found: dict[str, object] = {}
        parts = Parts()
        for name, key in self._keys.items():
            with parts.at(name):
                found[key.attribute] = key.meaning(written.get(name), found, base)
        for name in written.keys() - self._keys.keys():
            with parts.at(name):
                raise ValueError(f"unknown key; {self._hint(name)}")
        parts.done()
        return self._kind(**found)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Yield every key, and those of the groups in this one, by its dotted path."""
        for name, key in self._keys.items():
            yield prefix + name
            if isinstance(key.read, Group):
                label = f"{LABEL}." if key.read.is_labelled else ""
                yield from key.read.paths(f"{prefix}{name}.{label}")

    def _hint(self, name: str) -> str:
        """Say what an unknown key may mean: one of another group, by its name or whole path."""
        top = self
        while top.around:
            top = top.around
        found = [path for path in top.paths() if name in {path, path.rpartition(".")[2]}]
        group, _, key = found[0].rpartition(".") if found else ("", "", "")
        if group:
            return f"did you mean {key} in the group {group}?"
        return suggestion(name, self._keys) or "known here are " + ", ".join(self._keys)


def _key(kind: Any, name: str) -> Key:
    hint = kind.__annotations__[name]
    if isinstance(hint, type):  # another group, which is read where it is left out, too
        return Key(name, Group(hint), {})
    read, *origin = hint.__metadata__
    return Key(name, read, kind._field_defaults.get(name), *origin)
