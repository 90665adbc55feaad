"""Markdown as the engine reads it: what only generators know, written out in the source before (C8).

Where the engine's own events say that something is text and not code it is edited: bare addresses,
`:::note`, MkDocs' `!!! note`, and what generators consume (kramdown's `{: .class}`, the `{#id}` of
headings). Also HTML in Markdown, in which Markdown is read where its author meant it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from feedpub.core import markup
from feedpub.core.line_marks import AFTER_LINK, FAR, NOTHING, RAISING, Edit, addresses, marks

BLOCK_END = b"<!---->"
"""Ends the block before it, also a paragraph, and is one of its own up to the end of the line."""

_MOST_READINGS = 8

_MOST_EVENTS = 200_000
"""What comes after them is not edited: so many are a thousand pages, or meant to take long."""

_BY_FOURS = frozenset({"mkdocs", "pelican"})
"""Generators with Python-Markdown, where what is in a list is indented by four, whatever its mark."""

_NAMES_LANGUAGE = re.compile(rb"[ \t]*(?::{2,}+|#!)[\w+#.-]+[ \t]*(?:hl_lines=[^\n]*)?\n").match
"""The first line of indented code where Python-Markdown reads the language there."""

_LINE = re.compile(rb"\n(?=[ \t]*+\S)").finditer
_CONTAINER = re.compile(
    rb":{3,}+[ \t]*+(?:(?P<kind>\w[\w-]*+)|\{(?P<attributes>[^}\n]*+)\})?+[ \t]*+"
    rb"(?:\[(?P<label>[^]\n]*+)\]|\{[^}\n]*+\}|(?P<title>[^\n]*+))[^\n]*+"
).match
_BRACED_LANGUAGE = re.compile(rb"\{+[ \t]*\.?([\w+#.-]+)").match
_UNSHOWN = re.compile(
    rb"\[(?:TOC|\[_?toc_?\])\](?=[ \t]*(?:\n|\Z))|\*\[[^]\n]+\]:[^\n]*", re.IGNORECASE
).match
"""Where the contents go, and what an abbreviation means."""

_FORMULA_IN_TEXT = re.compile(rb"(?<!\w)\$[^\n`]+\$").fullmatch
_KINDS = frozenset(
    b"abstract attention bug caution danger error example failure hint important info note question"
    b" quote seealso success summary tip todo warning".split()
)
"""What is said above a block that has no title; other blocks (`:::columns`) only look different."""

_CALLOUT = re.compile(rb"\.callout-(\w+)").search
_TITLED = re.compile(rb"title=[\"']([^\"'\n]*)").search
_LINE_START = re.compile(rb"[ \t]*+(?:(?:>[ \t]*+|[-+*][ \t]++|[0-9]{1,9}[.)][ \t]++))*+").fullmatch
_ADMONITION = re.compile(
    rb"(?P<margin>[ \t>]*)(?:(?:!!!|\?\?\?\+?)[ ]?(?P<kind>[\w-]+)(?:[ ]+[\w-]+)*|(?P<tab>===)[!+]*)"
    rb"[ \t]*(?:\"(?P<title>[^\n]*)\")?[ \t]*(?:\n|\Z)"
    rb"(?P<body>(?:(?P=margin)(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t>]*\n)*)"
).match
_ANCHOR = re.compile(r"<a\s", re.IGNORECASE).match
_SUMMARY = re.compile(
    rb"<summary[^<>]*>(?!<!---->)((?:(?!<summary)[^\n])*?)</summary>(?P<next>\n(?=[^\s<]))?"
).search
_BREAK = re.compile(rb"(?:(?:<br[ \t]*/?>[ \t]*)++\n)++(?=\S)").match
_BARE = "\uffff".encode()
"""Begins a paragraph that is none, but a line of HTML with Markdown in it."""
_ELEMENT = re.compile(rb"</?[a-zA-Z]").match
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


def edited(source: str, dialect: str) -> str:
    """Return Markdown without the marks of generators, and what is only meant written out.

    Where a mark ends within code, two `~` are paired, or text becomes a block, what follows is read
    in another way: it is read again, but not for ever.
    """
    for _ in range(_MOST_READINGS):
        data, parts, end, is_settled = source.encode(), list[bytes](), 0, True
        for edit in sorted(_edits(source, data, dialect)):
            if edit.start >= end:
                parts += data[end : edit.start], edit.by
                end = edit.end
                is_settled &= not edit.again and b"`" not in data[edit.start : end]
        source = (b"".join(parts) + data[end:]).decode()
        if is_settled:
            break
    return source


class _Place:
    """Where the parser is: within code, within a link, up to which byte within a cell."""

    def __init__(self, size: int) -> None:
        self.code = self.links = 0
        self._size = self.limit = size

    def follow(self, event: Any, end: int) -> None:
        """Take note of an event, whose span ends at `end`."""
        match event:
            case {"Start": {"CodeBlock": _}}:
                self.code += 1
            case {"End": "CodeBlock"}:
                self.code -= 1
            case {"Start": {"Link": _} | {"Image": _}}:
                self.links += 1
            case {"End": "Link" | "Image"}:
                self.links -= 1
            case {"InlineHtml": str(tag)}:
                self.links += bool(_ANCHOR(tag)) - tag.lower().startswith("</a")
            case {"Start": "TableCell"}:
                self.limit = end
            case {"End": "TableCell"}:
                self.limit = self._size


def _edits(source: str, data: bytes, dialect: str) -> Iterator[Edit]:
    """Yield the edits of `source`, `data` in UTF-8; none is within code or `<https://…>`."""
    place, done = _Place(len(data)), 0
    events = markup.engine(source, dialect).events_with_range(source)
    for event, span in islice(events, _MOST_EVENTS):
        start, end = span["start"], span["end"]
        place.follow(event, end)
        match event:
            case {"Text": _} if not place.code and data[start - 1 : start] != b"<":
                for edit in _in_text(data, max(start, done), end, place, dialect):
                    done = max(done, edit.end)
                    yield edit
            case {"InlineMath": _} if not _is_formula(data, start, end):
                yield Edit(start, start, b"\\", again=True)
            case {"Start": begun}:
                yield from _begun(begun, data, start, end, dialect)
            case {"End": "Link" | "Image"} if mark := AFTER_LINK(data, end):
                yield Edit(end, mark.end(), b"")


def _is_formula(data: bytes, start: int, end: int) -> bool:
    """Say whether two marks make a formula; `$5/$10` and `$` far apart are text."""
    if data.startswith(b"$$", start):
        return True
    return bool(_FORMULA_IN_TEXT(data, start, end)) and not data[end : end + 1].isdigit()


def _begun(begun: Any, data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield the edits of what begins at `start` and ends at `end`."""
    match begun:
        case "Strikethrough" if data[start : start + 2] != b"~~":
            is_lowered = dialect in RAISING
            first, last = (b"<sub>", b"</sub>") if is_lowered else (b"\\~", b"\\~")
            yield Edit(start, start + 1, first, again=not is_lowered)
            yield Edit(end - 1, end, last, again=not is_lowered)
        case "DefinitionListDefinition" if data[start + 1 : start + 2].strip(b" \t"):
            yield Edit(start, start, NOTHING, again=True)  # `:emoji:` and the like
        case {"CodeBlock": "Indented"} if dialect in {"", *_BY_FOURS}:
            yield from _indented(data, start, end, dialect)
        case {"CodeBlock": {"Fenced": str(info)}} if info.startswith("{"):
            yield _fence(data, start, end, info.encode(), dialect)
        case "HtmlBlock" if dialect == "docusaurus" and _ELEMENT(data, start):
            yield from _in_jsx(data, start, end)
        case "HtmlBlock":
            if dialect in {"", "jekyll", *_BY_FOURS}:
                yield from _preformatted(data, start, end)
            yield from _in_html(data, start, end)


def _indented(data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield the edits of indented code, which Python-Markdown sets off by whole steps of four."""
    column = start - data.rfind(b"\n", max(0, start - FAR), start) - 1
    lines = [start - column, *(line.end() for line in _LINE(data, start, end - 1))]
    is_spaced = all(data.startswith(b" " * column, at) for at in lines)
    extra = -column % 4 if dialect in _BY_FOURS and is_spaced else 0
    if extra and not all(data.startswith(b" " * extra, at + column) for at in lines):
        for at in lines:  # not enough for code: it is set back to where a paragraph is
            yield Edit(at + column - column % 4, at + column, b"", again=True)
        return
    for at in lines if extra else ():
        yield Edit(at + column, at + column + extra, b"")
    if _NAMES_LANGUAGE(data, start + extra):
        yield Edit(start + extra, start + extra, "\ufffe".encode())


def _in_text(data: bytes, start: int, end: int, place: _Place, dialect: str) -> Iterator[Edit]:
    if data.startswith((b":::", b"!!!", b"???", b"===", b"[", b"*["), start) and (
        edit := _block(data, start, dialect)
    ):
        yield edit
        start = edit.end
    else:
        for edit in marks(data, start, end, place.limit, dialect):
            start = edit.end
            yield edit
    if place.links <= 0:
        yield from addresses(data, start, end, dialect)


def _block(data: bytes, start: int, dialect: str) -> Edit | None:
    """Return what takes the place of the line at `start`, if a block of a generator begins there."""
    line = data.rfind(b"\n", max(0, start - FAR), start) + 1
    if (not line and start > FAR) or not _LINE_START(data, line, start):
        return None
    if mark := _UNSHOWN(data, start):
        return Edit(start, mark.end(), NOTHING)
    if mark := _CONTAINER(data, start):
        return Edit(start, mark.end(), BLOCK_END + _container_heading(mark, dialect))
    mark = _ADMONITION(data, line)
    if mark and (mark["title"] or mark["body"].strip() or dialect == "mkdocs"):
        return Edit(line, mark.end(), _admonition(mark), again=True)
    return None


def _container_heading(mark: re.Match[bytes], dialect: str) -> bytes:
    attributes = mark["attributes"] or b""
    callout, titled = _CALLOUT(attributes), _TITLED(attributes)
    kind = callout[1] if callout else mark["kind"] or b""
    title = (mark["label"] or mark["title"] or (titled[1] if titled else b"")).strip()
    is_callout = kind.startswith(b"callout-") or (callout and dialect == "quarto")
    if not is_callout and kind.lower() not in _KINDS:
        kind = b""  # it says how it looks
    return _heading(title, kind)


def _admonition(mark: re.Match[bytes]) -> bytes:
    """Return what is indented below a line of MkDocs, under its title: quoted, but for a tab's."""
    margin, lines = mark["margin"], list[bytes]()
    for text in mark["body"].rstrip(b" \t\n>").split(b"\n"):
        text = text.removeprefix(margin)  # also of a blank line, if it has one
        lines.append(text[1:] if text.startswith(b"\t") else text[4:])
    if mark["title"] != b"":
        lines = [_heading(mark["title"], mark["kind"] or b""), b"", *lines]
    blank = margin.rstrip() + b"\n"
    margin += b"" if mark["tab"] else b"> "
    return blank + b"".join(margin + text + b"\n" for text in lines) + blank


def _fence(data: bytes, start: int, end: int, info: bytes, dialect: str) -> Edit:
    """Return a fence whose language is between braces with the language alone, raw HTML as that."""
    at = data.index(info, start)
    if info == b"{=html}" and dialect == "quarto":
        inner = data[at + len(info) : end].rstrip(b"`~ \t\n")
        return Edit(start, end, inner + b"\n\n")
    language = _BRACED_LANGUAGE(info)
    return Edit(at, at + len(info), language[1] if language else b"")


def _heading(title: bytes | None, kind: bytes) -> bytes:
    """Return the line above what an admonition says: its title, else its kind; b"" for neither."""
    words = markup.inline(
        (title or kind.removeprefix(b"callout-").replace(b"-", b" ").capitalize()).decode()
    )
    return f"{markup.TITLE}{words}</strong></p>".encode() if words else b""


def _in_html(data: bytes, start: int, end: int) -> Iterator[Edit]:
    """Yield the edits of a block of HTML, in which Markdown is read where its author meant it."""
    found = [*_AS_MARKDOWN(data, start, end)]
    if mark := _BREAK(data, start):
        found.append(mark)
    for mark in found:
        yield Edit(mark.end(), mark.end(), b"\n", again=True)
    if found:
        return
    if summary := _SUMMARY(data, start, end):
        words = markup.inline(summary[1].decode())
        after = b"\n\n" if summary["next"] else b""
        by = b"<summary><!---->%b</summary>%b" % (words.encode(), after)
        yield Edit(summary.start(), summary.end(), by, again=bool(summary["next"]))


def _preformatted(data: bytes, start: int, end: int) -> Iterator[Edit]:
    """Yield the edit that keeps blank lines of `<pre>` from ending the HTML that it is in."""
    opened = data.rfind(b"<pre", start, end)
    closed = data.find(b"</pre", max(opened, start), end + _LONGEST_PRE) if opened >= 0 else -1
    if closed >= end:
        yield Edit(end, closed, _BLANK.sub("\ufffe".encode(), data[end:closed]), again=True)


def _in_jsx(data: bytes, start: int, end: int) -> Iterator[Edit]:
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
