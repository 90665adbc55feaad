"""Id change: what subscribers have already seen keeps its id, also where the state was lost (I1).

With its ledger a site never gives an item another id. Without it ids are made anew: the same ones,
unless the domain in them is another one now. Then the feeds in out/ are what still knows the ids
that readers have, so they are compared before they are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from feedpub.core.feeds import Feed
from feedpub.core.stories import State, Story
from feedpub.core.urls import identity
from feedpub.formats import FORMATS, opening
from feedpub.publish.ports import Catalogue, Target
from feedpub.publish.settings import Settings

MOST_CHANGED = 0.05
"""The part of the published items whose ids may change without a person's word."""


class IdChange(NamedTuple):
    """How many items are out that the feeds in out/ have too, and which of them get another id.

    `changed` gives the id that readers have by the one that they would get.
    """

    known: int = 0
    changed: Mapping[str, str] = MappingProxyType({})

    @property
    def is_broken(self) -> bool:
        """Whether so many ids change that readers would show the site as new."""
        return len(self.changed) > MOST_CHANGED * self.known

    def refusal(self) -> str:
        """Return what to tell the operator when it is broken: why, and what to do."""
        texts = {re.match("tag:([^,]+),([^:]+):item/", old) for old in self.changed.values()}
        minted = {found.groups() for found in texts if found}
        advice = ""
        if len(minted) == 1:
            [(domain, date)] = minted
            advice = f", or set site.id_domain: {domain} and site.id_date: {date} as it was"
        return (
            f"{len(self.changed)} of {self.known} published items would get another id, and readers"
            " would show them as new: the state is new, and the feeds in output.root have other ids."
            f" Bring back state.root or state.ledger{advice}. If it must be: --accept-id-change."
            " Nothing was changed"
        )


def changed_ids(
    catalogue: Catalogue, target: Target, settings: Settings, feeds: Iterable[Feed]
) -> IdChange:
    """Compare the ids that the catalogue now has with those in out/, of which nothing is recorded.

    `feeds` are those that have documents. An item is known again by its link.
    """
    old = _in_documents(target, settings, feeds)
    stories = catalogue.stories.with_keys(old) if old else {}
    out = [s for s in stories.values() if s.state is State.OUT and _key(s) in old]
    changed = {story.id: old[_key(story)] for story in out if story.id != old[_key(story)]}
    return IdChange(len(out), changed)


def _key(story: Story) -> str:
    """Return the key of the link that a story is published with."""
    return story.web_key or story.original_key or story.link_key


def _in_documents(target: Target, settings: Settings, feeds: Iterable[Feed]) -> dict[str, str]:
    """Return the id of every item in the documents of `feeds` by the key of its link."""
    found: dict[str, str] = {}
    for feed in feeds:
        for name, file in settings.files.items():
            data = target.read(feed.folder + file)
            if data is None or FORMATS[name].sign not in opening(data):
                continue
            ids = FORMATS[name].published_ids(data)
            found |= {identity(link): own for link, own in ids.items() if own}
            break  # the other formats say the same
    found.pop("", None)
    return found
