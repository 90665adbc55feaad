"""What feeds of digests must tell of, and when: N4, told once more; nothing of feedpub is imported."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Made:
    """A digest that is out: at which instant, of what; `gone` are stories that were withdrawn since."""

    instant: int
    stories: set[int]
    source: Any
    gone: set[int] = field(default_factory=set)


@dataclass
class Digests:
    """The course of one feed of digests: of what entered after `begun`, by its periods so far."""

    made: list[Made] = field(default_factory=list)
    begun: int | None = None
    looked: int = 0

    def settle(
        self,
        asked: Mapping[str, Any],
        zone: str,
        source: Any,
        members: Mapping[int, int],
        out: Collection[int],
        now: int,
    ) -> None:
        """Take note of a build by which these `members` of its source entered that at instants."""
        for digest in self.made:
            digest.gone |= digest.stories - {*out}
        ended = max(at for at in boundaries(asked, zone, now) if at <= now)
        if self.begun is None:
            self.begun = self.looked = ended
        if ended <= self.looked:
            return
        self.looked = ended
        known = {story for digest in self.made for story in digest.stories}
        since = max([self.begun, *(each.instant for each in self.made if each.source != source)])
        fresh = {n for n, at in members.items() if since < at <= ended} - known
        if len(fresh) >= asked.get("minimum", 1):
            self.made.append(Made(ended, fresh, source))

    def set_back(self, now: int) -> None:
        """Take note that what a clock that ran ahead has dated is of the present (D10)."""
        if self.begun is not None:
            self.begun, self.looked = (min(at, now - 1) for at in (self.begun, self.looked))
        for digest in self.made:
            digest.instant = min(digest.instant, now)


def boundaries(asked: Mapping[str, Any], zone: str, now: int) -> Iterator[int]:
    """Yield the instants at which periods end, from two months before `now` to two days after."""
    *on, clock = asked["on"].split()
    hour, minute = map(int, clock.split(":"))
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    for day in (today + timedelta(n) for n in range(-64, 3)):
        last = (day + timedelta(1)).day == 1
        names = {str(day.day), _DAYS[day.weekday()]}  # a month may lack the day
        late = asked["every"] == "month" and last and day.day < int(on[0])
        if late or not on or not names.isdisjoint(on):
            local = datetime.combine(day, time(hour, minute))
            while not (at := _instants(local, zone)):
                local += timedelta(minutes=1)
            yield min(at)


def _instants(local: datetime, zone: str) -> list[int]:
    """Return the instants at which clocks in a zone show a time: none, one or two."""
    near = local.replace(tzinfo=UTC)
    offsets = {
        (near + timedelta(days)).astimezone(ZoneInfo(zone)).utcoffset() for days in (-2, 0, 2)
    }
    found = ((near - offset) for offset in offsets if offset is not None)
    return [
        int(at.timestamp())
        for at in found
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    ]


def some_digest(rng: Random, sources: list[str]) -> dict[str, Any]:
    """Return the group `digest` of a feed."""
    every = rng.choice(["day", "day", "week", "month"])
    clock = rng.choice(["07:00", "00:00", "02:30", "02:15", "23:59"])
    on = {"day": "", "week": f"{rng.choice(_DAYS)} ", "month": f"{rng.choice([1, 15, 31])} "}
    found: dict[str, Any] = {"every": every, "on": on[every] + clock}
    found |= {"minimum": rng.choice([2, 3])} if rng.random() < 0.4 else {}
    found |= {"of": rng.choice(sources)} if rng.random() < 0.7 else {}
    return found
