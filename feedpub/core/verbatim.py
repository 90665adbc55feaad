"""What a site generator reads as it stands, or not at all: code, `raw`, comments (C5).

All of it is found before anything else is made of template code, since it may hold what looks like
template code, and Markdown code what looks like any of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from functools import cache
from html import escape
from typing import NamedTuple

from feedpub.core import markdown

BRACE, BLOCK, SPAN, UNKNOWN, SOURCE = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4"
"""Stand for: a brace that is text; in a mask, blocks of code and code within lines; a value that
is not known; and before an address that begins with no other. No text has them (they are no characters)."""

STAND_INS = re.compile("[\ufdd0-\ufdd4]")

_LITERAL = r"(?:\"[^\"]*+\"|'[^']*+'|`[^`]*+`|\[[^\]]*+\]|true|false|-?[0-9.]++)"
_CALL = rf"(?:end|\w++\((?:\s*+\w++\s*+=\s*+{_LITERAL}\s*+,?+)*+\s*+\))"
_HIGHLIGHT = "(?:highlight|codeblock|prism)"
_MARKER = r"(?!highlight\s*+-?%\}[ \t]*+\S)"  # what marks words has no language and no line
_CODE = "(?:highlight|mermaid|code(?:[-_]?(?:block|snippet|toggle))?)"
_KINDS = {  # where it begins and ends
    "zola_raw": (rf"\{{[{{%]/\*(?=\s*+{_CALL}\s*+\*/)", r"\*/[%}]\}"),
    "liquid_code": (
        rf"\{{%-?\s*+{_MARKER}{_HIGHLIGHT}\b(?P<liquid>[^%\n]*+)%\}}",
        rf"end{_HIGHLIGHT}",
    ),
    "hugo_code": (
        rf"\{{\{{[<%]\s*+(?P<shortcode>{_CODE})(?![\w/-])(?P<hugo>[^<>%{{}}\n]*+)(?<!/)[>%]\}}\}}",
        _CODE,
    ),
    "liquid_comment": (r"\{%-?\s*+comment\b[^%\n]*+%\}", "endcomment"),
    "kramdown_comment": (r"\{::comment\}", r"\{:/(?:comment)?\}"),
    "hugo_comment": (r"\{\{[<%]\s*+comment\s*+[>%]\}\}", "comment"),
    "go_comment": (r"\{\{-?\s*+/\*", r"\*/\s*+-?\}\}"),
    "jsx_comment": (r"\{/\*", r"\*/\s*+\}"),
    "nunjucks_comment": (r"\{\#(?=[\s-]|[^{}\n]*+\}(?<=\#\}))", r"\#\}"),
    "html_comment": (r"<!--(?!-?>)", "-->"),
    "obsidian_comment": ("%%", "%%"),
    "script": (r"<script\b[^<>]*+>", "</script"),
    "style": (r"<style\b[^<>]*+>", "</style"),
    "liquid_raw": (r"\{%-?\s*+(?:raw|verbatim)\s*+-?%\}", "end(?:raw|verbatim)"),
    "hugo_raw": (r"\{\{[<%]/\*", r"\*/[>%]\}\}"),
    "pre": (r"<pre\b[^<>]*+>", "</pre"),
    "code": (r"<code\b[^<>]*+>", "</code"),
    "math": (r"\$\$", r"\$\$"),
}
_END_TAG = {"liquid": r"\{{%-?\s*+{}\s*+-?%\}}", "hugo": r"\{{\{{[<%]\s*+/\s*+{}\s*+[>%]\}}\}}"}
_CLOSING = {
    kind: re.compile(
        _END_TAG[kind.partition("_")[0]].format(end) if re.match(r"[a-z(]", end) else end,
        re.IGNORECASE,
    )
    for kind, (_, end) in _KINDS.items()
}
_RAW = frozenset({"liquid_raw", "hugo_raw", "zola_raw"})
_HELD = frozenset({"pre", "code", "math"})
_ONLY_IN = {  # which dialect, or notation
    **dict.fromkeys(("liquid_raw", "liquid_code"), "liquid"),
    **dict.fromkeys(("hugo_raw", "hugo_code"), "shortcode"),
    "obsidian_comment": "obsidian",
}
_INLINE_MATH = re.compile(r"(?<![\\$\w])\$(?=[^\s$])[^$\n]*+(?<=[^\s\\])\$(?![\d$])")
_RAW_MARK = re.compile(r"\{%-?\s*+(?:end)?(?:raw|verbatim)\s*+-?%\}")
_LANGUAGE = re.compile(r"(?:lang(?:uage)?\s*[=:]\s*)?[\"']?([\w+#.-]++)(?!\s*=)").match
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE).search
_BEGINNING = re.compile(r"[ \t]*+(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]++)*+")
_QUOTE = re.compile(r"[ \t]*+>[> \t]*+").fullmatch
_LINE_END = re.compile(r"[ \t\r]*+(?:\n|\Z)").match
_BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")
_HTML_BLOCK = re.compile(
    r"\s*</?(?:article|aside|blockquote|center|details|div|figure|[hou][1-6l]|li|p|section|t\w+)\b"
).match
_CUT = re.compile(
    r"\W*(?:more|truncate|(?:end-?)?excerpt|pelican_end_summary)\W*", re.IGNORECASE
).fullmatch

_MOST_READINGS = 4
_FAR = 300  # characters of its line before a mark: one long line costs no more


class Block(NamedTuple):
    """A part of a source that is read as it stands or not at all, with its marks."""

    kind: str
    opened: re.Match[str]
    closed: re.Match[str]

    @property
    def inner(self) -> str:
        """What stands between the marks."""
        return self.opened.string[self.opened.end() : self.closed.start()]


class Source(NamedTuple):
    """A source without what is read as it stands, and what that did to its line numbers."""

    text: str
    shifts: list[tuple[int, int]]

    def line(self, at: int, before: int) -> int:
        """Return the line number in the body of the place `at`, after `before` line ends."""
        shift = bisect_right(self.shifts, (at, 1 << 62))
        return 1 + before + (self.shifts[shift - 1][1] if shift else 0)


def read(source: str, dialect: str, notations: Collection[str], is_html: bool) -> Source:
    """Return `source` with code as Markdown has it, without comments, what is raw made text.

    Under Jekyll and Eleventy `raw` counts in code too, as under Hugo the notation of a shortcode
    that is only shown: these generators take it away there.
    """
    without = {kind for kind, notation in _ONLY_IN.items() if notation not in {dialect, *notations}}
    raw = {"zola_raw"} if dialect == "zola" else {"liquid_raw", "hugo_raw"} - without
    is_everywhere = dialect in {"jekyll", "eleventy", "hugo", "zola"}
    source = _edited(source, raw, is_html or is_everywhere).text
    return _edited(source, _KINDS.keys() - _RAW - _HELD - without, is_html)


@cache
def _opening(kinds: frozenset[str]) -> re.Pattern[str]:
    patterns = "|".join(f"(?P<{kind}>{_KINDS[kind][0]})" for kind in _KINDS if kind in kinds)
    # The first sign makes it ten times as fast.
    return re.compile(f"(?=[{{<%$])(?:{patterns or '(?!)'})", re.IGNORECASE)


def _blocks(source: str, kinds: Collection[str], spans: list[tuple[int, int]]) -> Iterator[Block]:
    """Yield the blocks of these kinds from left to right that do not begin in code.

    A block ends in a block of code only if it is a comment that ends nowhere else: its content may
    look like code, but hides what is in it.
    """
    ends, shown, at = dict[str, list[re.Match[str]]](), dict[str, list[re.Match[str]]](), 0
    blocks = [span for span in spans if _is_block(source, *span)]
    lines = [span for span in spans if _is_block(source, *span) or "\n" not in source[slice(*span)]]
    while opened := _opening(frozenset(kinds)).search(source, at):
        kind, at = opened.lastgroup or "", opened.end()
        if _is_within(lines, opened.start()):
            at = opened.start() + 1
            continue
        if kind not in ends:
            ends[kind] = [*_CLOSING[kind].finditer(source)]
            is_comment = kind.endswith("comment")
            code = blocks if is_comment else lines
            shown[kind] = [end for end in ends[kind] if not _is_within(code, end.start())]
            ends[kind] = ends[kind] if is_comment else []
        for possible in (shown[kind], ends[kind]):
            place = bisect_left(possible, at, key=re.Match.start)
            if place < len(possible):
                at = possible[place].end()
                yield Block(kind, opened, possible[place])
                break


def _is_within(spans: list[tuple[int, int]], at: int) -> bool:
    place = bisect_right(spans, (at, 1 << 62))
    return place > 0 and at < spans[place - 1][1]


def _is_block(source: str, start: int, end: int) -> bool:
    """Say whether code is a fence or indented, not a span."""
    return source[start] != "`" or (source.startswith("```", start) and "\n" in source[start:end])


def _replaced(source: str, edits: Collection[tuple[int, int, str]]) -> str:
    pieces, done = list[str](), 0
    for start, end, by in edits:
        pieces += source[done:start], by
        done = end
    return "".join(pieces) + source[done:]


def _edited(source: str, kinds: Collection[str], is_html: bool) -> Source:
    edits, shifts, moved, lines = list[tuple[int, int, str]](), list[tuple[int, int]](), 0, 0
    if not _opening(frozenset(kinds)).search(source):
        return Source(source, [])
    for block in _blocks(source, kinds, [] if is_html else markdown.code_spans(source)):
        start, end = block.opened.start(), block.closed.end()
        by = _reading(block, is_html)
        edits.append((start, end, by))
        moved += len(by) - (end - start)
        lines += source.count("\n", start, end) - by.count("\n")
        shifts.append((end + moved, lines))
    return Source(_replaced(source, edits), shifts)


def _reading(block: Block, is_html: bool) -> str:
    """Return what a block is in Markdown, or in HTML."""
    inner = block.inner
    match block.kind:
        case "liquid_raw":
            return inner.replace("{", BRACE)
        case "hugo_raw" | "zola_raw":
            return f"{block.opened[0][:-2]}{inner}{block.closed[0][2:]}".replace("{", BRACE)
        case "script" | "style":
            return f"{block.opened[0]}{inner}{block.closed[0]}".replace("{", BRACE)
        case "html_comment" | "jsx_comment" if _CUT(inner):
            return f"<!--{inner.replace('{', BRACE)}-->"
        case "html_comment":
            return "<!---->"
        case "hugo_code" if block.opened["shortcode"] != "highlight" and _FENCE(inner):
            return block.opened[0] + inner + block.closed[0]
        case "liquid_code" | "hugo_code":
            return _code(block, is_html)
    return ""


def is_in_html(source: str, at: int) -> bool:
    """Say whether `at` is in HTML, where Markdown is not read: its paragraph begins so."""
    return _HTML_BLOCK(source, source.rfind("\n\n", max(0, at - 2000), at) + 1) is not None


def _code(block: Block, is_html: bool) -> str:
    """Return a block of code, at the indentation of its mark so that it stays in a list."""
    found = _LANGUAGE(block.opened[block.kind.removesuffix("_code")].strip())
    is_mermaid = block.opened.groupdict().get("shortcode") == "mermaid"
    language = found[1] if found else "mermaid" * is_mermaid
    code = re.sub(r"\n[> \t]*+\Z", "", _RAW_MARK.sub("", block.inner).strip("\r\n"))
    if is_html or is_in_html(block.opened.string, block.opened.start()):
        code = escape(code).replace("{", BRACE)
        code = _BLANK_LINE.sub("\n&#xfffe;", code)  # or it would end the HTML
        return f'<pre><code class="language-{escape(language)}">{code}\n</code></pre>'
    source, at = block.opened.string, block.opened.start()
    line = max(source.rfind("\n", max(0, at - _FAR), at) + 1, at - _FAR, 0)
    quote = source[line:at] if _QUOTE(source, line, at) else ""
    beginning = _BEGINNING.match(source, line, at)
    begun = beginning.end() if beginning else line
    indent = quote or " " * (begun - line)
    if not quote:
        code = re.sub(r"^(?=[^\n])", indent, code, flags=re.MULTILINE)
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", code)), default=0))
    before = "" if quote or begun == at else f"\n{indent}"
    after = "" if _LINE_END(source, block.closed.end()) else f"\n{indent}"
    return f"{before}{fence}{language}\n{code}\n{indent}{fence}{after}"


def masked(source: str, dialect: str, is_html: bool, has_expressions: bool) -> str:
    """Return `source` with signs in place of its code and formulas, each as long as these are."""
    edits = list[tuple[int, int, str]]()
    for start, end in [] if is_html else markdown.code_spans(source):
        mask = BLOCK if _is_block(source, start, end) else SPAN
        edits.append((start, end, mask * (end - start)))
    source = _replaced(source, edits)
    if has_expressions:
        source = _INLINE_MATH.sub(lambda math: BLOCK * len(math[0]), source)
    if has_expressions or not dialect:
        kinds = {"math"} if has_expressions else _HELD
        edits.clear()
        for block in _blocks(source, kinds, []):
            start, end = block.opened.start(), block.closed.end()
            if block.kind != "math" or "\n\n" not in block.inner:
                edits.append((start, end, BLOCK * (end - start)))
        source = _replaced(source, edits)
    return source


def without_indented_code(source: str) -> str:
    """Return MDX as Markdown: what is indented is no code there, only what is in fences."""
    for _ in range(_MOST_READINGS):
        edits = list[tuple[int, int, str]]()
        for start, end in markdown.code_spans(source, only_indented=True):
            line = source.rfind("\n", 0, start) + 1
            lines = re.sub(r"^(?: {1,4}|\t)", "", source[line:end], flags=re.MULTILINE)
            edits.append((line, end, lines))
        if not edits:
            break
        source = _replaced(source, edits)
    return source
