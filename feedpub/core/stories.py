"""Stories: what the ledger remembers of an item, and how one rescan moves it on (I1-I4, D3-D6, F6).

A *copy* is one file's part in a story; several files may hold the same story. A *story* is what
must survive: its id, its instants, and the keys by which it is known again.

Copies with one identity key are one group: of the story that `matching` finds, or of a new one, which
gets its id here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import IntEnum
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from feedpub.core import source_links
from feedpub.core.model import Grown, Ids, Term, Withheld

if TYPE_CHECKING:
    from feedpub.core.feeds import Feed

BARRING = "bars:"
"""The identity key that all copies with `bars` have, by which they are found together."""

SIGNIFICANT = ("title", "excerpt", "body", "link", "published")
"""The fields whose change moves `updated` (D3), unless the config names others."""


class State(IntEnum):
    """Where a story stands: in the feeds, due later, withheld by its flags, or without a file.

    UNDATED is a page: no news without a date, and never out (D6), or in no feed by its file (S3).
    """

    OUT = 0
    SCHEDULED = 1
    WITHHELD = 2
    GONE = 3
    UNDATED = 4

    @property
    def is_on_site(self) -> bool:
        """Whether links may lead to it: it is out, or a page."""
        return self in (State.OUT, State.UNDATED)


class Copy(NamedTuple):
    """What is kept of one usable file, enough to regroup and to select without reading it again.

    `content` is the hash of the file's bytes when it was last good, `mark` the hash of its
    significant fields, `title` a hash of its title, `headline` the text. `broken` says that the file itself is
    unusable now and this is its last good state (X6). `link_key` is the canonical address of an
    item that names none (a template made it): links to it are known by it, its identity is not.
    One with `bars` belongs to no story: its file is broken and asks for the removal of the stories
    that are known by one of these keys, which it withholds (S3, I4). `links` has the canonical URLs of
    its related links with their quality, where growth is told.
    """

    path: str
    content: str
    explicit: str = ""
    original_key: str = ""
    web_key: str = ""
    title: str = ""
    mark: str = ""
    published: int | None = None
    updated: int | None = None
    quality: int = 0
    withheld: Withheld = Withheld.NO
    topics: tuple[Term, ...] = ()
    category: Term | None = None
    provider: str = ""
    authors: tuple[str, ...] = ()
    type: str = ""
    language: str = ""
    broken: bool = False
    link_key: str = ""
    link: str = ""
    bars: tuple[str, ...] = ()
    undated: bool = False
    expiry: int | None = None
    only: tuple[str, ...] | None = None
    apart: tuple[str, ...] = ()
    heat: int = 0
    headline: str = ""
    links: tuple[tuple[str, int], ...] = ()

    @property
    def identity(self) -> str:
        """The identity key of I2: explicit id, originalUrl, webUrl, else the path."""
        if self.bars:
            return BARRING
        if self.explicit:
            return "id:" + self.explicit
        return self.original_key or self.web_key or "path:" + self.path


class Adopted(NamedTuple):
    """What a story has from feeds that were there before it: ids by format, and a date (I1, D6).

    `published` holds while the date of its copy is `date`.
    """

    ids: Ids = ()
    date: int | None = None
    published: int | None = None


class Story(NamedTuple):
    """One line of the ledger. Instants are seconds; None is "not yet".

    `basis` is the identity key at first sight, `link` the address that links to it get; `explicit`,
    `original_key`, `web_key`, `link_key`, `path`, `title` and `date` are those of its copy when it
    was last seen, by which the story is known again; `content` and `mark` those of the copy that was
    last fit to be out. `due` is the next instant at which time alone changes the story. `admitted`
    are the named feeds that it came into late, or left, by key, each with the instant by which it is
    there for the first time (N2).
    """

    id: str
    basis: str
    explicit: str
    original_key: str
    web_key: str
    path: str
    title: str
    date: int | None
    content: str
    mark: str
    first_seen: int
    published: int
    updated: int = 0
    first_out: int | None = None
    state: State = State.SCHEDULED
    due: int | None = None
    withdrawn: int | None = None
    expires: int | None = None
    link_key: str = ""
    link: str = ""
    held: int | None = None
    adopted: Adopted | None = None
    grown: Grown | None = None
    admitted: tuple[tuple[str, int], ...] = ()

    @property
    def ids(self) -> Ids:
        """The ids that it has by format, where these are not its own (I1)."""
        return self.adopted.ids if self.adopted else ()

    def id_in(self, format: str) -> str:
        """Return its id in the documents of a format."""
        return dict(self.ids).get(format, self.id)

    @property
    def entered(self) -> int:
        """The instant by which feeds select: published or first out, the later one (F6)."""
        return max(self.published, self.first_out or 0)

    def entered_in(self, key: str) -> int:
        """The same in the named feed of that key: it may have been admitted later (N2)."""
        known = dict(self.admitted).get(key) if self.admitted else None
        return self.entered if known is None else max(self.published, known)

    @property
    def edited(self) -> int | None:
        """When it was updated, if that was since it was seen and out: that has places, too (F6)."""
        return self.updated if self.updated > max(self.entered, self.first_seen) else None


class Clock(NamedTuple):
    """The one instant of a run, and whether it is the first run of this ledger (F6).

    `undated` is the instant for items without a date, where that is not now: what was there before
    the ledger is no news, so it comes behind all that is dated (D6).
    `is_base` says that a person took it as the present: nothing that is known is later (D10).
    """

    now: int
    first_build: bool
    undated: int | None = None
    is_base: bool = False

    def first_seen(self, copy: Copy) -> int:
        """Return when an item that is new counts as first seen: not after its last change (D6)."""
        if copy.published is not None:
            return self.now
        seen = self.now if self.undated is None else self.undated
        return min(seen, seen if copy.updated is None else copy.updated)

    def behind(self, groups: Iterable[Sequence[Copy]]) -> Clock:
        """Return the clock of a first build of stories with these copies, else the same one."""
        if not self.first_build:
            return self
        best = (winner(copies, "") for copies in groups)  # nothing tells of what is withheld
        dates = [c.published for c in best if c and c.published and c.published <= self.now]
        return self._replace(undated=min(dates) - 1) if dates else self


TOMBSTONE_SECONDS = 30 * 86400
"""How long a withdrawal is remembered to be announced (X4)."""

_LATEST = dict.fromkeys(
    ("first_seen", "first_out", "updated", "held", "withdrawn", "created", "changed", "ended"), 0
) | {"expires": TOMBSTONE_SECONDS, "begun": -1, "looked": -1}
"""How far ahead of its run an instant of a story or a feed may be that a run has set."""


def set_back(known: Story | Feed, now: int) -> dict[str, Any]:
    """Return what to replace where a clock that ran ahead set instants: all are of now then (D10)."""
    latest = {name: now + ahead for name, ahead in _LATEST.items()}
    found = {name: t for name, t in latest.items() if (getattr(known, name, None) or 0) > t}
    admitted = getattr(known, "admitted", ())
    back = tuple((key, min(at, now)) for key, at in admitted)
    return found if back == admitted else {**found, "admitted": back}


def digest(text: str | bytes, size: int = 8) -> str:
    """Return a short stable hash of `text` (surrogates allowed) as hex."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return blake2b(data, digest_size=size).hexdigest()


def precedence(copy: Copy) -> tuple[int, bool, int, str]:
    """Sort key of the copies of one story: best quality, then oldest date, then path (I4)."""
    return (-copy.quality, copy.published is None, copy.published or 0, copy.path)


def winner(copies: Sequence[Copy], incumbent: str) -> Copy | None:
    """Return the copy that is published: the incumbent's path while it stands, else the best (I4).

    None when the flags of the copies withhold the story: all unpublished, or any one removed.
    """
    if any(c.withheld is Withheld.REMOVED for c in copies):
        return None
    live = [c for c in copies if c.withheld is Withheld.NO]
    return _preferred(live, incumbent) if live else None


def _preferred(copies: Sequence[Copy], incumbent: str) -> Copy:
    return next((c for c in copies if c.path == incumbent), None) or min(copies, key=precedence)


def united_topics(copies: Sequence[Copy], first: Copy) -> tuple[Term, ...]:
    """Return the topics of all live copies, each key once, as its best copy says it (I4).

    Those of `first` come first; a key of several copies comes where the last of these has it.
    """
    others = sorted((c for c in copies if c is not first), key=precedence)
    live = [first, *(c for c in others if c.withheld is Withheld.NO)]
    return tuple({t.key: t for c in reversed(live) for t in reversed(c.topics)}.values())[::-1]


class Authority(NamedTuple):
    """The tagging entity of RFC 4151 under which ids are minted, where not `links` are ids (I1)."""

    domain: str
    date: str
    links: bool = False

    def tag(self, path: str, text: str, taken: Callable[[str], bool]) -> str:
        """Return the id of an item (`item`) or a feed (`feed/KIND`) from its key (I1, I5).

        An id that is `taken` is never given to another one: the key gets a number then.
        """
        key, salt = text, 0
        while True:
            digits = sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
            made = f"tag:{self.domain},{self.date}:{path}/{digits}"
            if not taken(made):
                return made
            salt += 1
            key = f"{text}\n{salt}"  # no key of a feed has a line break


def mint(copy: Copy, authority: Authority, taken: Callable[[str], bool]) -> str:
    """Return the id of a new story that begins with `copy` (I1, I2).

    An explicit id that is an absolute URI is used verbatim, and so is the link where that is asked
    for, unless it is `taken`.
    """
    for own in (copy.explicit, copy.link if authority.links else ""):
        if own and _is_absolute_uri(own) and not taken(own):
            return own
    return authority.tag("item", copy.identity, taken)


def _is_absolute_uri(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or any(c in text for c in ' <>"{}|\\^`'):
        return False
    with suppress(ValueError):
        parts = urlsplit(text)
        return bool(parts.scheme and (parts.netloc or parts.path))
    return False


def begin(copy: Copy, item_id: str, clock: Clock) -> Story:
    """Return the story that starts with `copy`; it still has to be advanced."""
    seen = clock.first_seen(copy)
    return Story(
        id=item_id,
        basis=copy.identity,
        content=copy.content,
        mark=copy.mark,
        first_seen=seen,
        published=seen if copy.published is None else copy.published,
        **_known_by(copy),
    )


def advance(story: Story, copies: Sequence[Copy], clock: Clock) -> Story:
    """Return `story` as `copies`, each `in_force`, and the clock make it now.

    `copies` are all files of the story; without any it is gone, without a publishable one it is
    withheld. Applying it twice with the same input changes nothing the second time.
    """
    if clock.is_base:
        story = story._replace(**set_back(story, clock.now))
    if not copies:
        return _withdraw(story, State.GONE, clock)
    held = story.state is State.WITHHELD  # it may be known by a file that was never out
    fit = [c for c in copies if not is_undated(c, story)]
    best = winner(fit, _incumbent(story, fit, by_path=not held))
    if best is None:
        known_by = _preferred(copies, _incumbent(story, copies))
        is_page = all(c.withheld is Withheld.APART for c in fit)
        state = State.UNDATED if is_page else State.WITHHELD
        story = _withdraw(story._replace(**_known_by(known_by)), state, clock)
        copies = copies if is_page else ()  # what is nowhere may expire unseen
    elif best.only == ():  # it wants no feed: nowhere until its date, and a page then
        story = _withdraw(story._replace(**_known_by(best)), State.SCHEDULED, clock, best.published)
    else:
        story = _follow(story, best, clock)
        # Its own first instant schedules nothing: it was seen, by a clock that is a little ahead (D6).
        if story.published > clock.now and best.published is not None:
            story = _withdraw(story, State.SCHEDULED, clock, story.published)
        else:
            story = _put_out(story, best, clock)
    ahead = {story.due, *(c.expiry for c in copies)}
    return story._replace(due=min((at for at in ahead if at and at > clock.now), default=None))


def in_force(copy: Copy, now: int) -> Copy:
    """Return `copy` as it counts at `now`: one that expired by then, or wants no feed, is withheld.

    What is not due yet is nowhere, whatever feeds it wants (D5, S3).
    """
    if copy.withheld:
        return copy
    if copy.expiry is not None and copy.expiry <= now:
        return copy._replace(withheld=Withheld.UNPUBLISHED)
    is_apart = copy.only == () and (copy.published or 0) <= now
    return copy._replace(withheld=Withheld.APART) if is_apart else copy


def is_undated(copy: Copy, story: Story) -> bool:
    """Say whether a copy is no news as it has no date; a story that was ever out stays (D6)."""
    return copy.undated and not copy.withheld and story.first_out is None


def _incumbent(story: Story, copies: Sequence[Copy], by_path: bool = True) -> str:
    """Return the path of the copy that was published, also after a rename: its bytes tell (I4).

    '' for a story that was never out, where the path does not count: the best copy comes first then.
    """
    if by_path and any(c.path == story.path for c in copies):
        return story.path
    if not by_path and story.first_out is None:
        return ""
    return next((c.path for c in copies if c.content == story.content), story.path)


def _known_by(copy: Copy) -> dict[str, Any]:
    """Return what the story of a copy is known by, so that the next change is one of it (I2)."""
    names = ("explicit", "original_key", "web_key", "link_key", "link", "path", "title")
    return {name: getattr(copy, name) for name in names} | {"date": copy.published}


def _withdraw(story: Story, state: State, clock: Clock, due: int | None = None) -> Story:
    """Take the story out of the feeds; a withdrawal is dated and remembered (X4)."""
    if story.state is not State.OUT:
        return story._replace(state=state, due=due)
    expires = clock.now + TOMBSTONE_SECONDS
    return story._replace(state=state, due=due, withdrawn=clock.now, expires=expires)


def _follow(story: Story, copy: Copy, clock: Clock) -> Story:
    """Take over keys and dates of the winning copy; date a significant change (D3)."""
    (kind, *seen), (kind_now, *seen_now) = story.mark.split("."), copy.mark.split(".")
    edited = story.content != copy.content and kind == kind_now and seen[:1] != seen_now[:1]
    is_told = edited and story.first_out is not None
    # An undated draft is dated when it may come out first, not when its file was begun (D6).
    never_out = story.state in (State.WITHHELD, State.UNDATED) and story.first_out is None
    first_seen = clock.first_seen(copy) if never_out else story.first_seen
    published, adopted = first_seen if copy.published is None else copy.published, story.adopted
    if adopted and adopted.published is not None and copy.published == adopted.date:
        published = adopted.published
    return story._replace(
        **_known_by(copy),
        first_seen=first_seen,
        content=copy.content,
        mark=copy.mark,
        published=published,
        updated=max(story.updated, clock.now) if is_told else story.updated,
        held=None if is_told else story.held,
    )


def _put_out(story: Story, copy: Copy, clock: Clock) -> Story:
    entered = story.published if clock.first_build else clock.now
    declared = copy.updated or 0
    later = declared > clock.now
    counts = not later and declared > (story.held or 0)
    updated = max(story.updated, story.published, declared if counts else 0)
    return story._replace(
        state=State.OUT,
        first_out=entered if story.first_out is None else story.first_out,
        updated=updated,
        held=story.held if updated == story.updated else None,
        due=declared if later else None,
        withdrawn=None,
        expires=None,
    )


def keys_of(known: Copy | Story) -> list[str]:
    """Return every key by which a copy or a story can be found again, most telling first."""
    keys = [f"id:{known.explicit}" if known.explicit else "", known.original_key, known.web_key]
    keys += [known.link_key, f"path:{known.path}"]
    if not known.original_key and not known.web_key:
        date = known.date if isinstance(known, Story) else known.published
        keys += [f"content:{known.content}", f"story:{known.title}:{date}"]
    return [key for key in dict.fromkeys(keys) if key]


def linked_by(story: Story) -> list[str]:
    """Return every key by which links lead to a story: also that of its file, if it has a link."""
    return keys_of(story) + ([source_links.key(story.path)] if story.link else [])


def by_link(stories: Iterable[Story]) -> dict[str, list[Story]]:
    """Return stories by every key by which links lead to them, those that are out first."""
    found = defaultdict[str, list[Story]](list)
    for story in sorted(stories, key=lambda s: (s.state, s.id)):
        for key in linked_by(story):
            found[key].append(story)
    return dict(found)
