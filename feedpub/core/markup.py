"""Markdown to HTML as readers show it: what people write beyond CommonMark, too (C8).

pulldown-cmark reads tables, strikethrough, footnotes, task lists, alerts, formulas and definition
lists. What it does not know is edited in the source before, where its own events say that it is
text and not code: bare addresses, `:::note`, MkDocs' `!!! note`, Obsidian's `==mark==`, and what
generators consume (kramdown's `{: .class}`, the `{#id}` of headings). What it writes for programs
(anchors, check boxes, classes) is put into words and signs that any reader shows.

The HTML is not safe yet: `html.safe` is the one gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyromark
from pyromark import Options

from feedpub.core import autolinks, dialect_marks, html_blocks
from feedpub.core.edits import BLOCK_END, FAR, NOTHING, Edit, edited
from feedpub.core.shown import TITLE, shown

VERSION: str = pyromark.__version__
"""The version of the engine, which decides bytes."""

MOST_CHARACTERS = 1 << 20
"""The longest Markdown body that is rendered: as long as a feed document is (F6)."""

_MOST_READINGS = 8

_MOST_EVENTS = 200_000
"""Markdown with more is not edited: so many are a thousand pages, or meant to take long."""

_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_GFM
    | Options.ENABLE_MATH
)
_ENGINE = pyromark.Markdown(options=_OPTIONS)
_WITH_DEFINITIONS = pyromark.Markdown(options=_OPTIONS | Options.ENABLE_DEFINITION_LIST)
_WITH_WIKILINKS = pyromark.Markdown(options=_OPTIONS | Options.ENABLE_WIKILINKS)
_MAY_BE_CODE = re.compile(r"[`~\t]| {4}").search
_DEFINES = re.compile(r"^ {0,3}:[ \t]+\S", re.MULTILINE).search
_CONTAINS = re.compile(r"^(?! {4}|\t)[ \t>]*:::", re.MULTILINE).search

_BY_FOURS = frozenset({"mkdocs", "pelican"})
"""Generators with Python-Markdown, where what is in a list is indented by four, whatever its mark."""

_NAMES_LANGUAGE = re.compile(rb"[ \t]*(?::{2,}+|#!)[\w+#.-]+[ \t]*(?:hl_lines=[^\n]*)?\n").match
"""The first line of indented code where Python-Markdown reads the language there."""

_LITERAL_ADDRESSES = frozenset({"jekyll", "zola", "pelican", "eleventy", "mkdocs"})
"""Generators that make no links of bare addresses."""

_NOTING = frozenset({"obsidian", "quarto", "eleventy"})
"""Generators that take `^[…]` for a footnote."""

# Looking at events takes ten times as long as rendering: only where there may be one of these.
# A search that begins with a letter or sign takes next to no time.
_SIGNS = ("!!!", "???", "===", ":::", "*[", "^[", "#!", "markdown=", "[TOC]", "[[toc", "toc_]")
_MAY_BE_EDITED = [
    re.compile(pattern, re.MULTILINE).search
    for pattern in (
        r"\{(?<!\{\{)(?:[:#./-]|[ ]\.)",
        r"\{(?<=[])`*]\{)",
        r"http(?<![<=:/`]http)(?<!=[\"']http)(?<!\]\(http)(?<!\]:[ ]http)s?://",
        r"\[\^[\w-]+\]:[ ]https?://",
        r"www\.(?<![/.\w]www\.)",
        r"@(?<=[\w.+-]@)[\w-]+\.[a-zA-Z]",
        r"<(?i:summary|br|pre)\b",
        r"\n[ \t]*:[^\s:]",
        r"```[ \t]*\{",
        r"~~~[ \t]*\{",
        r"\$[^\s$][^$\n]*(?:[\n`]|\$\d)",
    )
]
_MAY_STRIKE = re.compile(r"~(?<!~~)(?![~\s])").search, re.compile(r"~(?<=[^\s~]~)(?!~)").search
_ATTRIBUTES = (
    rb"(?:[ \t]*(?:[.#][\w\x80-\xff:-]+|[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w%.-]+)))+[ \t]*"
)
_GENERATOR_MARK = re.compile(
    rb"\{(?:-|:[^{}\n]*|#[\w\x80-\xff:-]+|/\*[^{}]*\*/|[ \t]?(?=[.#])" + _ATTRIBUTES + rb")\}"
).match
_AFTER_LINK = re.compile(rb"\{" + _ATTRIBUTES + rb"\}").match
_LINE = re.compile(rb"\n(?=[ \t]*+\S)").finditer
_LINE_END = re.compile(rb"[ \t]*+(?:\n|\Z)").match
_NEXT_ITEM = re.compile(rb"[ \t]*+\n[ \t]*+(?:[-+*]|[0-9]{1,9}[.)])[ \t]").match
_CONTENTS = re.compile(rb"\{:[ \t]*toc\b").match
_CONTAINER = re.compile(
    rb":{3,}+[ \t]*+(?:(?P<kind>\w[\w-]*+)|\{(?P<attributes>[^}\n]*+)\})?+[ \t]*+"
    rb"(?:\[(?P<label>[^]\n]*+)\]|\{[^}\n]*+\}|(?P<title>[^\n]*+))[^\n]*+"
).match
_BRACED_LANGUAGE = re.compile(rb"\{+[ \t]*\.?([\w+#.-]+)").match
_TOC = re.compile(rb"\[(?:TOC|\[_?toc_?\])\](?=[ \t]*(?:\n|\Z))", re.IGNORECASE).match
_ABBREVIATION = re.compile(rb"\*\[[^]\n]+\]:[^\n]*").match
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
_INLINE_NOTE = re.compile(rb"\^\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]").match
_BLOCK_NAME = re.compile(rb"[ \t]\^[\w-]+[ \t]*(?=\n|\Z)").search


def html(source: str, dialect: str = "") -> str | None:
    """Return the HTML of Markdown; raw HTML in it passes through. None if it is too intricate.

    `dialect` is that of the generator that the source was written for, see `core.fields.Rules`.
    """
    if len(source) > MOST_CHARACTERS:
        return None
    edited = _edited(source, dialect) if _may_be_edited(source, dialect) else source
    raw = _engine(edited, dialect).html(f"{edited}\n")  # or code at its end would lack its own
    return shown(raw, "~~" in source and "<del" not in source, dialect)


def code_spans(source: str, *, only_indented: bool = False) -> list[tuple[int, int]]:
    """Return where the code of Markdown is: fences, indented blocks and spans, in their order.

    They are found by the events of the parser that renders the body, as pairs of character offsets
    with the marks around the code. `source` has no lone surrogates (C3).
    """
    if not _MAY_BE_CODE(source):
        return []
    data, spans, read, characters = source.encode(), list[tuple[int, int]](), 0, 0
    for event, span in _ENGINE.events_with_range(source):
        match event:
            case {"Start": {"CodeBlock": kind}} | {"Code": kind} if (
                kind == "Indented" or not only_indented
            ):
                start, end = span["start"], span["end"]
                first = characters + len(data[read:start].decode())
                characters, read = first + len(data[start:end].decode()), end
                spans.append((first, characters))
    return spans


def _engine(source: str, dialect: str) -> pyromark.Markdown:
    if dialect == "obsidian":
        return _WITH_WIKILINKS
    # With definitions the engine takes the end of a `:::note` for one.
    return _WITH_DEFINITIONS if _DEFINES(source) and not _CONTAINS(source) else _ENGINE


def _may_be_edited(source: str, dialect: str) -> bool:
    """Say whether Markdown may have something that is edited; quick, and rather yes."""
    return (
        any(sign in source for sign in _SIGNS)
        or any(one(source) for one in _MAY_BE_EDITED)
        or (dialect in _BY_FOURS and " " * 5 in source)
        or dialect_marks.may_be_in(source, dialect)
        or all(one(source) for one in _MAY_STRIKE)
    )


# the source, edited ------------------------------------------------------------------------------


_TOO_MUCH = Edit(-1, -1, b"")


def _edited(source: str, dialect: str) -> str:
    """Return Markdown without the marks of generators, and what is only meant written out.

    Where a mark ends within code, two `~` are paired, or text becomes a block, what follows is read
    in another way: it is read again, but not for ever.
    """
    for _ in range(_MOST_READINGS):
        data = source.encode()
        edits = [*_edits(source, data, dialect)]
        if edits[-1:] == [_TOO_MUCH]:
            break
        data, is_settled = edited(data, edits)
        source = data.decode()
        if is_settled:
            break
    return source


class _Place:
    """Where the parser is: within code, within a link, up to which byte within a cell."""

    def __init__(self, size: int) -> None:
        self.code = self.links = 0
        self.brackets = list[int]()
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
    for count, (event, span) in enumerate(_engine(source, dialect).events_with_range(source)):
        if count > _MOST_EVENTS:
            yield _TOO_MUCH
            return
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
            case {"End": "Link" | "Image"} if mark := _AFTER_LINK(data, end):
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
            is_lowered = dialect in dialect_marks.RAISING
            first, last = (b"<sub>", b"</sub>") if is_lowered else (b"\\~", b"\\~")
            yield Edit(start, start + 1, first, again=not is_lowered)
            yield Edit(end - 1, end, last, again=not is_lowered)
        case "DefinitionListDefinition" if data[start + 1 : start + 2].strip(b" \t"):
            yield Edit(start, start, NOTHING, again=True)  # `:emoji:` and the like
        case {"CodeBlock": "Indented"} if dialect in {"", *_BY_FOURS}:
            yield from _indented(data, start, end, dialect)
        case {"CodeBlock": {"Fenced": str(info)}} if info.startswith("{"):
            yield _fence(data, start, end, info.encode(), dialect)
        case "HtmlBlock" if dialect == "docusaurus" and html_blocks.ELEMENT(data, start):
            yield from html_blocks.in_jsx(data, start, end)
        case "HtmlBlock":
            if dialect in {"", "jekyll", *_BY_FOURS}:
                yield from html_blocks.preformatted(data, start, end)
            yield from html_blocks.in_html(data, start, end, inline)


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
    if data[start:end] == b"[":
        place.brackets.append(start)
    elif data[start:end] == b"]" and place.brackets:
        opened = place.brackets.pop()
        if mark := _AFTER_LINK(data, end):  # `[words]{.class}`
            yield Edit(opened, opened + 1, b"")
            yield Edit(start, mark.end(), b"")
            return
    for edit in _marks(data, start, end, place.limit, dialect):
        start = edit.end
        yield edit
    if place.links <= 0 and dialect not in _LITERAL_ADDRESSES:
        yield from autolinks.addresses(
            data, start, end, b"https://" if dialect == "hugo" else b"http://"
        )


def _marks(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Edit]:
    """Yield what takes the place of the marks that begin in the text from `start` to `end`."""
    if data.startswith((b":::", b"!!!", b"???", b"===", b"[", b"*[", b": "), start) and (
        edit := _block(data, start, dialect)
    ):
        yield edit
        return
    is_escaped = data[start - 1 : start] == b"\\"
    at = data.find(b"{", start + is_escaped, end)
    while at >= 0:
        mark = _GENERATOR_MARK(data, at, limit)
        if mark and (data[at - 1 : at] != b"{" or data[mark.end() : mark.end() + 1] != b"}"):
            yield _without_mark(data, at, mark.end())
        at = data.find(b"{", mark.end() if mark else at + 1, end)
    for found in dialect_marks.found(data, start, end, limit, dialect):
        yield Edit(*found)
    if dialect in _NOTING and (note := _INLINE_NOTE(data, end - 1)):
        name = b"[^%d-%d]" % (len(data), end)
        yield Edit(note.start(), note.end(), name)
        yield Edit(len(data), len(data), b"\n\n" + name + b": " + note[1] + b"\n", again=True)
    block = _BLOCK_NAME(data, max(start - 1, 0), min(end + 1, len(data)))
    if dialect == "obsidian" and block:
        yield Edit(block.start(), block.end(), b"")


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


def _block(data: bytes, start: int, dialect: str) -> Edit | None:
    """Return what takes the place of the line at `start`, if a block of a generator begins there."""
    line = data.rfind(b"\n", max(0, start - FAR), start) + 1
    if (not line and start > FAR) or not _LINE_START(data, line, start):
        return None
    if contents := _TOC(data, start):
        return Edit(start, contents.end(), NOTHING)
    if data.startswith(b": ", start):  # what a table of Quarto is called
        return Edit(start, start + 2, b"", again=True) if dialect == "quarto" else None
    if mark := _ABBREVIATION(data, start):
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
    words = inline(
        (title or kind.removeprefix(b"callout-").replace(b"-", b" ").capitalize()).decode()
    )
    return f"{TITLE}{words}</strong></p>".encode() if words else b""


def inline(source: str) -> str:
    """Return the HTML of a phrase of Markdown."""
    return (html(source) or "").strip().removeprefix("<p>").removesuffix("</p>")
