"""Addresses: what there is at each, which of them a request means (T2, T6, S5), and what is held.

No path of a request ever reaches the file system: bodies are read from the files of a finished build,
and held in memory or, what is too much, in files without a name.
"""

from __future__ import annotations

import gzip
import sys
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import TypeAlias
from unicodedata import normalize
from urllib.parse import quote, unquote, unquote_to_bytes

from feedpub.edges.files import read_file
from feedpub.edges.http import Moved, Resource, Response, Serving, Update
from feedpub.edges.http.answers import Answer, Variant, moved, refusal, text, variant
from feedpub.publish.ports import content_hash

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
            place = places.pop(path, None)
            for coded in (place.plain, place.zipped) if isinstance(place, Document) else ():
                self._bodies.release(coded.ok.body if coded else b"")
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
