"""YAML front matter to plain values, every scalar as its source string (S4).

What is plain is read by `feedpub.core.plain_yaml`. Of all else PyYAML composes nodes, on libyaml
where it is there; its resolvers and constructors, which take `No` for false and `1.10` for 1.1 and
cost most of its time, have no part in it.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import yaml
from yaml.nodes import MappingNode, ScalarNode
from yaml.reader import ReaderError

from feedpub.core.front_values import (
    MAX_DEPTH,
    MAX_VALUES,
    Front,
    FrontMatterError,
    is_secret,
    too_deep,
    too_many,
)
from feedpub.core.model import Value
from feedpub.core.plain_scalars import NULLS
from feedpub.core.plain_yaml import read_plain

LIBYAML: bool = yaml.__with_libyaml__
"""Whether PyYAML has its C parser; without it reading is about ten times slower."""

_Fields: TypeAlias = dict[str, Value]
_Node: TypeAlias = Any  # the stubs of PyYAML say that every node has a tag; ours have none
_Base: type[Any] = yaml.CSafeLoader if LIBYAML else yaml.SafeLoader

# What the reader refuses anywhere in YAML. In titles it is debris that C3 removes later anyway.
UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)

# Line ends to YAML 1.1 only; one pasted into a title would break it, and every line count.
_ODD_LINE_ENDS = ("\x85", "\u2028", "\u2029")

# An anchor or alias where a node can begin: `AT&T`, `?a=1&b=2`, `&nbsp;` and `*bold*` are not.
_ANCHOR = re.compile(r"[&*](?<![^\s\[{,:?-][&*])[\w-]+(?![^\s,\]}?:%@`])")

# A line that opens this many levels at most has fewer than that many of these before its text.
_DEEP_LINE = re.compile(r"\n[ \t\-?:]{32}")
_LONG = 65_536

_ADVICE = {
    "mapping values are not allowed": "a text with a colon and a space in it needs quotes",
    "found character": "a text that starts with @, ` or % needs quotes, and no tab may indent",
    "could not find expected ':'": "a line before this one is neither `key: value` nor a list item",
    "found unexpected end of stream": "a quote is never closed",
    "found unknown escape character": "a backslash in double quotes must be doubled",
    "found invalid Unicode": "an escape in double quotes stands for no character",
    "found unexpected document": "it must be one YAML document",
}


class _Composer(_Base):  # type: ignore[misc]  # which of PyYAML's loaders is known at run time
    """Composes nodes whose tag is None unless one is written."""

    def resolve(self, kind: object, value: object, implicit: object) -> None:
        """Give no tag: what a scalar means is for its field to say."""

    def descend_resolver(self, parent: object, index: object) -> None:
        """Skip the bookkeeping of path resolvers, which are not used."""

    def ascend_resolver(self) -> None:
        """Skip the bookkeeping of path resolvers, which are not used."""


def read_yaml(text: str) -> Front:
    """Read one YAML document that is a map, or nothing at all.

    Raises `FrontMatterError`, and nothing else for any text.
    """
    for odd in _ODD_LINE_ENDS:
        if odd in text:
            text = text.replace(odd, " ")
    return read_plain(text) or read_in_full(text)


def read_in_full(text: str) -> Front:
    """Read, as `read_yaml` does, a text without odd line ends, and all of it on PyYAML."""
    try:
        return _read_printable(text)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise FrontMatterError("front-matter-invalid", "not valid YAML") from None


def _read_printable(text: str) -> Front:
    try:
        return _read(text)
    except ReaderError:
        return _read(UNPRINTABLE.sub("", text))


def _read(text: str) -> Front:
    if _is_suspicious(text):
        _check_events(text)
    root = _Composer(text).get_single_node()
    if root is None:
        return Front({}, {}, [])
    if not isinstance(root, MappingNode):
        message = "the front matter is not made of `key: value` lines"
        raise FrontMatterError("front-matter-not-a-map", message, _line(root))
    reading = _Reading()
    fields = reading.mapping(root)
    lines = {key.value: _line(key) for key, _ in root.value if key.value in fields}
    return Front(fields, lines, reading.repeated)


def _is_suspicious(text: str) -> bool:
    """Tell cheaply whether text may be too deep or too long, or hold anchors or aliases."""
    return (
        text.count("[") + text.count("{") > MAX_DEPTH // 2 - 1
        or len(text) > _LONG
        or _DEEP_LINE.search(text) is not None
        or _DEEP_LINE.match("\n" + text[:40]) is not None
        or (("&" in text or "*" in text) and _ANCHOR.search(text) is not None)
    )


def _check_events(text: str) -> None:
    """Raise for nesting, length, anchors and aliases that are not allowed, before any node."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Composer)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise too_deep(_line(event))
        if count > MAX_VALUES:
            raise too_many()
        if getattr(event, "anchor", None) is not None:
            raise _sharing(_line(event))


class _Reading:
    """Turns nodes into values and notes the keys given twice."""

    def __init__(self) -> None:
        self.repeated: list[int | None] = []

    def mapping(self, node: _Node) -> _Fields:
        """Return the fields of a map, without secrets; the last of equal keys wins."""
        fields: _Fields = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if is_secret(key):
                continue
            if key in fields:
                self.repeated.append(_line(key_node))
            fields[key] = self.value(value_node)
        if node.tag is not None or "<<" in fields:
            raise _sharing(_line(node))
        return fields

    def key(self, node: _Node) -> str:
        """Return a key as written; a map or list cannot be one."""
        if node.tag is not None:
            raise _sharing(_line(node))
        if not isinstance(node, ScalarNode):
            message = "a key is a map or a list; it must be a text"
            raise FrontMatterError("front-matter-invalid", message, _line(node))
        key: str = node.value
        return key

    def value(self, node: _Node) -> Value:
        """Return a node as a string, list or map of them."""
        if isinstance(node, MappingNode):
            return self.mapping(node)
        if node.tag is not None:
            raise _sharing(_line(node))
        if isinstance(node, ScalarNode):
            value: str = node.value
            return "" if value in NULLS and not node.style else value
        return [self.value(child) for child in node.value]


def _line(marked: Any) -> int:
    """Return where a node or an event begins."""
    line: int = marked.start_mark.line
    return line


def _sharing(line: int) -> FrontMatterError:
    message = "YAML anchors (&), aliases (*), merges (<<) and tags (!) are not read; write it out"
    return FrontMatterError("front-matter-alias", message, line)


def _explained(error: yaml.MarkedYAMLError, text: str) -> FrontMatterError:
    """Say what is wrong in our own words: PyYAML's may quote what it met (S2)."""
    mark = error.problem_mark
    # What is left open is found missing only at the end; where it began says more.
    if error.context_mark and (mark is None or not text[mark.index :].strip()):
        mark = error.context_mark
    # The end of the text is the closing fence, where nothing is wrong.
    line = None if mark is None else min(mark.line, text.rstrip().count("\n"))
    problem = error.problem or ""
    advice = next((say for start, say in _ADVICE.items() if problem.startswith(start)), None)
    message = f"not valid YAML: {advice or 'check quotes, brackets and indentation'}"
    return FrontMatterError("front-matter-invalid", message, line)
