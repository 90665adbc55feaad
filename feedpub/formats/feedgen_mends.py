"""feedgen 1.0.0 with its faults mended; the only module that imports it.

feedgen is unmaintained, so it is pinned, and each fault that is mended or stepped around here has
a test that fails when the stock library no longer has it (tests/test_feedgen_faults.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import feedgen.entry
import feedgen.feed
from feedgen.ext.base import BaseExtension
from lxml import etree
from lxml.etree import SubElement, _Element

from feedpub.core.model import Episode

Element: TypeAlias = _Element

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"

_PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA, "itunes": ITUNES}
_BEGIN = etree.tostring(etree.Element("in", nsmap=_PREFIXES)).replace(b"/>", b">")
_AFTER = b"</in>"


def rfc2822(instant: datetime) -> str:
    """Return an aware instant as RSS has it, in English wherever it runs (RFC 2822, 3.3)."""
    names = instant.ctime()  # English, too: Tue Nov 14 22:13:20 2023
    return f"{names[:3]}, {instant.day:02} {names[4:7]} {instant.year:04} {instant:%H:%M:%S %z}"


# Stock formatRFC2822 calls setlocale(), which is global to the process and not safe in threads.
feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = rfc2822


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
    """An entry whose element can be added to, and is then written by `written`."""

    def rss_item(self) -> Element:
        """Return the stock item."""
        return _within(self.rss_entry())

    def tell(self, episode: Episode) -> None:
        """Say what podcasts say, in RSS, by feedgen's own extension; it takes not every picture."""
        self.load_extension("podcast", atom=False)
        for name, value in episode._replace(image="")._asdict().items():
            if value:
                getattr(self.podcast, f"itunes_{name}")(value)

    def atom(self, links: Sequence[dict[str, str]]) -> Element:
        """Return the stock entry with `links`, and a title that is declared as text.

        Its Atom elements have no namespace before they are in a feed.
        """
        element = _within(self.atom_entry())
        element[1].set("type", "text")  # the title; said, not left to be guessed
        # What stock link() is given comes out with href only, and so as an alternate (#135).
        for link in links:
            SubElement(element, "link", link)
        return element


def _within(entry: Element) -> Element:
    """Put an entry into an element that declares the prefixes.

    Else lxml would declare them at each element of the entry that has one.
    """
    etree.Element("in", nsmap=_PREFIXES).append(entry)
    return entry


def written(entry: Element) -> bytes:
    """Return an entry as it stands in a document, alone on its line."""
    entry.tail = "\n"
    data: bytes = etree.tostring(entry.getroottree(), encoding="UTF-8")
    return data[len(_BEGIN) : -len(_AFTER)]


class _Namespaces(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    """The feedgen extension by which a feed declares namespaces."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces

    def extend_ns(self) -> dict[str, str]:
        return self._namespaces


class MendedFeed(feedgen.feed.FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """The head of a feed, which declares the namespaces that it is told to."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        super().__init__()
        self.docs("")
        self.register_extension("namespaces", lambda: _Namespaces(namespaces))

    def rss(self) -> Element:
        """Return the root of an RSS document without items."""
        root: Element = self._create_rss()[0]
        return root

    def atom(self) -> Element:
        """Return the root of an Atom document without entries."""
        root: Element = self._create_atom()[0]
        return root
