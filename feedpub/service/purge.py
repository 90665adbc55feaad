"""Caches are told to forget what something went out of, once it is written and served (X4)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Lock, Thread
from time import sleep
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from feedpub import wiring
from feedpub.config import Config
from feedpub.config.schema import PurgeRequest
from feedpub.core.problems import FeedpubError, LeadLostError, bug
from feedpub.edges import outside
from feedpub.edges.credentials import masked, secret
from feedpub.publish.ports import Catalogue, Lead
from feedpub.publish.report import plural, printable

_SECONDS, _MOVES, _PRINTED = 30.0, 5, 200
_MOST_FAILURES, _LONGEST_PAUSE = 3, 600
_OURS = "PGPASS", "NOTIFY_SOCKET"
"""How variables begin that no command of the operator needs."""

log = logging.getLogger("feedpub")

Way: TypeAlias = PurgeRequest | tuple[str, ...]
"""How caches are told: by a request, or by a command."""


def purge(way: Way, url: str) -> str:
    """Tell caches to forget an address; return why that failed, or '', without any secret."""
    if not isinstance(way, PurgeRequest):
        given = {"{url}": url, "{path}": urlsplit(url).path}
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        why, printed = outside.run([given.get(a, a) for a in way], environment, _SECONDS)
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
    """Tell caches of all that they must forget, once each; return why they were not told of the last.

    After a few failures in a row the others are left for later: they would take as long. The
    catalogue is only used while things are `still`, as no rescan runs.
    """
    with still:
        rows = catalogue.purges.all()
    error, in_row = "", 0
    for url, since in rows:
        why = purge(way, url)
        with still:
            catalogue.purges.settle(url, since, done=not why)
        error, in_row = (f"{url}: {why}", in_row + 1) if why else (error, 0)
        if in_row == _MOST_FAILURES:
            break
    return error


def left(pending: int) -> str:
    """Return in words how many URLs are left."""
    return f"caches were not told to forget {plural(pending, 'URL')}"


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
        self._config, self._lead = config, lead
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
            error = self._told() if self.pending else ""
            if error and not self.alarm:
                log.warning("%s, and will be again: %s", left(self.pending), error)
            self.alarm = f"{left(self.pending)}; see the log" if error else ""
            pause = min(2 * pause, _LONGEST_PAUSE) if error else 1
            self._changed()

    def _told(self) -> str:
        """Tell them of all; return why that failed, or ''."""
        config, lead = self._config, self._lead
        try:
            lead.check()
            sleep(config.state.lease if lead.epoch else 0)  # hosts that stand by serve it by then
            with wiring.opened(config, log.warning, lead=lead) as edges:
                error = purge_all(edges.catalogue, config.output.purge, self.still)
                self.pending = len(edges.catalogue.purges.all())
        except LeadLostError:
            self.pending, error = 0, ""  # who leads tells them
        except Exception as bad:  # noqa: BLE001 - it must go on
            error = str(bad) if isinstance(bad, FeedpubError) else bug(bad)
        return error
