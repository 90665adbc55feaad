"""Topic names: how they compare (T1), are shown, and become a path segment (T2, T4)."""

from __future__ import annotations

import hashlib
import unicodedata

import regex

MAX_SLUG_BYTES = 100
"""The longest slug, in bytes of UTF-8 (T4)."""

_DEVICES = ("con", "prn", "aux", "nul", "conin", "conout", "clock")
RESERVED = frozenset(
    ("index", "archive", "archives", "rss", "atom", "feed", "feeds")
    + _DEVICES
    + tuple(f"{port}{n}" for port in ("com", "lpt") for n in range(10))
)
"""Slugs that would shadow a file of ours, or that Windows takes for a device (T4)."""

_SPOKEN = {"+": "-plus-", "#": "-sharp-"}
_LEADING_DOTS = regex.compile(r"^\.+")
# A mark stays only on the letter or digit that it belongs to, else an emoji's invisible variation
# selector would be a slug of its own.
_DROPPED = regex.compile(r"[^\p{L}\p{M}\p{Nd}]+|(?<![\p{L}\p{M}\p{Nd}])\p{M}+")
_SELECTORS = regex.compile(r"[\uFE00-\uFE0F\u20E3\U000E0100-\U000E01EF]+")
_LOOSE_END = regex.compile(r"[-\p{M}]+$")


def label(name: str) -> str:
    """Return `name` as people read it: NFC, runs of whitespace one space, none at the ends (T1)."""
    collapsed = " ".join(name.split())
    return collapsed if collapsed.isascii() else unicodedata.normalize("NFC", collapsed)


def key(name: str) -> str:
    """Return the form in which names compare: whitespace-collapsed NFKC casefold (T1).

    It is its own key; '' for a name of nothing but whitespace.
    """
    if name.isascii():
        return " ".join(name.split()).lower()
    folded = _fold(name)
    while (again := _fold(folded)) != folded:
        folded = again
    return folded


def _fold(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def slug(name: str) -> str:
    """Return the path segment of a topic: never empty, never more than it looks like (T2, T4).

    `name` is a key, or any spelling of it. What the result holds: Unicode letters, marks, digits
    and single hyphens, in NFC, at most `MAX_SLUG_BYTES` bytes of UTF-8, not percent-encoded.
    Distinct keys may share a slug; whoever hands out addresses then uses `suffixed` (T3).
    """
    folded = key(name)
    readable = _readable(folded)
    if not readable:
        return f"t-{_digest(folded, 8)}"
    if readable in RESERVED or len(readable.encode()) > MAX_SLUG_BYTES:
        return suffixed(readable, folded)
    return readable


def suffixed(taken: str, name: str) -> str:
    """Return the slug `taken` with `-` and 6 hex digits of the key of `name`, within 100 bytes."""
    tail = f"-{_digest(key(name), 6)}"
    head = taken.encode()[: MAX_SLUG_BYTES - len(tail)].decode(errors="ignore")
    return (head if head == taken else _LOOSE_END.sub("", head)) + tail


def _readable(folded: str) -> str:
    text = _LEADING_DOTS.sub(lambda dots: "dot-" * len(dots[0]), folded)
    for sign, word in _SPOKEN.items():
        text = text.replace(sign, word)
    hyphened = _DROPPED.sub("-", _SELECTORS.sub("", text))
    return unicodedata.normalize("NFC", hyphened).strip("-")


def _digest(folded: str, digits: int) -> str:
    """Return the first hex digits of SHA-256; half a surrogate pair counts as any character."""
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
