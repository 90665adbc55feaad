"""The HTML page of a feed: what it is, how to subscribe, and its items (B2, B3).

The templates are also well-formed XML, so that the check before the swap can parse pages strictly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup

from feedpub.core.archiving import Month
from feedpub.core.channel import FeedFacts, FeedHead, FeedWindow, Listed
from feedpub.core.feeds import GROUPS
from feedpub.core.model import Entry, Site
from feedpub.core.page_policy import PAGE_POLICY
from feedpub.formats import FORMATS
from feedpub.formats.fragments import Fragments
from feedpub.formats.layout import environment

NO_FACTS = FeedFacts()
OURS: Mapping[str, str] = MappingProxyType({})


class Address(NamedTuple):
    """Where a feed is in one format."""

    label: str
    media_type: str
    url: str


class Pages:
    """Renders pages; remembers the items that it wrote last, and the feeds of the last catalogue.

    `templates` are those in place of ours, by name.
    """

    def __init__(self, templates: Mapping[str, str] = OURS) -> None:
        loading = environment(templates)
        self._page = loading.get_template("page.html")
        self._item = loading.get_template("item.html")
        self._feed = loading.get_template("feed.html")
        self._items = Fragments(self._written)
        self._rows: dict[str, tuple[Listed, Site, Markup]] = {}

    def __call__(
        self,
        window: FeedWindow,
        site: Site,
        feeds: Sequence[Listed] = (),
        facts: FeedFacts = NO_FACTS,
        past: Sequence[Month] = (),
    ) -> bytes:
        """Return the page of a feed as UTF-8; `feeds` are listed when there are any: the catalogue.

        `facts` are the statistics of the feed itself, `past` its archives. All text is escaped; the page loads pictures,
        the stylesheet and the script of out/, and is complete without the script.
        """
        head, items = window.head, self._items.of(window.entries, site)
        text = self._page.render(
            head=head,
            items=[_markup(item.decode()) for item in items],
            entries=window.entries,
            site=site,
            addresses=addresses(head),
            groups=self._groups(feeds, site) if feeds else (),
            facts=facts,
            past=past,
            bars=_bars(facts.weeks),
            root=_root(head.page, site.url),
            policy=PAGE_POLICY,
        )
        return f"{text.strip()}\n".encode()

    def _written(self, entries: Iterable[Entry], site: Site) -> list[bytes]:
        return [self._item.render(entry=e, site=site).strip().encode() for e in entries]

    def _groups(self, feeds: Sequence[Listed], site: Site) -> list[tuple[str, list[Markup]]]:
        """Return the feeds as rows of the catalogue, kind by kind under the name of each."""
        known, self._rows = self._rows, {}
        return [
            (GROUPS[kind], [self._row(listed, site, known) for listed in group])
            for kind, group in groupby(feeds, lambda listed: listed.head.kind)
        ]

    def _row(
        self, listed: Listed, site: Site, known: dict[str, tuple[Listed, Site, Markup]]
    ) -> Markup:
        """Return one feed as a row, with those below it; remember it for the next catalogue."""
        head, children, facts = listed
        below = [self._row(child, site, known) for child in children]
        kept = known.get(head.id)
        if kept is None or kept[:2] != (listed, site):
            text = self._feed.render(
                head=head, facts=facts, children=below, addresses=addresses(head), site=site
            )
            kept = listed, site, _markup(text.strip())
        self._rows[head.id] = kept
        return kept[2]


def _markup(text: str) -> Markup:
    """Return what a template made, for another: it is escaped already."""
    return Markup(text)  # noqa: S704 - see above


def _root(page: str, url: str) -> str:
    """Return how a page leads to out/: relative, so that a copy elsewhere loads its own files."""
    return "../" * page.removeprefix(url).count("/")


def _bars(weeks: tuple[int, ...]) -> list[int]:
    """Return the heights of bars, 24 at most; what is more than nothing can be seen."""
    most = max(weeks, default=0)
    return [max(2, count * 24 // most) if count else 0 for count in weeks] if most else []


def addresses(head: FeedHead) -> list[Address]:
    """Return where to subscribe in each format, in the order of the registry."""
    return [
        Address(f.label, f.media_type, head.on_page[f.name])
        for f in FORMATS.values()
        if f.name in head.on_page
    ]
