"""Addresses in text that are no links yet: those of pages and of mail (GFM, autolinks)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core.edits import Edit

_ADDRESS_SIGN = re.compile(rb"https?://|www\.|@").finditer
_ADDRESS = re.compile(
    rb"https?://[^\s<>|`\"]+|www\.[\w-]+(?:\.[\w-]+)+[^\s<>|`\"]*"
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<=[a-zA-Z])(?![\w@-])"
).match
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-"
_MAY_PRECEDE = b"(*_~\">'["
_NEVER_LAST = b"?!.,:;*_~'\"]}"


def addresses(data: bytes, start: int, end: int, scheme: bytes) -> Iterator[Edit]:
    """Yield a link for each bare address that begins in the text (GFM, autolinks).

    `scheme` is that of an address that begins with `www.`.
    """
    done = start
    for sign in _ADDRESS_SIGN(data, start, end):
        at = sign.start()
        if sign[0] == b"@":
            at -= _local_part(data[max(done, at - 64) : at])
        before = data[at - 1 : at]
        if at < done or (before and not before.isspace() and before not in _MAY_PRECEDE):
            continue
        found = _ADDRESS(data, at)
        if not found:
            continue
        url = _without_punctuation(found[0])
        done = at + len(url)
        to = scheme + url if url.startswith(b"www.") else url
        by = b"<" + url + b">" if to == url else b"[" + url + b"](<" + to + b">)"
        if b"\\" not in url and b"." in url:
            yield Edit(at, done, by)


def _local_part(before: bytes) -> int:
    """Return how long the name before an `@` is."""
    return len(before) - len(before.rstrip(_NAME))


def _without_punctuation(url: bytes) -> bytes:
    """Return a bare address without what belongs to the sentence around it."""
    opened, closed, end = url.count(b"("), url.count(b")"), len(url)
    while end:
        last = url[end - 1 : end]
        if last == b")" and closed > opened:
            closed -= 1
        elif last not in _NEVER_LAST:
            break
        end -= 1
    return url[:end]
