"""The check before the swap: what is held to in every format (dates, addresses, messages).

What was written is parsed again and held to what must be true; the checks share no code with the
writers. An entry is checked once, when it is written; of a document only the head, the joints and
the count are checked. A message never quotes what is wrong (S2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from feedpub.core.dates import MONTHS
from feedpub.core.model import Entry, FeedWindow

Checks: TypeAlias = dict[str, bool]
"""What is wrong if it does not hold, and whether it holds."""

NOT_PARSED = "not well-formed"
OTHER_FORMAT = "the document is another format's"
RELATIVE = "an address is not absolute http(s) in ASCII"
ITEMS = "the items are not those of the feed, in their order"

_ABSOLUTE_LINES = re.compile(r"(?:[Hh][Tt]{2}[Pp][Ss]?://(?=[^/?#])[!-~]++\n)*+")
_SCRIPT = re.compile("<script", re.IGNORECASE)
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DATES = 4096  # an item has most of its dates twice, and is in several feeds
_RFC822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) \+0000"
)


def failed(checks: Checks) -> list[str]:
    """Return what is wrong by `checks`."""
    return [message for message, holds in checks.items() if not holds]


def are_absolute(addresses: Sequence[str]) -> bool:
    """Say whether all `addresses` are absolute http(s) URIs in ASCII (C2)."""
    lines = "\n".join([*addresses, ""])
    # One match for all of a document; an address of two lines must not pass as two addresses.
    one_each = lines.count("\n") == len(addresses)
    return one_each and _ABSOLUTE_LINES.fullmatch(lines) is not None


def always(entry: Entry) -> Checks:
    """Return what must hold for an entry in any format."""
    return {
        "updated before it was published": entry.updated >= entry.published,
        "its content has a script": not _SCRIPT.search(entry.content),
    }


def one_by_one(
    check: Callable[[Sequence[bytes], Sequence[Entry]], list[list[str]]],
    parts: Sequence[bytes],
    entries: Sequence[Entry],
    together: list[str],
) -> list[list[str]]:
    """Return what is wrong with each of some entries, of which `together` is wrong."""
    if len(parts) == 1:
        return [together]
    return [check([part], [entry])[0] for part, entry in zip(parts, entries, strict=True)]


def frame_of(data: bytes, entries: Sequence[bytes], joint: bytes) -> bytes | None:
    """Return a document without its entries, or None if it has not just these, joined by `joint`.

    What was checked entry by entry need not be parsed again: only what is around it.
    """
    body = joint.join(entries)
    start = data.find(body)
    return None if start < 0 else data[:start] + data[start + len(body) :]


def counted(window: FeedWindow, entries: Sequence[bytes], others: int) -> Checks:
    """Return what must hold for the entries of a document together.

    `others` is how many its frame has beside them.
    """
    ids = {entry.id for entry in window.entries}
    return {
        "two items have one id": len(ids) == len(window.entries),
        ITEMS: len(entries) == len(window.entries) and not others,
    }


@lru_cache(_DATES)
def is_rfc3339(text: str | None, instant: int) -> bool:
    """Say whether `text` is that instant in whole seconds and UTC, with `Z` (D2)."""
    if text is None or not _RFC3339.fullmatch(text):
        return False
    try:
        return datetime.fromisoformat(text).timestamp() == instant
    except ValueError:
        return False


@lru_cache(_DATES)
def is_rfc822(text: str | None, instant: int) -> bool:
    """Say whether `text` is that instant as an RFC 822 date with a year of four digits (D2)."""
    found = _RFC822.fullmatch(text or "")
    if not found or found[2] not in MONTHS:
        return False
    day, year, hour, minute, second = map(int, found.group(1, 3, 4, 5, 6))
    try:
        date = datetime(year, MONTHS.index(found[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    return date.timestamp() == instant
