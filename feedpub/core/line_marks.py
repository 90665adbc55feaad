"""What is edited within lines of Markdown: bare addresses, and marks that only some generators read (C8).

They are looked for in what is text to the Markdown parser, never in code. What is found is written
as HTML, or as Markdown that every dialect has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NOTHING = b"&#xfffe;"
"""Stands where a mark was: a sign in Markdown, and a character that no output has (C3)."""

FAR = 300
"""How far back a line is looked at, so that one long line costs no more."""

RAISING = frozenset({"mkdocs", "quarto"})
"""Generators that lower `~x~` and raise `^x^`."""

_NAMING = frozenset({"docusaurus", "mkdocs"})  # where `:name:` is an emoji
_NOTING = frozenset({"obsidian", "quarto", "eleventy"})  # where `^[…]` is a footnote
_LITERAL_ADDRESSES = frozenset(
    {"jekyll", "zola", "pelican", "eleventy", "mkdocs"}
)  # that are no links

_ATTRIBUTES = (
    rb"(?:[ \t]*(?:[.#][\w\x80-\xff:-]+|[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w%.-]+)))+[ \t]*"
)
_GENERATOR_MARK = re.compile(
    rb"\{(?:-|:[^{}\n]*|#[\w\x80-\xff:-]+|/\*[^{}]*\*/|[ \t]?(?=[.#])" + _ATTRIBUTES + rb")\}"
).match
AFTER_LINK = re.compile(rb"\{" + _ATTRIBUTES + rb"\}").match
_LINE_END = re.compile(rb"[ \t]*+(?:\n|\Z)").match
_NEXT_ITEM = re.compile(rb"[ \t]*+\n[ \t]*+(?:[-+*]|[0-9]{1,9}[.)])[ \t]").match
_CONTENTS = re.compile(rb"\{:[ \t]*toc\b").match
_INLINE_NOTE = re.compile(rb"\^\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]").match
_BLOCK_NAME = re.compile(rb"[ \t]\^[\w-]+[ \t]*(?=\n|\Z)").search
_RAISED = re.compile(rb"(?<![\\~^])([~^])([^\s~^\[]{1,80})\1(?![~^])").match
_RAISING_SIGN = re.compile(rb"[~^]").finditer
_EMOJI = re.compile(rb"(?<!\\):([a-z0-9_+-]{2,80}):").finditer
_KEYS = re.compile(rb"\+\+([\w\"-]+(?:\+[\w\"-]+){0,5})\+\+").finditer
_ICON = re.compile(rb"(?:material|fontawesome|octicons|simple)-").match
_ADDRESS_SIGN = re.compile(rb"https?://|www\.|@").finditer
_ADDRESS = re.compile(
    rb"https?://[^\s<>|`\"]+|www\.[\w-]+(?:\.[\w-]+)+[^\s<>|`\"]*"
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<=[a-zA-Z])(?![\w@-])"
).match
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-"
_MAY_PRECEDE = b"(*_~\">'["
_NEVER_LAST = b"?!.,:;*_~'\"]}"


class Edit(NamedTuple):
    """A part of Markdown, in bytes of UTF-8, that something else is read in place of.

    `again` says that what is read then may have marks that were not seen before.
    """

    start: int
    end: int
    by: bytes
    again: bool = False


def marks(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Edit]:
    """Yield what takes the place of the marks that begin in the text from `start` to `end`.

    None of them reaches beyond `limit`.
    """
    is_escaped = data[start - 1 : start] == b"\\"
    at = data.find(b"{", start + is_escaped, end)
    while at >= 0:
        mark = _GENERATOR_MARK(data, at, limit)
        if mark and (data[at - 1 : at] != b"{" or data[mark.end() : mark.end() + 1] != b"}"):
            yield _without_mark(data, at, mark.end())
        at = data.find(b"{", mark.end() if mark else at + 1, end)
    yield from _of_dialect(data, start, end, limit, dialect)


def _of_dialect(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Edit]:
    for sign in _RAISING_SIGN(data, start, end) if dialect in RAISING else ():
        if found := _RAISED(data, sign.start(), limit):
            name = b"sup" if found[1] == b"^" else b"sub"
            yield Edit(*found.span(), b"<%b>%b</%b>" % (name, found[2], name))
    for found in _KEYS(data, start, end) if dialect == "mkdocs" else ():
        keys = (b"<kbd>%b</kbd>" % key.strip(b'"').title() for key in found[1].split(b"+"))
        yield Edit(*found.span(), b"+".join(keys))
    for found in _EMOJI(data, start, end) if dialect in _NAMING else ():
        yield Edit(*found.span(), _emoji(found[1]))
    if dialect in _NOTING and (note := _INLINE_NOTE(data, end - 1)):
        name = b"[^%d-%d]" % (len(data), end)
        yield Edit(note.start(), note.end(), name)
        yield Edit(len(data), len(data), b"\n\n" + name + b": " + note[1] + b"\n", again=True)
    block = _BLOCK_NAME(data, max(start - 1, 0), min(end + 1, len(data)))
    if dialect == "obsidian" and block:
        yield Edit(*block.span(), b"")


def _without_mark(data: bytes, start: int, end: int) -> Edit:
    """Return what takes the place of a generator's mark; one that is a line of its own is none."""
    line = data.rfind(b"\n", max(0, start - FAR), start) + 1
    if line and _CONTENTS(data, start):  # what stands above is only where the contents go
        above = data.rfind(b"\n", max(0, line - FAR), line - 1) + 1
        return Edit(above if above or line <= FAR else start, end, b"")
    before = data[max(line, start - FAR) : start]
    if before.strip(b"> \t") or not _LINE_END(data, end):
        return Edit(start, end, NOTHING)
    if line and (_NEXT_ITEM(data, end) or (before and b">" not in before)):
        start = line - 1  # a blank line would set the items of the list apart
    return Edit(start, end, b"", again=True)


def _emoji(name: bytes) -> bytes:
    """Return an emoji by its name, nothing for an icon of MkDocs, else the name as it is."""
    if _ICON(name):
        return b""
    import emoji  # takes a while, and few bodies have one

    return emoji.emojize(f":{name.decode()}:", language="alias").encode()


def addresses(data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield a link for each bare address that begins in the text (GFM, autolinks)."""
    if dialect in _LITERAL_ADDRESSES:
        return
    scheme = b"https://" if dialect == "hugo" else b"http://"
    done = start
    for sign in _ADDRESS_SIGN(data, start, end):
        at = sign.start()
        if sign[0] == b"@":
            name = data[max(done, at - 64) : at]
            at -= len(name) - len(name.rstrip(_NAME))
        before = data[at - 1 : at]
        if at < done or (before and not before.isspace() and before not in _MAY_PRECEDE):
            continue
        if not (found := _ADDRESS(data, at)):
            continue
        url = _without_punctuation(found[0])
        done = at + len(url)
        by = b"[%b](<%b%b>)" % (url, scheme, url) if url.startswith(b"www.") else b"<%b>" % url
        if b"\\" not in url and b"." in url:
            yield Edit(at, done, by)


def _without_punctuation(url: bytes) -> bytes:
    """Return a bare address without what belongs to the sentence around it."""
    opened, closed, end = url.count(b"("), url.count(b")"), len(url)
    while end:
        last = url[end - 1 : end]
        if last == b")" and closed > opened:
            closed -= 1
        elif last not in _NEVER_LAST:
            break
        end -= 1
    return url[:end]
