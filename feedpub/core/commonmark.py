"""CommonMark with tables and strikethrough to raw HTML, through markdown-it-py.

Importing this costs 50 ms: `core.markup` does it when the first body is rendered. What comes out
still has to be sanitized.
"""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

_GENERATOR_MARK = re.compile(r"\{(?::[^{}\n]*|#[\w-]+|/\*[^{}\n]*\*/)\}")
_ADMONITION = re.compile(r":{3,}+[ \t]*+\w*+[ \t]*+(?:\{[^}]*+\}|\[(.*)\]|(.*))")


class _CommonMark(MarkdownIt):
    """Leaves link targets as they are written: the sanitizer judges and resolves them (C1, C2)."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it-py's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it-py's name
        return True


def render(body: str) -> str:
    """Return the HTML of a Markdown `body`; raw HTML in it passes through.

    Linear in the number of markup characters, about 15 µs each at worst; nesting ends at 20
    levels. Marks that site generators consume are left out: kramdown's `{: .class}`, the `{#id}`
    of headings, MDX's `{/* comment */}`, the `:::note` lines around an admonition.
    """
    html: str = _renderer().render(body)
    return html


@cache
def _renderer() -> MarkdownIt:
    markdown = _CommonMark("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.block.ruler.before(
        "paragraph", "admonition", _skip_admonition, {"alt": ["paragraph", "blockquote", "list"]}
    )
    markdown.inline.ruler.push("generator_mark", _skip_mark)
    markdown.core.ruler.push("align", _align_cells)
    return markdown


def _skip_mark(state: StateInline, silent: bool) -> bool:  # noqa: ARG001 - the shape of a rule
    if state.src[state.pos] != "{":
        return False
    mark = _GENERATOR_MARK.match(state.src, state.pos, state.posMax)
    if mark:
        state.pos = mark.end()
    return mark is not None


def _skip_admonition(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - the shape of a rule
    """Leave out the line that begins or ends an admonition, but for the title it gives."""
    begin = state.bMarks[line] + state.tShift[line]
    mark = _ADMONITION.match(state.src, begin, state.eMarks[line])
    if not mark or state.is_code_block(line):
        return False
    if silent:
        return True
    state.line = line + 1
    title = mark[1] or mark[2]
    if title:
        _add_paragraph(state, f"**{title.strip()}**", line)
    return True


def _add_paragraph(state: StateBlock, content: str, line: int) -> None:
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = content, [], [line, line + 1]
    state.push("paragraph_close", "p", -1)


def _align_cells(state: StateCore) -> None:
    """Say a column's alignment by the attribute: style attributes are not let out (C1)."""
    for token in state.tokens:
        if token.attrs and token.type in {"th_open", "td_open"}:
            style = str(token.attrs.pop("style", ""))
            token.attrs["align"] = style.removeprefix("text-align:")
