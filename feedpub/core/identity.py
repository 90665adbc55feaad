"""Identity: which known story a group of copies is, and the id of a new one (I1-I4).

Copies with one identity key are one group. A group is matched with a story of the ledger by, in
this order, explicit id, originalUrl, webUrl, path (if title or date agree), and, for files known
by their path alone, by having moved (same bytes, or same title and date, and the old path gone).
A story is given to one group only, so two groups can never share an id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from feedpub.core.stories import Copy, State, Story, precedence


class Authority(NamedTuple):
    """The tagging entity of RFC 4151 under which ids are minted (I1)."""

    domain: str
    date: str

    def item(self, basis: str, salt: int) -> str:
        """Return the id of an item from its identity key; `salt` > 0 when the id was taken."""
        text = f"{basis}\n{salt}" if salt else basis
        return f"tag:{self.domain},{self.date}:item/{_hex(text)}"

    def feed(self, kind: str, key: str) -> str:
        """Return the id of a feed from its kind and key (I5)."""
        return f"tag:{self.domain},{self.date}:feed/{kind}/{_hex(key)}"


def _hex(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def mint(copy: Copy, authority: Authority, taken: Callable[[str], bool]) -> str:
    """Return the id of a new story that begins with `copy` (I1, I2).

    An explicit id that is an absolute URI is used verbatim; an id that is `taken` is never given
    to another story.
    """
    if copy.explicit and _is_absolute_uri(copy.explicit) and not taken(copy.explicit):
        return copy.explicit
    salt = 0
    while taken(item_id := authority.item(copy.identity, salt)):
        salt += 1
    return item_id


def _is_absolute_uri(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or any(c in text for c in ' <>"{}|\\^`'):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def grouped(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    """Group copies by identity key, each group in the order of precedence, keys sorted."""
    groups: dict[str, list[Copy]] = {}
    for copy in copies:
        if known := groups.get(identity := copy.identity):
            known.append(copy)
        else:  # as mostly; a list that is made with it takes two thirds of the room
            groups[identity] = [copy]
    for several in groups.values():
        if len(several) > 1:
            several.sort(key=precedence)
    return {key: groups[key] for key in sorted(groups)}


def keys_of(known: Copy | Story) -> Iterator[str]:
    """Yield every key by which a copy or a story can be found again, most telling first."""
    if known.explicit:
        yield "id:" + known.explicit
    if known.original_key:
        yield known.original_key
    if known.web_key and known.web_key != known.original_key:
        yield known.web_key
    if known.link_key:
        yield known.link_key
    yield "path:" + known.path
    if not known.original_key and not known.web_key:
        yield "content:" + known.content
        yield f"story:{known.title}:{_date(known)}"


def _date(known: Copy | Story) -> int | None:
    return known.date if isinstance(known, Story) else known.published


Level = Callable[[Copy, Story], bool]


def match(
    groups: Mapping[str, Sequence[Copy]],
    stories: Collection[Story],
    gone: Callable[[str], bool],
) -> dict[str, Story]:
    """Give each group at most one of `stories`, each story to at most one group (I2).

    `stories` are those that may be claimed, `gone(path)` says that no file is there any more.
    Returns the story by identity key; a key that is missing is a new story. The result does not
    depend on the order of the input.
    """
    if not stories:
        return {}
    found = _Index(stories)
    claimed: dict[str, Story] = {}
    taken: set[str] = set()
    for level in _levels(gone):
        for key, copies in groups.items():
            if key in claimed:
                continue
            story = _claim(copies, found, level, taken)
            if story is not None:
                claimed[key] = story
                taken.add(story.id)
    return claimed


def _levels(gone: Callable[[str], bool]) -> tuple[Level, ...]:
    def in_place(copy: Copy, story: Story) -> bool:
        edited = _by_path_alone(copy) and _by_path_alone(story) and story.state is not State.GONE
        return copy.path == story.path and (edited or _resembles(copy, story))

    def moved(copy: Copy, story: Story) -> bool:
        alike = copy.content == story.content or (
            copy.title == story.title
            and copy.published is not None
            and copy.published == story.date
        )
        return alike and _by_path_alone(copy) and _by_path_alone(story) and gone(story.path)

    return (
        lambda c, s: bool(c.explicit) and c.explicit in (s.explicit, s.id),
        lambda c, s: c.path == s.path and _shares(c.original_key, s),
        lambda c, s: _shares(c.original_key, s),
        lambda c, s: c.path == s.path and _shares(c.web_key, s),
        lambda c, s: _shares(c.web_key, s),
        in_place,
        moved,
    )


def _shares(key: str, story: Story) -> bool:
    return bool(key) and key in (story.original_key, story.web_key)


def _resembles(copy: Copy, story: Story) -> bool:
    return copy.title == story.title or (
        copy.published is not None and copy.published == story.date
    )


def _by_path_alone(known: Copy | Story) -> bool:
    return not (known.explicit or known.original_key or known.web_key)


class _Index:
    """Stories by each of their keys."""

    def __init__(self, stories: Collection[Story]) -> None:
        self._by_key: defaultdict[str, list[Story]] = defaultdict(list)
        for story in sorted(stories, key=lambda s: (s.first_seen, s.id)):
            for key in keys_of(story):
                self._by_key[key].append(story)
            self._by_key["id:" + story.id].append(story)

    def candidates(self, copy: Copy) -> Iterator[Story]:
        for key in keys_of(copy):
            yield from self._by_key.get(key, ())


def _claim(
    copies: Sequence[Copy], found: _Index, level: Level, taken: Collection[str]
) -> Story | None:
    return next(
        (
            story
            for copy in copies
            for story in found.candidates(copy)
            if story.id not in taken and level(copy, story)
        ),
        None,
    )
