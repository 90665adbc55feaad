"""Many files are read at a time, and no more than memory has room for."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.matching import copy_of
from feedpub.core.model import Document, SeenFile
from feedpub.core.normalize import normalize
from feedpub.core.policy import Style
from feedpub.core.stories import SIGNIFICANT
from feedpub.publish.ports import Walk
from feedpub.publish.read import BATCH, BATCH_BYTES, ItemCache, _batches, read_changed
from feedpub.publish.report import Report
from feedpub.publish.settings import Options, Run

TEXT = b"---\ntitle: One\nwebUrl: https://e.org/1\ndate: 2026-01-01\n---\n"


class Noted:
    """A content root that notes what is read."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def walk(self, only: Collection[str] | None = None) -> Walk:
        raise NotImplementedError(only)

    def concerns(self, path: str) -> bool:
        raise NotImplementedError(path)

    def read(self, path: str) -> bytes:
        self.events.append("read")
        if path == "b":
            raise PermissionError(13, "no")
        return TEXT

    def reading(self) -> AbstractContextManager[Callable[[str], bytes]]:
        return nullcontext(self.read)


def events(sizes: Sequence[int], paths: str = "") -> str:
    """Return what happens, in order: `r` for a file read, `k` for an item shown, `.` for the end."""
    content = Noted()
    changed = [SeenFile(paths[n : n + 1] or f"{n}.md", size, 1, n) for n, size in enumerate(sizes)]

    def done(*_: object) -> None:
        content.events.append(".")

    edges: Any = SimpleNamespace(content=content, pool=None)
    settings: Any = SimpleNamespace(
        rules=Rules(), significant=SIGNIFICANT, site=SimpleNamespace(url=""), style=Style()
    )
    run = Run(edges, settings, Options(1), Report(), done)
    read_changed(run, changed, {}, lambda *_: content.events.append("keep"), everything=False)
    return "".join(event[0] for event in content.events)


def test_files_are_read_and_one_that_cannot_be_is_in_its_place() -> None:
    assert events([1, 1, 1], "abc") == "rrrk..k."


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([1] * (BATCH + 1), [BATCH, 1]),
        ([BATCH_BYTES, 1, 1], [1, 2]),
        ([BATCH_BYTES // 2, BATCH_BYTES // 2, 1, BATCH_BYTES], [2, 2]),
    ],
)
def test_another_process_is_given_many_at_a_time_and_no_more_than_there_is_room_for(
    sizes: list[int], expected: list[int]
) -> None:
    changed = [SeenFile(f"{n}.md", size, 1, n) for n, size in enumerate(sizes)]
    batches = list(_batches(changed, {}))
    assert [len(batch) for batch in batches] == expected
    assert [seen for batch in batches for seen, _ in batch] == changed


def test_the_newest_items_are_held_as_far_as_there_is_room() -> None:
    text = "---\ntitle: {0}\nwebUrl: https://e.org/{0}\ndate: 2026-01-0{0}\n---\n"
    items = {}
    for number in (2, 1, 3):
        document = read_document(f"{number}.md", text.format(number).encode())
        assert isinstance(document, Document)
        items[number], _ = normalize(document, Rules())
    packed = {number: pickle.dumps(item) for number, item in items.items()}
    held = ItemCache(len(packed[1]) * 2 + 5)
    for number, item in items.items():
        assert item is not None
        held.add(packed[number], copy_of(item, ""))
    assert [held.get(f"{number}.md") for number in (1, 2, 3, 4)] == [None, items[2], items[3], None]
