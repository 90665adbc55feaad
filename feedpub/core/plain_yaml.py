"""The YAML that desks, generators and bloggers write, read line by line, ten times as fast as PyYAML.

Taken are `key: value` lines, maps and lists by indentation, comments, and texts of all kinds.
Whatever is not surely of that kind (anchors, tags, brackets in brackets, mistakes) is left to
`feedpub.core.yaml_front`, which alone says what YAML means: tests hold the two equal.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from feedpub.core.front_values import Front, is_secret
from feedpub.core.model import Value
from feedpub.core.plain_lines import Lines, UnsureError
from feedpub.core.plain_scalars import is_plain, scalar

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

# A key in quotes that says no more than it does without them, and what follows.
_QUOTED_KEY = re.compile(
    r"""(["'])([A-Za-z0-9_][\w.$-]{0,99}+)\1:(?: ++|$)(.*+)""",
    re.ASCII,
).fullmatch

_BLANK: _Row = ("", "", "", "")


def read_plain(text: str) -> Front | None:
    """Read YAML as `read_yaml` does, or return None for what needs PyYAML; never raises."""
    if len(text) > _LONGEST or _is_odd(text):
        return None
    bare = _TRAILING("", text) if " \n" in text or text.endswith(" ") else text
    reading = _Reading(_LINE(bare), text)
    try:
        fields = reading.mapping("")
    except UnsureError:
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

    def __init__(self, rows: list[_Row], text: str) -> None:
        self._rows = [*rows, _END]
        self._text = text
        self._written: Lines | None = None
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
                if dash or key or not (self._passes() or self._extends(fields, indent)):
                    return fields
                at = self._at
                continue
            at += 1
            if len(key) == 7 and key[0] in "sS" and is_secret(key):
                self._at = at
                self._secret(rest, indent)
                at = self._at
                continue
            if key in fields:
                self.repeated.append(at - 1)
            if not indent:
                self.lines[key] = at - 1
            value = scalar(rest) if rest else None
            if value is None:
                self._at = at
                value = self._value(rest, indent)
                at = self._at
            fields[key] = value

    def _secret(self, rest: str, indent: str) -> None:
        """Pass over a value; of what is below it not even the keys given twice may be known."""
        if rest[:1] in {"", "#"}:
            raise UnsureError
        if scalar(rest) is None:
            self._value(rest, indent)

    def _passes(self) -> bool:
        """Pass over a line that says nothing, or take the quotes from the key that it begins with."""
        begins, dash, key, rest = self._rows[self._at]
        if dash or key:
            return False
        if not rest or rest[0] == "#":
            self._at += 1
            return True
        return self._unquotes(begins, dash, rest)

    def _unquotes(self, begins: str, dash: str, rest: str) -> bool:
        """Take the quotes from the key that this line begins with, if there are any."""
        found = _QUOTED_KEY(rest)
        if found:
            self._rows[self._at] = (begins, dash, found[2], found[3])
        return found is not None

    def _below(self, indent: str) -> Value:
        """Read the value of a key that stands alone in its line: what is indented more."""
        begins, dash, key, rest = self._rows[self._at]
        while not dash and not key and self._passes():
            begins, dash, key, rest = self._rows[self._at]
        if dash and begins >= indent:
            return self._sequence(begins)
        if begins <= indent:
            return ""
        if key:
            return self.mapping(begins)
        self._at += 1
        return self._value(rest, indent)

    def _sequence(self, indent: str) -> list[Value]:
        rows, values = self._rows, list[Value]()
        while True:
            begins, dash, key, rest = rows[self._at]
            if begins != indent or not dash:
                if dash or key or not (self._passes() or self._extends_item(values, indent)):
                    return values
            elif key:
                inner = begins + " " * len(dash)
                rows[self._at] = (inner, "", key, rest)
                values.append(self.mapping(inner))
            else:
                value = scalar(rest)
                if value is None and self._unquotes(begins, dash, rest):
                    continue
                self._at += 1
                values.append(self._item(rest, indent) if value is None else value)

    def _item(self, rest: str, indent: str) -> Value:
        """Read an item that is not surely all in its line."""
        if rest[:1] in {"", "#"}:
            raise UnsureError
        return self._value(rest, indent)

    def _value(self, rest: str, indent: str) -> Value:
        """Read the value of which `rest` may be but the first line."""
        if not rest or rest[0] == "#":
            return self._below(indent)
        lines = self._written = self._written or Lines(self._text)
        lines.at = self._at
        value = lines.value(rest, indent)
        self._at = lines.at
        return value

    def _extends(self, fields: dict[str, Value], indent: str) -> bool:
        """Let the text of the last key go on in this line, if it is indented more."""
        key, text = self._begun(indent)
        if key not in fields:
            return False
        fields[key] = self._value(text, indent)
        return True

    def _extends_item(self, values: list[Value], indent: str) -> bool:
        """Let the text of the last item go on in this line, if it is indented more."""
        key, text = self._begun(indent)
        if key or not text:
            return False
        values[-1] = self._value(text, indent)
        return True

    def _begun(self, indent: str) -> tuple[str, str]:
        """Go back to the last line that says something, if this may be more of it.

        Returns its key and its text without quotes, or nothing.
        """
        rows, start = self._rows, self._at - 1
        if rows[self._at][0] <= indent:
            return "", ""
        while rows[start] == _BLANK:
            start -= 1
        begins, _, key, text = rows[start]
        if begins != indent or not is_plain(text):
            return "", ""
        self._at = start + 1
        return key, text
