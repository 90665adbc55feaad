"""The HTML page of a feed: what it is, how to subscribe, and its items (B2, B3).

The template is also well-formed XML, so that the check before the swap can parse it strictly.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from feedpub.core.model import FeedHead, FeedWindow, Listed, Site
from feedpub.core.statistics import weekly_rate
from feedpub.formats import FORMATS, Render


class Address(NamedTuple):
    """Where a feed is in one format."""

    label: str
    media_type: str
    url: str


def renderer() -> Render:
    """Return what renders pages that list no other feeds."""
    return render_page


def render_page(window: FeedWindow, site: Site, feeds: tuple[Listed, ...] = ()) -> bytes:
    """Return the page of a feed as UTF-8; `feeds` are listed when there are any: the catalogue.

    All text is escaped; there is no script, and the content security policy allows none.
    """
    text = _template().render(
        head=window.head,
        entries=window.entries,
        site=site,
        addresses=addresses(window.head),
        feeds=feeds,
    )
    return text.encode("utf-8")


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
        rfc3339=_rfc3339, day=_day, addresses=addresses, weekly_rate=weekly_rate
    )
    return environment.get_template("page.html")


def _rfc3339(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day(instant: int, timezone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(instant, timezone):%Y-%m-%d}"
