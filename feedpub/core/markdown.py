"""Markdown to HTML as readers show it: what people write beyond CommonMark, too (C8).

pulldown-cmark reads tables, strikethrough, footnotes, task lists, alerts, formulas and definition
lists. What it does not know is edited in the source before (`core/markdown_edits.py`). What it writes for
programs (anchors, check boxes, classes) is put into words and signs that any reader shows.

The HTML is not safe yet: `html.safe` is the one gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape
from typing import Any
from urllib.parse import unquote

import pyromark
from pyromark import Options

VERSION: str = pyromark.__version__
"""The version of the engine, which decides bytes."""

MOST_CHARACTERS = 1 << 20
"""The longest Markdown body that is rendered: as long as a feed document is (F6)."""

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
_DEFINES = re.compile(r"\n {0,3}:[ \t]+\S").search
_CONTAINS = re.compile(r"^(?! {4}|\t)[ \t>]*:::", re.MULTILINE).search

_ALWAYS_EDITED = frozenset({"docusaurus", "mkdocs", "obsidian", "pelican", "quarto"})
"""Generators with so many marks of their own that they are looked for in every body."""

# Looking at events takes ten times as long as rendering: only where there may be one of these.
_MAY_BE_EDITED = re.compile(
    r"!!!|\?\?\?|===|:::|\*\[|\^\[|#!|markdown=|\[TOC\]|\[\[toc|toc_\]|\{(?<!\{\{)(?:[:#./-]|[ ]\.)"
    r"|\{(?<=[])`*]\{)|http(?<![<=:/`]http)(?<!=[\"']http)(?<!\]\(http)(?<!\]:[ ]http)s?://"
    r"|\[\^[\w-]+\]:[ ]https?://|www\.(?<![/.\w]www\.)|@(?<=[\w.+-]@)[\w-]+\.[a-zA-Z]"
    r"|<(?i:summary|br|pre)\b|\n[ \t]*:[^\s:]|```[ \t]*\{|~~~[ \t]*\{|~(?<!~~)(?![~\s])"
    r"|\$[^\s$][^$\n]*(?:[\n`]|\$\d)"
).search

TITLE = '<p class="title"><strong>'
"""How the heading of an admonition begins: it is not what its body says first (C4)."""

_SHOWN: tuple[tuple[str, str, str], ...] = (
    (" style=", r' style="text-align: (left|center|right)">', r' align="\1">'),  # of cells (C1)
    ("<!---->", "<!---->\n?", ""),
    ("\ufffe", "<p>\ufffe[\ufffe\\s]*+</p>\n", ""),
    ("\uffff", "<p>\uffff([^\n]*)</p>", r"\1"),
    ("<input ", r'<input disabled="" type="checkbox"/>\n?', "☐ "),
    ("<input ", r'<input disabled="" type="checkbox" checked=""/>\n?', "☑ "),
    ("math-", r'(?s)<span class="math math-inline">(.*?)</span>', r"$\1$"),
    ("math-", r'(?s)<span class="math math-display">(.*?)</span>', r"$$\1$$"),
    ("language-", r'class="language-[{. ]*([\w+#.-]*)[^"]*"', r'class="language-\1"'),
    ("\ufffe", "<code>\ufffe[ \t]*(?:::+|#!)([\\w+#.-]+).*\n", r'<code class="language-\1">'),
)
"""What readers show in another way: a sign of it, how the engine writes it, and what they show."""

_ALERT = re.compile(r'<blockquote class="markdown-alert-(\w+)">')
_CALLED_OUT = re.compile(r"<blockquote>\n<p>\[!([\w-]+)\][-+]?[ \t]*((?:(?!</p>)[^\n])*)\n?")
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
    r"\.(?:(?P<shown>avif|bmp|gif|jpe?g|png|svg|webp|flac|m4a|mp[34]|ogg|ogv|mov|wav|webm)"
    r"|canvas|csv|docx|html?|json|pdf|pptx|txt|xlsx|zip)(?:[?#].*)?\Z|/\Z",
    re.IGNORECASE,
).search


def html(source: str, dialect: str = "") -> str | None:
    """Return the HTML of Markdown; raw HTML in it passes through. None if it is too intricate.

    `dialect` is that of the generator that the source was written for, see `core.fields.Rules`.
    """
    if len(source) > MOST_CHARACTERS:
        return None
    edited = source
    if dialect in _ALWAYS_EDITED or _MAY_BE_EDITED(source):
        from feedpub.core import markdown_edits  # most bodies need none

        edited = markdown_edits.edited(source, dialect)
    parser = engine(edited, dialect)
    raw = parser.html(f"{edited}\n")  # or code at its end would lack its own
    raw = _shown(raw, "~~" in source and "<del" not in source, dialect)
    if parser is _WITH_WIKILINKS:  # in the notation of links to source files (C9)
        raw = _PICTURED.sub(_pictured, raw)
        raw = _WIKILINK.sub(lambda a: a[0] if _FILE(a[1]) else f'<a href="@/{a[1]}">', raw)
    return raw


def inline(source: str) -> str:
    """Return the HTML of a phrase of Markdown."""
    return (html(source) or "").strip().removeprefix("<p>").removesuffix("</p>")


def code_spans(source: str, *, only_indented: bool = False) -> list[tuple[int, int]]:
    """Return where the code of Markdown is: fences, indented blocks and spans, in their order.

    They are found by the events of the parser that renders the body, as pairs of character offsets
    with the marks around the code. `source` has no lone surrogates (C3).
    """
    if not _MAY_BE_CODE(source):
        return []
    data, spans, read, characters = source.encode(), list[tuple[int, int]](), 0, 0
    events: Iterable[tuple[Any, Any]] = _ENGINE.events_with_range(source)
    for event, span in events:
        begun = event.get("Start", event) if isinstance(event, dict) else ""
        is_code = "CodeBlock" in begun or "Code" in begun
        if not is_code or (only_indented and begun != {"CodeBlock": "Indented"}):
            continue
        start, end = span["start"], span["end"]
        first = characters + len(data[read:start].decode())
        characters, read = first + len(data[start:end].decode()), end
        spans.append((first, characters))
    return spans


def engine(source: str, dialect: str) -> pyromark.Markdown:
    """Return the parser that reads `source`."""
    if dialect == "obsidian" or (not dialect and "![[" in source):
        return _WITH_WIKILINKS
    # With definitions the engine takes the end of a `:::note` for one.
    return _WITH_DEFINITIONS if _DEFINES(f"\n{source}") and not _CONTAINS(source) else _ENGINE


def _shown(raw: str, may_strike: bool, dialect: str) -> str:
    """Return the HTML that the engine wrote in the form that readers show."""
    if may_strike:  # no edit, as an author's own `<del>` is
        raw = raw.replace("<del>", "<s>").replace("</del>", "</s>")
    for sign, pattern, by in _SHOWN:
        if sign in raw:
            raw = re.sub(pattern, by, raw)
    if "<blockquote" in raw:
        raw = _ALERT.sub(lambda a: f"<blockquote>\n{TITLE}{a[1].title()}</strong></p>", raw)
        raw = _CALLED_OUT.sub(_called_out, raw)
    if 'class="footnote-' in raw:
        raw = _with_notes(raw)
    if dialect in _HIGHLIGHTING:
        raw = _HIGHLIGHTED.sub(lambda m: f"<mark>{m[1]}</mark>" if m[1] else m[0], raw)
    return raw


def _called_out(found: re.Match[str]) -> str:
    title = found[2].strip() or found[1].replace("-", " ").capitalize()
    return f"<blockquote>\n{TITLE}{title}</strong></p>\n<p>"


def _with_notes(raw: str) -> str:
    """Return HTML with the marks of footnotes as numbers, and their texts as a list at its end.

    Numbers go by the first mark. There are no links: an anchor leads nowhere in a reader.
    """
    notes, numbers, listed = dict[str, str](), dict[str, int](), list[str]()
    rest, end = "", 0
    while found := _NOTE.search(raw, end):
        rest += raw[end : found.start()]
        end = _end_of_div(raw, found.end())
        notes.setdefault(found[1], raw[found.end() : end].removesuffix("\n").removesuffix("</div>"))

    def mark(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            listed.append(found[1])
        return f'<sup class="footnote">{numbers.setdefault(found[1], len(listed))}</sup>'

    body = _NOTE_MARK.sub(mark, rest + raw[end:])
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


def _pictured(found: re.Match[str]) -> str:
    """Return what `![[name|words|300]]` shows: a picture (or film, see `html.readable`), else a link."""
    name, words, last = found.groups()
    if not _SIZE(last):
        words = f"{words}|{last}" if words else last
    told = escape(unquote(unescape(name))) if words is None else words
    file, at_root = _FILE(name), "/" in name and ":" not in name and name[0] not in "./"
    if ":" in name or (file and file["shown"]):
        return f'<img src="{"/" * at_root}{name}" alt="{told}" />'  # folders are those of the vault
    return f'<a href="{name}">{told}</a>'
