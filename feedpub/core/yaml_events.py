"""YAML as the events that PyYAML's parser gives, on libyaml where it is there.

This is the one module that knows PyYAML. Its resolvers and constructors, which take `No` for false
and `1.10` for 1.1, have no part in it: what a scalar means is for its field to say (S4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

__all__ = [
    "LIBYAML",
    "UNPRINTABLE",
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SecondDocumentError",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "TooDeepError",
    "TooManyError",
    "YamlError",
    "events",
    "is_null",
    "line_of",
]

LIBYAML: bool = yaml.__with_libyaml__
"""Whether PyYAML has its C parser; without it reading is about ten times slower."""

UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
"""What YAML may not hold anywhere: a text that has any of it is refused."""

_Parser: Any = yaml.CSafeLoader if LIBYAML else yaml.SafeLoader
_STEPS: dict[type[Event], int] = {
    **dict.fromkeys((MappingStartEvent, SequenceStartEvent), 1),
    **dict.fromkeys((MappingEndEvent, SequenceEndEvent), -1),
    **dict.fromkeys((ScalarEvent, AliasEvent), 0),
}
"""What an event adds to the depth of nesting."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# A text in quotes, closed or not, in which brackets mean nothing, or a bracket.
_BRACKET = re.compile(r"""(?:"[^"]*"?|'[^']*'?)|([\[{])|([\]}])""")


class YamlError(Exception):
    """Text that is no YAML: `reason` in PyYAML's words, which may quote it.

    `line` counts the line ends before it, from 0; it is None where the place is unknown.
    """

    def __init__(self, line: int | None, reason: str = "unreadable text") -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class TooDeepError(YamlError):
    """Lists and maps are nested deeper than the reader allows."""


class TooManyError(YamlError):
    """There are more events than the reader allows."""


class SecondDocumentError(YamlError):
    """One document has ended, and another one begins."""


def events(text: str, most_levels: int, most: int) -> Iterator[Any]:
    """Yield the events of the only document in `text`: values as they begin, lists and maps end.

    Lists and maps may be nested `most_levels` deep, and there may be `most` events. Nothing is
    resolved, expanded or kept. Raises `YamlError`, and nothing else for any text; our bounds come
    first, whatever bounds of its own the library has.
    """
    depth, last = 0, None
    try:
        for number, event in enumerate(iter(_Parser(text).get_event, None)):
            step = _STEPS.get(type(event))
            if step is None:  # the stream or a document begins or ends
                if last and isinstance(event, DocumentStartEvent):
                    raise SecondDocumentError(line_of(event), "found a second document")
                continue
            depth += step
            if depth > most_levels:
                raise TooDeepError(line_of(event))
            if number > most:
                raise TooManyError(line_of(event), f"it holds more than {most:,} values")
            last = event
            yield event
    except yaml.MarkedYAMLError as error:
        end = last.end_mark.index if last else 0
        raise _explained(error, text, end, most_levels - depth) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise YamlError(None) from None


def line_of(event: Any) -> int:
    """Return how many line ends there are before an event."""
    line: int = event.start_mark.line
    return line


def is_null(scalar: ScalarEvent) -> bool:
    """Tell whether a scalar without quotes, which is no block either, stands for nothing."""
    return scalar.value in _NULLS and not scalar.style


def _explained(error: yaml.MarkedYAMLError, text: str, end: int, most_levels: int) -> YamlError:
    """Say what is wrong, and where; `most_levels` may still be opened after `end`, the last event's.

    The parser looks ahead, and may meet a bound of its own before it gives the event that is
    beyond ours. What is left open is found missing only at the end; where it began says more.
    """
    mark = error.problem_mark
    if mark and _levels(text[end : mark.index]) > most_levels:
        return TooDeepError(mark.line)
    if error.context_mark and (mark is None or not text[mark.index :].strip()):
        mark = error.context_mark
    # The text ends with a line end, after which nothing is wrong.
    line = min(mark.line, text.rstrip().count("\n")) if mark else None
    return YamlError(line, error.problem or "unreadable text")


def _levels(text: str) -> int:
    """Return how deep the brackets in `text` are nested."""
    depth = deepest = 0
    for opens, closes in _BRACKET.findall(text):
        depth += bool(opens) - bool(closes)
        deepest = max(depth, deepest)
    return deepest
