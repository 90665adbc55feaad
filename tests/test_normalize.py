"""Document to Item: the fields of the news shape and of the generators' dialects."""

from __future__ import annotations

import random
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core.dates import rfc3339
from feedpub.core.fields import DEFAULT_FIELDS, Rules
from feedpub.core.model import (
    Document,
    Enclosure,
    Episode,
    Image,
    Item,
    Person,
    Term,
    Value,
    Withheld,
)
from feedpub.core.normalize import Normalized, normalize
from feedpub.core.problems import Problem, Severity

MP3 = "https://news.example/a.mp3"
HOME = "https://home.example/"
BASE: dict[str, Value] = {
    "title": "A title",
    "excerpt": "An excerpt.",
    "publishedDateTime": "2023-11-08T20:23:00Z",
    "webUrl": "https://news.example/a",
}
CANARY = "c4n4ry"


def run(
    front: dict[str, Value], body: str = "", path: str = "a.md", rules: Rules | None = None
) -> Normalized:
    return normalize(Document(path, front, body), rules or Rules(home=HOME))


def item(body: str = "", path: str = "a.md", rules: Rules | None = None, /, **front: Value) -> Item:
    found = run(BASE | front, body, path, rules).item
    assert found is not None
    return found


def bare(path: str = "a.md", rules: Rules | None = None, /, **front: Value) -> Normalized:
    return run(front, path=path, rules=rules)


def codes(normalized: Normalized) -> list[str]:
    return [one.code for one in normalized.problems]


def test_section_0_a_note_of_obsidian_without_title_has_the_name_of_its_file() -> None:
    notes, note = Rules(home=HOME, dialect="obsidian"), "notes/On C++ & <i>.md"
    assert item("# Heading", note, notes, title="").title == "On C++ & <i>"
    assert item("# Heading", note, notes, title="Given").title == "Given"
    assert item("# Heading", note, Rules(home=HOME), title="").title == "Heading"


def test_section_0_the_news_shape_is_read_whole_and_silently() -> None:
    front: dict[str, Value] = {
        "category": "news",
        "title": "How Carrier predicts HVAC faults",
        "excerpt": "We&#8217;re &amp; you&nbsp;are",
        "publishedDateTime": "2023-09-05T17:25:12Z",
        "updatedDateTime": "2023-09-06T00:00:00Z",
        "originalUrl": "https://aws.amazon.com/blogs/carrier/",
        "webUrl": "https://aws.amazon.com/blogs/carrier/?x=1",
        "ampWebUrl": "https://amp.example/",
        "cdnAmpWebUrl": "https://cdn.example/",
        "sourceUrl": "https://source.example/",
        "featuredContent": "<iframe></iframe>",
        "type": "article",
        "quality": "104",
        "heat": "-1",
        "published": "true",
        "provider": {
            "name": "AWS",
            "domain": "aws.amazon.com",
            "images": [{"url": "https://logos.example/aws.jpg"}],
        },
        "topics": ["AI", "AWS AI", "ai"],
        "images": [
            {
                "url": "https://cdn.example/%253A.jpg?a=1&utm_source=x",
                "width": "1120",
                "height": "630",
                "title": "A &amp; B",
                "isCached": "true",
            }
        ],
        "locale": "en-us",
        "secured": "opaque",
    }
    assert run(front, "# Hello\n", "2023/a.md") == (
        Item(
            path="2023/a.md",
            explicit="",
            original_key="https://aws.amazon.com/blogs/carrier/",
            web_key="https://aws.amazon.com/blogs/carrier/?x=1",
            title="How Carrier predicts HVAC faults",
            excerpt="We’re & you are",
            link="https://aws.amazon.com/blogs/carrier/?x=1",
            original_url="https://aws.amazon.com/blogs/carrier/",
            body="<h1>Hello</h1>\n",
            published=1693934712,
            updated=1693958400,
            type="article",
            quality=104,
            heat=-1,
            category=Term("news", "news"),
            topics=(Term("ai", "AI"), Term("aws ai", "AWS AI")),
            provider=Person("AWS", "https://aws.amazon.com/"),
            images=(
                Image("https://cdn.example/%253A.jpg?a=1&utm_source=x", 1120, 630, "", "A & B"),
            ),
            language="en-US",
        ),
        (),
    )


# -- dialects ---------------------------------------------------------------------------------


def test_section_0_a_jekyll_post() -> None:
    rules = Rules(home=HOME, link_template="/{year}/{month}/{day}/{slug}.html")
    found, problems = run(
        {
            "layout": "post",
            "title": "Jekyll says hi",
            "description": "d",
            "date": "2023-11-08 4:00:00 +0000",
            "last_modified_at": "2023-11-09",
            "categories": "one, Two",
            "author": "Jane",
            "header": {"teaser": "/assets/t.png"},
            "toc": "true",
        },
        path="_posts/2023-11-08-jekyll-says-hi.markdown",
        rules=rules,
    )
    assert found is not None
    assert found.link == "https://home.example/2023/11/08/jekyll-says-hi.html"
    assert found.excerpt == "d"
    assert found.published == 1699416000
    assert [term.label for term in found.topics] == ["one", "Two"]
    assert found.authors == (Person("Jane"),)
    assert found.images == (Image("https://home.example/assets/t.png"),)
    assert [one.code for one in problems] == ["date-no-offset"]
    assert (found.original_key, found.web_key) == ("", "")


def test_section_0_a_hugo_bundle() -> None:
    rules = Rules(home=HOME, link_template="/{path}/")
    found, problems = run(
        {
            "Title": "Hugo",
            "Date": "2023-11-08T20:23:00+01:00",
            "publishDate": "2023-11-07T20:23:00+01:00",
            "lastmod": "2023-11-10T00:00:00Z",
            "Tags": ["a", "b"],
            "categories": ["c"],
            "draft": "false",
            "summary": "s",
            "weight": "1",
            "aliases": ["/old/"],
            "cover": {"image": "cover.jpg", "alt": "Alt", "caption": "C"},
            "params": {"author": "Ann", "other": "thing"},
        },
        path="posts/Größe one/index.md",
        rules=rules,
    )
    assert found is not None
    assert found.link == "https://home.example/posts/Gr%C3%B6%C3%9Fe%20one/"
    assert found.images == (Image(found.link + "cover.jpg", alt="Alt"),)
    assert rfc3339(found.published or 0) == "2023-11-07T19:23:00Z"  # as in Hugo's own feed
    assert [term.key for term in found.topics] == ["a", "b"]
    assert found.authors == (Person("Ann"),)
    assert not problems


def test_section_0_a_zola_page() -> None:
    found, problems = run(
        {
            "title": "Zola",
            "date": "2023-11-08",
            "draft": "false",
            "render": "false",
            "slug": "zola",
            "taxonomies": {"topics": ["AI", "C++"], "tags": ["x"], "authors": ["y"]},
            "extra": {
                "category": "news",
                "webUrl": "https://news.example/zola",
                "quality": "7",
                "provider": {"name": "Z", "domain": "z.example"},
                "related": [{"webUrl": "https://o.example/"}],
                "secured": CANARY,
                "theme": "unknown",
            },
        }
    )
    assert found is not None
    assert found.link == "https://news.example/zola"
    assert [term.label for term in found.topics] == ["AI", "C++"]
    assert (found.quality, found.category) == (7, Term("news", "news"))
    assert found.provider == Person("Z", "https://z.example/")
    assert [one.url for one in found.related] == ["https://o.example/"]
    assert [one.code for one in problems] == ["date-no-offset"]


def test_section_0_an_eleventy_post_and_a_docusaurus_post() -> None:
    eleventy = bare(
        title="11ty", date="2023-11-08T00:00:00Z", permalink="/blog/11ty/index.html", tags="posts"
    )
    assert eleventy.item is not None
    assert eleventy.item.link == "https://home.example/blog/11ty/index.html"
    assert not eleventy.problems
    found, problems = run(
        {
            "title": "Docu",
            "authors": [
                {
                    "name": "Jo",
                    "title": "CEO",
                    "url": "https://jo.example",
                    "email": "jo@x.example",
                },
                "slorber",
            ],
            "tags": [{"label": "Release", "permalink": "/r"}, "Blog"],
            "last_update": {"date": "2024-04-01T00:00:00Z", "author": "x"},
            "hide_table_of_contents": "false",
        },
        path="blog/2024-03-21-docu/index.mdx",
        rules=Rules(home=HOME, link_template="/blog/{year}/{month}/{day}/{slug}"),
    )
    assert found is not None
    assert found.link == "https://home.example/blog/2024/03/21/docu"
    assert found.authors == (Person("Jo", "https://jo.example"), Person("slorber"))
    assert [term.label for term in found.topics] == ["Release", "Blog"]
    assert rfc3339(found.updated or 0) == "2024-04-01T00:00:00Z"
    assert not problems


def test_section_0_pelican_keys_have_capitals_and_a_status() -> None:
    front: dict[str, Value] = {
        "Title": "P",
        "Date": "2023-11-08 20:23",
        "Tags": "thats, awesome",
        "Status": "published",
        "Summary": "s",
        "Slug": "my-post",
    }
    rules = Rules(home=HOME, link_template="{slug}.html")
    found = run(front, rules=rules).item
    assert found is not None
    assert found.link == "https://home.example/my-post.html"
    assert found.withheld is Withheld.NO
    hidden = run(front | {"Status": "Draft"}, rules=rules).item
    assert hidden is not None
    assert hidden.withheld is Withheld.UNPUBLISHED


def test_section_0_the_first_key_present_wins_and_the_config_replaces_a_row() -> None:
    assert item(description="no").excerpt == "An excerpt."
    assert item(excerpt="", summary="third", description="second").excerpt == "second"
    rules = Rules(home=HOME, fields={"title": ("headline", "meta.name")})
    assert item("", "a.md", rules, meta={"seo": "x"}).title == "An excerpt."
    deep = Rules(home=HOME, fields={"title": ("meta.seo.title",)})
    assert item("", "a.md", deep, meta={"seo": {"Title": "Deep"}}).title == "Deep"
    named: dict[str, Value] = {**BASE, "meta": {"name": "Nested"}}
    found, problems = run(named, rules=rules)
    assert found is not None
    assert found.title == "Nested"
    assert [(one.code, one.message) for one in problems] == [
        ("key-unknown", "the key title is not known; it is ignored")
    ]
    assert run(named | {"headline": "H"}, rules=rules).item == found._replace(title="H")


def test_every_field_has_its_own_name_as_first_key() -> None:
    assert all(keys[0] == name for name, keys in DEFAULT_FIELDS.items())


# -- identity, links --------------------------------------------------------------------------


def test_i2_identity_keys_keep_the_fragment_and_lose_tracking_and_scheme() -> None:
    one, other = item(webUrl="https://x.example/log#v1"), item(webUrl="https://x.example/log#v2")
    assert one.web_key != other.web_key
    assert item(webUrl="http://X.example/log?utm_source=a#v1").web_key == one.web_key


@pytest.mark.parametrize("key", ["id", "guid"])
def test_i1_the_explicit_id_is_verbatim(key: str) -> None:
    assert item(**{key: "tag:Example.org,2020:A&amp;B"}).explicit == "tag:Example.org,2020:A&amp;B"
    assert item(**{key: ["x"]}).explicit == ""
    found = run(BASE | {key: "x" * 2001})
    assert found.item is not None
    assert (found.item.explicit, codes(found)) == ("", ["field-invalid"])


def test_the_link_is_web_url_else_original_url_else_the_template() -> None:
    original = "https://o.example/s"
    rules = Rules(home=HOME, link_template="/{path}/")
    assert item(originalUrl=original).link == "https://news.example/a"
    assert item(originalUrl=original).original_url == original
    only = item("", "a.md", rules, webUrl="", originalUrl=original)
    assert (only.link, only.web_key, only.original_key) == (original, "", original)
    made = item("", "x/ä b.md", rules, webUrl="")
    assert (made.link, made.web_key) == ("https://home.example/x/%C3%A4%20b/", "")


def test_c2_relative_item_links_resolve_against_home() -> None:
    for key in ("link", "url", "permalink"):
        assert item(webUrl="", **{key: "/p/a/"}).link == "https://home.example/p/a/"
    assert item(webUrl="p/a.html").link == "https://home.example/p/a.html"


@pytest.mark.parametrize(
    "written",
    ["false", "", "pretty", "/:year/:title/", "/{{ page.slug }}/", "www.x.example/a", "/a b"],
)
def test_what_is_no_link_is_passed_over(written: str) -> None:
    rules = Rules(home=HOME, link_template="/made/")
    assert (
        item("", "a.md", rules, webUrl="", permalink=written).link == "https://home.example/made/"
    )


def test_an_item_without_any_address_is_quarantined() -> None:
    found, problems = run(BASE | {"webUrl": ""})
    assert found is None
    assert [(one.code, one.severity) for one in problems] == [("link-missing", Severity.ERROR)]
    found, problems = run(BASE | {"webUrl": "javascript:alert(1)"})
    assert found is None
    assert [one.code for one in problems] == ["field-invalid", "link-missing"]
    # Relative, but relative to nothing; a template with a date, but no date.
    assert bare("a.md", Rules(), date="2024-01-01", permalink="/a/").item is None
    assert bare("a.md", Rules(home=HOME, link_template="/{year}/"), title="x").item is None


def test_a_template_that_waits_for_a_bad_date_is_no_second_problem() -> None:
    rules = Rules(home=HOME, link_template="/{year}/{slug}/")
    assert codes(bare("a.md", rules, title="T", date="2023-02-30")) == ["date-impossible"]
    assert codes(bare("a.md", rules, title="T")) == ["date-missing", "link-missing"]


def test_the_template_counts_days_as_written_or_in_the_zone_of_the_calendar() -> None:
    rules = Rules(home=HOME, link_template="{year}-{month}-{day}/{slug}/")
    new_york = rules._replace(calendar=ZoneInfo("America/New_York"))
    for written, there in (
        ("2023-12-31T23:30:00-05:00", "2023-12-31"),
        ("2024-01-01T04:30:00Z", "2023-12-31"),
        ("2024-01-01", "2023-12-31"),
    ):
        found = item("", "f.md", rules, webUrl="", publishedDateTime=written)
        assert found.link == f"https://home.example/{written[:10]}/f/"
        found = item("", "f.md", new_york, webUrl="", publishedDateTime=written)
        assert found.link == f"https://home.example/{there}/f/"


def test_the_template_takes_the_slug_field_small_letters_and_optional_parts() -> None:
    rules = Rules(home=HOME, link_template="/[{year}/]{slug:lower}/")
    front: dict[str, Value] = {"webUrl": "", "publishedDateTime": "2024-01-01T03:00:00Z"}
    assert item("", "x/FÜR.md", rules, **front).link == "https://home.example/2024/f%C3%BCr/"
    named = item("", "f.md", rules, slug="/My Slug/", **front)
    assert named.link == "https://home.example/my%20slug/"
    undated: dict[str, Value] = {"title": "T", "webUrl": ""}
    assert bare("f.md", rules, slug="s", **undated).item is not None
    assert bare("f.md", rules, **undated).item is None


def test_the_template_takes_the_path_that_zola_is_given() -> None:
    rules = Rules(home=HOME, link_template="/{path}/")
    given = bare("a/b.md", rules, title="T", path="/2014/12/12/1.0-Timeline").item
    assert given is not None
    assert given.link == "https://home.example/2014/12/12/1.0-Timeline/"
    assert rfc3339(given.published or 0) == "2014-12-12T00:00:00Z"
    for not_one in ("", "{{ x }}", "https://x.example/", "a b"):
        other = bare("a/b.md", rules, title="T", path=not_one).item
        assert other is not None
        assert other.link == "https://home.example/a/b/"


# -- dates ------------------------------------------------------------------------------------


def test_d1_a_date_without_offset_is_local_and_noted() -> None:
    found = run(
        BASE | {"publishedDateTime": "2023-11-08"}, rules=Rules(HOME, ZoneInfo("Asia/Tokyo"))
    )
    assert found.item is not None
    assert rfc3339(found.item.published or 0) == "2023-11-07T15:00:00Z"
    [problem] = found.problems
    assert (problem.code, problem.severity) == ("date-no-offset", Severity.INFO)


@pytest.mark.parametrize("written", ["2023-02-30", "may", "1970-01-01", "20231308", "{{ date }}"])
def test_d6_an_impossible_date_quarantines(written: str) -> None:
    found, problems = run(BASE | {"publishedDateTime": written})
    assert found is None
    assert [(one.code, one.severity) for one in problems] == [("date-impossible", Severity.ERROR)]


def test_d6_a_date_that_is_a_list_or_map_quarantines() -> None:
    for value in (["2023-11-08"], {"a": "b"}):
        assert run({**BASE, "publishedDateTime": value}).item is None


@pytest.mark.parametrize(
    "written", ["", "Last Modified", "git Created", "created", "git last modified"]
)
def test_d6_a_missing_date_is_left_to_the_ledger_with_a_warning(written: str) -> None:
    found, problems = run(BASE | {"publishedDateTime": written})
    assert found is not None
    assert found.published is None
    assert [(one.code, one.severity) for one in problems] == [("date-missing", Severity.WARNING)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2024-03-21-title.md", "2024-03-21T00:00:00Z"),
        ("posts/2024-03-21-title.html", "2024-03-21T00:00:00Z"),
        ("blog/2024-03-21-title/index.md", "2024-03-21T00:00:00Z"),
        ("2024-03-21.md", "2024-03-21T00:00:00Z"),
        ("2024-03-21-folder/title.md", None),
        ("blog/2024-03-21/title.md", "2024-03-21T00:00:00Z"),
        ("blog/2024/03/21/title.md", "2024-03-21T00:00:00Z"),
        ("blog/2024/03/21/title/index.md", "2024-03-21T00:00:00Z"),
        ("2024/03/21-title.md", None),
        ("2015-10-8-title.md", "2015-10-08T00:00:00Z"),
        ("1999-01-01-old/2024-03-21-new.md", "2024-03-21T00:00:00Z"),
        ("2024-02-30-title.md", None),
        ("2024-03-213.md", None),
    ],
)
def test_d6_the_file_name_gives_the_date_when_the_front_matter_has_none(
    path: str, expected: str | None
) -> None:
    found = item("", path, publishedDateTime="")
    assert (found.published and rfc3339(found.published)) == expected
    assert item("", path).published == 1699474980


def test_d3_a_bad_update_costs_the_update_only() -> None:
    found, problems = run(BASE | {"updatedDateTime": "2023-02-30"})
    assert found is not None
    assert found.updated is None
    assert [one.code for one in problems] == ["field-invalid"]


# -- texts ------------------------------------------------------------------------------------


def test_c4_references_are_decoded_once_and_tags_stay() -> None:
    found = item(title="AT&amp;amp;T &lt;3 <b>C++</b>", excerpt="&#8217;&nbsp; x")
    assert (found.title, found.excerpt) == ("AT&amp;T <3 <b>C++</b>", "’ x")


def test_section_1_a_missing_title_is_replaced() -> None:
    front = BASE | {"title": ""}
    found = run(front | {"excerpt": "é" * 100})
    assert found.item is not None
    assert (found.item.title, found.problems) == ("é" * 79 + "…", ())
    headed = run(front | {"excerpt": ""}, "# A *fine* start #\n\nMore")
    assert headed.item is not None
    assert (headed.item.title, headed.item.excerpt) == ("A fine start", "More")
    assert not headed.problems
    for body, title in (
        ("## A part\n\nMore", "More"),
        ("\n\n![](x.png)\n\n[Link](https://x.example) text", "Link text"),
        ("", "news.example"),
    ):
        found = run(front | {"excerpt": ""}, body)
        assert found.item is not None
        assert found.item.title == title
        assert codes(found) == ["title-missing"]
    html = run(front | {"excerpt": ""}, "<p>One &amp; <b>two</b></p>", "a.html").item
    assert html is not None
    assert html.title == "One & two"


def test_section_1_how_the_body_begins_is_the_excerpt_when_none_is_given() -> None:
    body = "## Part\n\nIt *begins*.\n\nMore."
    assert item(body, excerpt="").excerpt == "It begins."
    assert item(body).excerpt == "An excerpt."


def test_c5_the_excerpt_of_a_body_with_template_code_is_what_can_be_read_of_it() -> None:
    found, problems = run(BASE | {"excerpt": ""}, "{% include x %}\n\nReadable.\n\n{{ y }}")
    assert found is not None
    assert (found.excerpt, found.body) == ("Readable.", "<p>Readable.</p>\n")
    assert [(one.code, one.line) for one in problems] == [("template-code", 1)]
    assert item("{% raw %}`{{ y }}`{% endraw %}").body == "<p><code>{{ y }}</code></p>\n"


def test_names_with_links_in_markdown_are_authors() -> None:
    one = item(author="[Ann Lee](https://a.example/), Example")
    assert one.authors == (Person("Ann Lee, Example", "https://a.example/"),)
    two = item(author="[Ann](https://a.example/), [Bo](https://b.example/)")
    assert two.authors == (Person("Ann, Bo"),)


def test_section_1_a_title_over_1000_graphemes_is_cut() -> None:
    found = run(BASE | {"title": "🇩🇪" * 1000})
    assert found.item is not None
    assert (found.item.title, found.problems) == ("🇩🇪" * 1000, ())
    found = run(BASE | {"title": "x" * 100_000})
    assert found.item is not None
    assert found.item.title == "x" * 999 + "…"
    assert codes(found) == ["title-too-long"]


def test_c3_illegal_characters_leave_every_text() -> None:
    bad = "a\x0b\ud800b"
    found = item(
        bad, title=bad, excerpt=bad, type=bad, topics=[bad], author=bad, provider=bad, id=bad
    )
    texts = [found.title, found.excerpt, found.type, found.body, found.explicit]
    texts += [found.topics[0].label, found.authors[0].name, found.provider.name]  # type: ignore[union-attr]  # it is given
    assert texts == [*["ab"] * 3, "<p>ab</p>\n", *["ab"] * 4]


def test_c5_template_code_that_is_not_understood_is_left_out_and_told() -> None:
    found = run(BASE, "Hello {% include x.html %}")
    assert found.item is not None
    assert found.item.body == "<p>Hello</p>\n"
    assert [(one.code, one.severity, one.message) for one in found.problems] == [
        (
            "template-code",
            Severity.WARNING,
            "template code that is not understood is left out: include",
        )
    ]


def test_s4_scalars_stay_as_written() -> None:
    found = item(title="No", topics=["No", "2024", "1.10"])
    assert found.title == "No"
    assert [term.label for term in found.topics] == ["No", "2024", "1.10"]


# -- topics, people ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("", []),
        ("AI", ["AI"]),
        ("a, b ,, c", ["a", "b", "c"]),
        (["a, b"], ["a, b"]),
        (["", " ", {}, []], []),
        ([{"label": "L"}, {"name": "N"}, {"title": "T"}, {"x": "y"}], ["L", "N", "T"]),
        (["Ai", "AI", " ai "], ["Ai"]),
        (["R&amp;D"], ["R&D"]),
        ({"label": "one"}, ["one"]),
    ],
)
def test_t1_topics_come_in_every_shape(value: Value, labels: list[str]) -> None:
    assert [term.label for term in item(topics=value).topics] == labels


def test_s4_at_most_50_topics_are_kept() -> None:
    found = run({**BASE, "topics": [f"t{n}" for n in range(2000)]})
    assert found.item is not None
    assert [term.label for term in found.item.topics] == [f"t{n}" for n in range(50)]
    assert codes(found) == ["topics-too-many"]
    fifty: list[Value] = [f"t{n % 50}" for n in range(100)]
    assert not run({**BASE, "topics": fifty}).problems
    assert codes(run({**BASE, "topics": ["x" * 2000, "y"]})) == ["field-invalid"]


def test_the_category_is_the_first_name_and_no_topic() -> None:
    assert item(category=["News", "Other"]).category == Term("news", "News")
    assert item(category="News").topics == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("AWS", Person("AWS")),
        ({"name": "A", "domain": "A.example"}, Person("A", "https://a.example/")),
        ({"domain": "a.example"}, Person("a.example", "https://a.example/")),
        ({"name": "A", "domain": "https://a.example/x"}, Person("A", "https://a.example/")),
        ({"name": "A", "domain": "no host"}, Person("A")),
        ({"name": "A", "domain": "a.example@evil.example"}, Person("A")),
        ({"name": "", "domain": ""}, None),
        ("A <a@x.example>", Person("A")),
        ("a@x.example", None),
        (["x"], None),
    ],
)
def test_the_provider_has_a_name_and_the_address_of_its_domain(
    value: Value, expected: Person | None
) -> None:
    assert item(provider=value).provider == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Jane Doe", [Person("Jane Doe")]),
        ("Jane <jane@x.example>", [Person("Jane")]),
        (["A", "B", "A"], [Person("A"), Person("B")]),
        ({"name": "A", "email": "no mail"}, [Person("A")]),
        ([{"name": "A", "url": "/about/"}], [Person("A", "https://home.example/about/")]),
        ([{"name": "A", "url": "javascript:x()"}], [Person("A")]),
        ([{"url": "https://x.example/"}], []),
        (["x" * 301, "B"], [Person("B")]),
        ("ann@x.example (Ann Example)", [Person("Ann Example")]),
        ("Ann (mailto:ann@x.example) and Bo <bo@x.example>", [Person("Ann and Bo")]),
        ("ann@x.example", []),
        (["ann@x.example", "B"], [Person("B")]),
        ({"name": "ann@x.example (Ann)", "url": "https://a.example/"},
         [Person("Ann", "https://a.example/")]),
        ("Ann (@ann@social.example)", [Person("Ann (@ann@social.example)")]),
        ({"first": "Ann", "last": "Example"}, [Person("Ann Example")]),
        ({"first_name": "Ann"}, [Person("Ann")]),
        ({"display_name": "Ann", "twitter": "annex"}, [Person("Ann")]),
        ({"name": "Ann", "socials": {"url": "https://a.example/"}}, [Person("Ann")]),
        ({"twitter": "annex", "github": "ann"}, []),
        ({"socials": {"x": "annex"}, "bio": "Writes."}, []),
        ("Doe, Jane", [Person("Doe, Jane")]),
        ({"key": "ann"}, [Person("ann")]),
    ],
)  # fmt: skip
def test_authors_come_in_every_shape(value: Value, expected: list[Person]) -> None:
    found = run({**BASE, "author": value})
    assert found.item is not None
    assert list(found.item.authors) == expected
    unnamed = sum(isinstance(one, str) and ("@x" in one or len(one) > 300) for one in value)
    assert codes(found) == ["field-invalid"] * bool(unnamed or not expected)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(("{}", "<{}>", "({})", "[{}]")))
def test_no_mail_address_is_published_whatever_stands_around_it(
    before: str, after: str, around: str
) -> None:
    mail = "ann@x.example"
    value = f"{before} {around.format(mail)} {after}"
    for shape in (value, {"name": value}, {"first": value, "email": mail}, [{"key": value}]):
        for field in ("author", "authors", "provider"):
            assert mail not in repr(item("", "a.md", None, **{field: shape})._replace(path=""))


def test_several_authors_in_one_text_are_several_people() -> None:
    assert item(authors="Ann, Bo").authors == (Person("Ann"), Person("Bo"))
    assert item(Authors="Doe, Ann; Doe, Bo").authors == (Person("Doe, Ann"), Person("Doe, Bo"))
    linked = item(authors="[Ann](https://a.example/), Bo").authors
    assert linked == (Person("Ann", "https://a.example/"), Person("Bo"))


def test_the_keys_of_an_authors_file_stand_for_people() -> None:
    ann = Person("Ann Example", "https://a.example/")
    rules = Rules(home=HOME, authors={"ann": ann})
    given: list[Value] = ["ann", " ann ", ["ann"], {"key": "ann", "title": "CEO"}, ["ann", "ann"]]
    for value in given:
        assert item("", "a.md", rules, author=value).authors == (ann,)
    own = item("", "a.md", rules, authors=[{"key": "ann", "name": "A", "url": "/a"}, "bo"]).authors
    assert own == (Person("A", f"{HOME}a"), Person("bo"))


# -- media ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/i.png", Image("https://news.example/i.png")),
        ("my cover.jpg", Image("https://news.example/my%20cover.jpg")),
        ({"src": "i.png"}, Image("https://news.example/i.png")),
        ({"url": "https://c.example/x%253A?height=630&utm_source=a"},
         Image("https://c.example/x%253A?height=630&utm_source=a")),
        ({"url": "/i", "width": "-1", "height": "0"}, Image("https://news.example/i")),
        ({"url": "/i", "width": "12px", "height": "9" * 9}, Image("https://news.example/i")),
        ({"url": "/i", "width": "5", "height": "07"}, Image("https://news.example/i", 5, 7)),
        ({"url": "/i.png", "type": "image/PNG"}, Image("https://news.example/i.png", type="image/png")),
        ({"url": "/i.png", "type": "png"}, Image("https://news.example/i.png")),
        ({"url": "/i.png", "attribution": "By A"}, Image("https://news.example/i.png", alt="By A")),
        ("javascript:alert(1)//.png", None),
        ("data:image/png;base64,AAAA", None),
        ("{{ site.url }}/i.png", None),
        ({"title": "x"}, None),
    ],
)  # fmt: skip
def test_m1_m2_m3_pictures_are_given_and_never_guessed(
    value: Value, expected: Image | None
) -> None:
    for front in ({"images": [value]}, {"images": "", "thumbnail": value}):
        found = run(BASE | front)
        assert found.item is not None
        assert found.item.images == ((expected,) if expected else ())
        assert codes(found) == ([] if expected else ["image-invalid"])


def test_each_picture_is_kept_once_and_the_first_leads() -> None:
    found = item(images=["/a.png", "", "/b.png", "/a.png"])
    assert [one.url[-5:] for one in found.images] == ["a.png", "b.png"]
    many = run({**BASE, "images": [f"/{n}.png" for n in range(101)]})
    assert many.item is not None
    assert (len(many.item.images), codes(many)) == (100, ["field-invalid"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"url": "/a.mp3", "type": "audio/mpeg", "length": "123"}, [(MP3, "audio/mpeg", 123)]),
        ({"url": "/a.mp3", "type": "audio/mpeg", "length": "0"}, [(MP3, "audio/mpeg")]),
        ({"src": "/a.mp3", "size": "5"}, [(MP3, "audio/mpeg", 5)]),
        ({"file": "/a.mp3?x=a.b/c#d", "bytes": "5", "type": "mp3"},
         [(f"{MP3}?x=a.b/c#d", "audio/mpeg", 5)]),
        ({"url": "/a", "type": 'Audio/MP4; codecs="mp4a.40.2"', "length": "5"},
         [(MP3[:-4], "audio/mp4", 5)]),
        ("/a.mp3\n123\naudio/x-mpeg\n", [(MP3, "audio/x-mpeg", 123)]),
        (["/a.mp3\n1", "/a.mp3\n2", {"url": "/b.OGG", "length": "3"}],
         [(MP3, "audio/mpeg", 1), ("https://news.example/b.OGG", "audio/ogg", 3)]),
        ("false", []),
        ("", []),
    ],
)  # fmt: skip
def test_m2_an_attached_file_is_read_in_every_shape(
    value: Value, expected: list[tuple[Any, ...]]
) -> None:
    found = run({**BASE, "audio": value})
    assert found.item is not None
    assert list(found.item.enclosures) == [Enclosure(*each) for each in expected]
    assert codes(found) == ["enclosures-several"] * (len(expected) > 1)


@pytest.mark.parametrize(
    ("value", "expected", "message"),
    [
        ("/a.mp3", [(MP3, "audio/mpeg")], "lacks its length in bytes (length, audio_file_size); feeds say 0"),
        ({"url": "/a.mp3", "length": "12 MB"}, [(MP3, "audio/mpeg")], "lacks its length in bytes"),
        ("/a", [], "lacks its type, such as type: audio/mpeg; it is left out"),
        ({"url": "/a.exe", "type": "audio", "length": "5"}, [], "lacks its type"),
        ({"type": "audio/mpeg", "length": "5"}, [], "lacks its web address; it is left out"),
        ("episode-1", [], "lacks its web address"),
        ({"url": "/a.mp3", "length": "5", "duration": "long"}, [(MP3, "audio/mpeg", 5)],
         "has a duration that is neither 1:02:03 nor seconds; it is ignored"),
    ],
)  # fmt: skip
def test_m2_what_an_attached_file_lacks_is_a_warning(
    value: Value, expected: list[tuple[Any, ...]], message: str
) -> None:
    found = run({**BASE, "audio": value})
    assert found.item is not None
    assert list(found.item.enclosures) == [Enclosure(*each) for each in expected]
    [problem] = found.problems
    assert problem.severity == Severity.WARNING
    assert problem.message.startswith(f"audio {message}")


def test_m2_keys_beside_a_file_tell_of_it_and_of_its_episode() -> None:
    jekyll = item(
        audio_file="/a.mp3", audio_file_size="123", duration="41:12",
        episode="012", season="2", explicit="clean", episode_image="/e.webp",
    )  # fmt: skip
    assert jekyll.enclosures == (Enclosure(MP3, "audio/mpeg", 123),)
    assert jekyll.episode == Episode(2472, 12, 2, "no", "https://news.example/e.webp")
    two = item(enclosure=["/a.mp3", "/b.ogg"], enclosure_length="9", duration="0:7.5")
    assert [each.length for each in two.enclosures] == [9, 0]
    assert two.episode == Episode(7)
    own = item(enclosure=[{"url": "/a.mp3", "length": "1", "duration": "1:02:03"}])
    assert own.episode == Episode(3723)
    silent = run({**BASE, "episode": "Pilot", "duration": "long", "explicit": "so"})
    assert silent.item is not None
    assert (silent.item.episode, silent.problems) == (None, ())
    odd = run({**BASE, "audio": "/a.mp3\n1", "episode": "Pilot", "season": "-1", "explicit": "so"})
    assert odd.item is not None
    assert (odd.item.episode, codes(odd)) == (None, ["field-invalid"] * 2)


def test_m2_a_length_of_a_file_that_nothing_names_is_told() -> None:
    alone = run({**BASE, "audio_file_path": "/a.mp3", "audio_file_size": 9})
    [told] = [p for p in alone.problems if p.code == "enclosure-incomplete"]
    assert told.message.startswith("audio_file_size is that of a file")


def test_a_file_of_castanet_is_read_where_its_address_is_whole() -> None:
    castanet = run({**BASE, "podcast_file": "a.mp3", "podcast_bytes": "9"})
    assert codes(castanet) == ["enclosure-incomplete"], "where it is, only its config says"
    assert item(podcast_file=MP3).enclosures == (Enclosure(MP3, "audio/mpeg"),)


# -- small fields -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en-us", "en-US"),
        ("zh_hans_CN", "zh-Hans-CN"),
        ("DE", "de"),
        ("en_GB.UTF-8", "en-GB"),
        ("es-419", "es-419"),
        ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
        ("de-CH-1ABC-u-CO-phonebk", "de-CH-1abc-u-co-phonebk"),
        ("No", "no"),
        ("english", ""),
        ("e", ""),
        ("en--us", ""),
        ("en us", ""),
        ("x" * 1000, ""),
    ],
)
def test_the_language_is_a_bcp_47_tag_or_none(written: str, tag: str) -> None:
    for key in ("locale", "lang", "language"):
        found = run(BASE | {key: written})
        assert found.item is not None
        assert found.item.language == tag
        assert codes(found) == ([] if tag else ["field-invalid"])


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("17", 17),
        ("-1", -1),
        (" +5 ", 5),
        ("104.0", 104),
        ("", 0),
        ("x", 0),
        ("9" * 5000, 0),
        ("٣", 0),
    ],
)
def test_quality_and_heat_are_whole_numbers_or_zero(written: str, number: int) -> None:
    found = item(quality=written, heat=written)
    assert (found.quality, found.heat) == (number, number)


def test_a_field_of_the_wrong_kind_is_reported_at_its_line() -> None:
    front: dict[str, Value] = {
        **BASE,
        "quality": {"a": CANARY},
        "type": "x" * 99,
        "summary": [CANARY],
    }
    front["excerpt"] = ""
    document = Document("a.md", front, "", {"quality": 7, "type": 8, "summary": 9})
    found = normalize(document, Rules(home=HOME))
    assert found.item is not None
    assert [(one.line, one.code) for one in found.problems] == [
        (9, "field-invalid"),
        (8, "field-invalid"),
        (7, "field-invalid"),
    ]
    assert all(one.path == "a.md" for one in found.problems)


# -- withholding ------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["removed", "deleted", "draft"])
@pytest.mark.parametrize("value", ["", "false", "No", "OFF", "0", " False ", [], {}])
def test_s3_an_unset_flag_does_not_withhold(flag: str, value: Value) -> None:
    assert item(**{flag: value}).withheld is Withheld.NO


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("removed", Withheld.REMOVED),
        ("deleted", Withheld.REMOVED),
        ("draft", Withheld.UNPUBLISHED),
        ("Draft", Withheld.UNPUBLISHED),
    ],
)
@pytest.mark.parametrize("value", ["true", "yes", "1", "2023-11-08", "maybe", ["false"], {"a": ""}])
def test_s3_any_other_value_withholds(flag: str, value: Value, expected: Withheld) -> None:
    assert item(**{flag: value}).withheld is expected


@pytest.mark.parametrize("value", ["true", "True", "YES", " on ", "1"])
def test_s3_published_true_is_out(value: str) -> None:
    assert item(published=value).withheld is Withheld.NO


@pytest.mark.parametrize(
    "value", ["false", "no", "", "0", "off", "2023-11-08", "tru", [], {}, ["true"]]
)
def test_s3_any_other_published_is_not_out(value: Value) -> None:
    assert item(published=value).withheld is Withheld.UNPUBLISHED


def test_s3_published_that_is_neither_is_said() -> None:
    [problem] = run(BASE | {"published": "2023-11-08"}).problems
    assert (problem.code, problem.severity) == ("field-invalid", Severity.WARNING)
    assert not run(BASE | {"published": "no"}).problems


def test_s3_an_absent_published_is_as_the_config_says() -> None:
    assert item().withheld is Withheld.NO
    rules = Rules(home=HOME, published_default=False)
    assert item("", "a.md", rules).withheld is Withheld.UNPUBLISHED
    assert item("", "a.md", rules, published="true").withheld is Withheld.NO


def test_s3_every_key_of_a_flag_counts() -> None:
    assert item(draft="false", Draft="true").withheld is Withheld.UNPUBLISHED
    assert item(removed="false", extra={"removed": "true"}).withheld is Withheld.REMOVED
    assert item(draft="true", deleted="true").withheld is Withheld.REMOVED


def test_s3_a_withheld_item_is_never_quarantined_and_keeps_its_identity() -> None:
    broken = {"publishedDateTime": "2023-02-30", "removed": "true", "title": ["x"]}
    found = run({**BASE, **broken})  # type: ignore[dict-item]  # str and list are both values
    assert found.item is not None
    assert found.item.withheld is Withheld.REMOVED
    assert found.item.web_key == item().web_key
    assert not found.problems
    assert bare(draft="true") == (bare(draft="true").item, ())


# -- unknown and secured ----------------------------------------------------------------------


def test_unknown_keys_are_one_info_problem_each() -> None:
    found = run({**BASE, "zeta": CANARY, "alpha": {"b": CANARY}, "layout": "x", "toc": "true"})
    assert [(one.code, one.severity, one.message) for one in found.problems] == [
        ("key-unknown", Severity.INFO, "the key alpha is not known; it is ignored"),
        ("key-unknown", Severity.INFO, "the key zeta is not known; it is ignored"),
    ]
    prose = run({**BASE, f"A sentence, {CANARY}": "x"}).problems
    assert CANARY not in str(prose)
    assert len(prose) == 1


def test_what_surrounds_a_value_and_is_no_quote_is_told_at_its_line() -> None:
    front: dict[str, Value] = {
        **BASE,
        "title": "“A”",
        "tags": ["a", "“b”"],
        "extra": {"type": "‘c’"},
    }
    found = normalize(
        Document("a.md", front, "", {"tags": 5, "extra": 7}), Rules(home=HOME)
    ).problems
    assert [(one.code, one.line, one.message.split()[0]) for one in found] == [
        ("field-invalid", 5, "tags"),
        ("field-invalid", 7, "extra.type"),
    ]


@pytest.mark.parametrize("asked", [("secured", "Secured"), ("extra.secured", "secured.name")])
def test_s1_secured_is_in_nothing_even_if_the_config_asks_for_it(asked: tuple[str, ...]) -> None:
    secret: Value = {"url": f"https://{CANARY}.example/", "name": CANARY, "title": CANARY}
    front: dict[str, Value] = {
        **BASE,
        "secured": secret,
        "Secured": CANARY,
        "extra": {"secured": secret, "author": {"secured": secret}},
        "provider": {"name": "P", "secured": secret},
        "images": [{"url": "/a.png", "secured": secret}],
        "related": [{"webUrl": "https://o.example/", "secured": secret}],
    }
    fields = {name: (*asked, *keys) for name, keys in DEFAULT_FIELDS.items()}
    assert CANARY not in repr(run(front, rules=Rules(home=HOME, fields=fields)))


# -- properties -------------------------------------------------------------------------------

scalars = st.text(max_size=30) | st.sampled_from(
    [
        "true",
        "false",
        "2023-11-08",
        "https://x.example/a",
        "/a",
        "-1",
        "1e9",
        "en",
        "a, b",
        "\ud800",
    ]
)
keys = st.sampled_from(
    [
        *sorted(
            {part for row in DEFAULT_FIELDS.values() for key in row for part in key.split(".")}
        ),
        *(
            "secured",
            "layout",
            "unknown",
            "url",
            "name",
            "width",
            "length",
            "src",
            "label",
            "email",
        ),
    ]
)
values: st.SearchStrategy[Value] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=5), inner),
    max_leaves=12,
)
fronts = st.dictionaries(keys, values, max_size=12)
paths = st.binary(min_size=1, max_size=20).map(
    lambda raw: raw.replace(b"\0", b"/").decode("utf-8", "surrogateescape")
)
rule_sets = st.builds(
    Rules,
    home=st.sampled_from(["", HOME]),
    timezone=st.sampled_from([UTC, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")]),
    published_default=st.booleans(),
    link_template=st.sampled_from(["", "/{path}/", "{year}/{month}/{day}/{slug}", "{x}"]),
)


@settings(max_examples=150)
@given(fronts, st.text(max_size=50), paths, rule_sets)
def test_normalize_never_raises_and_says_why_when_it_gives_no_item(
    front: dict[str, Value], body: str, path: str, rules: Rules
) -> None:
    found = run(front, body, path, rules)
    assert found == run(front, body, path, rules)
    errors = [one for one in found.problems if one.severity is Severity.ERROR]
    assert (found.item is None) == bool(errors)
    if found.item is not None and not found.item.withheld:
        assert found.item.link.startswith(("http://", "https://"))
        assert found.item.title


@settings(max_examples=60)
@given(fronts, st.randoms())
def test_the_order_of_keys_does_not_matter(front: dict[str, Value], shuffle: random.Random) -> None:
    mixed = list(front.items())
    shuffle.shuffle(mixed)
    assert run(dict(mixed)) == run(front)


@settings(max_examples=80)
@given(fronts, st.sampled_from(["", "webUrl", "title", "zzz", "related", "topics"]))
def test_s1_s2_secured_and_unknown_values_are_nowhere(front: dict[str, Value], other: str) -> None:
    hidden: Value = {"title": CANARY, "url": f"https://{CANARY}.example/", other: CANARY}
    found = run(BASE | front | {"secured": hidden, "unheardOf": [CANARY, hidden]})
    assert CANARY not in repr(found)


@settings(max_examples=60)
@given(fronts)
def test_s2_problems_never_quote_values(front: dict[str, Value]) -> None:
    front = {key: _marked(value) for key, value in front.items()}
    assert all(CANARY not in one.message for one in run(front).problems)


def _marked(value: Value) -> Value:
    if isinstance(value, str):
        return f"{value}{CANARY}"
    if isinstance(value, list):
        return [_marked(one) for one in value]
    return {key: _marked(one) for key, one in value.items()}


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=200))
def test_texts_that_were_normalized_stay_as_they_are(title: str, excerpt: str) -> None:
    once = item(title=title.replace("&", ""), excerpt=excerpt.replace("&", ""))
    again = item(title=once.title, excerpt=once.excerpt)
    assert (again.title, again.excerpt) == (once.title, once.excerpt)


def test_line_of_a_problem_is_that_of_the_key_as_written() -> None:
    document = Document("a.md", {**BASE, "Extra": {"quality": "x"}}, "", {"Extra": 4})
    [problem] = normalize(document, Rules(home=HOME)).problems
    assert problem == Problem(
        "a.md", 4, "field-invalid", Severity.WARNING,
        "Extra.quality is not a whole number; it is ignored",
    )  # fmt: skip
