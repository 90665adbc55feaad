"""Matching: which story of the ledger the copies of one are of, whatever became of their files (I2).

A group of copies is matched with a story by, in this order, explicit id, originalUrl, webUrl, path
(if title or date agree), and, for files known by their path alone, by having moved (same bytes, or
same title and date, and the old path gone). What is left is matched where the file of a story is
gone and that of a group is new: by title and date, or much text, if only these two have it.
A story is given to one group only, so two groups can never share an id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from feedpub.core.stories import Copy, State, Story, keys_of

_MANY = 2
"""Of more stories with one trait than one it is not told which is meant."""


def match(
    groups: Mapping[str, Sequence[Copy]],
    stories: Collection[Story],
    gone: Callable[[str], bool],
) -> tuple[dict[str, Story], list[str]]:
    """Give each group at most one of `stories`, each story to at most one group (I2).

    `stories` are those that may be claimed, `gone(path)` says that no file is there any more.
    Return the stories by identity key, and the groups without one that may be of a story that lost
    its file, if others were not as well; all groups without one are new.
    The result does not depend on the order of the input.
    """
    known: defaultdict[str, list[Story]] = defaultdict(list)
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
    known_by_path = not any(
        one.explicit or one.original_key or one.web_key for one in (copy, story)
    )
    if in_place:
        edited = known_by_path and story.state is not State.GONE
        return 5 if edited or same_title or same_date else None
    same = (same_title and same_date) or copy.content == story.content
    return 6 if same and known_by_path and gone(story.path) else None


def _alike(
    groups: Mapping[str, Sequence[Copy]], stories: Collection[Story]
) -> dict[str, list[Story]]:
    """Return for each group that looks like some of the stories these, or enough of them."""
    known: defaultdict[str, list[Story]] = defaultdict(list)
    for story in stories:
        for trait in _traits(story):
            known[trait].append(story)
    found = {
        key: {s.id: s for copy in copies for t in _traits(copy) for s in known[t][:_MANY]}
        for key, copies in (groups.items() if stories else ())
    }
    return {key: [*alike.values()] for key, alike in found.items() if alike}


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
