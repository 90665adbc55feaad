"""Whether a file that gives no item still asks for its withdrawal (X6: fail closed)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from feedpub.core.model import Withheld

_SCANNED = 2 << 20
"""Bytes that are scanned: front matter of any size allowed, and what follows it."""

# One of the flags (group `out` if it is `published`), and a value that withholds.
_FLAG = r"""(?P<quote>["']?)(?:(?P<out>published)|(?P<draft>draft)|removed|deleted)(?P=quote)"""
_VALUE = r"""(?P<mark>["']?)(?(out)(?:false|no|off|0)|(?:true|yes|on|1))(?P=mark)"""
TAG = r"(?:[!&]\S*[ \t]+)?"
"""A pattern for the tag or the anchor that YAML may have before a value."""

_LINE = re.compile(
    rf"\n{_FLAG}[ \t]*[:=][ \t]*{TAG}{_VALUE}[ \t]*[,}}]?[ \t]*(?=\n|\#|\Z)", re.IGNORECASE
)
_MEMBER = re.compile(rf"(?<![\w-]){_FLAG}\s*:\s*{_VALUE}(?![\w-])", re.IGNORECASE)
_BRACES_FIRST = re.compile(r"\s*(?:(?:---|;;;)[ \t]*\w*[ \t]*\n\s*)?\{")
_TOML_FIRST = re.compile(r"\s*(?:\+\+\+|---[ \t]*toml)")
# The lines of a body that may be front matter: keys, what is indented or an item below them,
# comments and blank lines.
_LIKE_FRONT = re.compile(
    r"""(?:\n(?:[ \t][^\n]*|-[ \t][^\n]*|\#[^\n]*|["']?[\w.$@-]+["']?[ \t]*[:=][^\n]*)?)*+"""
)


def asks_for_withdrawal(data: bytes) -> Withheld:
    """Tell how a line of a file withholds it: `removed: true` and its kin, or `published: false`.

    REMOVED for `removed` and `deleted`, which withhold the whole story (I4), UNPUBLISHED for
    `published` and `draft`, as in a file that is whole (S3); the stronger of several. The file may
    be broken in any way, so every line without indentation counts, those of the body too; what is
    indented belongs to another key, such as `related`. Of TOML only the lines before the first
    table count, of a map in braces only its own members, as far as braces tell.
    """
    text = legible(data)
    found = max(map(_meaning, _LINE.finditer("\n" + text)), default=Withheld.NO)
    if has_braces(text):
        found = max([found, *map(_meaning, outermost(_MEMBER, text))])
    return found


def spilled_flag(text: str, start: int) -> int | None:
    """Return where a line that withholds stands at the head of a body, or None (X6).

    A fence too many has ended the front matter then: the body from `start` on begins with the keys
    that should have come before it. The head ends with the first line that is like no front
    matter, so that prose may go on with rules, and with YAML to show. `start` is a line end.
    """
    head = _LIKE_FRONT.match(text, start)
    found = _LINE.search(text, start, head.end()) if head else None
    return found.start() if found else None


def legible(data: bytes) -> str:
    """Return what can be read of the bytes of a file: of TOML, what comes before any table."""
    data = data[:_SCANNED]
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.partition("\n[")[0] if _TOML_FIRST.match(text) else text


def has_braces(text: str) -> bool:
    """Tell whether the front matter of a file is a map in braces."""
    return _BRACES_FIRST.match(text) is not None


def outermost(member: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield where `member` is found in the outermost map of `text`, as far as braces tell."""
    depth = at = 0
    for found in member.finditer(text):
        between = text[at : found.start()]
        at = found.start()
        depth += sum(map(between.count, "{[")) - sum(map(between.count, "}]"))
        if depth <= 1:
            yield found


def _meaning(flag: re.Match[str]) -> Withheld:
    return Withheld.UNPUBLISHED if flag["out"] or flag["draft"] else Withheld.REMOVED
