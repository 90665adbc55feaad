"""Read: files become items, and what is kept of them, by other processes too (X5, X6)."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from errno import ESTALE
from functools import lru_cache, partial
from heapq import heappop, heappush
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.matching import copy_of
from feedpub.core.model import (
    HASH_BYTES,
    Broken,
    Document,
    Item,
    NotAnItem,
    SeenFile,
    Withheld,
    content_hash,
)
from feedpub.core.normalize import named_stories, normalize
from feedpub.core.problems import FileTooLargeError, Problem, Severity, problem
from feedpub.core.stories import SIGNIFICANT, Copy
from feedpub.core.urls import host
from feedpub.publish.ports import Content
from feedpub.publish.scan import Folders, read_folders
from feedpub.publish.settings import Run

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

MANY = 3_000
"""How many files are worth other processes, as to begin one takes as long as to read a thousand."""

MUCH = 8 * 1024 * 1024
"""How many bytes of files are, however few files these are."""

BATCH = 64
"""How many files another process is given at a time, at most."""

BATCH_BYTES = 1 << 20
"""The size at which it is given no more at that time."""

ROOM = 24 * 1024 * 1024
"""How many bytes of items are held from their reading until they are shown: some 10,000 items."""

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 4
"""How many tasks the executor has at a time, if it does not say itself: what it does, and some at hand.

Three times as many are begun and not yet yielded, as one of them takes long.
"""

PATIENCE = 30
"""Seconds to wait for what the executor was given: then it gets nothing more, and all is done here."""

T = TypeVar("T")

UNSURE = -1
"""An mtime that no file has: such a file is read again at the next rescan."""


class Reader(NamedTuple):
    """How files are read: where from, by which rules, and which fields are significant (D3).

    `hosts` are those of the site itself, `folders` what those of Hugo say of the files in them;
    `linked` says that related links are kept (N5).
    """

    content: Content
    rules: Rules
    significant: Sequence[str] = SIGNIFICANT
    hosts: frozenset[str] = frozenset()
    folders: Folders = Folders()
    linked: bool = False

    @classmethod
    def of(cls, run: Run, paths: Collection[str] = ()) -> Reader:
        """Return how a run reads files, those at `paths` with what their folders say."""
        given, folders = run.settings, read_folders(run, paths)
        hosts = frozenset(map(host, (given.site.url, given.rules.home)))
        linked = given.style.growth.mode != "off"
        return cls(run.edges.content, given.rules, given.significant, hosts, folders, linked)

    def item(self, path: str) -> Item | None:
        """Read one file again and return its item, or None if it has no usable one now."""
        try:
            document = read_document(path, self.content.read(path), self.rules)
        except (OSError, FileTooLargeError):
            return None
        return normalize(document, self.rules).item if isinstance(document, Document) else None


class Reading(NamedTuple):
    """One file read: what to remember of it, its item if it has one, and its problems.

    The item is packed, as it travels between processes and is held: most are never asked for.
    """

    file: KnownFile
    item: bytes | None
    problems: tuple[Problem, ...]


def unpacked(item: bytes) -> Item:
    """Return the item of a `Reading`."""
    found: Item = pickle.loads(item)  # noqa: S301 - our own
    return found


Asked = tuple[SeenFile, KnownFile | None]
"""A file to be read, and what is known of it."""


def read_file(
    seen: SeenFile, before: KnownFile | None, reader: Reader, *, everything: bool
) -> Reading | None:
    """Read one file, or return None when its bytes are what they were `before`.

    With `everything` it is read also then.
    """
    try:
        data = reader.content.read(seen.path)
    except FileTooLargeError:
        found = problem(seen.path, "file-too-large", "larger than an item may be; split it")
        return _unusable(seen, str(seen.size), before, (found,))
    except OSError as error:
        return _unreadable(seen, before, error)
    content = content_hash(data)
    if before is not None and before.content == content and not everything:
        return None
    document = read_document(seen.path, data, reader.rules)
    if isinstance(document, NotAnItem):
        if before is not None and before.copy is not None:
            return _unusable(seen, content, before, (), document.takedown)
        return Reading(KnownFile(seen, content, Status.NOT_ITEM, None, None), None, ())
    if isinstance(document, Broken):
        removed = document.takedown is Withheld.REMOVED
        named = named_stories(seen.path, data, reader.rules) if removed else ()
        return _unusable(seen, content, before, document.problems, document.takedown, named)
    item, problems = _item_of(document, reader)
    if item is None:
        return _no_item(seen, content, before, problems)
    copy = copy_of(item, content, reader.significant, reader.hosts)
    copy = copy._replace(
        provider=_one(copy.provider),
        type=_one(copy.type),
        language=_one(copy.language),
        topics=tuple(map(_one, copy.topics)),
        links=copy.links if reader.linked else (),
    )
    file = KnownFile(seen, content, Status.PUBLISHED, copy, before.story if before else None)
    return Reading(file, pickle.dumps(item, pickle.HIGHEST_PROTOCOL), problems)


@lru_cache(4096)
def _one(value: T) -> T:
    """Return the first of equal values: one for all files that have it, also when they travel."""
    return value


def _item_of(document: Document, reader: Reader) -> tuple[Item | None, tuple[Problem, ...]]:
    """Return the item of a document; a part of the page of another is as one that is no news (D6)."""
    item, problems = normalize(reader.folders.cascaded(document), reader.rules)
    if reader.folders.is_part(document.path):
        return item and item._replace(undated=True), ()
    return item, (*document.problems, *problems)


def _no_item(
    seen: SeenFile, content: str, before: KnownFile | None, problems: tuple[Problem, ...]
) -> Reading:
    """Leave out a page whose address waits for a date; what had one keeps its last good item."""
    if not any(one.severity is Severity.ERROR for one in problems):
        if before is None or before.copy is None or before.copy.undated:
            return Reading(KnownFile(seen, content, Status.UNDATED, None, None), None, ())
        text = "no web address; content.link_template needs a date"
        problems = (*problems, problem(seen.path, "link-missing", text))
    return _unusable(seen, content, before, problems)


def _unreadable(seen: SeenFile, before: KnownFile | None, error: OSError) -> Reading:
    """Keep what is known of a file; without its bytes it is tried again at the next rescan."""
    file = KnownFile(seen._replace(mtime_ns=UNSURE), "", Status.QUARANTINED, None, None)
    nothing = "nothing is there, or where it leads"
    why = nothing if isinstance(error, FileNotFoundError) else error.strerror
    text = f"cannot be read: {why}"
    if before is not None and before.copy is not None:
        copy = before.copy._replace(broken=True)
        file = file._replace(status=before.status, copy=copy, story=before.story)
        text += "; its item stays as it last was. Mend the file, or remove it"
    return Reading(file, None, (problem(seen.path, "file-unreadable", text),))


def _unusable(
    seen: SeenFile,
    content: str,
    before: KnownFile | None,
    problems: tuple[Problem, ...],
    takedown: Withheld = Withheld.NO,
    named: tuple[str, ...] = (),
) -> Reading:
    """Quarantine a new file; of a known one keep the last good item, or withhold it (X6).

    A file whose lines ask for removal withholds the stories that they name (`named`), also if it
    was never known, or was known to hold another one.
    """
    last = before.copy if before else None
    bars = _barred(last, named)
    if before is None or last is None or bars:
        bar = Copy(seen.path, content, withheld=Withheld.REMOVED, broken=True, bars=bars)
        copy = bar if bars else None
        return Reading(KnownFile(seen, content, Status.QUARANTINED, copy, None), None, problems)
    # Only a whole file says that a removal that was asked for before is over.
    copy = last._replace(path=seen.path, broken=True, withheld=max(takedown, last.withheld))
    if takedown:
        text = "unusable now, and a line of it asks for withdrawal; its item is taken out"
    else:
        text = "unusable now; its item stays as it last was. Mend the file"
    found = problem(seen.path, "last-good-kept", text)
    file = KnownFile(seen, content, Status.PUBLISHED, copy, before.story)
    return Reading(file, None, (*problems, found))


def _barred(last: Copy | None, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of the stories that a broken file withholds without being a file of them.

    While it stays broken it withholds what it withheld, whatever becomes of its lines. A file that
    is known as one of the stories it names is that, and withholds it in its own right.
    """
    if last is None:
        return named
    if last.bars:
        return named or last.bars
    own = {last.identity, last.original_key, last.web_key, last.link_key} - {""}
    return (*named, *sorted(own)) if named and own.isdisjoint(named) else ()


# many files ---------------------------------------------------------------------------------


class ItemCache:
    """The newest items just read that may be shown, by path, so that they are not read twice.

    Up to `room` bytes of them are held, so that memory does not grow with the content; what is not
    here is read again from its file.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._items: dict[str, bytes] = {}
        self._oldest: list[tuple[int, str]] = []

    def add(self, item: bytes, copy: Copy) -> None:
        """Hold on to an item, packed, while it is among the newest."""
        if copy.withheld:
            return
        self._items[copy.path] = item
        self._room -= len(item)
        heappush(self._oldest, (max(copy.published or 0, copy.updated or 0), copy.path))
        while self._room < 0:
            _, path = heappop(self._oldest)
            self._room += len(self._items.pop(path))

    def get(self, path: str) -> Item | None:
        """Return the item of the file at `path` if it is here."""
        item = self._items.get(path)
        return unpacked(item) if item else None


def _read(reader: Reader, everything: bool, away: bool, batch: list[Asked]) -> list[Reading | None]:
    """Read some of the files, here or in another process.

    One on another machine is `away`: it raises `OSError` unless it sees them as they were seen.
    """
    found = [read_file(seen, before, reader, everything=everything) for seen, before in batch]
    if away:
        looks = {seen.path: seen[1:3] for seen, _ in batch}
        unread = any(reading and not reading.file.content for reading in found)
        if unread or looks != {seen.path: seen[1:3] for seen in reader.content.walk(looks)}:
            raise OSError(ESTALE, "not the content that is here")
    return found


class FilesRead(NamedTuple):
    """All changed files read. `touched` only look different: their bytes are what they were."""

    files: list[KnownFile]
    touched: list[SeenFile]
    problems: list[Problem]


def read_changed(
    run: Run,
    changed: Sequence[SeenFile],
    known: dict[str, KnownFile],
    keep: Callable[[bytes, Copy], None],
    *,
    everything: bool,
    vanished: Sequence[KnownFile] = (),
) -> FilesRead:
    """Read the changed files; every item is given to `keep`, packed, with its copy.

    With `everything`, files are parsed even when their bytes are what they were. A broken file that
    `vanished` and a new one with its bytes are one file, renamed: it stays known (I2, X6).
    Other processes share the reading of many files, and make no other difference.
    """
    found = FilesRead([], [], [])
    reader = Reader.of(run, [seen.path for seen in changed])
    read = (f for f in vanished if len(f.content) == 2 * HASH_BYTES)  # else it is no hash
    left = [f for f in read if f.copy and f.copy.broken]
    is_large = len(changed) >= MANY or sum(seen.size for seen in changed) >= MUCH
    executor = run.executor(worth=is_large)
    do, away = partial(_read, reader, everything), hasattr(executor, "ahead")
    batches = _batches(changed, known)
    shared = in_order(partial(do, False), batches, executor, partial(do, away))
    readings = zip(changed, chain.from_iterable(shared), strict=True)
    for number, (seen, reading) in enumerate(readings, 1):
        if reading and seen.path not in known and (moved := _renamed(reading.file, left)):
            left.remove(moved)
            reading = read_file(seen, moved, reader, everything=True)
        if reading is None:
            found.touched.append(seen)
        else:
            file = reading.file
            if file.seen == seen:  # what another process sends has one of its own
                file = file._replace(seen=seen)
            found.files.append(file)
            found.problems.extend(reading.problems)
            if reading.item is not None and file.copy is not None:
                keep(reading.item, file.copy)
        run.progress("Reading", number, len(changed))
    return found


def _batches(changed: Sequence[SeenFile], known: dict[str, KnownFile]) -> Iterator[list[Asked]]:
    """Yield the files in their order, as many at a time as another process is given."""
    batch, size = list[Asked](), 0
    for seen in changed:
        batch.append((seen, known.get(seen.path)))
        size += seen.size
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _renamed(file: KnownFile, left: Sequence[KnownFile]) -> KnownFile | None:
    """Return which of the files that vanished a new one is, by its bytes; of several by inode."""
    alike = [f for f in left if f.content == file.content]
    return min(alike, key=lambda f: f.seen.inode != file.seen.inode, default=None)


# shared work (D9) ------------------------------------------------------------------------------


def in_order(
    do: Callable[[A], B],
    tasks: Iterable[A],
    executor: Executor | None = None,
    away: Callable[[A], B] | None = None,
) -> Iterator[B]:
    """Yield `do(task)` for each of the tasks, in their order, and raise what it raises.

    Tasks are taken as the work goes on, a few ahead of what was yielded. This process works as
    well: it does not wait for what it could do itself, nor for an executor that is not ready.
    Whatever a task failed of elsewhere, it is done here once more: the executor may be given `away`
    instead, which fails of what only this process can tell.
    """
    if executor is None:
        yield from map(do, tasks)
        return
    from concurrent.futures import CancelledError  # only large changes are shared

    patience = PATIENCE

    def value(task: A, future: Future[B]) -> B:
        nonlocal patience
        try:
            failed = future.exception(patience) is not None
        except (CancelledError, TimeoutError):
            failed, patience = True, 0
        return do(task) if failed else future.result()

    ahead = getattr(executor, "ahead", AHEAD)
    begun: deque[tuple[A, Future[B]]] = deque()
    ready = _submitted(executor, bool, 0)
    for task in tasks:
        others = sum(not future.done() for _, future in begun)
        has_room = ready is not None and ready.done() and others < ahead and patience
        given = _submitted(executor, away or do, task) if has_room else None
        begun.append((task, given or _done(do(task))))
        while begun and (begun[0][1].done() or len(begun) >= 3 * ahead):
            yield value(*begun.popleft())
    for each in begun:
        yield value(*each)


def _submitted(executor: Executor, do: Callable[[A], B], task: A) -> Future[B] | None:
    """Give a task to an executor, which may be broken: then it does nothing more."""
    try:
        return executor.submit(do, task)
    except RuntimeError:
        return None


def _done(result: B) -> Future[B]:
    from concurrent.futures import Future

    future: Future[B] = Future()
    future.set_result(result)
    return future
