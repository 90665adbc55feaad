"""Seams: where a document can be cut into its items without reading it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from feedpub.formats import Check


class Seams(NamedTuple):
    """The bytes before the first item of a document, between two items, and after the last."""

    before: bytes
    between: bytes
    after: bytes


class Cut(NamedTuple):
    """A document in pieces, one for each item. `scope` says what prefixes stand for in them."""

    head: bytes
    pieces: list[bytes]
    tail: bytes
    between: bytes
    scope: bytes

    def joined(self, pieces: Sequence[bytes]) -> bytes:
        """Return the same document with only these of its items, one at least."""
        return b"".join((self.head, self.between.join(pieces), self.tail))


class Checker(NamedTuple):
    """What checks the documents of one format, and where these can be cut."""

    check: Check
    seams: Seams

    def cut(self, data: bytes) -> Cut | None:
        """Return a document in pieces, or None where it has no seams; see `is_sure`."""
        before, between, after = self.seams
        start, end = data.find(before) + len(before), data.rfind(after)
        if start < len(before) or end < start:
            return None
        return Cut(data[:start], data[start:end].split(between), data[end:], between, _scope(data))


def is_sure(piece: bytes) -> bool:
    """Say whether what looks like a seam beside a piece is one.

    A comment, a CDATA section or a processing instruction could hold it; else it is one, or the
    document is not well-formed, and is not either without some other pieces.
    """
    return _ASIDE.search(piece) is None


_ASIDE = re.compile(rb"<[!?]")

_ROOT = re.compile(rb"<\w[^>]*")
_NAMESPACES = re.compile(rb' xmlns(?::\w+)?="[^"]*"')


def _scope(data: bytes) -> bytes:
    root = _ROOT.search(data, 0, 4096)
    return b"".join(_NAMESPACES.findall(root[0])) if root else b""
