"""Markdown as the engine reads it: what only generators know, written out in the source before (C8).

Where the engine's own events say that something is text and not code it is edited: blocks, as `:::note`
and MkDocs' `!!! note`; within lines bare addresses, and marks that only some generators read, as
kramdown's `{: .class}` or the `{#id}` of headings. Also HTML in Markdown, in which Markdown is read
where its author meant it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from feedpub.core import markdown

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
_BRACED_FENCE = re.compile(
    rb"(?:`+|~+)[ \t]*(?P<braced>\{+[ \t]*\.?(?P<language>[\w+#.-]*+)[^\n]*+)"
).match
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
_BARE = "\uffff".encode()  # begins a line of HTML with Markdown in it, which is no paragraph
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

NOTHING = b"&#xfffe;"
"""Stands where a mark was: a sign in Markdown, and a character that no output has (C3)."""

_FAR = 300
"""How far back a line is looked at, so that one long line costs no more."""

_RAISING = frozenset({"mkdocs", "quarto"})
"""Generators that lower `~x~` and raise `^x^`."""

_NAMING = frozenset({"docusaurus", "mkdocs"})  # where `:name:` is an emoji
_NOTING = frozenset({"obsidian", "quarto", "eleventy"})  # where `^[…]` is a footnote
_LITERAL = frozenset({"jekyll", "zola", "pelican", "eleventy", "mkdocs"})  # of bare addresses

_ATTRIBUTES = (
    rb"(?:[ \t]*(?:[.#][\w\x80-\xff:-]+|[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[\w%.-]+)))+[ \t]*"
)
_GENERATOR_MARK = re.compile(
    rb"\{(?:-|:[^{}\n]*|#[\w\x80-\xff:-]+|/\*[^{}]*\*/|[ \t]?(?=[.#])" + _ATTRIBUTES + rb")\}"
).match
_AFTER_LINK = re.compile(rb"\{" + _ATTRIBUTES + rb"\}").match
_MAY_BE_MARKED = re.compile(rb"[{~^@\[*]|:[:a-z0-9_+-]|\+\+|!!!|\?\?\?|===|https?:|www\.").search
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


def _edits(source: str, data: bytes, dialect: str) -> Iterator[Edit]:
    """Yield the edits of `source`, `data` in UTF-8; none is within code or `<https://…>`."""
    ends = defaultdict[str, int](int)  # where what began last ends, by its kind
    anchors = done = 0
    events = markdown.engine(source, dialect).events_with_range(source)
    for event, span in islice(events, _MOST_EVENTS):
        if "End" in event:  # many are, and what began has told it
            continue
        start, end = span["start"], span["end"]
        match event:
            case {"Text": _} if (
                start >= ends["CodeBlock"]
                and data[start - 1 : start] != b"<"
                and _MAY_BE_MARKED(data, start, end)  # seen much faster
            ):
                limit = ends["TableCell"] if start < ends["TableCell"] else len(data)
                is_linked = anchors > 0 or start < max(ends["Link"], ends["Image"])
                for edit in _in_text(data, max(start, done), end, limit, dialect, is_linked):
                    done = max(done, edit.end)
                    yield edit
            case {"Start": str(begun) | dict(begun)}:
                kind = begun if isinstance(begun, str) else next(iter(begun))
                ends[kind] = max(ends[kind], end)
                yield from _begun(begun, data, start, end, dialect)
            case {"InlineHtml": str(tag)}:
                anchors += bool(_ANCHOR(tag)) - tag.lower().startswith("</a")
            case {"InlineMath": _} if not _is_formula(data, start, end):
                yield Edit(start, start, b"\\", again=True)


def _is_formula(data: bytes, start: int, end: int) -> bool:
    """Say whether two marks make a formula; `$5/$10` and `$` far apart are text."""
    if data.startswith(b"$$", start):
        return True
    return bool(_FORMULA_IN_TEXT(data, start, end)) and not data[end : end + 1].isdigit()


def _begun(begun: Any, data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield the edits of what begins at `start` and ends at `end`."""
    match begun:
        case {"Link": _} | {"Image": _} if mark := _AFTER_LINK(data, end):
            yield Edit(end, mark.end(), b"")
        case "Strikethrough" if data[start : start + 2] != b"~~":
            is_lowered = dialect in _RAISING
            first, last = (b"<sub>", b"</sub>") if is_lowered else (b"\\~", b"\\~")
            yield Edit(start, start + 1, first, again=not is_lowered)
            yield Edit(end - 1, end, last, again=not is_lowered)
        case "DefinitionListDefinition" if data[start + 1 : start + 2].strip(b" \t"):
            yield Edit(start, start, NOTHING, again=True)  # `:emoji:` and the like
        case {"CodeBlock": "Indented"} if dialect in {"", *_BY_FOURS}:
            yield from _indented(data, start, end, dialect)
        case {"CodeBlock": {"Fenced": _}} if mark := _BRACED_FENCE(data, start):
            yield _fence(mark, end, dialect)
        case "HtmlBlock" if dialect == "docusaurus" and _ELEMENT(data, start):
            yield from _in_jsx(data, start, end)
        case "HtmlBlock":
            yield from _in_html(data, start, end, dialect)


def _indented(data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield the edits of indented code, which Python-Markdown sets off by whole steps of four."""
    column = start - data.rfind(b"\n", max(0, start - _FAR), start) - 1
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


def _in_text(
    data: bytes, start: int, end: int, limit: int, dialect: str, is_linked: bool
) -> Iterator[Edit]:
    """Yield the edits of a text, which do not reach beyond `limit`; in a link no address is one."""
    if data.startswith((b":::", b"!!!", b"???", b"===", b"[", b"*["), start) and (
        edit := _block(data, start, dialect)
    ):
        yield edit
        start = edit.end
    else:
        for edit in _marks(data, start, end, limit, dialect):
            start = edit.end
            yield edit
    if not is_linked:
        yield from _addresses(data, start, end, dialect)


def _block(data: bytes, start: int, dialect: str) -> Edit | None:
    """Return what takes the place of the line at `start`, if a block of a generator begins there."""
    line = data.rfind(b"\n", max(0, start - _FAR), start) + 1
    if (not line and start > _FAR) or not _LINE_START(data, line, start):
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


def _fence(mark: re.Match[bytes], end: int, dialect: str) -> Edit:
    """Return a fence whose language is between braces with the language alone, raw HTML as that."""
    if mark["braced"].rstrip() == b"{=html}" and dialect == "quarto":
        return Edit(mark.start(), end, mark.string[mark.end() : end].rstrip(b"`~ \t\n") + b"\n\n")
    return Edit(*mark.span("braced"), mark["language"])


def _heading(title: bytes | None, kind: bytes) -> bytes:
    """Return the line above what an admonition says: its title, else its kind; b"" for neither."""
    shown = title or kind.removeprefix(b"callout-").replace(b"-", b" ").capitalize()
    words = markdown.inline(shown.decode())
    return f"{markdown.TITLE}{words}</strong></p>".encode() if words else b""


def _in_html(data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield the edits of a block of HTML, in which Markdown is read where its author meant it.

    Blank lines of a `<pre>` do not end the HTML that it is in, where generators see to that.
    """
    opened = data.rfind(b"<pre", start, end) if dialect in {"", "jekyll", *_BY_FOURS} else -1
    closed = data.find(b"</pre", opened, end + _LONGEST_PRE) if opened >= 0 else -1
    if closed >= end:
        yield Edit(end, closed, _BLANK.sub("\ufffe".encode(), data[end:closed]), again=True)
    found = [*_AS_MARKDOWN(data, start, end)]
    if mark := _BREAK(data, start):
        found.append(mark)
    for mark in found:
        yield Edit(mark.end(), mark.end(), b"\n", again=True)
    if found:
        return
    if summary := _SUMMARY(data, start, end):
        words = markdown.inline(summary[1].decode())
        after = b"\n\n" if summary["next"] else b""
        by = b"<summary><!---->%b</summary>%b" % (words.encode(), after)
        yield Edit(summary.start(), summary.end(), by, again=bool(summary["next"]))


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


def _marks(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Edit]:
    """Yield what takes the place of the marks that begin in the text, up to `limit` at most."""
    is_escaped = data[start - 1 : start] == b"\\"
    at = data.find(b"{", start + is_escaped, end)
    while at >= 0:
        mark = _GENERATOR_MARK(data, at, limit)
        if mark and (data[at - 1 : at] != b"{" or data[mark.end() : mark.end() + 1] != b"}"):
            yield _without_mark(data, at, mark.end())
        at = data.find(b"{", mark.end() if mark else at + 1, end)
    yield from _of_dialect(data, start, end, limit, dialect)


def _of_dialect(data: bytes, start: int, end: int, limit: int, dialect: str) -> Iterator[Edit]:
    for sign in _RAISING_SIGN(data, start, end) if dialect in _RAISING else ():
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
    line = data.rfind(b"\n", max(0, start - _FAR), start) + 1
    if line and _CONTENTS(data, start):  # what stands above is only where the contents go
        above = data.rfind(b"\n", max(0, line - _FAR), line - 1) + 1
        return Edit(above if above or line <= _FAR else start, end, b"")
    before = data[max(line, start - _FAR) : start]
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


def _addresses(data: bytes, start: int, end: int, dialect: str) -> Iterator[Edit]:
    """Yield a link for each bare address that begins in the text (GFM, autolinks)."""
    if dialect in _LITERAL:
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
