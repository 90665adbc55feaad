"""What a request is answered with: prepared heads, and the choice among them (H1-H8).

No path of a request ever reaches the file system. Everything here is pure. A head is prepared once
per change, so that an answer is its concatenation with the date and the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import formatdate, mktime_tz, parsedate_tz
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol
from unicodedata import normalize
from urllib.parse import quote, unquote_to_bytes

from feedpub.core.page_policy import PAGE_POLICY

METHODS = "GET, HEAD"

SETTLED = 2
"""Seconds after which a document cannot change any more within the second of its last change."""

RETRY = "10"
"""Seconds after which to ask again where there is nothing to answer with yet (H6)."""

_ETAG = re.compile(rb'(?:W/)?("[^"]*")')
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


class Stored(Protocol):
    """A body that is not in memory."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def chunks(self) -> Iterator[bytes]:
        """Yield it in pieces."""


Body = bytes | Stored


class Answer(NamedTuple):
    """An answer. `head` lacks the date, what is said of the connection, and the empty line.

    `size` is that of the body in bytes, which a HEAD request does not get (H3).
    """

    status: int
    head: bytes
    body: Body = b""
    size: int = 0


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


class Facts(NamedTuple):
    """What is said of a document in its head; `content` is the hash of its bytes."""

    media_type: str
    modified: int
    content: str
    links: tuple[str, ...]


class Variant(NamedTuple):
    """A document in one coding: its ETag, and the answers that it gives.

    `fresh` is `ok` without Last-Modified, for as long as another change may get the same date:
    there are readers that take what has the date of the copy they have for that copy, whatever the
    ETag, and would miss an item (RFC 9110 §8.8.2.2: a date within the same second is a weak one).
    """

    etag: bytes
    ok: Answer
    fresh: Answer
    not_modified: Answer


def variant(facts: Facts, policy: Policy, body: Body, coding: str = "") -> Variant:
    """Prepare a document in a coding, '' for none (H1: its own strong ETag)."""
    etag = f'"{facts.content}{"-" + coding if coding else ""}"'
    size = len(body) if isinstance(body, bytes) else body.size
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
        **kept,
        "X-Content-Type-Options": "nosniff",
    }
    if facts.media_type.startswith("text/html"):
        whole |= {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
    if facts.links:
        whole["Link"] = ", ".join(facts.links)
    dated = {**whole, "Last-Modified": formatdate(facts.modified, usegmt=True)}
    return Variant(
        etag.encode("latin-1"),
        Answer(200, _head(200, dated), body, size),
        Answer(200, _head(200, whole), body, size),
        Answer(304, _head(304, kept)),
    )


def text(status: int, words: str, fields: Mapping[str, str] | None = None) -> Answer:
    """Return an answer of a few words, which nobody is to keep unless `fields` say so."""
    data = words.encode()
    told = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(data)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }
    return Answer(status, _head(status, told | dict(fields or {})), data, len(data))


def moved(location: str, policy: Policy) -> Answer:
    """Return what an address answers that is another one now (T6)."""
    fields = {"Location": location, "Cache-Control": policy.header}
    return text(301, f"moved to {location}\n", fields)


def gone(policy: Policy) -> Answer:
    """Return what an address answers that is no more (T6)."""
    return text(410, "gone\n", {"Cache-Control": policy.header})


@lru_cache
def refusal(status: int) -> Answer:
    """Return the answer to a request that gets nothing (H3, H6)."""
    fields = {405: {"Allow": METHODS}, 503: {"Retry-After": RETRY}}
    return text(status, f"{HTTPStatus(status).phrase.lower()}\n", fields.get(status))


def _head(status: int, fields: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(": ".join(f) for f in fields.items()),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


@lru_cache(maxsize=512)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Say whether Accept-Encoding allows gzip, and does not prefer none (RFC 9110 §12.5.3)."""
    weights = dict(map(_weighed, accept_encoding.decode("latin-1").lower().split(",")))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weighed(part: str) -> tuple[str, float]:
    name, semicolon, parameter = part.partition(";")
    if not semicolon:
        return name.strip(), 1.0
    key, _, value = parameter.partition("=")
    # Not a weight that there may be: the coding was not asked for.
    valid = key.strip() == "q" and _WEIGHT.fullmatch(value.strip())
    return name.strip(), float(value) if valid else 0.0


def is_known(
    etag: bytes, modified: int, if_none_match: bytes | None, if_modified_since: bytes | None
) -> bool:
    """Say whether the client has the document (H2): If-None-Match decides if it is there."""
    if if_none_match is not None:
        return (
            if_none_match == etag or if_none_match == b"*" or etag in _ETAG.findall(if_none_match)
        )
    return if_modified_since is not None and _instant(if_modified_since) >= modified


@lru_cache(maxsize=512)
def _instant(date: bytes) -> float:
    """Return an HTTP date as epoch seconds; the distant past for what is none."""
    found = parsedate_tz(date.decode("latin-1"))
    try:
        return mktime_tz(found) if found else float("-inf")
    except (ValueError, OverflowError):
        return float("-inf")


def addresses(path: str, base: str = "") -> Iterator[bytes]:
    """Yield the request targets of a path below out/, as they are published (T2).

    `base` is the path of the site's address without its last slash.
    """
    encoded = quote(f"{base}/{path}").encode()
    yield encoded
    if encoded.endswith(b"/index.html"):
        yield encoded.removesuffix(b"index.html")


def canonical(target: bytes) -> bytes | None:
    """Return the published spelling of a request target, or None for what names nothing.

    Takes off the query, a scheme and authority (absolute-form) and one level of percent-encoding;
    undoes nothing else.
    """
    found = re.match(rb"(?:https?://[^/?#]*)?([^?#]*)", target, re.IGNORECASE)
    path = (found[1] if found else b"") or b"/"
    try:
        spelled = normalize("NFC", unquote_to_bytes(path).decode())
    except UnicodeDecodeError:
        return None
    # An encoded slash is no slash: nothing of ours has one in a name.
    if not path.startswith(b"/") or "\0" in spelled or b"%2f" in path.lower():
        return None
    return quote(spelled).encode()
