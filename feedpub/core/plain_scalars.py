"""The texts, lists and maps of plain YAML, once it is known which lines are theirs.

As `feedpub.core.plain_yaml`, whose parts these are, each function gives what PyYAML gives, or None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_letters, digits

from feedpub.core.front_values import is_secret
from feedpub.core.model import Value

NULLS = frozenset({"~", "null", "Null", "NULL"})
"""The plain scalars that stand for nothing."""

# Between double quotes; halves of surrogate pairs are an error to libyaml.
_DOUBLE = r'[^"\\]*+(?:\\(?:["\\/nrt]|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4})[^"\\]*+)*+'
_SINGLE = r"[^']*+(?:''[^']*+)*+"
_COMMENT = r"(?: ++#.*+)?"

_OUTSET = frozenset("./_$+(~=^;<\\" + digits + ascii_letters)
_IN_DOUBLE = re.compile(f'"({_DOUBLE})"{_COMMENT}').fullmatch
_IN_SINGLE = re.compile(f"'({_SINGLE})'{_COMMENT}").fullmatch
_ESCAPE = re.compile(r"\\(?:u(....)|(.))").sub
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}

# Text without quotes in brackets: its first character is of `_OUTSET`, or not ASCII.
_WORD = r'[^\0- ",:?\[\]{}]'
_WORDS = rf"[^\0-#%-'),\-:>?@\[\]`{{|}}*!]{_WORD}*+(?: ++(?!#){_WORD}++)*+"
_PIECE = f"\"{_DOUBLE}\"|'{_SINGLE}'|{_WORDS}"
_PAIR = rf"[A-Za-z0-9_][A-Za-z0-9_.$-]*+: ++(?:{_PIECE})"
_PAIRS = re.compile(rf"([A-Za-z0-9_][A-Za-z0-9_.$-]*+): ++({_PIECE})").findall
_PIECES = re.compile(_PIECE).findall
_LIST = re.compile(
    rf"\[((?: *+(?:{_PIECE}) *+,)*+ *+(?:(?:{_PIECE}) *+)?)\]{_COMMENT}",
).fullmatch
_MAP = re.compile(rf"\{{((?: *+{_PAIR} *+,)*+ *+(?:{_PAIR} *+)?)\}}{_COMMENT}").fullmatch

_BLOCK = re.compile(rf"([|>])([+-]?){_COMMENT}").fullmatch
_FOLD = re.compile(r"^([^ \n].*+)\n(\n*+)(?=[^ \n])", re.MULTILINE).sub
_BREAKS = re.compile(r"\n(\n*+)").sub


def scalar(written: str) -> Value | None:
    """Return the value that stands in one line, or None; trailing spaces are gone already.

    In a text without quotes, a colon or hash that may end it is for others to see.
    """
    first = written[:1]
    if first == '"':
        if written.find('"', 1) == len(written) - 1 and "\\" not in written:
            return written[1:-1]
        return quoted(written)
    if first in _OUTSET or first > "\x7f":
        if ": " in written or " #" in written or written[-1] == ":":
            return None
        return "" if written in NULLS else written
    return _unusual(written)


def _unusual(written: str) -> Value | None:
    """Return a single-quoted text, a negative number, or what stands in brackets."""
    first = written[:1]
    if first == "'":
        if written.find("'", 1) == len(written) - 1:
            return written[1:-1]
        return quoted(written)
    if first == "-" and written[1:2].isdecimal():
        return None if scalar(written[1:]) is None else written
    return _bracketed(written) if first in {"[", "{"} else None


def quoted(written: str) -> str | None:
    """Return what stands between quotes, with the few escapes that are known here."""
    if found := _IN_DOUBLE(written):
        return _ESCAPE(_unescaped, found[1]) if "\\" in written else found[1]
    found = _IN_SINGLE(written)
    return found[1].replace("''", "'") if found else None


def _unescaped(escape: re.Match[str]) -> str:
    code, sign = escape.groups()
    return chr(int(code, 16)) if code else _ESCAPED.get(sign, sign)


def _bracketed(written: str) -> Value | None:
    """Return a list or map of scalars in brackets; one with a key given twice is for others to see."""
    if found := _LIST(written):
        return [scalar(piece) or "" for piece in _PIECES(found[1])]
    found = _MAP(written)
    if found is None:
        return None
    pairs = _PAIRS(found[1])
    fields = {key: scalar(piece) or "" for key, piece in pairs if not is_secret(key)}
    given = {key for key, _ in pairs}
    return fields if len(given) == len(pairs) else None


def is_plain(written: str) -> bool:
    """Tell whether written is a text without quotes, and surely all of it."""
    return written[:1] not in {'"', "'"} and isinstance(scalar(written), str)


def folded(pieces: Sequence[str]) -> str:
    """Join the lines of a text without indentation: a line end is a space, or as many as are blank."""
    return _BREAKS(lambda breaks: breaks[1] or " ", "\n".join(pieces))


def block_scalar(header: str, lines: Sequence[str], width: int) -> str | None:
    """Return the text under `|` or `>`, whose lines are indented by width; all end in a line end."""
    found = _BLOCK(header)
    if found is None:
        return None
    style, chomping = found.groups()
    text = "\n".join(line[width:] for line in lines) + "\n"
    if style == ">":
        text = _FOLD(lambda line: line[1] + (line[2] or " "), text)
    if chomping == "+":
        return text
    return text.rstrip("\n") + ("" if chomping else "\n")
