"""The check before a file is replaced: what all formats are held to (dates, addresses, messages).

What was written is parsed again and held to what must be true; the checks share no code with the
writers. An entry is checked once, when it is written; of a document only the head, the joints and
the count are checked. A message never quotes what is wrong (S2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from feedpub.core.model import Entry, FeedWindow

Checks: TypeAlias = dict[str, bool]
"""What is wrong if it does not hold, and whether it holds."""

NOT_PARSED = "not well-formed"
OTHER_FORMAT = "the document is another format's"
RELATIVE = "an address is not absolute http(s) in ASCII"
ITEMS = "the items are not those of the feed, in their order"

_ABSOLUTE_LINES = re.compile(r"(?:[Hh][Tt]{2}[Pp][Ss]?://(?=[^/?#])[!-~]++\n)*+")
_SCRIPT = re.compile("<script", re.IGNORECASE)


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


def frame_of(data: bytes, entries: Sequence[bytes], joint: bytes) -> bytes | None:
    """Return a document without its entries, or None if it has not just these, joined by `joint`.

    What was checked entry by entry need not be parsed again: only what is around it.
    """
    body = joint.join(entries)
    start = data.find(body)
    return None if start < 0 else data[:start] + data[start + len(body) :]


def counted(window: FeedWindow, entries: Sequence[bytes], others: bool) -> Checks:
    """Return what must hold for the entries of a document together.

    `others` says whether its frame has some beside them.
    """
    ids = {entry.id for entry in window.entries}
    return {
        "two items have one id": len(ids) == len(window.entries),
        ITEMS: len(entries) == len(window.entries) and not others,
    }


def in_rfc3339(instant: int) -> str:
    """Return how JSON and Atom must have an instant: in whole seconds and UTC, with `Z` (D2)."""
    return f"{datetime.fromtimestamp(instant, UTC).replace(tzinfo=None).isoformat()}Z"


def in_rfc822(instant: int) -> str:
    """Return how RSS must have an instant: in UTC, with a year of four digits (D2)."""
    date = datetime.fromtimestamp(instant, UTC)
    names = date.ctime()  # in English anywhere: Tue Nov 14 22:13:20 2023
    return f"{names[:3]}, {date.day:02} {names[4:7]} {date.year:04} {date:%H:%M:%S} +0000"
