"""Objects in a bucket, by obstore: each takes the place only of what is known to be there.

What that is, the catalogue remembers: nothing is asked or listed to find out what differs. Each write
names the ETag that it replaces, or that there is none, so that the store itself refuses the second of
two writers. Messages of obstore quote addresses and answers: of an error its code is told, and the host.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from feedpub.core.problems import ConfigError
from feedpub.edges.credentials import secret
from feedpub.formats import ASSETS, DOCUMENTS, LISTINGS
from feedpub.publish.ports import (
    Catalogue,
    ChangedError,
    Lead,
    Stat,
    StoredObject,
    content_hash,
)
from feedpub.publish.write import plain

_TYPES = {
    n: each.content_type for rows in (DOCUMENTS, LISTINGS, ASSETS) for n, each in rows.items()
}
_TEXT = "text/plain; charset=utf-8"
_ZIPPED = {"Content-Encoding": "gzip"}
_GONE = {**_ZIPPED, "Content-Type": _TEXT, "Cache-Control": "no-store", "gone": "1"}
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_SECRETS = ("access_key_id", "secret_access_key", "session_token")
_LOOPBACK = re.compile(r"localhost|127\.[\d.]+|::1").fullmatch
_REFUSED = (AlreadyExistsError, PreconditionError)
_MOST_FAILURES = 16
_DAY = 86_400


class Bucket:
    """The output root at an address `s3://bucket/prefix`. Threads may ask for objects side by side.

    Where objects are `zipped`, their Content-Encoding says so. Of several hosts, one that led before
    may take what the leader wrote for its own where the bytes are equal; so those of an epoch are its
    own, and what is removed leaves an empty object in its place for two epochs.
    """

    at_once = 16

    def __init__(
        self, root: str, catalogue: Catalogue, cache_control: str, *, zipped: bool, lead: Lead
    ) -> None:
        self.root, self._catalogue, self._lead, self._zipped = root, catalogue, lead, zipped
        self._store, self._host = _store(root)
        self._fields = {"Cache-Control": cache_control, **(_ZIPPED if zipped else {})}
        self._headers = content_hash(repr(self._fields).encode())[:8]
        self._changed: dict[str, StoredObject | None] = {}
        self._failures = 0

    @cached_property
    def _known(self) -> dict[str, StoredObject]:
        return self._catalogue.objects.all(self.root)

    def stat(self, path: str) -> Stat | None:
        """Return what is known of an object, or None when there is none as it would be put now."""
        known = self._known.get(path)
        if known is None or known.gone or known.headers not in ("", self._headers):
            return None
        return known.size, known.epoch, int(content_hash(known.etag.encode())[:15], 16)

    def read(self, path: str) -> bytes | None:
        """Look at an object: return its document, or None when it is not there."""
        try:
            with self._asking():
                found = obstore.get(self._store, path)
                data = bytes(found.bytes())
        except FileNotFoundError:
            self._keep(path, None)
            return None
        fields: Mapping[Any, str] = found.attributes
        epoch, gone = fields.get("epoch", ""), int("gone" in fields)
        number, etag = int(epoch) if epoch.isdecimal() else 0, str(found.meta["e_tag"])
        self._keep(path, StoredObject(path, etag, len(data), number, "", gone))
        if gone:
            return None
        return plain(data) if fields.get("Content-Encoding") == "gzip" else data

    def replace(self, path: str, data: bytes, form: str) -> Stat | None:
        """Put a document of the format `form` in the place of what is known to be there.

        Raises `ChangedError` where there is something else, which was looked at, and `OSError`.
        """
        fields = {**self._fields, "Content-Type": _TYPES.get(form, _TEXT)}
        self._put(path, _packed(data, self._lead.epoch) if self._zipped else data, fields)
        return self.stat(path)

    def remove(self, path: str) -> None:
        """Empty an object, and remove it unless there are other hosts. Raises what `replace` does."""
        if path not in self._known and self.read(path) is not None:
            raise ChangedError
        known = self._known.get(path)
        if known and not known.gone:  # a request to delete names no ETag
            self._put(path, _packed(b"", self._lead.epoch), _GONE)
        if known and not self._lead.epoch:
            self._delete([path])

    def folders(self, path: str) -> list[str]:
        """Return the names of what is like folders in a folder."""
        return sorted(self._tree.get(path, ()))

    @cached_property
    def _tree(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in self._known:
            *folders, _ = path.split("/")
            for depth, name in enumerate(folders):
                found.setdefault("/".join(folders[:depth]), set()).add(name)
        return found

    def is_strange(self, *, is_new: bool) -> bool:
        """Say whether there are objects of which nothing is known, and look which there are."""
        del is_new
        if self._known:
            return False
        with self._asking():
            for each in (each for batch in obstore.list(self._store) for each in batch):
                known = StoredObject(each["path"], str(each["e_tag"]), each["size"], 0, "", 0)
                self._keep(known.path, known)
        return bool(self._known)

    def prepare(self, now: int) -> str:
        """Remove what kept its place for long enough; return why the store cannot be trusted, or ''.

        That is tried once a day. Raises `ConfigError` where there are several hosts then, and `OSError`.
        """
        epoch = self._lead.epoch
        old = [k.path for k in self._known.values() if k.gone and not 0 < epoch < k.epoch + 2]
        if old:
            self._delete(old)
        fact = f"bucket {self.root}"
        verdict, _, at = self._catalogue.facts().get(fact, "").partition(" ")
        if not (at and 0 <= now - int(at) < _DAY):
            verdict = "safe" if self._refuses() else "unsafe"
            self._catalogue.set_fact(fact, f"{verdict} {now}")
        if verdict == "safe":
            return ""
        text = f"{self._host} lets a stale write through, so it cannot keep two writers apart"
        if epoch:
            raise ConfigError([f"output.root: {text}; with state.url, use another store"])
        return text

    def note(self) -> None:
        """Have the catalogue remember what was put and seen."""
        self._catalogue.objects.put(self.root, self._changed)
        self._changed = {}

    def _refuses(self) -> bool:
        """Try whether the store refuses what must not be written."""
        path, accepted = f".feedpub-probe-{secrets.token_hex(8)}", 0
        first = self._send(path, b"1", {}, None)
        self._send(path, b"2", {}, first)
        for etag in (None, first):
            try:
                self._send(path, b"3", {}, etag)
                accepted += 1
            except _REFUSED:
                continue
        self._delete([path])
        return not accepted

    def _put(self, path: str, data: bytes, fields: Mapping[str, str]) -> None:
        known, epoch = self._known.get(path), self._lead.epoch
        own = {**fields, "epoch": str(epoch)}
        try:
            etag = self._send(path, data, own, known.etag if known else None)
        except _REFUSED:
            self.read(path)
            raise ChangedError from None
        done = StoredObject(path, etag, len(data), epoch, self._headers, int("gone" in fields))
        self._keep(path, done)

    def _send(self, path: str, data: bytes, fields: Mapping[str, str], etag: str | None) -> str:
        mode: Any = {"e_tag": etag} if etag else "create"
        with self._asking():
            try:
                done = obstore.put(
                    self._store, path, data, attributes={**fields}, mode=mode, use_multipart=False
                )
            except FileNotFoundError:
                raise OSError(errno.EIO, f"{self._host} has no such bucket") from None
        return str(done["e_tag"])

    def _delete(self, paths: list[str]) -> None:
        self._lead.check()
        with self._asking():
            obstore.delete(self._store, paths)
        for path in paths:
            self._keep(path, None)

    def _keep(self, path: str, known: StoredObject | None) -> None:
        self._changed[path] = known
        if known:
            self._known[path] = known
        else:
            self._known.pop(path, None)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Tell what a request failed of without quoting it; after many in a row, try no more."""
        if self._failures >= _MOST_FAILURES:
            raise OSError(errno.EIO, f"{self._host} failed {_MOST_FAILURES} times in a row before")
        try:
            yield
        except (FileNotFoundError, *_REFUSED):
            raise
        except (BaseError, OSError) as error:
            self._failures += 1
            raise OSError(errno.EIO, _words(self._host, str(error))) from None
        self._failures = 0


def _words(host: str, text: str) -> str:
    """Return what an error of obstore means, without a word of it (S2)."""
    if "169.254.169.254" in text:
        return "no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    found = re.search(r"status code: (\d{3})", text)
    if found is None:
        return f"{host} does not answer"
    advice = "; see what the credentials allow" if found[1] in ("401", "403") else ""
    return f"{host} answers {found[1]}{advice}"


def _store(root: str) -> tuple[S3Store, str]:
    """Return the store of an address, and its host. Raises `ConfigError`."""
    parts = urlsplit(root)
    name = next((name for name in _ENDPOINTS if os.environ.get(name)), "")
    try:
        endpoint = urlsplit(os.environ.get(name, ""))
        host = endpoint.hostname or f"{parts.netloc}.s3.amazonaws.com"
        plain_http = endpoint.scheme == "http"
        if plain_http and not _LOOPBACK(host):
            raise ConfigError([f"{name}: http:// is for this machine alone; use https://"])
        given = {key: secret(f"AWS_{key.upper()}") for key in _SECRETS}
        given["endpoint"] = endpoint.geturl() if name else ""
        config: Any = {key: value for key, value in given.items() if value}
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"timeout": "30s", "connect_timeout": "5s", "allow_http": plain_http},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            config=config,
        )
    except (BaseError, ValueError):
        raise ConfigError([f"{name or 'output.root'}: the bucket's address is unusable"]) from None
    return store, host


def _packed(data: bytes, epoch: int) -> bytes:
    """Return the gzip form of a document, with the epoch as its comment (RFC 1952 §2.3)."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    head = b"\x1f\x8b\x08\x10\0\0\0\0\0\xffepoch %d\0" % epoch
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) % 2**32).to_bytes(4, "little")
    return head + packer.compress(data) + packer.flush() + tail
