"""Confirm: what a rescan does only when told to, and what it judges by (X5, D3, D10, I1)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from feedpub.catalogue.content_tables import Status
from feedpub.core import safeguards
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import Feed
from feedpub.core.problems import Refused, WrongClock, problem
from feedpub.core.safeguards import DAY, HOUR, Moment
from feedpub.core.stories import Clock, State
from feedpub.core.urls import identity
from feedpub.formats import FORMATS, opening
from feedpub.publish.report import plural, printable
from feedpub.publish.scan import last_run
from feedpub.publish.settings import Run
from feedpub.publish.settle import Change, Settled, Settlement, settle

if TYPE_CHECKING:
    from pathlib import Path

LATELY = "lately"
"""The fact that holds what the rescans of a day came to, as JSON."""

MISSING = "missing since"
"""The fact since when files are missing that are not believed to be gone; "" when none is."""

_NAMED = 5


class Confirmation:
    """Judges what a rescan would do by what those of the last day came to.

    While files are missing, since a day before that: no loss is believed because it is long ago.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._stories, facts = run, run.catalogue.stories, run.catalogue.facts()
        if told := facts.get(LATELY):
            history = tuple(Moment(*row) for row in json.loads(told))
        else:
            history = safeguards.from_ledger(self._stories.all().values(), run.now)
        self._missing = facts.get(MISSING) or str(run.now)
        since = min(run.now, int(self._missing)) - DAY
        self._history = safeguards.after(history, since, run.now)
        self._most = max(safeguards.most_out(self._history), self._out())

    def _out(self) -> int:
        """Return how many items are out, but for what only a text ledger tells of."""
        return self._run.catalogue.files.status_counts().get(Status.PUBLISHED, 0)

    def confirmed(self, change: Change, clock: Clock, refusal: str) -> tuple[Change, Settlement]:
        """Settle, but let many items go at once only when told to (X5); return what was confirmed.

        `refusal` says why nothing may change. Raises `Refused` with that, when dates or the clock
        would put most items off (D10), and when so much is missing that nothing may be concluded,
        and nothing known can be kept.
        """
        run, settlement = self._run, settle(self._run, change, clock)
        if refusal and any(s.new != s.old for s in settlement.stories):
            raise WrongClock(refusal)
        withdrawn = [s for s in settlement.stories if s.was_withdrawn]
        later = {s.number for s in withdrawn if s.new.state is State.SCHEDULED}
        if safeguards.is_many(len(later), self._most) and not run.options.accept_clock:
            if not run.options.takedowns_only:
                raise Refused(self._put_off(len(later)))
            change = _without(later, change, settlement)
            settlement = settle(run, change, clock)
        gone = [s for s in settlement.stories if s.new.state is State.GONE]
        lost = {s.number: s.old.state for s in gone if s.old and s.old.state is not State.GONE}
        text = "" if run.options.accept_removals else self._vanished(lost.values())
        if not text:
            return change, settlement
        if not run.catalogue.files.of_stories(lost):
            waiting = _paths(s for s in withdrawn if s.number not in lost)
            told = f"; takedowns wait for it, too (first: {waiting[0]})" if waiting else ""
            raise Refused(f"{text}. Nothing was changed{told}")
        run.report.held = len(lost)
        run.report.problems.append(problem("./", "files-missing", f"{text}. They stay out"))
        change = _without(lost, change, settlement)
        return change, settle(run, change, clock)

    def _put_off(self, count: int) -> str:
        now, last = rfc3339(self._run.now), rfc3339(last_run(self._run.catalogue))
        return (
            f"{count} of {self._most} items that are out would be scheduled: they are dated after"
            f" {now}, which the clock says; the last build was at {last}. {safeguards.ADVICE}"
        )

    def _vanished(self, lost: Collection[State]) -> str:
        """Say that too many stories lost their files, which were in these states; '' if not."""
        states = (state for state in State if state is not State.GONE)
        known = len(self._stories.in_states(*states)) if lost else 0
        in_all = safeguards.lost(self._history) + sum(state is State.OUT for state in lost)
        if safeguards.is_many(len(lost), known):
            text = f"{len(lost)} of {known} known items vanished at once"
        elif lost and safeguards.is_many(in_all, self._most):
            text = f"{in_all} of {self._most} items vanished within a day, {len(lost)} of them now"
        else:
            return ""
        return (
            f"{text}. Is content.root the right folder, whole, and mounted, and the state of no other"
            " site? If they are really gone: feedpub build --accept-removals"
        )

    def announced(self, settlement: Settlement) -> Settlement:
        """Hold updates that are many at once, or announce what is held if that is asked (D3)."""
        run, now, stories = self._run, self._run.now, settlement.stories
        if run.options.announce_updates:
            told = [s._replace(new=safeguards.announced(s.new, now)) for s in stories]
            told = [s._replace(stale=s.stale or s.was_updated) for s in told]
            return settlement._replace(stories=told)
        fresh = [s for s in stories if s.was_updated]
        lately = safeguards.after(self._history, now - HOUR, now)
        count = len(fresh) + sum(moment.updated for moment in lately)
        if not fresh or not safeguards.is_many(count, self._most, one_in=20):
            return settlement
        text = (
            f"{len(fresh)} of {self._most} items are updated at once: what they say now is out, but no"
            " reader is told. To tell them, within 14 days: feedpub build --announce-updates"
        )
        run.report.problems.append(problem("./", "updates-held", text))
        held = {s.number: safeguards.held_back(s.old, s.new, now) for s in fresh if s.old}
        told = [s._replace(new=held.get(s.number, s.new)) for s in stories]
        return settlement._replace(stories=told)

    def remember(self, settlement: Settlement, *, everything: bool) -> None:
        """Note what a rescan came to, which is recorded already, and tell of what it withdrew.

        `everything` says that files were read whose bytes are as they were.
        """
        run, stories = self._run, settlement.stories
        left, now_out = self._out(), sum(s.new.state is State.OUT for s in stories)
        before = left - now_out + sum(s.was_out for s in stories)
        self._tell(settlement, before, everything=everything)
        updated = 0 if run.options.announce_updates else sum(s.was_updated for s in stories)
        gone = sum(s.was_out and s.new.state is State.GONE for s in stories)
        back = (s.old for s in stories if s.old and s.new.state is not State.GONE)
        lately = (s.withdrawn or 0 for s in back if s.state is State.GONE)
        gone -= sum(withdrawn > run.now - DAY for withdrawn in lately)
        moment = Moment(run.now, max(before, left), updated, gone)
        found = safeguards.extended(self._history, moment, left)
        run.catalogue.set_fact(LATELY, json.dumps(found, separators=(",", ":")))
        run.catalogue.set_fact(MISSING, self._missing if run.report.held else "")

    def _tell(self, settlement: Settlement, out: int, *, everything: bool) -> None:
        """Name what is withdrawn, and say it first where a flag did that to most of what was out.

        So it is said where no file changed: other rules, or another config, withhold an item now.
        """
        report, now = self._run.report, self._run.now
        withdrawn = [s for s in settlement.stories if s.was_withdrawn]
        report.withdrawals = _paths(withdrawn)
        meant = [s for s in withdrawn if s.new.state in (State.WITHHELD, State.UNDATED)]
        why = ""
        if not safeguards.is_many(len(meant), out):
            meant = [s for s in meant if everything and _is_as_it_was(s, now)]
            why = " by other rules or another config"
        if names := _paths(meant):
            verb, more = "is" if len(names) == 1 else "are", ", …" if names[_NAMED:] else ""
            told = f"{len(names)} of {plural(out, 'item')} {verb} withdrawn{why}"
            report.notice = f"{told} (first: {', '.join(names[:_NAMED])}{more})"


def _paths(stories: Iterable[Settled]) -> list[str]:
    return sorted(printable(story.new.path) for story in stories)


def _without(stories: Collection[int], change: Change, settlement: Settlement) -> Change:
    """Return `change` without what it does to these stories: they stay as they are."""
    paths = {c.path for s in settlement.stories if s.number in stories for c in s.copies}
    return change._replace(
        read=[f for f in change.read if f.seen.path not in paths],
        before=[f for f in change.before if f.seen.path not in paths],
        removed=[f for f in change.removed if f.story not in stories],
        due=[number for number in change.due if number not in stories],
    )


def _is_as_it_was(story: Settled, now: int) -> bool:
    """Say whether the file of a story is the one that was out, and its time is not over."""
    content = story.new.content
    return any(c.content == content and (c.expiry or now + 1) > now for c in story.copies)


# ids ---------------------------------------------------------------------------------
#
# With its ledger a site never gives an item another id. Without it ids are made anew: the same
# ones, unless the domain in them is another one now. Then the feeds in out/ are what still knows
# the ids that readers have, so they are compared before they are replaced.

MOST_CHANGED = 0.05
"""The part of the published items whose ids may change without a person's word."""


def changed_ids(run: Run, feeds: Iterable[Feed], *, foreign: bool) -> Collection[str]:
    """Return the items with another id now than in out/, of which nothing is recorded.

    `feeds` are those that have documents; those of others count where `foreign` is true. An item is
    known again by its link. Raises `Refused` where readers would show the site as new; a dry run
    has that in its report.
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
    if len(changed) > MOST_CHANGED * known and not run.options.accept_id_change:
        run.report.refusal = _as_new(changed.values(), known, run.edges.target.root)
        if not run.options.dry_run:
            raise Refused(run.report.refusal)
    return changed


def _as_new(old: Collection[str], known: int, out: Path | str) -> str:
    """Return why readers would show the site as new, and what to do; `old` are the ids they know."""
    texts = {re.match("tag:([^,]+),([^:]+):item/", item_id) for item_id in old}
    minted = {found.groups() for found in texts if found}
    advice = ""
    if len(minted) == 1:
        [(domain, date)] = minted
        advice = f", or set site.id_domain: {domain} and site.id_date: {date} as it was"
    return (
        f"{len(old)} of {known} published items would get another id, and readers would show them"
        " as new: the state is new, and the feeds in output.root have other ids. Bring back"
        f" state.root or state.ledger{advice}, or take those over: feedpub adopt"
        f" {shlex.quote(str(out))}. If it must be: --accept-id-change. Nothing was changed"
    )
