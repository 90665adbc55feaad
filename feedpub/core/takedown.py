"""Whether a file that gives no item still asks for its withdrawal (X6: fail closed)."""

from __future__ import annotations

import codecs
import re

_SCANNED = 2 << 20
"""Bytes that are scanned: front matter of any size allowed, and what follows it."""

# One of the flags (group `out` if it is `published`), and a value that withholds.
_FLAG = r"""(?P<quote>["']?)(?:(?P<out>published)|removed|deleted|draft)(?P=quote)"""
_VALUE = r"""(?P<mark>["']?)(?(out)(?:false|no|off|0)|(?:true|yes|on|1))(?P=mark)"""
_TAG = r"(?:[!&]\S*[ \t]+)?"

_LINE = re.compile(
    rf"\n{_FLAG}[ \t]*[:=][ \t]*{_TAG}{_VALUE}[ \t]*[,}}]?[ \t]*(?=\n|\#|\Z)", re.IGNORECASE
)
_MEMBER = re.compile(rf"(?<![\w-]){_FLAG}\s*:\s*{_VALUE}(?![\w-])", re.IGNORECASE)
_BRACES_FIRST = re.compile(r"\s*(?:(?:---|;;;)[ \t]*\w*[ \t]*\n\s*)?\{")
_TOML_FIRST = re.compile(r"\s*(?:\+\+\+|---[ \t]*toml)")


def asks_for_withdrawal(data: bytes) -> bool:
    """Tell whether a line of a file says `published: false`, or `removed: true` and its kin.

    The file may be broken in any way, so every line without indentation counts, those of the body
    too; what is indented belongs to another key, such as `related`. Of TOML only the lines before
    the first table count, of a map in braces only its own members, as far as braces tell.
    """
    text = _decoded(data[:_SCANNED])
    if _TOML_FIRST.match(text):
        text = text.partition("\n[")[0]
    if _LINE.search("\n" + text):
        return True
    return _BRACES_FIRST.match(text) is not None and _has_member(text)


def _decoded(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _has_member(text: str) -> bool:
    depth = at = 0
    for found in _MEMBER.finditer(text):
        between = text[at : found.start()]
        at = found.start()
        depth += sum(map(between.count, "{[")) - sum(map(between.count, "}]"))
        if depth <= 1:
            return True
    return False
