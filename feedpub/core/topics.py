"""Topic names: how they compare (T1), are shown, and become a path segment (T2, T4)."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_SLUG_BYTES = 100
"""The longest slug, in bytes of UTF-8 (T4)."""

TAKEN = frozenset(
    [
        *("archive", "con", "prn", "aux", "nul", "conin", "conout", "clock"),
        *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
    ]
)
"""Names of folders for archives, or that Windows takes for a device (T4)."""

RESERVED = TAKEN | {"index", "archives", "rss", "atom", "feed", "feeds"}
"""Slugs that would shadow a file of ours, or one of these (T4)."""

_SPOKEN = {"+": "-plus-", "#": "-sharp-"}
_LEADING_DOTS = re.compile(r"^\.+")
# Invisible, or drawn around a sign that a slug does not keep: a slug of nothing else shows nothing.
_SELECTORS = re.compile("[\ufe00-\ufe0f\u20d0-\u20f0\U000e0100-\U000e01ef]")


def label(name: str) -> str:
    """Return `name` as people read it: NFC, runs of whitespace one space, none at the ends (T1)."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def key(name: str) -> str:
    """Return the form in which names compare: whitespace-collapsed NFKC casefold (T1).

    It is its own key; '' for a name of nothing but whitespace.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()  # which may need it once more
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
    return head.rstrip("-") + tail


def _readable(folded: str) -> str:
    text = _LEADING_DOTS.sub(lambda dots: "dot-" * len(dots[0]), folded)
    for sign, word in _SPOKEN.items():
        text = text.replace(sign, word)
    spelled = "".join(map(_kept, _SELECTORS.sub("", text)))
    words = filter(None, map(_owned, spelled.split("-")))
    return unicodedata.normalize("NFC", "-".join(words))


def _kept(char: str) -> str:
    """Return a letter, mark or digit as it is, and a hyphen for all else (T2)."""
    kind = unicodedata.category(char)
    return char if kind[0] in "LM" or kind == "Nd" else "-"


def _owned(word: str) -> str:
    """Return `word` from its first letter or digit on: a mark needs one to stand on."""
    start = (n for n, char in enumerate(word) if unicodedata.category(char)[0] != "M")
    return word[next(start, len(word)) :]


def _digest(folded: str, digits: int) -> str:
    """Return the first hex digits of SHA-256; half a surrogate pair counts as any character."""
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
