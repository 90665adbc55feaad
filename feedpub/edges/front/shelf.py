"""The shelf: every document that is served, in the codings asked for, replaced as one (H1, H6)."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from feedpub.edges.front.answers import (
    Answer,
    Body,
    Facts,
    Policy,
    Variant,
    addresses,
    canonical,
    moved,
    variant,
)
from feedpub.edges.front.spool import Spool, Spooled

LARGE = 1024 * 1024
"""A body larger than this is not kept in memory."""

_SMALLEST = 200
"""What is smaller gains nothing by being compressed."""


@dataclass(slots=True)
class Document:
    """One document. Its compressed form is made once: at the latest when it is first asked for."""

    facts: Facts
    plain: Variant
    zipped: Variant | None = None
    tried: bool = False

    def bodies(self) -> Iterator[Body]:
        """Yield it in all codings there are."""
        yield self.plain.ok.body
        if self.zipped:
            yield self.zipped.ok.body


Place = Document | Answer
"""What is at an address: a document, or the answer that it has moved or is gone (T6)."""


@dataclass(slots=True)
class Shelf:
    """Documents by request target. `memory` bounds the bytes of bodies in memory.

    `base` is the path of the site's address without its last slash. Targets are understood with
    and without it, as proxies take it off or do not; an address as published comes first.
    """

    policy: Policy
    memory: int
    base: str = ""
    filled: bool = False
    _paths: dict[str, Place] = field(default_factory=dict)
    _targets: dict[bytes, Place] = field(default_factory=dict)
    _spool: Spool | None = None
    _used: int = 0
    _spooled: int = 0

    def find(self, target: bytes) -> Place | None:
        """Return what is at a request target."""
        found = self._targets.get(target)
        if found is None and (spelled := canonical(target)) is not None:
            found = self._at(spelled) or self._folder(spelled)
        return found

    def _at(self, spelled: bytes) -> Place | None:
        return self._targets.get(spelled) or self._targets.get(self.base.encode() + spelled)

    def _folder(self, spelled: bytes) -> Answer | None:
        """Return the way to a folder that was asked for without its slash."""
        if self._at(spelled + b"/") is None:
            return None
        # Relative, so that it holds behind any proxy: RFC 9110 §10.2.2.
        return moved(f"{spelled.rpartition(b'/')[2].decode()}/", self.policy)

    def paths(self) -> Collection[str]:
        """Return the paths at which there is something."""
        return self._paths.keys()

    def document(self, facts: Facts, data: bytes) -> Document:
        """Prepare a document; it is not found until `take_over`."""
        return Document(facts, variant(facts, self.policy, self._keep(data)))

    def take_over(
        self, changed: Mapping[str, Place], removed: Iterable[str], *, whole: bool
    ) -> None:
        """Serve `changed` and no longer what is `removed`, from one request to the next.

        Until something `whole` was taken over, what is not found may only not have come yet.
        """
        for path in removed:
            self._remove(path)
        for path, place in changed.items():
            self._remove(path)
            self._paths[path] = place
            self._targets.update(dict.fromkeys(self._addresses(path), place))
        self.filled = self.filled or whole
        self._tidy()

    def _remove(self, path: str) -> None:
        before = self._paths.pop(path, None)
        if before is None:
            return
        for target in self._addresses(path):
            self._targets.pop(target, None)
        for body in before.bodies() if isinstance(before, Document) else ():
            self._count(body, -1)

    def _addresses(self, path: str) -> Iterator[bytes]:
        return addresses(path, self.base)

    def zipped(self, document: Document) -> Variant | None:
        """Return the compressed form of a document, or None where it has none that is smaller."""
        if not document.tried:
            body = document.plain.ok.body
            data = body if isinstance(body, bytes) else b"".join(body.chunks())
            self.add_zipped(document, compressed(data))
        return document.zipped

    def add_zipped(self, document: Document, packed: bytes) -> None:
        """Take what `compressed` made of a document, if it is smaller."""
        document.tried = True
        if len(packed) < document.plain.ok.size:
            kept = self._keep(packed)
            document.zipped = variant(document.facts, self.policy, kept, "gzip")

    def _keep(self, data: bytes) -> Body:
        body: Body = data
        if len(data) > LARGE or self._used + len(data) > self.memory:
            # With a full disk rather too much memory than no answer.
            with suppress(OSError):
                self._spool = self._spool or Spool()
                body = self._spool.put(data)
        self._count(body, 1)
        return body

    def _count(self, body: Body, times: int) -> None:
        if isinstance(body, bytes):
            self._used += times * len(body)
        else:
            self._spooled += times * body.size

    def _tidy(self) -> None:
        """Leave a spool behind that is mostly waste."""
        if self._spool is None or not self._spool.is_wasteful(self._spooled):
            return
        with suppress(OSError):
            fresh = Spool()
            documents = [p for p in self._paths.values() if isinstance(p, Document)]
            for document in documents:
                document.plain = _respooled(document.plain, fresh)
                document.zipped = document.zipped and _respooled(document.zipped, fresh)
            self._spool = fresh


def compressed(data: bytes) -> bytes:
    """Return a body compressed with gzip, or as it is if it is too small to gain by it."""
    return gzip.compress(data, 6, mtime=0) if len(data) > _SMALLEST else data


def _respooled(coded: Variant, spool: Spool) -> Variant:
    body = coded.ok.body
    if not isinstance(body, Spooled):
        return coded
    copied = spool.put(body.read())
    return coded._replace(
        ok=coded.ok._replace(body=copied), fresh=coded.fresh._replace(body=copied)
    )
