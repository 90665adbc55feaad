"""Caches are told to forget what something went out of, once it is written and served (X4)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from feedpub.config import Config
from feedpub.config.schema import PurgeRequest
from feedpub.core.problems import ConfigError
from feedpub.edges import outside
from feedpub.edges.credentials import masked, secret
from feedpub.publish.ports import Catalogue, Lead
from feedpub.publish.report import plural, printable
from feedpub.service.push import LONGEST_PAUSE, Telling

_MOVES, _PRINTED, _MOST_FAILURES = 3, 200, 3

log = logging.getLogger("feedpub")

Way: TypeAlias = PurgeRequest | tuple[str, ...]
"""How caches are told: by a request, or by a command."""


def purge(way: Way, url: str) -> str:
    """Tell caches to forget an address; return why that failed, or '', without any secret."""
    if not isinstance(way, PurgeRequest):
        given = {"{url}": url, "{path}": urlsplit(url).path}
        why, printed = outside.run([given.get(each, each) for each in way])
        words = " ".join(masked(printed).split())[:_PRINTED]
        return why and printable(f"{why}: {words}").removesuffix(": ")
    fields = {"Content-Type": "application/json"} if way.body else {}
    if way.token:
        try:
            token = secret(way.token)
        except ConfigError as error:
            return str(error)
        if not token:
            return "the environment does not have the token that the config names"
        fields["Authorization"] = f"Bearer {token}"
    place, body = way.url.replace("{url}", quote(url, safe="")), way.body.replace("{url}", url)
    return outside.request(way.method, place, body, fields, _MOVES)


def purge_all(catalogue: Catalogue, way: Way, rows: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """Tell caches of what is queued; return why not of some, or '', and how many are left.

    After a few failures in a row the others are left for later: they would take as long.
    """
    left, in_row, error = len(rows), 0, ""
    for url, since in rows:
        why = purge(way, url)
        catalogue.purges.settle(url, since, done=not why)
        left, in_row, error = (left, in_row + 1, f"{url}: {why}") if why else (left - 1, 0, error)
        if in_row == _MOST_FAILURES:
            break
    told = f"caches were not told to forget {plural(left, 'URL')}, and will be again: {error}"
    return told if error else "", left


class Purging(Telling):
    """Tells the caches before a service; `pending` URLs are left."""

    _pause = 1

    def give(self, config: Config, catalogue: Catalogue, lead: Lead) -> None:
        """Have purged what is queued, and served so by now."""
        self._served = {*catalogue.purges.all()} if config.output.purge else set[tuple[str, int]]()
        self.pending = len(self._served)
        if self.pending or self.alarm:
            self._give(config, lead)

    def _told(self, config: Config, catalogue: Catalogue) -> float | None:
        rows = [row for row in catalogue.purges.all() if row in self._served]
        error, self.pending = purge_all(catalogue, config.output.purge, rows)
        if error and not self.alarm:
            log.warning("%s", error)
        self.alarm = "caches were not told to forget all; see the log" if error else ""
        self._pause = min(2 * self._pause, LONGEST_PAUSE) if error else 1
        self._changed()
        return self._pause if error else None
