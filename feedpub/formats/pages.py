"""The HTML page of a feed: what it is, how to subscribe, and its items (B2, B3).

The templates are also well-formed XML, so that the check before the swap can parse pages strictly.
A site can put templates of its own in their place (`output.templates`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from feedpub.core.archiving import Month
from feedpub.core.feeds import KINDS
from feedpub.core.model import PAGE_POLICY, Entry, FeedFacts, FeedHead, FeedWindow, Listed, Site
from feedpub.formats import FORMATS
from feedpub.formats.layout import TEMPLATES, Fault, TemplateFailure, environment, fault
from feedpub.formats.xml_checks import own_page_faults


class Address(NamedTuple):
    """Where a feed is in one format."""

    label: str
    media_type: str
    url: str


class About(NamedTuple):
    """What a page says beside the window of its feed.

    `facts` are the statistics of the feed, `past` its archives; `feeds` are listed where there are
    any: then the page is the catalogue, too.
    """

    facts: FeedFacts = FeedFacts()
    past: tuple[Month, ...] = ()
    feeds: Sequence[Listed] = ()


NOTHING = About()


class Pages:
    """Writes pages. `templates` are those in place of ours, by name."""

    def __init__(self, templates: Mapping[str, str] | None = None) -> None:
        loading = environment(templates or {})
        self._page = loading.get_template("page.html")
        self._item = loading.get_template("item.html")
        self._feed = loading.get_template("feed.html")

    def entries(self, entries: Sequence[Entry], site: Site) -> list[bytes]:
        """Return each entry as an item of a page."""
        return [self._item.render(entry=e, site=site).strip().encode() for e in entries]

    def document(
        self, window: FeedWindow, site: Site, entries: Sequence[bytes], about: About = NOTHING
    ) -> bytes:
        """Return the page of a feed as UTF-8, with its `entries` as they were written.

        All text is escaped; the page loads pictures, the stylesheet and the script of out/, and is
        complete without the script.
        """
        head, facts = window.head, about.facts
        text = self._page.render(
            head=head,
            items=[_markup(item.decode()) for item in entries],
            entries=window.entries,
            site=site,
            addresses=addresses(head),
            groups=self._groups(about.feeds, site) if about.feeds else (),
            facts=facts,
            past=about.past,
            bars=_bars(facts.weeks),
            root=_root(head.page, site.url),
            policy=PAGE_POLICY,
        )
        return f"{text.strip()}\n".encode()

    def _groups(self, feeds: Sequence[Listed], site: Site) -> list[tuple[str, list[Markup]]]:
        """Return the feeds as rows of the catalogue, kind by kind under the name of each."""
        return [
            (KINDS[kind].heading, [self._row(listed, site) for listed in group])
            for kind, group in groupby(feeds, lambda listed: listed.head.kind)
        ]

    def _row(self, listed: Listed, site: Site) -> Markup:
        """Return one feed as a row, with those below it."""
        head, children, facts = listed
        below = [self._row(child, site) for child in children]
        text = self._feed.render(
            head=head, facts=facts, children=below, addresses=addresses(head), site=site
        )
        return _markup(text.strip())


PAGE_WRITER = Pages()
"""The writer of pages by our templates."""


class OwnPages:
    """Makes pages by the `templates` of a site, by name."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates
        self._pages = Pages(templates)

    def __call__(self, window: FeedWindow, site: Site, about: About = NOTHING) -> bytes:
        """Return the page of a feed as UTF-8, held to what such pages must be.

        Raises `TemplateFailure` where the templates cannot make it.
        """
        try:
            entries = self._pages.entries(window.entries, site)
            data = self._pages.document(window, site, entries, about)
        except Exception as error:  # templates are programs: anything can go wrong in one
            raise TemplateFailure(fault(error, self._templates)) from error
        for found in own_page_faults(data, window):
            raise TemplateFailure(Fault(TEMPLATES[0], None, found, found))
        return data


@lru_cache(1)
def own_pages(templates: tuple[tuple[str, str], ...]) -> OwnPages:
    """Return what makes pages by the templates of a site: names and texts."""
    return OwnPages(dict(templates))


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
