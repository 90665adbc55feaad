"""Render and check: windows become documents in all formats, each entry once (F9).

An entry is rendered and checked once for each format, here or by other processes, and then stands
in all documents that show it. Of a document only what is around its entries is checked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.compose import last_window
from feedpub.core.feeds import Feed, Place
from feedpub.core.model import Entry, FeedWindow, RenderedFeed, Site
from feedpub.core.problems import problem
from feedpub.formats import DOCUMENTS, FORMATS, PAGE
from feedpub.publish.read import in_order
from feedpub.publish.select import Selected
from feedpub.publish.settings import Run

if TYPE_CHECKING:
    from feedpub.formats.pages import About

MANY = 100
"""How many windows are worth other processes: one takes as long to begin as some thirty to render."""

NOT_XML = "it cannot be written as XML"

ROOM = 112 * 1024 * 1024
"""How many bytes of rendered entries a run holds: some 10,000 items of news in all formats."""

SERVICE_ROOM = 8 * 1024 * 1024
"""How many of them a service holds between its runs."""


class Rendered(NamedTuple):
    """An entry as it stands in documents, by format, and what is wrong with it there."""

    parts: Mapping[str, bytes]
    faults: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return sum(map(len, self.parts.values()))


@dataclass(frozen=True, slots=True)
class RenderEntries:
    """Renders and checks entries in some formats; other processes are given it with their work."""

    site: Site
    formats: tuple[str, ...]

    def __call__(self, entries: list[Entry]) -> list[Rendered]:
        """Return each of the entries rendered."""
        return [self.rendered(entry) for entry in entries]

    def rendered(self, entry: Entry) -> Rendered:
        """Return one entry rendered."""
        try:
            parts = {n: DOCUMENTS[n].load_writer().entry(entry, self.site) for n in self.formats}
        except ValueError:
            # feedgen and lxml raise it for what XML forbids: a fault of ours, kept from spreading.
            return Rendered({}, (("", NOT_XML),))
        faults = (
            (name, fault)
            for name, part in parts.items()
            for fault in DOCUMENTS[name].load_checker().entry(part, entry)
        )
        return Rendered(parts, tuple(faults))


class RenderedEntries:
    """The entries that were rendered last, within `room` bytes: the oldest go first.

    A service keeps it from one run to the next. It is text of items: `clear` it when one is
    withdrawn (X4).
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = self._left = room
        self._render: RenderEntries | None = None
        self._known: dict[str, tuple[int, Rendered]] = {}

    def begin(self, render: RenderEntries) -> None:
        """Forget what was rendered otherwise than `render` does it."""
        if self._render != render:
            self.clear()
            self._render = render

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._left, self._render = self._room, None

    def get(self, entry: Entry) -> Rendered | None:
        """Return an entry rendered, if it is here just as it is now."""
        # An id alone does not tell: a story has another entry as soon as anything of it changes.
        known = self._known.get(entry.id)
        return known[1] if known and known[0] == hash(entry) else None

    def put(self, entry: Entry, rendered: Rendered) -> None:
        """Keep an entry as it was rendered."""
        if known := self._known.pop(entry.id, None):
            self._left += known[1].size
        self._known[entry.id] = (hash(entry), rendered)
        self._left -= rendered.size
        while self._left < 0:
            self._left += self._known.pop(next(iter(self._known)))[1].size


class Renderer:
    """Makes the documents of windows, and checks them; `rendered` may know entries of the last run."""

    def __init__(self, run: Run, rendered: RenderedEntries) -> None:
        self._run, self._report, self._rendered = run, run.report, rendered
        settings = self._settings = run.settings
        self._site = settings.site
        # Where a site has templates of its own for pages, these show the items, too.
        own = (each for each in settings.templates.items() if each[0].endswith(".html"))
        self._templates = tuple(sorted(own))
        ours = (PAGE.name,) if settings.layout.pages and not self._templates else ()
        self._render = RenderEntries(self._site, (*settings.layout.files, *ours))
        rendered.begin(self._render)

    def ahead(self, selections: Iterator[Selected], count: int) -> Iterator[Selected]:
        """Yield each of so many selections once its entries are rendered.

        Where there are many, other processes render the entries of the next ones meanwhile.
        """
        given: deque[tuple[Selected, list[Entry]]] = deque()
        asked: dict[str, Entry] = {}

        def tasks() -> Iterator[list[Entry]]:
            while True:
                with self._report.timed("compose"):
                    selected = next(selections, None)
                if selected is None:
                    return
                entries = selected.window.entries
                missing = [e for e in entries if asked.get(e.id) != e and not self._rendered.get(e)]
                asked.update((entry.id, entry) for entry in missing)
                given.append((selected, missing))
                yield missing

        ready = in_order(self._render, tasks(), self._run.executor(worth=count >= MANY))
        while True:
            with self._report.timed("render"):
                results = next(ready, None)
            if results is None:
                return
            selected, missing = given.popleft()
            for entry, rendered in zip(missing, results, strict=True):
                self._rendered.put(entry, rendered)
                del asked[entry.id]
            yield selected

    def feed(self, selected: Selected) -> RenderedFeed:
        """Return the documents of a window in all formats that subscribers read, checked."""
        feed, archive, settings = selected.feed, selected.archive, self._settings
        paths, files = settings.paths_of(feed, archive), settings.files_of(feed, archive)
        folder = settings.layout.folder(feed)
        made = RenderedFeed(selected.number, folder, paths, files, {}, archive=archive > 0)
        return self._made(made, selected.window)

    def last(self, number: int, feed: Feed, place: Place) -> RenderedFeed:
        """Return what stands at an address that a feed has given up (T6)."""
        settings, name = self._settings, place.format
        window = last_window(feed, place, settings.policy, self._site, settings.layout)
        files = settings.with_copies({place.path: name})
        folder = settings.layout.folder(feed)
        made = RenderedFeed(number, folder, {name: place.path}, files, {}, archive=True)
        return self._made(made, window)

    def _made(self, made: RenderedFeed, window: FeedWindow) -> RenderedFeed:
        """Return `made` with the documents at its paths, but for the page, and their faults."""
        paths = made.paths
        formats = [name for name in paths if name != PAGE.name]
        with self._report.timed("render"):
            try:
                entries = self._entries(window, formats)
                parts = {name: [e.parts[name] for e in entries] for name in formats}
                documents = {
                    name: FORMATS[name].load_writer().document(window, self._site, some)
                    for name, some in parts.items()
                }
            except ValueError:  # as for entries
                return made._replace(faults=[NOT_XML])
        with self._report.timed("check"):
            faults = [
                f"{paths[name]}: {fault}"
                for name, data in documents.items()
                for fault in FORMATS[name].load_checker().document(data, window, parts[name])
            ]
        for place, entry in enumerate(entries, 1):
            wrong = ((name, fault) for name, fault in entry.faults if name in documents)
            faults += (f"{paths[name]}: item {place}: {fault}" for name, fault in wrong)
        return made._replace(documents=documents, faults=faults)

    def _entries(self, window: FeedWindow, formats: Collection[str]) -> list[Rendered]:
        """Return the entries of a window rendered. Raises `ValueError` where one cannot be."""
        get = self._rendered.get if {*formats} <= {*self._render.formats} else lambda _: None
        render = RenderEntries(self._site, tuple(formats))
        found = [get(entry) or render.rendered(entry) for entry in window.entries]
        if not all(rendered.parts for rendered in found):
            raise ValueError(NOT_XML)
        return found

    def page(self, window: FeedWindow, about: About) -> tuple[bytes, list[str]]:
        """Return the page of a window, and why it must not go out.

        It is made by the templates of the site, if it has some. A page that these cannot make is
        made by ours: nothing on it may be outdated, least of all what was withdrawn (X4), and no
        feed waits for it. Raises `ValueError` for what XML forbids.
        """
        own = self._own_page(window, about) if self._templates else None
        if own is not None:
            return own, []
        from feedpub.formats.pages import PAGE_WRITER

        with self._report.timed("pages"):
            parts = [entry.parts[PAGE.name] for entry in self._entries(window, (PAGE.name,))]
            data = PAGE_WRITER.document(window, self._site, parts, about)
        with self._report.timed("check"):
            return data, PAGE.load_checker().document(data, window, parts)

    def _own_page(self, window: FeedWindow, about: About) -> bytes | None:
        from feedpub.formats.pages import Fault, own_pages

        with self._report.timed("pages"):
            made = own_pages(self._templates).own(window, self._site, about)
        if not isinstance(made, Fault):
            return made
        text = f"cannot make every page ({made.kind}); these look as ours do"
        found = problem(made.template, "template-failed", text, made.line)
        if found not in self._report.problems:
            self._report.problems.append(found)
        return None
