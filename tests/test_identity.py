"""Identity as pure functions: I1-I5, edge cases 4 and 5."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given, strategies as st

from feedpub.core.matching import grouped, match
from feedpub.core.model import Withheld
from feedpub.core.stories import Authority, Clock, Copy, Story, advance, begin, mint

AUTHORITY = Authority("e.org", "2026-01-01")
CLOCK = Clock(1_700_000_000, first_build=False)


def copy(path: str = "a.md", url: str = "", web: str = "", **given: object) -> Copy:
    base = {
        "path": path,
        "content": path + url,
        "explicit": "",
        "original_key": url,
        "web_key": web,
        "title": "t",
        "mark": "1.m",
        "published": 1_600_000_000,
        "updated": None,
        "quality": 0,
        "withheld": Withheld.NO,
    }
    return Copy(**{**base, **given})  # type: ignore[arg-type]  # a test's shorthand


def story(one: Copy, item_id: str = "tag:s") -> Story:
    return advance(begin(one, item_id, CLOCK), [one], CLOCK)


def matched(one: Copy, *stories: Story, gone: bool = False) -> str | None:
    found, _ = match(grouped([one]), stories, lambda _: gone)
    return found[one.identity].id if found else None


def test_i1_an_id_is_a_tag_uri_of_the_hashed_identity_key() -> None:
    made = mint(copy(url="https://e.org/a"), AUTHORITY, lambda _: False)
    # printf 'https://e.org/a' | sha256sum | cut -c1-32
    assert made == "tag:e.org,2026-01-01:item/870874689b298a275d9c764c4b21bc0e"


@pytest.mark.parametrize("explicit", ["https://e.org/x", "urn:uuid:1234", "tag:a.org,2020:b"])
def test_i1_an_explicit_uri_is_used_verbatim(explicit: str) -> None:
    assert mint(copy(explicit=explicit), AUTHORITY, lambda _: False) == explicit


def test_i1_a_link_is_an_id_where_that_is_asked_for_and_no_other_has_it() -> None:
    linked, one = AUTHORITY._replace(links=True), copy(url="k", link="https://e.org/a?b=%C3%A9")
    assert mint(one, linked, lambda _: False) == one.link
    assert mint(one, linked, {one.link}.__contains__) == mint(one, AUTHORITY, lambda _: False)
    explicit = one._replace(explicit="urn:x")
    assert mint(explicit, linked, lambda _: False) == "urn:x"
    assert mint(explicit, linked, {"urn:x"}.__contains__) == one.link


def test_i2_a_new_item_without_address_does_not_inherit_the_id_of_the_file_it_replaces() -> None:
    old = story(copy(url="https://e.org/a"))
    assert matched(copy(title="other", published=9), old) is None
    assert matched(copy(published=9), old) == old.id  # the same title: its address was removed
    assert matched(copy(title="other", published=9), story(copy())) == "tag:s"  # an edit in place


def test_i2_a_file_name_that_was_free_again_is_no_identity() -> None:
    gone = advance(story(copy()), (), CLOCK)
    assert matched(copy(title="other", published=9), gone) is None
    assert matched(copy(title="other"), gone) == matched(copy(published=9), gone) == "tag:s"


@pytest.mark.parametrize("explicit", ["42", "not a uri", "http://[bad", "x:<y>", "é:b"])
def test_i1_any_other_explicit_id_is_hashed(explicit: str) -> None:
    made = mint(copy(explicit=explicit), AUTHORITY, lambda _: False)
    assert made.startswith("tag:e.org,2026-01-01:item/")


def test_i2_a_taken_id_gets_a_numbered_salt() -> None:
    one = copy(url="https://e.org/a")
    taken = {mint(one, AUTHORITY, lambda _: False)}
    second = mint(one, AUTHORITY, taken.__contains__)
    third = mint(one, AUTHORITY, (taken | {second}).__contains__)
    assert len({*taken, second, third}) == 3
    number = hashlib.sha256(b"https://e.org/a\n1").hexdigest()[:32]  # ids must never move
    assert second == f"tag:e.org,2026-01-01:item/{number}"


def test_i2_the_first_key_there_is_identifies() -> None:
    assert copy(url="https://o", web="https://w", explicit="x").identity == "id:x"
    assert copy(url="https://o", web="https://w").identity == "https://o"
    assert copy(web="https://w").identity == "https://w"
    assert copy("p.md").identity == "path:p.md"


def test_i2_a_rename_and_a_new_title_keep_the_story() -> None:
    known = story(copy("a.md", "https://e.org/a"))
    assert matched(copy("b.md", "https://e.org/a", title="u"), known) == "tag:s"


def test_i2_a_new_url_keeps_the_story_at_its_path_if_title_or_date_agree() -> None:
    known = story(copy("a.md", "https://e.org/a"))
    moved = copy("a.md", "https://e.org/b")
    assert matched(moved._replace(title="u"), known) == "tag:s"
    assert matched(moved._replace(published=5), known) == "tag:s"
    assert matched(moved._replace(published=5, title="u"), known) is None


def test_i2_adding_an_explicit_id_keeps_the_story() -> None:
    known = story(copy("a.md", "https://e.org/a"))
    assert matched(copy("a.md", "https://e.org/a", explicit="x"), known) == "tag:s"


def test_i2_the_web_url_identifies_when_the_original_is_new() -> None:
    known = story(copy("a.md", web="https://e.org/a"))
    assert matched(copy("b.md", url="https://o.org/1", web="https://e.org/a"), known) == "tag:s"


def test_i2_a_renamed_file_without_urls_is_known_by_its_bytes_or_title_and_date() -> None:
    known = story(copy("a.md", content="same"))
    assert matched(copy("b.md", content="same", published=None), known, gone=True) == "tag:s"
    assert matched(copy("b.md", content="x"), known, gone=True) == "tag:s"
    assert matched(copy("b.md", content="x", title="u"), known, gone=True) is None
    assert matched(copy("b.md", content="same"), known, gone=False) is None


def test_i2_of_two_stories_with_its_address_a_copy_belongs_to_the_one_at_its_path() -> None:
    elsewhere = story(copy("a.md", "https://e.org/a"), "tag:1")
    here = story(copy("b.md", "https://o.org/b", "https://e.org/a"), "tag:2")
    assert matched(copy("b.md", "https://e.org/a"), elsewhere, here) == "tag:2"
    assert matched(copy("b.md", web="https://e.org/a"), elsewhere, here) == "tag:2"
    assert matched(copy("c.md", "https://e.org/a"), elsewhere, here) == "tag:1"


def test_i2_two_groups_never_get_one_story() -> None:
    known = story(copy("a.md", "https://e.org/a", "https://e.org/w"))
    rival = copy("b.md", "https://e.org/w")
    owner = copy("a.md", "https://e.org/a", "https://e.org/w")
    found, _ = match(grouped([rival, owner]), [known], lambda _: False)
    assert {key: s.id for key, s in found.items()} == {"https://e.org/a": "tag:s"}


def test_i4_copies_with_one_key_are_one_group() -> None:
    groups = grouped([copy("b.md", "https://e.org/a"), copy("a.md", web="https://e.org/a")])
    assert [c.path for c in groups["https://e.org/a"]] == ["a.md", "b.md"]


def test_i5_a_feed_id_depends_on_kind_and_key_only() -> None:
    topic, category = (
        AUTHORITY.tag(f"feed/{kind}", "ai", set().__contains__) for kind in ("topic", "category")
    )
    assert topic != category
    assert topic.startswith("tag:e.org,2026-01-01:feed/topic/")


urls = st.sampled_from(["", "https://e.org/1", "https://e.org/2", "https://e.org/3"])
copies = st.builds(
    copy,
    st.sampled_from(["a.md", "b.md", "c.md", "d.md"]),
    urls,
    urls,
    explicit=st.sampled_from(["", "", "x", "y"]),
    title=st.sampled_from(["t", "u"]),
)


@given(
    st.lists(copies, max_size=4, unique_by=lambda c: c.path),
    st.lists(copies, max_size=4, unique_by=lambda c: c.path),
    st.randoms(use_true_random=False),
)
def test_matching_is_one_to_one_and_blind_to_order(
    known: list[Copy], present: list[Copy], rng: random.Random
) -> None:
    stories = [story(c, f"tag:{n}") for n, c in enumerate(known)]
    first = found, unsure = match(
        grouped(present), stories, lambda p: p not in {c.path for c in present}
    )
    assert len({s.id for s in found.values()}) == len(found)
    assert not found.keys() & set(unsure)
    rng.shuffle(present)
    rng.shuffle(stories)
    # Stories of one instant are told apart by id, so the order of the list cannot matter.
    assert match(grouped(present), stories, lambda p: p not in {c.path for c in present}) == first
