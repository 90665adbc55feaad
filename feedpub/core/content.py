"""The one layout in which every format shows an item (C7)."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from feedpub.core import text, urls
from feedpub.core.markup import body_html
from feedpub.core.model import Image, Item, Person, Related

_PICTURE = re.compile(r'<img [^>]*?\bsrc="([^"]*)"')
_SHOWS_NOTHING = re.compile(r"(?:\s|&nbsp;|<(?!(?:img|video|audio)\b)[^>]*+>)*+")


def content_html(item: Item, related: Sequence[Related], *, full: bool = True) -> str:
    """Return the content of `item`: lead image, body, provider and links to follow, as HTML (C7).

    The excerpt stands in for a body that is empty, that cannot be rendered or shows nothing, or
    that is not wanted (`full` is false: `feeds.content: excerpt`). `related` are the links that
    are out, in their order (R2-R4). Never raises; has nothing that XML forbids (C3).
    """
    return linked(unlinked_html(item, full=full), related)


def unlinked_html(item: Item, *, full: bool = True) -> str:
    """Return the content of `item` up to its links; `linked` completes it."""
    body = body_html(item.body, item.link, item.body_html) if full and item.body else ""
    if _SHOWS_NOTHING.fullmatch(body):
        body = f"<p>{_escape(item.excerpt)}</p>" if item.excerpt else ""
    lead = _lead(item.images[0], body) if item.images else ""
    source = f"<p>{_source(item.provider)}</p>" if item.provider else ""
    return text.clean(f'<div dir="auto">{lead}{body}{source}')


def linked(unlinked: str, related: Sequence[Related]) -> str:
    """Return content with these links at its end; `unlinked` is what `unlinked_html` gave."""
    return f"{unlinked}{text.clean(_list(related))}</div>"


def _lead(image: Image, body: str) -> str:
    """Return the picture to begin with, unless `body` shows it, at whichever size (R1)."""
    if "<img" in body:
        shown = urls.canonical(image.url)
        if any(urls.canonical(html.unescape(url)) == shown for url in _PICTURE.findall(body)):
            return ""
    size = f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""
    return f'<p><img src="{_escape(image.url)}" alt="{_escape(image.alt)}"{size}></p>'


def _source(person: Person) -> str:
    name = person.name or urls.host(person.uri)
    return _link(person.uri, name) if person.uri else _escape(name)


def _list(related: Sequence[Related]) -> str:
    if not related:
        return ""
    return f"<h2>Related</h2><ul>{''.join(map(_line, related))}</ul>"


def _line(link: Related) -> str:
    """Return the line of one link: its title, who wrote it, the day in UTC."""
    line = _link(link.url, link.title)
    if link.provider:
        line += f" · {_escape(link.provider.name)}"
    if link.published is not None:
        day = datetime.fromtimestamp(link.published, UTC).date().isoformat()
        line += f' · <time datetime="{day}">{day}</time>'
    return f"<li>{line}</li>"


def _link(url: str, words: str) -> str:
    return f'<a href="{_escape(url)}">{_escape(words)}</a>'


_escape = html.escape
