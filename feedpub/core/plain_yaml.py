"""The YAML that desks and generators write, read line by line, ten times as fast as PyYAML.

Taken are `key: value` lines, maps and lists by indentation, and scalars and short lists on one
line. Whatever is not surely of that kind (anchors, tags, block scalars, text over several lines,
comments behind values, mistakes) is left to `feedpub.core.yaml_front`, which alone says what YAML
means: tests hold the two equal.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import TypeAlias

from feedpub.core.front_values import Front, is_secret
from feedpub.core.model import Value

_Row: TypeAlias = tuple[str, str, str, str]
"""A line: its indentation, `- ` or '', a key or '', and what follows."""

_END: _Row = ("", "", "", "end")

_LONGEST = 65_536
"""Characters that are looked at; what is longer is counted first, as PyYAML's events (S4)."""

# The indentation bounds how deep maps and lists can be: far less than `MAX_DEPTH`.
_LINE = re.compile(
    r"^( {0,30}+)(- {1,9}+)?+(?:([A-Za-z0-9_][\w.$-]{0,99}+):(?: ++|$))?+(.*+)",
    re.ASCII | re.MULTILINE,
).findall
_TRAILING = re.compile(" +$", re.MULTILINE).sub

# What the reader of libyaml refuses, a byte order mark, and blanks and line ends beyond space and
# line feed: all that is left is nothing but text to a scanner.
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]").search

_ASCII = b"\n" + bytes(range(0x20, 0x7F))

NULLS = frozenset({"~", "null", "Null", "NULL"})
"""The plain scalars that stand for nothing."""

_OUTSET = frozenset("./_$+(~=^;<\\" + digits + ascii_letters)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\["\\/nrt])*+)"').fullmatch
_SINGLE = re.compile(r"'((?:[^']|'')*+)'").fullmatch
_ESCAPE = re.compile(r"\\(.)").sub
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_PIECE = r""" *+(?:"[^"\\,]*+" *+|'[^',]*+' *+|[\w.][\w .+/&-]*+)"""
_FLOW = re.compile(rf"\[{_PIECE}(?:,{_PIECE})*+\]").fullmatch


class _UnsureError(Exception):
    """The text has something that PyYAML must judge."""


def read_plain(text: str) -> Front | None:
    """Read YAML as `read_yaml` does, or return None for what needs PyYAML; never raises."""
    if len(text) > _LONGEST or _is_odd(text):
        return None
    if " \n" in text or text.endswith(" "):
        text = _TRAILING("", text)
    reading = _Reading(_LINE(text))
    try:
        fields = reading.mapping("")
    except _UnsureError:
        return None
    whole = fields and reading.at_end()
    return Front(fields, reading.lines, reading.repeated) if whole else None


def _is_odd(text: str) -> bool:
    """Tell whether text holds what is no text to YAML; what is not ASCII is looked at singly."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    beyond = rest.decode("utf-8", "surrogatepass")
    return not beyond.isprintable() and _ODD(beyond) is not None


class _Reading:
    """The lines from the top; each part takes those that belong to it, and leaves the next.

    Indentations are compared as the strings of spaces that they are.
    """

    def __init__(self, rows: list[_Row]) -> None:
        self._rows = [*rows, _END]
        self._at = 0
        self.lines: dict[str, int] = {}
        self.repeated: list[int | None] = []

    def at_end(self) -> bool:
        """Tell whether all lines have found their place."""
        return self._at == len(self._rows) - 1

    def mapping(self, indent: str) -> dict[str, Value]:
        """Read the lines `key: …` from here on that are indented so."""
        rows, fields, at = self._rows, dict[str, Value](), self._at
        while True:
            begins, dash, key, rest = rows[at]
            if begins != indent or dash or not key:
                self._at = at
                if dash or key or not self._skips():
                    return fields
                at += 1
                continue
            at += 1
            if len(key) == 7 and is_secret(key):
                _scalar(rest)  # or unsure, if it is none
                continue
            if key in fields:
                self.repeated.append(at - 1)
            if not indent:
                self.lines[key] = at - 1
            if rest:
                fields[key] = _scalar(rest)
            else:
                self._at = at
                fields[key] = self._below(indent)
                at = self._at

    def _skips(self) -> bool:
        """Pass over a line that says nothing: a blank one, or a comment."""
        _, dash, key, rest = self._rows[self._at]
        silent = not dash and not key and (not rest or rest[0] == "#")
        self._at += silent
        return silent

    def _below(self, indent: str) -> Value:
        """Read the value of a key that stands alone in its line: what is indented more."""
        begins, dash, key, _ = self._rows[self._at]
        while not dash and not key and self._skips():
            begins, dash, key, _ = self._rows[self._at]
        if dash and begins >= indent:
            return self._sequence(begins)
        return self.mapping(begins) if key and begins > indent else ""

    def _sequence(self, indent: str) -> list[Value]:
        rows, values = self._rows, list[Value]()
        while True:
            begins, dash, key, rest = rows[self._at]
            if begins != indent or not dash:
                if dash or key or not self._skips():
                    return values
            elif key:
                inner = begins + " " * len(dash)
                rows[self._at] = (inner, "", key, rest)
                values.append(self.mapping(inner))
            else:
                self._at += 1
                values.append(_scalar(rest))


def _scalar(written: str) -> Value:
    """Return the value that stands in one line; trailing spaces are gone already.

    In a text without quotes, a colon or hash that may end it is for PyYAML to see.
    """
    first = written[:1]
    if first == '"':
        if written.find('"', 1) == len(written) - 1 and "\\" not in written:
            return written[1:-1]
        return _quoted(written)
    if first in _OUTSET or first > "\x7f":
        if ": " in written or " #" in written or written[-1] == ":":
            raise _UnsureError
        return "" if written in NULLS else written
    return _unusual(written)


def _quoted(written: str) -> str:
    """Return what stands between quotes, with the few escapes that are known here."""
    if found := _DOUBLE(written):
        return _ESCAPE(lambda escape: _ESCAPED.get(escape[1], escape[1]), found[1])
    if found := _SINGLE(written):
        return found[1].replace("''", "'")
    raise _UnsureError


def _unusual(written: str) -> Value:
    """Return a single-quoted text, a negative number, an empty map or a list in brackets."""
    if written[:1] == "'":
        return _quoted(written)
    if written[:1] == "-" and written[1:2].isdecimal():
        return _scalar(written[1:]) and written
    if written == "{}":
        return {}
    if written == "[]":
        return []
    if not _FLOW(written):
        raise _UnsureError
    return [_scalar(piece.strip(" ")) for piece in written[1:-1].split(",")]
