"""How a body begins, as plain text: what stands in for an excerpt, or a title, that is not given.

Read by patterns from the first few thousand characters, for every new item: rendering them takes a
hundred times as long, and is only done for what is in a window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core import text

_MOST = 500  # graphemes; Hugo's summaries have 70 words
_LOOKED_AT = 8_192  # characters

_MARKER = re.compile(r"(?:<!--+|\{/\*)\s*(?:more|truncate|excerpt)\s*(?:--+>|\*/\})", re.IGNORECASE)
_HEADING = re.compile(r"\s*#[ \t]([^\n]+)").match
# Each begins with one character, which a search finds at once.
_FENCED = re.compile(
    r"\n[ \t]*(?P<fence>`{3,}(?=[^`\n]*\n)|~{3,}).*?(?:\n[ \t]*(?P=fence)[`~]*[ \t]*(?=\n|\Z)|\Z)",
    re.DOTALL,
)
_COMMENT = re.compile(r"\{/\*.*?(?:\*/\}|\Z)", re.DOTALL)
_ELEMENT = re.compile(
    r"<(?:!--.*?(?:-->|\Z)|(?P<tag>style|script|svg|pre|table|figure|iframe|video|audio|h[1-6])\b"
    r".*?(?:</(?P=tag)\s*>|\Z))",
    re.DOTALL,
)
# Headings, rows of tables, rules, marks around admonitions, definitions, modules of MDX.
_NO_PROSE = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t][^\n]*|[|][^\n]*|:::[^\n]*|(?:[-*_=][ \t]*){3,}"
    r"|\[[^]\n]+\]:[^\n]*|(?:import|export)[ \t][^\n]*[;'\"}]|\{[:%][^\n]*\}|>[ \t]*\[![^\n]*)$"
    r"|^[^\n]+\n[ \t]*(?:=+|-+)[ \t]*$",
    re.MULTILINE,
)
_LINE_MARKS = re.compile(
    r"^[ \t]*(?:(?:>[ \t]?|[-+*][ \t]+|\d{1,9}[.)][ \t]+)[ \t]*)+", re.MULTILINE
)
_PICTURE = re.compile(r"!\[[^][]*\](?:\([^()]*\)|\[[^][]*\])?|\[\^[^][]*\]")
_LINK = re.compile(r"\[([^][]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^][]*\])")
# Code, HTML and autolinks, escapes, what generators consume, emphasis. Each branch begins with one
# character, so that the search is fast.
_INLINE = re.compile(
    r"`[^`]+`|`|<[/a-zA-Z][^<>]*>|\\[!-/:-@[-`{-~]|\{[:#][^{}\n]*\}"
    r"|\*[*_~]*+|_[*_~]*+|~[*_~]*+"
)
_AUTOLINK = ("<http://", "<https://", "<mailto:")


def opening(body: str, is_html: bool = False, has_code: bool = False) -> str:
    """Return how `body` begins in plain text (C4), at most 500 graphemes; '' if it says nothing.

    That is what comes before the author's mark (`<!--more-->`, `<!-- truncate -->`), else the first
    paragraph. Headings, code, tables and pictures are passed over, and paragraphs with braces of
    template code if it `has_code` of that kind.
    """
    head = body[:_LOOKED_AT]
    mark = _MARKER.search(head) if "<!--" in head or "{/*" in head else None
    marked = " ".join(_paragraphs(head[: mark.start()], is_html, has_code)) if mark else ""
    return text.truncate(marked or next(_paragraphs(head, is_html, has_code), ""), _MOST)


def heading(body: str) -> str:
    """Return the text of the first-level heading that a Markdown `body` begins with, or ''.

    It is the title of a Docusaurus page whose front matter has none.
    """
    found = _HEADING(body[:_LOOKED_AT])
    return _plain(found[1].rstrip("# \t")) if found else ""


def _paragraphs(head: str, is_html: bool, has_code: bool) -> Iterator[str]:
    head = f"\n{head}"
    for silent in (_FENCED, _ELEMENT, _COMMENT):
        head = silent.sub("\n\n", head)
    for block in re.split(r"</p>" if is_html else r"\n[ \t]*\n", head):
        code = not is_html and block.removeprefix("\n").startswith(("    ", "\t"))
        said = "" if code else _plain(_NO_PROSE.sub("", block))
        if said and not (has_code and ("{{" in said or "{%" in said)):
            yield said


def _plain(block: str) -> str:
    if "[" in block:
        block = _LINK.sub(r"\1", _PICTURE.sub("", block))
    return text.plain(_INLINE.sub(_kept, _LINE_MARKS.sub("", block)))


def _kept(found: re.Match[str]) -> str:
    """Return what is left of inline markup: the text of code, autolinks and escapes."""
    mark = found[0]
    if mark[0] == "`" or mark.startswith(_AUTOLINK):
        return mark[1:-1]
    if mark[0] == "\\":
        return mark[1]
    return mark if mark[0] in "*_~" and not _is_emphasis(found) else ""


def _is_emphasis(found: re.Match[str]) -> bool:
    """Tell emphasis from `2 * 3`, `snake_case` and `~5`."""
    start, end = found.span()
    before, after = found.string[max(start - 1, 0) : start], found.string[end : end + 1]
    within_word = before.isalnum() and after.isalnum()
    alone = not before.strip() and not after.strip()
    return found[0] != "~" and not alone and not (within_word and "*" not in found[0])
