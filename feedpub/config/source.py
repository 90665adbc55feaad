"""The config as written: YAML text to values that know their place, and the mistakes in it.

Fields give types, not YAML: a scalar without quotes is a `plain` text as written (`2026-01-01`,
`No`, `1.10`), so that a title may be `2024` and a topic `No`; the key that it is for decides what
it means. A null is None. Tags, aliases and second documents are refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from feedpub.core.problems import ConfigError
from feedpub.core.yaml_toml_json import (
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

T = TypeVar("T")
KeyPath: TypeAlias = "tuple[str | int, ...]"
"""Where a value is: keys of maps and 0-based places in lists, from the top."""

MAX_BYTES = 1 << 20
MAX_DEPTH = 16
MAX_SHOWN = 50
_CURLY = frozenset("“”„‟‘’‚‛")
_STRAIGHT = "write straight ones, or none"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]{0,40}")


class Source:
    """A config file, and what is wrong in it so far.

    Paths in it are relative to `folder`; `keys` are all that there are, for suggestions.
    """

    def __init__(self, path: Path, keys: Sequence[str]) -> None:
        self.path = path
        self.folder = Path(os.path.abspath(path)).parent  # noqa: PTH100 - Path.absolute keeps `..`
        self.keys = keys
        self.mistakes: list[tuple[int, str, str]] = []  # line, place, what is told of it

    def check(self) -> None:
        """Raise `ConfigError` with a line of text for each mistake, in the order of the file."""
        told = [text for _, _, text in sorted(self.mistakes)]
        if len(told) > MAX_SHOWN:
            told[MAX_SHOWN:] = [f"{self.path}: and {len(told) - MAX_SHOWN} more"]
        if told:
            raise ConfigError(told)

    def unusable(self, message: str, line: int | None = None) -> ConfigError:
        """Return the error for a file that is no config at all."""
        return ConfigError([f"{self.path}{f':{line}' if line else ''}: {message}"])


class Node(NamedTuple):
    """A value as written, and where: None, a text, a list of nodes, or a map of nodes by key.

    `line` is 1-based; `plain` is a text without quotes.
    """

    value: Any
    source: Source
    where: KeyPath = ()
    line: int = 1
    plain: bool = False
    option: str = ""

    @property
    def parts(self) -> dict[str, Node]:
        """The nodes of a map by their keys; none of any other value."""
        return self.value if isinstance(self.value, dict) else {}

    def at(self, *keys: str) -> Node:
        """Return the node below, or, where there is none, an empty one in its place."""
        node = self
        for key in keys:
            empty = node._replace(value=None, where=(*node.where, key))
            node = node.parts.get(key, empty)
        return node

    def put(self, where: tuple[str, str], option: str, value: Path | str | int) -> None:
        """Put what an option of the command line says in the place of a key of a group."""
        group, key = where
        text = os.path.abspath(value) if isinstance(value, Path) else str(value)  # noqa: PTH100 - Path.absolute keeps `..`
        there = self.at(group)
        if there.value is None:
            there = self.value[group] = there._replace(value={})
        there.parts[key] = there.at(key)._replace(value=text, plain=True, option=option)

    def texts(self) -> list[Node]:
        """Return the texts of a list; none of any other value."""
        items = self.value if isinstance(self.value, list) else []
        return [item for item in items if isinstance(item.value, str)]

    def read(self, reader: Callable[[Node], T]) -> T | None:
        """Return what the value means, or None, with a note of what the reader found wrong."""
        try:
            return reader(self)
        except ValueError as error:
            self.wrong(str(error))
            return None

    def wrong(self, message: str) -> None:
        """Note what is wrong with the value, and go on: no mistake hides another."""
        origin, place = self.option or f"{self.source.path}:{self.line}", dotted(self.where)
        self.source.mistakes.append((self.line, place, f"{origin}: {place}: {message}"))


# --- words for messages --------------------------------------------------------------------------


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the known word most like `word`, or '' if none is."""
    if len(word) > 60:  # difflib is cubic at worst
        return ""
    from difflib import get_close_matches  # only a config with a mistake pays for the import

    spellings = {k.lower(): k for k in sorted(known)}
    near = get_close_matches(word.lower(), spellings, n=1)
    return f"did you mean {shown(spellings[near[0]])}?" if near else ""


def shown(text: str) -> str:
    """Return `text` as a message may carry it: short, printable, in quotes unless a plain word."""
    if len(text) > 40:
        text = text[:39] + "…"
    if _WORD.fullmatch(text):
        return text
    return f'"{text}"' if text.isprintable() else ascii(text)


def dotted(where: KeyPath) -> str:
    """Return the place as people write it: `topics.define."C++".slug`, `feeds.formats[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in where)
    return "".join(parts).removeprefix(".")


# --- YAML ----------------------------------------------------------------------------------------


def read(path: Path, keys: Sequence[str]) -> Node:
    """Read the config at `path`; raise `ConfigError` when it is no YAML map at all."""
    source = Source(path, keys)
    try:
        text = text_of(path)
    except ValueError as error:
        raise source.unusable(str(error)) from None
    if found := UNPRINTABLE.search(text):
        before = text.count("\n", 0, found.start())
        raise source.unusable("has a control character; remove it", before + 1)
    try:
        root = _root(source, text)
    except YamlError as error:
        line = None if error.line is None else error.line + 1
        written = text.splitlines()[error.line : line] if error.line is not None else []
        raise source.unusable(_explained(error, "".join(written)), line) from None
    if not isinstance(root.value, dict):
        raise source.unusable("the file must be a map of groups, such as `site:`", 1)
    return root


def text_of(path: Path) -> str:
    """Return the text of a file of the operator's; raise `ValueError` with what is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is not a file name"
        raise ValueError(f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise ValueError("is larger than 1 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"is not UTF-8 text in line {line}; save it as UTF-8") from None


def _root(source: Source, text: str) -> Node:
    """Return the value of the only document, made of events: nothing is expanded or resolved."""
    rest = events(text, MAX_DEPTH, MAX_BYTES)
    if (event := next(rest, None)) is None:
        raise source.unusable("the file is empty; `feedpub init DIR` writes one to start from")
    node = _node(event, rest, Node(None, source))
    next(rest, None)  # nothing may follow
    return node


def _node(event: Any, rest: Iterator[Any], place: Node) -> Node:
    """Return the value that begins with an event, and ends in the rest of them, at its place."""
    if isinstance(event, AliasEvent):
        advice = "aliases (`*name`) are not supported; repeat the value"
        raise place.source.unusable(advice, line_of(event) + 1)
    if getattr(event, "tag", None):
        advice = "tags (`!name`) are not supported; remove it"
        raise place.source.unusable(advice, line_of(event) + 1)
    if isinstance(event, MappingStartEvent):
        return place._replace(value=_map(rest, place))
    if not isinstance(event, ScalarEvent):
        return place._replace(value=_list(rest, place))
    if is_null(event):
        return place
    node = place._replace(value=event.value, plain=not event.style)
    if node.plain and node.value[:1] in _CURLY and node.value[-1:] in _CURLY:
        node.wrong(f"has curly quotes, which are part of the text; {_STRAIGHT}")
        node = node._replace(value=node.value[1:-1])
    return node


def _map(rest: Iterator[Any], place: Node) -> dict[str, Node]:
    parts: dict[str, Node] = {}
    while not isinstance(event := next(rest), MappingEndEvent):
        line = line_of(event) + 1
        if not isinstance(event, ScalarEvent):
            raise place.source.unusable("a key must be text; put quotes around it", line)
        key = event.value
        part = _node(next(rest), rest, Node(None, place.source, (*place.where, key), line))
        if key in parts:
            part.wrong(f"is given twice, first on line {parts[key].line}; keep one")
        parts[key] = part
    return parts


def _list(rest: Iterator[Any], place: Node) -> list[Node]:
    items: list[Node] = []
    while not isinstance(event := next(rest), SequenceEndEvent):
        where = (*place.where, len(items))
        items.append(_node(event, rest, Node(None, place.source, where, line_of(event) + 1)))
    return items


def _explained(error: YamlError, written: str) -> str:
    """Return what is wrong with the YAML; `written` is the line where it was noticed."""
    if error.reason == TOO_DEEP:
        return f"is nested deeper than {MAX_DEPTH} levels"
    if error.reason == SECOND_DOCUMENT:
        return "a second document begins here; a config is one document"
    if written.lstrip(" ").startswith("\t"):
        return "is indented with a tab; write spaces"
    if not _CURLY.isdisjoint(written):
        return f"is not valid YAML, perhaps as it has curly quotes; {_STRAIGHT}"
    advice = "check the indentation here and on the line before; a text with a colon needs quotes"
    return f"is not valid YAML: {error.reason}; {advice}"
