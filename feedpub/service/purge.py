"""Caches are told to forget what something went out of, once it is written and served (X4)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Lock, Thread
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from feedpub import wiring
from feedpub.config import Config
from feedpub.config.schema import PurgeRequest
from feedpub.core.problems import FeedpubError, LeadLostError, bug
from feedpub.edges import outside
from feedpub.edges.credentials import masked, secret, without_ours
from feedpub.publish.ports import Catalogue, Lead
from feedpub.publish.report import plural, printable

_SECONDS, _MOVES, _PRINTED = 30.0, 5, 200
_MOST_FAILURES, _LONGEST_PAUSE = 3, 600

log = logging.getLogger("feedpub")

Way: TypeAlias = PurgeRequest | tuple[str, ...]
"""How caches are told: by a request, or by a command."""


def purge(way: Way, url: str) -> str:
    """Tell caches to forget an address; return why that failed, or '', without any secret."""
    if not isinstance(way, PurgeRequest):
        given = {"{url}": url, "{path}": urlsplit(url).path}
        command = [given.get(each, each) for each in way]
        why, printed = outside.run(command, without_ours(), _SECONDS)
        words = printable(" ".join(masked(printed).split())[:_PRINTED])
        return f"{why}: {words}" if why and words else why
    fields = {"Content-Type": "application/json"} if way.body else {}
    if way.token:
        try:
            fields["Authorization"] = f"Bearer {secret(way.token, needed=True)}"
        except FeedpubError as error:
            return str(error)
    place, body = way.url.replace("{url}", quote(url, safe="")), way.body.replace("{url}", url)
    return outside.request(way.method, place, body, fields, _SECONDS, _MOVES)


def purge_all(catalogue: Catalogue, way: Way, still: AbstractContextManager[object]) -> str:
    """Tell caches of all that they must forget, once each; return why a person must look, or ''.

    After a few failures in a row the others are left for later: they would take as long. The
    catalogue is only used while things are `still`, as no rescan runs.
    """
    with still:
        rows = catalogue.purges.all()
    error, in_row, left = "", 0, len(rows)
    for row in rows:
        why = purge(way, row.url)
        with still:
            catalogue.purges.settle(row, done=not why)
        error, in_row = (f"{row.url}: {why}", in_row + 1) if why else (error, 0)
        left -= not why
        if in_row == _MOST_FAILURES:
            break
    return f"caches were not told to forget {plural(left, 'URL')}, and will be: {error}" * bool(
        left
    )


class Purging(Thread):
    """Tells the caches before a service, as a daemon: nobody waits for it.

    `changed` is called when `pending`, a number of URLs, or `alarm` may be others. A rescan holds
    `still`: nothing that goes out with it is purged before it is served without that.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__(name="feedpub-purge", daemon=True)
        self._changed, self._given, self.still = changed, Event(), Lock()
        self.alarm, self.pending = "", 0

    def give(self, config: Config, catalogue: Catalogue, lead: Lead) -> None:
        """Have purged what is queued, and served so by now."""
        self._job = config, lead
        self.pending = len(catalogue.purges.all()) if config.output.purge else 0
        self._given.set()
        if self.pending and not self.is_alive():
            self.start()

    def run(self) -> None:
        """Tell them, and again after a while what they did not take."""
        pause = 1
        while True:
            self._given.wait(pause if self.alarm else None)
            self._given.clear()
            error = self._told()
            if error and not self.alarm:
                log.warning("%s", error)
            self.alarm = error.partition(",")[0] and f"{error.partition(',')[0]}; see the log"
            pause = min(2 * pause, _LONGEST_PAUSE) if error else 1
            self._changed()

    def _told(self) -> str:
        config, lead = self._job
        if not self.pending:
            return ""
        try:
            lead.check()
            with wiring.opened(config, log.warning, lead=lead) as edges:
                error = purge_all(edges.catalogue, config.output.purge, self.still)
                self.pending = len(edges.catalogue.purges.all())
                return error
        except LeadLostError:
            return ""  # who leads tells them
        except Exception as error:  # noqa: BLE001 - it must go on
            return str(error) if isinstance(error, FeedpubError) else bug(error)
