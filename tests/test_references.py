"""Related links of an item (R1 to R3)."""

from __future__ import annotations

import random

from hypothesis import given, settings, strategies as st

from feedpub.core.fields import Rules
from feedpub.core.model import Document, Person, Related, Value
from feedpub.core.normalize import normalize
from feedpub.core.problems import Problem, Severity

OWN = "https://news.example/item"


def read(related: Value, **front: Value) -> tuple[tuple[Related, ...], list[Problem]]:
    base: dict[str, Value] = {"title": "T", "date": "2024-01-01T00:00:00Z", "webUrl": OWN}
    item, problems = normalize(Document("a.md", base | front | {"related": related}, ""), Rules())
    assert item is not None
    return item.related, [one for one in problems if "related" in one.message]


def link(url: str, **fields: Value) -> dict[str, Value]:
    return {"title": "t", "webUrl": url, **fields}


def urls(related: Value) -> list[str]:
    return [one.url for one in read(related)[0]]


def dropped(related: Value, **front: Value) -> list[tuple[str, str]]:
    return [(one.code, one.message.split(" ")[0]) for one in read(related, **front)[1]]


def test_r1_r2_every_field_of_a_link_is_read() -> None:
    [one], problems = read(
        [
            {
                "title": "AT&amp;T &lt;3",
                "excerpt": "It&#8217;s  here",
                "publishedDateTime": "2023-11-08T20:23:00Z",
                "webUrl": "HTTP://Other.example/b?x=1&utm_source=feed#part",
                "type": "article",
                "provider": {"name": "AWS", "domain": "aws.amazon.com"},
                "quality": "97",
                "images": [{"url": "/i.png", "width": "10", "height": "0"}],
            }
        ]
    )
    assert not problems
    assert (one.title, one.excerpt, one.type, one.quality) == (
        "AT&T <3",
        "It’s here",
        "article",
        97,
    )
    assert one.published == 1699474980
    assert one.provider == Person("AWS", "https://aws.amazon.com/")
    assert one.url.lower() == "http://other.example/b?x=1#part"
    assert one.image is not None
    assert one.image.url.lower() == "http://other.example/i.png"
    assert (one.image.width, one.image.height) == (10, 0)
    assert (one.place, one.item_id) == (0, "")


def test_r1_tracking_parameters_stay_when_the_config_says_so() -> None:
    front: dict[str, Value] = {"title": "T", "date": "2024-01-01", "webUrl": OWN}
    front["related"] = [link("https://o.example/?utm_source=x")]
    item = normalize(Document("a.md", front, ""), Rules(strip_tracking=False)).item
    assert item is not None
    assert item.related[0].url == "https://o.example/?utm_source=x"
    assert "utm_source" not in item.related[0].key


def test_r2_a_link_without_title_gets_its_host() -> None:
    [one], problems = read([{"webUrl": "https://Other.example:8080/b"}])
    assert one.title == "other.example"
    assert not problems


def test_r2_a_link_to_the_item_itself_is_dropped_with_its_index_and_reason() -> None:
    own_story = "https://first.example/story"
    related: Value = [
        link("https://o.example/1"),
        link("http://news.example/item?utm_source=x#top"),
        link(own_story),
    ]
    kept, problems = read(related, originalUrl=own_story)
    assert [one.url for one in kept] == ["https://o.example/1"]
    assert [(one.code, one.severity) for one in problems] == [("related-self", Severity.INFO)] * 2
    assert problems[0].message == "related[1] leads to the item itself; it is dropped"


def test_r2_of_duplicates_the_best_quality_wins() -> None:
    related: Value = [
        link("https://o.example/1", quality="5", title="low"),
        link("http://o.example/1#x", quality="50", title="high"),
        link("https://o.example/1?utm_medium=y", quality="7", title="middle"),
    ]
    kept, _ = read(related)
    assert [one.title for one in kept] == ["high"]
    assert dropped(related) == [
        ("related-duplicate", "related[0]"),
        ("related-duplicate", "related[2]"),
    ]


def test_r2_links_without_web_address_are_dropped() -> None:
    related: Value = [
        link("javascript:alert(1)"),
        link("mailto:a@b.example"),
        {"title": "none"},
        "",
        ["https://o.example/"],
        link("https://"),
        link("https://o.example/{{ page.url }}"),
        link("https://o.example/good"),
    ]
    assert urls(related) == ["https://o.example/good"]
    assert dropped(related) == [("related-no-url", f"related[{n}]") for n in range(7)]
    said = [one.message.split("] ")[1] for one in read(related)[1]]
    none, unusable = ("has no address; it is dropped", "leads to no web address; it is dropped")
    assert said == [unusable, unusable, none, none, none, unusable, unusable]


def test_r2_plain_addresses_and_relative_ones_are_links_too() -> None:
    assert urls(["https://o.example/a", "/b", {"url": "../c/"}]) == [
        "https://news.example/b",
        "https://news.example/c/",
        "https://o.example/a",
    ]


def test_r2_a_theme_switch_is_no_link_and_no_problem() -> None:
    for switch in ("true", "False", "no", ""):
        assert read(switch) == ((), [])
    assert [one.code for one in read("some-other-post")[1]] == ["field-invalid"]


def test_r2_a_bad_date_costs_the_date_only() -> None:
    [one], [problem] = read([link("https://o.example/", publishedDateTime="2023-02-30")])
    assert one.published is None
    assert problem.message.startswith("related[0] has a date")


def test_r3_links_are_sorted_by_quality_then_date_then_url() -> None:
    related: Value = [
        link("https://o.example/e"),
        link("https://o.example/d", publishedDateTime="2020-01-01T00:00:00Z"),
        link("https://o.example/c", publishedDateTime="2021-01-01T00:00:00Z"),
        link("https://o.example/b"),
        link("https://o.example/minus", quality="-1", publishedDateTime="2022-01-01T00:00:00Z"),
        link("https://o.example/a", quality="104"),
    ]
    assert [url.rpartition("/")[2] for url in urls(related)] == ["a", "c", "d", "b", "e", "minus"]


def test_s4_at_most_200_links_are_read_and_none_is_cut_before() -> None:
    several: list[Value] = [link(f"https://o.example/{n}") for n in range(1000)]
    kept, problems = read(several)
    assert {one.place for one in kept} == set(range(200))
    assert [(one.code, one.severity) for one in problems] == [
        ("related-too-many", Severity.WARNING)
    ]
    assert not read(several[:200])[1]


links = st.fixed_dictionaries(
    {"webUrl": st.sampled_from(["https://o.example/a", "http://o.example/a#x", "/b", "/c", OWN])},
    optional={
        "quality": st.sampled_from(["1", "2", "-1", "x"]),
        "date": st.sampled_from(["2020-01-01T00:00:00Z", "2021-01-01"]),
        "title": st.sampled_from(["", "one", "two"]),
    },
)


@settings(max_examples=100)
@given(st.lists(links, max_size=8), st.randoms())
def test_r2_r3_the_order_of_the_source_does_not_matter(
    several: list[dict[str, Value]], shuffle: random.Random
) -> None:
    mixed = list(several)
    shuffle.shuffle(mixed)
    kept, again = read([*several])[0], read([*mixed])[0]
    assert [(one.key, one.quality, one.published) for one in kept] == [
        (one.key, one.quality, one.published) for one in again
    ]
    assert len({one.key for one in kept}) == len(kept)
    best = [int(q) for one in several if (q := str(one.get("quality", "0"))) != "x"]
    assert all(one.quality <= max(best, default=0) or one.quality == 0 for one in kept)
