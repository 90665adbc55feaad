"""Write: the files of ours in out/ become what was rendered, whole and only where they differ.

What somebody else put there is never touched.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import Enum, auto
from typing import NamedTuple

from feedpub.core.feeds import KINDS
from feedpub.core.model import RenderedFeed
from feedpub.core.problems import problem
from feedpub.formats import ASSETS, DOCUMENTS, FORMATS, GZIP, LISTINGS, PAGE, REDIRECTS, opening
from feedpub.publish.ports import Output, content_hash
from feedpub.publish.run import Run

_GZIP_FORM = 31  # what zlib calls 15 bits of window with a header of gzip
_MOST = 1024 * 1024
_REGISTRIES = (DOCUMENTS, LISTINGS, ASSETS, REDIRECTS)


class _File(NamedTuple):
    """One file in out/ as it shall be: `make` gives its bytes, `content` is as in `Output`."""

    path: str
    feed: int
    format: str
    content: str
    make: Callable[[], bytes]


class _Fate(Enum):
    """What became of a file in out/."""

    KEPT = auto()
    REPLACED = auto()
    OBSTRUCTED = auto()


class FileWriter:
    """Replaces files in out/, and keeps the report and the recorded outputs up to date.

    With `settings.precompress`, every document has a compressed copy beside it. A dry run only tells.
    """

    def __init__(self, run: Run) -> None:
        self._recorded = run.catalogue.outputs
        self._target = run.edges.target
        self._report = run.report
        self._settings = run.settings
        self._dry_run = run.options.dry_run
        self._known_only = run.options.takedowns_only
        self._outputs = self._recorded.all()
        # Without out/ as well, this is a first build, and not one whose state was lost.
        self._may_be_lost = not self._outputs and self._target.stat("") is not None
        if not self._dry_run:
            self._target.sweep()

    def replace(self, number: int, document: RenderedFeed) -> bool:
        """Make the file of feed `number`, and its compressed copy, equal to `document`.

        Return False when a foreign file is in the way of one of them. Raises `OSError`.
        """
        path, form, data = document.path, document.format, document.data
        content = content_hash(data)
        files = [_File(path, number, form, content, lambda: data)]
        if self._settings.precompress:
            copy = _File(path + GZIP, number, form + GZIP, content, lambda: _compressed(data))
            files.append(copy)
        fates = [self._put(file) for file in files]
        if _Fate.REPLACED in fates:
            self._report.replaced.append(path)
            self._report.tally(document).written += 1
        return _Fate.OBSTRUCTED not in fates

    def _put(self, file: _File) -> _Fate:
        """Make one file in out/ as it shall be, unless it is by all that is recorded of it."""
        path = file.path
        if self._known_only and path not in self._outputs:
            return _Fate.KEPT
        recorded, stat = self._outputs.get(path), self._target.stat(path)
        untouched = recorded is not None and recorded.stat == stat
        if recorded and untouched and recorded.content == file.content:
            return _Fate.KEPT
        data = file.make()
        # Where what was written last still is, it is another document by its hash.
        there = self._target.read(path) if stat and not untouched else None
        if there is not None and recorded is None and there != data and not _is_ours(there):
            self._report.failed = True
            text = "not written by feedpub, so not replaced; move it away, or choose another out/"
            self._report.problems.append(problem(path, "foreign-file", text))
            return _Fate.OBSTRUCTED
        fate = _Fate.KEPT if there == data else _Fate.REPLACED
        if fate is _Fate.REPLACED:
            stat = None if self._dry_run else self._target.replace(path, data)
        if stat is not None:
            output = Output(*file[:4], *stat)
            self._outputs[path] = output
            self._recorded.put(output)
        return fate

    def clear(self, paths: Iterable[str]) -> None:
        """Remove documents, and their copies, that are as they were written; they stay recorded."""
        for path in (name + end for name in paths for end in ("", GZIP)):
            recorded = self._outputs.get(path)
            if recorded and recorded.stat == self._target.stat(path):
                self._target.remove(path)

    def remove_stale(self, wanted: set[str]) -> None:
        """Remove the files of ours that none of the `wanted` paths is.

        Where the state was lost but not out/, these are the files in folders of feeds that say
        that they are ours: nobody would ever take out of them what is withdrawn later.
        """
        stale = self._outputs.keys() - wanted
        if self._may_be_lost:
            stale |= {path for path in self._possible() - wanted if self._is_ours(path)}
        for path in sorted(stale):
            try:
                self._remove(path)
            except OSError as error:
                self._report.failed = True
                text = f"cannot be removed: {error.strerror}"
                self._report.problems.append(problem(path, "feed-not-written", text))

    def _possible(self) -> set[str]:
        """Return where files of ours may be: in the folders of feeds and archives that there are."""
        names = {PAGE.file, *(f.file for f in FORMATS.values()), *self._settings.files.values()}
        paths = {folder + name for folder in self._folders() for name in names}
        paths |= {each.file for ours in (LISTINGS, ASSETS, REDIRECTS) for each in ours.values()}
        return paths | {path + GZIP for path in paths}

    def _folders(self) -> Iterator[str]:
        folders = self._target.folders
        homes = (f"{k.folder}/{slug}/" for k in KINDS.values() for slug in folders(k.folder))
        for home in ("", *homes):
            yield home
            for name in folders(f"{home}archive"):
                yield f"{home}archive/{name}/"

    def _remove(self, path: str) -> None:
        """Remove a file of ours, but not what somebody else has put in its place."""
        recorded, stat = self._outputs.get(path), self._target.stat(path)
        if recorded and stat and stat != recorded.stat and not self._is_ours(path):
            text = "not written by feedpub, so not removed, though a feed that is gone was here"
            self._report.problems.append(problem(path, "foreign-file", text))
        else:
            self._report.replaced.append(path)
            if not self._dry_run:
                self._target.remove(path)
        self._recorded.forget(path)

    def _is_ours(self, path: str) -> bool:
        data = self._target.read(path)
        return data is not None and _is_ours(data)


def _is_ours(data: bytes) -> bool:
    """Say whether an unrecorded file is a feed of ours (the state was lost): its sign tells."""
    head = opening(_plain(data))
    signs = {each.sign for ours in _REGISTRIES for each in ours.values()}
    return any(sign in head for sign in signs)


def _plain(data: bytes) -> bytes:
    """Return a document, or how a compressed one begins, far beyond any head of a feed."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    with suppress(zlib.error):
        return zlib.decompressobj(_GZIP_FORM).decompress(data, _MOST)
    return b""


def _compressed(data: bytes) -> bytes:
    """Return the gzip form of a document: no name, no time, so that the same gives the same."""
    # At 6: a feed is 0.6 % smaller at 9, for a tenth more time, and for far more with odd content.
    return zlib.compress(data, 6, _GZIP_FORM)
