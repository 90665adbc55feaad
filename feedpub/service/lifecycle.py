"""One running service: what it is made of, in which order it begins and ends, and its heartbeat.

A preview has the same parts, but fewer: it shows what a build would make now, and nothing of it stays.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from feedpub import wiring
from feedpub.config import Config
from feedpub.core.feeds import address
from feedpub.core.problems import ConfigError, FeedpubError, PublishError
from feedpub.edges.http import Health, HttpServer, Serving
from feedpub.edges.lock import lock
from feedpub.publish import Settings
from feedpub.publish.settings import FLAGS
from feedpub.service.control import Control
from feedpub.service.monitoring import log
from feedpub.service.notifications import Purging, Push
from feedpub.service.schedule import Clock, Queue, Scheduler, Watcher
from feedpub.service.worker import Worker

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1}
_ENDS = tuple(signal.Signals["SIG" + n] for n in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2"))
GRACE = 10.0
"""Seconds that a rescan has to end after SIGTERM; it is abandoned whole then."""

DRAIN = 5.0
"""Seconds that connections have to end after that."""

_BEAT = 1.0
_HASTE = 0.02
_MOST_FALLS, _MINUTE = 5, 60.0  # of the HTTP process, within so many seconds

Load = Callable[[], Config]


def serve(load: Load, who: str, form: str) -> int:
    """Run the service until a signal ends it; return its exit code.

    `load` reads and checks the config, again for each SIGHUP, and knows whether content.root may be
    away; `who` is what others are told that holds the lock; `form` is that of the log. Raises
    `ConfigError` (the config is wrong, the address cannot be used), `Refused` (another feedpub holds
    the lock) and `PublishError` (the state cannot be used) before anything was begun.
    """
    config = load()
    # Blocked in all threads to come: only the main loop takes them, between two heartbeats.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with ExitStack() as stack:
        return Service(load, config, who, form, stack).run()


class Service:
    """The parts of a service and what passes between them."""

    def __init__(self, load: Load, config: Config, who: str, form: str, stack: ExitStack) -> None:
        self._load, self._config, self._who, self._form = load, config, who, form
        self._lock = stack.enter_context(ExitStack())
        self._stands = self._lock.enter_context(lock(config.state.root, who))
        self._http = HttpServer(wiring.serving(config, form))
        stack.callback(lambda: self._http.stop(DRAIN))
        self._control = Control(config.state.root, self._handle)
        stack.callback(lambda: self._control.stop())
        clock, queue = Clock(), Queue()
        self._worker = Worker(
            config,
            queue,
            clock=clock,
            show=lambda update: self._http.publish(update),
            hold=self._hold,
            settled=self._settled,
            failed=self._tell,
        )
        self._scheduler = Scheduler(config.schedule.times, queue, self._worker.work)
        changed = partial(self._scheduler.ask, "push", ())
        self._push = self._worker.push = Push(clock.now, self._show_health, changed)
        self._purge = self._worker.purge = Purging(self._show_health)
        self._watcher: Watcher | None = None
        self._is_ready = False
        self._fresh_until = float("-inf")
        self._alarm, self._told = "the first rescan has not ended yet", ""
        self._quiet: dict[str, str] = {}
        self._mistake = ""  # in the config, since it was last read
        self._telling = threading.Lock()  # what is told last must be what is known last
        self._falls: list[float] = []
        self._lease = None  # `_led` may be called before it is known
        # The last to be begun, it is the first to end: another host takes over at once.
        self._lease = stack.enter_context(wiring.hosts_lead(config, who, self._led))
        if self._lease:
            self._worker.lead = self._lease.lead

    def run(self) -> int:
        """Run until a signal ends it; return 0, or 1 when the service cannot go on."""
        log.info("serving %s", self._http.url)
        self._control.start()
        self._led()
        self._scheduler.start()
        self._watch()
        code = self._loop()
        notify("STOPPING=1")
        self._end(code)
        return code

    # the worker's side --------------------------------------------------------------------

    def _hold(self) -> str:
        """Hold the lock of the state folder that is there; say so where it was removed meanwhile.

        Raises what taking the lock does: somebody else may be at work in a new one.
        """
        if self._stands():
            return ""
        state = self._config.state
        self._lock.close()
        self._stands = self._lock.enter_context(lock(self._config.state.root, self._who))
        self._control.stop()
        self._control = Control(state.root, self._handle)
        self._control.start()
        source = f"made anew from {'the text ledger' if state.ledger else 'the files'}"
        there = "there" if state.url or wiring.catalogue_path(self._config).exists() else source
        return f"{state.root} was removed while the service ran; it goes on with the one {there}"

    def _settled(self, alarm: str, due: int | None) -> None:
        """Take over what a rescan came to: the feeds are fresh unless there is an `alarm`."""
        if not alarm:
            self._fresh_until = time.monotonic() + self._scheduler.horizon(3)
        self._scheduler.fall_due(due)
        self._tell(alarm)

    def _tell(self, alarm: str) -> None:
        self._alarm = alarm
        self._show_health()
        if not self._is_ready:
            self._is_ready = True
            notify("READY=1")

    def _show_health(self) -> dict[str, int]:
        """Tell readers of /readyz and /metrics how it is; return at which hosts feeds are asked for."""
        with self._telling:
            reason, metrics = self._reason(), self._worker.metrics
            self._quiet = self._worker.quiet()
            alarm = "; ".join(filter(None, (self._push.alarm, self._purge.alarm)))
            epoch = self._lease.standing.epoch if self._lease else None
            metrics.alarm(reason or alarm, self._quiet, epoch, self._purge.pending)
            quiet = tuple(filter(None, (self._leading(), *self._quiet.values(), alarm)))
            return self._http.tell(Health(reason, self._fresh_until, metrics.text(), quiet))

    def _reason(self) -> str:
        """Return why a person must look, '' for no reason."""
        return "; ".join(filter(None, (self._alarm, self._mistake)))

    def _led(self) -> None:
        """Do the work from now on, or stand by, and show readers what the host that leads made."""
        if not self._lease:
            return
        now, before, self._told = self._lease.standing, self._told, self._leading()
        if self._told != before:
            log.info("%s", self._told)
        if now.trouble:
            log.warning("it cannot be known who leads: %s", now.trouble)
        if not (now.epoch and now.trouble):
            self._scheduler.ask("lead", None if now.epoch else ())
        self._show_health()

    def _leading(self) -> str:
        """Say who leads, '' where there are no other hosts."""
        now = self._lease.standing if self._lease else None
        if now is None or now.epoch:
            return f"this host leads, in epoch {now.epoch}" if now else ""
        return f"standing by for {now.leader.partition(': ')[0]}"  # anybody may read it

    # what others ask ----------------------------------------------------------------------

    def _handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request of the control socket: rescan, and say what came of it, or only tell."""
        mine = wiring.roots(self._config)
        if request.get("roots", mine) != mine:
            text = "the running service has another content.root or output.root; stop it first"
            return {"error": text, "exit_code": 3}
        if request.get("cause") == "check":
            return {"hosts": self._show_health()}
        flags = [name for name in FLAGS if request.get(name)]
        asked = self._scheduler.ask(str(request.get("cause", "refresh"))[:40], flags=flags)
        outcome = asked.result()
        if isinstance(outcome, FeedpubError):
            return {"error": str(outcome), "exit_code": outcome.exit_code}
        own = {"failed": outcome.failed, "held": outcome.held, "replaced": outcome.replaced}
        prints = wiring.settings(self._config).fingerprints()
        is_as_asked = request.get("prints", prints) == prints
        return {"report": {**outcome.as_dict(), **own}, "is_as_asked": is_as_asked}

    def _watch(self) -> None:
        if self._watcher:
            self._watcher.stop()
            self._watcher = None
        if self._config.schedule.watch:
            root, concerns = self._config.content.root, wiring.content(self._config).concerns
            self._watcher = Watcher(root, concerns, partial(self._scheduler.ask, "watch"))
            self._watcher.start()

    # the main loop ------------------------------------------------------------------------

    def _loop(self) -> int:
        while self._beat():
            caught = signal.sigtimedwait(SIGNALS, _BEAT)
            match caught and caught.si_signo:
                case signal.SIGTERM | signal.SIGINT:
                    log.info("stopping")
                    return 0
                case signal.SIGHUP:
                    self._reload()
                case signal.SIGUSR1:
                    self._scheduler.ask("signal")
        return 1

    def _beat(self) -> bool:
        """Look after the parts; return False when the service cannot go on."""
        if not self._scheduler.is_well():
            log.critical("the scheduler does not run any more; ending, so that it is begun again")
            return False
        if not self._stands():
            self._scheduler.ask("state", ())
        if self._worker.quiet() != self._quiet:  # as time goes by, without a rescan
            self._show_health()
        if not self._http.is_alive() and not self._restart_http():
            return False
        state = self._reason() or self._leading() or "feeds are up to date"
        notify("WATCHDOG=1", f"STATUS={state}")
        if not self._is_ready:
            # A first build may take longer than a service manager would wait.
            notify("EXTEND_TIMEOUT_USEC=60000000")
        return True

    def _restart_http(self) -> bool:
        """Begin the HTTP process again, or say that there is no use in it."""
        now = time.monotonic()
        self._falls = [fall for fall in self._falls if fall > now - _MINUTE] + [now]
        if len(self._falls) > _MOST_FALLS:
            log.critical("the HTTP front ended %d times within a minute; ending", _MOST_FALLS)
            return False
        log.error("the HTTP front ended unexpectedly; it is begun again")
        self._replace_http(wiring.serving(self._config, self._form))
        self._scheduler.ask("front", ())
        return True

    def _reload(self) -> None:
        """Take over a changed config as one, or keep the old one and say why."""
        # READY=1 says that it was done (sd_notify(3)).
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        notify("RELOADING=1", f"MONOTONIC_USEC={now}")
        try:
            config = self._load()
            _check_places(self._config, config)
            serving = wiring.serving(config, self._form)
            if serving != wiring.serving(self._config, self._form):
                self._replace_http(serving)
        except FeedpubError as error:
            lines = error.errors if isinstance(error, ConfigError) else [str(error)]
            for line in lines:
                log.error("%s", line)
            log.error("the config was not taken over; the old one stays")
            self._mistake = f"the config was not taken over, the old one is in use: {lines[0]}"
        else:
            self._mistake = ""
            self._config = self._worker.config = config
            self._scheduler.change(config.schedule.times)
            self._watch()
            self._scheduler.ask("reload")
            log.info("the config was read again and is in use")
        self._show_health()
        if self._is_ready:
            notify("READY=1")

    def _replace_http(self, serving: Serving) -> None:
        """Put another HTTP process in the place of this one; connections wait meanwhile."""
        old, self._http = self._http, HttpServer(serving, self._http)
        self._worker.is_served = False
        threading.Thread(target=old.stop, args=(DRAIN,), daemon=True).start()

    def _end(self, code: int) -> None:
        """Begin nothing new, and let the rescan that runs end, or abandon it whole."""
        if self._watcher:
            self._watcher.stop()
        deadline = time.monotonic() + GRACE
        ended = self._scheduler.stop()
        while not ended and time.monotonic() < deadline:
            if signal.sigtimedwait({signal.SIGTERM, signal.SIGINT}, 0):
                break  # not for one who asks to end twice
            ended = self._scheduler.stop(_HASTE)
        if not ended:
            if self._lease:
                self._lease.close()
            # Every instant is one at which it may be killed: the next start goes on from there.
            log.warning("the rescan takes too long to wait for; the next start goes on from there")
            self._http.stop(DRAIN)
            logging.shutdown()
            os._exit(code)


def _check_places(old: Config, new: Config) -> None:
    if (old.state, old.output.root) != (new.state, new.output.root):
        raise ConfigError(["state and output.root cannot change while it runs; restart feedpub"])
    root = new.content.root
    # That of now may be away, and come back; a new one that never was there is a slip.
    if root != old.content.root and not os.path.isdir(root):  # noqa: PTH112 - it never raises
        raise ConfigError([f"content.root: there is no folder {root}"])


def notify(*states: str) -> None:
    """Tell the service manager states such as `READY=1` (sd_notify(3)).

    Does nothing without NOTIFY_SOCKET, and never fails.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address.startswith(("/", "@")):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto("\n".join(states).encode(), re.sub("^@", "\0", address))


def preview(config: Config, port: int, ready: Callable[[str], object], *, drafts: bool) -> None:
    """Serve what a build would make until a signal ends it; with `drafts` also what is not out yet.

    `ready` is told the address. Raises what the first rescan failed with, `ConfigError` when the port
    is taken, and `PublishError` when it cannot go on.
    """
    for number in _ENDS:
        signal.signal(number, _end)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        here, token = stack.enter_context(wiring.temporary_copy(config)), secrets.token_urlsafe()
        serving = wiring.serving(here, "")._replace(host="127.0.0.1", port=port, admin=None)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # a terminal sends them to HTTP, too
        http = HttpServer(serving._replace(prefix=f"/{token}", private=True))
        stack.callback(http.stop, 0.0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        changed, queue = threading.Event(), Queue()
        worker = Worker(here, queue, clock=Clock(), show=http.publish)
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


def _settings(at: int, config: Config) -> Settings:
    """Return what a config means for a preview as of the instant `at`, 0 for one without drafts."""
    given = wiring.settings(config)
    layout, rules = given.layout._replace(pages=True), given.rules._replace(preview=at)
    return replace(given, layout=layout, rules=rules, hubs=())
