"""What a run is given: what the config means for publishing, what is asked of it, and the world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from feedpub.catalogue import Catalogue
from feedpub.core import model
from feedpub.core.feed_lifecycle import LAST_SECONDS, departed
from feedpub.core.feeds import Feed, Layout, Place, head, is_live
from feedpub.core.fields import Rules
from feedpub.core.html import VERSION as SANITIZER_VERSION
from feedpub.core.markdown import VERSION as MARKDOWN_VERSION
from feedpub.core.model import FeedHead, Site
from feedpub.core.policy import ALL, NAMED, DigestRule, Name, Policy, Style
from feedpub.core.selection import archive_folder
from feedpub.core.stories import SIGNIFICANT, Authority, Copy, digest
from feedpub.core.urls import TRACKING_VERSION
from feedpub.formats import (
    ASSETS,
    FORMATS_VERSION,
    GZIP,
    LISTINGS,
    PAGE,
    REDIRECTS,
    SiteFile,
    usual_places,
)
from feedpub.publish.ports import Edges, Progress, no_progress
from feedpub.publish.report import Report

if TYPE_CHECKING:
    from concurrent.futures import Executor

READER_VERSION = 6
"""Raised when the same file would give another item: everything is then read again.

Where items have other fields than they had, that is so without it.
"""

COMPOSE_VERSION = 2
"""Raised when the same item would give another entry: everything is then composed again.

Where entries have other fields than they had, that is so without it, too.
"""

READ: tuple[type[Any], ...] = (
    *(model.Item, model.Related, model.Person, model.Image),
    *(model.Enclosure, model.Episode, model.Term, Copy),
)
COMPOSED: tuple[type[Any], ...] = (model.Entry, model.Tag)
"""What is made of a file and of an item, with its parts."""


def _in_order(part: object) -> object:
    """Return a part of the config in an order of its own, so that its text tells it from others."""
    if isinstance(part, Mapping):
        return sorted((key, _in_order(value)) for key, value in part.items())
    if isinstance(part, frozenset):
        return sorted(part)
    return [*map(_in_order, part)] if isinstance(part, tuple) else part


@dataclass(frozen=True)
class Settings:
    """Everything that publishing is told.

    `layout` says where documents are; with `precompress`, every file has a compressed copy.
    Where an address `moves`, the old one leads to the new one, in place of going on with the feed;
    those that `forget` names end (T6). What others write at an address of a feed it `replaces`.
    `archive` says which feeds have archives: `everything` (that of everything), `all` or `off`,
    and `redirects` for which kinds of web servers there are rules of where addresses went.
    `templates` are the texts of the files that the site has in place of ours, by name, and `hubs` the
    addresses of those that may be named and are told (W1, W2).
    """

    site: Site
    authority: Authority
    rules: Rules = field(default_factory=Rules)
    policy: Policy = field(default_factory=Policy)
    style: Style = field(default_factory=Style)
    significant: tuple[str, ...] = SIGNIFICANT
    layout: Layout = field(default_factory=Layout)
    precompress: bool = False
    archive: str = "off"
    redirects: tuple[str, ...] = ()
    moves: bool = False
    forget: tuple[str, ...] = ()
    replaces: bool = False
    templates: Mapping[str, str] = field(default_factory=dict)
    hubs: tuple[str, ...] = ()

    @property
    def digests(self) -> list[DigestRule]:
        """When named feeds have digests, where they have some (N4)."""
        return [each.digest for each in self.policy.named.values() if each.digest]

    def fingerprints(self) -> dict[str, str]:
        """Return hashes of what stages depend on besides their input, for config and version.

        A new one means to do the stage of its name again.
        """
        read, composed = ([kind._fields for kind in kinds] for kinds in (READ, COMPOSED))
        given = {each.name: _in_order(getattr(self, each.name)) for each in fields(self)}
        versions = READER_VERSION, MARKDOWN_VERSION, TRACKING_VERSION
        reading = (versions, read, given["rules"], self.significant, self.style.growth)
        selection = given["policy"]
        rendering = (COMPOSE_VERSION, FORMATS_VERSION, SANITIZER_VERSION, composed, reading, given)
        parts = {"reading": reading, "selection": selection, "rendering": rendering}
        return {name: digest(repr(part), 16) for name, part in parts.items()}

    @cached_property
    def rules_of_feeds(self) -> dict[str, str]:
        """Hashes of what the config says about who is in named feeds, but for lists by hand (N2)."""
        policy = self.policy
        topics = policy.aliases, policy.parents, policy.including, policy.retired
        rest = digest(repr(_in_order((self.rules, topics))))
        rules = {k: each.rule._replace(items=(), except_=()) for k, each in policy.named.items()}
        found = {}
        for key, rule in rules.items():
            name = Name(NAMED, key)
            lists = [names[: names.index(name)] for names in policy.unique if name in names]
            # These leave it the rest.
            first = [(n, rules.get(n.key)) for names in lists for n in names]
            found[key] = digest(repr((rule, rest, first)))
        return found

    def head(self, feed: Feed, instant: int) -> FeedHead:
        """Return the head of a feed that was updated at that instant."""
        return head(feed, self.policy, self.site, self.layout, instant)

    def is_archived(self, feed: Feed) -> bool:
        """Say whether a feed has archives; one that ended has none any more (T6)."""
        chosen = self.archive == "all" or (self.archive == "everything" and feed.kind == ALL)
        if feed.kind == NAMED:
            named = self.policy.named.get(feed.key)
            chosen = named is not None and named.archive and not named.digest
        return chosen and feed.ended is None

    @property
    def site_files(self) -> tuple[SiteFile, ...]:
        """The files that out/ has once for all feeds."""
        assets = ASSETS.values() if self.layout.pages else ()
        return (*LISTINGS.values(), *assets, *(REDIRECTS[name] for name in self.redirects))

    def paths_of(self, feed: Feed, archive: int = 0) -> dict[str, str]:
        """Return the paths in out/ of the documents of a feed, or of an archive of it, by format."""
        folder = self.layout.folder(feed)
        if archive:
            place = archive_folder(folder, archive)
            return {name: place + file for name, file in self.layout.files.items()}
        page = {PAGE.name: folder + PAGE.file} if self.layout.pages else {}
        return self.layout.documents(feed) | page

    def files_of(self, feed: Feed, archive: int = 0) -> dict[str, str]:
        """Return the format of each path of a feed, or an archive, former ones that go on with it too."""
        paths = {path: name for name, path in self.paths_of(feed, archive).items()}
        return self.with_copies(paths if self.moves else self._not_ended(feed, archive) | paths)

    def digest_files(self, feed: Feed, starts: Iterable[str]) -> dict[str, str]:
        """Return the format of each path of the pages of digests, where the feed has its page (N4)."""
        pages = [path for path, name in self.files_of(feed).items() if name == PAGE.name]
        found = (page.replace(PAGE.file, f"{s}/{PAGE.file}") for page in pages for s in starts)
        return self.with_copies(dict.fromkeys(found, PAGE.name))

    def with_copies(self, files: dict[str, str]) -> dict[str, str]:
        """Return formats by path with those of the compressed copies."""
        copies = {path + GZIP: name + GZIP for path, name in files.items()}
        return files | copies if self.precompress else files

    def places(self, feed: Feed, known: Iterable[Place], now: int) -> tuple[Place, ...]:
        """Return the `places` of a feed, with those `known` before, as the ledger keeps them (T6).

        One that it had goes on, but for those of a format that the feed has no more and for paths
        that the config has forgotten: these have ended, now or before.
        """
        homes = self.layout.homes(feed)
        found = {
            Place(name, path, home="" if path == homes[name] else homes[name])
            for name, path in self.layout.documents(feed).items()
        }
        today = {place.path for place in found}
        for place in known:
            is_forgotten = any(f"/{name}/" in f"/{place.path}/" for name in self.forget)
            ends = is_forgotten or place.format not in self.layout.files
            if place.path not in today:
                found.add(place._replace(ended=(place.ended or now) if ends else 0))
        places = tuple(sorted(found))
        return () if places == usual_places(feed) else places

    def former(self, feed: Feed) -> list[Place]:
        """Return the addresses that a feed had and has no more, but what another one was given."""
        if not feed.places:
            return []
        given = {path for each in self.layout.addresses.values() for path in each.values()}
        today = given.union(self.layout.documents(feed).values())
        return [place for place in feed.places if place.path not in today]

    def _not_ended(self, feed: Feed, archive: int = 0) -> dict[str, str]:
        """Return former paths with their formats; a folder with one of a feed also has its page."""
        found: dict[str, str] = {}
        for place in self.former(feed):
            if not place.ended:
                folder, slash, file = (place.home or place.path).rpartition("/")
                home = archive_folder(folder + slash, archive)
                found[home + file if archive else place.path] = place.format
                if self.layout.pages and not archive and home != self.layout.folder(feed):
                    found[home + PAGE.file] = PAGE.name
        return found

    def last_places(self, feed: Feed, now: int) -> list[Place]:
        """Return the addresses that a feed gave up and whose last entry can be read."""
        former = self.former(feed) if feed.ended is None else []
        return [place for place in former if place.ended and now < place.ended + LAST_SECONDS]

    def departures(self, feeds: Iterable[Feed], now: int) -> dict[str, str | None]:
        """Return the paths of all feeds with no document any more, each with what took its place (T6)."""
        found: dict[str, str | None] = {}
        named = {feed.name: feed for feed in feeds}
        for feed, heir in departed(named, self.policy, now):
            there = self.addresses(heir) if heir else {}
            files = self.files_of(feed).items()
            # What is compressed has no address of its own.
            found |= {path: there.get(name) for path, name in files if not path.endswith(GZIP)}
        for feed in [f for f in named.values() if f.places and is_live(f, self.policy)]:
            former, linked = self.former(feed), self.addresses(feed)
            found |= {p.path: None for p in former if p.ended and now >= p.ended + LAST_SECONDS}
            moved = self._not_ended(feed) if self.moves else {}
            found |= {path: linked[name] for path, name in moved.items()}
        return found

    def addresses(self, feed: Feed, archive: int = 0) -> dict[str, str]:
        """Return the paths of `paths_of` as they are linked to: that of a page is its folder."""
        found = self.paths_of(feed, archive)
        return found | ({PAGE.name: self.layout.folder(feed)} if PAGE.name in found else {})


FLAGS = ("full", "accept_removals", "accept_id_change", "accept_clock", "announce_updates", "files")
"""The options that may be asked of a running service, too."""


class Options(NamedTuple):
    """What one run is asked. `now` is its one instant, `full` reads every file again.

    `files` asks for the files that are not out. `is_named` says that `now` is no clock's: somebody
    named it, to have the same run again.
    `only` are the paths where something may have changed, relative to the content root; None
    means anywhere. Where it takes more to tell what changed, the whole root is walked all the same.
    `takedowns_only` is for a run that cannot be remembered: only what something must go out of is
    made anew, where it was before, and all else waits (X4).
    """

    now: int
    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    accept_clock: bool = False
    announce_updates: bool = False
    files: bool = False
    is_named: bool = False
    only: frozenset[str] | None = None
    takedowns_only: bool = False


class Run(NamedTuple):
    """What every stage of a run is given: the world, what the config says, and the report to keep."""

    edges: Edges
    settings: Settings
    options: Options
    report: Report
    progress: Progress = no_progress

    @property
    def catalogue(self) -> Catalogue:
        """What is known."""
        return self.edges.catalogue

    @property
    def now(self) -> int:
        """The one instant of the run, in epoch seconds."""
        return self.options.now

    def executor(self, *, worth: bool) -> Executor | None:
        """Return what shares the work of a stage; it is begun for one that is `worth` it."""
        return self.edges.pool(worth) if self.edges.pool else None
