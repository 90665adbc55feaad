"""feeds.json: the list of all feeds for machines, with the facts that the catalogue page shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from feedpub.core.channel import Listed
from feedpub.core.dates import rfc3339
from feedpub.core.model import Site
from feedpub.core.statistics import weekly_rate
from feedpub.formats import LISTINGS

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def render_feeds(site: Site, feeds: Iterable[Listed]) -> bytes:
    """Return the list as UTF-8: `title`, `home_page_url`, and `feeds`, each alone on its line.

    A feed has `id`, `kind`, `title`, `description`, `language`, `page`, `addresses` by format,
    `items` (how many), `newest` (RFC 3339), `items_per_week` (the mean of eight weeks), `weeks`
    (items of up to 26 weeks, the oldest first; the last ends with the newest item), `providers`
    (the main ones, the first provides most), and `parent`, the id of the feed that it is below.
    Nothing of it depends on the clock.
    """
    head = _written({"title": site.title, "home_page_url": site.home or site.url})[1:-1]
    lines = ",".join(f"\n{_written(told)}" for told in _flat(feeds, ""))
    return LISTINGS["feeds"].sign + f'{head},"feeds":[{lines}\n]}}\n'.encode()


def _flat(feeds: Iterable[Listed], parent: str) -> Iterator[dict[str, Any]]:
    for listed in feeds:
        head, facts = listed.head, listed.facts
        told = {
            "id": head.id,
            "kind": head.kind,
            "title": head.title,
            "description": head.description,
            "language": head.language,
            "image": head.image,
            "page": head.page,
            "addresses": head.addresses,
            "parent": parent,
            "newest": "" if facts.newest is None else rfc3339(facts.newest),
        }
        figures = {
            "items": facts.items,
            "items_per_week": weekly_rate(facts),
            "weeks": facts.weeks,
            "providers": facts.providers,
        }
        yield {name: value for name, value in told.items() if value} | figures
        yield from _flat(listed.children, head.id)
