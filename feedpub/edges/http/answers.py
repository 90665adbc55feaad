"""What there is to answer with at each address, and which of it a request is answered with (H1-H5).

What is said of a document is prepared once per change. No path of a request ever reaches the file
system: bodies are read from the files of a finished build, and held in memory or, what is too much,
in files without a name.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate, mktime_tz, parsedate_tz
from http import HTTPStatus
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import NamedTuple, TypeAlias
from unicodedata import normalize
from urllib.parse import quote, unquote, unquote_to_bytes

from feedpub.core.model import PAGE_POLICY, content_hash
from feedpub.edges.files import read_file
from feedpub.edges.http import Moved, Resource, Response, Serving, Update

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


_SLOW = 256 * 1024  # what is larger is compressed when it comes: no reader waits for it
LARGE = 1024 * 1024  # a larger body is not kept in memory


@dataclass(slots=True)
class Document:
    """One document. Its compressed form is made once: at the latest when it is first asked for."""

    resource: Resource
    plain: Variant
    zipped: Variant | None = None
    tried: bool = False


Place: TypeAlias = Document | Answer  # that it has moved or is gone (T6)


class Addresses:
    """What is at each address, by its path below out/.

    Targets are understood with and without the path of the site's address, as proxies take it off
    or do not; an address as published comes first.
    """

    def __init__(self, serving: Serving) -> None:
        self._root, self._cache_control = Path(serving.root), serving.cache_control
        base = unquote(serving.prefix).rstrip("/") + "/"
        self._bases = (base,) if serving.private else (base, "/")
        self._bodies = Bodies(serving.memory)
        self._places: dict[str, Place] = {}
        self.filled = False

    def find(self, target: bytes) -> Place | None:
        """Return what is at a request target, given without its query."""
        asked = decoded(target)
        found = self._at(asked)
        if found is None and asked and self._at(f"{asked}/"):
            # Relative, so that it holds behind any proxy: RFC 9110 §10.2.2.
            return moved(quote(asked.rpartition("/")[2]) + "/", self._cache_control)
        return found

    def _at(self, asked: str) -> Place | None:
        """Return what is at a decoded target; the page of a folder is at the folder (T2)."""
        for base in self._bases:
            if asked.startswith(base):
                path = asked.removeprefix(base)
                name = path if path and not path.endswith("/") else f"{path}index.html"
                if found := self._places.get(name):
                    return found
        return None

    def take_over(self, update: Update) -> frozenset[str]:
        """Serve an update, from one request to the next, while other threads answer them.

        Until something whole was taken over, what is not found may still come. Returns the paths
        whose file is no longer the expected one: there, the answer is the old one.
        """
        changed = {path: self._prepared(path, told) for path, told in update.changed.items()}
        missed = frozenset(path for path, place in changed.items() if place is None)
        places = dict(self._places)
        for path in (*update.removed, *(changed.keys() - missed)):
            if isinstance(place := places.pop(path, None), Document):
                for coded in filter(None, (place.plain, place.zipped)):
                    self._bodies.release(coded.ok.body)
        for path, place in changed.items():
            places.setdefault(path, place or refusal(503))
        self._places = places
        self.filled = self.filled or update.whole
        return missed

    def _prepared(self, path: str, response: Response) -> Place | None:
        """Return what an address answers with; None where its file is not the expected one."""
        if isinstance(response, Moved):
            return moved(response.location, self._cache_control)
        if response is HTTPStatus.GONE:
            return text(410, "gone\n", {"Cache-Control": self._cache_control})
        if not isinstance(response, Resource):
            return refusal(503)
        data = response.data
        if data is None:
            with suppress(OSError):  # the rescan that finds it in the way of the next build says so
                data = read_file(self._root, path, sys.maxsize)
            if data is None or content_hash(data) != response.content:
                return None
        body = self._bodies.keep(data)
        told = response._replace(data=None)
        document = Document(told, variant(told, body, self._cache_control))
        if len(body) > _SLOW:
            self.zipped(document)
        return document

    def zipped(self, document: Document) -> Variant | None:
        """Return the compressed form of a document, or None where it has none that is smaller."""
        data = document.plain.ok.body
        if not document.tried:
            packed = gzip.compress(data, 6, mtime=0)
            if len(packed) < len(data):
                kept = self._bodies.keep(packed)
                document.zipped = variant(document.resource, kept, self._cache_control, "gzip")
        document.tried = True
        return document.zipped


def decoded(target: bytes) -> str:
    """Return what a request target names, in the spelling of paths; "" for what names nothing.

    Takes off one level of percent-encoding, and undoes nothing else.
    """
    with suppress(UnicodeDecodeError):
        # An encoded slash is no slash: nothing of ours has one in a name.
        if b"%2f" not in target.lower():
            return normalize("NFC", unquote_to_bytes(target).decode())
    return ""


class Bodies:
    """Holds bodies: `memory` bytes of them, the rest each in a file that has no name.

    Such a file is gone with its body: whatever happens to out/, a reader gets the document that it
    began with.
    """

    def __init__(self, memory: int) -> None:
        self._free, self._lock = memory, Lock()

    def keep(self, data: bytes) -> bytes | memoryview:
        """Hold a body, in memory or on disk, as long as what is returned. Any thread may call it."""
        with self._lock:
            if len(data) > min(LARGE, max(self._free, 0)):
                # With a full disk rather too much memory than no answer.
                with suppress(OSError), TemporaryFile(prefix="feedpub-") as file:
                    file.write(data)
                    file.flush()
                    return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
            self._free -= len(data)
            return data

    def release(self, body: bytes | memoryview) -> None:
        """Give the memory of a body to others."""
        with self._lock:
            self._free += len(body) if isinstance(body, bytes) else 0
