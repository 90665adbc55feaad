"""Plain text: what XML may carry, references decoded once, cut on a grapheme (C3, C4)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
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


class _Nesting:
    """Which bidi controls are open at a point of a text (UAX #9, BD8 to BD11)."""

    def __init__(self) -> None:
        self.closers: list[str] = []
        self._isolates = 0

    def keep(self, control: str) -> str:
        """Take note of `control` and return it, or '' if it closes nothing."""
        closer = _CLOSER.get(control)
        if closer:
            self.closers.append(closer)
            self._isolates += closer == _PDI
            return control
        return control if self._close(control) else ""

    def _close(self, control: str) -> bool:
        if control == _PDF:
            embedded = self.closers[-1:] == [_PDF]
            if embedded:
                self.closers.pop()
            return embedded
        if not self._isolates:
            return False
        while self.closers.pop() != _PDI:  # an isolate ends the embeddings inside it
            pass
        self._isolates -= 1
        return True

    def end(self) -> str:
        """Return what closes all that is open, innermost first."""
        return "".join(reversed(self.closers))


def legal(s: str) -> str:
    """Return `s` without what XML 1.0 forbids (§2.2): controls, lone surrogates, U+FFFE (C3)."""
    # Most bodies are printable but for their line ends, which is seen in half the time.
    return s if s.replace("\n", "").isprintable() else FORBIDDEN.sub("", s)


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
    if "&" in s:
        s = _decode(s)
    if not s.isprintable():
        s = clean(s)
    elif "  " not in s:
        return s.strip()
    return " ".join(s.split())


def _decode(s: str) -> str:
    try:
        return html.unescape(s)
    except ValueError:
        return html.unescape(_ENDLESS.sub("\ufffd", s))


def truncate(s: str, graphemes: int) -> str:
    """Return clean text `s` with at most `graphemes` (>= 1) grapheme clusters (UAX #29).

    A text that is cut ends with `…`, which counts, and so do the closers of bidi controls that
    are open at the cut. So that the time is bounded whatever the length, a text of more than 32
    code points a grapheme is cut as well. Idempotent for clean text; never raises.
    """
    if len(s) <= graphemes:
        return s
    limit = graphemes * _LONGEST
    if len(s) > limit:
        clusters = _clusters(s[: limit - graphemes], graphemes + 1)
        # The slice may have split the last one.
        return _head(clusters if len(clusters) > graphemes else clusters[:-1], graphemes - 1)
    clusters = _clusters(s, graphemes + 1)
    return s if len(clusters) <= graphemes else _head(clusters, graphemes - 1)


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
