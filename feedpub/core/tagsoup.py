"""Whether HTML can be parsed in bounded time and memory (issue 2, point 7).

An HTML5 parser repairs wrong nesting, and its repairs can cost the square of the input: 20,000
open `<div>`, or 10,000 unclosed `<b id=…>` each opened again in 10,000 paragraphs. The work is
about the sum, over all tags, of the number of elements open there; that is estimated here,
on the high side.
"""

from __future__ import annotations

import re

MOST_WORK = 500_000
"""The most tags times open elements; 0.1 s at worst."""

_MOST_TAGS = 30_000
_SHORT = 1 << 17

_TEXT_ONLY = "script|style|iframe|noscript|textarea|title|xmp|noembed|noframes"
_HOLDS_TEXT = frozenset(_TEXT_ONLY.split("|"))
_CHILDLESS = "area base br col embed hr img input link meta param source track wbr"
_LEFT_OPEN = "p li dt dd"
_NOT_NESTING = frozenset(f"{_CHILDLESS} {_LEFT_OPEN}".split())
"""Elements without content, and those that the next one ends when the author did not."""

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
    """Return the sum of the open elements over all tags; infinite if a tag is not plain."""
    stack: list[str] = []
    work = 0.0
    for m in _TAG.finditer(html):
        start, end = m[2], m[3]
        work += len(stack)
        if start:
            work += _open(start.lower(), stack)
        elif end and stack[-1:] == [end.lower()]:
            stack.pop()
        elif m[0] == "<":
            return float("inf")
        if work > MOST_WORK:
            break
    return work


def _open(name: str, stack: list[str]) -> float:
    if name in _HOLDS_TEXT:
        return float("inf")
    if name not in _NOT_NESTING:
        stack.append(name)
    return 1
