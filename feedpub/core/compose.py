"""Item and story to Entry: what every format shows, finished once (section 1 of the semantics)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from feedpub.core import topics
from feedpub.core.content import content_html
from feedpub.core.model import Entry, Item, Problem, Related, Style, Tag, Term
from feedpub.core.problems import problem
from feedpub.core.stories import State, Story


class Composed(NamedTuple):
    """An entry, what it links to (canonical URLs, R4), and what there is to say about it."""

    entry: Entry
    targets: tuple[str, ...]
    problems: tuple[Problem, ...]


def compose(
    item: Item,
    story: Story,
    terms: Iterable[Term],
    tags: Mapping[str, Mapping[str, Tag]],
    find: Callable[[str], Story | None],
    style: Style,
) -> Composed:
    """Return the entry of `item`.

    `terms` are the united topics of the story, `tags` the slug and label of the feeds there are,
    by kind and key; `find` returns the story that is known by a canonical URL, if any (R2, R4).
    """
    related, problems = _resolve(item, story, find, style.related)
    entry = Entry(
        id=story.id,
        title=item.title,
        link=item.link,
        published=story.published,
        updated=story.updated,
        excerpt=item.excerpt,
        content=content_html(item, related, full=style.full),
        original_url=item.original_url,
        type=item.type,
        quality=item.quality,
        heat=item.heat,
        category=_tag(item.category, tags["category"]) if item.category else None,
        topics=tuple(_tag(t, tags["topic"]) for t in terms),
        provider=item.provider,
        authors=item.authors,
        images=item.images,
        enclosure=item.enclosure,
        related=related,
        language=item.language,
    )
    return Composed(entry, tuple(r.key for r in item.related), tuple(problems))


def _resolve(
    item: Item, story: Story, find: Callable[[str], Story | None], limit: int
) -> tuple[tuple[Related, ...], list[Problem]]:
    """Drop links to what is not out, name those to our own items, keep the best (R2-R4)."""
    kept: list[Related] = []
    problems: list[Problem] = []
    for link in item.related:
        target = find(link.key)
        if target is None:
            kept.append(link)
        elif target.id == story.id:
            problems.append(_dropped(item, link, "related-self", "leads to the item itself"))
        elif target.state is State.OUT:
            kept.append(replace(link, item_id=target.id))
        else:
            problems.append(_dropped(item, link, "related-withheld", "leads to an item not out"))
    return tuple(kept[:limit]), problems


def _dropped(item: Item, link: Related, code: str, reason: str) -> Problem:
    return problem(item.path, code, f"related[{link.index}] {reason}; it is left out")


def _tag(term: Term, known: Mapping[str, Tag]) -> Tag:
    return known.get(term.key) or Tag(topics.slug(term.key), term.label)
