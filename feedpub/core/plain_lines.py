"""The values of plain YAML that stand in several lines: folded, in quotes, in brackets, in blocks.

As in `feedpub.core.plain_yaml`, whose part this is, what is not sure is left to PyYAML.
"""

from __future__ import annotations

import re

from feedpub.core.model import Value
from feedpub.core.plain_scalars import NULLS, block_scalar, folded, is_plain, scalar

_CLOSES = {
    '"': re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"').match,
    "'": re.compile(r"[^']*+(?:''[^']*+)*+'").match,
}
_CLOSERS = {"[": "]", "{": "}"}


class UnsureError(Exception):
    """The text has something that PyYAML must judge."""


class Lines:
    """The lines of a text as they were written, of which values take the next ones.

    `at` is the next line. `indent` is that of the map or list which a value is in: its lines have
    more. All methods raise `UnsureError`.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.at = 0

    def value(self, first: str, indent: str) -> Value:
        """Return the value that begins with `first` and may go on in the lines from `at` on."""
        sign = first[0]
        if sign in _CLOSES:
            return self._quoted(first, indent)
        if sign in _CLOSERS:
            return self._bracketed(first, indent)
        if sign in "|>":
            return self._block(first, indent)
        if is_plain(first):
            return self._plain(first, indent)
        return _sure(scalar(first.partition(" #")[0].rstrip(" ")))

    def _plain(self, first: str, indent: str) -> str:
        """Read text without quotes: it ends before what is not indented more, or is a comment."""
        pieces, size = [first], 1
        for at in range(self.at, len(self._lines)):
            line = self._lines[at]
            piece = line.strip(" ")
            if piece:
                if not line.startswith(indent + " ") or piece[0] == "#":
                    break
                if ": " in piece or " #" in piece or piece[-1] == ":":
                    raise UnsureError
                size = len(pieces) + 1
            pieces.append(piece)
        self.at += size - 1
        text = folded(pieces[:size])
        return "" if text in NULLS else text

    def _quoted(self, first: str, indent: str) -> Value:
        pieces, closes = [first[1:]], _CLOSES[first[0]]
        while not closes(pieces[-1]):
            pieces.append(self._next(indent))
        return _sure(scalar(first[0] + folded(pieces)))

    def _bracketed(self, first: str, indent: str) -> Value:
        pieces, closer = [first], _CLOSERS[first[0]]
        while closer not in pieces[-1]:
            pieces.append(self._next(indent, closer))
            if not pieces[-1]:
                raise UnsureError
        return _sure(scalar(" ".join(pieces)))

    def _next(self, indent: str, closer: str = "") -> str:
        """Take the next line; what closes brackets need not be indented more."""
        line = self._lines[self.at] if self.at < len(self._lines) else "-"
        piece = line.strip(" ")
        closed = closer and piece.startswith(closer) and line.startswith(indent)
        if piece and not closed and not line.startswith(indent + " "):
            raise UnsureError
        self.at += 1
        return piece

    def _block(self, header: str, indent: str) -> Value:
        """Read what is under `|` or `>`: its first line that is not blank has its indentation."""
        lines, start = self._lines, self.at
        first = start
        while first < len(lines) and not lines[first].strip(" "):
            first += 1
        if first == len(lines):
            raise UnsureError
        width = len(lines[first]) - len(lines[first].lstrip(" "))
        if width <= len(indent) or any(len(line) > width for line in lines[start:first]):
            raise UnsureError
        self.at = self._end_of_block(first + 1, " " * width)
        return _sure(block_scalar(header, lines[start : self.at], width))

    def _end_of_block(self, at: int, inner: str) -> int:
        """Return the first line from `at` on that is neither blank nor indented so."""
        lines = self._lines
        while at < len(lines) and (lines[at].startswith(inner) or not lines[at].strip(" ")):
            at += 1
        if at < len(lines):
            return at
        if lines[-1]:
            raise UnsureError
        return at - 1


def _sure(value: Value | None) -> Value:
    if value is None:
        raise UnsureError
    return value
