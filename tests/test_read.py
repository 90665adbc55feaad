"""Many files are read at a time, and no more than memory has room for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from feedpub.core.fields import Rules
from feedpub.core.model import SeenFile
from feedpub.core.stories import SIGNIFICANT
from feedpub.publish.ports import Walk
from feedpub.publish.read import BATCH, BATCH_BYTES, _batches, read_changed
from feedpub.publish.report import Report
from feedpub.publish.run import Options, Run

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
    settings: Any = SimpleNamespace(rules=Rules(), significant=SIGNIFICANT)
    items = cast("Any", SimpleNamespace(add=lambda *_: content.events.append("keep")))
    run = Run(edges, settings, Options(1), Report(), done)
    read_changed(run, changed, {}, items, everything=False)
    return "".join(event[0] for event in content.events)


def test_files_are_read_one_by_one_and_one_that_cannot_be_is_in_its_place() -> None:
    assert events([1, 1, 1], "abc") == "rk.r.rk."


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
