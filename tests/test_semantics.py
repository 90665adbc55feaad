"""The rules that only a whole build can show, and the edge cases of the semantics' section 3.

Each test builds a small site through the command line and reads the feeds with feedparser.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest
from small_site import DAY, EPOCH, Site
from test_disk import PERMISSIONS_BIND

ITEM = "https://news.example/a"
WHEN = "2025-12-01T08:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def put(site: Site, path: str = "a.md", body: str = "", **fields: Any) -> None:
    usual = {"title": "T", "webUrl": ITEM, "publishedDateTime": WHEN, "topics": ["AI"]}
    site.write(path, body, **{**usual, **fields})


def read(site: Site, path: str = "atom.xml") -> Any:
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, path
    return feed


def entries(site: Site, path: str = "atom.xml") -> list[Any]:
    return list(read(site, path).entries)


def json_feed(site: Site, path: str = "feed.json") -> Any:
    return json.loads((site.out / path).read_bytes())


def titles(site: Site, path: str = "atom.xml") -> list[str]:
    return [e.title for e in entries(site, path)]


def slugs(site: Site) -> set[str]:
    return {p.name for p in (site.out / "topics").iterdir()}


def test_i1_one_id_in_all_feeds_and_formats(site: Site) -> None:
    put(site, topics=["AI", "Web"])
    site.build()
    ids = set()
    for folder in ("", "topics/ai/", "topics/web/"):
        ids |= {entries(site, folder + name)[0].id for name in ("rss.xml", "atom.xml")}
        ids |= {item["id"] for item in json_feed(site, folder + "feed.json")["items"]}
    assert len(ids) == 1


def test_what_an_item_says_is_in_its_feeds(site: Site) -> None:
    site.configure(feeds={"scores": True})
    enclosure = {"url": "https://news.example/a.mp3", "type": "audio/mpeg", "length": 7}
    put(
        site,
        excerpt="Short",
        originalUrl="https://wire.example/1",
        type="video",
        quality=3,
        heat=4,
        category="News",
        provider={"name": "Wire", "url": "https://wire.example/"},
        images=[{"url": "https://news.example/a.png"}],
        enclosure=enclosure,
        locale="en-GB",
    )
    site.build()
    (item,) = json_feed(site)["items"]
    told = {name: value for name, value in item.items() if not name.startswith(("id", "content"))}
    assert told == {
        "url": ITEM,
        "title": "T",
        "summary": "Short",
        "image": "https://news.example/a.png",
        "date_published": WHEN,
        "date_modified": WHEN,
        "authors": [{"name": "Wire", "url": "https://wire.example/"}],
        "tags": ["AI", "News"],
        "language": "en-GB",
        "attachments": [
            {"url": enclosure["url"], "mime_type": "audio/mpeg", "size_in_bytes": 7},
        ],
        "_feedpub": {
            "original_url": "https://wire.example/1",
            "type": "video",
            "category": "News",
            "quality": 3,
            "heat": 4,
        },
    }


def test_i3_without_the_ledger_unchanged_input_gives_the_same_ids(
    site: Site, tmp_path: Path
) -> None:
    site.fill()
    site.build()
    other = site.copy(tmp_path / "other")
    other.build(epoch=EPOCH + 9 * DAY)
    assert other.ids() == site.ids()


def test_i5_a_feed_keeps_its_id_when_it_is_relabelled(site: Site) -> None:
    put(site)
    site.build()
    before = read(site, "topics/ai/atom.xml").feed
    site.configure(topics={"define": {"AI": {"title": "Artificial intelligence"}}})
    site.build(epoch=EPOCH + DAY)
    after = read(site, "topics/ai/atom.xml").feed
    assert (after.id, after.title) == (before.id, "Artificial intelligence")
    assert after.updated == "2026-01-02T00:00:00Z", "D8: its own metadata changed"
    assert entries(site, "topics/ai/atom.xml")[0].updated == WHEN, "D3: no entry did"


def test_t5_a_topic_with_no_items_left_stays_valid_with_its_id(site: Site) -> None:
    put(site)
    put(site, "b.md", webUrl="https://news.example/b", topics=["Web"])
    site.build()
    before = read(site, "topics/ai/atom.xml").feed.id
    put(site, topics=["Web"])
    site.build(epoch=EPOCH + DAY)
    for name in ("atom.xml", "rss.xml"):
        assert entries(site, f"topics/ai/{name}") == []
    feed = read(site, "topics/ai/atom.xml").feed
    assert (feed.id, feed.updated) == (before, "2026-01-01T00:00:00Z")


def test_f5_a_site_without_items_has_valid_feeds(site: Site) -> None:
    site.build()
    assert titles(site) == titles(site, "rss.xml") == []
    assert read(site).feed.updated == "2026-01-01T00:00:00Z"


def test_r2_a_link_to_a_withheld_item_of_ours_is_dropped_until_it_is_out(site: Site) -> None:
    put(site, related=[{"title": "Ours", "webUrl": "https://news.example/b?utm_source=x"}])
    put(site, "b.md", title="B", webUrl="https://news.example/b", draft="true")
    report = site.build()
    assert "related-withheld" in {p["code"] for p in report["problems"]}
    for path, data in site.feeds().items():
        assert b"news.example/b" not in data, path
    put(site, "b.md", title="B", webUrl="https://news.example/b")
    site.build(epoch=EPOCH + DAY)
    [entry] = [e for e in entries(site) if e.title == "T"]
    assert [li.href for li in entry.links if li.rel == "related"] == ["https://news.example/b"]
    assert entry.updated == WHEN, "D3: a related link moves no updated"


def test_i4_a_story_that_loses_a_file_loses_its_topics(site: Site) -> None:
    put(site)
    put(site, "b.md", topics=["Web"])
    site.build()
    assert [item["tags"] for item in json_feed(site)["items"]] == [["AI", "Web"]]
    (site.content / "b.md").unlink()
    site.build(epoch=EPOCH + DAY)
    assert [item["tags"] for item in json_feed(site)["items"]] == [["AI"]]


def test_r3_no_more_links_are_shown_than_wanted_and_dropped_ones_take_no_place(site: Site) -> None:
    site.configure(feeds={"related": 2})
    best = [f"https://news.example/{name}" for name in ("b", "c", "d", "e")]
    put(site, related=[{"webUrl": url, "quality": 9 - n} for n, url in enumerate(best)])
    put(site, "b.md", title="B", webUrl=best[0], draft="true")
    site.build()
    (item,) = json_feed(site)["items"]
    assert [link["url"] for link in item["_feedpub"]["related"]] == best[1:3]
    assert best[3] not in item["content_html"]


def test_x4_a_withdrawn_item_is_out_of_every_document_at_once(site: Site) -> None:
    put(site)
    put(site, "b.md", title="B", webUrl="https://news.example/b", topics=["AI", "Web"])
    site.build()
    put(site, "b.md", title="B", webUrl="https://news.example/b", removed="true")
    report = site.build(epoch=EPOCH + DAY)
    assert report["items"]["withdrawn"] == 1
    assert all(b"news.example/b" not in data for data in site.feeds().values())
    assert read(site, "topics/web/atom.xml").feed.updated == "2026-01-02T00:00:00Z", "D8"


def test_s6_nothing_that_must_be_asked_for_is_in_a_feed(site: Site) -> None:
    put(site, body="A body.\n")
    site.build()
    for data in site.feeds().values():
        for word in (b"X-Robots", b"Content-Usage", b"rsl", b"<script>", b"pixel"):
            assert word not in data


def test_f6_a_feed_is_no_larger_than_its_window_allows(site: Site) -> None:
    site.configure(feeds={"window": {"items": 50, "days": 14, "bytes": 20_000}})
    for n in range(12):
        put(site, f"{n}.md", "word " * 800, title=f"T{n}", webUrl=f"https://news.example/{n}",
            publishedDateTime=f"2025-12-{n + 1:02}T08:00:00Z")  # fmt: skip
    site.build()
    shown = titles(site)
    assert (site.out / "atom.xml").stat().st_size <= 20_000
    assert shown == ["T11", "T10", "T9"] == titles(site, "rss.xml")


# section 3 -----------------------------------------------------------------------------------


def test_edge_case_1_a_rebuild_without_change_writes_nothing(site: Site) -> None:
    site.fill()
    site.build()
    before, looks = site.feeds(), site.looks()
    report = site.build(epoch=EPOCH + DAY)
    assert (site.feeds(), site.looks()) == (before, looks)
    assert report["feeds"]["written"] == report["documents"]["parsed"] == 0


def test_edge_case_3_the_newer_item_is_first(site: Site) -> None:
    put(site, "a.md", title="Nov 8", publishedDateTime="2025-11-08T20:23:00Z")
    put(site, "b.md", title="Nov 10", webUrl=f"{ITEM}2", publishedDateTime="2025-11-10T13:04:00Z")
    site.build()
    assert titles(site) == titles(site, "rss.xml") == ["Nov 10", "Nov 8"]


def test_edge_case_4_a_renamed_and_retitled_file_is_the_same_item(site: Site) -> None:
    put(site)
    site.build()
    before = entries(site)[0].id
    (site.content / "a.md").unlink()
    put(site, "moved/b.md", title="Another title")
    site.build(epoch=EPOCH + DAY)
    [entry] = entries(site)
    assert (entry.id, entry.title, entry.published) == (before, "Another title", WHEN)
    assert entry.updated == "2026-01-02T00:00:00Z"


@pytest.mark.parametrize(
    "url", ["http://news.example/a", f"{ITEM}?utm_source=x", "HTTPS://NEWS.example:443/a"]
)
def test_edge_case_5_http_or_tracking_make_no_new_item(site: Site, url: str) -> None:
    put(site)
    site.build()
    before = entries(site)[0]
    put(site, webUrl=url)
    site.build(epoch=EPOCH + DAY)
    [entry] = entries(site)
    assert (entry.id, entry.updated) == (before.id, before.updated)


def test_edge_case_6_markup_in_a_title_survives(site: Site) -> None:
    put(site, title="AT&amp;T <3 C++")
    site.build()
    assert titles(site) == titles(site, "rss.xml") == ["AT&T <3 C++"]
    assert b"AT&amp;T &lt;3 C++" in (site.out / "rss.xml").read_bytes()


def test_edge_case_7_a_control_character_is_removed(site: Site) -> None:
    put(site, body="one\x0btwo\n")
    site.build()
    assert "onetwo" in entries(site)[0].content[0].value


def test_edge_cases_8_9_topics_of_any_script_have_addresses_of_their_own(site: Site) -> None:
    put(site, topics=["C", "C++", "C#", "人工智能", "🤖", "हिन्दी", ".NET"])
    site.build()
    found = slugs(site)
    assert found >= {"c", "c-plus-plus", "c-sharp", "人工智能", "हिन्दी", "dot-net"}
    [robot] = [s for s in found if s.startswith("t-")]
    assert len(robot) == 10
    addresses = {read(site, f"topics/{s}/atom.xml").feed.links[1].href for s in found}
    assert len(addresses) == 7
    assert all(a.isascii() for a in addresses), "T2: percent-encoded"


def test_edge_case_10_two_names_of_one_address_are_two_feeds_and_a_warning(site: Site) -> None:
    put(site, topics=["a b"], publishedDateTime="2025-12-02T00:00:00Z")
    put(site, "b.md", webUrl=f"{ITEM}2", topics=["a-b"], publishedDateTime="2025-12-01T00:00:00Z")
    report = site.build()
    assert "slug-collision" in {p["code"] for p in report["problems"]}
    assert slugs(site) == {"a-b", "a-b-c8687a"}
    assert [e.link for e in entries(site, "topics/a-b/atom.xml")] == [f"{ITEM}2"], "the older"
    put(site, "0.md", webUrl=f"{ITEM}0", topics=["a b"], publishedDateTime="2025-01-01T00:00:00Z")
    site.build(epoch=EPOCH + DAY)
    assert len(entries(site, "topics/a-b-c8687a/atom.xml")) == 2, "an address never changes"


def test_edge_case_11_no_date_is_first_seen_and_an_impossible_one_is_quarantined(
    site: Site,
) -> None:
    put(site, publishedDateTime=None)
    put(site, "b.md", title="B", webUrl=f"{ITEM}2", publishedDateTime="2023-02-30")
    report = site.build()
    assert report["items"]["quarantined"] == 1
    assert {"date-missing", "date-impossible"} <= {p["code"] for p in report["problems"]}
    site.build("--full", epoch=EPOCH + 5 * DAY)
    [entry] = entries(site)
    assert entry.published == entry.updated == "2026-01-01T00:00:00Z"


def test_edge_case_12_names_stay_what_the_author_wrote(site: Site) -> None:
    (site.content / "a.md").write_text(
        f"---\ntitle: 1.10\nwebUrl: {ITEM}\ndate: 2025-12-01\ntopics: [No, 2024, 1.10]\n---\n",
        encoding="utf-8",
    )
    site.build()
    [entry] = entries(site)
    assert entry.title == "1.10"
    assert [t.label for t in entry.tags] == ["No", "2024", "1.10"]


def test_edge_case_13_an_item_dated_tomorrow_is_absent_until_it_is_due(site: Site) -> None:
    put(site, publishedDateTime="2026-01-02T00:00:00Z")
    report = site.build()
    assert (report["items"]["scheduled"], titles(site)) == (1, [])
    assert not (site.out / "topics").exists(), "no trace before its instant"
    assert site.build(epoch=EPOCH + DAY - 1)["items"]["scheduled"] == 1
    assert site.build(epoch=EPOCH + DAY)["items"]["published"] == 1
    assert titles(site) == titles(site, "topics/ai/rss.xml") == ["T"]


def test_edge_cases_14_15_a_picture_is_byte_exact_and_no_enclosure(site: Site) -> None:
    url = "https://img.example/raw/https%253A%252F%252Fcdn.example%252Fa.jpg?width=1260&height=630"
    put(site, images=[{"url": url, "width": 1260, "height": 630}])
    site.build()
    for name in ("atom.xml", "rss.xml"):
        [entry] = entries(site, name)
        assert [m["url"] for m in entry.media_content] == [url]
        assert not entry.enclosures
        shown = entry.content[0].value if "content" in entry else entry.summary
        assert url.replace("&", "&amp;") in shown
        assert url.replace("&", "&amp;").encode() in (site.out / name).read_bytes()


def test_edge_case_16_an_item_approved_late_is_in_the_feed_at_its_dates_place(site: Site) -> None:
    site.configure(feeds={"window": {"items": 10, "days": 0}})
    for n in range(20):
        put(site, f"{n}.md", title=f"T{n}", webUrl=f"{ITEM}{n}",
            publishedDateTime=f"2025-11-{n + 1:02}T08:00:00Z")  # fmt: skip
    late = {"title": "Late", "webUrl": f"{ITEM}late", "publishedDateTime": "2025-10-01T08:00:00Z"}
    put(site, "late.md", published="false", **late)
    site.build()
    assert "Late" not in titles(site)
    put(site, "late.md", **late)
    site.build(epoch=EPOCH + DAY)
    for path in ("atom.xml", "rss.xml", "topics/ai/atom.xml"):
        assert titles(site, path) == [f"T{n}" for n in range(19, 10, -1)] + ["Late"]


@pytest.mark.parametrize("flag", ["removed: true", "published: false", "draft: yes", "deleted: on"])
def test_edge_case_17_broken_yaml_above_a_takedown_is_withheld(site: Site, flag: str) -> None:
    put(site)
    site.build()
    (site.content / "a.md").write_text(
        f'---\ntitle: "never closed\nwebUrl: {ITEM}\n{flag}\n---\n', encoding="utf-8"
    )
    report = site.build(epoch=EPOCH + DAY)
    assert titles(site) == []
    assert report["items"]["withheld"] == 1


def test_x6_broken_yaml_without_one_keeps_the_last_good_item(site: Site) -> None:
    put(site)
    site.build()
    before = site.feeds()
    (site.content / "a.md").write_text('---\ntitle: "never closed\n---\n', encoding="utf-8")
    report = site.build(epoch=EPOCH + DAY)
    assert site.feeds() == before
    assert "last-good-kept" in {p["code"] for p in report["problems"]}
    (site.content / "a.md").write_text("Front matter lost.\n", encoding="utf-8")
    site.build(epoch=EPOCH + 2 * DAY)
    assert site.feeds() == before


@pytest.mark.parametrize("gone", [False, True])
def test_x5_an_unreadable_folder_keeps_what_only_the_text_ledger_knows(
    gone: bool, site: Site
) -> None:
    """The cache is lost, and a folder cannot be read: of what lay below it nothing is concluded."""
    site.configure(state={"ledger": "ledger.jsonl"}, content={"link_template": "/{slug}"})
    put(site, "shut/a.md", title="Shut")
    site.write("shut/path.md", title="Shut too", publishedDateTime=WHEN)
    for number in range(3):
        put(site, f"{number}.md", title=f"N{number}", webUrl=f"{ITEM}/{number}")
    site.build()
    ids, before = site.ids(), site.ledger.read_bytes()
    shutil.rmtree(site.state)
    shut = site.content / "shut"
    shut.chmod(0)
    try:
        for day in (1, 2):
            put(site, "0.md", title=f"Edit {day}", webUrl=f"{ITEM}/0")
            done = site.run_process(
                *("build", "--report", "json"),
                epoch=EPOCH + day * DAY,
                launcher=("-c", PERMISSIONS_BIND, "-m", "feedpub"),
            )
            if "folder-unreadable" not in done.codes():
                pytest.skip("permissions do not bind this user")
            assert (done.code, done.report["items"]["withdrawn"]) == (0, 0)
            lines = {line for line in before.splitlines() if b"hut" in line}
            assert len(lines) == 2
            assert lines <= set(site.ledger.read_bytes().splitlines())
            assert f"Edit {day}" in titles(site), "the rest of the site goes on"
    finally:
        shut.chmod(0o700)
    put(site, "0.md", title="N0", webUrl=f"{ITEM}/0")
    if gone:
        (shut / "path.md").unlink()
        del ids["Shut too"]
    report = site.build(epoch=EPOCH + 3 * DAY)
    assert site.ids() == ids
    assert report["items"]["withdrawn"] == gone


@pytest.mark.parametrize("site_zone", ["", "Europe/Berlin", "UTC"])
def test_d11_a_day_is_shown_as_the_author_wrote_it(site_zone: str, site: Site) -> None:
    """On pages and at related links, in all formats; instants stay in UTC (D2)."""
    site.configure(
        site={"timezone": site_zone} if site_zone else {}, content={"timezone": "Europe/Berlin"}
    )
    related = {"title": "Same day", "webUrl": f"{ITEM}/x", "publishedDateTime": "2024-05-05"}
    body = "It is {{ page.date }}."
    site.write("a.md", body, title="A", date="2024-05-05", link=ITEM, related=[related])
    site.build()
    own, other = (
        ("2024-05-04", "2024-05-05") if site_zone == "UTC" else ("2024-05-05", "2024-05-04")
    )
    page = (site.out / "index.html").read_text()
    assert (page.count(f">{own}<"), page.count(f">{other}<")) == (3, 0)
    rss = (site.out / "rss.xml").read_text()
    assert "<pubDate>Sat, 04 May 2024 22:00:00 +0000</pubDate>" in rss
    for name in ("rss.xml", "atom.xml", "feed.json"):
        text = (site.out / name).read_text()
        assert f"{own}</time>" in text.replace("&lt;", "<").replace("&gt;", ">")
        assert "It is 2024-05-05." in text


def test_i4_two_files_of_one_story_are_one_item_with_all_topics(site: Site) -> None:
    put(site, quality="1")
    put(site, "b.md", title="Better", quality="9", topics=["Web"])
    report = site.build()
    assert (report["items"]["published"], report["items"]["duplicate"]) == (1, 1)
    [entry] = entries(site)
    assert (entry.title, [t.label for t in entry.tags]) == ("Better", ["Web", "AI"])
    [found] = [p for p in report["problems"] if p["code"] == "story-duplicate"]
    assert (found["path"], "a.md" in found["message"]) == ("b.md", True)


def test_other_kinds_of_feeds_come_when_asked_for_and_go_when_not(site: Site) -> None:
    put(
        site,
        category="news",
        type="article",
        locale="en-us",
        provider={"name": "News Example"},
        authors=["Ada Lovelace", "C. Babbage"],
    )
    put(site, "b.md", title="By another", webUrl="https://www.example.org/b", author="Grace")
    kinds = ["topic", "category", "provider", "author", "type", "language"]
    site.configure(feeds={"by": kinds})
    site.build()
    folders = ("categories/news", "providers/news-example", "types/article", "languages/en-us")
    for folder in (*folders, "authors/ada-lovelace", "authors/c-babbage"):
        assert titles(site, f"{folder}/rss.xml") == ["T"]
    assert titles(site, "authors/grace/rss.xml") == ["By another"]
    opml = (site.out / "feeds.opml").read_text(encoding="utf-8")
    assert 'text="Authors"' in opml
    assert '<a href="authors/grace/index.html">' in (site.out / "index.html").read_text(
        encoding="utf-8"
    )
    site.configure(feeds={"by": ["topic"]})
    site.build(epoch=EPOCH + DAY)
    assert not any((site.out / folder).exists() for folder in folders)


Change = Callable[[Site], None]
UNSEEN: dict[str, Change] = {
    "heat": lambda s: put(s, heat="999"),
    "quality": lambda s: put(s, quality="999"),
    "secured": lambda s: put(s, secured="x" * 64),
    "key order": lambda s: s.write(
        "a.md", topics=["AI"], publishedDateTime=WHEN, webUrl=ITEM, title="T"
    ),
    "touch": lambda s: (s.content / "a.md").touch(),
    "related": lambda s: put(s, related=[{"title": "R", "webUrl": "https://other.example/"}]),
    "image": lambda s: put(s, images=["https://img.example/a.png"]),
    "topics": lambda s: put(s, topics=["Web"]),
}  # fmt: skip


@pytest.mark.parametrize("what", UNSEEN)
def test_d3_needless_changes_mark_nothing_as_updated(site: Site, what: str) -> None:
    put(site)
    site.build()
    UNSEEN[what](site)
    site.build(epoch=EPOCH + DAY)
    assert entries(site)[0].updated == WHEN


def test_m2_sound_is_kept_in_all_formats_and_what_it_lacks_is_said(site: Site) -> None:
    mp3, ogg = "https://media.example/e.mp3", "https://media.example/e.ogg"
    put(site, "alone.md", webUrl=f"{ITEM}/1", title="Alone", audio=mp3)
    put(
        site,
        "two.md",
        webUrl=f"{ITEM}/2",
        title="Two",
        enclosure=[{"url": mp3, "length": 7, "duration": "1:01:01"}, {"url": ogg, "length": 8}],
        episode=12,
        season=2,
        explicit="true",
        episode_image="https://media.example/e.jpeg",
    )
    done = site.run("check")
    assert done.stdout.splitlines()[:2] == [
        "content/alone.md:6: warning: audio lacks its length in bytes (length, audio_file_size); feeds say 0"
        " [enclosure-incomplete]",
        "content/two.md:6: info: enclosure names several files; RSS has a place for the first alone"
        " [enclosures-several]",
    ]
    site.build()
    for feed, several in (("rss.xml", False), ("atom.xml", True)):
        found = {entry.title: entry for entry in entries(site, feed)}
        files = [(e.href, e.type, e.get("length", "0")) for e in found["Two"].enclosures]
        assert files == [(mp3, "audio/mpeg", "7"), (ogg, "audio/ogg", "8")][: 1 + several]
        [file] = found["Alone"].enclosures
        assert (file.href, file.type, file.get("length", "0")) == (mp3, "audio/mpeg", "0")
    told = next(entry for entry in entries(site, "rss.xml") if entry.title == "Two")
    assert (told.itunes_duration, told.itunes_episode, told.itunes_season) == ("3661", "12", "2")
    assert (told.itunes_explicit, told.image.href) == (True, "https://media.example/e.jpeg")
    attached = {item["title"]: item["attachments"] for item in json_feed(site)["items"]}
    assert attached == {
        "Alone": [{"url": mp3, "mime_type": "audio/mpeg"}],
        "Two": [
            {
                "url": mp3,
                "mime_type": "audio/mpeg",
                "size_in_bytes": 7,
                "duration_in_seconds": 3661,
            },
            {"url": ogg, "mime_type": "audio/ogg", "size_in_bytes": 8},
        ],
    }
    (site.content / "two.md").unlink()
    site.build("--accept-removals")
    assert b"itunes" not in (site.out / "rss.xml").read_bytes(), "only where it is used"


def names(site: Site, format: str = "json") -> dict[str, list[str]]:
    """Return who each item is by, by its title."""
    if format == "json":
        items = json_feed(site)["items"]
        return {item["title"]: [who["name"] for who in item.get("authors", [])] for item in items}
    found = entries(site, f"{format}.xml")
    return {entry.title: [who.name for who in entry.get("authors", [])] for entry in found}


def test_authors_by_their_keys_and_none_by_a_mail_address(site: Site) -> None:
    put(site, "a.md", webUrl=f"{ITEM}/1", title="By keys", authors=["ann", "bo"])
    put(site, "b.md", webUrl=f"{ITEM}/2", title="In full", author="cy@x.example (Cy Example)")
    put(site, "c.md", webUrl=f"{ITEM}/3", title="By mail", author="dee@x.example")
    site.build()
    assert names(site)["By keys"] == ["ann", "bo"]
    file = site.content / "authors.yml"
    file.write_text("ann:\n  name: Ann Example\n  email: ann@x.example\nbo: {name: Bo}\n", "utf-8")
    report = site.build()
    assert report["documents"]["parsed"] == 3
    assert {item["date_modified"] for item in json_feed(site)["items"]} == {WHEN}
    assert [(p["code"], p["path"], p["line"]) for p in report["problems"]] == [
        ("field-invalid", "c.md", 6)
    ]
    for format in ("rss", "atom", "json"):
        told = names(site, format)
        assert (told["By keys"], told["In full"]) == (["Ann Example", "Bo"], ["Cy Example"])
    assert not any(b"x.example" in data for data in site.feeds().values())
    file.rename(site.root / "people.yml")
    site.build()
    assert names(site)["By keys"] == ["ann", "bo"]
    site.configure(content={"authors": "people.yml"})
    site.build()
    assert names(site)["By keys"] == ["Ann Example", "Bo"]
    (site.root / "people.yml").write_text("ann:\n  name: [Ann\n", "utf-8")
    done = site.run("build")
    assert done.code == 2
    assert f"content.authors: {site.root}/people.yml:" in done.stderr


def test_s5_an_authors_file_that_is_a_link_out_of_the_content_is_not_read(site: Site) -> None:
    put(site, author="ann")
    outside = site.root / "people.yml"
    outside.write_text("ann: {name: Secret}\n", "utf-8")
    (site.content / "authors.yml").symlink_to(outside)
    site.build()
    assert not any(b"Secret" in data for data in site.feeds().values())
