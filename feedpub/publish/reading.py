"""Reading files: their bytes become items, and what is kept of them (X6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from feedpub.core.front_matter import read_document
from feedpub.core.model import Broken, Document, Item, NotAnItem, Problem, SeenFile, Withheld
from feedpub.core.normalize import Normalized, Rules, normalize
from feedpub.core.problems import problem
from feedpub.core.stories import SIGNIFICANT, Copy, copy_of
from feedpub.core.takedown import barring, named_stories
from feedpub.publish.ports import Content, FileTooLargeError, KnownFile, Status, content_hash

UNSURE = -1
"""An mtime that no file has: such a file is read again at the next rescan."""


class Reader(NamedTuple):
    """How files are read: where from, by which rules, and which fields are significant (D3)."""

    content: Content
    rules: Rules
    significant: Sequence[str] = SIGNIFICANT

    def item(self, path: str) -> Item | None:
        """Read one file again and return its item, or None if it has no usable one now."""
        try:
            document = read_document(path, self.content.read(path))
        except (OSError, FileTooLargeError):
            return None
        return normalize(document, self.rules).item if isinstance(document, Document) else None


class Reading(NamedTuple):
    """One file read: what to remember of it, its item if it has one, and its problems."""

    file: KnownFile
    item: Item | None
    problems: tuple[Problem, ...]


Asked = tuple[SeenFile, KnownFile | None]
"""A file to be read, and what is known of it."""


class _Opened(NamedTuple):
    """A file whose bytes are to be understood, and their hash."""

    seen: SeenFile
    before: KnownFile | None
    data: bytes
    content: str


def read_file(
    seen: SeenFile, before: KnownFile | None, reader: Reader, everything: bool
) -> Reading | None:
    """Read one file, or return None when its bytes are what they were `before`."""
    return read_files([(seen, before)], reader, everything)[0]


def read_files(batch: Sequence[Asked], reader: Reader, everything: bool) -> list[Reading | None]:
    """Read each of the files; None stands for one whose bytes are what they were before.

    What is done with one is done with all before the next thing is: the processor then has it at
    hand, which takes a sixth of the time off.
    """
    read = reader.content.read
    opened = [_opened(seen, before, read, everything) for seen, before in batch]
    changed = [one for one in opened if isinstance(one, _Opened)]
    documents = [read_document(one.seen.path, one.data) for one in changed]
    understood = [_understood(document, reader.rules) for document in documents]
    done = iter([_concluded(*each, reader) for each in zip(changed, understood, strict=True)])
    return [next(done) if isinstance(one, _Opened) else one for one in opened]


def _opened(
    seen: SeenFile, before: KnownFile | None, read: Callable[[str], bytes], everything: bool
) -> _Opened | Reading | None:
    """Return the bytes of a file, or its reading if that needs no more, as `read_files` has it."""
    try:
        data = read(seen.path)
    except FileTooLargeError:
        found = problem(seen.path, "file-too-large", "larger than an item may be; split it")
        return _unusable(seen, str(seen.size), before, (found,))
    except OSError as error:
        return _unreadable(seen, before, error)
    content = content_hash(data)
    if before is not None and before.content == content and not everything:
        return None
    return _Opened(seen, before, data, content)


def _understood(
    document: Document | NotAnItem | Broken, rules: Rules
) -> Normalized | NotAnItem | Broken:
    if not isinstance(document, Document):
        return document
    item, problems = normalize(document, rules)
    return Normalized(item, (*document.problems, *problems))


def _concluded(file: _Opened, found: Normalized | NotAnItem | Broken, reader: Reader) -> Reading:
    seen, before, data, content = file
    if isinstance(found, Broken):
        removed = found.takedown is Withheld.REMOVED
        named = named_stories(seen.path, data, reader.rules) if removed else ()
        return _unusable(seen, content, before, found.problems, found.takedown, named)
    if isinstance(found, NotAnItem):
        return _not_an_item(seen, content, before, found)
    if found.item is None:
        return _unusable(seen, content, before, found.problems)
    copy = copy_of(found.item, content, reader.significant)
    story = before.story if before else None
    known = KnownFile(seen, content, Status.PUBLISHED, copy, story)
    return Reading(known, found.item, found.problems)


def _unreadable(seen: SeenFile, before: KnownFile | None, error: OSError) -> Reading:
    # Without its bytes nothing is known of a change, so it is tried again at the next rescan.
    found = problem(seen.path, "file-unreadable", f"cannot be read: {error.strerror}")
    again = seen._replace(mtime_ns=UNSURE)
    if before is not None and before.copy is not None:
        copy = before.copy._replace(broken=True)
        return Reading(KnownFile(again, "", before.status, copy, before.story), None, (found,))
    return Reading(KnownFile(again, "", Status.QUARANTINED, None, None), None, (found,))


def _not_an_item(
    seen: SeenFile, content: str, before: KnownFile | None, document: NotAnItem
) -> Reading:
    if before is not None and before.copy is not None:
        return _unusable(seen, content, before, (), document.takedown)
    return Reading(KnownFile(seen, content, Status.NOT_ITEM, None, None), None, ())


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
        copy = barring(seen.path, content, bars) if bars else None
        return Reading(KnownFile(seen, content, Status.QUARANTINED, copy, None), None, problems)
    # Of a removal that was asked for before, only a whole file says that it is over.
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
