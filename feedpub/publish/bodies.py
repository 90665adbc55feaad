"""Bodies: where many are long, all processes of a run make them HTML, ahead of their entries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from feedpub.core.content import unlinked_html
from feedpub.core.model import Item
from feedpub.publish.parallel import in_order, packed
from feedpub.publish.ports import Pool
from feedpub.publish.report import Report
from feedpub.publish.shelf import Held, Shelf, opened

LONG = 6000
"""The size (bytes or characters) from which on an item is sent faster than its HTML is made."""

MANY = 2 * 1024 * 1024
"""How many of these are worth other processes: a fifth of a second for one."""

BATCH = 8
"""How many items are given to a process at a time."""


def make_long_ones(shelf: Shelf, pool: Pool, report: Report) -> None:
    """Have the long bodies of items on the shelf made HTML by a pool, if there are many.

    That makes no difference to what becomes of them, only to when.
    """
    long = shelf.long(LONG)
    if sum(long.values()) < MANY:
        return
    with report.timed("compose"):
        _make(list(long), shelf, pool)


def _make(paths: Sequence[str], shelf: Shelf, pool: Pool) -> None:
    batches = (
        [shelf.packed(p) for p in paths[at : at + BATCH]] for at in range(0, len(paths), BATCH)
    )
    for path, made in zip(
        paths, chain.from_iterable(in_order(_made, batches, pool())), strict=True
    ):
        shelf.replace(path, made)


def _made(batch: Sequence[Item | bytes]) -> list[bytes]:
    """Return each item packed, with its content up to its links in place of its body."""
    items = [opened(held).item for held in batch]
    return [packed(Held(item._replace(body=""), unlinked_html(item))) for item in items]
