"""Item and story, or a digest, to Entry: what every format shows, finished once (RULES.md).

Its content is of one layout in all formats (C7). Feeds that ended have an entry that says so (T6).
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from html import escape, unescape
from itertools import accumulate

from feedpub.core import html, source_links, text, urls
from feedpub.core.dates import day
from feedpub.core.feed_lifecycle import succession
from feedpub.core.feeds import Feed, Layout, Place, address, head, label_of, updated
from feedpub.core.model import Entry, FeedHead, FeedWindow, Item, Kept, Related, Site, Tag, Term
from feedpub.core.policy import Name, Policy, Style
from feedpub.core.problems import Problem, problem
from feedpub.core.selection import Digest
from feedpub.core.stories import State, Story, digest

_PICTURE = re.compile(r'<img [^>]*?\bsrc="([^"]*)"')
_SHOWS_NOTHING = re.compile(r"(?:\s|&nbsp;|<(?!(?:img|video|audio)\b)[^>]*+>)*+")

_RESOLVED = {"published", "updated", "category", "topics", "related"}
_AS_IN_ITEM = [name for name in Entry._fields if name in Item._fields and name not in _RESOLVED]
"""The fields of an entry that say what those of its item say."""


def unlinked(item: Item, tag: Callable[[str, Term], Tag], style: Style) -> Kept:
    """Return the entry of `item` as far as its file alone decides it; `compose` completes it."""
    content = unlinked_html(item, full=style.full)
    entry = Entry(
        id="",
        published=0,
        updated=0,
        content=content,
        category=tag("category", item.category) if item.category else None,
        **{name: getattr(item, name) for name in _AS_IN_ITEM},
    )
    return Kept(entry, item.related, len(content), content if source_links.HOST in content else "")


def compose(
    kept: Kept,
    story: Story,
    terms: Iterable[Term],
    tag: Callable[[str, Term], Tag],
    known: Mapping[str, Sequence[Story]],
    style: Style,
) -> tuple[Kept, list[Problem]]:
    """Return an entry with all that does not come from its file as it is now, and its problems.

    `kept` is `unlinked`, or what was kept of the entry where the file cannot be read (X5, X6).
    `terms` are the united topics of the story; `tag` gives slug and label of the feed of a kind and
    a term; `known` has the stories by the canonical URLs (R2,
    R4) and keys of files (C9) by which links lead to them, those that are out first.
    """
    shown, problems = _resolve(kept.links, story, known)
    related = tuple(shown[: style.related])
    unlinked = kept.marked or kept.entry.content[: kept.body_end]
    base = kept.entry.link
    body = source_links.resolved(unlinked, base, known, lambda target: target.state.is_on_site)
    entry = kept.entry._replace(
        id=story.id,
        ids=story.ids,
        published=story.published,
        updated=story.updated,
        content=linked(body.html, related, style.timezone, _growth(related, story, style)),
        topics=tuple(tag("topic", t) for t in terms),
        related=related,
        sources=tuple(sorted(source_links.keys(kept.marked))),
    )
    made = kept._replace(entry=entry, body_end=len(body.html))
    return made, [*problems, *dead_links(story.path, body.dead)]


def _resolve(
    links: Iterable[Related], story: Story, known: Mapping[str, Sequence[Story]]
) -> tuple[list[Related], list[Problem]]:
    """Drop links to what is not out, with a problem, and name those to our own items (R2, R4)."""
    kept: list[Related] = []
    problems: list[Problem] = []
    for link in links:
        target = next(iter(known.get(link.key, ())), None)
        if target is None:
            kept.append(link)
        elif target.id == story.id:
            told = f"related[{link.place}] leads to the item itself; it is left out"
            problems.append(problem(story.path, "related-self", told))
        elif target.state.is_on_site:
            own = target.id_in("json") if target.state is State.OUT else ""
            kept.append(link._replace(item_id=own))
        else:
            told = f"related[{link.place}] leads to an item not out; it is left out"
            problems.append(problem(story.path, "related-withheld", told))
    return kept, problems


def dead_links(path: str, paths: Sequence[str]) -> tuple[Problem, ...]:
    """Return what to say of links of the file at `path` to `paths`, where no item is (C9).

    The first of them is named if it is nothing but a path (S2).
    """
    if not paths:
        return ()
    first = f": {paths[0]}" if _PATH(paths[0]) else ""
    others = f" (and {len(paths) - 1} more)" if paths[1:] else ""
    message = f"a link leads to a source file that is no item; it is text, mend it{first}{others}"
    return (problem(path, "link-dead", message),)


_PATH = re.compile(r"[\w./-]{1,100}").fullmatch

_MOST = 300_000
"""Characters of its list that a feed shows of a digest, which shall not hold all that a feed may."""


def digest_entry(digest: Digest, link: str, zone: tzinfo, *, whole: bool) -> Entry:
    """Return a digest as feeds show it (N4); `link` is where to read it, `zone` that of days (D11).

    If it is not the `whole`, a long one ends with how many items more its page has.
    """
    items = (Related(0, "", e.link, e.title, "", e.published, "", e.provider) for e in digest.items)
    made = [link_line(i, zone, e.related) for i, e in zip(items, digest.items, strict=True)]
    shown = made if whole else made[: bisect([*accumulate(map(len, made))], _MOST)]
    left = len(made) - len(shown)
    lines = f"<ul>{''.join(shown)}</ul>" if shown else ""
    more = f"<p>{_link(link, f'{left} more')}</p>" if left else ""
    content = text.clean(f'<div dir="auto">{lines}{more}</div>')
    excerpt = " · ".join(item.title for item in digest.items[:5])
    return Entry(digest.id, digest.title, link, digest.instant, digest.instant, excerpt, content)


def unlinked_html(item: Item, *, full: bool = True) -> str:
    """Return the content of `item` as HTML up to its links: lead image, body and provider (C7).

    The excerpt stands in for a body that is empty, that cannot be rendered or shows nothing, or
    that is not wanted (`full` is false: `feeds.content: excerpt`). `linked` completes it. Has
    nothing that XML forbids (C3).
    """
    body = html.safe(item.body, item.link) if full and item.body else ""
    if _SHOWS_NOTHING.fullmatch(body):
        body = f"<p>{escape(item.excerpt)}</p>" if item.excerpt else ""
    return text.clean(f'<div dir="auto">{_lead(item, body)}{body}{_source(item)}')


def _growth(related: Sequence[Related], story: Story, style: Style) -> str:
    """Return the line that says how many links came lately, where it is asked for (N5)."""
    known = story.grown if style.growth.mode == "note" else None
    came = [link.quality for link in related if known and digest(link.key, 4) not in known.links]
    if known is None or not style.growth.is_told(came):
        return ""
    return f"<p>{len(came)} more since {day(known.since, style.timezone)}</p>"


def linked(unlinked: str, related: Sequence[Related], zone: tzinfo = UTC, growth: str = "") -> str:
    """Return content with links at its end: those that are out, in their order (R2-R4).

    `unlinked` is what `unlinked_html` gave; `zone` is that of their days (D11), `growth` a line above.
    """
    lines = "".join(link_line(link, zone) for link in related)
    section = f"<h2>Related</h2>{growth}<ul>{lines}</ul>" if related else ""
    return f"{unlinked}{text.clean(section)}</div>"


def _lead(item: Item, body: str) -> str:
    """Return the picture to begin with, unless `body` shows it, at whichever size (R1)."""
    if not item.images:
        return ""
    image = item.images[0]
    if "<img" in body:
        shown = urls.canonical(image.url)
        if any(urls.canonical(unescape(url)) == shown for url in _PICTURE.findall(body)):
            return ""
    size = f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""
    return f'<p><img src="{escape(image.url)}" alt="{escape(image.alt)}"{size}></p>'


def _source(item: Item) -> str:
    if not item.provider:
        return ""
    name, uri, _ = item.provider
    name = name or urls.host(uri)
    return f"<p>{_link(uri, name) if uri else escape(name)}</p>"


def link_line(link: Related, zone: tzinfo, below: Iterable[Related] = ()) -> str:
    """Return the line of one link: its title, who wrote it, the day, and those that are below it."""
    line = _link(link.url, link.title)
    if link.provider:
        line += f" · {escape(link.provider.name)}"
    if link.published is not None:
        published = day(link.published, zone)
        line += f' · <time datetime="{published}">{published}</time>'
    lines = "".join(link_line(each, zone) for each in below)
    return f"<li>{line}{lines and f'<ul>{lines}</ul>'}</li>"


def _link(url: str, words: str) -> str:
    return f'<a href="{escape(url)}">{escape(words)}</a>'


# what is left of a feed at an address (T6) -------------------------------------------------------


def final_window(
    feed: Feed, feeds: Mapping[Name, Feed], policy: Policy, site: Site, layout: Layout
) -> FeedWindow:
    """Return what the documents of an ended feed hold: one entry that says so, and where it went.

    A renamed feed is the feed of its heir, so it has its head, with id and `self` (RFC 4287
    §4.2.6); one that was merged or retired keeps its own. `layout` is as in `feeds.head`.
    """
    line = succession(feed, feeds)
    last, instant = line[-1], max(f.ended or 0 for f in line)
    top, label = head(feed, policy, site, layout, updated(feed, instant)), label_of(feed, policy)
    if last.ended is not None:
        words = f"{site.title} has no feed of {label} any more. This is its last entry."
        top = top._replace(offered={})
        title = f"This feed has ended: {label}"
        return _last(feed, top, instant, title, words, site.home or site.url)
    new = head(last, policy, site, layout, top.updated)
    is_same = last.id == feed.id
    news = f"{label} {'is now' if is_same else 'is now part of'} {label_of(last, policy)}"
    words = f"{news}. This is the last entry here. Please subscribe at the new address: {new.page}"
    top = new if is_same else top._replace(alternate=new.page, offered=new.addresses)
    return _last(feed, top, instant, f"This feed has moved: {news}", words, new.page)


def last_window(feed: Feed, place: Place, policy: Policy, site: Site, layout: Layout) -> FeedWindow:
    """Return what stands at an address that a feed has given up: one entry that says where it is."""
    top = head(feed, policy, site, layout, updated(feed, place.ended))
    there = {place.format: address(site, place.path)} | top.addresses
    title = f"This feed has moved: {top.title}"
    words = "This is the last entry at this address. Please subscribe at another one of the feed:"
    last = top._replace(addresses=there, offered=top.addresses)
    return _last(feed, last, place.ended, title, f"{words} {top.page}", top.page)


def _last(feed: Feed, top: FeedHead, instant: int, title: str, words: str, link: str) -> FeedWindow:
    """Return a window with an entry that is the last one; it lists where else people subscribe."""
    urls = map(escape, top.on_page.values())
    listed = "".join(f'<li><a href="{url}">{url}</a></li>' for url in urls)
    items = f"<ul>{listed}</ul>" if listed else ""
    content = f'<div dir="auto"><p>{escape(words, quote=False)}</p>{items}</div>'
    about = f"{feed.id}/ended/{instant}", title, link, instant, instant, words, content
    return FeedWindow(top, (Entry(*about, language="en"),))
