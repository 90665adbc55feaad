"""YAML, TOML and JSON to plain values: every scalar its source string (S4), `secured` gone (S1).

Only this module uses PyYAML, on libyaml where that is installed, and only its events: its resolvers
and constructors take `No` for false and `1.10` for 1.1, but what a scalar means is for its field to
say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from itertools import chain
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

import yaml  # config reads YAML by the events that are imported `as` themselves
from yaml import (
    AliasEvent as AliasEvent,
    MappingEndEvent as MappingEndEvent,
    MappingStartEvent as MappingStartEvent,
    ScalarEvent as ScalarEvent,
    SequenceEndEvent as SequenceEndEvent,
)

from feedpub.core.flags import word_of
from feedpub.core.model import Value

LIBYAML: bool = yaml.__with_libyaml__
"""Whether PyYAML has its C parser; without it reading is about ten times slower."""

UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
"""What YAML may not hold anywhere: a text that has any of it is refused."""

_Parser: Any = yaml.CSafeLoader if LIBYAML else yaml.SafeLoader
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

MAX_DEPTH = 64
"""How deep maps and lists may be nested, the outermost map counted (S4)."""

MAX_SHARED = 1000
"""How many characters an alias may stand for."""

MAX_VALUES = 100_000
"""How many values, keys included, are read: enough for some thousands of related links."""

_MAX_TOML = MAX_VALUES // 4
"""TOML is read in pure Python: this many entries take about half a second."""

# Line ends to YAML 1.1 only; one pasted into a title would break it, and every line count.
_ODD_LINE_END = re.compile("[\x85\u2028\u2029]")

TOO_DEEP = "exceeded maximum nesting depth"  # libyaml's words for its own bound
TOO_MANY = "too many values"
TAB = "found a tab where only spaces may indent"
SECOND_DOCUMENT = "found a second document"

_ADVICE = {
    "mapping values are not allowed": "a text with a colon and a space in it needs quotes; or, here or"
    " on the line before, a key is indented or lacks the space after its colon",
    "found character": "a text that starts with @, ` or % needs quotes",
    TAB: "a tab indents here; use spaces",
    "did not find expected ','": "a bracket is never closed, or a text that begins with # needs quotes",
    "did not find expected key": "put quotes around the whole text, double ones around a single one; or"
    " mend the indentation",
    "could not find expected ':'": "a line before this one is neither `key: value` nor a list item",
    "found unexpected end of stream": "a quote is never closed",
    "found unknown escape character": "a backslash in double quotes must be doubled",
    "found invalid Unicode": "an escape in double quotes stands for no character",
    SECOND_DOCUMENT: "it must be one YAML document",
}

_TOML_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)\Z")
_TOML_STRING = re.compile(r"""\"(?:[^"\\\n]|\\.)*\"?|'[^'\n]*'?""")
_TOML_DEEP_KEY = re.compile(rf"\.(?:[ \t]*+[\w-]*+[ \t]*+\.){{{MAX_DEPTH - 1}}}")
_KEY_LINE = re.compile(
    r"""^(?P<indent>[ \t]*) (?:\[{1,2}[ \t]*)? (?P<quote>["']?) (?P<key>[\w$@-]+) (?P=quote)
        [ \t]* [=:.\]]""",
    re.MULTILINE | re.VERBOSE,
)


# What is a comment by the letter only: those that are meant to be one have a space.
_COMMENT = re.compile(r"[ \t]+#[^\s#]")
# How JSON writes what is beyond the first 65,536 characters, emoji for example.
_JSON_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", re.IGNORECASE)


class Front(NamedTuple):
    """Front matter read: its fields, and where they stand in its text.

    `lines` and `repeated` count the line ends before a key, from 0; `repeated` has one entry for
    each key that is given again in the same map, None where its place is unknown. `comments` are
    the lines of values that a comment cuts, as in `tags: #a #b`; `quoted` is as in `Document`.
    """

    fields: dict[str, Value]
    lines: dict[str, int]
    repeated: list[int | None]
    comments: list[int]
    quoted: set[str]


class FrontMatterError(Exception):
    """Front matter that cannot be used; `line` as in `Front`, `message` holds no content (S2)."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.line = code, message, line


def read_yaml(text: str) -> Front:
    """Read one YAML document that is a map, or nothing at all.

    An alias may stand for a single value; anchors of lists and maps, merges and tags are refused, but
    for a lone `!`, which says nothing. Raises `FrontMatterError`, and nothing else for any text.
    """
    if not text.replace("\n", "").isprintable():  # seen much faster than by the patterns
        text = UNPRINTABLE.sub("", _ODD_LINE_END.sub(" ", text))
    try:
        return _Yaml(text).front()
    except YamlError as error:  # whose own words may quote what was met (S2)
        joined = _JSON_PAIR.sub(lambda pair: JSONDecoder().decode(f'"{pair[0]}"'), text)
        if joined != text:
            return read_yaml(joined)
        if error.reason in (TOO_DEEP, TOO_MANY):
            raise (_too_deep(error.line) if error.reason == TOO_DEEP else _too_many()) from None
        advice = next((say for start, say in _ADVICE.items() if error.reason.startswith(start)), "")
        message = f"not valid YAML: {advice or 'check quotes, brackets and indentation'}"
        raise FrontMatterError("front-matter-invalid", message, error.line) from None


class _Yaml:
    """Turns the events of one document into values."""

    def __init__(self, text: str) -> None:
        self._events = events(text, MAX_DEPTH, MAX_VALUES)
        self._front = Front({}, {}, [], [], set())
        comments = _COMMENT.finditer(text) if "#" in text else ()  # few have one
        self._cuts = {found.start() for found in comments}
        self._shared: dict[str, str] = {}

    def front(self) -> Front:
        """Return what the document says; nothing is said before all of it is known to be YAML."""
        root = next(self._events, None)
        if root is None:
            return self._front
        if not isinstance(root, MappingStartEvent):
            self._pass_over(root)
            next(self._events, None)
            message = "the front matter is not made of `key: value` lines"
            raise FrontMatterError("front-matter-not-a-map", message, line_of(root))
        _check_written_out(root, root.anchor)
        self._mapping(root, self._front.fields)
        next(self._events, None)
        return self._front

    def _mapping(self, start: Any, fields: dict[str, Value]) -> dict[str, Value]:
        """Read a map without its secrets (S1) into `fields`, and return these. The last wins."""
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event)
            if is_secret(key):
                self._pass_over(next(self._events))
                continue
            if key in fields:
                self._front.repeated.append(line_of(event))
            value = next(self._events)
            fields[key] = self._value(value)
            if fields is self._front.fields:
                self._front.lines[key] = line_of(event)
                if isinstance(value, ScalarEvent) and value.style:
                    self._front.quoted.add(key)
        if "<<" in fields:
            raise _sharing(start)
        return fields

    def _key(self, event: Any) -> str:
        """Return a key as written; a map or list cannot be one."""
        _check_written_out(event, event.anchor)
        if isinstance(event, ScalarEvent):
            return event.value
        self._pass_over(event)
        message = "a key is a map or a list; a text that begins with { or [ needs quotes"
        raise FrontMatterError("front-matter-invalid", message, line_of(event))

    def _value(self, event: Any) -> Value:
        if isinstance(event, ScalarEvent):
            _check_written_out(event)
            value = "" if is_null(event) else event.value
            if event.anchor:
                self._shared[event.anchor] = value
            end: Any = event.end_mark
            if end.index in self._cuts and not event.style:
                self._front.comments.append(end.line)
            return value
        if isinstance(event, AliasEvent):
            shared = self._shared.get(event.anchor or "")
            if shared is None or len(shared) > MAX_SHARED:
                raise _sharing(event)
            return shared
        _check_written_out(event, event.anchor)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, {})
        values: list[Value] = []
        while not isinstance(child := next(self._events), SequenceEndEvent):
            values.append(self._value(child))
        return values

    def _pass_over(self, event: Any) -> None:
        """Leave out the value that begins so: not even its keys given twice may be known."""
        depth = 0
        for each in chain([event], self._events):
            if not isinstance(each, (yaml.CollectionEndEvent, AliasEvent)) and each.anchor:
                raise _sharing(each)
            depth += isinstance(each, yaml.CollectionStartEvent)
            depth -= isinstance(each, yaml.CollectionEndEvent)
            if depth == 0:
                return


def _check_written_out(event: Any, anchor: str | None = None) -> None:
    """Raise for a value that is tagged, or shared by an `anchor`."""
    if anchor is not None or event.tag not in {None, "!"}:
        raise _sharing(event)


def _sharing(event: Any) -> FrontMatterError:
    what = "YAML aliases (*) of maps, lists and long texts, merges (<<) and tags (!)"
    message = f"{what} are not read; write it out"
    return FrontMatterError("front-matter-alias", message, line_of(event))


class YamlError(Exception):
    """Text that is no YAML: `reason` in PyYAML's words, which may quote it, or one of those above.

    `line` counts the line ends before it, from 0; it is None where the place is unknown.
    """

    def __init__(self, line: int | None, reason: str = "unreadable text") -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def events(text: str, most_levels: int, most: int) -> Iterator[Any]:
    """Yield the events of the only document in `text`: values as they begin, lists and maps end.

    Lists and maps may be nested `most_levels` deep, and there may be `most` events. Nothing is
    resolved, expanded or kept. Raises `YamlError`, and nothing else for any text; our bounds come
    first, whatever bounds of its own the library has.
    """
    depth, began = 0, False
    try:
        for number, event in enumerate(iter(_Parser(text).get_event, None)):
            if not isinstance(event, ScalarEvent):  # most are one
                if began and isinstance(event, yaml.DocumentStartEvent):
                    raise YamlError(line_of(event), SECOND_DOCUMENT)
                if not isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
                    continue  # the stream or a document begins or ends
                depth += isinstance(event, yaml.CollectionStartEvent)
                depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > most_levels or number > most:
                raise YamlError(line_of(event), TOO_DEEP if depth > most_levels else TOO_MANY)
            began = True
            yield event
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise YamlError(None) from None


def line_of(event: Any) -> int:
    """Return how many line ends there are before an event."""
    return int(event.start_mark.line)


def is_null(scalar: ScalarEvent) -> bool:
    """Tell whether a scalar without quotes, which is no block either, stands for nothing."""
    return scalar.value in _NULLS and not scalar.style


def _explained(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    """Say what is wrong, and where.

    What is left open is found missing only at the end; where it began says more.
    """
    mark = error.problem_mark
    if mark is not None and text.startswith("\t", mark.index):
        return YamlError(mark.line, TAB)
    if error.context_mark and (mark is None or not text[mark.index :].strip()):
        mark = error.context_mark
    # The text ends with a line end, after which nothing is wrong.
    line = min(mark.line, text.rstrip().count("\n")) if mark else None
    return YamlError(line, error.problem or "unreadable text")


def read_toml(text: str) -> Front:
    """Read TOML.

    Dates come as ISO 8601, booleans as `true` and `false`, floats as written, integers in decimal.
    Raises `FrontMatterError`, and nothing else for any text.
    """
    import tomllib  # few sites have any, and it compiles its own patterns

    _check_toml(text)
    try:
        fields = tomllib.loads(_TOML_UNPRINTABLE.sub("", text), parse_float=str)
        return Front(sourced(fields), _lines(text, fields), [], [], set())
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) - 1 if found else None
        missing = "something is never closed" if line is None else "or a key is given twice"
        message = f"not valid TOML: check quotes and brackets; {missing}"
        raise FrontMatterError("front-matter-invalid", message, line) from None
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, OverflowError):
        raise FrontMatterError("front-matter-invalid", "not valid TOML: a number") from None


def read_json(text: str) -> tuple[Front, int]:
    """Read the JSON object that `text` begins with, but for blanks; return it and where it ends.

    Numbers come as written, booleans as `true` and `false`, null as the empty string. Raises
    `FrontMatterError`, and nothing else for any text.
    """
    repeated: list[int | None] = []

    def fields_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        repeated.extend([None] * (len(pairs) - len(fields)))
        return fields

    texts = dict.fromkeys(("parse_float", "parse_int", "parse_constant"), str)
    decoder = JSONDecoder(object_pairs_hook=fields_of, strict=False, **texts)
    try:
        fields, end = decoder.raw_decode(text, len(text) - len(text.lstrip()))
    except JSONDecodeError as error:
        message = "not valid JSON: check quotes, commas and brackets"
        raise FrontMatterError("front-matter-invalid", message, error.lineno - 1) from None
    except RecursionError:
        raise _too_deep() from None
    return Front(sourced(fields), _lines(text[:end], fields), repeated, [], set()), end


def sourced(value: object, depth: int = 1) -> Any:
    """Return a value with every scalar as text, without secrets (S1)."""
    if isinstance(value, (dict, list)) and depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, dict):
        return {key: sourced(one, depth + 1) for key, one in value.items() if not is_secret(key)}
    if isinstance(value, list):
        return [sourced(one, depth + 1) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _lines(text: str, fields: dict[str, object]) -> dict[str, int]:
    """Return the likely line of each top-level key: where it is indented least, then first."""
    lines, indents, line, at = dict[str, int](), dict[str, int](), 0, 0
    for found in _KEY_LINE.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        key, indent = found["key"], len(found["indent"])
        if key in fields and not is_secret(key) and indent < indents.get(key, indent + 1):
            lines[key], indents[key] = line, indent
    return lines


def _check_toml(text: str) -> None:
    """Raise for what `tomllib`, which is pure Python and quadratic in dots, is too slow for."""
    keys = _TOML_STRING.sub("", text)
    if found := _TOML_DEEP_KEY.search(keys):
        raise _too_deep(keys.count("\n", 0, found.start()))
    if text.count("=") + text.count(",") + keys.count(".") > _MAX_TOML:
        raise _too_many(_MAX_TOML)


def one_line(value: Any) -> str:
    """Return a value, whose texts have no line ends, as YAML on one line."""
    width = float("inf")
    text = yaml.safe_dump(value, default_flow_style=True, width=width, allow_unicode=True)
    return str(text).removesuffix("\n").removesuffix("\n...")


def is_secret(key: str) -> bool:
    """Tell whether a key, at any depth, holds text that nothing may see (S1)."""
    if len(key) < 7 or key.isascii():  # seen much faster
        return key.lower().strip() == "secured"
    return word_of(key) == "secured"


def _too_deep(line: int | None = None) -> FrontMatterError:
    message = f"maps and lists are nested deeper than {MAX_DEPTH} levels; flatten them"
    return FrontMatterError("front-matter-too-deep", message, line)


def _too_many(limit: int = MAX_VALUES) -> FrontMatterError:
    message = f"the front matter holds more than {limit:,} values; shorten it"
    return FrontMatterError("front-matter-too-large", message)
