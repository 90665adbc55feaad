"""JSX as MDX has it within Markdown: elements, expressions, imports and exports; nothing is run.

Braces are paired once for the whole source, so that reading takes as long as the source is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from feedpub.core.verbatim import BLOCK

IMPORT = re.compile(
    r"^import[ \t]++(?:(?:type[ \t]+)?(?:(?P<name>[\w$]+)[ \t]*,?[ \t]*)?"
    r"(?:\{[^{}\"'<]*\}|\*[ \t]*as[ \t]+[\w$]+)?\s*\bfrom\b\s*)?[\"'](?P<file>[^\"'\n]+)[\"'][^\n]*",
    re.MULTILINE,
)
MODULE = (
    rf"(?P<imported>{re.sub(r'P<[a-z]+>', ':', IMPORT.pattern)})"
    + r"|^export[ \t]++(?:(?:const|let|var|function|class|async|type|interface)[ \t]"
    + r"|default[ \t]++(?:function|class|\(|\w+;?\s*$)|[{*])"
)
"""Imports, whole, and the beginning of exports; prose that begins with such a word is none."""

COMPONENT = r"</?(?=[A-Z]\w*?[a-z])(?P<component_name>[\w.]++)"
"""The beginning of a component's tag: a capital and a small letter, not the <BR> of old pages."""

ELEMENT = r"</?(?:(?P<element_name>[A-Za-z][\w.:-]*+)|(?=>))"
"""The beginning of any element's tag, or of a fragment's, as only MDX has them."""

EXPRESSION = r"(?<!\\)\{(?!%|[#:][^{}\n]*\})"
"""The beginning of an expression in text; a heading's id and marks of other generators are none."""

_BRACES = re.compile(
    r"([\"'])[^\"'\w\n]{0,9}\1|\\[{}]|\{\s*+(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')\s*+\}|[{}]|"
    + BLOCK
).finditer
_ATTRIBUTE = re.compile(
    r"\s*+(?:(?P<name>[A-Za-z_@:][\w:.@-]*+)(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\""
    r"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"'<>={}`]++)|(?P<brace>\{)))?+|(?P<spread>\{))"
).match
_ELEMENT_END = re.compile(r"\s*+(/?)>").match
_STATEMENT_PART = re.compile(r"[{`]|\n(?=[ \t\r]*+(?:\n|\Z))|\Z|" + BLOCK).search
_QUOTED = re.compile(r"([\"'`])((?:(?!\1|\$\{).)*)\1", re.DOTALL).fullmatch
_FILE = re.compile(r"(?:require|useBaseUrl)\(\s*[\"']([^\"'\n]+)[\"']\s*\)(?:\.default)?").fullmatch
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|true").fullmatch


_MOST_BLANK_LINES = 50
"""How many of them a statement may have within parentheses."""


class Tag(NamedTuple):
    """A tag of an element up to `end`; an attribute that is an expression not known is None."""

    end: int
    is_alone: bool
    attributes: Mapping[str, str | None]


class Scanner:
    """Reads JSX of `source`; `masked` is the same with what is no JSX, as code, masked."""

    def __init__(self, source: str, masked: str) -> None:
        self._source = source
        self._masked = masked
        self._files = {
            found["name"]: found["file"] for found in IMPORT.finditer(masked) if found["name"]
        }

    @cached_property
    def _closing(self) -> dict[int, int]:
        """The place after the closing brace of each opening one."""
        closing, opened = dict[int, int](), list[int]()
        for brace in _BRACES(self._masked):
            if brace[0] == BLOCK:
                opened.clear()
            elif len(brace[0]) > 1 and not brace[1]:  # not in a string of signs, as "}"
                closing[brace.start()] = brace.end()
            elif brace[0] == "{":
                opened.append(brace.start())
            elif opened and not brace[1]:
                closing[opened.pop()] = brace.end()
        return closing

    def tag(self, at: int) -> Tag | None:
        """Return the tag whose name ends at `at`, or None if it is no tag."""
        attributes = dict[str, str | None]()
        while found := _ATTRIBUTE(self._masked, at):
            start, at = found.end(), found.end()
            if found["brace"] or found["spread"]:
                end = self._closing.get(start - 1)
                if end is None:
                    return None
                at, value = end, self.value(self._source[start : end - 1])
            else:
                kind = next((k for k in ("double", "single", "bare") if found[k] is not None), None)
                value = self._source[found.start(kind) : found.end(kind)] if kind else ""
            if found["name"]:
                attributes[found["name"]] = value
        end_mark = _ELEMENT_END(self._masked, at)
        return Tag(end_mark.end(), bool(end_mark[1]), attributes) if end_mark else None

    def expression_end(self, at: int) -> int | None:
        """Return where the expression ends that begins at `at`, None if it does not."""
        return self._closing.get(at)

    def statement_end(self, at: int) -> int:
        """Return where the statement around `at` ends: at a blank line outside of brackets."""
        first = end = self._blank_line(at)
        opened = 0
        for _ in range(_MOST_BLANK_LINES):
            part = self._masked[at:end]
            opened += part.count("(") - part.count(")")
            if opened <= 0 or end == len(self._masked):
                break
            at, end = end, self._blank_line(end + 1)
        return end if opened <= 0 else first

    def _blank_line(self, at: int) -> int:
        """Return where the first blank line after `at` is that is outside of braces."""
        while True:
            found = _STATEMENT_PART(self._masked, at)
            if not found or found[0] not in {"{", "`"}:
                return found.start() if found else len(self._masked)
            if found[0] == "{":
                at = self._closing.get(found.start(), found.end())
            else:  # a text of several paragraphs
                at = max(found.end(), self._masked.find("`", found.end()) + 1)

    def value(self, code: str) -> str | None:
        """Return what an expression is: a string, a number, an imported file; None if unknown."""
        code = code.strip()
        if quoted := _QUOTED(code):
            return quoted[2]
        if file := _FILE(code):
            return file[1]
        if _PLAIN(code):
            return code
        return self._files.get(code.removesuffix(".src"))
