"""Marks within lines that only some generators read: keys, icons, raised text, pictures (C8).

They are looked for in what is text to the Markdown parser, never in code. What is found is written
as HTML, or as Markdown that every dialect has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

_NONE = frozenset({""})
_MKDOCS = frozenset({"mkdocs"})
RAISING = frozenset({"mkdocs", "quarto"})
"""Generators that lower `~x~` and raise `^x^`."""

_NAMED = frozenset({"docusaurus", "mkdocs"})

_NAME = ":[a-z0-9_+-]{2,40}:"
_NEEDED = {  # what tells that a source may have such a mark
    "": re.compile(r"!\[\[").search,
    "docusaurus": re.compile(rf"{_NAME}|^[ \t>]*</?[a-zA-Z]", re.MULTILINE).search,
    "obsidian": re.compile(r"[ \t]\^[\w-]+[ \t]*$", re.MULTILINE).search,
    "mkdocs": re.compile(rf"\+\+|\^\S|~\S|{_NAME}").search,
    "quarto": re.compile(r"\^\S|~\S|^[ \t>]*: ", re.MULTILINE).search,
}
_SIGN = re.compile(rb"[+^~:!]").finditer


class Mark(NamedTuple):
    """A part of Markdown, in bytes of UTF-8, and what is read in its place."""

    start: int
    end: int
    by: bytes


def _element(name: str) -> Callable[[re.Match[bytes]], bytes]:
    begin, end = f"<{name}>".encode(), f"</{name}>".encode()
    return lambda found: begin + found[1] + end


def _keys(found: re.Match[bytes]) -> bytes:
    names = (escape(key.strip('"')) for key in found[1].decode().split("+"))
    return "+".join(f"<kbd>{name[:1].upper()}{name[1:]}</kbd>" for name in names).encode()


def _picture(found: re.Match[bytes]) -> bytes:
    words = re.sub(rb"\|?[0-9]+(?:x[0-9]+)?\Z", b"", found[2] or b"") or found[1]
    return b"![" + words.rstrip(b"\\") + b"](<" + found[1].rstrip(b"\\") + b">)"


def _emoji(found: re.Match[bytes]) -> bytes:
    import emoji  # takes a while, and few bodies have one

    return emoji.emojize(found[0].decode(), language="alias").encode()


_MARKS = (
    (_MKDOCS, re.compile(rb"\+\+([\w\"-]+(?:\+[\w\"-]+){0,5})\+\+").match, _keys),
    (
        _MKDOCS,
        re.compile(rb":(?:material|fontawesome|octicons|simple)-[\w-]{1,80}:").match,
        lambda _: b"",
    ),
    (_NAMED, re.compile(_NAME.encode()).match, _emoji),
    (_MKDOCS, re.compile(rb"\^\^([^\s^](?:[^\n^]{0,400}[^\s^])?)\^\^").match, _element("ins")),
    (RAISING, re.compile(rb"\^([^\s^\[]{1,80})\^").match, _element("sup")),
    (RAISING, re.compile(rb"~([^\s~]{1,80})~(?!~)").match, _element("sub")),
    (
        _NONE,
        re.compile(
            rb"!\[\[([^][|#\n]{1,300}\.(?:png|jpe?g|gif|svg|webp|avif)\\?)(?:\|([^][\n]{0,300}))?\]\]",
            re.IGNORECASE,
        ).match,
        _picture,
    ),
)  # fmt: skip


def may_be_in(source: str, dialect: str) -> bool:
    """Say whether Markdown may have such a mark; quick."""
    needed = _NEEDED.get(dialect)
    return needed is not None and needed(source) is not None


def found(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Mark]:
    """Yield the marks that begin in the text from `start` to `end` and end before `limit`."""
    if dialect not in _NEEDED:
        return
    done = start
    for sign in _SIGN(data, start, end):
        at = sign.start()
        if at < done or data[at - 1 : at] in {b"\\", b"~"}:
            continue
        for dialects, match, by in _MARKS:
            if dialect in dialects and (mark := match(data, at, limit)):
                done = mark.end()
                yield Mark(at, done, by(mark))
                break
