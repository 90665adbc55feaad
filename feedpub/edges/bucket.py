"""Objects in a bucket, by obstore: each takes the place only of what is known to be there.

What that is, the catalogue remembers. Each write names the ETag that it replaces, or that there is none:
so the store itself refuses the second of two writers. Messages of obstore quote addresses and answers
(S2): of an error its code is told, and the host.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property, partial
from itertools import chain
from threading import Semaphore
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import AzureStore, S3Store

from feedpub.catalogue import Catalogue
from feedpub.catalogue.feed_tables import Stat, StoredObject
from feedpub.core.model import content_hash
from feedpub.core.problems import ConfigError
from feedpub.edges.credentials import secret
from feedpub.formats import SERVED, is_ours, plain
from feedpub.publish.ports import Lead

_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
_GONE = {**_TEXT, "Content-Encoding": "gzip", "Cache-Control": "no-store", "gone": "1"}
_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_AZURE = ("AZURE_STORAGE_ACCOUNT_KEY",)
_KINDS: dict[str, tuple[Any, str, str, tuple[str, ...]]] = {
    "s3": (S3Store, "AWS_ENDPOINT_URL", "AWS_REGION", _AWS),
    "az": (AzureStore, "AZURE_STORAGE_ENDPOINT", "AZURE_STORAGE_ACCOUNT_NAME", _AZURE),
}
"""By scheme: the store, the variables with another endpoint and with where it is, and the secrets."""

_PATIENCE = {"timeout": "30s", "connect_timeout": "5s"}
_RETRY: Any = {"retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}}
_LOOPBACK = re.compile(r"localhost|127\.[\d.]+|::1").fullmatch
_REFUSED = (AlreadyExistsError, PreconditionError)
_AT_ONCE, _AHEAD, _LOOKS, _MOST_FAILURES, _DAY, _HASH = 16, 64, 4, 16, 86_400, 15


class Bucket:
    """The output root at `s3://bucket/prefix` or `az://container/prefix`; threads write until `settle`.

    Objects have the `fields`; with a Content-Encoding of gzip they are so. Of several hosts, one that led
    before may take what the leader wrote for its own where the bytes are equal: so those of each epoch
    are its own, and what is removed leaves an empty object in its place for two epochs.
    """

    def __init__(self, root: str, catalogue: Catalogue, lead: Lead, fields: dict[str, str]) -> None:
        self.root, self._catalogue, self._lead, self._fields = root, catalogue, lead, fields
        self._store, self._host = _store(root)
        self._headers = content_hash(repr(fields).encode())[:8]
        was_folder = any(file.mtime_ns > _DAY * 10**9 for file in catalogue.outputs.all().values())
        self._known = {} if was_folder else catalogue.objects.all(root)  # no epoch is so large
        self._changed: dict[str, StoredObject | None] = {}
        self._begun: dict[str, Future[None]] = {}
        self._pool, self._room, self._failures = ThreadPoolExecutor(_AT_ONCE), Semaphore(_AHEAD), 0

    def stat(self, path: str) -> Stat | None:
        """Return what tells an object from others, None where there is none as it would be put now.

        For the root it says whether there is what nobody knows: where nothing is known, all is listed.
        """
        if path == "":
            return (0, 0, 0) if self._was_unknown and self._known else None
        known = self._known.get(path)
        if not known or known.gone or not known.mark:
            return None
        return _stat(known) if known.mark[_HASH:] in ("", self._headers) else None

    def read(self, path: str) -> bytes | None:
        """Look at an object: return its document, or None when it is not there."""
        if self._was_unknown and path not in self._known:
            return None
        try:
            with self._asking():
                found = obstore.get(self._store, path)
                data = bytes(found.bytes())
        except FileNotFoundError:
            self._keep(path, None)
            return None
        etag, gone = str(found.meta["e_tag"]), int("gone" in found.attributes)
        told = str(found.attributes.get("epoch", ""))  # of others it may say anything
        epoch = max(self._lead.epoch, int(told) if re.fullmatch(r"[0-9]{1,18}", told) else 0)
        mark = content_hash(data)[:_HASH]
        self._keep(path, StoredObject(path, etag, len(data), epoch, mark, gone))
        return None if gone else plain(data)

    def replace(self, path: str, data: bytes, form: str) -> Stat:
        """Have a document of the format `form` put in the place of what is known to be there."""
        kind = {"Content-Type": SERVED[form].content_type} if form in SERVED else _TEXT
        body = _packed(data, self._lead.epoch) if "Content-Encoding" in self._fields else data
        mark = content_hash(body)[:_HASH] + self._headers
        new = StoredObject(path, "", len(body), self._lead.epoch, mark, 0)
        self._begin(path, partial(self._put, new, body, {**self._fields, **kind}))
        return _stat(new)

    def remove(self, path: str) -> None:
        """Have an object emptied, and removed unless there are other hosts."""
        self._begin(path, partial(self._remove, path))

    def folders(self, path: str) -> list[str]:
        """Return the names of what is in a folder; nothing else than these can be folders in it."""
        return sorted(self._tree.get(path, ()))

    @cached_property
    def _tree(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in self._known:
            while path:
                path, _, name = path.rpartition("/")
                found.setdefault(path, set()).add(name)
        return found

    def sweep(self, now: int) -> str:
        """Remove what kept its place for long enough; return why the store cannot be trusted, or ''.

        That is tried once a day. Raises `ConfigError` where there are several hosts then, and `OSError`.
        """
        epoch = self._lead.epoch
        gone = (known for known in self._known.values() if known.gone)
        if old := [known.path for known in gone if not 0 < epoch < known.epoch + 2]:
            self._delete(old)
        if self._is_safe(now):
            return ""
        text = f"{self._host} lets a stale write through, so that it cannot keep two writers apart"
        if epoch:
            raise ConfigError([f"output.root: {text}; with state.url, use another store"])
        return text

    def _is_safe(self, now: int) -> bool:
        fact = f"bucket {self.root}"
        verdict, _, at = self._catalogue.facts().get(fact, "").partition(" ")
        was_tried_today = at and 0 <= now - int(at) < _DAY
        if not was_tried_today:
            verdict = "safe" if self._refuses() else "unsafe"
            self._catalogue.set_fact(fact, f"{verdict} {now}")
        return verdict == "safe"

    def settle(self) -> dict[str, OSError]:
        """Wait until all is written, and have that remembered; return what failed, by path."""
        failed: dict[str, OSError] = {}
        for path, begun in self._begun.items():
            try:
                begun.result()
            except OSError as error:
                failed[path] = error
        self._catalogue.objects.put(self.root, self._changed)
        self._begun, self._changed = {}, {}
        return failed

    def _begin(self, path: str, write: Callable[[], None]) -> None:
        self._room.acquire()
        self._begun[path] = self._pool.submit(write)
        self._begun[path].add_done_callback(lambda _: self._room.release())

    def _put(self, new: StoredObject, body: bytes, fields: dict[str, str]) -> None:
        """Put an object in the place of what is known there; where the store refuses, of what is there now.

        What was known may not be replaced once a host that leads since wrote there: this one is told late.
        """
        known, fields = self._known.get(new.path), {**fields, "epoch": str(new.epoch)}
        is_listed_only = known is not None and known.mark == ""  # a list does not say whose it is
        for attempt in range(_LOOKS):
            was_refused = attempt > 0
            if was_refused or is_listed_only:
                known = self._replaceable(new.path, body)
            self._lead.check()
            is_later = known is not None and known.epoch > new.epoch > 0
            if is_later and was_refused and not is_listed_only:
                raise OSError(errno.EBUSY, "a host that leads since wrote here")
            with suppress(*_REFUSED):
                etag = self._send(new.path, body, fields, known.etag if known else None)
                return self._keep(new.path, new._replace(etag=etag))
        raise OSError(errno.EBUSY, "somebody else writes here at the same time")

    def _replaceable(self, path: str, body: bytes) -> StoredObject | None:
        """Look at an object: return it where it is ours, or as it shall be; raise `OSError` otherwise."""
        there = self.read(path)
        if there is None or there == plain(body) or is_ours(there):
            return self._known.get(path)
        raise OSError(errno.EEXIST, "an object of others is in the way; move it away")

    def _remove(self, path: str) -> None:
        known, epoch = self._known.get(path), self._lead.epoch
        if not (known and known.gone):  # a request to delete names no ETag
            body = _packed(b"", epoch)
            self._put(StoredObject(path, "", len(body), epoch, "gone", 1), body, _GONE)
        if not epoch:
            self._delete([path])

    @cached_property
    def _was_unknown(self) -> bool:
        """Whether nothing was known of the bucket; what is there is listed then."""
        was_unknown = not self._known
        with self._asking():
            for each in chain.from_iterable(obstore.list(self._store) if was_unknown else ()):
                known = StoredObject(each["path"], str(each["e_tag"]), each["size"], 0, "", 0)
                self._keep(known.path, known)
        return was_unknown

    def _refuses(self) -> bool:
        """Try whether the store refuses what must not be written."""
        path, accepted = f".feedpub-probe-{secrets.token_hex(8)}", 0
        try:
            first = self._send(path, b"1", _TEXT, None)
            self._send(path, b"2", _TEXT, first)
        except _REFUSED:
            raise OSError(errno.EIO, f"{self._host} refuses what it must take (If-Match)") from None
        for etag in (None, first):
            with suppress(*_REFUSED):
                self._send(path, b"3", _TEXT, etag)
                accepted += 1
        self._delete([path])
        return not accepted

    def _send(self, path: str, data: bytes, fields: dict[str, str], etag: str | None) -> str:
        how: Any = {"mode": {"e_tag": etag} if etag else "create", "use_multipart": False}
        with self._asking():
            return str(obstore.put(self._store, path, data, attributes={**fields}, **how)["e_tag"])

    def _delete(self, paths: list[str]) -> None:
        self._lead.check()
        with self._asking():
            obstore.delete(self._store, paths)
        for path in paths:
            self._keep(path, None)

    def _keep(self, path: str, known: StoredObject | None) -> None:
        self._changed[path] = known
        self._known.pop(path, None)
        if known:
            self._known[path] = known

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Tell what a request failed of without quoting it (S2); after many in a row, try no more."""
        if self._failures >= _MOST_FAILURES:
            raise OSError(errno.EIO, f"{self._host} failed {_MOST_FAILURES} times in a row before")
        try:
            yield
        except _REFUSED:
            raise
        except (BaseError, OSError) as error:
            number = errno.ENOENT if isinstance(error, FileNotFoundError) else errno.EIO
            self._failures += number == errno.EIO
            raise OSError(number, f"{self._host} {_answer(str(error), self.root[:2])}") from None
        self._failures = 0


def _answer(text: str, scheme: str) -> str:
    """Return what an error of obstore means, and what to see to, without a word of it.

    `scheme` is that of the address. The texts of obstore are not stable, but for the status in them.
    """
    _, endpoint, place, names = _KINDS[scheme]
    if "169.254.169.254" in text:  # where a machine of Amazon's or Azure's would ask who it is
        return f"asks for credentials; set {' and '.join(names[:2])}"
    text = text.replace("AccessDenied", "status code: 403")  # to delete, in an answer that is 200
    if not (found := re.search(r"status code: ((4)?\d+)", text)):
        return f"does not answer as such a store does; see {endpoint} and {place}"
    advice = f"; see the bucket's name, {place} and what the key allows" if found[2] else ""
    return f"answers {found[1]}{advice}"


def _store(root: str) -> tuple[S3Store | AzureStore, str]:
    """Return the store of an address, and its host. Raises `ConfigError`."""
    parts = urlsplit(root)
    kind, endpoint, place, names = _KINDS[parts.scheme]
    usual = f"{parts.netloc}.s3.amazonaws.com"
    if kind is AzureStore:
        usual = f"{os.environ.get(place, '')}.blob.core.windows.net"
    try:
        at = urlsplit(os.environ.get(endpoint) or f"https://{usual}")
        host, is_open = at.hostname, at.scheme == "http"
        if not host or at.scheme not in ("http", "https"):
            raise ValueError
        if is_open and not _LOOPBACK(host):
            raise ConfigError([f"{endpoint}: http:// is for this machine alone; use https://"])
        given = {name.lower(): secret(name) for name in names}
        how: Any = {"config": {name: value for name, value in given.items() if value}}
        how["client_options"] = {**_PATIENCE, "allow_http": is_open}
        return kind(parts.netloc, prefix=parts.path.strip("/") or None, **_RETRY, **how), host
    except (BaseError, ValueError):
        raise ConfigError([f"{endpoint}: is no usable address; write https://HOST"]) from None


def _packed(data: bytes, epoch: int) -> bytes:
    """Return the gzip form of a document, with the epoch as its comment (RFC 1952 §2.3)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    head = b"\x1f\x8b\x08\x10\0\0\0\0\0\xffepoch %d\0" % epoch
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) % 2**32).to_bytes(4, "little")
    return head + packer.compress(data) + packer.flush() + tail


def _stat(known: StoredObject) -> Stat:
    return known.size, known.epoch, int(known.mark[:_HASH], 16)
