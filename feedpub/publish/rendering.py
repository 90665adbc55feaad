"""Rendering: dirty feeds become files in out/, checked before they replace what was good (F9)."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import Enum, auto
from typing import NamedTuple

from feedpub.core.feeds import EVERYTHING, Feed, head, updated
from feedpub.core.model import Entry, FeedHead, FeedWindow, Problem, RenderedFeed
from feedpub.core.problems import problem
from feedpub.core.selection import fitting, listed
from feedpub.formats import FORMATS, GZIP, PAGE
from feedpub.publish.ports import Catalogue, Output, Target, content_hash
from feedpub.publish.report import Report, Tally
from feedpub.publish.settings import Settings
from feedpub.publish.windows import Windows

_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}
_GZIP_FORM = 31  # what zlib calls 15 bits of window with a header of gzip


class _Rendered(NamedTuple):
    """All documents of one feed, rendered and checked; `faults` says why they must not go out."""

    documents: list[RenderedFeed]
    faults: list[str]


class _Sheet(NamedTuple):
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


class Press:
    """Renders feeds and replaces their files; keeps the report and the outputs up to date.

    `directory` holds the heads of all feeds, which the page of the feed of everything lists.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        target: Target,
        settings: Settings,
        windows: Windows,
        directory: tuple[FeedHead, ...],
        report: Report,
        *,
        dry_run: bool,
    ) -> None:
        self._catalogue = catalogue
        self._target = target
        self._settings = settings
        self._windows = windows
        self._directory = directory
        self._report = report
        self._dry_run = dry_run
        self._outputs = catalogue.outputs.all()
        self._nothing_recorded = not self._outputs
        if not dry_run:
            target.sweep()
        self._renderers = {name: FORMATS[name].load() for name in settings.files}

    def publish(self, number: int, feed: Feed) -> bool:
        """Render one feed and replace what changed of it; say whether it is now as it should be."""
        with self._report.timed("compose"):
            entries = self._windows.entries(number, feed)
        try:
            rendered = self._render(feed, entries)
        except ValueError:
            # feedgen and lxml raise it for what XML forbids: a fault of ours, kept from spreading.
            rendered = _Rendered([], ["it cannot be written as XML"])
        for document in rendered.documents:
            self._tally(document).rendered += 1
        if rendered.faults:
            self._reject(feed, rendered.faults)
            return False
        with self._report.timed("write"):
            return self._replace_all(number, feed, rendered.documents)

    def _render(self, feed: Feed, entries: Sequence[Entry]) -> _Rendered:
        """Render a feed in all formats, with as many entries as its limit in bytes allows (F6)."""
        extent = self._settings.policy.extent_of(*feed.name)
        count, paths = len(entries), self._settings.paths_of(feed, PAGE)
        while True:
            window = self._window(feed, entries[:count])
            with self._report.timed("render"):
                documents = [
                    RenderedFeed(paths[name], name, render(window, self._settings.site))
                    for name, render in self._renderers.items()
                ]
            fits = fitting(count, max((len(d.data) for d in documents), default=0), extent.bytes)
            if fits >= count:
                break
            count = fits
        if self._settings.pages:
            documents.append(RenderedFeed(paths[PAGE.name], PAGE.name, self._page(feed, window)))
        with self._report.timed("check"):
            return _Rendered(documents, self._check(documents, window))

    def _page(self, feed: Feed, window: FeedWindow) -> bytes:
        from feedpub.formats.pages import render_page

        feeds = self._directory if feed.name == EVERYTHING else ()
        with self._report.timed("pages"):
            return render_page(window, self._settings.site, feeds)

    def _window(self, feed: Feed, entries: Sequence[Entry]) -> FeedWindow:
        if feed.ended is not None:
            return self._windows.last_words(feed)
        settings = self._settings
        newest = max((e.updated for e in entries), default=None)
        instant = updated(feed, newest)
        top = head(feed, settings.policy, settings.site, settings.files, instant)
        return FeedWindow(top, listed(entries))

    def _check(self, documents: Sequence[RenderedFeed], window: FeedWindow) -> list[str]:
        from feedpub.formats.invariants import faults

        site = self._settings.site
        return [
            f"{d.path}: {fault}"
            for d in documents
            for fault in faults(d.data, d.format, window, site)
        ]

    def _reject(self, feed: Feed, faults: Sequence[str]) -> None:
        self._report.failed = True
        text = f"not published, the last good one stays: {'; '.join(faults[:5])}"
        self._report.problems.append(problem(feed.folder or "./", "feed-rejected", text))

    def _replace_all(self, number: int, feed: Feed, documents: Sequence[RenderedFeed]) -> bool:
        try:
            # A foreign file in the way of one document must not hold back the others.
            outcomes = [self._replace(number, document) for document in documents]
            return all(outcomes)
        except OSError as error:
            self._report.failed = True
            self._report.problems.append(_not_written(feed, error))
            return False

    def _replace(self, number: int, document: RenderedFeed) -> bool:
        """Make the file in out/, and its compressed copy if the site has them, equal to `document`.

        Return False when a foreign file is in the way of one of them.
        """
        path, form, data = document.path, document.format, document.data
        content = content_hash(data)
        sheets = [_Sheet(path, number, form, content, lambda: data)]
        if self._settings.precompress:
            copy = _Sheet(path + GZIP, number, form + GZIP, content, lambda: _compressed(data))
            sheets.append(copy)
        fates = [self._put(sheet) for sheet in sheets]
        if _Fate.REPLACED in fates:
            self._report.replaced.append(path)
            self._tally(document).written += 1
        return _Fate.OBSTRUCTED not in fates

    def _put(self, sheet: _Sheet) -> _Fate:
        """Make one file in out/ as it shall be, unless it is by all that is recorded of it."""
        path = sheet.path
        recorded, look = self._outputs.get(path), self._target.look(path)
        if recorded and recorded.look == look and recorded.content == sheet.content:
            return _Fate.KEPT
        data, there = sheet.make(), self._target.read(path) if look else None
        if there is not None and recorded is None and there != data and not _is_ours(there):
            self._report.failed = True
            text = "not written by feedpub, so not replaced; move it away, or choose another out/"
            self._report.problems.append(problem(path, "foreign-file", text))
            return _Fate.OBSTRUCTED
        fate = _Fate.KEPT if there == data else _Fate.REPLACED
        if fate is _Fate.REPLACED:
            look = None if self._dry_run else self._target.replace(path, data)
        if look is not None:
            output = Output(*sheet[:4], *look)
            self._outputs[path] = output
            self._catalogue.outputs.put(output)
        return fate

    def remove_stale(self, wanted: set[str], feeds: Iterable[Feed]) -> None:
        """Remove the files of ours that none of the `wanted` paths is.

        Where the state was lost but not out/, these are the files of any of `feeds` that say that
        they are ours: nobody would ever take out of them what is withdrawn later.
        """
        stale = self._outputs.keys() - wanted
        if self._nothing_recorded:
            stale |= {path for path in self._possible(feeds) - wanted if self._is_ours(path)}
        for path in sorted(stale):
            try:
                self._remove(path)
            except OSError as error:
                self._report.failed = True
                text = f"cannot be removed: {error.strerror}"
                self._report.problems.append(problem(path, "feed-not-written", text))

    def _remove(self, path: str) -> None:
        """Remove a file of ours, but not what somebody else has put in its place."""
        recorded, look = self._outputs.get(path), self._target.look(path)
        if recorded and look and look != recorded.look and not self._is_ours(path):
            text = "not written by feedpub, so not removed, though a feed that is gone was here"
            self._report.problems.append(problem(path, "foreign-file", text))
        else:
            self._report.replaced.append(path)
            if not self._dry_run:
                self._target.remove(path)
        self._catalogue.outputs.forget(path)

    def _possible(self, feeds: Iterable[Feed]) -> set[str]:
        names = {PAGE.file, *(f.file for f in FORMATS.values()), *self._settings.files.values()}
        names |= {name + GZIP for name in names}
        return {feed.folder + name for feed in feeds for name in names}

    def _is_ours(self, path: str) -> bool:
        data = self._target.read(path)
        return data is not None and _is_ours(data)

    def _tally(self, document: RenderedFeed) -> Tally:
        return self._report.pages if document.format == PAGE.name else self._report.feeds


def _is_ours(data: bytes) -> bool:
    """Say whether an unrecorded file is a feed of ours (the state was lost): its generator tells."""
    head = _opening(data)
    return (
        b"<generator>feedpub</generator>" in head or b'name="generator" content="feedpub"' in head
    )


def _opening(data: bytes) -> bytes:
    """Return how a document begins, also a compressed one."""
    if not data.startswith(b"\x1f\x8b"):
        return data[:4096]
    with suppress(zlib.error):
        return zlib.decompressobj(_GZIP_FORM).decompress(data, 4096)
    return b""


def _compressed(data: bytes) -> bytes:
    """Return the gzip form of a document: no name, no time, so that the same gives the same."""
    # At 6: a feed is 0.6 % smaller at 9, for a tenth more time, and for far more with odd content.
    return zlib.compress(data, 6, _GZIP_FORM)


def _not_written(feed: Feed, error: OSError) -> Problem:
    advice = "; free some space" if error.errno in _FULL_DISK else ""
    text = f"not written, the last good one stays: {error.strerror}{advice}"
    return problem(feed.folder or "./", "feed-not-written", text)
