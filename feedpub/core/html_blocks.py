"""Blocks of HTML in Markdown, in which Markdown is read where its author meant it (C8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from feedpub.core.edits import BLOCK_END, Edit

_SUMMARY = re.compile(
    rb"<summary[^<>]*>(?!<!---->)((?:(?!<summary)[^\n])*?)</summary>(?P<next>\n(?=[^\s<]))?"
).search
_BREAK = re.compile(rb"(?:(?:<br[ \t]*/?>[ \t]*)++\n)++(?=\S)").match
_BARE = "\uffff".encode()
"""Begins a paragraph that is none, but a line of HTML with Markdown in it."""
ELEMENT = re.compile(rb"</?[a-zA-Z]").match
_PREFORMATTED = re.compile(rb"<(?:pre|script|style|textarea|svg)\b", re.IGNORECASE).search
_FENCE = re.compile(rb"```|~~~").search
_MULTILINE_TAG = re.compile(rb"<[a-zA-Z/](?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>")
_TAGS_ALONE = re.compile(rb"(?:<[^<>]*+>[ \t]*+)++").fullmatch
_BLOCK_TAG = re.compile(
    rb"</?(?!(?:a|abbr|b|cite|code|del|em|i|img|ins|kbd|mark|q|s|small|span|strong|su[bp]|u)\b)[a-zA-Z]"
    rb"|(?:<[^<>]*+>[ \t]*+)++\Z"
).match
_AS_MARKDOWN = re.compile(
    rb"^[ \t]*<\w+\b[^>\n]*?\smarkdown(?:=[\"']?\w+[\"']?)?(?=[\s>])[^>\n]*>[ \t]*(?=\n[^\n])",
    re.MULTILINE,
).finditer
_LONGEST_PRE = 100_000
_BLANK = re.compile(rb"^(?=[ \t]*\n)", re.MULTILINE)


def in_html(data: bytes, start: int, end: int, inline: Callable[[str], str]) -> Iterator[Edit]:
    """Yield the edits of a block of HTML, in which Markdown is read where its author meant it.

    `inline` gives the HTML of a phrase.
    """
    found = [*_AS_MARKDOWN(data, start, end)]
    if mark := _BREAK(data, start):
        found.append(mark)
    for mark in found:
        yield Edit(mark.end(), mark.end(), b"\n", again=True)
    if found:
        return
    if summary := _SUMMARY(data, start, end):
        words = inline(summary[1].decode())
        by = (
            b"<summary><!---->"
            + words.encode()
            + b"</summary>"
            + (b"\n\n" if summary["next"] else b"")
        )
        yield Edit(summary.start(), summary.end(), by, again=bool(summary["next"]))


def preformatted(data: bytes, start: int, end: int) -> Iterator[Edit]:
    """Yield the edit that keeps blank lines of `<pre>` from ending the HTML that it is in."""
    opened = data.rfind(b"<pre", start, end)
    closed = data.find(b"</pre", max(opened, start), end + _LONGEST_PRE) if opened >= 0 else -1
    if closed >= end:
        yield Edit(end, closed, _BLANK.sub("\ufffe".encode(), data[end:closed]), again=True)


def in_jsx(data: bytes, start: int, end: int) -> Iterator[Edit]:
    """Yield a block of HTML of MDX, which is Markdown but for its tags, also without blank lines."""
    block = data[start:end]
    if _PREFORMATTED(block):
        return
    margin = re.sub(rb"[^>\s]", b" ", data[data.rfind(b"\n", 0, start) + 1 : start])
    code = _FENCE(block)
    head = block[: code.start()] if code else block
    tail = block[len(head) :]
    block = _MULTILINE_TAG.sub(lambda tag: b" ".join(tag[0].split(b"\n")), head) + tail
    lines, indent, fence = list[bytes](), 0, b""
    for text in block.split(b"\n"):
        line = text.removeprefix(margin)
        begun = line.lstrip(b" \t")
        if begun.startswith((fence or b"```", fence or b"~~~")):
            fence = b"" if fence else begun[:3]
        elif not fence and _BLOCK_TAG(begun):
            lines += [BLOCK_END + begun] if _TAGS_ALONE(begun) else [b"", _BARE + begun, b""]
            indent = -1
            continue
        indent = len(line) - len(begun) if indent < 0 else indent
        lines.append(line[min(indent, len(line) - len(begun)) :])
    yield Edit(start, end, (b"\n" + margin).join(lines), again=True)
