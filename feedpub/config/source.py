"""YAML text to plain values, each key with its line: fields give types, not YAML.

A scalar without quotes is a `Plain` string as written (`2026-01-01`, `No`, `1.10`), so that a
title may be `2024` and a topic `No`; the key that it is for decides what it means. A null is None,
a sequence a tuple, a mapping a dict. Tags, aliases and second documents are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from feedpub.config.mistakes import KeyPath, Mistake
from feedpub.core.notations import (
    SECOND_DOCUMENT,
    TOO_DEEP,
    UNPRINTABLE,
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    YamlError,
    events,
    is_null,
    line_of,
)
from feedpub.core.problems import ConfigError

MAX_BYTES = 1 << 20
MAX_DEPTH = 16


class Plain(str):
    """A scalar written without quotes."""

    __slots__ = ()


class Source(NamedTuple):
    """A config as written: `lines` has the 1-based line of every key and list item."""

    data: dict[str, object]
    lines: dict[KeyPath, int]
    mistakes: list[Mistake]


class _UnusableError(Exception):
    """The text is YAML that a config may not be, or none at all; `line` is 1-based, if known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def read(path: Path) -> Source:
    """Read the file at `path`; raise `ConfigError` when it is no YAML map at all."""
    try:
        reader = _Reader(_text(path))
        data = reader.document()
        if data is None:
            raise _UnusableError("the file is empty; `feedpub init DIR` writes one to start from")
        if not isinstance(data, dict):
            raise _UnusableError("the file must be a map of groups, such as `site:`", 1)
    except _UnusableError as error:
        place = f"{path}:{error.line}" if error.line else f"{path}"
        raise ConfigError([f"{place}: {error}"]) from None
    return Source(data, reader.lines, reader.mistakes)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _UnusableError("there is no such file") from None
    except IsADirectoryError:
        raise _UnusableError("is a folder; name the config file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise _UnusableError(f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise _UnusableError("is larger than 1 MiB; is it the config?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _UnusableError("is not UTF-8 text; save it as UTF-8", line) from None
    if found := UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _UnusableError("has a control character; remove it", line)
    return text


class _Reader:
    """Builds values straight from the parser's events, so that nothing is expanded or resolved."""

    def __init__(self, text: str) -> None:
        self._events = events(text, MAX_DEPTH, MAX_BYTES)
        self.lines: dict[KeyPath, int] = {}
        self.mistakes: list[Mistake] = []

    def document(self) -> object:
        """Return the value of the only document, None for an empty text."""
        try:
            root = next(self._events, None)
            value = None if root is None else self._value(root, ())
            next(self._events, None)
        except YamlError as error:
            line = None if error.line is None else error.line + 1
            raise _UnusableError(_explained(error), line) from None
        return value

    def _value(self, event: Any, where: KeyPath) -> object:
        if isinstance(event, AliasEvent):
            raise _refused(event, "aliases (`*name`) are not supported; repeat the value")
        if getattr(event, "tag", None):
            raise _refused(event, "tags (`!name`) are not supported; remove it")
        if isinstance(event, MappingStartEvent):
            return self._mapping(where)
        if not isinstance(event, ScalarEvent):
            return self._sequence(where)
        if is_null(event):
            return None
        return event.value if event.style else Plain(event.value)

    def _mapping(self, where: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                raise _refused(event, "a key must be text; put quotes around it")
            key, line = event.value, line_of(event) + 1
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
            self.lines[here] = line_of(event) + 1
            values.append(self._value(event, here))
        return tuple(values)


def _refused(event: Any, message: str) -> _UnusableError:
    return _UnusableError(message, line_of(event) + 1)


def _explained(error: YamlError) -> str:
    if error.reason == TOO_DEEP:
        return f"is nested deeper than {MAX_DEPTH} levels"
    if error.reason == SECOND_DOCUMENT:
        return "a second document begins here; a config is one document"
    advice = "check the indentation, colons and quotes here and on the line before"
    return f"is not valid YAML: {error.reason}; {advice}"
