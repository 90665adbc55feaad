"""feedgen 1.0.0 with its faults mended; the only module that imports it.

feedgen is unmaintained, so it is pinned, and each fault that is mended or stepped around here has
a test that fails when the stock library no longer has it (tests/test_feedgen_faults.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

import feedgen.entry
import feedgen.feed
from lxml.etree import SubElement, _Element

Element: TypeAlias = _Element

# Stock formatRFC2822 calls setlocale(), which is global to the process and not safe in threads.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = format_datetime


class Instant(datetime):
    """An instant that feedgen writes with `Z` in Atom, where stock dates end in +00:00 (D2)."""

    @classmethod
    def at(cls, seconds: int) -> Instant:
        """Return the instant that many seconds after 1970-01-01T00:00:00Z."""
        return cls.fromtimestamp(seconds, UTC)

    def isoformat(self, sep: str = "T", timespec: str = "seconds") -> str:
        """Return the instant as RFC 3339 has it, in whole seconds of UTC."""
        return super().isoformat(sep, timespec).removesuffix("+00:00") + "Z"


class MendedEntry(feedgen.entry.FeedEntry):  # type: ignore[misc]  # feedgen is untyped
    """An entry whose Atom links keep all their attributes, and whose title is declared as text.

    `links` are the attributes of each Atom link. A subclass adds what feedgen has no words for in
    `extend_atom` and `extend_rss`.
    """

    links: Sequence[dict[str, str]] = ()

    def atom_entry(self, extensions: bool = True) -> Element:
        """Return the Atom entry, alone on its line."""
        entry: Element = super().atom_entry(extensions)
        entry[1].set("type", "text")  # the title; said, not left to be guessed
        # What stock link() is given comes out with href only, and so as an alternate (#135).
        for link in self.links:
            SubElement(entry, "link", link)
        self.extend_atom(entry)
        entry.tail = "\n"
        return entry

    def rss_entry(self, extensions: bool = True) -> Element:
        """Return the RSS item, alone on its line."""
        item: Element = super().rss_entry(extensions)
        self.extend_rss(item)
        item.tail = "\n"
        return item

    def extend_atom(self, entry: Element) -> None:
        """Add to the finished Atom entry; its Atom elements have no namespace yet."""

    def extend_rss(self, item: Element) -> None:
        """Add to the finished RSS item."""


class MendedFeed(feedgen.feed.FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """A feed that declares the namespaces it is told to, and ends its head with a line feed."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        super().__init__()
        self.docs("")
        self.register_extension("head", lambda: _Head(namespaces))

    def serialize(self, root: str) -> bytes:
        """Return the document of root element `rss` or `feed`: UTF-8 with declaration, no BOM."""
        text: bytes = self.rss_str() if root == "rss" else self.atom_str()
        return text + b"\n"


class _Head:
    """The feedgen extension of a feed: it is called between the head and the first entry."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces

    def extend_ns(self) -> dict[str, str]:
        return self._namespaces

    def extend_atom(self, feed: Element) -> None:
        feed[-1].tail = "\n"

    def extend_rss(self, rss: Element) -> None:
        rss[0][-1].tail = "\n"
