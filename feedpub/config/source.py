"""YAML text to plain values, each key with its line: fields give types, not YAML.

A scalar without quotes is a `Plain` string as written (`2026-01-01`, `No`, `1.10`), so that a
title may be `2024` and a topic `No`; the key that it is for decides what it means. A null is None,
a sequence a tuple, a mapping a dict. Tags, aliases and second documents are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import Reader

from feedpub.config.mistakes import KeyPath, Mistake
from feedpub.core.errors import ConfigError

MAX_BYTES = 1 << 20
MAX_DEPTH = 16

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Plain(str):
    """A scalar written without quotes."""

    __slots__ = ()


class Source(NamedTuple):
    """A config as written: `lines` has the 1-based line of every key and list item."""

    data: dict[str, object]
    lines: dict[KeyPath, int]
    mistakes: list[Mistake]


def read(path: Path) -> Source:
    """Read the file at `path`; raise `ConfigError` when it is no YAML map at all."""
    text = _decoded(path, _bytes(path))
    reader = _Reader(text)
    try:
        data = reader.document()
    except _Unusable as error:
        raise _failure(path, error.line, str(error)) from None
    except yaml.YAMLError as error:
        raise _failure(path, *_explained(error)) from None
    if data is None:
        raise _failure(path, None, "the file is empty; `feedpub init DIR` writes one to start from")
    if not isinstance(data, dict):
        raise _failure(path, 1, "the file must be a map of groups, such as `site:`")
    return Source(data, reader.lines, reader.mistakes)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _failure(path, None, "there is no such file") from None
    except IsADirectoryError:
        raise _failure(path, None, "is a folder; name the config file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise _failure(path, None, f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise _failure(path, None, "is larger than 1 MiB; is it the config?")
    return data


def _decoded(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _failure(path, line, "is not UTF-8 text; save it as UTF-8") from None
    if found := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _failure(path, line, "has a control character; remove it")
    return text


def _failure(path: Path, line: int | None, message: str) -> ConfigError:
    return ConfigError([f"{path}:{line}: {message}" if line else f"{path}: {message}"])


def _explained(error: yaml.YAMLError) -> tuple[int | None, str]:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable text"
    advice = "check the indentation, colons and quotes here and on the line before"
    return (mark.line + 1 if mark else None), f"is not valid YAML: {problem}; {advice}"


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Unusable(Exception):  # noqa: N818 - never leaves this module
    """The text is YAML that a config may not be."""

    def __init__(self, event: Event, message: str) -> None:
        super().__init__(message)
        self.line = _line(event)


class _Reader:
    """Builds values straight from the parser's events, so that nothing is expanded or resolved."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_LOADER)
        self.lines: dict[KeyPath, int] = {}
        self.mistakes: list[Mistake] = []

    def document(self) -> object:
        """Return the value of the only document, None for an empty text."""
        next(self._events)
        if isinstance(next(self._events), StreamEndEvent):
            return None
        value = self._value(next(self._events), ())
        next(self._events)
        end = next(self._events)
        if isinstance(end, DocumentStartEvent):
            raise _Unusable(end, "a second document begins here; a config is one document")
        return value

    def _value(self, event: Event, where: KeyPath) -> object:
        if isinstance(event, AliasEvent):
            raise _Unusable(event, "aliases (`*name`) are not supported; repeat the value")
        if getattr(event, "tag", None):
            raise _Unusable(event, "tags (`!name`) are not supported; remove it")
        if len(where) > MAX_DEPTH:
            raise _Unusable(event, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, MappingStartEvent):
            return self._mapping(where)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(where)
        assert isinstance(event, ScalarEvent)  # noqa: S101 - no other event can begin a value
        return _scalar(event)

    def _mapping(self, where: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise _Unusable(event, "a key must be text; put quotes around it")
            key, line = event.value, _line(event)
            here = (*where, key)
            if key in values:
                first = self.lines[here]
                self.mistakes.append(
                    Mistake(here, f"is given twice, first on line {first}; keep one", line)
                )
            self.lines[here] = line
            values[key] = self._value(next(self._events), here)
        return values

    def _sequence(self, where: KeyPath) -> tuple[object, ...]:
        values: list[object] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            here = (*where, len(values))
            self.lines[here] = _line(event)
            values.append(self._value(event, here))
        return tuple(values)


def _scalar(event: ScalarEvent) -> str | None:
    value: str = event.value
    if not event.implicit[0]:
        return value
    return None if value in _NULLS else Plain(value)
