"""T6, the pure part: which feeds go on under another name, end and come back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import example, given, strategies as st

from feedpub.catalogue.encoding import decoder, encode
from feedpub.core.feed_lifecycle import (
    LAST_SECONDS,
    Candidate,
    Former,
    has_documents,
    moved_on,
    orphaned,
    succession,
)
from feedpub.core.feeds import Feed, Layout, Place
from feedpub.core.model import Term
from feedpub.core.policy import Definition, Name, Policy
from feedpub.core.stories import Authority

AUTHORITY = Authority("example.org", "2026-01-01")
START, DAY = 1_700_000_000, 86_400
NAMES = ("a b", "a-b", "c", "d")
"""The first two want one address."""

State = dict[Name, Feed]


def policy(aliases: Mapping[str, str] = MappingProxyType({}), *retired: str) -> Policy:
    return Policy(
        defined={new: Definition(label=new.upper()) for new in aliases.values()},
        aliases=aliases,
        retired=frozenset(retired),
    )


def step(state: State, rules: Policy, now: int, *asked: str) -> State:
    """Do what a rescan does, with items that ask for these topics."""
    terms = rules.current([Term(key, key) for key in asked])
    claims = [Candidate(Name("topic", term.key), 1, "id", term.label) for term in terms]
    after = moved_on(state, claims, (), rules, AUTHORITY, now)
    return {name: f._replace(meta="known") for name, f in after.items()}  # as what was out has


def feed(state: State, key: str) -> Feed:
    return state[Name("topic", key)]


def test_t6_the_oldest_of_several_old_names_gives_the_id() -> None:
    state = step({}, policy(), START, "d")
    state = step(state, policy(), START + 1, "c", "d")
    after = step(state, policy({"c": "new", "d": "new"}), START + 2, "c")
    assert feed(after, "new").id == feed(state, "d").id
    assert feed(after, "new").created == START
    assert (feed(after, "new").label, feed(after, "new").slug) == ("NEW", "new")


def test_t5_of_feeds_that_only_out_shows_those_of_a_kind_at_their_own_address_stay() -> None:
    told = [("topic", "C", "c"), ("named", "Best", "best"), ("topic", "D", "another")]
    former = [Former(kind, f"tag:{slug}", title, slug) for kind, title, slug in told]
    assert [*orphaned(former, {}, policy(), START)] == [Name("topic", "c")]


def test_t6_a_topic_that_has_a_feed_keeps_its_own_id() -> None:
    state = step({}, policy(), START, "c", "d")
    after = step(state, policy({"c": "d"}), START + 1)
    assert feed(after, "d") == feed(state, "d")
    assert feed(after, "c") == feed(state, "c")._replace(ended=START + 1, heir="d")


def test_t3_a_slug_of_the_config_that_another_feed_has_is_wanted_until_it_is_named_no_more() -> (
    None
):
    state = step({}, policy(), START, "c", "d")
    asked = step(state, Policy(defined={"d": Definition(slug="c")}), START + 1, "c", "d")
    assert (feed(asked, "d").slug, feed(asked, "d").wanted) == ("d", "c")
    moved = step(asked, Policy(defined={"d": Definition(slug="e")}), START + 2, "c", "d")
    assert (feed(moved, "d").slug, feed(moved, "d").wanted) == ("e", "")


def test_t6_addresses_stay_with_the_name_that_keeps_the_slug() -> None:
    state = step({}, policy(), START, "a b", "c")
    places = (Place("rss", "old.xml", START, "topics/x/rss.xml"),)
    state = {name: f._replace(places=places) for name, f in state.items()}
    after = step(state, policy({"a b": "a-b", "c": "new"}), START + 1, "a b", "c")
    assert (feed(after, "a-b").places, feed(after, "a b").places) == (places, ())
    assert (feed(after, "new").places, feed(after, "c").places) == ((), places)


def test_t6_what_went_on_elsewhere_gives_its_id_to_nobody_else() -> None:
    state = step({}, policy(), START, "c")
    state = step(state, policy({"c": "one"}), START + 1, "c")
    after = step(state, policy({"c": "two"}), START + 2, "c")
    assert feed(after, "two").id != feed(after, "one").id == feed(after, "c").id
    assert succession(feed(after, "c"), after)[-1] == feed(after, "two")


def test_t6_an_heir_that_no_item_asks_for_gets_a_feed_for_what_went_on_elsewhere() -> None:
    state = step({}, policy(), START, "c")
    state = step(state, policy({"c": "one"}), START + 1)
    after = step(state, policy({"c": "two"}), START + 2)
    assert succession(feed(after, "c"), after)[-1] == feed(after, "two")
    assert feed(after, "two").id != feed(after, "one").id


def test_t6_an_heir_without_a_feed_leaves_the_address_where_it_led() -> None:
    state = step({}, policy(), START, "c")
    state = step(state, policy({"c": "one"}), START + 1, "c")
    hidden = policy({"c": "two"})._replace(except_=frozenset({"two"}))
    after = step(state, hidden, START + 2)
    assert feed(after, "c").heir == "one"


def test_t6_retirement_is_dated_once() -> None:
    state = step({}, policy(), START, "c")
    rules = policy({}, "c")
    for now in (START + 5, START + 6, START + 7):
        state = step(state, rules, now, "c")
    end = START + 5
    assert feed(state, "c").ended == end
    assert has_documents(feed(state, "c"), state, rules, end + LAST_SECONDS - 1)
    assert not has_documents(feed(state, "c"), state, rules, end + LAST_SECONDS)


def test_t6_topics_are_called_by_their_names_of_today() -> None:
    terms = [Term("ml", "ml"), Term("x", "X"), Term("ai", "ai"), Term("old", "Old")]
    rules = policy({"ml": "ai"}, "old")
    assert rules.current(terms) == (Term("ai", "AI"), Term("x", "X"))
    assert Policy().current(terms) == tuple(terms)


def test_t6_rows_from_before_there_were_endings_load() -> None:
    kept = feed(step({}, policy(), START, "c"), "c")
    assert "heir" not in encode(kept)
    assert "ended" not in encode(kept)
    gone = kept._replace(ended=START, heir="d")
    assert [decoder(Feed)(encode(each)) for each in (kept, gone)] == [kept, gone]


@st.composite
def rules(draw: st.DrawFn) -> Policy:
    """Any config: an alias is no topic of its own, and nothing retired is an alias."""
    olds = draw(st.sets(st.sampled_from(NAMES)))
    targets = [*sorted({*NAMES, "e"} - olds)]
    aliases = {old: draw(st.sampled_from(targets)) for old in sorted(olds)}
    retired = draw(st.sets(st.sampled_from(targets), max_size=1))
    hidden = draw(st.sets(st.sampled_from(targets), max_size=1)) - retired
    return policy(aliases, *retired)._replace(except_=frozenset(hidden))


ASKED = st.sets(st.sampled_from(NAMES)).map(sorted)


@given(st.lists(st.tuples(rules(), ASKED), max_size=8))
@example([(policy(), ["a b"]), (policy({"a b": "a-b"}), []), (policy(), ["a b"])])
def test_t6_whatever_becomes_of_topics(history: list[tuple[Policy, list[str]]]) -> None:
    """I5, T3: no two feeds that go on share id or address, and nothing is done a second time."""
    state: State = {}
    for day, (given_rules, asked) in enumerate(history):
        now = START + day * DAY
        before, state = state, step(state, given_rules, now, *asked)
        assert step(state, given_rules, now + 1, *asked) == state
        assert before.keys() <= state.keys()
        living = [f for f in state.values() if f.ended is None]
        addresses = [Layout().folder(f) for f in state.values() if f.has_address]
        assert len({f.id for f in living}) == len(living)
        assert len(set(addresses)) == len(addresses)
        assert all(f.has_address for f in living)
        for was in before.values():
            _check_course(was, state, given_rules)


def _check_course(was: Feed, state: State, given_rules: Policy) -> None:
    now = state[was.name]
    assert now.created == was.created
    if was.ended is None and now.ended is None:
        assert (now.id, now.slug) == (was.id, was.slug)
    if was.key in given_rules.aliases or was.key in given_rules.retired:
        assert now.ended is not None
    elif was.ended is not None and not was.heir:
        assert now.ended is None
