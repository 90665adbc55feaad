"""The ledger's rules, as pure functions: D3-D6, F6, I4, X4, X6."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from feedpub.core import source_links
from feedpub.core.matching import copy_of, mark
from feedpub.core.model import Item, Term, Withheld
from feedpub.core.stories import (
    TOMBSTONE_SECONDS,
    Clock,
    Copy,
    State,
    Story,
    advance,
    begin,
    keys_of,
    linked_by,
    united_topics,
    winner,
)

DAY = 86_400
NOW = 1_700_000_000
FIRST, LATER = Clock(NOW, first_build=True), Clock(NOW, first_build=False)


def item(**given: object) -> Item:
    base = {
        "path": "a.md",
        "explicit": "",
        "original_key": "https://e.org/a",
        "web_key": "https://e.org/a",
        "title": "T",
        "excerpt": "E",
        "link": "https://e.org/a",
        "published": NOW - DAY,
    }
    return Item(**{**base, **given})  # type: ignore[arg-type]  # a test's shorthand


def copy(content: str = "c1", **given: object) -> Copy:
    return copy_of(item(**given), content)


def started(one: Copy, clock: Clock = LATER) -> Story:
    return advance(begin(one, "tag:x", clock), [one], clock)


def test_f6_on_the_first_build_an_item_entered_when_it_was_published() -> None:
    story = started(copy(), FIRST)
    assert (story.state, story.first_out, story.entered) == (State.OUT, NOW - DAY, NOW - DAY)


def test_f6_an_item_that_comes_later_entered_now_and_keeps_its_date() -> None:
    story = started(copy(), LATER)
    assert (story.published, story.first_out, story.entered) == (NOW - DAY, NOW, NOW)


def test_d3_a_significant_change_of_changed_bytes_moves_updated_to_now() -> None:
    before = started(copy())
    later = Clock(NOW + 500, first_build=False)
    after = advance(before, [copy("c2", title="New")], later)
    assert (before.updated, after.updated) == (NOW - DAY, NOW + 500)


@pytest.mark.parametrize(
    "changed",
    [
        copy("c2", heat=9),
        copy("c2", quality=9),
        copy("c2", topics=(Term("x", "X"),)),
        copy("c2", path="b.md"),
        copy("c1", title="New"),  # the reader was upgraded: the bytes are what they were
    ],
)
def test_d3_other_changes_do_not_move_updated(changed: Copy) -> None:
    before = started(copy())
    after = advance(before, [changed], Clock(NOW + 500, first_build=False))
    assert after.updated == before.updated


def test_d3_marks_of_another_version_are_not_compared() -> None:
    before = started(copy())._replace(mark="0.feed")
    assert advance(before, [copy("c2", title="New")], LATER).updated == before.updated


def test_d3_a_declared_update_counts_when_it_is_not_in_the_future() -> None:
    assert started(copy(updated=NOW - 5)).updated == NOW - 5
    future = started(copy(updated=NOW + 5))
    assert (future.updated, future.due) == (NOW - DAY, NOW + 5)
    then = advance(future, [copy(updated=NOW + 5)], Clock(NOW + 5, first_build=False))
    assert (then.updated, then.due) == (NOW + 5, None)


def test_d4_updated_never_decreases() -> None:
    before = started(copy(updated=NOW - 5))
    assert advance(before, [copy("c2", updated=NOW - 500)], LATER).updated == NOW - 5


def test_d5_an_item_dated_in_the_future_waits_for_its_instant() -> None:
    one = copy(published=NOW + DAY)
    waiting = started(one)
    assert (waiting.state, waiting.due, waiting.first_out) == (State.SCHEDULED, NOW + DAY, None)
    out = advance(waiting, [one], Clock(NOW + DAY, first_build=False))
    assert (out.state, out.first_out, out.updated) == (State.OUT, NOW + DAY, NOW + DAY)


def test_d4_a_date_in_the_far_future_by_mistake_leaves_no_trace_in_updated() -> None:
    waiting = started(copy(published=NOW + 1000 * DAY))
    assert advance(waiting, [copy("c2")], LATER).updated <= NOW


def test_d6_without_a_date_the_instant_it_was_first_seen_is_kept() -> None:
    undated = copy(published=None)
    story = started(undated)
    again = advance(story, [undated], Clock(NOW + DAY, first_build=False))
    assert story.published == again.published == NOW


def test_d6_an_undated_draft_is_dated_when_it_comes_out_first() -> None:
    draft = copy(published=None, withheld=Withheld.UNPUBLISHED)
    story = started(draft)
    out = advance(story, [copy("c2", published=None)], Clock(NOW + DAY, first_build=False))
    assert out.published == NOW + DAY


def test_i4_best_quality_then_oldest_then_path_wins() -> None:
    copies = [copy(path="b.md"), copy(path="a.md"), copy(path="z.md", published=NOW - 9 * DAY)]
    best = winner(copies, "")
    assert best is not None
    assert best.path == "z.md"
    better = winner([*copies, copy(path="q.md", quality=5)], "")
    assert better is not None
    assert better.path == "q.md"


def test_i4_the_winner_stays_while_it_stands() -> None:
    stands = winner([copy(path="a.md"), copy(path="q.md", quality=5)], "a.md")
    assert stands is not None
    assert stands.path == "a.md"


def test_i4_the_winner_stays_when_its_file_is_renamed() -> None:
    one, better = copy("c1", path="a.md"), copy("c2", path="q.md", title="Other", quality=5)
    before = started(one)
    renamed = advance(before, [one._replace(path="z.md"), better], Clock(NOW + 5, False))
    assert (renamed.path, renamed.updated) == ("z.md", before.updated)


def test_i4_a_story_that_was_withheld_shows_the_file_again_that_was_out() -> None:
    one, better = copy("c1", path="a.md"), copy("c2", path="q.md", title="Other", quality=5)
    before = started(one)
    withheld = advance(before, [better._replace(withheld=Withheld.REMOVED)], LATER)
    assert withheld.path == "q.md"
    back = advance(withheld, [one, better], Clock(NOW + 5, False))
    assert (back.path, back.updated) == ("a.md", before.updated)


def test_i4_of_drafts_that_come_out_at_once_the_best_is_shown() -> None:
    first = started(copy(withheld=Withheld.UNPUBLISHED))
    better = copy("c2", path="b.md", quality=20, withheld=Withheld.UNPUBLISHED)
    both = advance(first, [better, copy(withheld=Withheld.UNPUBLISHED)], LATER)
    out = advance(both, [copy("c3"), copy("c4", path="b.md", quality=20)], LATER)
    assert (out.state, out.path) == (State.OUT, "b.md")


def test_i4_of_what_was_only_announced_and_then_withheld_the_best_is_shown() -> None:
    announced = copy(published=NOW + DAY)
    better = copy("c2", path="b.md", quality=20, withheld=Withheld.UNPUBLISHED)
    withheld = announced._replace(withheld=Withheld.UNPUBLISHED)
    both = advance(started(announced), [better, withheld], LATER)
    out = advance(
        both, [announced, better._replace(withheld=Withheld.NO)], Clock(NOW + 2 * DAY, False)
    )
    assert (out.state, out.path) == (State.OUT, "b.md")


def test_i4_removed_on_any_copy_withholds_the_story() -> None:
    story = started(copy())
    gone = advance(story, [copy(), copy(path="b.md", withheld=Withheld.REMOVED)], LATER)
    assert (gone.state, gone.withdrawn) == (State.WITHHELD, NOW)


def test_i4_a_draft_copy_does_not_withhold_the_story() -> None:
    draft = copy(path="b.md", withheld=Withheld.UNPUBLISHED, topics=(Term("s", "S"),))
    one = copy(topics=(Term("a", "A"),))
    assert advance(started(one), [one, draft], LATER).state is State.OUT
    assert united_topics([one, draft], one) == (Term("a", "A"),)


def test_i4_topics_are_united_those_of_the_winner_first() -> None:
    one = copy(topics=(Term("b", "B"), Term("a", "A")))
    other = copy(path="b.md", topics=(Term("a", "a"), Term("c", "C")))
    assert [t.label for t in united_topics([other, one], one)] == ["B", "A", "C"]


def test_x4_a_withdrawal_is_dated_and_expires() -> None:
    story = started(copy())
    gone = advance(story, [], Clock(NOW + 9, first_build=False))
    assert (gone.state, gone.withdrawn) == (State.GONE, NOW + 9)
    assert gone.expires == NOW + 9 + TOMBSTONE_SECONDS
    later = advance(gone, [], Clock(NOW + 99, first_build=False))
    assert later == gone


def test_i2_a_republished_story_keeps_id_and_first_out() -> None:
    story = started(copy())
    gone = advance(story, [], LATER)
    back = advance(gone, [copy("c3")], Clock(NOW + DAY, first_build=False))
    assert (back.id, back.first_out, back.withdrawn) == (story.id, story.first_out, None)


def test_i2_a_withheld_story_is_known_by_what_its_file_says_now() -> None:
    withheld = started(copy(withheld=Withheld.REMOVED))
    other = copy("c2", path="b.md", title="New", original_key="https://e.org/b", published=NOW - 5)
    moved = advance(withheld, [other._replace(withheld=Withheld.REMOVED)], LATER)
    assert (moved.path, moved.original_key, moved.date) == ("b.md", "https://e.org/b", NOW - 5)
    assert moved.title == other.title
    assert (moved.content, moved.mark) == (withheld.content, withheld.mark)  # D3 compares these


def test_r2_an_address_that_a_template_made_is_a_key_for_links_but_no_identity() -> None:
    made = copy(original_key="", web_key="", link="http://e.org/t?utm_source=x")
    assert made.identity == "path:a.md"
    assert "https://e.org/t" in keys_of(made)
    assert "https://e.org/t" in keys_of(started(made))


def test_r2_links_to_a_file_lead_to_its_story_if_that_has_an_address() -> None:
    story = started(copy(link="https://e.org/t"))
    assert source_links.key("a.md") in linked_by(story)
    assert linked_by(story._replace(link="")) == keys_of(story)


def test_the_mark_hashes_only_the_chosen_fields() -> None:
    assert mark(item(), ["title"]) == mark(item(excerpt="x"), ["title"])
    assert mark(item(), ["title"]) != mark(item(title="x"), ["title"])


@pytest.mark.parametrize("link", ["http://e.org/a", "https://e.org/a#:~:text=x"])
def test_d3_r1_another_spelling_of_the_same_address_is_no_edit(link: str) -> None:
    assert mark(item(link=link)) == mark(item())
    templated = item(original_key="", web_key="", link=link)
    assert mark(templated) == mark(item())


def test_d3_another_choice_of_significant_fields_is_no_edit() -> None:
    before = started(copy())
    other = copy_of(item(), "c2", ["title", "body"])
    assert advance(before, [other], Clock(NOW + 500, first_build=False)).updated == before.updated


copies = st.builds(
    copy,
    st.sampled_from(["c1", "c2", "c3"]),
    path=st.sampled_from(["a.md", "b.md"]),
    title=st.sampled_from(["T", "U"]),
    published=st.sampled_from([None, NOW - DAY, NOW, NOW + DAY]),
    updated=st.sampled_from([None, NOW - 3, NOW + 3 * DAY]),
    quality=st.integers(-1, 2),
    withheld=st.sampled_from(list(Withheld)),
)
histories = st.lists(
    st.tuples(st.integers(0, 3 * DAY), st.lists(copies, max_size=2, unique_by=lambda c: c.path)),
    max_size=6,
)


@given(copies, histories)
def test_any_history_keeps_the_invariants(
    start: Copy, history: list[tuple[int, list[Copy]]]
) -> None:
    """Id and first_out never change, updated never falls while out, the same step twice is one."""
    now = NOW
    story = started(start)
    for pause, present in history:
        now += pause
        clock = Clock(now, first_build=False)
        after = advance(story, present, clock)
        assert advance(after, present, clock) == after
        assert after.id == story.id
        assert story.first_out in (None, after.first_out)
        if after.state is State.OUT:
            assert after.published <= now
            assert after.published <= after.updated <= now
            assert after.updated >= story.updated
        story = after
