"""Hubs (WebSub): when documents name one (W1), and of what it is to be told (W2).

There are readers that ask a feed which names a hub only once a day: so one is named while it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from feedpub.core.model import FeedWindow
from feedpub.core.stories import digest

REST, PATIENCE = 86_400, 3 * 86_400
"""Seconds between two changes of whether a hub is named, and that one which is may not answer."""


class Hub(NamedTuple):
    """A hub as the ledger keeps it, with what it was `told` of feeds by name, a hash each.

    `changed` is when it was last named or dropped, 0 if never; `failing` since when it did not
    answer with success, 0 while it does.
    """

    url: str
    is_named: bool = False
    changed: int = 0
    failing: int = 0
    told: dict[str, str] = {}  # noqa: RUF012 - nothing changes it

    @property
    def host(self) -> str:
        """What messages call it: the rest of its address may be a secret."""
        return urlsplit(self.url).netloc

    def answered(self, error: str, now: int, *, is_safe: bool) -> Hub:
        """Return it after an answer, a success where `error` is ''; it is named where that `is_safe`."""
        # Of an instant to come, as a clock ran ahead, nothing is known.
        failing = min(self.failing or now, now) if error else 0
        is_named = is_safe and (not error or (self.is_named and now - failing < PATIENCE))
        if is_named != self.is_named and not 0 <= now - self.changed < REST:
            return self._replace(is_named=is_named, changed=now, failing=failing)
        return self._replace(failing=failing)


def named(urls: Iterable[str], known: Mapping[str, Hub]) -> tuple[str, ...]:
    """Return which of the hubs of the config documents name."""
    return tuple(url for url in urls if url in known and known[url].is_named)


def news_of(window: FeedWindow, *, scores: bool) -> str:
    """Return a hash of what a window shows; which hubs, and scores that nobody sees, are no news."""
    if not scores:
        shown = (entry._replace(quality=0, heat=0) for entry in window.entries)
        window = window._replace(entries=tuple(shown))
    return digest(repr(window._replace(hubs=())), 6)
