"""Diff: what subscribers of each feed would see of a build, and whether it would be other ids (I1)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.feeds import ALL, Feed, Layout
from feedpub.core.stories import State, Story
from feedpub.core.urls import identity
from feedpub.formats import FORMATS, opening
from feedpub.publish.ports import Catalogue
from feedpub.publish.report import printable
from feedpub.publish.run import Run

if TYPE_CHECKING:
    from pathlib import Path

# for a dry run -----------------------------------------------------------------------


class Difference(NamedTuple):
    """What changes in one feed: numbers of items. `ids` are those of them with another id.

    `folder` is where it is in out/, '' for the feed of everything; `fate` says whether the feed
    itself is `new`, `ends` (what tells of that can be read for a time, T6), is `gone` without a
    word, as the config wants no such feed any more, or `stays`. Of a named feed, `late` are items that
    were out before and come as news, `left` those that are out elsewhere (N2), and `items` the paths of
    those that come or go, by what becomes of them.
    """

    folder: str
    fate: str
    new: int
    updated: int
    withdrawn: int
    unchanged: int
    ids: int
    late: int = 0
    left: int = 0
    items: Mapping[str, list[str]] = {}


class Outlook(NamedTuple):
    """The feeds that have documents, when each item in them was updated, and what is out; all by ids."""

    feeds: Mapping[str, Feed]
    updated: Mapping[str, dict[str, int]]
    stories: Mapping[str, Story]


def published(catalogue: Catalogue) -> dict[int, Feed]:
    """Return the feeds that the last build left in out/, whatever the config says of them now."""
    there = {output.feed for output in catalogue.outputs.all().values()}
    return {number: feed for number, feed in catalogue.feeds.all().items() if number in there}


def outlook(catalogue: Catalogue, standing: Mapping[int, Feed]) -> Outlook:
    """Return what the catalogue has in the feeds that have documents, as it is now."""
    stories = catalogue.stories.get(catalogue.stories.in_states(State.OUT))
    updated: dict[str, dict[str, int]] = {feed.id: {} for feed in standing.values()}
    for number, feeds in catalogue.feeds.memberships(stories).items():
        story = stories[number]
        for within in standing.keys() & feeds:
            updated[standing[within].id][story.id] = story.updated
    for number, feed in standing.items():
        if feed.begun:  # its entries are digests
            updated[feed.id] = {d.id: d.instant for d in catalogue.feeds.digests(number)}
    out = {story.id: story for story in stories.values()}
    return Outlook({feed.id: feed for feed in standing.values()}, updated, out)


def differences(
    before: Outlook, after: Outlook, changed: Collection[str], layout: Layout
) -> list[Difference]:
    """Return what every feed before or after would show, that of everything first, then by folder.

    A feed that goes on under another name is the same one (T6). `changed` are the items that get
    another id.
    """
    both = (*before.feeds.values(), *after.feeds.values())
    feeds = {feed.id: feed for feed in both if feed.ended is None}
    found = ((layout.folder(feed), feed) for feed in feeds.values())
    ordered = sorted(found, key=lambda each: (each[1].kind != ALL, each[0]))
    return [_difference(*each, before, after, changed) for each in ordered]


def _difference(
    folder: str, feed: Feed, before: Outlook, after: Outlook, changed: Collection[str]
) -> Difference:
    old, new = before.updated.get(feed.id, {}), after.updated.get(feed.id, {})
    both, key = old.keys() & new.keys(), "" if feed.begun else feed.name.named
    moved = sum(old[item] != new[item] for item in both)
    first, last = before.feeds.get(feed.id), after.feeds.get(feed.id)
    if last is None or last.ended is not None:
        fate = "ends" if last else "gone"
    else:
        fate = "stays" if first and first.ended is None else "new"
    told: dict[str, list[str]] = {"new": [], "late": [], "left": [], "withdrawn": []}
    for item in old.keys() ^ new.keys():
        story = after.stories.get(item) or before.stories.get(item)  # none: a digest
        word = "late" if story and story.entered_in(key) > story.entered else "new"
        if item in old:
            word = "left" if key and item in after.stories else "withdrawn"
        told[word].append(printable(story.path if story else item))
    listed = told if key and fate in ("stays", "new") else {}
    return Difference(
        folder=folder,
        fate=fate,
        updated=moved,
        unchanged=len(both) - moved,
        ids=len(new.keys() & changed),
        **{word: len(paths) for word, paths in told.items()},
        items={word: sorted(paths) for word, paths in listed.items() if paths},
    )


# ids ---------------------------------------------------------------------------------
#
# With its ledger a site never gives an item another id. Without it ids are made anew: the same
# ones, unless the domain in them is another one now. Then the feeds in out/ are what still knows
# the ids that readers have, so they are compared before they are replaced.

MOST_CHANGED = 0.05
"""The part of the published items whose ids may change without a person's word."""


class IdChange(NamedTuple):
    """How many items are out that the feeds in out/ have too, and which of them get another id.

    `changed` gives the id that readers have by the one that they would get.
    """

    known: int
    changed: Mapping[str, str]

    def refusal(self, out: Path | str) -> str:
        """Return why readers would show the site as new, and what to do; '' where they would not."""
        if len(self.changed) <= MOST_CHANGED * self.known:
            return ""
        texts = {re.match("tag:([^,]+),([^:]+):item/", old) for old in self.changed.values()}
        minted = {found.groups() for found in texts if found}
        advice = ""
        if len(minted) == 1:
            [(domain, date)] = minted
            advice = f", or set site.id_domain: {domain} and site.id_date: {date} as it was"
        return (
            f"{len(self.changed)} of {self.known} published items would get another id, and readers"
            " would show them as new: the state is new, and the feeds in output.root have other ids."
            f" Bring back state.root or state.ledger{advice}, or take those over:"
            f" feedpub adopt {shlex.quote(str(out))}. If it must be: --accept-id-change."
            " Nothing was changed"
        )


def changed_ids(run: Run, feeds: Iterable[Feed], *, foreign: bool) -> IdChange:
    """Compare the ids that the catalogue now has with those in out/, of which nothing is recorded.

    `feeds` are those that have documents; those of others count where `foreign` is true. An item is
    known again by its link.
    """
    old: dict[tuple[str, str], str] = {}
    for name, path in (row for f in feeds for row in run.settings.layout.documents(f).items()):
        data = run.edges.target.read(path)
        if data and (foreign or FORMATS[name].sign in opening(data)):
            from feedpub.formats.reading import read_feed  # only where there is something to read

            with suppress(ValueError):  # what somebody changed tells nothing
                old |= {(name, identity(e.link)): e.id for e in read_feed(data).entries if e.link}
    known, changed = 0, dict[str, str]()
    stories = run.catalogue.stories.with_keys(key for _, key in old).values() if old else ()
    adopted = {name for story in stories for name, _ in story.ids}  # then what is new there is ours
    for story in stories:
        key = story.web_key or story.original_key or story.link_key
        there = {n: old[n, key] for n in FORMATS if (n, key) in old and n not in adopted}
        if there and story.state is State.OUT:
            known += 1
            others = [own for name, own in there.items() if own != story.id_in(name)]
            if others:
                changed[story.id] = others[0]
    return IdChange(known, changed)
