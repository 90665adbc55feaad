"""Plain text: what XML may carry, references decoded once, cut on a grapheme (C3, C4).

Language tags are here too (which are well-formed, how they are written, in which direction their
text runs), and what generators make of titles for addresses.
"""

from __future__ import annotations

import html
import re
import unicodedata
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

_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>")

_LONGEST = 32
"""Code points that a grapheme has on average, at most (Unicode's stream-safe form allows 31)."""


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
    closers = list[str]()  # of what is open, innermost last
    isolates = list[int]()  # where in `closers` those of isolates are

    def kept(found: re.Match[str]) -> str:
        control = found[0]
        if closer := _CLOSER.get(control):
            if closer == _PDI:
                isolates.append(len(closers))
            closers.append(closer)
        elif control == _PDI and isolates:
            del closers[isolates.pop() :]  # it ends the embeddings inside it, too
        elif control == _PDF and closers[-1:] == [_PDF]:
            closers.pop()
        else:
            return ""
        return control

    return _BIDI.sub(kept, legal(s)) + "".join(reversed(closers))


def plain(s: str) -> str:
    """Return the text that a title or excerpt stands for (section 1).

    HTML references are decoded exactly once, the result is cleaned (C3), and each run of white
    space, no-break spaces too, becomes one space; none is left at the ends. Nothing that looks
    like a tag is removed. Never raises.
    """
    return " ".join(clean(decoded(s)).split())


def untagged(s: str) -> str:
    """Return the text that a line of HTML stands for; see `plain`."""
    return plain(_TAGS.sub("", s))


def decoded(s: str) -> str:
    """Return `s` with its HTML references decoded once. Never raises."""
    try:
        return html.unescape(s)
    except ValueError:
        return html.unescape(_ENDLESS.sub("\ufffd", s))


def folded(s: str) -> str:
    """Return the form in which keys and flags compare: NFKC casefold, no format characters."""
    if s.isascii():
        return s.lower()
    s = "".join(c for c in s if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", s).casefold())


def truncate(s: str, graphemes: int) -> str:
    """Return `s`, cleaned, with at most `graphemes` (>= 1) grapheme clusters (UAX #29).

    A text that is cut ends with `…`, which counts, and so do the closers of bidi controls that
    are open at the cut. So that the time is bounded whatever the length, a text of more than 32
    code points a grapheme is cut as well. Idempotent for clean text; never raises.
    """
    if len(s) <= graphemes:
        return s
    import regex  # 15 ms, and few runs cut anything

    s, limit = clean(s), graphemes * _LONGEST
    is_whole = len(s) <= limit
    found = regex.finditer(r"\X", s if is_whole else s[: limit - graphemes])
    clusters = [one[0] for one in islice(found, graphemes + 1)]
    if len(clusters) <= graphemes:
        if is_whole:
            return s
        clusters.pop()  # it may go on behind the slice
    kept = graphemes - 1
    while True:
        head = "".join(clusters[:kept]).rstrip()
        closed = clean(head)
        excess = kept + len(closed) - len(head) - (graphemes - 1)
        if excess <= 0:
            return f"{closed}…"
        kept -= (excess + 1) // 2  # a control less may be a closer less


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


def only(s: str, keeps: str, other: str = "") -> str:
    """Return letters, marks, digits, `_`, white space and what is in `keeps`; all else is `other`."""
    return re.sub(
        rf"[^\w\s{re.escape(keeps)}]",
        lambda sign: sign[0] if unicodedata.category(sign[0])[0] == "M" else other,
        s,
    )


_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th"})


def latin(s: str) -> str:
    """Return `s` in small letters without accents and ligatures, as slugs of ASCII have it."""
    bare = unicodedata.normalize("NFKD", s.lower().translate(_LETTERS))
    return "".join(c for c in bare if not unicodedata.combining(c))


def slug(s: str, keeps: str = "") -> str:
    """Return what site generators make of a title for an address: `What's new?` is `whats-new`.

    Letters, marks, digits, `_`, `-` and what is in `keeps` stay, in small letters. Other than the
    slugs of topics (T2), this one may be '', and equal for two titles.
    """
    kept = only(unicodedata.normalize("NFC", s).lower(), f"-{keeps}")
    return "-".join(filter(None, re.split(r"[\s-]+", kept)))
