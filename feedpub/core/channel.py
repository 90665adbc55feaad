"""Feeds as formats print them: head, window, place among archives, and what lists say of them.

    Entry -> FeedWindow -> RenderedFeed

Instants are whole seconds since 1970-01-01T00:00:00Z, as in `feedpub.core.model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from feedpub.core.model import Entry


class FeedHead(NamedTuple):
    """A feed without its entries.

    `kind` is `all` or the name of one in `feeds.KINDS`; `addresses` maps each
    format's name to the absolute URL of its document; `page` is the HTML page of the feed, and
    `alternate` what a person is led to (the page; `site.home` for the feed of everything).
    `offered` are the addresses that its page gives to people who want to subscribe, where these
    are not its own (T6).
    """

    kind: str
    id: str
    title: str
    description: str
    language: str
    updated: int
    page: str
    alternate: str
    addresses: dict[str, str]
    image: str = ""
    offered: dict[str, str] | None = None

    @property
    def on_page(self) -> dict[str, str]:
        """The addresses by which people subscribe who see its page."""
        return self.addresses if self.offered is None else self.offered


class Withdrawal(NamedTuple):
    """An item that was in a feed and is no longer out, and since when (X4)."""

    id: str
    instant: int


class Chain(NamedTuple):
    """Where a document stands among the archives of its feed (RFC 5005 §4, X1).

    `beside` gives by relation the addresses, by format, of the documents that it leads to; a
    `sealed` one does not change any more.
    """

    beside: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    sealed: bool = False

    def links(self, format: str) -> dict[str, str]:
        """Return the addresses to link to in a document of that format, by relation."""
        return {rel: addresses[format] for rel, addresses in self.beside.items()}


UNCHAINED = Chain()
"""The place of a document of a feed without archives."""


class FeedWindow(NamedTuple):
    """A feed and the entries of its subscription document, or of an archive, in the order of D7.

    `withdrawn` are the items whose withdrawal it announces, the last one first.
    """

    head: FeedHead
    entries: tuple[Entry, ...]
    withdrawn: tuple[Withdrawal, ...] = ()
    chain: Chain = UNCHAINED


class Departure(NamedTuple):
    """An address that is no more: its path in out/, and that of what took its place, None if gone.

    A path is that of a file, or of a folder, with a final `/`.
    """

    path: str
    heir: str | None


class FeedFacts(NamedTuple):
    """Statistics of a feed: how many items, when the newest was published, how many a week lately.

    `weeks` counts the items of up to 26 weeks, the oldest first; `providers` are the main ones.
    """

    items: int = 0
    newest: int | None = None
    weeks: tuple[int, ...] = ()
    providers: tuple[str, ...] = ()


class Listed(NamedTuple):
    """A feed in a list of all, and those below it in the hierarchy of its kind."""

    head: FeedHead
    children: tuple[Listed, ...] = ()
    facts: FeedFacts = FeedFacts()


class RenderedFeed(NamedTuple):
    """The bytes of one document of a feed; `path` is relative to out/."""

    path: str
    format: str
    data: bytes
    archive: bool = False
