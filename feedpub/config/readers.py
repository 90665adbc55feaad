"""How values are read: the kinds of values, and groups of keys.

A reader takes a value as written. It returns what the value means, or raises `ValueError` with
words for the operator: what the value must be, and an example. One that has parts reads each by
`Node.read`, so that a mistake in one hides none in another. A group is a named tuple of keys; the
type of each is `Annotated` with its reader:

    class WindowConfig(NamedTuple):
        items: Annotated[int, number(1, 100_000)] = 50

A key that is left out or empty means its default; a `Path` as a default is relative to the config,
as if it were written there. A key without a default must be given, and says as what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from feedpub.config.source import Node, shown, suggestion

T = TypeVar("T")
L = TypeVar("L", bound=str)
Reader: TypeAlias = Callable[[Node], T]

LABEL = "LABEL"
"""Stands for any label of `topics.define` in the paths of keys."""

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


# --- kinds of values -----------------------------------------------------------------------------


def must_be(what: str, node: Node) -> ValueError:
    """Return the error for a value of another kind than `what`."""
    names = {dict: "a map", list: "a list", type(None): "empty"}
    return ValueError(f"is {names.get(type(node.value)) or shown(str(node.value))}; write {what}")


def flag(node: Node) -> bool:
    """Read true or false, in any of the words of YAML 1.1."""
    found = _FLAGS.get(node.value.lower()) if node.plain else None
    if found is None:
        raise must_be("true or false, without quotes", node)
    return found


def number(least: int, most: int) -> Reader[int]:
    """Return the reader of a whole number from `least` to `most`."""
    return partial(read_number, least, most)


def read_number(least: int, most: int, node: Node) -> int:
    """Read a whole number from `least` to `most`."""
    if not (node.plain and re.fullmatch(r"[+-]?[0-9][0-9_]{0,17}", node.value)):
        raise must_be("a whole number, without quotes", node)
    found = int(node.value.replace("_", ""))
    if not least <= found <= most:
        raise ValueError(f"is out of bounds; write {least:,} to {most:,}")
    return found


def text(meaning: Callable[[str], T]) -> Reader[T]:
    """Return the reader of a text, which `meaning` checks and normalizes."""

    def read(node: Node) -> T:
        if not isinstance(node.value, str):
            raise must_be("text", node)
        if re.search("[\ud800-\udfff]", node.value):
            raise ValueError("has a broken character; write it again")
        return meaning(node.value)

    return read


class Written(str):
    """A text that knows its node, for what only the content can tell of it."""

    node: Node


def placed(reader: Reader[str]) -> Reader[Written]:
    """Return a reader of the same texts with their nodes."""

    def read(node: Node) -> Written:
        found = Written(reader(node))
        found.node = node
        return found

    return read


def choice(*names: str) -> Reader[str]:
    """Return the reader of one of `names`."""
    return partial(read_choice, names)


def read_choice(names: tuple[str, ...], node: Node) -> str:
    """Read one of `names`."""
    if node.value not in names:
        hint = suggestion(str(node.value), names) or "write one of these"
        raise ValueError(f"is not one of {', '.join(names)}; {hint}")
    return str(node.value)


def listing(item: Reader[T], *checks: Callable[[tuple[T, ...]], None]) -> Reader[tuple[T, ...]]:
    """Return the reader of a list; `checks` look at all of it when every item is right."""
    return partial(read_list, item, checks)


def read_list(
    item: Reader[T], checks: Iterable[Callable[[tuple[T, ...]], None]], node: Node
) -> tuple[T, ...]:
    """Read a list of what `item` reads."""
    if not isinstance(node.value, list):
        advice = f"[{shown(node.value)}]" if isinstance(node.value, str) else "[one, two]"
        raise must_be(f"a list, such as {advice}", node)
    found = [one.read(item) for one in node.value]
    items = tuple(one for one in found if one is not None)
    if len(items) == len(found):
        for check in checks:
            check(items)
    return items


def not_empty(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for an empty list."""
    if not items:
        raise ValueError("is an empty list; write one or more, or remove the key")


def distinct(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for a list that has an item twice."""
    if len(set(items)) < len(items):
        raise ValueError("has a name twice; keep one")


def mapping(label: Reader[L], item: Reader[T]) -> Reader[Mapping[L, T]]:
    """Return the reader of a map of labels that people choose; sorted by them."""
    return partial(read_map, label, item)


def read_map(label: Reader[L], item: Reader[T], node: Node) -> Mapping[L, T]:
    """Read a map of what `item` reads, by what `label` reads."""
    if not isinstance(node.value, dict):
        names = ", ".join(label.args[0]) if isinstance(label, partial) else ""
        raise must_be(f"a map with keys of {names}" if names else "a map of keys and values", node)
    found: dict[L, T] = {}
    for name, part in node.parts.items():
        key, value = part._replace(value=name).read(label), part.read(item)
        if key is not None and value is not None:
            found[key] = value
    return dict(sorted(found.items()))


# --- groups of keys ------------------------------------------------------------------------------


class From(NamedTuple):
    """Says that a key, left out, is made from the key `source` before it."""

    source: str
    make: Callable[[Any], object]


class Key(NamedTuple):
    """One key of a group: its name there, its reader, what holds without a value.

    That is `default`, or what `origin` makes; where `origin` is a text, it says what to give.
    """

    attribute: str
    read: Reader[Any]
    default: object
    origin: From | str | None

    def meaning(self, node: Node, found: Mapping[str, Any]) -> object:
        """Return what `node` means; `found` are the keys before it. Raises `ValueError`."""
        if node.value is None:
            if isinstance(self.origin, str):
                raise ValueError(f"is missing; give {self.origin}")
            if self.origin:
                return found[self.origin.source] and self.origin.make(found[self.origin.source])
            if not isinstance(self.default, Path | dict):
                return self.default
            node = node._replace(value=self.default)
        return self.read(node)


class Group:
    """The reader of a map of keys, by their names in the config, to a `kind` of named tuple.

    With `labels`, it reads a map of labels that people choose, each with such a map.
    """

    def __init__(self, kind: Any, labels: Reader[str] | None = None) -> None:
        self._kind = kind
        self._read = mapping(labels, self._group) if labels else self._group
        self.label = f"{LABEL}." if labels else ""
        self.keys = {name.rstrip("_"): _key(kind, name) for name in kind._fields}  # as `except_`

    def __call__(self, node: Node) -> Any:
        """Read the map; where there is none, all keys have their defaults."""
        return self._read(node)

    def _group(self, node: Node) -> Any:
        if node.value is not None and not isinstance(node.value, dict):
            raise must_be(f"a map with some of the keys {', '.join(self.keys)}", node)
        found: dict[str, Any] = {}
        for name, key in self.keys.items():
            found[key.attribute] = node.at(name).read(partial(key.meaning, found=found))
        for name in node.parts.keys() - self.keys.keys():
            node.parts[name].wrong(f"unknown key; {self._hint(name, node.source.keys)}")
        return self._kind(**found)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Yield every key, and those of the groups in this one, by its dotted path."""
        for name, key in self.keys.items():
            yield prefix + self.label + name
            if isinstance(key.read, Group):
                yield from key.read.paths(f"{prefix}{self.label}{name}.")

    def _hint(self, name: str, everywhere: Iterable[str]) -> str:
        """Say what an unknown key may mean: one of another group, by its name or whole path."""
        found = [path for path in everywhere if name in {path, path.rpartition(".")[2]}]
        group, _, key = found[0].rpartition(".") if found else ("", "", "")
        if group:
            return f"did you mean {key} in the group {group}?"
        return suggestion(name, self.keys) or "known here are " + ", ".join(self.keys)


def _key(kind: Any, name: str) -> Key:
    hint = kind.__annotations__[name]
    if isinstance(hint, type):  # another group, which is read where it is left out, too
        return Key(name, Group(hint), {}, None)
    read, *origin = hint.__metadata__
    return Key(name, read, kind._field_defaults.get(name), *origin or [None])
