"""Taking in what changed: files are read, by other processes too, and looked at in order (X5, X6)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from sys import intern
from typing import NamedTuple

from feedpub.core.model import Item, Problem, SeenFile
from feedpub.core.stories import Copy
from feedpub.publish.ports import HASH_BYTES, KnownFile, Pool
from feedpub.publish.reading import Asked, Reader, Reading, read_file, read_files

MANY = 500
"""How many files are worth other processes: one takes as long to begin as some hundred to read."""

BATCH = 64
"""How many files are read at a time, at most."""

BATCH_BYTES = 1 << 20
"""The size at which no more files are read at that time."""


Answer = tuple[Reading | None, Item | bytes | None]
"""A file read, as `read_files` has it, and its item: packed when it comes from another process."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a process does that reads some of the files."""

    reader: Reader
    everything: bool

    def __call__(self, batch: Sequence[Asked]) -> list[Answer]:
        """Read each of them; most items are never asked for, so that they stay packed."""
        from feedpub.publish.parallel import packed  # only large changes are shared

        found = read_files(batch, self.reader, self.everything)
        return [
            (r._replace(item=None), packed(r.item)) if r and r.item else (r, None) for r in found
        ]


class Intake(NamedTuple):
    """All changed files read. `touched` only look different: their bytes are what they were."""

    files: list[KnownFile]
    touched: list[SeenFile]
    problems: list[Problem]
    parsed: int


def take_in(
    changed: Sequence[SeenFile],
    known: dict[str, KnownFile],
    reader: Reader,
    everything: bool,
    keep: Callable[[Item | bytes, Copy], None],
    progress: Callable[[int], None],
    vanished: Sequence[KnownFile] = (),
    pool: Pool | None = None,
) -> Intake:
    """Read the changed files; every item is shown to `keep`, which may hold on to it.

    With `everything`, files are parsed even when their bytes are what they were. A broken file that
    `vanished` and a new one with its bytes are one file, renamed: it stays known (I2, X6).
    A pool shares the reading of many files, and makes no other difference.
    """
    intake = Intake([], [], [], 0)
    parsed = 0
    left = [f for f in vanished if f.copy and f.copy.broken and _is_hash(f.content)]
    with closing(_readings(changed, known, Share(reader, everything), pool)) as readings:
        for number, (seen, (reading, item)) in enumerate(zip(changed, readings, strict=True)):
            if reading and seen.path not in known and (moved := _renamed(reading.file, left)):
                left.remove(moved)
                reading = read_file(seen, moved, reader, everything=True)
                item = reading and reading.item
            if reading is None:
                intake.touched.append(seen)
            else:
                parsed += reading.file.content != ""
                intake.files.append(reading.file)
                intake.problems.extend(reading.problems)
                if item is not None and reading.file.copy is not None:
                    keep(item, reading.file.copy)
            progress(number + 1)
    return intake._replace(parsed=parsed)


def _readings(
    changed: Sequence[SeenFile], known: dict[str, KnownFile], share: Share, pool: Pool | None
) -> Generator[Answer, None, None]:
    """Yield what each of the files has, in their order."""
    batches = _batches(changed, known)
    if pool is None or len(changed) < MANY:
        for batch in batches:
            for reading in read_files(batch, share.reader, share.everything):
                yield reading, reading and reading.item
        return
    from feedpub.publish.parallel import in_order

    answers = chain.from_iterable(in_order(share, batches, pool()))
    for seen, (reading, item) in zip(changed, answers, strict=True):
        yield reading and _at_home(reading, seen), item


def _batches(changed: Sequence[SeenFile], known: dict[str, KnownFile]) -> Iterator[list[Asked]]:
    """Yield the files in their order, as many at a time as are held together."""
    batch, size = list[Asked](), 0
    for seen in changed:
        batch.append((seen, known.get(seen.path)))
        size += seen.size
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _at_home(reading: Reading, seen: SeenFile) -> Reading:
    """Return a reading that came from another process with what is here already, not twice."""
    if reading.file.seen != seen:
        return reading
    copy = reading.file.copy
    if copy is not None and copy.path == seen.path:
        names = (intern(name) for name in (copy.provider, copy.type, copy.language))
        provider, kind, language = names  # one text for all files that have it
        copy = copy._replace(path=seen.path, provider=provider, type=kind, language=language)
    return reading._replace(file=reading.file._replace(seen=seen, copy=copy))


def _renamed(file: KnownFile, left: Sequence[KnownFile]) -> KnownFile | None:
    """Return which of the files that vanished a new one is, by its bytes; of several by inode."""
    alike = [f for f in left if f.content == file.content]
    return min(alike, key=lambda f: f.seen.inode != file.seen.inode, default=None)


def _is_hash(content: str) -> bool:
    """Tell the hash of bytes that were read from what stands for bytes that were not."""
    return len(content) == 2 * HASH_BYTES
