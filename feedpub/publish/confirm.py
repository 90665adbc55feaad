"""Confirm: what a rescan does only when told to, and what it remembers to judge by (X5, D3, D10)."""

from __future__ import annotations

import json

from feedpub.core import safeguards
from feedpub.core.dates import rfc3339
from feedpub.core.problems import Refused, WrongClock, problem
from feedpub.core.safeguards import DAY, HOUR, History, Moment
from feedpub.core.stories import Clock, State
from feedpub.publish.ports import Status
from feedpub.publish.report import plural, printable
from feedpub.publish.run import Run
from feedpub.publish.scan import last_run
from feedpub.publish.settle import Change, Settled, Settlement, settle

LATELY = "lately"
"""The fact that holds what the rescans of a day came to, as JSON."""

_NAMED = 5

MISSING = "missing since"
"""The fact since when files are missing that are not believed to be gone; "" when none is."""


def lately(run: Run) -> History:
    """Return what the rescans of the last day came to.

    While files are missing, since a day before that: no loss is believed because it is long ago.
    """
    facts = run.catalogue.facts()
    told = facts.get(LATELY)
    if told is None:
        history = safeguards.from_ledger(run.catalogue.stories.all().values(), run.now)
    else:
        history = tuple(Moment(*row) for row in json.loads(told))
    return safeguards.after(
        history, min(run.now, int(facts.get(MISSING) or run.now)) - DAY, run.now
    )


def confirmed(
    run: Run, change: Change, history: History, clock: Clock, refusal: str
) -> tuple[Change, Settlement]:
    """Settle, but let many items go at once only when told to (X5); return what was confirmed.

    `history` is what the last rescans came to, `refusal` why nothing may change. Raises `Refused`
    with that, when the clock would take most items out (D10), and when so much is missing that
    nothing may be concluded, and nothing known can be kept.
    """
    settlement = settle(run, change, clock)
    if refusal and any(s.new != s.old for s in settlement.stories):
        raise WrongClock(refusal)
    if not run.options.accept_clock:
        _check_clock(run, history, settlement)
    gone = [s for s in settlement.stories if s.new.state is State.GONE]
    lost = {s.number: s.old.state for s in gone if s.old and s.old.state is not State.GONE}
    if run.options.accept_removals or not lost:
        return change, settlement
    states = State.OUT, State.SCHEDULED, State.WITHHELD, State.UNDATED
    known = len(run.catalogue.stories.in_states(*states))
    in_all = safeguards.lost(history) + sum(state is State.OUT for state in lost.values())
    most = _most(run, history)
    if safeguards.is_many(len(lost), known):
        text = f"{len(lost)} of {known} known items vanished at once"
    elif safeguards.is_many(in_all, most):
        text = f"{in_all} of {most} items vanished within a day, {len(lost)} of them now"
    else:
        return change, settlement
    text += (
        ". Is content.root the right folder, whole, and mounted? If they are really gone:"
        " feedpub build --accept-removals"
    )
    if not run.catalogue.files.of_stories(lost):
        raise Refused(f"{text}. Nothing was changed")
    run.report.held = len(lost)
    run.report.problems.append(problem("./", "files-missing", f"{text}. They stay out"))
    kept = [f for f in change.removed if f.story not in lost]
    change = change._replace(removed=kept, due=[n for n in change.due if n not in lost])
    return change, settle(run, change, clock)


def announced(run: Run, settlement: Settlement, history: History) -> Settlement:
    """Hold updates that are many at once, or announce what is held if that is asked (D3)."""
    now, fresh = run.now, sum(s.was_updated for s in settlement.stories)
    if run.options.announce_updates:
        told = [s._replace(new=safeguards.announced(s.new, now)) for s in settlement.stories]
        return settlement._replace(
            stories=[s._replace(stale=s.stale or s.was_updated) for s in told]
        )
    count = fresh + safeguards.updates(safeguards.after(history, now - HOUR, now))
    if not fresh or not safeguards.is_bulk(count, most := _most(run, history)):
        return settlement
    text = (
        f"{fresh} of {most} items are updated at once: what they say now is out, but no reader is"
        " told. To tell them, within 14 days: feedpub build --announce-updates"
    )
    run.report.problems.append(problem("./", "updates-held", text))
    return settlement._replace(
        stories=[
            s._replace(new=safeguards.held_back(s.old, s.new, now))
            if s.old and s.was_updated
            else s
            for s in settlement.stories
        ]
    )


def _check_clock(run: Run, history: History, settlement: Settlement) -> None:
    """Refuse to put off most of what is out (D10)."""
    count = sum(s.was_withdrawn and s.new.state is State.SCHEDULED for s in settlement.stories)
    if count and safeguards.is_many(count, most := _most(run, history)):
        now, last = rfc3339(run.now), rfc3339(last_run(run.catalogue))
        raise Refused(
            f"{count} of {most} items that are out would be scheduled: they are dated after {now},"
            f" which the clock says; the last build was at {last}. {safeguards.ADVICE}"
        )


def _most(run: Run, history: History) -> int:
    """Return the most stories that were out within a day."""
    return max(safeguards.most_out(history), len(run.catalogue.stories.in_states(State.OUT)))


def remember(run: Run, history: History, settlement: Settlement, *, everything: bool) -> None:
    """Note what a rescan came to, which is recorded already, and tell of what it withdrew.

    `everything` says that files were read whose bytes are as they were.
    """
    catalogue, stories = run.catalogue, settlement.stories
    left = catalogue.files.status_counts().get(Status.PUBLISHED, 0)
    before = left + sum(s.was_withdrawn for s in stories) - sum(s.came_out for s in stories)
    _tell(run, settlement, before, everything=everything)
    known = [(s.old, s.new) for s in stories if s.old]
    updated = 0 if run.options.announce_updates else sum(s.was_updated for s in stories)
    gone = sum(o.state is State.OUT and n.state is State.GONE for o, n in known)
    lately_gone = (o for o, n in known if o.state is State.GONE and n.state is not State.GONE)
    gone -= sum((o.withdrawn or 0) > run.now - DAY for o in lately_gone)
    found = safeguards.extended(history, Moment(run.now, max(before, left), updated, gone), left)
    catalogue.set_fact(LATELY, json.dumps(found, separators=(",", ":")))
    since = catalogue.facts().get(MISSING) or str(run.now)
    catalogue.set_fact(MISSING, since if run.report.held else "")


def _tell(run: Run, settlement: Settlement, out: int, *, everything: bool) -> None:
    """Name what was withdrawn, and say it first where a flag did that to most of what was out.

    So it is said where no file changed: other rules, or another config, withhold an item now.
    """
    withdrawn = {printable(s.new.path): s for s in settlement.stories if s.was_withdrawn}
    run.report.withdrawals = sorted(withdrawn)
    states, why = (State.WITHHELD, State.UNDATED), ""
    names = [path for path in sorted(withdrawn) if withdrawn[path].new.state in states]
    if not safeguards.is_many(len(names), out):
        names = [path for path in names if everything and _is_as_it_was(withdrawn[path], run.now)]
        why = " by other rules or another config"
    if names:
        verb, more = "is" if len(names) == 1 else "are", ", …" if names[_NAMED:] else ""
        told = f"{len(names)} of {plural(out, 'item')} {verb} withdrawn{why}"
        run.report.notice = f"{told} (first: {', '.join(names[:_NAMED])}{more})"


def _is_as_it_was(story: Settled, now: int) -> bool:
    """Say whether the file of a story is the one that was out, and its time is not over."""
    content = story.new.content
    return any(c.content == content and (c.expiry or now + 1) > now for c in story.copies)
