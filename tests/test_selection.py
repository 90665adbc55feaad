"""Windows and feeds as pure functions: F6, D7, D8, T1-T4, I5."""

from __future__ import annotations

from hypothesis import given, strategies as st

from feedpub.core.feed_lifecycle import Candidate, new_feeds
from feedpub.core.feeds import KINDS, Feed, Layout, head, meta, updated
from feedpub.core.matching import copy_of
from feedpub.core.membership import memberships
from feedpub.core.model import Entry, Item, Person, Site, Term
from feedpub.core.policy import Definition, Extent, Name, Policy
from feedpub.core.selection import (
    DAY,
    WEEK,
    WEEKS,
    Member,
    by_publication,
    fitting,
    statistics,
    weekly_rate,
    window,
)
from feedpub.core.stories import Authority

AUTHORITY = Authority("e.org", "2026-01-01")
SITE = Site("https://e.org/feeds/", "Example", home="https://e.org/")
LAYOUT = Layout({"rss": "rss.xml", "atom": "atom.xml"})


def members(*entered: int) -> list[Member]:
    return [Member(e, e, f"tag:{n}", n) for n, e in enumerate(sorted(entered, reverse=True))]


def test_f6_at_least_so_many_items_however_old() -> None:
    old = members(*(n * 100 * DAY for n in range(1, 9)))
    assert len(window(old, (), Extent(items=5, days=14))) == 5


def test_f6_all_items_within_the_days_of_the_newest_however_many() -> None:
    busy = members(*(1000 * DAY - n for n in range(80)), 900 * DAY)
    assert len(window(busy, (), Extent(items=5, days=14))) == 80


def test_f6_zero_days_means_the_number_alone() -> None:
    assert len(window(members(*range(DAY, DAY + 80)), (), Extent(items=5, days=0))) == 5


def test_d7_entries_are_listed_by_date_then_id() -> None:
    entries = [Entry(i, "t", "l", p, p) for i, p in (("b", 1), ("a", 1), ("c", 2))]
    assert [e.id for e in by_publication(entries)] == ["c", "a", "b"]


@given(st.lists(st.integers(0, 40 * DAY), max_size=60), st.integers(1, 20), st.integers(0, 20))
def test_f6_against_the_plain_definition(entered: list[int], items: int, days: int) -> None:
    everyone = members(*entered)
    count = max(
        items,
        sum(m.entered >= everyone[0].entered - days * DAY for m in everyone)
        if days and everyone
        else 0,
    )
    assert window(iter(everyone), (), Extent(items, days)) == everyone[:count]


@given(st.integers(1, 500), st.integers(0, 10**7), st.integers(1, 10**6))
def test_f6_fitting_always_ends_and_keeps_one(count: int, size: int, limit: int) -> None:
    fits = fitting(count, size, limit)
    assert 1 <= fits <= count
    assert (fits == count) == (size <= limit or count == 1)


def candidate(key: str, published: int = 0, kind: str = "topic") -> Candidate:
    return Candidate(Name(kind, key), published, f"tag:{key}", key.upper())


def made(*candidates: Candidate, existing: tuple[Feed, ...] = (), **policy: object) -> list[Feed]:
    known = {feed.name: feed for feed in existing}
    rules = Policy(**policy)  # type: ignore[arg-type]  # a test's shorthand
    return [*new_feeds(candidates, known, rules, AUTHORITY, 7).values()]


def test_t3_the_oldest_item_gets_the_address_the_later_key_a_suffix() -> None:
    feeds = made(candidate("a b", 5), candidate("a-b", 3))
    assert [(f.key, f.slug) for f in feeds] == [("a-b", "a-b"), ("a b", "a-b-c8687a")]
    assert [f.wanted for f in feeds] == ["", "a-b"]


def test_t3_an_existing_address_is_never_given_away() -> None:
    [first] = made(candidate("a b"))
    [second] = made(candidate("a-b", -9), candidate("a b"), existing=(first,))
    assert second.slug.startswith("a-b-")


def test_t1_the_first_spelling_is_the_one_of_the_oldest_item() -> None:
    newer = Candidate(Name("topic", "ai"), 9, "tag:1", "ai")
    older = Candidate(Name("topic", "ai"), 1, "tag:2", "AI")
    assert [f.label for f in made(newer, older)] == ["AI"]


def test_a_defined_slug_is_used() -> None:
    [feed] = made(candidate("ai"), defined={"ai": Definition(slug="artificial")})
    assert LAYOUT.folder(feed) == "topics/artificial/"


def test_only_and_except_and_minimum_quality_decide_on_membership() -> None:
    item = Item(
        "a.md", "", "k", "", "T", "", "l", quality=5, topics=(Term("a", "A"), Term("b", "B"))
    )

    def names(**policy: object) -> set[str]:
        found = memberships(copy_of(item, ""), item.topics, Policy(**policy))  # type: ignore[arg-type]  # a test's shorthand
        return {n.key for n in found if n.kind == "topic"}

    assert names() == {"a", "b"}
    assert names(only=frozenset({"a"})) == {"a"}
    assert names(except_=frozenset({"a"})) == {"b"}
    assert names(defined={"a": Definition(minimum_quality=6)}) == {"b"}
    assert names(by=("language",)) == set()


def test_an_item_is_in_a_feed_of_each_kind_that_it_has_a_name_for() -> None:
    item = Item(
        "a.md", "", "k", "", "T", "", "l", topics=(Term("a", "A"),), category=Term("c", "C"),
        provider=Person("P"), authors=(Person("Q"), Person("R")), type="video", language="en",
    )  # fmt: skip
    found = memberships(copy_of(item, ""), item.topics, Policy(by=tuple(KINDS)))
    assert {name.kind: label for name, label in found.items()} == {
        "all": "", "topic": "A", "category": "C", "provider": "P", "author": "R", "type": "video",
        "language": "en",
    }  # fmt: skip
    assert len(found) == 8


def test_other_kinds_make_feeds_in_their_own_folders() -> None:
    feeds = made(*(candidate("x", kind=k) for k in ("topic", "category", "provider", "type")))
    assert {LAYOUT.folder(f) for f in feeds} == {
        "topics/x/",
        "categories/x/",
        "providers/x/",
        "types/x/",
    }
    assert len({f.id for f in feeds}) == 4


def test_d8_updated_is_the_latest_of_entries_withdrawals_and_own_metadata() -> None:
    [feed] = made(candidate("ai"))
    assert updated(feed, None) == 7
    assert updated(feed, 3) == 3

    assert updated(feed._replace(withdrawn=9, changed=8), 3) == 9


def test_the_feed_of_everything_leads_to_the_home_a_topic_to_its_page() -> None:
    everything, ai = made(candidate("", kind="all"), candidate("ai"))
    assert head(everything, Policy(), SITE, LAYOUT, 0).alternate == "https://e.org/"
    top = head(ai, Policy(), SITE, LAYOUT, 0)
    assert top.alternate == top.page == "https://e.org/feeds/topics/ai/"
    assert top.addresses["rss"] == "https://e.org/feeds/topics/ai/rss.xml"


def test_b2_without_pages_of_ours_a_feed_leads_to_where_the_site_has_its_own() -> None:
    layout = LAYOUT._replace(
        pages=False, addresses={Name("language", "de"): {"rss": "de/index.xml", "atom": "a.xml"}}
    )
    ai, german = made(candidate("de", kind="language"), candidate("ai"))
    top = head(german, Policy(), SITE, layout, 0)
    assert (top.alternate, top.language) == (f"{SITE.url}de/", "DE")
    assert head(ai, Policy(), SITE, layout, 0).alternate == f"{SITE.url}topics/ai/"


def test_t2_addresses_are_percent_encoded() -> None:
    [feed] = made(candidate("人工智能"))
    page = head(feed, Policy(), SITE, LAYOUT, 0).page
    assert page == "https://e.org/feeds/topics/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD/"


def test_d8_only_what_a_feed_says_of_itself_is_its_metadata() -> None:
    [feed] = made(candidate("ai"))
    one, two = (head(feed, Policy(), SITE, LAYOUT, at) for at in (1, 2))
    other = head(feed, Policy(defined={"ai": Definition(title="X")}), SITE, LAYOUT, 1)
    assert meta(one) == meta(two) != meta(other)


def test_d9_weeks_end_with_the_newest_item_and_older_ones_are_not_counted() -> None:
    newest = 1_700_000_000
    facts = statistics(9, [newest - n * WEEK for n in (0, 0, 0, 1, 25, 26)], ())
    assert facts.weeks == (1, *[0] * (WEEKS - 3), 1, 3)
    assert weekly_rate(facts) == 0.5, "the mean of the last eight"
    assert statistics(0, (), ()).weeks == ()
