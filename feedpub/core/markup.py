"""Bodies: Markdown or HTML in, safe HTML with absolute URLs out (C1, C2, C3, C5).

Markdown is CommonMark with tables and strikethrough, as pulldown-cmark reads it. What site
generators consume is left out: kramdown's `{: .class}`, the `{#id}` of headings, MDX's
`{/* comment */}`, the `:::note` lines around an admonition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pyromark
from pyromark import Options

from feedpub.core import html, text

VERSIONS = (pyromark.__version__, html.VERSION)
"""The versions of what makes the HTML of a body: another one may give other bytes."""

MOST_CHARACTERS = 1 << 20
"""The longest Markdown body that is rendered: as long as a feed document is (F6)."""

_MARKDOWN = pyromark.Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)
_ALIGNED = re.compile(r' style="text-align: (left|center|right)">')

# Looking for marks takes ten times as long as rendering: only where there may be one.
_SIGNS = ("{:", "{#", "{/*", ":::")
_GENERATOR_MARK = re.compile(rb"\{(?::[^{}\n]*|#[\w\x80-\xff-]+|/\*[^{}\n]*\*/)\}")
_ADMONITION = re.compile(rb":{3,}+[ \t]*+\w*+[ \t]*+(?:\{[^}\n]++\}.*|\[(.*)\].*|(.*))")
_LINE_START = re.compile(rb"[ \t]*+(?:(?:>[ \t]*+|[-+*][ \t]++|[0-9]{1,9}[.)][ \t]++))*+").fullmatch
_CLOSING_TILDE = re.compile(r"~(?!~)(?<=[^\s~]~)")
_NOTHING = b"&#xfffe;"
"""Stands where a mark was: a sign in Markdown, and a character that no output has (C3)."""

_BLOCK_END = b"<!---->"
"""Ends the block before it, also a paragraph, and is one of its own up to the end of the line."""

_MOST_READINGS = 8


class Literal(NamedTuple):
    """A body without the marks that need no running: as shown, and without what `raw` holds."""

    shown: str
    judged: str


_RAW_OR_CODE = re.compile(
    r"\{%-?[ \t]*(?:(?P<raw>raw|endraw)[ \t]*-?%\}"
    r"|(?P<code>highlight|endhighlight)\b(?:[ \t]+(?P<language>[\w+#.-]+))?[^%\n]*%\}(?:[ \t]*\n)?)"
)
_STYLE = re.compile(r"[ \t\n]style=\{\{[^{}<>]*\}\}")
_AT_LINE_START = re.compile(r"(?:\A|\n)[ \t]*\Z").search

_MODULE = re.compile(
    r"""
      ^import[ \t]++(?:[^\n]*?[ \t]from[ \t]++)?["'][^\n"']+["']
    | ^export[ \t]++(?:(?:const|let|var|function|class|async)[ \t]
                      |default[ \t]++(?:function|class|\()|[{*])
    """,
    re.VERBOSE | re.MULTILINE,
)
# A capital and a small letter, closed by itself or by an end tag; not the <BR> of old pages.
_COMPONENT = re.compile(
    r"""<(?:/(?=[A-Z]\w*?[a-z])[\w.]++\s*+>|(?<!\w<)(?=[A-Z]\w*?[a-z])[\w.]++(?:\s[^<]*?)?/>)"""
)
_CODE_SPAN = re.compile(r"``[^\n]*?``|`[^`\n]*`")
_MAY_BE_CODE = re.compile(r"[`~\t]| {4}").search


def body_html(body: str, base: str, is_html: bool = False) -> str:
    """Return the safe HTML of a Markdown `body`, or of an HTML one when `is_html` (C1-C3).

    Relative URLs are resolved against `base`, the item's link; see `html.safe` for what is let out.
    '' if nothing is left or the body is not `renderable`. Never raises.
    """
    raw = _unsafe(body, is_html)
    return html.safe(raw, base) if raw else ""


def renderable(body: str, is_html: bool = False) -> bool:
    """Say whether `body_html` renders `body`, or gives up because it would take too long."""
    return _unsafe(body, is_html) is not None


def _unsafe(body: str, is_html: bool) -> str | None:
    """Return HTML that still has to be sanitized, or None if that could take too long.

    The source says nothing of it: few characters of Markdown can be much HTML, or deep.
    """
    body = text.legal(body)
    raw = body if is_html else _rendered(body)
    return raw if raw is not None and html.bearable(raw) else None


def _rendered(source: str) -> str | None:
    """Return the HTML of Markdown; raw HTML in it passes through. None if it is too intricate."""
    if len(source) > MOST_CHARACTERS:
        return None
    is_marked = any(sign in source for sign in _SIGNS)
    if is_marked or ("~" in source and _CLOSING_TILDE.search(source)):
        return _without_marks(source)
    return _read(source)


def _read(source: str) -> str:
    raw = _MARKDOWN.html(f"{source}\n")  # or code at its end would lack its own
    raw = _ALIGNED.sub(r' align="\1">', raw)  # of cells; style attributes are not let out (C1)
    if "~~" in source and "<del" not in source:  # no edit, as an author's own `<del>` is
        raw = raw.replace("<del>", "<s>").replace("</del>", "</s>")
    return raw


def code_spans(source: str, *, only_indented: bool = False) -> list[tuple[int, int]]:
    """Return where the code of Markdown is: fences, indented blocks and spans, in their order.

    They are found by the events of the parser that renders the body, as pairs of character offsets
    with the marks around the code. `source` has no lone surrogates (C3).
    """
    if not _MAY_BE_CODE(source):
        return []
    data, spans, read, characters = source.encode(), list[tuple[int, int]](), 0, 0
    for event, span in _MARKDOWN.events_with_range(source):
        match event:
            case {"Start": {"CodeBlock": kind}} | {"Code": kind} if (
                kind == "Indented" or not only_indented
            ):
                start, end = span["start"], span["end"]
                first = characters + len(data[read:start].decode())
                characters, read = first + len(data[start:end].decode()), end
                spans.append((first, characters))
    return spans


class _Edit(NamedTuple):
    """A part of Markdown, in bytes of UTF-8, that something else is read in place of."""

    start: int
    end: int
    by: bytes


def _without_marks(source: str) -> str | None:
    """Render Markdown without the marks of generators, and with a single `~` as it stands.

    Where a mark ends within code, or two `~` are paired, what follows is read in another way: it is
    read again, but not for ever.
    """
    for _ in range(_MOST_READINGS):
        data = source.encode()
        edits = sorted(_edits(source, data))
        edited, end, is_settled = list[bytes](), 0, True
        for edit in edits:
            if edit.start >= end:
                edited += data[end : edit.start], edit.by
                end = edit.end
                is_settled &= b"`" not in data[edit.start : end] and edit.by != b"\\"
        source = (b"".join(edited) + data[end:]).decode()
        if is_settled:
            return _read(source).replace(f"{_BLOCK_END.decode()}\n", "")
    return None


def _edits(source: str, data: bytes) -> Iterator[_Edit]:
    """Yield the edits of `source`, `data` in UTF-8; none is within code or `<https://…>`."""
    in_code, limit, done = False, len(data), 0
    for event, span in _MARKDOWN.events_with_range(source):
        start, end = span["start"], span["end"]
        match event:
            case {"Start": {"CodeBlock": _} | {"Link": {"link_type": "Autolink"}}}:
                in_code = True
            case {"End": "CodeBlock" | "Link"}:
                in_code = False
            case {"Start": "TableCell"} | {"End": "TableCell"}:
                limit = end if "Start" in event else len(data)
            case {"Start": "Strikethrough"} if data[start : start + 2] != b"~~":
                yield _Edit(start, start, b"\\")
                yield _Edit(end - 1, end - 1, b"\\")
            case {"Text": _} if not in_code:
                for edit in _marks(data, max(start, done), end, limit):
                    done = edit.end
                    yield edit


def _marks(data: bytes, start: int, end: int, limit: int) -> Iterator[_Edit]:
    """Yield what takes the place of the marks that begin in the text from `start` to `end`."""
    if data.startswith(b":::", start) and _LINE_START(data, data.rfind(b"\n", 0, start) + 1, start):
        mark = _ADMONITION.match(data, start)
        if mark:
            title = (mark[1] or mark[2] or b"").strip().decode()
            heading = _rendered(f"**{title}**") or "" if title else ""
            yield _Edit(start, mark.end(), _BLOCK_END + heading.rstrip().encode())
            return
    is_escaped = data[start - 1 : start] == b"\\"
    at = data.find(b"{", start + is_escaped, end)
    while at >= 0:
        mark = _GENERATOR_MARK.match(data, at, limit)
        if mark:
            yield _Edit(at, mark.end(), _NOTHING)
        at = data.find(b"{", mark.end() if mark else at + 1, end)


def literal(body: str) -> Literal:
    """Return `body` without what of a site generator's code can be told without running it (C5).

    Liquid's and Nunjucks' `raw` means its content as it stands, Liquid's `highlight` is a block of
    code, and JSX's `style` is a look, which no feed has. `judged` is where template code may still
    be. Where marks have no pair, all of them stay.
    """
    if "={{" in body:
        body = _STYLE.sub("", body)
    if "{%" not in body:
        return Literal(body, body)
    shown, judged, end = list[str](), list[str](), 0
    for tag, within_raw in _paired(body):
        chunk = body[end : tag.start()]
        mark = _fence(tag, chunk) if tag["code"] else ""
        shown += chunk, mark
        judged += "" if within_raw else chunk, mark
        end = tag.end()
    return Literal("".join(shown) + body[end:], "".join(judged) + body[end:])


def _fence(tag: re.Match[str], before: str) -> str:
    line_end = "" if _AT_LINE_START(before[-80:]) else "\n"
    return f"{line_end}``````{tag['language'] or ''}\n"


def _paired(body: str) -> list[tuple[re.Match[str], bool]]:
    """Return the marks, and whether each stands within `raw`, that is, ends it; none if unpaired."""
    found, opened = list[tuple[re.Match[str], bool]](), list[str]()
    for tag in _RAW_OR_CODE.finditer(body):
        name, within_raw = tag["raw"] or tag["code"], opened[-1:] == ["raw"]
        if within_raw and name != "endraw":
            continue
        if not name.startswith("end"):
            opened.append(name)
        elif not opened or opened.pop() != name.removeprefix("end"):
            return []
        found.append((tag, within_raw))
    return [] if opened else found


def has_template_code(body: str) -> bool:
    """Say whether `body` has code that a site generator would run: it cannot be shown (C5).

    That is Liquid (`{% … %}`, `{{ … }}`), Hugo's shortcodes, and MDX: imports and exports at the
    start of a line, components. Code that is only shown, in a fence or a code span, does not
    count; in an indented code block it does. Comments and `:::note` are no code. Linear.
    """
    return _runs(body) and _runs(_CODE_SPAN.sub("", text.FENCED.sub("", f"\n{body}")))


def _runs(body: str) -> bool:
    return (
        "}}" in body.partition("{{")[2]
        or "%}" in body.partition("{%")[2]
        or _COMPONENT.search(body) is not None
        or (("import" in body or "export" in body) and _MODULE.search(body) is not None)
    )
