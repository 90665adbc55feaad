"""The shelf: every document that is served, in the codings asked for, replaced as one (H1, H6)."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from feedpub.edges.front.answers import Facts, Policy, Variant, addresses, canonical, variant
from feedpub.edges.front.spool import Spool, Spooled

LARGE = 1024 * 1024
"""A body larger than this is never kept in memory."""

_SMALLEST = 200
"""What is smaller gains nothing by being compressed."""

Body = bytes | Spooled


@dataclass(slots=True)
class Document:
    """One document. Its compressed form is made when it is first asked for, and kept."""

    facts: Facts
    body: Body
    plain: Variant
    zipped: Variant | None = None
    zipped_body: Body = b""
    tried: bool = False

    def held(self) -> Iterator[Body]:
        """Yield its bodies."""
        yield self.body
        if self.zipped:
            yield self.zipped_body


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An address that is another one now (T6), or never was one (a folder without its slash)."""

    location: str


@dataclass(frozen=True, slots=True)
class Ended:
    """An address that is no more (T6)."""


Place = Document | Elsewhere | Ended


@dataclass(slots=True)
class Shelf:
    """Documents by path, and by request target. `memory` bounds the bytes of bodies in memory."""

    policy: Policy
    memory: int
    prefix: bytes
    _paths: dict[str, Place] = field(default_factory=dict)
    _targets: dict[bytes, Place] = field(default_factory=dict)
    _spool: Spool | None = None
    used: int = 0
    filled: bool = False

    def find(self, target: bytes) -> Place | None:
        """Return what is at a request target."""
        found = self._targets.get(target)
        if found is None:
            spelled = canonical(target, self.prefix)
            found = self._targets.get(spelled) if spelled is not None else None
        return found

    def document(self, facts: Facts, data: bytes) -> Document:
        """Prepare a document; it is not found until `take_over`."""
        return Document(facts, self._keep(data), variant(facts, self.policy, len(data)))

    def take_over(self, changed: Mapping[str, Place], removed: Iterable[str]) -> None:
        """Serve `changed` and no longer what is `removed`, from one request to the next."""
        paths = {path: place for path, place in self._paths.items() if path not in set(removed)}
        paths |= changed
        targets: dict[bytes, Place] = {}
        for path, place in paths.items():
            for target in addresses(path):
                targets[target] = place
                if target.endswith(b"/") and target != b"/":
                    # Relative, so that it holds behind any proxy: RFC 9110 §10.2.2.
                    name = target.rsplit(b"/", 2)[1].decode()
                    targets.setdefault(target[:-1], Elsewhere(f"{name}/"))
        self._paths, self._targets, self.filled = paths, targets, True
        self._tidy()

    def zipped(self, document: Document) -> Variant | None:
        """Return the compressed form of a document, or None where it has none that is smaller.

        It is made once; for the body see `Document.zipped_body`.
        """
        if not document.tried:
            document.tried = True
            data = document.body if isinstance(document.body, bytes) else document.body.read()
            packed = gzip.compress(data, 6, mtime=0) if len(data) > _SMALLEST else data
            if len(packed) < len(data):
                document.zipped_body = self._keep(packed)
                document.zipped = variant(document.facts, self.policy, len(packed), "gzip")
        return document.zipped

    def _keep(self, data: bytes) -> Body:
        if len(data) <= LARGE and self.used + len(data) <= self.memory:
            self.used += len(data)
            return data
        self._spool = self._spool or Spool()
        return self._spool.put(data)

    def _tidy(self) -> None:
        """Count what is in memory, and leave a spool behind that is mostly waste."""
        documents = [place for place in self._paths.values() if isinstance(place, Document)]
        bodies = [body for document in documents for body in document.held()]
        self.used = sum(len(body) for body in bodies if isinstance(body, bytes))
        spooled = sum(body.size for body in bodies if isinstance(body, Spooled))
        if self._spool is None or not self._spool.is_wasteful(spooled):
            return
        self._spool = Spool()
        for document in documents:
            if isinstance(document.body, Spooled):
                document.body = self._spool.put(document.body.read())
            if isinstance(document.zipped_body, Spooled):
                document.zipped_body = self._spool.put(document.zipped_body.read())
