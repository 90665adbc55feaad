"""Try the templates of a site on made-up feeds, so that mistakes are found before a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_referenced_templates

from feedpub.core.feeds import KINDS
from feedpub.core.model import (
    Enclosure,
    Entry,
    Episode,
    FeedFacts,
    FeedHead,
    FeedWindow,
    Image,
    Listed,
    Person,
    Related,
    Site,
    Tag,
)
from feedpub.core.policy import ALL
from feedpub.core.selection import Month, Volume
from feedpub.formats import FORMATS
from feedpub.formats.pages import (
    NOTHING,
    TEMPLATES,
    About,
    Fault,
    Pages,
    environment,
    fault,
)

_URL = "https://feeds.example.org/"
_DATE = 1_700_000_000
_WIRE = Person("Example Wire", "https://wire.example/")

_BARE_SITE = Site(_URL, "Example")
_SITE = _BARE_SITE._replace(
    home="https://www.example.org/",
    description="What the site is",
    author=Person("Editor", "https://www.example.org/about", "editor@example.org"),
    copyright="© Example",
)
_FACTS = FeedFacts(9, _DATE, (0, 8, 1), (_WIRE.name,))

_PAST = (Month("2023-11", (Volume(2, "2023-11", _URL), Volume(1, "2023-10", _URL))),)

_BARE = Entry("tag:1", "A title", "https://www.example.org/1", _DATE, _DATE)
_PICTURE = Image("https://www.example.org/1.jpg", 1200, 630, "image/jpeg", "What it shows")
_LINK = Related(0, "key", "https://www.example.net/1", "Related")
_RICH = _BARE._replace(
    id="tag:2",
    excerpt="What it says",
    content='<div dir="auto"><p>All of it</p></div>',
    original_url="https://www.example.net/2",
    type="article",
    category=Tag("news", "News"),
    topics=(Tag("rivers", "Rivers"),),
    provider=_WIRE,
    authors=(_WIRE,),
    images=(_PICTURE, Image(_PICTURE.url)),
    enclosures=(Enclosure("https://www.example.org/1.mp3", "audio/mpeg", 1),),
    episode=Episode(1, 1, 1, "no", _PICTURE.url),
    related=(_LINK._replace(published=_DATE, provider=_WIRE, image=_PICTURE), _LINK),
    language="en",
)


_UNUSED = f"is in use by no page; those in place of ours are called {', '.join(TEMPLATES)}"


def faults(templates: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong with the templates of a site, as far as made-up feeds can tell.

    `templates` are those of pages by name; one that nothing would ever load is wrong, too.
    """
    loading, found = environment(templates), []
    for name in templates:
        try:
            loading.get_template(name)
        except TemplateSyntaxError as error:
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
    topic = _head("topic", "topics/rivers/")
    leaf = Listed(topic._replace(description=""), (), FeedFacts())
    kinds = [Listed(_head(kind, f"{kind}/"), (leaf,), _FACTS) for kind in KINDS]
    yield FeedWindow(_head(ALL, ""), (_RICH, _BARE)), _SITE, About(_FACTS, _PAST, kinds)
    yield FeedWindow(_head(ALL, ""), ()), _SITE, About(feeds=kinds)
    yield FeedWindow(topic, ()), _BARE_SITE, About(_FACTS)
    yield FeedWindow(topic._replace(description=""), (_BARE,)), _BARE_SITE, NOTHING
    ended = topic._replace(offered={})
    yield FeedWindow(ended, (_RICH._replace(images=(), related=()),)), _SITE, NOTHING


def _head(kind: str, folder: str) -> FeedHead:
    page = _URL + folder
    addresses = {name: page + format_.file for name, format_ in FORMATS.items()}
    picture = _PICTURE.url
    return FeedHead(
        kind, "tag:" + kind, "A feed", "Its items", "en", _DATE, page, page, addresses, picture
    )
