"""How values are read: a reader takes a value as written and the folder of the config.

It returns what the value means, or raises `ValueError` with words for the operator: what the value
must be, and an example. `PartsError` is the `ValueError` of a value of several parts: it tells the
mistakes in all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias, TypeVar

from feedpub.config.source import Mistake, Plain
from feedpub.config.words import shown, suggestion

T = TypeVar("T")
Reader: TypeAlias = Callable[[object, Path], T]

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


def mapping(label: Reader[str], item: Reader[T]) -> Reader[Mapping[str, T]]:
    """Return the reader of a map of labels that people choose; sorted by them."""

    def read(value: object, base: Path) -> Mapping[str, T]:
        if not isinstance(value, dict):
            raise must_be("a map of keys and values", value)
        labels: list[str] = []
        items: list[T] = []
        parts = Parts()
        for name, one in value.items():
            with parts.at(name):
                labels.append(label(name, base))
            with parts.at(name):
                items.append(item(one, base))
        parts.done()
        return dict(sorted(zip(labels, items, strict=True), key=itemgetter(0)))

    return read


def not_empty(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for an empty list."""
    if not items:
        raise ValueError("is an empty list; write one or more, or remove the key")


def distinct(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for a list that has an item twice."""
    if len(set(items)) < len(items):
        raise ValueError("has a name twice; keep one")
