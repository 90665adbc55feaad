"""The HTML page of a feed: what it is, how to subscribe, and its items (B2, B3).

Our templates are also well-formed XML, so that the check before the swap can parse pages strictly.
A site can put its own in their place (`output.templates`). Those see data and nothing else: they
run in Jinja's sandbox, without what differs from run to run (D9), and load only each other and
ours, which they can extend as `feedpub/page.html`. The config tries them on made-up feeds.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Sized
from datetime import tzinfo
from functools import lru_cache
from itertools import groupby
from traceback import walk_tb
from typing import Any, NamedTuple

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.meta import find_referenced_templates
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from feedpub.core import model
from feedpub.core.dates import day, rfc3339
from feedpub.core.feeds import KINDS
from feedpub.core.model import PAGE_POLICY, Entry, FeedFacts, FeedHead, FeedWindow, Listed, Site
from feedpub.core.policy import ALL
from feedpub.core.selection import Month, Volume, weekly_rate
from feedpub.core.text import direction
from feedpub.formats import FORMATS, PAGE
from feedpub.formats.checks import own_page_faults

TEMPLATES = ("page.html", "item.html", "feed.html", "facts.html")
"""Ours, by name: a page, an item on it, a feed in the catalogue, the numbers of a feed."""

PREFIX = "feedpub"

_LARGEST = 16_000_000
"""How long a text or list may be that is made at once, and a page."""

_STEPS = 50_000
"""How many steps the loops over `range` on one page may have."""

_TYPE = re.compile(r"'feedpub(?:\.\w+)+\.(\w+) object'")


class Fault(NamedTuple):
    """What is wrong with a template of a site, and where; `line` is 1-based, if known.

    `kind` says it in a word or two. `message` may quote what the template was to show (S2).
    """

    template: str
    line: int | None
    kind: str
    message: str


def environment(given: Mapping[str, str]) -> jinja2.Environment:
    """Return what loads the templates of a site, by name, and ours for those not `given`."""
    own = jinja2.FunctionLoader(lambda name: (given[name], name, None) if name in given else None)
    ours = jinja2.PackageLoader("feedpub.formats")
    made = (Sandbox if given else jinja2.Environment)(
        loader=jinja2.ChoiceLoader([own, jinja2.PrefixLoader({PREFIX: ours}), ours]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters = (rfc3339, day, weekly_rate, direction, breakable, here)
    made.filters |= {each.__name__: each for each in filters}
    del made.filters["random"], made.globals["lipsum"]
    return made


def breakable(url: str) -> Markup:
    """Return an address that may go on in a new line after any slash."""
    return Markup("/<wbr/>").join(url.split("/"))


@jinja2.pass_context
def here(context: Context, url: str) -> str:
    """Return an address of the site as it is from the page, also in a copy on a disk."""
    below = url.removeprefix(context.resolve("site").url)
    file = "" if below and not below.endswith("/") else PAGE.file
    return url if below == url else f"{context.resolve('root')}{below}{file}"


class Address(NamedTuple):
    """Where a feed is in one format."""

    label: str
    media_type: str
    url: str


class About(NamedTuple):
    """What a page says beside the window of its feed.

    `facts` are the statistics of the feed, `past` its archives; `feeds` are listed where there are
    any: then the page is the catalogue, too. Copies of the page at former addresses may not be at
    `one_depth` below out/ with it: what it leads to is then by its whole address.
    """

    facts: FeedFacts = FeedFacts()
    past: tuple[Month, ...] = ()
    feeds: Sequence[Listed] = ()
    one_depth: bool = True


NOTHING = About()


class Pages:
    """Writes pages. `templates` are those in place of ours, by name."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates
        self._loading = loading = environment(templates)
        self._page = loading.get_template("page.html")
        self._item = loading.get_template("item.html")
        self._feed = loading.get_template("feed.html")
        self._rows: dict[str, tuple[tuple[Listed, Site, str], Markup]] = {}

    def entry(self, entry: Entry, site: Site) -> bytes:
        """Return an entry as an item of a page."""
        return self._item.render(entry=entry, site=site).strip().encode()

    def document(
        self, window: FeedWindow, site: Site, entries: Sequence[bytes], about: About = NOTHING
    ) -> bytes:
        """Return the page of a feed as UTF-8, with its `entries` as they were written.

        All text is escaped; the page loads pictures, the stylesheet and the script of out/, and is
        complete without the script.
        """
        head, facts = window.head, about.facts
        # Relative, so that a copy elsewhere loads and leads to its own files.
        up = "../" * head.page.removeprefix(site.url).count("/")
        root = up if about.one_depth else site.url
        text = self._page.render(
            head=head,
            items=[_markup(item.decode()) for item in entries],
            entries=window.entries,
            site=site,
            addresses=addresses(head),
            groups=[
                (KINDS[kind].heading, [self._row(listed, site, root) for listed in group])
                for kind, group in groupby(about.feeds, lambda listed: listed.head.kind)
            ],
            facts=facts,
            past=about.past,
            bars=_bars(facts.weeks),
            root=root,
            policy=PAGE_POLICY,
        )
        return f"{text.strip()}\n".encode()

    def own(self, window: FeedWindow, site: Site, about: About = NOTHING) -> bytes | Fault:
        """Return the page of a feed by the templates of a site, or why these cannot make it."""
        if isinstance(self._loading, Sandbox):
            self._loading.steps = 0
        try:
            entries = [self.entry(entry, site) for entry in window.entries]
            data = self.document(window, site, entries, about)
        except Exception as error:  # noqa: BLE001 - templates are programs: anything can go wrong
            return fault(error, self._templates)
        wrong = own_page_faults(data, window)
        return Fault(TEMPLATES[0], None, wrong[0], wrong[0]) if wrong else data

    def _row(self, listed: Listed, site: Site, root: str) -> Markup:
        """Return one feed as a row, with those below it; as it was, unless something of it changed."""
        head, children, facts = listed
        known = self._rows.get(head.page)
        if known is None or known[0] != (listed, site, root):
            below = [self._row(child, site, root) for child in children]
            told = {"head": head, "facts": facts, "children": below, "addresses": addresses(head)}
            row = _markup(self._feed.render(**told, site=site, root=root).strip())
            self._rows[head.page] = known = ((listed, site, root), row)
        return known[1]


PAGE_WRITER = Pages({})
"""The writer of pages by our templates."""


@lru_cache(1)
def own_pages(templates: tuple[tuple[str, str], ...]) -> Pages:
    """Return what writes pages by the templates of a site: names and texts."""
    return Pages(dict(templates))


def _markup(text: str) -> Markup:
    """Return what a template made, for another: it is escaped already."""
    return Markup(text)  # noqa: S704 - see above


def _bars(weeks: tuple[int, ...]) -> list[int]:
    """Return the heights of bars, 24 at most; what is more than nothing can be seen."""
    most = max(weeks, default=0)
    return [max(2, count * 24 // most) if count else 0 for count in weeks] if most else []


def addresses(head: FeedHead) -> list[Address]:
    """Return where to subscribe in each format, in the order of the registry."""
    return [
        Address(f.label, f.media_type, head.on_page[f.name])
        for f in FORMATS.values()
        if f.name in head.on_page
    ]


def fault(error: Exception, given: Mapping[str, str]) -> Fault:
    """Return what an error in the loading or rendering of the templates of a site came from.

    It arose in the last of its templates that was there.
    """
    name: str = TEMPLATES[0]
    line: int | None = None
    if isinstance(error, jinja2.TemplateSyntaxError):
        name, line = error.name or name, error.lineno
    else:
        for frame, place in walk_tb(error.__traceback__):
            if frame.f_code.co_filename in given:
                name, line = frame.f_code.co_filename, place
    return Fault(name, line, type(error).__name__, _message(error))


def _message(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"loads itself without end; ours is called {PREFIX}/{TEMPLATES[0]}"
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template {error.name}"
    if isinstance(error, jinja2.TemplateError):
        text = _TYPE.sub(r"\1", error.message or "").rstrip(".")
        return f"{text}; see the top of ours" if isinstance(error, jinja2.UndefinedError) else text
    return f"{type(error).__name__}: {error}"


# where the templates of a site run: they read data, change nothing, and make nothing without end


class TooLarge(SecurityError):  # noqa: N818 - its name is told, where its message must not be
    """A template makes more than it may."""

    def __init__(self, what: str = f"makes more than {_LARGEST:,} characters") -> None:
        super().__init__(what)


class Sandbox(ImmutableSandboxedEnvironment):
    """Lets templates read data: nothing private, no method of a time zone.

    What they make is bounded, so that a slip (`'a' * 9999999999`, loops in loops) neither fills the
    memory nor takes all day: such a template is at fault as any other.
    """

    intercepted_binops = frozenset(("+", "*", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.globals["range"] = self._range
        self.steps = 0

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Say whether a template may see an attribute."""
        return not isinstance(obj, tzinfo) and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return what an operator makes."""
        if _size(operator, left, right) > _LARGEST:
            raise TooLarge
        return super().call_binop(context, operator, left, right)

    def concat(self, pieces: Iterable[str]) -> str:
        """Return a page, or a part of one, of the pieces that a template makes."""
        length, found = 0, []
        for piece in pieces:
            length += len(piece)
            if length > _LARGEST:
                if isinstance(pieces, Generator):
                    pieces.throw(TooLarge())  # there, where a line is known
                raise TooLarge
            found.append(piece)
        return "".join(found)

    def _range(self, *bounds: int) -> range:
        steps = range(*bounds)
        self.steps += len(steps)  # its OverflowError is a fault, too
        if self.steps > _STEPS:
            raise TooLarge(f"loops over more than {_STEPS:,} steps of range")
        return steps


def _size(operator: str, left: Any, right: Any) -> int:
    """Return about how large what an operator makes will be; 16,000 bits are enough for a number."""
    if operator == "*" and isinstance(right, Sized):
        left, right = right, left
    size, other = (
        len(value) if isinstance(value, Sized) else int(value).bit_length() << 10
        for value in (left, right)
    )
    is_times = operator == "**" or (operator == "*" and isinstance(left, Sized))
    return size * int(right) if is_times else size + other


# templates of a site are tried on made-up feeds before a build -----------------------------------

_UNUSED = f"is in use by no page; those in place of ours are called {', '.join(TEMPLATES)}"


def template_faults(templates: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong with the templates of a site, as far as made-up feeds can tell.

    `templates` are those of pages by name; one that nothing would ever load is wrong, too.
    """
    loading, found = environment(templates), []
    for name in templates:
        try:
            loading.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            found.append(fault(error, templates))
    if found:
        return found
    texts = map(loading.parse, templates.values())
    used = {*TEMPLATES, *(name for text in texts for name in find_referenced_templates(text))}
    if None not in used:  # else a template chooses by itself what it loads
        found = [Fault(name, None, "", _UNUSED) for name in templates if name not in used]
    pages = Pages(templates)
    made = (pages.own(*scene) for scene in _scenes())
    return list(dict.fromkeys([*found, *(one for one in made if isinstance(one, Fault))]))


def _scenes() -> Iterator[tuple[FeedWindow, Site, About]]:
    """Yield pages of all kinds: full and empty ones, with and without what may be left out."""
    url, date, home = "https://feeds.example.org/", 1_700_000_000, "https://www.example.org/"
    wire = model.Person("Example Wire", "https://wire.example/")
    bare_site = Site(url, "Example")
    editor = model.Person("Editor", home, "editor@example.org")
    site = bare_site._replace(home=home, description="What it is", author=editor, copyright="© E")
    facts = FeedFacts(9, date, (0, 8, 1), (wire.name,))
    past = (Month("2023-11", (Volume(2, "2023-11", url), Volume(1, "2023-10", url))),)

    picture = model.Image(f"{home}1.jpg", 1200, 630, "image/jpeg", "What it shows")
    link = model.Related(0, "key", f"{home}3", "Related")
    bare = Entry("tag:1", "A title", f"{home}1", date, date)
    rich = bare._replace(
        id="tag:2",
        excerpt="What it says",
        content='<div dir="auto"><p>All of it</p></div>',
        original_url=f"{home}2",
        type="article",
        category=model.Tag("news", "News"),
        topics=(model.Tag("rivers", "Rivers"),),
        provider=wire,
        authors=(wire,),
        images=(picture, model.Image(picture.url)),
        enclosures=(model.Enclosure(f"{home}1.mp3", "audio/mpeg", 1),),
        episode=model.Episode(1, 1, 1, "no", picture.url),
        related=(link._replace(published=date, provider=wire, image=picture), link),
        language="en",
    )

    def head(kind: str, folder: str) -> FeedHead:
        page, about = url + folder, ("A feed", "Its items", "en")
        places = {name: page + format_.file for name, format_ in FORMATS.items()}
        return FeedHead(kind, f"tag:{kind}", *about, date, page, page, places, picture.url)

    topic, everything = head("topic", "topics/rivers/"), head(ALL, "")
    leaf = Listed(topic._replace(description=""))
    kinds = [Listed(head(kind, f"{kind}/"), (leaf,), facts) for kind in KINDS]
    yield FeedWindow(everything, (rich, bare)), site, About(facts, past, kinds)
    yield FeedWindow(everything, ()), site, About(feeds=kinds)
    yield FeedWindow(topic, ()), bare_site, About(facts)
    yield FeedWindow(topic._replace(description=""), (bare,)), bare_site, NOTHING
    ended = topic._replace(offered={})
    yield FeedWindow(ended, (rich._replace(images=(), related=()),)), site, NOTHING
