"""What every notation of front matter is read into, and the bounds that hold for all (S1, S4)."""

from __future__ import annotations

from typing import NamedTuple

from feedpub.core.model import Value

MAX_DEPTH = 64
"""How deep maps and lists may be nested, the outermost map counted (S4)."""

MAX_VALUES = 100_000
"""How many values, keys included, are read: enough for some thousands of related links."""


class Front(NamedTuple):
    """Front matter read: its fields, and where they stand in its text.

    `lines` and `repeated` count the line ends before a key, from 0; `repeated` has one entry for
    each key that is given again in the same map, None where its place is unknown.
    """

    fields: dict[str, Value]
    lines: dict[str, int]
    repeated: list[int | None]


class FrontMatterError(Exception):
    """Front matter that cannot be used; `line` as in `Front`, `message` holds no content (S2)."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.line = line


def is_secret(key: str) -> bool:
    """Tell whether a key, at any depth, holds text that nothing may see (S1)."""
    return len(key) > 6 and key.strip().casefold() == "secured"


def too_deep(line: int | None = None) -> FrontMatterError:
    """Return the error for nesting beyond `MAX_DEPTH`."""
    message = f"maps and lists are nested deeper than {MAX_DEPTH} levels; flatten them"
    return FrontMatterError("front-matter-too-deep", message, line)


def too_many(limit: int = MAX_VALUES) -> FrontMatterError:
    """Return the error for more values than can be read within a second."""
    message = f"the front matter holds more than {limit:,} values; shorten it"
    return FrontMatterError("front-matter-too-large", message)
