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
from html import escape, unescape
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyromark
from pyromark import Options

from feedpub.core import dialect_marks

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
        r"```[ \t]*\{|~~~[ \t]*\{",
        r"\$[^\s$][^$\n]*(?:[\n`]|\$\d)",
    )
]
_MAY_STRIKE = re.compile(r"(?<!~)~(?![~\s])").search, re.compile(r"(?<=[^\s~])~(?!~)").search
_ATTRIBUTES = (
    rb"(?:[ \t]*(?:[.#][\w\x80-\xff:-]+|[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w%.-]+)))+[ \t]*"
)
_GENERATOR_MARK = re.compile(
    rb"\{(?:-|:[^{}\n]*|#[\w\x80-\xff:-]+|/\*[^{}]*\*/|[ \t]?(?=[.#])" + _ATTRIBUTES + rb")\}"
).match
_AFTER_LINK = re.compile(rb"\{" + _ATTRIBUTES + rb"\}").match
_LINE = re.compile(rb"\n(?=[ \t]*+\S)").finditer
_BLANK = re.compile(rb"^(?=[ \t]*\n)", re.MULTILINE)
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
_ADDRESS_SIGN = re.compile(rb"https?://|www\.|@").finditer
_ADDRESS = re.compile(
    rb"https?://[^\s<>|`\"]+|www\.[\w-]+(?:\.[\w-]+)+[^\s<>|`\"]*"
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<=[a-zA-Z])(?![\w@-])"
).match
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-"
_MAY_PRECEDE = b"(*_~\">'["
_NEVER_LAST = b"?!.,:;*_~'\"]}"
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
_ANCHOR = re.compile(r"<a\s", re.IGNORECASE).match
_INLINE_NOTE = re.compile(rb"\^\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+)\]").match
_BLOCK_NAME = re.compile(rb"[ \t]\^[\w-]+[ \t]*(?=\n|\Z)").search

_FAR = 300
"""How far back a line is looked at, so that one long line costs no more."""

_LONGEST_PRE = 100_000

_NOTHING = b"&#xfffe;"
"""Stands where a mark was: a sign in Markdown, and a character that no output has (C3)."""

_TITLE = '<p class="title"><strong>'
"""How the heading of an admonition begins: it is not what its body says first (C4)."""

_BLOCK_END = b"<!---->"
"""Ends the block before it, also a paragraph, and is one of its own up to the end of the line."""


def html(source: str, dialect: str = "") -> str | None:
    """Return the HTML of Markdown; raw HTML in it passes through. None if it is too intricate.

    `dialect` is that of the generator that the source was written for, see `core.fields.Rules`.
    """
    if len(source) > MOST_CHARACTERS:
        return None
    edited = _edited(source, dialect) if _may_be_edited(source, dialect) else source
    raw = _engine(edited, dialect).html(f"{edited}\n")  # or code at its end would lack its own
    return _shown(raw, "~~" in source and "<del" not in source, dialect)


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


class _Edit(NamedTuple):
    """A part of Markdown, in bytes of UTF-8, that something else is read in place of.

    `again` says that what is read then may have marks that were not seen before.
    """

    start: int
    end: int
    by: bytes
    again: bool = False


_TOO_MUCH = _Edit(-1, -1, b"")


def _edited(source: str, dialect: str) -> str:
    """Return Markdown without the marks of generators, and what is only meant written out.

    Where a mark ends within code, two `~` are paired, or text becomes a block, what follows is read
    in another way: it is read again, but not for ever.
    """
    for _ in range(_MOST_READINGS):
        data = source.encode()
        edits = sorted(_edits(source, data, dialect))
        if edits[:1] == [_TOO_MUCH]:
            return source
        parts, end, is_settled = list[bytes](), 0, True
        for edit in edits:
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


def _edits(source: str, data: bytes, dialect: str) -> Iterator[_Edit]:
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
                yield _Edit(start, start, b"\\", again=True)
            case {"Start": begun}:
                yield from _begun(begun, data, start, end, dialect)
            case {"End": "Link" | "Image"} if mark := _AFTER_LINK(data, end):
                yield _Edit(end, mark.end(), b"")


def _is_formula(data: bytes, start: int, end: int) -> bool:
    """Say whether two marks make a formula; `$5/$10` and `$` far apart are text."""
    if data.startswith(b"$$", start):
        return True
    return bool(_FORMULA_IN_TEXT(data, start, end)) and not data[end : end + 1].isdigit()


def _begun(begun: Any, data: bytes, start: int, end: int, dialect: str) -> Iterator[_Edit]:
    """Yield the edits of what begins at `start` and ends at `end`."""
    match begun:
        case "Strikethrough" if data[start : start + 2] != b"~~":
            is_lowered = dialect in dialect_marks.RAISING
            first, last = (b"<sub>", b"</sub>") if is_lowered else (b"\\~", b"\\~")
            yield _Edit(start, start + 1, first, again=not is_lowered)
            yield _Edit(end - 1, end, last, again=not is_lowered)
        case "DefinitionListDefinition" if data[start + 1 : start + 2].strip(b" \t"):
            yield _Edit(start, start, _NOTHING, again=True)  # `:emoji:` and the like
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


def _indented(data: bytes, start: int, end: int, dialect: str) -> Iterator[_Edit]:
    """Yield the edits of indented code, which Python-Markdown sets off by whole steps of four."""
    column = start - data.rfind(b"\n", max(0, start - _FAR), start) - 1
    lines = [start - column, *(line.end() for line in _LINE(data, start, end - 1))]
    is_spaced = all(data.startswith(b" " * column, at) for at in lines)
    extra = -column % 4 if dialect in _BY_FOURS and is_spaced else 0
    if extra and not all(data.startswith(b" " * extra, at + column) for at in lines):
        for at in lines:  # not enough for code: it is set back to where a paragraph is
            yield _Edit(at + column - column % 4, at + column, b"", again=True)
        return
    for at in lines if extra else ():
        yield _Edit(at + column, at + column + extra, b"")
    if _NAMES_LANGUAGE(data, start + extra):
        yield _Edit(start + extra, start + extra, "\ufffe".encode())


def _in_text(data: bytes, start: int, end: int, place: _Place, dialect: str) -> Iterator[_Edit]:
    if data[start:end] == b"[":
        place.brackets.append(start)
    elif data[start:end] == b"]" and place.brackets:
        opened = place.brackets.pop()
        if mark := _AFTER_LINK(data, end):  # `[words]{.class}`
            yield _Edit(opened, opened + 1, b"")
            yield _Edit(start, mark.end(), b"")
            return
    for edit in _marks(data, start, end, place.limit, dialect):
        start = edit.end
        yield edit
    if place.links <= 0 and dialect not in _LITERAL_ADDRESSES:
        yield from _addresses(data, start, end, b"https://" if dialect == "hugo" else b"http://")


def _marks(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[_Edit]:
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
        yield _Edit(*found)
    if dialect in _NOTING and (note := _INLINE_NOTE(data, end - 1)):
        name = b"[^%d-%d]" % (len(data), end)
        yield _Edit(note.start(), note.end(), name)
        yield _Edit(len(data), len(data), b"\n\n" + name + b": " + note[1] + b"\n", again=True)
    block = _BLOCK_NAME(data, max(start - 1, 0), min(end + 1, len(data)))
    if dialect == "obsidian" and block:
        yield _Edit(block.start(), block.end(), b"")


def _without_mark(data: bytes, start: int, end: int) -> _Edit:
    """Return what takes the place of a generator's mark; one that is a line of its own is none."""
    line = data.rfind(b"\n", max(0, start - _FAR), start) + 1
    if line and _CONTENTS(data, start):  # what stands above is only where the contents go
        above = data.rfind(b"\n", max(0, line - _FAR), line - 1) + 1
        return _Edit(above if above or line <= _FAR else start, end, b"")
    before = data[max(line, start - _FAR) : start]
    if before.strip(b"> \t") or not _LINE_END(data, end):
        return _Edit(start, end, _NOTHING)
    if line and (_NEXT_ITEM(data, end) or (before and b">" not in before)):
        start = line - 1  # a blank line would set the items of the list apart
    return _Edit(start, end, b"", again=True)


def _block(data: bytes, start: int, dialect: str) -> _Edit | None:
    """Return what takes the place of the line at `start`, if a block of a generator begins there."""
    line = data.rfind(b"\n", max(0, start - _FAR), start) + 1
    if (not line and start > _FAR) or not _LINE_START(data, line, start):
        return None
    if contents := _TOC(data, start):
        return _Edit(start, contents.end(), _NOTHING)
    if data.startswith(b": ", start):  # what a table of Quarto is called
        return _Edit(start, start + 2, b"", again=True) if dialect == "quarto" else None
    if mark := _ABBREVIATION(data, start):
        return _Edit(start, mark.end(), _NOTHING)
    if mark := _CONTAINER(data, start):
        return _Edit(start, mark.end(), _BLOCK_END + _container_heading(mark, dialect))
    mark = _ADMONITION(data, line)
    if mark and (mark["title"] or mark["body"].strip() or dialect == "mkdocs"):
        return _Edit(line, mark.end(), _admonition(mark), again=True)
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


def _fence(data: bytes, start: int, end: int, info: bytes, dialect: str) -> _Edit:
    """Return a fence whose language is between braces with the language alone, raw HTML as that."""
    at = data.index(info, start)
    if info == b"{=html}" and dialect == "quarto":
        inner = data[at + len(info) : end].rstrip(b"`~ \t\n")
        return _Edit(start, end, inner + b"\n\n")
    language = _BRACED_LANGUAGE(info)
    return _Edit(at, at + len(info), language[1] if language else b"")


def _heading(title: bytes | None, kind: bytes) -> bytes:
    """Return the line above what an admonition says: its title, else its kind; b"" for neither."""
    words = inline(
        (title or kind.removeprefix(b"callout-").replace(b"-", b" ").capitalize()).decode()
    )
    return f"{_TITLE}{words}</strong></p>".encode() if words else b""


def inline(source: str) -> str:
    """Return the HTML of a phrase of Markdown."""
    return (html(source) or "").strip().removeprefix("<p>").removesuffix("</p>")


def _addresses(data: bytes, start: int, end: int, scheme: bytes) -> Iterator[_Edit]:
    """Yield a link for each bare address that begins in the text (GFM, autolinks).

    `scheme` is that of an address that begins with `www.`.
    """
    done = start
    for sign in _ADDRESS_SIGN(data, start, end):
        at = sign.start()
        if sign[0] == b"@":
            at -= _local_part(data[max(done, at - 64) : at])
        before = data[at - 1 : at]
        if at < done or (before and not before.isspace() and before not in _MAY_PRECEDE):
            continue
        found = _ADDRESS(data, at)
        if not found:
            continue
        url = _without_punctuation(found[0])
        done = at + len(url)
        to = scheme + url if url.startswith(b"www.") else url
        by = b"<" + url + b">" if to == url else b"[" + url + b"](<" + to + b">)"
        if b"\\" not in url and b"." in url:
            yield _Edit(at, done, by)


def _local_part(before: bytes) -> int:
    """Return how long the name before an `@` is."""
    return len(before) - len(before.rstrip(_NAME))


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


def _in_html(data: bytes, start: int, end: int) -> Iterator[_Edit]:
    """Yield the edits of a block of HTML, in which Markdown is read where its author meant it."""
    found = [*_AS_MARKDOWN(data, start, end)]
    if mark := _BREAK(data, start):
        found.append(mark)
    for mark in found:
        yield _Edit(mark.end(), mark.end(), b"\n", again=True)
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
        yield _Edit(summary.start(), summary.end(), by, again=bool(summary["next"]))


def _preformatted(data: bytes, start: int, end: int) -> Iterator[_Edit]:
    """Yield the edit that keeps blank lines of `<pre>` from ending the HTML that it is in."""
    opened = data.rfind(b"<pre", start, end)
    closed = data.find(b"</pre", max(opened, start), end + _LONGEST_PRE) if opened >= 0 else -1
    if closed >= end:
        yield _Edit(end, closed, _BLANK.sub("\ufffe".encode(), data[end:closed]), again=True)


def _in_jsx(data: bytes, start: int, end: int) -> Iterator[_Edit]:
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
            lines += [_BLOCK_END + begun] if _TAGS_ALONE(begun) else [b"", _BARE + begun, b""]
            indent = -1
            continue
        indent = len(line) - len(begun) if indent < 0 else indent
        lines.append(line[min(indent, len(line) - len(begun)) :])
    yield _Edit(start, end, (b"\n" + margin).join(lines), again=True)


# the HTML, as readers show it --------------------------------------------------------------------

_ALIGNED = re.compile(r' style="text-align: (left|center|right)">')
_CHECK_BOX = re.compile(r'<input disabled="" type="checkbox"( checked="")?/>\n?')
_ALERT = re.compile(r'<blockquote class="markdown-alert-(\w+)">')
_CALLED_OUT = re.compile(r"<blockquote>\n<p>\[!([\w-]+)\][-+]?[ \t]*((?:(?!</p>)[^\n])*)\n?")
_FORMULA = re.compile(r'<span class="math math-(inline|display)">(.*?)</span>', re.DOTALL)
_LANGUAGE = re.compile(r'class="language-[{. ]*([\w+#.-]*)[^"]*"')
_BARE_LINE = re.compile(r"<p>\uffff([^\n]*)</p>")
_EMPTY = re.compile(r"<p>\ufffe[\ufffe\s]*+</p>\n")
_CODEHILITE = re.compile(r"<code>\ufffe[ \t]*(?::{2,}+|#!)([\w+#.-]+)[^\n]*\n")
_NOTE_MARK = re.compile(r'<sup class="footnote-reference"><a href="#([^"]*)">[0-9]+</a></sup>')
_NOTE = re.compile(
    r'<div class="footnote-definition" id="([^"]*)"><sup class="footnote-definition-label">[0-9]+'
    r"</sup>"
)
_DIV = re.compile(r"<(/?)div\b")
_PICTURED = re.compile(r'<img src="([^"]*)" alt="(?:([^"]*)\|)?([^"|]*)" />')
_SIZE = re.compile(r"[0-9]+(?:x[0-9]+)?").fullmatch
_HIGHLIGHTING = frozenset({"mkdocs", "obsidian"})
_HIGHLIGHTED = re.compile(
    r"<(?:pre|code)\b(?:[^<]|<(?!/?(?:pre|code)\b))*+</|<[^<>]*>"
    r"|==(?=[^\s=])((?:[^=<]|=(?!=)|</?(?:em|strong|s|a)\b[^<>]*>)+?)(?<=\S)==(?!=)",
    re.DOTALL,
)
_WIKILINK = re.compile(r'<a href="((?![a-z]+:|/|#)[^"]*?)(?:%5C)?">')
_FILE = re.compile(
    r"\.(?:(?P<picture>avif|bmp|gif|jpe?g|png|svg|webp)|(?P<audio>3gp|flac|m4a|mp3|ogg|wav)"
    r"|(?P<video>mkv|mov|mp4|ogv|webm)|canvas|csv|docx|html?|json|pdf|pptx|txt|xlsx|zip)(?:[?#].*)?\Z|/\Z",
    re.IGNORECASE,
).search


def _shown(raw: str, may_strike: bool, dialect: str) -> str:
    """Return the HTML that the engine wrote in the form that readers show."""
    raw = _ALIGNED.sub(r' align="\1">', raw)  # of cells; style attributes are not let out (C1)
    if may_strike:  # no edit, as an author's own `<del>` is
        raw = raw.replace("<del>", "<s>").replace("</del>", "</s>")
    raw = raw.replace("<!---->\n", "").replace("<!---->", "")
    raw = _BARE_LINE.sub(r"\1", _EMPTY.sub("", raw))
    if "<input " in raw:
        raw = _CHECK_BOX.sub(lambda box: "☑ " if box[1] else "☐ ", raw)
    if "<blockquote" in raw:
        raw = _ALERT.sub(lambda a: f"<blockquote>\n{_TITLE}{a[1].title()}</strong></p>", raw)
        raw = _CALLED_OUT.sub(_called_out, raw)
    if "math-" in raw:
        raw = _FORMULA.sub(lambda f: f"${f[2]}$" if f[1] == "inline" else f"$${f[2]}$$", raw)
    if "language-" in raw:
        raw = _LANGUAGE.sub(r'class="language-\1"', raw)
    raw = _CODEHILITE.sub(r'<code class="language-\1">', raw)
    if 'class="footnote-' in raw:
        raw = _with_notes(raw)
    if dialect in _HIGHLIGHTING:
        raw = _HIGHLIGHTED.sub(lambda m: f"<mark>{m[1]}</mark>" if m[1] else m[0], raw)
    return raw if dialect != "obsidian" else _with_wikilinks(raw)


def _called_out(found: re.Match[str]) -> str:
    title = found[2].strip() or found[1].replace("-", " ").capitalize()
    return f"<blockquote>\n{_TITLE}{title}</strong></p>\n<p>"


def _with_notes(raw: str) -> str:
    """Return HTML with the marks of footnotes as numbers, and their texts as a list at its end.

    Numbers go by the first mark. There are no links: an anchor leads nowhere in a reader.
    """
    notes, rest = dict[str, str](), list[str]()
    end = 0
    while found := _NOTE.search(raw, end):
        rest.append(raw[end : found.start()])
        end = _end_of_div(raw, found.end())
        notes.setdefault(found[1], raw[found.end() : end].removesuffix("\n").removesuffix("</div>"))
    numbers, listed = dict[str, int](), list[str]()

    def mark(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            numbers[found[1]] = len(numbers) + 1
            listed.append(found[1])
        return f'<sup class="footnote">{numbers[found[1]]}</sup>'

    body = _NOTE_MARK.sub(mark, "".join(rest) + raw[end:])
    items = "".join(  # a note may have marks of its own, which make the list longer
        f"<li>{_NOTE_MARK.sub(mark, notes.get(name, '')).strip()}</li>\n" for name in listed
    )
    return f"{body}<hr />\n<ol>\n{items}</ol>\n" if items else body


def _end_of_div(raw: str, start: int) -> int:
    """Return where the `<div>` ends whose content begins at `start`, with the line feed after it."""
    depth = 1
    for tag in _DIV.finditer(raw, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return raw.index(">", tag.end()) + 2
    return len(raw)


def _with_wikilinks(raw: str) -> str:
    """Return HTML with Obsidian's links to notes in the notation of links to source files (C9)."""
    raw = _PICTURED.sub(_pictured, raw)
    return _WIKILINK.sub(lambda a: a[0] if _FILE(a[1]) else f'<a href="@/{a[1]}">', raw)


def _pictured(found: re.Match[str]) -> str:
    """Return what `![[name|words|300]]` shows: a picture, a sound or film, else a link."""
    name, words, last = found.groups()
    if not _SIZE(last):
        words = f"{words}|{last}" if words else last
    told = escape(unquote(unescape(name))) if words is None else words
    file = _FILE(name)
    kind = "picture" if ":" in name else file and file.lastgroup
    if kind == "picture":
        return f'<img src="{name}" alt="{told}" />'
    return f'<{kind} src="{name}"></{kind}>' if kind else f'<a href="{name}">{told}</a>'
