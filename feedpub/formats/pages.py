"""The HTML page of a feed: what it is, how to subscribe, and its items (B2, B3).

The template is also well-formed XML, so that the check before the swap can parse it strictly.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache
from itertools import groupby
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from feedpub.core.channel import FeedFacts, FeedHead, FeedWindow, Listed
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import GROUPS
from feedpub.core.model import Site
from feedpub.core.page_policy import PAGE_POLICY
from feedpub.core.statistics import weekly_rate
from feedpub.formats import FORMATS, Render

NO_FACTS = FeedFacts()


class Address(NamedTuple):
    """Where a feed is in one format."""

    label: str
    media_type: str
    url: str


def renderer() -> Render:
    """Return what renders pages that list no other feeds."""
    return render_page


def render_page(
    window: FeedWindow,
    site: Site,
    feeds: tuple[Listed, ...] = (),
    facts: FeedFacts = NO_FACTS,
) -> bytes:
    """Return the page of a feed as UTF-8; `feeds` are listed when there are any: the catalogue.

    `facts` are the statistics of the feed itself. All text is escaped; the page loads pictures,
    the stylesheet and the script of out/, and is complete without the script.
    """
    head = window.head
    kinds = groupby(feeds, lambda listed: listed.head.kind)
    text = _template().render(
        head=head,
        entries=window.entries,
        site=site,
        addresses=addresses(head),
        groups=[(GROUPS[kind], list(listed)) for kind, listed in kinds],
        facts=facts,
        bars=_bars(facts.weeks),
        root=_root(head.page, site.url),
        policy=PAGE_POLICY,
    )
    return text.encode("utf-8")


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


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("feedpub.formats"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        rfc3339=rfc3339, day=_day, addresses=addresses, weekly_rate=weekly_rate
    )
    return environment.get_template("page.html")


def _day(instant: int, timezone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(instant, timezone):%Y-%m-%d}"
