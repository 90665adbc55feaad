"""The worker: does one rescan after the other, and tells everybody what became of them.

What each address is to answer with then is worked out from the files of a finished build (H5, H7).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from http import HTTPStatus

from feedpub import wiring
from feedpub.catalogue import Catalogue
from feedpub.catalogue.feed_tables import Output
from feedpub.config import Config, meaning
from feedpub.core.feeds import Feed, address, named_hubs
from feedpub.core.model import content_hash
from feedpub.core.problems import (
    FeedpubError,
    LeadLostError,
    Problem,
    PublishError,
    WrongClock,
    bug,
    problem,
    worst_first,
)
from feedpub.core.selection import archive_number, archives_beside, period
from feedpub.edges.http import Moved, Resource, Response, Update
from feedpub.edges.sqlite import DamagedError
from feedpub.formats import DOCUMENTS, PAGE, SERVED
from feedpub.publish import Edges, Options, Report, Settings, publish
from feedpub.publish.ports import ALONE, Lead
from feedpub.publish.render import SERVICE_ROOM, RenderedEntries
from feedpub.service.monitoring import Metrics, RescanLog, log
from feedpub.service.notifications import Purging, Push, feeds_out
from feedpub.service.schedule import Clock, Outcome, Queue, Task

_ALARMING = {"clock-ahead", "state-lost"}
_AHEAD = (
    "the clock was set ahead by {:.0f} hours: nothing that is scheduled comes out by it. Set it right;"
    " or, if it is right: feedpub refresh --accept-clock"
)

_AWAY = HTTPStatus.SERVICE_UNAVAILABLE


class Worker:
    """Rescans when asked, in the one thread that calls `work`.

    Before each, `hold` sees to it that nobody else is at work, and says what was lost ('' if nothing).
    After each rescan, `show` is given what is new for readers, and then `settled` why a person
    must look ('' for no reason) and the next instant at which something falls due; or `failed`
    what went wrong. What a config means, `settings` tells; `push` is given what hubs are told, `purge`
    what caches are. Where another host has the `lead`, it rescans nothing, and shows what is out by
    that one. Any thread may put another `config` in the place of this one, or say that nothing
    `is_served`, so that the next rescan shows everything again: the HTTP process is a new one.
    """

    def __init__(
        self,
        config: Config,
        queue: Queue,
        *,
        clock: Clock,
        show: Callable[[Update], Set[str]],
        hold: Callable[[], str] = str,
        settled: Callable[[str, int | None], None] = lambda _alarm, _due: None,
        failed: Callable[[str], None] = lambda _alarm: None,
    ) -> None:
        self.config, self._queue, self._clock = config, queue, clock
        self._hold, self._show, self._settled, self._failed = hold, show, settled, failed
        self._rendered = RenderedEntries(SERVICE_ROOM)
        self.settings: Callable[[Config], Settings] = wiring.settings
        self.push: Push | None = None
        self.purge = Purging(lambda: None)
        self.lead: Callable[[], Lead] = lambda: ALONE
        self._log, self.metrics = RescanLog(), Metrics()
        self._served: dict[str, str] = {}
        self._unmet: list[Problem] = []
        self._expected: dict[Problem, int] = {}
        self.is_served = False
        self._missed: int | None = None  # since when rescans fail

    def quiet(self) -> dict[str, str]:
        """Return by folder why feeds that should have news are quiet, '' where not. Any thread may."""
        now, found = self._clock.now(), self._expected.items()
        return {problem.path: problem.message if by < now else "" for problem, by in found}

    def work(self) -> None:
        """Do what was asked for, if anything was; never raises."""
        task = self._queue.take()
        if task is None:
            return
        outcome: Outcome = PublishError("it ended without an outcome")
        try:
            outcome = self._do(task, self.config)
        except Exception as error:  # noqa: BLE001 - nor may one in the telling
            log.error("%s", bug(error))
        finally:
            task.outcome.set_result(outcome)

    def _do(self, task: Task, config: Config) -> Outcome:
        start = time.monotonic()
        if not self.is_served:
            self.is_served = True
            self._served.clear()
        try:
            report, due = self._rescan(task, config)
        except LeadLostError as lost:
            return self._look(config) or lost
        except Exception as error:  # noqa: BLE001 - a bug must not end the service
            failure = _failure(error)
            self.metrics.failed(time.monotonic() - start)
            self._rendered.clear()  # it may have withdrawn something before it failed
            self._missed = self._missed or self._clock.now()
            self._show_last_good(config, self._missed)
            self._failed(str(failure))
            self._log.failed(str(failure), task.causes)
            return failure
        self._missed = None
        seconds, alarm = time.monotonic() - start, _alarm(report)
        self.metrics.done(report, seconds, self._clock.now(), alarm=bool(alarm))
        self._settled(alarm, due)
        self._log.done(report, task.causes, seconds)
        return report

    def _rescan(self, task: Task, config: Config) -> tuple[Report, int | None]:
        """Return the report, and the next instant at which something falls due."""
        lost, lead = self._hold(), self.lead()
        try:
            return self._once(task, config, lost, lead)
        except DamagedError as damage:
            log.warning("%s", damage)
        except WrongClock:
            if not self._clock.ahead():
                raise
            self._clock.accept()  # what it was before cannot have been right
        except Exception:
            lead.check()  # without it, whatever failed is for another host to say
            raise
        return self._once(task, config, lost, lead)

    def _once(self, task: Task, config: Config, lost: str, lead: Lead) -> tuple[Report, int | None]:
        if "accept_clock" in task.flags:
            self._clock.accept()
        settings, now, ahead = self.settings(config), self._clock.now(), self._clock.ahead()
        flags = dict.fromkeys(task.flags, True)
        # The paths that were named to a rescan that failed must not be forgotten.
        options = Options(now, only=task.only if self._missed is None else None, **flags)
        with wiring.open_edges(config, lead=lead) as edges:
            if not self._served and self._missed is None:
                # What is out is served whatever becomes of this rescan.
                self._show_new(edges, settings)
            # What one that was killed left is purged whatever becomes of this rescan.
            self.purge.give(config, edges.catalogue, lead)
            report = publish(edges, settings, options, rendered=self._rendered)
            self._show_new(edges, settings, report.unwritten, now)
            self.purge.give(config, edges.catalogue, lead)
            if self.push:
                self.push.give(config, feeds_out(edges.catalogue, settings), lead)
            if task.only is None:  # it is a walk or two, and most changes are of one file
                self._unmet = wiring.unmet(config, edges)
            own = {"state-lost": lost, "clock-ahead": ahead and _AHEAD.format(ahead / 3600)}
            told = [problem("./", code, text) for code, text in own.items() if text]
            self._expected = meaning.expected(config, edges.catalogue)
            told += [*self._unmet, *meaning.quiet(self._expected, now)]
            report.problems = worst_first([*report.problems, *told])
            dues = [edges.catalogue.next_due(now)]
        dues += [period(rule, settings.site.timezone, now).ends for rule in settings.digests]
        due = min((each for each in dues if each is not None), default=None)
        if report.withdrawals:
            self._rendered.clear()  # nothing of it is kept in memory
        return report, due and due + int(ahead)

    def _look(self, config: Config) -> FeedpubError | None:
        """Show readers what is out by the host that leads; return why that failed."""
        self._rendered.clear()  # what is edited meanwhile, this host does not read
        self._expected = {}
        try:
            with wiring.read_only_edges(config) as edges:
                edges.catalogue.begin()  # it sees one instant, while another host writes
                self._show_new(edges, self.settings(config))
                edges.catalogue.rollback()
        except Exception as error:  # noqa: BLE001 - what is served stays
            failure = _failure(error)
            self._failed(str(failure))
            return failure
        self._settled("", None)
        return None

    def _show_last_good(self, config: Config, now: int) -> None:
        """Show readers what is out, but nothing that was taken down (X4).

        A disk that is full is good to read. What was taken down is found by a rescan that nobody
        remembers, always as of the instant `now` in which the rescans began to fail, so that it
        comes to the same each time.
        """
        settings, options = self.settings(config), Options(now, takedowns_only=True)
        with suppress(FeedpubError, OSError), wiring.unsaved_edges(config, self.lead()) as edges:
            unwritten = None
            with suppress(Exception):  # then it was the content that failed, or a bug
                unwritten = publish(edges, settings, options).unwritten
            if unwritten is not None or not self._served:
                self._show_new(edges, settings, unwritten, now)

    def _show_new(
        self,
        edges: Edges,
        settings: Settings,
        unwritten: Mapping[str, bytes | None] | None = None,
        now: int = 0,
    ) -> None:
        """Show readers what is not served yet, and serve nothing that must not be."""
        update = changes(edges, settings, self._served, unwritten, now)
        if isinstance(edges.target.root, str):  # nobody asks here for what is in a bucket
            update = Update({} if self._served else {PAGE.file: Moved(settings.site.url)})
        if not (update.changed or update.removed):
            return
        missed = self._show(update)
        self._served |= {p: version(new) for p, new in update.changed.items() if p not in missed}
        for path in update.removed:
            del self._served[path]


def _failure(error: Exception) -> FeedpubError:
    if isinstance(error, FeedpubError):
        return error
    if isinstance(error, OSError):
        return PublishError(error.strerror or type(error).__name__)
    return PublishError(bug(error))


def _alarm(report: Report) -> str:
    if report.held:
        return f"{report.held} items vanished at once and stay out; see the log"
    if report.failed:
        return "a feed or the ledger could not be written; see the log"
    return next((p.message for p in report.problems if p.code in _ALARMING), "")


def version(response: Response) -> str:
    """Return what tells one answer from another: the hash of the document, or what there is else."""
    return response.content if isinstance(response, Resource) else repr(response)


def changes(
    edges: Edges,
    settings: Settings,
    served: Mapping[str, str],
    unwritten: Mapping[str, bytes | None] | None = None,
    now: int = 0,
) -> Update:
    """Compare the files of the last build with those `served`: the `version` of each by path.

    The documents of a feed are of one build, so a feed that could not be written whole stays as it
    is served. A file that somebody changed stays as well: the next rescan writes it again. But
    nothing that was withdrawn stays (X4): of a feed that something must go out of, the documents
    that are `unwritten` (see `Report`) after the rescan of `now` (epoch seconds) are served as they
    were rendered, or not at all; without a rescan, None, nobody knows which these are.
    """
    catalogue, target = edges.catalogue, edges.target
    # Without the compressed copies: HTTP has its own, and one address serves all codings (H8).
    outputs = {p: o for p, o in catalogue.outputs.all().items() if o.format in SERVED}
    feeds, last = catalogue.feeds.all(), catalogue.archives.last()
    hubs = named_hubs(settings.hubs, catalogue.hubs())
    owing = catalogue.feeds.owing()
    unfinished = catalogue.feeds.dirty() - owing
    if unwritten is None:
        unwritten = {path: None for path, output in outputs.items() if output.feed in owing}
    found: dict[str, Response] = {}
    for path, output in outputs.items():
        data = unwritten.get(path)
        must_go = path in unwritten and data is None
        stays = served.get(path) == output.content or output.feed in unfinished
        if data is not None:
            output = output._replace(content=content_hash(data), mtime_ns=now * 10**9)
        elif must_go or stays or target.stat(path) != output.stat:
            if must_go or path not in served:
                found[path] = _AWAY
            continue
        modified, content_type = output.mtime_ns // 10**9, SERVED[output.format].content_type
        links = tuple(_links(output, feeds[output.feed], last.get(output.feed, 0), settings, hubs))
        found[path] = Resource(data, content_type, modified, output.content, links)
    found |= _left(catalogue, settings, outputs.keys())
    changed = {path: new for path, new in found.items() if served.get(path) != version(new)}
    if not served and not any(isinstance(new, Resource) for new in changed.values()):
        changed = {}  # HTTP tells by itself that there is nothing yet, or waits for it
    return Update(changed, served.keys() - found.keys() - outputs.keys(), whole=not served)


def _left(catalogue: Catalogue, settings: Settings, outputs: Set[str]) -> dict[str, Response]:
    """Return what is at the addresses of feeds that were moved, renamed, merged or retired (T6).

    Where the new address has no document yet, what is at the old one is served.
    """
    found: dict[str, Response] = {}
    for path, new in settings.departures(catalogue.feeds.all().values(), sys.maxsize).items():
        if new is None and path not in outputs:
            found[path] = HTTPStatus.GONE
        elif new is not None and (new in outputs or new + PAGE.file in outputs):
            found[path] = Moved(address(settings.site, new))
    return found


def _links(
    output: Output, feed: Feed, last: int, settings: Settings, hubs: Sequence[str]
) -> Iterator[str]:
    """Yield the Link headers of a document (H7): itself, other formats, archives beside it, hubs.

    `last` is the number of the last sealed archive of its feed, 0 without any.
    """
    site, form, archive = settings.site, output.format, archive_number(output.path)
    linked, is_newest = settings.addresses(feed, archive), output.path in settings.files_of(feed)
    own = linked.get(form, output.path)
    if form == PAGE.name and not is_newest:  # of a digest (N4)
        own = output.path.removesuffix(PAGE.file)
    yield f'<{address(site, own)}>; rel="self"'
    if form not in linked:
        return
    if form != PAGE.name and is_newest:
        yield from (f'<{hub}>; rel="hub"' for hub in hubs)
    for name, path in linked.items():
        if name != form:
            media_type = DOCUMENTS[name].media_type
            yield f'<{address(site, path)}>; rel="alternate"; type="{media_type}"'
    if form in settings.layout.files and settings.is_archived(feed):
        for rel, number in archives_beside(archive, last).items():
            yield f'<{address(site, settings.addresses(feed, number)[form])}>; rel="{rel}"'
