"""The Markdown that most texts are made of, many times as fast as a parser of all of it.

Taken are blocks that stand alone between blank lines: paragraphs, headings, quotes and tight lists
of one level, fenced code, tables, rules; `feedpub.core.plain_spans` tells what may stand in them.
Whatever is not surely of that kind is left to a parser (`feedpub.core.commonmark`), which alone
says what Markdown means: tests hold the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, groupby
from typing import NamedTuple

from feedpub.core import plain_spans

# What a block may be is the first that matches; a paragraph is what nothing else is.
_SHAPES = {
    "heading": r"#{1,6} [^\n]*[^\s#]",
    "quote": r"> [^\n]++(?:\n> [^\n]++)*+",
    "bullets": r"(?P<sign>[-*+]) [^\n]++(?:\n(?P=sign) [^\n]++)*+",
    "numbers": r"1\. [^\n]++(?:\n[0-9]{1,9}\. [^\n]++)*+",
    "code": r"```[\w+#.,:=\"'{}()[\]/ -]*+\n(?:[^\0\r`]++|`(?!``))*+(?<=\n)```",
    "table": r"\|[^\n]++\n\|(?: *+:?+-++:?+ *+\|)++(?:\n\|[^\n]++)*+",
    "rule": r"-{3,}+|\*{3,}+",
    "paragraph": r"[^\n]++(?:\n[^\n]++)*+",
}
_BLOCK = re.compile(
    rf"\n*+(?:{'|'.join(f'(?P<{kind}>{shape})' for kind, shape in _SHAPES.items())})"
    r"(?=\n\n|\n*+\Z)"
).finditer

_BEGINS_BLOCK = re.compile(
    r"""\n(?![A-Za-z"'(\[!`*]|[^\0-\x7f\s]|[0-9]++(?![.)](?:\s|\Z)))"""
).search
"""Finds a line that may begin another block than a paragraph, behind the end of another line."""

_DEFINITION = re.compile(r"^[ >*+0-9.)-]*+\[(?:[^][\\]|\\.)*+\]:", re.MULTILINE | re.DOTALL).search
"""Finds what gives a link its address from afar."""

_STAYS_OPEN = re.compile(r"```|~~~|<(?:[!?]|script|pre|style|textarea)", re.IGNORECASE).search
"""Finds what may begin a block that no blank line ends."""

_UNSURE = "?"
_ALIGNS = {"--": "", ":-": ' align="left"', "-:": ' align="right"', "::": ' align="center"'}


class _Block(NamedTuple):
    """A part of a body between blank lines; `html` is None if it is not surely plain.

    `sign` is that of the items of a list, `_UNSURE` where it may be anything, '' if it is no list.
    """

    start: int
    end: int
    html: str | None
    sign: str

    def joins(self, other: str) -> bool:
        """Tell whether it may be one list with what has the sign `other`."""
        return bool(self.sign and other) and (self.sign == other or _UNSURE in (self.sign, other))


def render(body: str, parse: Callable[[str], str]) -> str:
    """Return the HTML of a Markdown `body`; `parse` renders what is not plain. Linear beside it."""
    if "]:" in body and _DEFINITION(body):
        return parse(body)
    parts = list[str]()
    for is_plain, group in groupby(_settled(list(_blocks(body))), key=_is_plain):
        blocks = list(group)
        if is_plain:
            parts.extend(block.html or "" for block in blocks)
            continue
        start, end = blocks[0].start, blocks[-1].end
        if _STAYS_OPEN(body, start, end):
            return parse(body)
        parts.append(parse(body[start : end + 1]))  # with its line end, if it has one
    return "".join(parts)


def _is_plain(block: _Block) -> bool:
    return block.html is not None


def _blocks(body: str) -> Iterator[_Block]:
    for found in _BLOCK(body):
        kind = found.lastgroup or ""
        html = _RENDERS[kind](found[kind])
        sign = found[kind][0] if kind in {"bullets", "numbers"} else ""
        yield _Block(*found.span(kind), html, _UNSURE if html is None else sign)


def _settled(blocks: list[_Block]) -> Iterator[_Block]:
    """Yield the blocks, as if not plain also lists beside what they may be one with."""
    signs = ["", *(block.sign for block in blocks), ""]
    for block, before, after in zip(blocks, signs, signs[2:], strict=False):
        is_apart = not block.joins(before) and not block.joins(after)
        yield block if is_apart else block._replace(html=None)


def _lines(text: str) -> str | None:
    return None if _BEGINS_BLOCK(f"\n{text}") else plain_spans.render(text)


def _paragraph(text: str) -> str | None:
    said = _lines(text)
    return None if said is None else f"<p>{said}</p>\n"


def _heading(text: str) -> str | None:
    signs, _, rest = text.partition(" ")
    said, level = plain_spans.render(rest), len(signs)
    return None if said is None else f"<h{level}>{said}</h{level}>\n"


def _quote(text: str) -> str | None:
    said = _paragraph(text[2:].replace("\n> ", "\n"))
    return None if said is None else f"<blockquote>\n{said}</blockquote>\n"


def _bullets(text: str) -> str | None:
    return _list("ul", text)


def _numbers(text: str) -> str | None:
    return _list("ol", text)


def _list(tag: str, text: str) -> str | None:
    lines = "\n".join(line.partition(" ")[2] for line in text.split("\n"))
    said = _lines(lines)
    if said is None:
        return None
    items = said.replace("\n", "</li>\n<li>")
    return f"<{tag}>\n<li>{items}</li>\n</{tag}>\n"


def _code(text: str) -> str:
    info, _, rest = text[3:].partition("\n")
    language = "".join(info.split()[:1])
    said = f' class="language-{plain_spans.escaped(language)}"' if language else ""
    return f"<pre><code{said}>{plain_spans.escaped(rest[:-3])}</code></pre>\n"


def _table(text: str) -> str | None:
    head, rule, *rows = ([c.strip(" ") for c in row[1:].split("|")] for row in text.split("\n"))
    if any(len(row) != len(rule) or row[-1] for row in (head, *rows)):
        return None
    said = plain_spans.render("\n".join(chain(head, *rows)))
    if said is None:
        return None
    cells = iter(said.split("\n"))
    aligns = [_ALIGNS[cell[0] + cell[-1]] for cell in rule[:-1]]
    top, *others = (_row("td" if n else "th", aligns, cells) for n in range(1 + len(rows)))
    body = f"<tbody>\n{''.join(others)}</tbody>\n" if others else ""
    return f"<table>\n<thead>\n{top}</thead>\n{body}</table>\n"


def _row(tag: str, aligns: list[str], cells: Iterator[str]) -> str:
    row = "".join(f"<{tag}{align}>{next(cells)}</{tag}>\n" for align in aligns)
    next(cells)  # what is behind the last sign
    return f"<tr>\n{row}</tr>\n"


def _rule(_: str) -> str:
    return "<hr />\n"


_RENDERS: dict[str, Callable[[str], str | None]] = {
    "heading": _heading,
    "quote": _quote,
    "bullets": _bullets,
    "numbers": _numbers,
    "code": _code,
    "table": _table,
    "rule": _rule,
    "paragraph": _paragraph,
}
