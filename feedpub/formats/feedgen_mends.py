"""feedgen 1.0.0 with its faults mended; the only module that imports it.

feedgen is unmaintained, so it is pinned, and each fault that is mended or stepped around here has
a test that fails when the stock library no longer has it (tests/test_feedgen_faults.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import feedgen.entry
import feedgen.feed
from lxml import etree
from lxml.etree import SubElement, _Element

from feedpub.core.dates import MONTHS

Element: TypeAlias = _Element

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
MEDIA = "http://search.yahoo.com/mrss/"

_PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA}
_BEGIN = etree.tostring(etree.Element("in", nsmap=_PREFIXES)).replace(b"/>", b">")
_AFTER = b"</in>"
_END = {"rss": b"</channel></rss>", "feed": b"</feed>"}

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def rfc2822(instant: datetime) -> str:
    """Return an aware instant as RSS has it, in English wherever it runs (RFC 2822, 3.3).

    It is `email.utils.format_datetime`, whose module brings sockets and more: 5 ms of each change.
    """
    day, month = _DAYS[instant.weekday()], MONTHS[instant.month - 1]
    return f"{day}, {instant.day:02} {month} {instant.year:04} {instant:%H:%M:%S %z}"


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
    """An entry whose Atom links keep all their attributes, and whose title is declared as text.

    `links` are the attributes of each Atom link; `extend` adds to the finished element, an RSS item
    or an Atom entry whose Atom elements have no namespace yet, what feedgen has no words for.
    """

    def __init__(self, extend: Callable[[Element], None]) -> None:
        super().__init__()
        self.extend = extend
        self.links: Sequence[dict[str, str]] = ()

    def write(self, parent: Element) -> None:
        """Put the stock entry, with what it lacks, into `parent`: an Atom entry if it has links.

        It must be in it before it is extended, so that no namespace is declared again.
        """
        element: Element = self.atom_entry() if self.links else self.rss_entry()
        parent.append(element)
        if self.links:
            element[1].set("type", "text")  # the title; said, not left to be guessed
        # What stock link() is given comes out with href only, and so as an alternate (#135).
        for link in self.links:
            SubElement(element, "link", link)
        self.extend(element)
        element.tail = "\n"


class MendedFeed(feedgen.feed.FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """A feed that declares the namespaces it is told to, and ends its head with a line feed.

    `after` adds to the head, an Atom feed or an RSS channel, what feedgen has no words for.
    """

    def __init__(
        self, namespaces: dict[str, str], after: Callable[[Element], None] | None = None
    ) -> None:
        super().__init__()
        self.docs("")
        self.register_extension("head", lambda: _Head(namespaces, after))

    def serialize(self, root: str, entries: Iterable[bytes]) -> bytes:
        """Return the document of root element `rss` or `feed`: UTF-8 with declaration, no BOM.

        `entries` are those that `MendedEntry` wrote, with no namespaces but those of the feed.
        """
        head: bytes = self.rss_str() if root == "rss" else self.atom_str()
        end = _END[root]
        return b"".join((head.removesuffix(end), *entries, end, b"\n"))


def written(entries: Iterable[MendedEntry]) -> Iterator[bytes]:
    """Yield entries as they stand in a document, each alone on its line.

    Each is put into an element that declares the prefixes, which lxml would declare at each element
    of an entry that stands alone, and is taken out again: small trees are much cheaper than one of
    all entries.
    """
    around = etree.Element("in", nsmap=_PREFIXES)
    for entry in entries:
        entry.write(around)
        data: bytes = etree.tostring(around, encoding="UTF-8")
        del around[0]
        yield data[len(_BEGIN) : -len(_AFTER)]


class _Head:
    """The feedgen extension of a feed: it is called between the head and the first entry."""

    def __init__(self, namespaces: dict[str, str], after: Callable[[Element], None] | None) -> None:
        self._namespaces, self._after = namespaces, after

    def extend_ns(self) -> dict[str, str]:
        return self._namespaces

    def extend_atom(self, feed: Element) -> None:
        self._end(feed)

    def extend_rss(self, rss: Element) -> None:
        self._end(rss[0])

    def _end(self, head: Element) -> None:
        if self._after:
            self._after(head)
        head[-1].tail = "\n"
