"""Whether HTML can be parsed in bounded time and memory (issue 2, point 7).

An HTML5 parser repairs wrong nesting, and its repairs can cost the square of the input: 20,000
open `<div>`, or 10,000 unclosed `<b id=…>` each opened again in 10,000 paragraphs. The work is
about the sum, over all start tags, of the number of elements open there; that is estimated here,
on the high side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_WORK = 500_000
"""The most start tags times open elements; 0.1 s at worst."""

_MOST_TAGS = 30_000
_SHORT = 1 << 17

_TEXT_ONLY = "script|style|iframe|noscript|textarea|title|xmp|noembed|noframes"
_HOLDS_TEXT = frozenset(_TEXT_ONLY.split("|"))
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split())
_SELF_CLOSED = frozenset({"p", "li", "dt", "dd"})
"""Elements whose end tag authors leave out; the next one ends them."""

_ATTRIBUTES = r"""
    (?:\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?+){0,64}+\s*+
"""
_TAG = re.compile(
    rf"""<(?:
        !--(?!-?>)(?:[^-]|-(?!-))*+-->                          # a comment
      | ({_TEXT_ONLY}){_ATTRIBUTES}>[^<]*+</\1\s*+>    # an element that holds text only
      | ([a-z][a-z0-9:-]*+){_ATTRIBUTES}/?+>                    # a start tag
      | /([a-z][a-z0-9:-]*+)\s*+>                               # an end tag
      | (?=[a-z/!?])                                            # anything else
    )""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


def modest(source: str, tags: int) -> bool:
    """Say whether `source` has too few tags of its own to do harm.

    `tags` bounds the start tags of the HTML made from it, for each of which every element of
    `source` might be open.
    """
    return len(source) <= _SHORT and source.count("<") * tags <= MOST_WORK


def bearable(html: str) -> bool:
    """Say whether an HTML5 parser handles `html` in about a second.

    What is modest is passed at once. What is long and intricate has to be written plainly:
    balanced, at most 64 attributes a tag, and without constructs that only a full parser reads
    right, since those could hide how deep it is nested.
    """
    opens = html.count("<")
    return modest(html, opens) or (opens <= 2 * _MOST_TAGS and _work(html) <= MOST_WORK)


def _work(html: str) -> float:
    stack: list[str] = []
    work = 0
    for opened, closed in _tags(html):
        if not opened and not closed:
            return float("inf")
        if opened:
            work += len(stack) + 1
            if opened not in _VOID:
                stack.append(opened)
        elif stack and stack[-1] == closed:
            stack.pop()
        if work > MOST_WORK:
            break
    return work


def _tags(html: str) -> Iterator[tuple[str, str]]:
    """Yield (start, '') or ('', end) for each tag that nests, ('', '') for what is unreadable."""
    for m in _TAG.finditer(html):
        text_only, start, end = m.groups()
        name = (start or end or "").lower()
        if text_only or name in _SELF_CLOSED or m[0].startswith("<!--"):
            continue
        if start and name in _HOLDS_TEXT:
            start = name = ""
        yield (name, "") if start else ("", name)
