"""Edits of Markdown before it is rendered: parts that something else is read in place of (C8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

NOTHING = b"&#xfffe;"
"""Stands where a mark was: a sign in Markdown, and a character that no output has (C3)."""

BLOCK_END = b"<!---->"
"""Ends the block before it, also a paragraph, and is one of its own up to the end of the line."""

FAR = 300
"""How far back a line is looked at, so that one long line costs no more."""


class Edit(NamedTuple):
    """A part of Markdown, in bytes of UTF-8, that something else is read in place of.

    `again` says that what is read then may have marks that were not seen before.
    """

    start: int
    end: int
    by: bytes
    again: bool = False


def edited(data: bytes, edits: Iterable[Edit]) -> tuple[bytes, bool]:
    """Return `data` with its edits, of which none overlaps one before it, and whether that is all.

    It is not where an edit says so, or hides a sign of code: what follows is read in another way.
    """
    parts, end, is_settled = list[bytes](), 0, True
    for edit in sorted(edits):
        if edit.start >= end:
            parts += data[end : edit.start], edit.by
            end = edit.end
            is_settled &= not edit.again and b"`" not in data[edit.start : end]
    return b"".join(parts) + data[end:], is_settled
