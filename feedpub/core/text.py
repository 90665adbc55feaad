"""Plain text: what XML may carry, references decoded once, cut on a grapheme (C3, C4).

Also how a body begins, as plain text: what stands in for an excerpt, or a title, that is not given.
It is read by patterns from the first few thousand characters, for every new item: rendering them
takes far longer, and is only done for what is in a window. Language tags are here too: which are
well-formed, how they are written, and in which direction their text runs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice

_PDF, _PDI = "\u202c", "\u2069"
_CLOSER = dict.fromkeys("\u202a\u202b\u202d\u202e", _PDF) | dict.fromkeys(
    "\u2066\u2067\u2068", _PDI
)
_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
_BIDI = re.compile(f"[{_BIDI_CONTROLS}]")
# Told sign by sign: the class of all that XML may carry takes ten times as long to compile.
_NOT_XML = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
FORBIDDEN = re.compile(f"[{_NOT_XML}]")
"""What no XML document may hold."""

_SUSPECT = re.compile(f"[{_NOT_XML}{_BIDI_CONTROLS}]")
# More digits than any code point has; beyond 4,300 of them int() itself refuses.
_ENDLESS = re.compile("&#[0-9]{32,};?")

_LONGEST = 32
"""Code points that a grapheme has on average, at most (Unicode's stream-safe form allows 31)."""

_LONGEST_OPENING = 500  # graphemes; Hugo's summaries have 70 words
_LOOKED_AT = 8_192  # characters

_MARKER = re.compile(r"(?:<!--+|\{/\*)\s*(?:more|truncate|excerpt)\s*(?:--+>|\*/\})", re.IGNORECASE)
_HEADING = re.compile(r"\s*#[ \t]([^\n]+)").match
# Each begins with one character, which a search finds at once.
FENCED = re.compile(
    r"\n[ \t>*+-]*+(?P<fence>`{3,}+(?=[^`\n]*+(?:\n|\Z))|~{3,}+)"
    r".*?(?:\n[ \t>*+-]*+(?P=fence)[`~]*+[ \t]*+(?=\n|\Z)|\Z)",
    re.DOTALL,
)
"""A block of code between fences, from the line end before it on; in a list or quotation too."""

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


class _Nesting:
    """Which bidi controls are open at a point of a text (UAX #9, BD8 to BD11)."""

    def __init__(self) -> None:
        self.closers: list[str] = []
        self._isolates = 0

    def keep(self, control: str) -> str:
        """Take note of `control` and return it, or '' if it closes nothing."""
        if closer := _CLOSER.get(control):
            self.closers.append(closer)
            self._isolates += closer == _PDI
            return control
        if not (self._isolates if control == _PDI else self.closers[-1:] == [_PDF]):
            return ""
        self._isolates -= control == _PDI
        while self.closers.pop() != control:  # an isolate ends the embeddings inside it
            pass
        return control

    def end(self) -> str:
        """Return what closes all that is open, innermost first."""
        return "".join(reversed(self.closers))


def legal(s: str) -> str:
    """Return `s` without what XML 1.0 forbids (§2.2): controls, lone surrogates, U+FFFE (C3)."""
    return FORBIDDEN.sub("", s)


def clean(s: str) -> str:
    """Return `s` without what XML 1.0 forbids (§2.2), and with its bidi controls balanced (C3).

    Embeddings, overrides and isolates left open are closed at the end; closers of nothing go.
    Idempotent; never raises.
    """
    if s.isprintable() or not _SUSPECT.search(s):
        return s
    s = legal(s)
    if not _BIDI.search(s):
        return s
    nesting = _Nesting()
    return _BIDI.sub(lambda m: nesting.keep(m[0]), s) + nesting.end()


def plain(s: str) -> str:
    """Return the text that a title or excerpt stands for (section 1).

    HTML references are decoded exactly once, the result is cleaned (C3), and each run of white
    space, no-break spaces too, becomes one space; none is left at the ends. Nothing that looks
    like a tag is removed. Never raises.
    """
    try:
        s = html.unescape(s)
    except ValueError:
        s = html.unescape(_ENDLESS.sub("\ufffd", s))
    return " ".join(clean(s).split())


def truncate(s: str, graphemes: int) -> str:
    """Return clean text `s` with at most `graphemes` (>= 1) grapheme clusters (UAX #29).

    A text that is cut ends with `…`, which counts, and so do the closers of bidi controls that
    are open at the cut. So that the time is bounded whatever the length, a text of more than 32
    code points a grapheme is cut as well. Idempotent for clean text; never raises.
    """
    if len(s) <= graphemes:
        return s
    limit = graphemes * _LONGEST
    is_whole = len(s) <= limit
    clusters = _clusters(s if is_whole else s[: limit - graphemes], graphemes + 1)
    if len(clusters) <= graphemes:
        if is_whole:
            return s
        clusters.pop()  # it may go on behind the slice
    return _head(clusters, graphemes - 1)


def _clusters(s: str, most: int) -> list[str]:
    import regex  # 15 ms, and few runs cut anything

    return [m[0] for m in islice(regex.finditer(r"\X", s), most)]


def _head(clusters: Iterable[str], room: int) -> str:
    """Return as many of `clusters` as fit in `room` with the closers they need, then `…`."""
    nesting, kept, end = _Nesting(), list[str](), ""
    for cluster in clusters:
        control = _BIDI.match(cluster)
        if control and not nesting.keep(cluster):
            continue
        if len(kept) + 1 + len(nesting.closers) > room:
            break
        kept.append(cluster)
        if control:
            end = nesting.end()
    return "".join(kept).rstrip() + end + "…"


def opening(body: str, is_html: bool = False, has_code: bool = False) -> str:
    """Return how `body` begins in plain text (C4), at most 500 graphemes; '' if it says nothing.

    That is what comes before the author's mark (`<!--more-->`, `<!-- truncate -->`), else the first
    paragraph. Headings, code, tables and pictures are passed over, and paragraphs with braces of
    template code if it `has_code` of that kind.
    """
    head = body[:_LOOKED_AT]
    mark = _MARKER.search(head) if "<!--" in head or "{/*" in head else None
    marked = " ".join(_paragraphs(head[: mark.start()], is_html, has_code)) if mark else ""
    return truncate(marked or next(_paragraphs(head, is_html, has_code), ""), _LONGEST_OPENING)


def heading(body: str) -> str:
    """Return the text of the first-level heading that a Markdown `body` begins with, or ''.

    It is the title of a Docusaurus page whose front matter has none.
    """
    found = _HEADING(body[:_LOOKED_AT])
    return _prose(found[1].rstrip("# \t")) if found else ""


def _paragraphs(head: str, is_html: bool, has_code: bool) -> Iterator[str]:
    head = f"\n{head}"
    for silent in (FENCED, _ELEMENT, _COMMENT):
        head = silent.sub("\n\n", head)
    for block in re.split(r"</p>" if is_html else r"\n[ \t]*\n", head):
        code = not is_html and block.removeprefix("\n").startswith(("    ", "\t"))
        said = "" if code else _prose(_NO_PROSE.sub("", block))
        if said and not (has_code and ("{{" in said or "{%" in said)):
            yield said


def _prose(block: str) -> str:
    if "[" in block:
        block = _LINK.sub(r"\1", _PICTURE.sub("", block))
    return plain(_INLINE.sub(_kept, _LINE_MARKS.sub("", block)))


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


# language tags

_LANGUAGE = (
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)
_CASES = {2: str.upper, 4: str.capitalize}
_LONGEST_TAG = 64

_FROM_THE_RIGHT = re.compile(
    "adlm|arab|hebr|mand|nkoo|rohg|samr|syrc|thaa"  # scripts
    "|ar|arc|bal|bqi|ckb|dv|fa|glk|he|iw|ji|khw|lrc|mzn|nqo|pnb|prs|ps|rhg|sd|skr|syr|ug|ur|yi"
).fullmatch


def is_language_tag(tag: str) -> bool:
    """Tell whether a text in lower case is a language tag (RFC 5646 §2.1)."""
    return re.fullmatch(_LANGUAGE, tag, re.ASCII) is not None


def language_tag(written: str) -> str:
    """Return a well-formed language tag in the case of RFC 5646 §2.1.1, or ''.

    `_` counts as `-`, and the charset of a POSIX locale does not count: `en_us.UTF-8` is `en-US`.
    """
    written = written.strip()
    if len(written) > _LONGEST_TAG:
        return ""
    found = re.split("[.@]", written)[0].replace("_", "-").lower()
    return _cased(found) if is_language_tag(found) else ""


def _cased(tag: str) -> str:
    """Return a lower-case tag with its script as `Hans`, its region as `CN`, up to a singleton."""
    language, *parts = tag.split("-")
    plain_from = next((n for n, part in enumerate(parts) if len(part) == 1), len(parts))
    cased = [_CASES.get(len(part), str.lower)(part) for part in parts[:plain_from]]
    return "-".join([language, *cased, *parts[plain_from:]])


def direction(language: str) -> str:
    """Return `rtl` for a language (BCP 47) that is written from the right, else `auto`.

    A script that it names decides, else what the language is mostly written in (CLDR). `auto` goes
    by the first letter of a text; titles from the right often begin with a name in Latin letters.
    """
    primary, *subtags = language.lower().replace("_", "-").split("-")
    script = next((tag for tag in subtags if len(tag) == 4 and tag.isalpha()), primary)
    return "rtl" if _FROM_THE_RIGHT(script) else "auto"
