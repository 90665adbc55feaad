"""What a request is answered with: a look-up among prepared documents, and nothing else (H1-H8).

No path of a request ever reaches the file system. Everything here is pure; bytes of a head are
prepared once per change, so that an answer is their concatenation with the date and the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote_to_bytes

CSP = "default-src 'none'; img-src * data:; style-src 'self' 'unsafe-inline'; base-uri 'none'"
"""Pages load pictures and nothing else; their links may lead anywhere."""

_ETAG = re.compile(r'(?:W/)?("[^"]*")')


class Policy(NamedTuple):
    """For how many seconds answers may be kept: by readers, by shared caches, when all is down."""

    max_age: int
    shared_max_age: int
    stale_if_error: int

    @property
    def header(self) -> str:
        """The value of Cache-Control (H4)."""
        return (
            f"public, max-age={self.max_age}, s-maxage={self.shared_max_age},"
            f" stale-if-error={self.stale_if_error}"
        )


@dataclass(frozen=True, slots=True)
class Variant:
    """A document in one coding: its ETag and its heads, each without the status line and date.

    `size` is that of the body in bytes.
    """

    etag: str
    size: int
    ok: bytes
    not_modified: bytes


class Facts(NamedTuple):
    """What is said of a document in its head; `content` is the hash of its bytes."""

    media_type: str
    modified: int
    content: str
    links: tuple[str, ...]


def variant(facts: Facts, policy: Policy, size: int, coding: str = "") -> Variant:
    """Prepare the heads of a document in a coding, '' for none (H1: its own strong ETag)."""
    etag = f'"{facts.content}{"-" + coding if coding else ""}"'
    kept = {
        "ETag": etag,
        "Cache-Control": policy.header,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    whole: dict[str, str] = {
        "Content-Type": facts.media_type,
        "Content-Length": str(size),
        **({"Content-Encoding": coding} if coding else {}),
        "Last-Modified": formatdate(facts.modified, usegmt=True),
        **kept,
        "X-Content-Type-Options": "nosniff",
    }
    if facts.media_type.startswith("text/html"):
        whole |= {"Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer"}
    if facts.links:
        whole["Link"] = ", ".join(facts.links)
    return Variant(etag, size, head(whole), head(kept))


def head(fields: Mapping[str, str]) -> bytes:
    """Return header fields as they are sent, each line with its end."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("latin-1")


@lru_cache(maxsize=512)
def takes_gzip(accept_encoding: str) -> bool:
    """Say whether Accept-Encoding allows gzip, and does not prefer none (RFC 9110 §12.5.3)."""
    weights = dict(map(_weighed, accept_encoding.lower().split(",")))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weighed(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    key, _, value = parameters.strip().partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    value = value.strip()
    # Not a number, or not one that a weight may be: the coding was not asked for.
    weight = float(value) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?", value) else 0.0
    return name.strip(), min(weight, 1.0)


def is_known(etag: str, modified: int, if_none_match: str, if_modified_since: str) -> bool:
    """Say whether the client has the document (H2): If-None-Match decides if it is there."""
    if if_none_match:
        return if_none_match.strip() == "*" or etag in _ETAG.findall(if_none_match)
    return bool(if_modified_since) and _instant(if_modified_since) >= modified


@lru_cache(maxsize=512)
def _instant(date: str) -> float:
    """Return an HTTP date as epoch seconds; the distant past for what is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return float("-inf")


def addresses(path: str) -> Iterable[bytes]:
    """Yield the request targets of a path below out/, as they are published (T2)."""
    encoded = quote(path)
    yield f"/{encoded}".encode()
    if path == "index.html" or path.endswith("/index.html"):
        yield f"/{encoded.removesuffix('index.html')}".encode()


def canonical(target: bytes, prefix: bytes) -> bytes | None:
    """Return the published spelling of a request target, or None for what names nothing.

    Takes off the query, a scheme and authority (absolute-form), the path of site.url (`prefix`,
    `/` at both ends) and one level of percent-encoding; undoes nothing else.
    """
    if not target.startswith(b"/"):
        found = re.match(rb"https?://[^/?#]*", target, re.IGNORECASE)
        if not found:
            return None
        target = target[found.end() :] or b"/"
    path = re.split(rb"[?#]", target, maxsplit=1)[0]
    try:
        text = normalize("NFC", unquote_to_bytes(path).decode())
    except UnicodeDecodeError:
        return None
    # An encoded slash is no slash: nothing of ours has one in a name.
    if "\0" in text or b"%2f" in path.lower():
        return None
    spelled = quote(text).encode()
    if prefix != b"/" and spelled.startswith(prefix):
        return spelled[len(prefix) - 1 :]
    return spelled
