"""Addresses: what there is at each, which of them a request means (T2, T6, S5), and what is held.

No path of a request ever reaches the file system: bodies are read from the files of a finished build,
and held in memory or, what is too much, in files without a name.
"""

from __future__ import annotations

import gzip
import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock
from typing import TypeAlias
from unicodedata import normalize
from urllib.parse import quote, unquote_to_bytes
from weakref import finalize

from feedpub.edges.files import open_folder, parts_of
from feedpub.edges.http import Gone, Moved, Resource, Response, Stored, Update
from feedpub.edges.http.answers import Answer, Variant, gone, moved, refusal, variant

_SMALLEST = 200
"""What is smaller gains nothing by being compressed."""
_SLOW = 256 * 1024
"""What is larger is compressed when it comes: no reader waits for it."""
LARGE = 1024 * 1024
"""A body larger than this is not kept in memory."""
_PART = 16 * 1024 * 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

Body: TypeAlias = bytes | memoryview
"""A body in memory, or one that the system reads from disk when it is looked at."""


@dataclass(slots=True)
class Document:
    """One document. Its compressed form is made once: at the latest when it is first asked for."""

    resource: Resource
    plain: Variant
    zipped: Variant | None = None
    tried: bool = False


Place: TypeAlias = Document | Answer
"""What is at an address: a document, or the answer that it has moved or is gone (T6)."""


class Addresses:
    """What is at each address; `bodies` hold the documents.

    `base` is the path of the site's address without its last slash. Targets are understood with
    and without it, as proxies take it off or do not; an address as published comes first.
    """

    def __init__(self, bodies: Bodies, cache_control: str, base: str = "") -> None:
        self._bodies, self._cache_control, self._base = bodies, cache_control, base
        self._paths: dict[str, Place] = {}
        self._targets: dict[bytes, Place] = {}
        self.filled = False

    def find(self, target: bytes) -> Place | None:
        """Return what is at a request target, given without its query."""
        found = self._targets.get(target)
        if found is None and (spelled := canonical(target)) is not None:
            found = self._at(spelled) or self._folder(spelled)
        return found

    def _at(self, spelled: bytes) -> Place | None:
        return self._targets.get(spelled) or self._targets.get(self._base.encode() + spelled)

    def _folder(self, spelled: bytes) -> Answer | None:
        """Return the way to a folder that was asked for without its slash."""
        if self._at(spelled + b"/") is None:
            return None
        # Relative, so that it holds behind any proxy: RFC 9110 §10.2.2.
        return moved(f"{spelled.rpartition(b'/')[2].decode()}/", self._cache_control)

    def take_over(self, update: Update) -> frozenset[str]:
        """Serve an update, from one request to the next, while other threads answer them.

        Until something whole was taken over, what is not found may only not have come yet. Returns
        the paths of documents whose files are other ones by now: there, all is as it was.
        """
        found = {path: self._prepared(response) for path, response in update.changed.items()}
        missed = frozenset(path for path, place in found.items() if place is None)
        changed = {path: place for path, place in found.items() if place}
        changed |= {path: refusal(503) for path in missed - self._paths.keys()}
        targets = dict(self._targets)
        for path in (*update.removed, *changed):
            for target in addresses(path, self._base):
                targets.pop(target, None)
            self._release(self._paths.pop(path, None))
        for path, place in changed.items():
            targets.update(dict.fromkeys(addresses(path, self._base), place))
        self._paths |= changed
        self._targets = targets
        self.filled = self.filled or update.whole
        return missed

    def _prepared(self, response: Response) -> Place | None:
        """Return what an address answers with; None where a file is another one by now."""
        if isinstance(response, Moved):
            return moved(response.location, self._cache_control)
        if not isinstance(response, Resource):
            return gone(self._cache_control) if isinstance(response, Gone) else refusal(503)
        body = self._bodies.take(response.data)
        if body is None:
            return None
        told = response._replace(data=b"")
        document = Document(told, variant(told, body, self._cache_control))
        if len(body) > _SLOW:
            self.zipped(document)
        return document

    def _release(self, place: Place | None) -> None:
        for coded in (place.plain, place.zipped) if isinstance(place, Document) else ():
            self._bodies.release(coded.ok.body if coded else b"")

    def zipped(self, document: Document) -> Variant | None:
        """Return the compressed form of a document, or None where it has none that is smaller."""
        if not document.tried:
            document.tried = True
            data = document.plain.ok.body
            packed = compressed(data) if len(data) > _SMALLEST else b""
            if packed and len(packed) < len(data):
                kept = self._bodies.keep(packed)
                document.zipped = variant(document.resource, kept, self._cache_control, "gzip")
        return document.zipped


def compressed(data: bytes | memoryview) -> bytes:
    """Return a body compressed with gzip."""
    return gzip.compress(data, 6, mtime=0)


def addresses(path: str, base: str = "") -> Iterator[bytes]:
    """Yield the request targets of a path below out/, as they are published (T2).

    `base` is the path of the site's address without its last slash.
    """
    encoded = quote(f"{base}/{path}").encode()
    yield encoded
    if encoded.endswith(b"/index.html"):
        yield encoded.removesuffix(b"index.html")


def canonical(path: bytes) -> bytes | None:
    """Return the published spelling of the path of a request, or None for what names nothing.

    Takes off one level of percent-encoding, and undoes nothing else.
    """
    try:
        spelled = normalize("NFC", unquote_to_bytes(path).decode())
    except UnicodeDecodeError:
        return None
    # An encoded slash is no slash: nothing of ours has one in a name.
    if not path.startswith(b"/") or "\0" in spelled or b"%2f" in path.lower():
        return None
    return quote(spelled).encode()


class Bodies:
    """Holds bodies: `memory` bytes of them, the rest in files that have no name.

    Those that are `Stored` are read from below `root`. A nameless file takes many bodies and is
    gone with the last of them: whatever happens to out/, a reader gets the document that it began
    with.
    """

    def __init__(self, memory: int, root: str = "") -> None:
        self._root, self._free, self._lock = root, memory, Lock()
        self._mapped = memoryview(b"")
        self._descriptor = self._used = 0

    def take(self, data: bytes | Stored) -> Body | None:
        """Hold a body, or return None where its file is away or looks otherwise now."""
        found = _read(self._root, data) if isinstance(data, Stored) else data
        return None if found is None else self.keep(found)

    def keep(self, data: bytes) -> Body:
        """Hold a body for as long as what is returned is held. Any thread may call it."""
        with self._lock:
            if len(data) > LARGE or len(data) > self._free:
                # With a full disk rather too much memory than no answer.
                with suppress(OSError):
                    return self._on_disk(data)
            self._free -= len(data)
            return data

    def release(self, body: Body) -> None:
        """Give the memory of a body to others."""
        with self._lock:
            self._free += len(body) if isinstance(body, bytes) else 0

    def _on_disk(self, data: bytes) -> memoryview:
        if self._used + len(data) > len(self._mapped):
            with TemporaryFile(prefix="feedpub-", buffering=0) as made:
                made.truncate(max(_PART, len(data)))
                whole = mmap.mmap(made.fileno(), 0, access=mmap.ACCESS_READ)
                self._descriptor = os.dup(made.fileno())
            finalize(whole, os.close, self._descriptor)
            self._mapped, self._used = memoryview(whole), 0
        start = self._used
        self._used += len(data)
        # Written, not copied into the map: there, a full disk would end the process.
        rest = memoryview(data)
        while rest:
            rest = rest[os.pwrite(self._descriptor, rest, self._used - len(rest)) :]
        return self._mapped[start : self._used]


def _read(root: str, stored: Stored) -> bytes | None:
    try:
        *folders, name = parts_of(stored.path)
        with open_folder(root, folders) as home:
            descriptor = os.open(name, _READ, dir_fd=home)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            now = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
            return file.read() if now == stored[1:] else None
    except OSError:  # the rescan that finds it in the way of the next build says so
        return None
