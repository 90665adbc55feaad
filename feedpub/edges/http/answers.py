"""What a request is answered with: prepared answers, and the choice among them (H1-H5).

Everything here is pure. What is said of a document is prepared once per change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate, mktime_tz, parsedate_tz
from http import HTTPStatus
from typing import NamedTuple, TypeAlias

from feedpub.core.model import PAGE_POLICY
from feedpub.edges.http import Resource

METHODS = ("GET", "HEAD")

SETTLED = 2  # seconds until a document cannot change within the second of its last change
RETRY = "10"  # seconds until who got nothing is to ask again (H6)

Fields: TypeAlias = list[tuple[bytes, bytes]]

_ETAG = re.compile(rb'(?:W/)?("[^"]*")')
_CODINGS = re.compile(
    rb"(?:\A|,)\s*([\w*-]+)\s*(?:;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?(?=,|\Z)"
).findall


class Answer(NamedTuple):
    """An answer; uvicorn adds the date, and leaves the body out for HEAD (H3)."""

    status: int
    fields: Fields
    body: bytes | memoryview = b""


class Variant(NamedTuple):
    """A document in one coding: its ETag, and the answers that it gives."""

    etag: bytes
    ok: Answer
    not_modified: Answer


def variant(
    document: Resource, body: bytes | memoryview, cache_control: str, coding: str = ""
) -> Variant:
    """Prepare a document in a coding, '' for none (H1: its own strong ETag)."""
    etag = f'"{document.content}{"-" + coding if coding else ""}"'
    kept = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    kept["Access-Control-Allow-Origin"] = "*"
    whole = {"Content-Type": document.media_type, "Content-Length": str(len(body)), **kept}
    whole["X-Content-Type-Options"] = "nosniff"
    if coding:
        whole["Content-Encoding"] = coding
    if document.media_type.startswith("text/html"):
        whole |= {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
    if document.links:
        whole["Link"] = ", ".join(document.links)
    whole["Last-Modified"] = formatdate(document.modified, usegmt=True)
    return Variant(etag.encode(), Answer(200, _fields(whole), body), Answer(304, _fields(kept)))


def undated(answer: Answer) -> Answer:
    """Return an answer without Last-Modified, for as long as another change may get the same date.

    There are readers that take what has the date of the copy they have for that copy, whatever the
    ETag, and would miss an item (RFC 9110 §8.8.2.2: a date within the same second is a weak one).
    """
    return answer._replace(fields=[f for f in answer.fields if f[0] != b"Last-Modified"])


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
    return Answer(status, _fields(told | dict(fields or {})), data)


def moved(location: str, cache_control: str) -> Answer:
    """Return what an address answers that is another one now (T6)."""
    fields = {"Location": location, "Cache-Control": cache_control}
    return text(301, f"moved to {location}\n", fields)


def refusal(status: int) -> Answer:
    """Return the answer to a request that gets nothing (H3, H6).

    After what is no request as it should be, the connection is closed.
    """
    fields = {404: {}, 412: {}, 405: {"Allow": ", ".join(METHODS)}, 503: {"Retry-After": RETRY}}
    words = f"{HTTPStatus(status).phrase.lower()}\n"
    return text(status, words, fields.get(status, {"Connection": "close"}))


def private(answer: Answer) -> Answer:
    """Return an answer that is for nobody else: no other page, cache or search engine."""
    dropped = b"Access-Control-Allow-Origin", b"Cache-Control"
    fields = [field for field in answer.fields if field[0] not in dropped]
    fields += [(b"Cache-Control", b"no-store"), (b"X-Robots-Tag", b"noindex")]
    return answer._replace(fields=fields)


def _fields(fields: Mapping[str, str]) -> Fields:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]


def takes_gzip(accept_encoding: bytes) -> bool:
    """Say whether Accept-Encoding allows gzip, and does not prefer none (RFC 9110 §12.5.3)."""
    weights = {name: float(weight or 1) for name, weight in _CODINGS(accept_encoding.lower())}
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def is_known(
    etag: bytes, modified: int, if_none_match: bytes | None, if_modified_since: bytes | None
) -> bool:
    """Say whether the client has the document (H2): If-None-Match decides if it is there."""
    if if_none_match is not None:
        return if_none_match in (etag, b"*") or etag in _ETAG.findall(if_none_match)
    return if_modified_since is not None and _instant(if_modified_since) >= modified


def _instant(date: bytes) -> float:
    """Return an HTTP date as epoch seconds; the distant past for what is none."""
    found = parsedate_tz(date.decode("latin-1"))
    try:
        return mktime_tz(found) if found else float("-inf")
    except (ValueError, OverflowError):
        return float("-inf")
