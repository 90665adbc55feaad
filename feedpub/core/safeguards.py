"""Safeguards: what a rescan does not do without a person's word (X5, D3, D10).

What is many at once is measured against the most that were out within a day, in however many
rescans it happened: a disk that goes away piece by piece is gone as well.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from feedpub.core.dates import rfc3339
from feedpub.core.stories import State, Story

DAY, HOUR, _MINUTE = 86_400, 3_600, 60

ADVICE = (
    "Set right the clock, SOURCE_DATE_EPOCH or the dates. If all are right: feedpub build"
    " --accept-clock. Nothing was changed"
)

MOST = 10
"""So many may always go, or be updated, at once."""

HELD_SECONDS = 14 * DAY
"""How long updates that are held can be announced."""


class Moment(NamedTuple):
    """What the rescans of one minute came to, in numbers of stories.

    `out` is the most that were out before or after one of them, `updated` how many were told as
    updated (D3), `gone` how many that were out lost their files, less those that came back.
    """

    instant: int
    out: int
    updated: int = 0
    gone: int = 0


History = tuple[Moment, ...]
"""The moments of a day in which something changed, the oldest first."""


def is_many(count: int, of: int, one_in: int = 2) -> bool:
    """Say whether `count` is more of what there is than anybody believes without a word."""
    return count > MOST and count * one_in > of


def behind(now: int, last: int) -> str:
    """Return why a run at `now` is refused after one at the instant `last`; '' where it is not."""
    if now >= last - DAY:
        return ""
    return f"the clock says {rfc3339(now)}, but the last build was at {rfc3339(last)}. {ADVICE}"


def after(history: History, since: int, now: int) -> History:
    """Return the moments after `since`; one in the future, by a wrong clock, is of `now`."""
    known = (moment._replace(instant=min(moment.instant, now)) for moment in history)
    return tuple(moment for moment in known if moment.instant > since)


def most_out(history: History) -> int:
    """Return the most stories that were out."""
    return max((moment.out for moment in history), default=0)


def lost(history: History) -> int:
    """Return how many stories that were out have lost their files."""
    return max(0, sum(moment.gone for moment in history))


def held_back(old: Story, new: Story, now: int) -> Story:
    """Return a story that says what is new in it, but not that it was updated (D3)."""
    return new._replace(updated=max(old.updated, new.published), held=now)


def announced(story: Story, now: int) -> Story:
    """Return a story updated now whose update is held, not for too long; another as it is."""
    if story.state is not State.OUT or story.held is None or now - story.held > HELD_SECONDS:
        return story
    return story._replace(updated=max(story.updated, now), held=None)


def extended(history: History, moment: Moment, left: int) -> History:
    """Return the history with one moment more, after which `left` stories were out.

    Where more is lost than is believed without a word, a person accepted it: what is left is the
    base of what comes.
    """
    if history and history[-1].instant // _MINUTE == moment.instant // _MINUTE:
        *before, last = history
        out, updated = max(moment.out, last.out), moment.updated + last.updated
        moment = Moment(moment.instant, out, updated, moment.gone + last.gone)
        history = tuple(before)
    history = (*history, moment)
    if is_many(lost(history), most_out(history)):
        return tuple(each._replace(out=min(each.out, left), gone=0) for each in history)
    return history


def from_ledger(stories: Collection[Story], now: int) -> History:
    """Return the history that a ledger tells, where nothing else is known of it."""
    left = [s for s in stories if (s.withdrawn or 0) > now - DAY]
    gone = sum(s.state is State.GONE for s in left)
    out = sum(s.state is State.OUT for s in stories)
    updated = sum(s.updated > max(s.published, s.first_out or 0, now - HOUR) for s in stories)
    return extended((), Moment(now, out + len(left), updated, gone), out)
