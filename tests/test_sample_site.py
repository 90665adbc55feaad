"""The sample site holds every case that it is there to show; read with plain PyYAML.

It is what a new operator builds first, and what the tests of whole feeds run over: nobody should
thin it out unnoticed. Scalars are read as strings, so that a date stays what the author wrote.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).parent.parent / "config" / "site" / "content"
HOME = "https://www.example.org/"
OURS = re.compile(r"(^|\.)(example\.(org|com|net)|example)$")
LAST_PAST = datetime(2026, 11, 15, 23, 59, 59, tzinfo=UTC)


class Sample(NamedTuple):
    """One file of the sample site; every scalar of `front` is its source string."""

    path: str
    front: dict[str, Any]
    body: str

    @property
    def link(self) -> str:
        return str(self.front.get("webUrl") or self.front["originalUrl"])

    @property
    def related(self) -> list[dict[str, Any]]:
        return list(self.front.get("related", ()))

    @property
    def out(self) -> bool:
        """Whether its flags let it out (S3); the item of the future counts as well."""
        flags = [self.front.get(name) for name in ("draft", "removed", "deleted")]
        return self.front.get("published", "true") == "true" and flags == [None] * 3


def read(path: Path) -> Sample:
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    # It makes strings, lists and maps only.
    front = yaml.load(head, Loader=yaml.CBaseLoader)  # noqa: S506 - it builds no objects
    return Sample(path.relative_to(ROOT).as_posix(), front, body.strip())


SITE = [read(path) for path in sorted(ROOT.rglob("*.md"))]
OUT = [item for item in SITE if item.out]


def topics_of(items: list[Sample]) -> Counter[str]:
    return Counter(topic for item in items for topic in item.front["topics"])


def links() -> Iterator[tuple[Sample, dict[str, Any]]]:
    return ((item, link) for item in SITE for link in item.related)


def canonical(url: str) -> str:
    """As much of R1 as the sample needs: scheme, query and fragment do not matter here."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path}"


def instant(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def published(item: Sample) -> datetime:
    return instant(item.front["publishedDateTime"])


def addresses(value: object) -> Iterator[str]:
    """Every http(s) address and provider domain anywhere in a front matter value."""
    if isinstance(value, dict):
        if "domain" in value:
            yield f"https://{value['domain']}/"
        for child in value.values():
            yield from addresses(child)
    elif isinstance(value, list):
        for child in value:
            yield from addresses(child)
    elif isinstance(value, str):
        yield from re.findall(r"https?://[^\s\"')>]+", value)


# the files


def test_has_enough_items_in_several_folders() -> None:
    assert len(SITE) >= 44
    folders = Counter(item.path.split("/", 1)[0] for item in SITE)
    assert folders["news"] >= 30
    assert folders["events"] >= 3
    assert folders["videos"] >= 2
    assert {item.front["category"] for item in SITE} >= {"news", "events", "videos"}
    assert {item.front["type"] for item in SITE} >= {"article", "event", "video", "podcast"}


@pytest.mark.parametrize("item", SITE, ids=lambda item: item.path)
def test_every_item_is_whole(item: Sample) -> None:
    assert re.fullmatch(r"[a-z]+/\d{4}-\d\d-\d\d-[a-z0-9-]+\.md", item.path)
    assert item.path.split("/")[1][:10] == item.front["publishedDateTime"][:10]
    assert item.path.startswith(item.front["category"] + "/")
    assert item.front["title"].strip()
    assert 50 <= len(item.front["excerpt"]) <= 300 or not item.front["excerpt"].isascii()
    assert item.front["excerpt"].endswith((".", "。"))
    assert item.front["topics"]
    assert {"name", "domain"} <= set(item.front["provider"])


def test_titles_and_excerpts_are_no_filler() -> None:
    text = " ".join(item.front["title"] + item.front["excerpt"] + item.body for item in SITE)
    assert not re.search(r"lorem|ipsum|foo\b|\bbar baz|TODO|xxx", text, re.IGNORECASE)
    assert len({item.front["title"] for item in SITE}) == len(SITE)
    assert len({item.front["excerpt"] for item in SITE}) == len(SITE)


@pytest.mark.parametrize("item", SITE, ids=lambda item: item.path)
def test_every_address_is_reserved_for_examples(item: Sample) -> None:
    found = [*addresses(item.front), *addresses(item.body)]
    assert found
    for url in found:
        assert OURS.search(urlsplit(url).hostname or ""), url


def test_some_items_are_our_own_and_some_come_from_providers() -> None:
    assert sum(item.link.startswith(HOME) for item in SITE) >= 20
    assert len({item.front["provider"]["domain"] for item in SITE}) >= 8


# topics


def test_topics_that_are_hard_to_name_are_there_and_out() -> None:
    out = topics_of(OUT)
    for topic in ("C", "C++", "C#", "AI", ".NET", "人工智能", "🤖"):
        assert out[topic] >= 2, topic
    for topic in ("Open Source", "Security", "Climate"):
        assert out[topic] >= 5, topic
    assert len(out) >= 12


def test_t1_one_topic_is_spelled_in_two_ways() -> None:
    spellings = topics_of(OUT)
    assert spellings["Open Source"]
    assert spellings["open source"]


# pictures and media


def test_pictures_have_sizes_and_titles() -> None:
    pictures = [image for item in SITE for image in item.front.get("images", [])]
    assert len(pictures) >= 15
    for image in pictures:
        assert int(image["width"]) > 0
        assert int(image["height"]) > 0
        assert image["title"]
    assert any(len(item.front.get("images", [])) > 1 for item in SITE)


def test_m1_picture_addresses_that_break_when_unescaped() -> None:
    urls = [image["url"] for item in OUT for image in item.front.get("images", [])]
    assert sum("%253A" in url and "&height=630" in url for url in urls) >= 2
    assert all(urlsplit(url).hostname == "images.example.net" for url in urls)


def test_an_enclosure_has_all_three_parts() -> None:
    enclosures = [item.front["enclosure"] for item in OUT if "enclosure" in item.front]
    assert enclosures
    assert all(set(each) == {"url", "type", "length"} for each in enclosures)
    assert all(int(each["length"]) > 0 for each in enclosures)


# related links


def test_related_links_are_many() -> None:
    assert len(list(links())) >= 40
    assert sum(len(item.related) > 1 for item in OUT) >= 8


def test_r4_many_related_links_lead_to_items_of_this_site() -> None:
    own = {item.link for item in OUT}
    assert sum(link["webUrl"] in own - {item.link} for item, link in links()) >= 12


def test_related_links_newer_than_their_item() -> None:
    newer = [link for item, link in links() if instant(link["publishedDateTime"]) > published(item)]
    assert len(newer) >= 5


def test_r2_one_item_gives_a_related_link_twice() -> None:
    twice = [
        item
        for item in OUT
        if max(Counter(canonical(link["webUrl"]) for link in item.related).values(), default=0) > 1
    ]
    assert len(twice) == 1
    assert len({link["webUrl"] for link in twice[0].related}) == len(twice[0].related)


def test_r1_related_links_with_tracking_parameters() -> None:
    assert sum("utm_" in link["webUrl"] for _, link in links()) >= 4
    assert any("utm_" in url and not url.split("?")[1].startswith("utm_") for url in related_urls())
    assert any("fbclid=" in url for url in related_urls())


def related_urls() -> list[str]:
    return [link["webUrl"] for _, link in links()]


def test_r2_one_item_links_to_itself_in_other_words() -> None:
    selves = [link for item, link in links() if canonical(link["webUrl"]) == canonical(item.link)]
    assert len(selves) == 1
    assert selves[0]["webUrl"].startswith("http://")


def test_r2_one_related_link_has_no_title() -> None:
    assert sum("title" not in link for _, link in links()) == 1


def test_r2_related_links_to_items_that_are_not_out() -> None:
    hidden = {item.link for item in SITE if not item.out}
    assert sum(link["webUrl"] in hidden for item, link in links() if item.out) >= 2


def test_r1_a_related_link_is_an_iri() -> None:
    assert any(not url.isascii() for url in related_urls())


# what is not out


def test_s3_drafts_unpublished_and_removed() -> None:
    assert sum(item.front.get("draft") == "true" for item in SITE) >= 2
    assert sum(item.front.get("published") == "false" for item in SITE) >= 2
    removed = [item for item in SITE if item.front.get("removed") == "true"]
    assert removed
    assert all(item.front["published"] == "true" for item in removed)
    assert len(OUT) >= 40


def test_d5_one_item_is_dated_in_the_future() -> None:
    future = [item for item in OUT if published(item) > LAST_PAST]
    assert [item.front["publishedDateTime"] for item in future] == ["2099-01-01T00:00:00Z"]


def test_s1_secured_text_in_several_and_once_deep_inside() -> None:
    texts = [item.front["secured"] for item in SITE if "secured" in item.front]
    texts += [link["secured"] for _, link in links() if "secured" in link]
    assert len(texts) >= 20
    assert any("secured" in link for _, link in links())
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert all(len(base64.b64decode(part, validate=True)) >= 16 for part in text.split(";"))


# bodies


def test_markdown_bodies_with_every_kind_of_block() -> None:
    bodies = [item.body for item in OUT if item.body]
    assert len(bodies) >= 12
    for kind, pattern in {
        "heading": r"(?m)^#{2,3} ",
        "list": r"(?m)^[-*] ",
        "numbered list": r"(?m)^1\. ",
        "table": r"(?m)^\|[-:| ]+\|$",
        "code": r"(?m)^```[a-z]+$",
        "quote": r"(?m)^> ",
        "link": r"(?<!!)\[[^\]]+\]\(https://",
        "relative link": r"(?<!!)\[[^\]]+\]\((?!\w+:)",
        "emphasis": r"\*\*[^*]+\*\*",
    }.items():
        assert sum(bool(re.search(pattern, body)) for body in bodies) >= 2, kind


def test_c2_bodies_with_relative_pictures() -> None:
    relative = r"!\[[^\]]+\]\((?!\w+:|/)"
    assert sum(bool(re.search(relative, item.body)) for item in OUT) >= 3


def test_c5_exactly_one_body_holds_template_code() -> None:
    assert sum(bool(re.search(r"\{%|\{\{", item.body)) for item in SITE) == 1


# dates and identity


def test_d3_an_item_was_updated_after_it_was_published() -> None:
    updated = [item for item in OUT if "updatedDateTime" in item.front]
    assert updated
    for item in updated:
        assert published(item) < instant(item.front["updatedDateTime"]) <= LAST_PAST


def test_d1_one_date_has_no_offset_and_some_are_not_utc() -> None:
    dates = [item.front["publishedDateTime"] for item in OUT]
    assert sum(datetime.fromisoformat(date).tzinfo is None for date in dates) == 1
    assert {date[-6:] for date in dates if "+" in date} >= {"+02:00", "+03:00", "+09:00"}


def test_dates_are_spread_over_three_years_and_never_equal() -> None:
    dates = sorted(published(item) for item in SITE)
    assert dates[0].strftime("%Y-%m") == "2024-01"
    assert dates[-2].date().isoformat() == "2026-11-15"
    assert min(Counter(date.year for date in dates[:-1]).values()) >= 10
    assert len(set(dates)) == len(dates), "equal instants are a warning of the W3C validator"


def test_i2_one_item_lacks_originalurl_and_one_lacks_weburl() -> None:
    assert sum("originalUrl" not in item.front for item in OUT) == 1
    assert sum("webUrl" not in item.front for item in OUT) == 1
    both = [item.front for item in OUT if {"originalUrl", "webUrl"} <= set(item.front)]
    assert sum(front["originalUrl"] != front["webUrl"] for front in both) >= 3


def test_i4_exactly_one_story_is_in_two_files() -> None:
    def story(item: Sample) -> str:
        url = item.front.get("originalUrl") or item.link
        return url.split("?utm_")[0].replace("http://", "https://")

    counts = Counter(story(item) for item in SITE)
    twins = [item for item in SITE if counts[story(item)] > 1]
    assert len(twins) == 2
    assert all(item.out for item in twins)
    assert set(twins[0].front["topics"]) != set(twins[1].front["topics"])


def test_i1_an_item_brings_its_own_id() -> None:
    assert any(item.front.get("id", "").startswith(HOME) for item in OUT)


# text


def test_titles_with_references_quotes_and_emoji() -> None:
    titles = [item.front["title"] for item in OUT]
    assert any(title.startswith("AT&amp;T &lt;3 C++") for title in titles)
    assert any("&#8217;" in title for title in titles)
    assert any('"' in title for title in titles)
    assert any("“" in title for title in titles)
    assert any(unicodedata.category(char) == "So" for title in titles for char in title)
    assert any("&nbsp;" in item.front["excerpt"] for item in OUT)


def test_locales_of_four_scripts() -> None:
    locales = {item.front.get("locale") for item in OUT}
    assert locales >= {None, "en-us", "fr-fr", "ja-jp", "zh-cn", "ar"}
    arabic = next(item for item in OUT if item.front.get("locale") == "ar")
    for text in (arabic.front["title"], arabic.front["excerpt"], arabic.body):
        assert any(unicodedata.bidirectional(char) == "AL" for char in text)


def test_quality_and_heat_reach_from_minus_one_to_148() -> None:
    for name in ("quality", "heat"):
        values = [int(item.front[name]) for item in SITE]
        assert (min(values), max(values)) == (-1, 148)
        assert len(set(values)) >= 25
