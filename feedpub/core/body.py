"""A body: from what its author wrote to HTML that readers show, once for each file (C1, C5, C8).

    template code -> Markdown -> what readers cannot show

The HTML is not safe yet: `html.safe` is the one gate, when an entry is composed. Also how a body
begins: what stands in for an excerpt, or a title, that is not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from feedpub.core import html, markdown, source_links, text


class Page(NamedTuple):
    """What template code may say of an item: only what it publishes itself (S1).

    `home` is the site's address with its path; `values` has the item's title, excerpt, date, author,
    topics, link and image by these names.
    """

    home: str
    values: Mapping[str, str]


class Lost(NamedTuple):
    """A tag that was not understood: its line (from 1) and its name, nothing else of it (S2)."""

    line: int
    name: str


NO_PAGE = Page("", {})
"""What template code may say where nothing is known of the item."""

# All that it looks for begins with letters that it can leap to: what precedes them is seen last.
_MAY_HOLD_CODE = re.compile(
    r"\{[{%#/:]|%%|<(?:!--|/?[A-Z>])|:::|=\{(?<=\sstyle=\{)|port[ \t](?<=^(?:im|ex)port[ \t])",
    re.MULTILINE,
).search


class Body(NamedTuple):
    """A body as HTML, not safe yet, and what of it is not shown.

    `html` is None where it is too much for a parser. `lost` is the template code that was not
    understood, `left_out` names the elements that no reader shows, each once.
    """

    html: str | None
    lost: tuple[Lost, ...] = ()
    left_out: tuple[str, ...] = ()


def read(source: str, path: str = "", dialect: str = "", page: Page = NO_PAGE) -> Body:
    """Return the body of the file at `path` as HTML; never raises, and takes about a second.

    It is HTML or Markdown by the suffix of its path, written for the generator `dialect`; template
    code may say what is in `page`. The source alone does not tell how long it takes: few
    characters of Markdown can be much HTML, or deep.
    """
    suffix = path.rpartition(".")[2].lower()
    is_html = suffix in {"html", "htm"}
    is_mdx = suffix == "mdx" or dialect == "docusaurus"
    source, lost = text.legal(source), tuple[Lost, ...]()
    if is_mdx or _MAY_HOLD_CODE(source):
        from feedpub.core.template_code import resolve  # most bodies have none

        source, lost = resolve(source, dialect, page, is_mdx=is_mdx, is_html=is_html)
    dialect = "docusaurus" if is_mdx else dialect
    raw = source if is_html else markdown.html(source, dialect)
    if raw is None or len(raw) > html.MOST_SIZE:
        return Body(None, lost)
    raw = _without_labels(raw) if lost else raw
    shown, left_out = html.readable(raw)
    linked = source_links.marked(shown, path, dialect)
    return Body(linked if html.bearable(linked) else None, lost, left_out)


_LABEL = re.compile(
    r"<(?P<code>pre|code)\b.*?(?:</(?P=code)|\Z)|(?<![\w\])])\[([^\[\]<>\n]++)\]\[[^\[\]<>\n]*+\]",
    re.DOTALL,
)


def _without_labels(source: str) -> str:
    """Return HTML without the marks of references (`[words][label]`) whose address is not known.

    It may have stood in what was left out.
    """
    return _LABEL.sub(lambda found: found[2] or found[0], source)


_TAG = re.compile(r"<[^<>]*>")
_LINE_BREAK = re.compile(r"<br\b[^<>]*>")
_LOOKED_AT = 16_384  # characters
_LONGEST_OPENING = 500  # graphemes; Hugo's summaries have 70 words
_MORE = re.compile(
    r"<!--+\s*(?:more|truncate|excerpt|pelican_end_summary)\s*--+>", re.IGNORECASE
).search
_SILENT = re.compile(
    r"<!--.*?-->|<(?P<tag>h[1-6]|pre|table|figure|figcaption|video|audio|dt)\b.*?</(?P=tag)\s*>"
    r"|<p class=\"title\">.*?</p>",
    re.DOTALL | re.IGNORECASE,
)
_NOTE_MARK = re.compile(r"<sup class=\"footnote\">[0-9]+</sup>")
_LINK = re.compile(r"<a\b[^<>]*>.*?</a>", re.DOTALL | re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|blockquote|ul|ol|dl|hr|section|article|aside|details|summary|center)\b[^<>]*>",
    re.IGNORECASE,
)
_TITLE_MARKS = re.compile(r"[\s`*_\"'“”‘’.:¶]+")
_FIRST_HEADING = re.compile(
    r"\s*<h([1-6])\b[^<>]*>(.*?)</h\1\s*>\s*", re.DOTALL | re.IGNORECASE
).match


def words(source: str) -> str:
    """Return the plain text of HTML."""
    return text.plain(_TAG.sub("", _LINE_BREAK.sub(" ", source)))


def opening(source: str) -> str:
    """Return how a body begins in plain text (C4), at most 500 graphemes; '' if it says nothing.

    That is what comes before the author's mark (`<!--more-->`, `<!-- truncate -->`), else the first
    paragraph, if there is one, that is more than a link, such as to a video. Headings, code, tables
    and pictures are passed over.
    """
    head = source[:_LOOKED_AT]
    mark = _MORE(source)
    marked = " ".join(map(words, _paragraphs(source[: mark.start()][:_LOOKED_AT]))) if mark else ""
    if not marked:
        parts = _paragraphs(head)
        first = next(parts, "")
        more = (part for part in chain([first], parts) if words(_LINK.sub("", part)))
        marked = words(next(more, first))
    return text.truncate(marked, _LONGEST_OPENING)


def _paragraphs(head: str) -> Iterator[str]:
    """Yield the parts of HTML that say something."""
    quiet = _SILENT.sub("\n", _NOTE_MARK.sub("", head))
    yield from filter(words, _BLOCK_TAG.split(quiet))


def heading(source: str) -> str:
    """Return the text of the first-level heading that a body begins with, or ''.

    It is the title of a page of Docusaurus whose front matter has none.
    """
    found = _FIRST_HEADING(source[:_LOOKED_AT])
    return words(found[2]) if found and found[1] == "1" else ""


def without_title(source: str, title: str) -> str:
    """Return a body without the heading that it begins with, if that says what `title` says (C8)."""
    found = _FIRST_HEADING(source)
    if found and _compared(words(found[2])) == _compared(title):
        return source[found.end() :]
    return source


def _compared(title: str) -> str:
    """Return a title without the marks that only one of two places may have: `code`, "quotes"."""
    return _TITLE_MARKS.sub(" ", title.casefold()).strip()
