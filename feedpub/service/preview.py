"""A preview: what a build would make now, for browsers of this machine; nothing of it stays."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from threading import Event

from feedpub import wiring
from feedpub.config import Config
from feedpub.core.feeds import address
from feedpub.core.problems import FeedpubError, PublishError
from feedpub.edges.http import HttpServer
from feedpub.publish import Settings
from feedpub.service.watch import Watcher
from feedpub.service.worker import Clock, Queue, Worker

_ENDS = tuple(signal.Signals["SIG" + n] for n in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2"))
_BEAT = 1.0


def preview(config: Config, port: int, ready: Callable[[str], object], *, drafts: bool) -> None:
    """Serve what a build would make until a signal ends it; with `drafts` also what is not out yet.

    `ready` is told the address. Raises what the first rescan failed with, `ConfigError` when the port
    is taken, and `PublishError` when it cannot go on.
    """
    for number in _ENDS:
        signal.signal(number, _end)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        here, token = stack.enter_context(wiring.apart(config)), secrets.token_urlsafe()
        serving = wiring.serving(here, "")._replace(host="127.0.0.1", port=port, admin=None)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # a terminal sends them to HTTP, too
        http = HttpServer(serving._replace(prefix=f"/{token}", private=True))
        stack.callback(http.stop, 0.0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        changed, queue, ends = Event(), Queue(), {"settled": _ignore, "failed": _ignore}
        worker = Worker(here, queue, clock=Clock(), hold=str, show=http.publish, **ends)
        worker.settings = partial(_settings, int(time.time()) if drafts else 0)
        first = queue.add("start")
        worker.work()
        if isinstance(outcome := first.result(), FeedpubError):
            raise outcome

        def ask(only: Iterable[str] | None) -> None:
            queue.add("watch", only)
            changed.set()

        watcher = Watcher(here.content.root, wiring.content(here).concerns, ask)
        watcher.start()
        stack.callback(watcher.stop)
        site = wiring.settings(here).site
        ready(address(site._replace(url=f"{http.url}{token}/"), site.catalogue))
        while http.is_alive():
            if changed.wait(_BEAT):
                changed.clear()
                worker.work()
        raise PublishError("the HTTP front ended unexpectedly; begin the preview again")


def _end(*_: object) -> None:
    """End the preview; what must be done for that is not interrupted."""
    for each in _ENDS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def _ignore(*_: object) -> None: ...


def _settings(at: int, config: Config) -> Settings:
    """Return what a config means for a preview as of the instant `at`, 0 for one without drafts."""
    given = wiring.settings(config)
    layout, rules = given.layout._replace(pages=True), given.rules._replace(preview=at)
    return replace(given, layout=layout, rules=rules, hubs=())
