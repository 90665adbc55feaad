"""Hubs are told what changed (W2), caches to forget what something went out of (X4), once it is served.

A service does it in threads of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Set
from functools import partial
from threading import Event, Thread
from time import monotonic, sleep
from typing import TypeAlias
from urllib.parse import quote, urlencode, urlsplit

from feedpub import wiring
from feedpub.catalogue import Catalogue
from feedpub.config import Config
from feedpub.config.meaning import elsewhere
from feedpub.config.schema import PurgeRequest
from feedpub.core.feeds import Hub, address
from feedpub.core.policy import EVERYTHING
from feedpub.core.problems import ConfigError, FeedpubError, LeadLostError, bug
from feedpub.edges import outbound
from feedpub.edges.credentials import masked, secret
from feedpub.publish import Settings
from feedpub.publish.ports import ALONE, Lead
from feedpub.publish.report import plural, printable
from feedpub.publish.rescan import LEDGER_STALE

_MOST, _LONGEST_PAUSE = 20, 600
_MOVES, _PRINTED, _MOST_FAILURES = 3, 200, 3
_EVERYTHING = ":".join(EVERYTHING)

log = logging.getLogger("feedpub")

Out: TypeAlias = Mapping[str, tuple[str, list[str]]]
"""The feeds that are out as they should be, by name: a hash of what one shows, its addresses."""

Way: TypeAlias = PurgeRequest | tuple[str, ...]
"""How caches are told: by a request, or by a command."""


def feeds_out(catalogue: Catalogue, settings: Settings) -> Out:
    """Return what hubs may be told of, that of everything first; without hubs, nothing."""
    if not settings.hubs:
        return {}
    feeds, facts = catalogue.feeds.all(), catalogue.feeds.facts()
    ready = [n for n in facts.keys() - catalogue.feeds.dirty() if facts[n].news]
    found: dict[str, tuple[str, list[str]]] = {}
    for number in sorted(ready, key=lambda n: (feeds[n].name != EVERYTHING, n)):
        paths = settings.layout.documents(feeds[number]).values()
        topics = [address(settings.site, path) for path in paths]
        found[":".join(feeds[number].name)] = facts[number].news, topics
    return found


def tell(
    catalogue: Catalogue, url: str, out: Out, now: int, *, is_safe: bool = True
) -> tuple[Hub, int, str]:
    """Tell a hub of some feeds that are new to it; one that is not named, as a trial, of the first.

    It is named only where that `is_safe`; where that changes, all feeds are to be rendered again.
    Return what is known of the hub then, how many feeds are left, and why it did not take one.
    """
    was = catalogue.hubs().get(url, Hub(url))
    told, error = dict(was.told), ""
    new = {name: shown for name, (shown, _) in out.items() if told.get(name) != shown}
    if not was.is_named:  # nobody has subscribed there
        told |= {name: new.pop(name) for name in [*new] if name != _EVERYTHING}
    some = [*new][:_MOST]
    for name in some:
        if error := announce(url, out[name][1]):
            break
        told[name] = new.pop(name)
    hub = was.answered(error, now, is_safe=is_safe) if some or not is_safe else was
    hub = hub._replace(told=dict(sorted(told.items())))
    if hub != was:
        catalogue.begin()
        catalogue.put_hubs({**catalogue.hubs(), url: hub}.values())
        if hub._replace(told=was.told) != was:
            catalogue.set_fact(LEDGER_STALE, "1")
        if hub.is_named != was.is_named:
            catalogue.feeds.mark(catalogue.feeds.all())
        catalogue.commit()
    return hub, len(new), error


def _say(was: Hub, hub: Hub, error: str) -> bool:
    """Log what became of a hub; say whether documents are to name it from now on, or no more."""
    if hub.is_named and not was.is_named:
        log.info("the hub %s answers: feeds name it", hub.host)
    elif was.is_named and not hub.is_named:
        why = error or "site.url is not where readers ask for feeds"
        log.warning("feeds do not name the hub %s any more: %s", hub.host, why)
    elif hub.failing and not was.failing:
        log.warning("the hub %s did not take what changed: %s; again later", hub.host, error)
    return hub.is_named != was.is_named


def announce(url: str, topics: Iterable[str]) -> str:
    """Tell a hub of the documents at these addresses; return why it did not take one, or ''.

    It follows no redirect, and repeats neither the address nor what the hub said: both may be secrets.
    """
    kind, error = {"Content-Type": "application/x-www-form-urlencoded"}, ""
    for topic in topics:
        fields = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
        error = error or outbound.request("POST", url, urlencode(fields), kind)
    return error


def purge(way: Way, url: str) -> str:
    """Tell caches to forget an address; return why that failed, or '', without any secret."""
    if not isinstance(way, PurgeRequest):
        given = {"{url}": url, "{path}": urlsplit(url).path}
        why, printed = outbound.run([given.get(each, each) for each in way])
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
    return outbound.request(way.method, place, body, fields, _MOVES)


def purge_all(
    catalogue: Catalogue, way: Way, served: Set[tuple[str, int]] | None = None
) -> tuple[str, int]:
    """Tell caches of what is queued, and `served` so; return why not of some, or '', how many are left.

    After a few failures in a row the others are left for later: they would take as long.
    """
    rows = [row for row in catalogue.purges.all() if served is None or row in served]
    left, in_row, error = len(rows), 0, ""
    for url, since in rows:
        why = purge(way, url)
        catalogue.purges.settle(url, since, done=not why)
        left, in_row, error = (left, in_row + 1, f"{url}: {why}") if why else (left - 1, 0, error)
        if in_row == _MOST_FAILURES:
            break
    told = f"caches were not told to forget {plural(left, 'URL')}, and will be again: {error}"
    return told if error else "", left


class Telling(Thread):
    """Tells others what a service has for them, as a daemon: nobody waits for it.

    `changed` is called for each new `alarm`. Where another host leads, nothing is `pending`.
    """

    alarm, pending = "", 0
    _pause = 1

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__(name=f"feedpub-{type(self).__name__}", daemon=True)
        self._changed, self._given = changed, Event()

    def run(self) -> None:
        """Tell them, and again after a while what they did not take."""
        rest: float | None = None
        while True:
            is_new = self._given.wait(rest)
            self._given.clear()
            config, lead = self._job
            try:
                if is_new and lead.epoch:
                    sleep(config.state.lease)  # hosts that stand by serve it by then
                lead.check()
                with wiring.open_edges(config, lead=lead) as edges:
                    rest = self._told(config, edges.catalogue)
            except LeadLostError:
                rest, self.alarm, self.pending = None, "", 0  # who leads tells them
                self._changed()
            except Exception as error:  # noqa: BLE001 - it must go on
                why = str(error) if isinstance(error, FeedpubError) else bug(error)
                log.warning("hubs and caches are told later: %s", why)
                rest = _LONGEST_PAUSE

    def _give(self, config: Config, lead: Lead) -> None:
        self._job = config, lead
        self._given.set()
        if not self.is_alive():
            self.start()

    def _told(self, config: Config, catalogue: Catalogue) -> float | None:
        """Tell them; return for how many seconds to rest, None until there is something new."""
        raise NotImplementedError

    def _rest(self, *, failed: bool) -> int:
        """Return for how many seconds to rest, twice as long as before where they `failed` again."""
        self._pause = min(2 * self._pause, _LONGEST_PAUSE) if failed else 1
        return self._pause


class Push(Telling):
    """Tells the hubs of a service; `hosts` tells at which hosts feeds are asked for, how often.

    `changed` is called also where documents are to name other hubs.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        hosts: Callable[[], Mapping[str, int]],
        changed: Callable[[], object],
    ) -> None:
        super().__init__(changed)
        self._clock, self._hosts = clock, hosts
        self._errors, self._again = dict[str, str](), 0.0

    def give(self, config: Config, out: Out, lead: Lead = ALONE) -> None:
        """Have the hubs of a config told what is out, and served by now."""
        self._out = out
        if config.push.hubs or self.is_alive():
            self._give(config, lead)

    def _told(self, config: Config, catalogue: Catalogue) -> float | None:
        """Tell the hubs; one that fails holds up no other, and is not asked until its time has come."""
        is_safe, is_time = not elsewhere(config, self._hosts()), monotonic() >= self._again
        known = {url: Hub(url) for url in config.push.hubs} | catalogue.hubs()
        urls = sorted(config.push.hubs, key=lambda url: known[url].failing)  # the well first
        ask = partial(tell, catalogue, out=self._out, now=self._clock(), is_safe=is_safe)
        waiting = {} if is_time else self._errors
        found = [(known[u], 1, waiting[u]) if u in waiting else ask(u) for u in urls]
        renamed = [_say(known[hub.url], hub, error) for hub, _, error in found]
        dropped = ", ".join(hub.host for hub, _, _ in found if hub.changed and not hub.is_named)
        before = self.alarm
        self.alarm = f"feeds do not name the hub {dropped} any more; see the log" if dropped else ""
        if any(renamed) or self.alarm != before:
            self._changed()
        self._errors = {hub.url: error for hub, _, error in found if error}
        if is_time:
            self._again = monotonic() + self._rest(failed=bool(self._errors))
        if any(left and not error for _, left, error in found):
            return 0
        return max(self._again - monotonic(), 0) if self._errors else None


class Purging(Telling):
    """Tells the caches before a service; `pending` URLs are left."""

    def give(self, config: Config, catalogue: Catalogue, lead: Lead) -> None:
        """Have purged what is queued, and served so by now."""
        self._served = {*catalogue.purges.all()} if config.output.purge else set[tuple[str, int]]()
        self.pending = len(self._served)
        if self.pending or self.alarm:
            self._give(config, lead)

    def _told(self, config: Config, catalogue: Catalogue) -> float | None:
        error, self.pending = purge_all(catalogue, config.output.purge, self._served)
        if error and not self.alarm:
            log.warning("%s", error)
        self.alarm = "caches were not told to forget all; see the log" if error else ""
        self._changed()
        rest = self._rest(failed=bool(error))
        return rest if error else None
