"""What stands within the lines of Markdown, in its plain form: see `feedpub.core.plain_markdown`.

That is text, character references, code, emphasis, links and pictures.
"""

from __future__ import annotations

import html
import re

_TEXT = r"[^\0\t\n\r!&*<\[\\_`{~]"
_REFERENCE = "&(?:amp|lt|gt|quot|nbsp|#39|#[1-9][0-9]{3});"
_SIGN = rf"{_TEXT}|!(?!\[)|{_REFERENCE}|&(?![#\w]++;)"
_WORD = rf"{_SIGN}|(?<=[^\W_])_(?=[^\W_])"
_CODE = r"`(?![ `])[^\0\t\n\r`%s]++(?<! )`(?!`)"
_BRACKETS = r"\[\]"
_TARGET = r"\([^\0-\x20\x7f-\xa0()*<>[\]\\;\"'`{}\s]++\)"
_PICTURE = rf"!\[(?:(?!\])(?:{_SIGN}))*+\]{_TARGET}"
_LINK = rf"\[(?:(?!\])(?:{_SIGN}|{_CODE % _BRACKETS}|{_PICTURE}))*+\]{_TARGET}"


def _emphasis(mark: str) -> str:
    """Return the pattern of emphasis that, by what stands around it, surely begins and ends."""
    begin, end = r"""(?<![^ \n("'])""", r"""(?![^ \n.,:;!?)"'])"""
    within = rf"(?=[^\W_]|[`\[])(?:{_WORD}|{_CODE % ''}|{_LINK})++(?<=[^\W_]|[.,:;!?`)])"
    return begin + mark + within + mark + end


_PIECE = "|".join(
    (rf"{_TEXT}++", _WORD, _CODE % "", _emphasis(r"\*\*"), _emphasis(r"\*"), _LINK, _PICTURE)
)
_PLAIN = re.compile(rf"(?:(?:(?!\s)(?:{_PIECE})++(?<!\s))?+(?:\n|\Z))++").fullmatch

# Each branch begins with one character, which a search finds at once.
_SPAN = re.compile(
    r"`([^`]+)`"
    r"|\*(\*?)((?:[^*`]|`[^`]+`)+)\*\*?"
    r"|!\[([^]]*)\]\(([^)]+)\)"
    r"|\[((?:[^][`]|`[^`]+`|!\[[^]]*\]\([^)]+\))*)\]\(([^)]+)\)"
    f"|{_REFERENCE.replace('&', '&amp;')}"
).sub


def render(lines: str) -> str | None:
    """Return the HTML of `lines`, each for itself, or None if one is not surely plain. Linear."""
    return _spans(escaped(lines)) if _PLAIN(lines) else None


def escaped(text: str) -> str:
    """Return text as it stands in HTML, also within quotes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")


def _spans(safe: str) -> str:
    return _SPAN(_span, safe)


def _span(found: re.Match[str]) -> str:
    code, second, emphasized, seen, source, label, target = found.groups()
    if code:
        return f"<code>{code}</code>"
    if emphasized:
        name = "strong" if second else "em"
        return f"<{name}>{_spans(emphasized)}</{name}>"
    if source:
        return f'<img src="{source}" alt="{_spans(seen)}" />'
    if target:
        return f'<a href="{target}">{_spans(label)}</a>'
    return escaped(html.unescape(f"&{found[0].removeprefix('&amp;')}"))
