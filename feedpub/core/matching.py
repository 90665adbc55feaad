"""Matching: a copy beside what its story was. Which story is it of (I2), and was it edited (D3, N5)?

A group of copies is matched with a story by, in this order, explicit id, originalUrl, webUrl, path
(if title or date agree), and, for files known by their path alone, by having moved (same bytes, or
same title and date, and the old path gone). What is left is matched where the file of a story is
gone and that of a group is new: by title and date, or much text, if only these two have it.
A story is given to one group only, so two groups can never share an id.

A mark is what of an item a subscriber would see change, as one hash. The source is not compared but
what it is rendered to: no formatter, comment or new host of the site makes an edit. It is
`VERSION-FIELDS.SEEN`, and `.TEXT` where the body has much of it, by which an item is known again
whose file and address changed at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from unicodedata import normalize
from urllib.parse import unquote

from feedpub.core import source_links, text, urls
from feedpub.core.model import Grown, Item
from feedpub.core.policy import Style
from feedpub.core.stories import SIGNIFICANT, Copy, State, Story, digest, keys_of, precedence

VERSION = 3
"""Version of what `mark` hashes; marks of other versions are never compared."""

TELLING = 200
"""How many characters of text are no coincidence."""

_DAY = 86_400
_MOST_LINKS = 1000
_MARKUP = re.compile("<[^<>]*>")  # a body has no comments any more
_ON_HOST = re.compile(r"(?:https?:)?//([^/?#]*)(.*)", re.DOTALL | re.IGNORECASE).match
_SPACE = b" \t\n\r\f\v"
_SHORTENED = {"title", "provider", "authors"}
_AS_IN_ITEM = [name for name in Copy._fields if name in Item._fields and name not in _SHORTENED]
"""The fields of a copy that say what those of its item say."""
_MANY = 2
"""Of more stories with one trait than one it is not told which is meant."""


def grouped(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    """Group copies by identity key, each group in the order of precedence, keys sorted."""
    groups: defaultdict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[copy.identity].append(copy)
    return {key: sorted(groups[key], key=precedence) for key in sorted(groups)}


def match(
    groups: Mapping[str, Sequence[Copy]], stories: Collection[Story], gone: Callable[[str], bool]
) -> tuple[dict[str, Story], list[str]]:
    """Give each group at most one of `stories`, each story to at most one group (I2).

    `stories` are those that may be claimed, `gone(path)` says that no file is there any more.
    Return the stories by identity key, and the groups without one that may be of a story that lost
    its file, if others were not as well; all groups without one are new.
    The result does not depend on the order of the input.
    """
    known = defaultdict[str, list[Story]](list)
    stories = sorted(stories, key=lambda s: (s.first_seen, s.id))
    for story in stories:
        for key in ("id:" + story.id, *keys_of(story)):
            known[key].append(story)
    claims = [
        (rank, key, story)
        for key, copies in groups.items()
        for copy in copies
        for shared in keys_of(copy)
        for story in known.get(shared, ())
        if (rank := _rank(copy, story, gone)) is not None
    ]
    claimed: dict[str, Story] = {}
    given: set[str] = set()
    for _, key, story in sorted(claims, key=lambda claim: claim[0]):
        if key not in claimed and story.id not in given:
            claimed[key] = story
            given.add(story.id)
    new = {key: copies for key, copies in groups.items() if key not in claimed}
    left = [s for s in stories if s.id not in given and s.state is not State.GONE] if new else []
    likely = _alike(new, [story for story in left if gone(story.path)])
    wanted = Counter(story.id for found in likely.values() for story in found)
    sure = {k: found[0] for k, found in likely.items() if len(found) == wanted[found[0].id] == 1}
    return claimed | sure, sorted(likely.keys() - sure.keys())


def _rank(copy: Copy, story: Story, gone: Callable[[str], bool]) -> int | None:
    """Return how well a copy shows that it is of a story, 0 is best; None where it does not."""
    in_place = copy.path == story.path
    if copy.explicit and copy.explicit in (story.explicit, story.id):
        return 0
    if copy.original_key and copy.original_key in (story.original_key, story.web_key):
        return 1 if in_place else 2
    if copy.web_key and copy.web_key in (story.original_key, story.web_key):
        return 3 if in_place else 4
    same_title = copy.title == story.title
    same_date = copy.published is not None and copy.published == story.date
    named = (one.explicit or one.original_key or one.web_key for one in (copy, story))
    known_by_path = not any(named)
    if in_place:
        edited = known_by_path and story.state is not State.GONE
        return 5 if edited or same_title or same_date else None
    same = (same_title and same_date) or copy.content == story.content
    return 6 if same and known_by_path and gone(story.path) else None


def _alike(
    groups: Mapping[str, Sequence[Copy]], stories: Collection[Story]
) -> dict[str, list[Story]]:
    """Return for each group that looks like some of the stories these, or enough of them."""
    known = defaultdict[str, list[Story]](list)
    for story in stories:
        for trait in _traits(story):
            known[trait].append(story)
    found: dict[str, list[Story]] = {}
    for key, copies in groups.items():
        traits = (trait for copy in copies for trait in _traits(copy))
        alike = {story.id: story for trait in traits for story in known[trait][:_MANY]}
        if alike:
            found[key] = [*alike.values()]
    return found


def _traits(known: Copy | Story) -> Iterator[str]:
    """Yield what two files hardly share by chance: title and date, and the hash of much text."""
    if known.explicit:
        return
    date = known.date if isinstance(known, Story) else known.published
    if date is not None:
        yield f"{known.title}:{date}"
    kind, _, text = [*known.mark.split("."), "", ""][:3]
    if text:
        yield f"{kind}:{text}"


def names_of(story: Story, *copies: Copy) -> set[str]:
    """Return what lists by hand may call a story: its ids, and paths and addresses of its copies (N3)."""
    found = {story.id, *dict(story.ids).values()}
    known: tuple[Story | Copy, ...] = (story, *copies)
    for one in known:
        found.update((one.explicit, one.path, one.original_key, one.web_key, one.link_key))
    return found - {""}


def copy_of(
    item: Item, content: str, fields: Sequence[str] = SIGNIFICANT, hosts: Collection[str] = ()
) -> Copy:
    """Return what is kept of `item`, whose file's bytes hash to `content`; see `mark`."""
    is_shown = not item.withheld and item.only != ()  # else it leaves no words in the state
    return Copy(
        content=content,
        title=digest(item.title),
        headline=item.title if is_shown else "",
        mark=mark(item, fields, hosts),
        provider=item.provider.name if item.provider else "",
        authors=tuple(person.name for person in item.authors),
        link_key="" if item.original_key or item.web_key else urls.canonical(item.link),
        links=tuple((link.key, link.quality) for link in item.related if is_shown),
        **{name: getattr(item, name) for name in _AS_IN_ITEM},
    )


def grown(
    old: Story | None,
    new: Story,
    copy: Copy | None,
    known: Mapping[str, Sequence[Story]],
    style: Style,
    now: int,
) -> Story:
    """Return what was the story `old`, and is `new`, as the links of its shown copy make it (N5).

    `known` has stories as they are now by what leads to them. What came before this was asked for, or
    while the story was not out, is known silently; so is what is not shown (R2, R3).
    """
    growth, before = style.growth, new.grown
    if growth.mode == "off":
        return new._replace(grown=None)
    if copy is None or copy.broken or new.state is not State.OUT:
        return new
    every, rule = {key: digest(key, 4) for key, _ in copy.links}, digest(repr(growth), 4)
    was_out = old is not None and old.state is State.OUT
    if not was_out or before is None or before.rule != rule or before.since > now:
        return new._replace(grown=Grown(tuple(every.values()), now, rule))
    if growth.mode == "note":
        return new
    hidden = {key for key in every if key in known and not known[key][0].state.is_on_site}
    shown = [each for each in copy.links if each[0] not in hidden][: style.related]
    came = {every[key]: quality for key, quality in shown if every[key] not in before.links}
    is_told, again = growth.is_told(came.values()), before.told + _DAY
    if is_told and now < again and old and new.updated == old.updated:
        is_told, new = False, new._replace(due=min(new.due or again, again))
    more = (link for link in every.values() if is_told or link not in came)
    links = tuple(dict.fromkeys((*before.links, *more)))[-_MOST_LINKS:]
    if not is_told:
        return new._replace(grown=before._replace(links=links))
    return new._replace(
        grown=Grown(links, now, rule, now), updated=max(new.updated, now), held=None
    )


def mark(item: Item, fields: Sequence[str] = SIGNIFICANT, hosts: Collection[str] = ()) -> str:
    """Hash what of the `fields` of `item` a subscriber would see (D3).

    That of a body is its text, white space aside, and where its links and pictures lead: to one of
    the site's own `hosts` by path and query alone, as the item's own address counts. A mark begins
    with its version and a hash of the names of `fields`; only marks that begin alike count.
    """
    names = sorted(fields)
    # The engine writes most references for quotes: they are not decoded one by one.
    words = text.decoded(_MARKUP.sub("", item.body).replace("&quot;", '"')).replace("\xa0", " ")
    seen = digest(normalize("NFC", words).encode("utf-8", "surrogatepass").translate(None, _SPACE))
    targets = sorted({_place(one, hosts) for one in source_links.targets(item.body)})
    link = item.web_key or item.original_key or urls.canonical(item.link)
    values = {
        "title": item.title,
        "excerpt": item.excerpt,
        "body": "\2".join([seen, *targets]),
        "link": _place(link, {urls.host(link)}),
        "published": str(item.published),
    }
    told = normalize("NFC", "\0".join(f"{name}\1{values[name]}" for name in names))
    found = f"{VERSION}-{digest(' '.join(names), 2)}.{digest(told)}"
    return f"{found}.{seen}" if len(words) >= TELLING else found


def _place(address: str, hosts: Collection[str]) -> str:
    """Return where an address leads: on a foreign host, or which path and query of one's own."""
    found = _ON_HOST(address)
    if found and (host := found[1].lower()).partition(":")[0] not in hosts:
        return f"//{host}{unquote(found[2])}"
    return unquote(found[2] if found else address).partition("#")[0] or "/"
