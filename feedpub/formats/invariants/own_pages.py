"""What a page by the templates of a site must be, for it may look like anything.

It is read as browsers do, not as XML: people write `<br>` and `&nbsp;`. What is on it is up to the
site, except for what feedpub promises of pages: that readers find the feeds (B2), and that feedpub
knows its own files when all that it knew of them is lost.
"""

from __future__ import annotations

from typing import cast

from lxml import etree
from lxml.etree import _Element

from feedpub.core.channel import FeedWindow
from feedpub.formats import PAGE
from feedpub.formats.invariants.items import failed

_DOCTYPE = b"<!doctype html>"
_OPENING = 4096


def faults(data: bytes, window: FeedWindow) -> list[str]:
    """Return what is wrong with `data` as a page of `window`; never raises for any bytes."""
    if data[: len(_DOCTYPE)].lower() != _DOCTYPE:
        return ["the page must begin with <!DOCTYPE html>"]
    return failed(
        {
            f"the page must have <meta {PAGE.sign.decode()}> at its beginning": PAGE.sign
            in data[:_OPENING],
            "the page must link to each of `addresses` with rel=alternate in its head": _alternates(
                data
            )
            >= set(window.head.on_page.values()),
        }
    )


def _alternates(data: bytes) -> set[str | None]:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        page = cast("_Element | None", etree.fromstring(data, parser))
    except (etree.XMLSyntaxError, ValueError):
        return set()
    links = () if page is None else page.iterfind("head/link[@rel='alternate']")
    return {link.get("href") for link in links}
