"""I1, I3, F6: the ids, dates and windows of the feeds that a site had go on in ours."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import feedparser
import pytest
from hypothesis import given, settings, strategies as st
from small_site import DAY, EPOCH, OUT_AT_FIRST, Site, name, url

from feedpub.core.adoption import matched, rule_of
from feedpub.core.model import ReadEntry
from feedpub.core.stories import Story, digest
from feedpub.formats import FORMATS as REGISTRY
from feedpub.formats.reading import read_feed

LATER = EPOCH + DAY
OUT = [n for n in range(12) if n != 2]
FORMATS = {row.name: row.file for row in REGISTRY.values()}

Row = dict[str, Any]


def row(number: int, own: str, **fields: Any) -> Row:
    """Return an entry of an old feed about one of the usual items."""
    link, title = url(number), f"Item {number}"
    return {"id": own, "link": link, "title": title, "published": date(number), **fields}


def date(number: int) -> str:
    return f"2025-12-{number + 1:02}T08:00:00Z"


def rss(rows: list[Row]) -> str:
    items = "".join(
        f"<item><title>{escape(r['title'])}</title><link>{r['link']}</link>"
        f"<guid isPermaLink='{r.get('permalink', 'false')}'>\n{escape(r['id'])} </guid>"
        f"<dc:date>{r['published']}</dc:date></item>"
        for r in rows
    )
    return f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
        <title>Old</title><link>https://www.example.org/</link>{items}</channel></rss>"""


def atom(rows: list[Row]) -> str:
    entries = "".join(
        f"<entry><id>{escape(r['id'])}</id><title>{escape(r['title'])}</title>"
        f"<link href='{r['link']}'/><published>{r['published']}</published>"
        f"<updated>{r.get('updated', r['published'])}</updated></entry>"
        for r in rows
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title>{entries}</feed>'


def json_feed(rows: list[Row]) -> str:
    names = {"link": "url", "published": "date_published", "updated": "date_modified"}
    items = [{names.get(key, key): value for key, value in r.items()} for r in rows]
    version = "https://jsonfeed.org/version/1"
    return json.dumps({"version": version, "title": "Old", "items": items}, ensure_ascii=False)


WRITERS: Mapping[str, Callable[[list[Row]], str]] = {"rss": rss, "atom": atom, "json": json_feed}


def old(site: Site, format: str, rows: list[Row], file: str = "") -> Path:
    """Write an old feed of the site, and return where."""
    path = site.root / "old" / (file or f"{format}.old")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WRITERS[format](rows), encoding="utf-8")
    return path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The usual site, of which nothing was built."""
    return Site(tmp_path / "site", ledger=True).fill()


def adopt(site: Site, *arguments: str | Path, code: int = 0, epoch: int = EPOCH) -> dict[str, Any]:
    done = site.run("adopt", "--report", "json", *arguments, epoch=epoch)
    assert done.code == code, (done.code, done.stdout, done.stderr)
    return done.report if code == 0 else {"said": done.stderr}


def shown(site: Site, format: str, feed: str = "") -> dict[str, str]:
    """Return the ids in a feed of ours by title."""
    data = (site.out / feed / FORMATS[format]).read_bytes()
    return {entry.title: entry.id for entry in read_feed(data).entries}


def titled(own: Callable[[int], str], numbers: list[int]) -> dict[str, str]:
    return {f"Item {n}": own(n) for n in numbers}


def guid(number: int) -> str:
    return f"http://www.example.org/?p={number * 7}&x=%c3%A4ü"


@pytest.mark.parametrize("format", FORMATS)
def test_ids_are_taken_over_byte_for_byte_and_only_in_their_format(site: Site, format: str) -> None:
    told = adopt(site, old(site, format, [row(n, guid(n)) for n in (8, 9, 10, 11)]))
    assert (told["adopted"], told["rules"][format]) == (4, {"rule": "", "items": 0})
    assert not site.out.exists()
    site.build()
    assert shown(site, format) == titled(guid, [8, 9, 10, 11]), "and no more is in the window"
    label = REGISTRY[format].label
    assert f"id in {label}" in site.run("explain", site.content / name(8)).stdout
    for other in FORMATS.keys() - {format}:
        ids = shown(site, other)
        assert ids.keys() == {"Item 8", "Item 9", "Item 10", "Item 11"}
        assert all(own.startswith("tag:example.org,") for own in ids.values())


def test_a_fresh_checkout_with_the_ledger_alone_publishes_the_same(
    site: Site, tmp_path: Path
) -> None:
    adopt(site, old(site, "atom", [row(n, guid(n)) for n in OUT[-4:]]))
    other = site.copy(tmp_path / "other", "ledger.jsonl")
    site.build()
    other.build()
    assert other.feeds() == site.feeds()
    shutil.rmtree(other.state)
    other.build(epoch=LATER)
    assert other.feeds() == site.feeds()
    assert other.ledger.read_bytes() == site.ledger.read_bytes()


def test_the_rule_serves_the_items_that_the_old_feed_no_longer_holds(site: Site) -> None:
    def own(number: int) -> str:
        return url(number).replace("https", "http") + "/"

    told = adopt(site, old(site, "rss", [row(n, own(n), permalink="true") for n in (9, 10, 11)]))
    rule = "http://www.example.org{path without suffix}/"
    assert told["rules"]["rss"] == {"rule": rule, "items": OUT_AT_FIRST - 3}
    site.configure(feeds={"archive": "all"})
    site.build()
    assert shown(site, "rss") == titled(own, [9, 10, 11])
    archived = shown(site, "rss", "archive/1/")
    assert archived["Item 0"] == own(0)
    assert "tag:" not in (site.out / "archive/1/rss.xml").read_text().partition("<item>")[2]


def test_a_rule_gives_no_id_to_two_items(site: Site) -> None:
    for twin in ("a", "b"):
        fields = {"id": twin, "webUrl": url(0), "publishedDateTime": "2025-11-20"}
        site.write(f"{twin}.md", title="Twin", **fields)
    told = adopt(site, old(site, "atom", [row(n, url(n)) for n in (10, 11)]))
    assert told["rules"]["atom"]["items"] == len(OUT) - 2 - 1, "none of those at one address"
    site.configure(feeds={"archive": "all"})
    site.build()
    pages = [shown(site, "atom"), shown(site, "atom", "archive/1/")]
    ids = [own for page in pages for own in page.values()]
    assert len(set(ids)) == len(ids)


def test_a_rule_makes_no_id_that_xml_cannot_hold_or_readers_would_trim(site: Site) -> None:
    def entry(number: int, letter: str) -> Row:
        return row(number, f"https://www.example.org/{letter}", link=link(number, letter))

    def link(number: int, letter: str) -> str:
        address = f"https://www.example.org/{quote(letter)}"
        site.edit(number, webUrl=address)
        return address

    for number, letter in enumerate(("c\x01", "d\ufffe", "e\t", "ë"), start=4):
        link(number, letter)
    told = adopt(site, old(site, "rss", [entry(8, "ä"), entry(9, "ö")]))
    assert told["rules"]["rss"]["items"] == OUT_AT_FIRST - 2 - 2 - 3, "two are newer"
    site.configure(feeds={"archive": "all"})
    site.build()
    ids = shown(site, "rss", "archive/1/").values()
    assert "https://www.example.org/ë" in ids
    assert sum(own.startswith("tag:") for own in ids) == 3 + 2


@pytest.mark.parametrize("also", ["old feed", "adopted before", "link", "to come"])
def test_an_id_that_another_item_has_is_not_adopted(site: Site, also: str) -> None:
    files = [old(site, "rss", [row(10, url(9)), row(11, guid(11))], "b.rss")]
    if also == "link":
        site.configure(site={"ids": "link"})
    elif also == "to come":
        site.write("z.md", title="Z", id=url(9), webUrl=url(99), publishedDateTime="2026-01-02")
    else:
        files.insert(0, old(site, "rss", [row(8, url(9))], "a.rss"))
        if also == "adopted before":
            adopt(site, files.pop(0))
    told = adopt(site, *files)
    assert "another item has its id" in told["files"][-1]["left"][0]
    site.write("n.md", title="N", webUrl=url(98), publishedDateTime="2026-01-01")
    site.configure(feeds={"archive": "all"})
    site.build(epoch=EPOCH + 2 * DAY)
    ids = [own for page in ("", "archive/1/") for own in {*shown(site, "rss", page).items()}]
    assert len({own for _, own in ids}) == len({*ids})


def test_a_feed_that_is_adopted_before_the_first_build_is_taken_too(site: Site) -> None:
    adopt(site, old(site, "atom", [row(n, guid(n)) for n in (10, 11)]))
    assert adopt(site, old(site, "rss", [row(n, f"rss {n}") for n in (10, 11)]))["adopted"] == 2
    site.build()
    assert shown(site, "atom") == titled(guid, [10, 11])
    assert shown(site, "rss") == {"Item 10": "rss 10", "Item 11": "rss 11"}


def test_an_entry_is_an_item_whose_id_its_rule_makes_though_nothing_else_tells(site: Site) -> None:
    rows = [row(n, url(n).replace("https", "http")) for n in OUT[:4]]
    rows[2] |= {"link": "https://www.example.org/elsewhere", "title": "Another title"}
    done = site.run("adopt", old(site, "rss", rows))
    assert "4 of 4 entries are items here" in done.stdout
    assert "; by site.ids: link new items get such ones, too\n" in done.stdout
    assert "left out" not in done.stdout
    site.build()
    assert len(feedparser.parse((site.out / FORMATS["rss"]).read_bytes()).entries) == 4


def test_items_that_are_newer_than_an_old_feed_are_counted(site: Site) -> None:
    rows = [row(n, f"old-{n}") for n in OUT[:-2]]
    path = old(site, "rss", rows)
    assert "Newer than all of these entries: 2 items" in site.run("adopt", path).stdout
    site.build()
    assert len(feedparser.parse((site.out / FORMATS["rss"]).read_bytes()).entries) == len(rows)


def test_twice_changes_nothing(site: Site) -> None:
    files = [old(site, f, [row(n, guid(n)) for n in OUT[-4:]]) for f in ("rss", "atom")]
    first = adopt(site, *files)
    ledger = site.ledger.read_bytes()
    again = adopt(site, *files)
    assert (again["files"], again["adopted"]) == (first["files"], 0)
    assert site.ledger.read_bytes() == ledger
    site.build()
    ledger, feeds, looks = site.ledger.read_bytes(), site.feeds(), site.looks()
    assert adopt(site, *files, epoch=LATER)["adopted"] == 0
    site.build(epoch=LATER)
    assert (site.ledger.read_bytes(), site.feeds(), site.looks()) == (ledger, feeds, looks)


def test_a_dry_run_says_the_same_and_leaves_no_trace(site: Site) -> None:
    file = old(site, "atom", [row(n, guid(n)) for n in OUT])
    told = adopt(site, file, "--dry-run")
    assert not site.ledger.exists()
    assert not site.state.exists() or not [*site.state.glob("*.sqlite3")]
    assert adopt(site, file) == told


def test_a_new_item_is_the_only_new_one_and_has_an_id_of_ours(site: Site) -> None:
    adopt(site, old(site, "atom", [row(n, guid(n)) for n in OUT[-4:]]))
    site.build(epoch=EPOCH + 60)
    site.write(
        "new.md", title="News", webUrl=f"{url(99)}", publishedDateTime="2026-01-01T12:00:00Z"
    )
    site.build(epoch=LATER)
    ids = shown(site, "atom")
    assert ids.pop("News").startswith("tag:example.org,")
    assert ids == titled(guid, OUT[-4:])


def test_related_links_and_tombstones_have_the_ids_of_their_format(site: Site) -> None:
    files = [
        old(site, "atom", [row(n, f"urn:atom:{n}") for n in (5, 6)]),
        old(site, "json", [row(n, f"json {n}") for n in (5, 6)]),
    ]
    adopt(site, *files)
    site.build()
    items = {i["title"]: i for i in json.loads((site.out / "feed.json").read_bytes())["items"]}
    assert items["Item 5"]["_feedpub"]["related"][0]["item_id"] == "json 6"
    site.edit(6, draft="true")
    site.build(epoch=LATER)
    assert 'ref="urn:atom:6"' in (site.out / "atom.xml").read_text()
    gone = json.loads((site.out / "feed.json").read_bytes())["_feedpub"]["withdrawn"]
    assert [each["id"] for each in gone] == ["json 6"]


def test_entries_that_cannot_be_taken_are_named_with_the_reason(site: Site) -> None:
    for twin in ("a", "b"):
        fields = {"id": twin, "webUrl": f"{url(50)}#{twin}", "publishedDateTime": "2025-12-20"}
        site.write(f"{twin}.md", title="Twin", **fields)
    rows = [
        row(0, "same"),
        row(3, "same"),
        row(4, "x" * 2049),
        row(50, "several", title="Twin", published="2025-12-20T00:00:00Z"),
        row(77, "unknown"),
        row(7, "good"),
    ]
    told = adopt(site, old(site, "json", rows))
    [file] = told["files"]
    assert [why.partition(": ")[2] for why in file["left"]] == [
        *["its id is lacking, given twice or over 2 KB"] * 3,
        *["no item, or several, have its link, or its title and date"] * 2,
    ]
    assert file["left"][4].startswith(f"entry 5 ({url(77)})")
    assert told["adopted"] == 1
    text = site.run("adopt", site.root / "old/json.old").stdout
    assert "1 of 6 entries" in text
    assert text.count("left out: entry") == 5


def test_feeds_of_something_else_beside_the_old_ones_are_told_in_a_line(site: Site) -> None:
    """Such as Hugo's, whose entries are tags; nothing is said of ids that no item took over."""
    strange = old(site, "rss", [row(n, guid(n), title="?") for n in (70, 80)], "rss.xml")
    adopting = ("adopt", str(strange), str(old(site, "atom", [row(n, guid(n)) for n in OUT])))
    said = site.run(*adopting).stdout
    assert "old/rss.xml: 0 of 2 entries are items here\n" in said
    assert ("left out" in said, "RSS: " in said, "older item" in said) == (False, False, False)


def test_the_first_feed_counts_and_the_others_are_told(site: Site) -> None:
    first = old(site, "rss", [row(7, "first"), row(8, "same")])
    second = old(site, "rss", [row(7, "second"), row(8, "same"), row(9, "more")], "b.rss")
    told = adopt(site, first, second)
    assert "named before" in told["files"][1]["left"][0]
    site.build()
    assert shown(site, "rss") == {"Item 7": "first", "Item 8": "same"}, "what readers of both know"


def test_the_window_of_a_topic_is_what_its_old_feed_held(site: Site) -> None:
    everything = old(site, "rss", [row(n, guid(n)) for n in (9, 10, 11)], "rss.xml")
    topic = old(site, "rss", [row(n, guid(n)) for n in (6, 11)], "topics/web/rss.xml")
    adopt(site, everything, topic)
    site.build()
    assert shown(site, "rss").keys() == {"Item 9", "Item 10", "Item 11"}
    assert shown(site, "rss", "topics/web").keys() <= {"Item 6", "Item 11"}
    assert len(shown(site, "rss", "topics/rivers")) > 2, "it had no old feed"


def test_a_feed_at_no_address_of_ours_goes_on_as_that_of_everything_if_it_is_the_outermost(
    site: Site,
) -> None:
    part = old(site, "rss", [row(n, guid(n)) for n in (3, 4)], "blog/rss.xml")
    adopt(site, part, old(site, "rss", [row(n, guid(n)) for n in (9, 10)], "index.xml"))
    site.build()
    assert shown(site, "rss") == titled(guid, [9, 10])


def test_a_feed_of_a_section_is_not_that_of_everything_where_one_above_it_goes_on(
    site: Site,
) -> None:
    """As where the language of a site has the outermost address, and sections are below."""
    site.configure(feeds={"addresses": {"topic/Web": {"rss": "blog/index.xml"}}})
    above = old(site, "rss", [row(n, guid(n)) for n in (6, 11)], "blog/index.xml")
    adopt(site, above, old(site, "rss", [row(9, guid(9))], "blog/posts/index.xml"))
    site.build()
    assert len(shown(site, "rss")) > 2


def test_a_feed_at_another_address_begins_no_window_where_there_is_one_at_ours(site: Site) -> None:
    def addressed(rows: list[Row], address: str, file: str) -> Path:
        path = old(site, "json", rows, file)
        told = json.loads(path.read_text()) | {"feed_url": address}
        path.write_text(json.dumps(told), encoding="utf-8")
        return path

    here = "http://feeds.example.org/feed.json"
    ours = addressed([row(n, guid(n)) for n in (9, 10)], here, "a/b/c.json")
    other = addressed([row(3, guid(3))], "https://feeds.example.org/x/feed.json", "feed.json")
    adopt(site, other, ours)
    site.build()
    assert shown(site, "json") == titled(guid, [9, 10])


def test_an_adopted_date_holds_until_the_author_changes_it(site: Site) -> None:
    instants = {"published": "2025-12-09T07:00:00Z", "updated": "2025-12-25T00:00:00Z"}
    adopt(site, old(site, "atom", [row(8, "a", **instants), row(9, "b")]))
    site.build()

    def dates(title: str) -> tuple[str, str]:
        entries = feedparser.parse((site.out / "atom.xml").read_bytes()).entries
        return next((e.published, e.updated) for e in entries if e.title == title)

    assert dates("Item 8") == ("2025-12-09T07:00:00Z", "2025-12-25T00:00:00Z")
    assert dates("Item 9") == (date(9), date(9))
    site.edit(8, topics=["Web"])
    site.build(epoch=LATER)
    assert dates("Item 8") == ("2025-12-09T07:00:00Z", "2025-12-25T00:00:00Z")
    site.edit(8, publishedDateTime="2025-12-10T07:00:00Z")
    site.build(epoch=LATER + DAY)
    assert dates("Item 8")[0] == "2025-12-10T07:00:00Z"


def test_the_instant_of_a_build_and_one_to_come_are_not_taken(site: Site) -> None:
    built = [row(n, guid(n), updated="2025-12-31T00:00:00Z") for n in (8, 9)]
    to_come = [
        row(n, guid(n), updated=f"2026-02-0{n}T00:00:00Z", published=f"2026-01-1{n}T00:00:00Z")
        for n in (8, 9)
    ]
    adopt(site, old(site, "atom", built), old(site, "atom", to_come, "more.xml"))
    site.build()
    assert shown(site, "atom") == titled(guid, [8, 9])
    text = (site.out / "atom.xml").read_text()
    assert "2025-12-31" not in text
    assert "2026" not in text.partition("<entry>")[2].replace("example.org,2026-01-01", "")


def test_what_is_out_under_ids_of_ours_keeps_them_unless_that_is_accepted(site: Site) -> None:
    site.configure(feeds={"archive": "all", "window": {"items": 5, "days": 0}})
    site.build()
    site.edit(11, excerpt="Edited")
    site.build(epoch=EPOCH + 60)
    before = site.feeds()
    file = old(site, "atom", [row(n, guid(n)) for n in OUT])
    assert "--accept-id-change" in adopt(site, file, code=3, epoch=LATER)["said"]
    site.build(epoch=LATER)
    assert site.feeds() == before
    adopt(site, file, "--accept-id-change", epoch=LATER)
    site.build(epoch=LATER)
    assert shown(site, "atom") == titled(guid, OUT[-5:])
    assert (
        "<updated>2026-01-01T00:01:00Z</updated>"
        in ((site.out / "atom.xml").read_text().partition("Item 11")[2])
    )
    everywhere = "".join(path.read_text() for path in site.out.rglob("atom.xml"))
    assert "item/" not in everywhere, "also in what is sealed"


def test_no_other_item_gets_an_id_that_was_adopted(site: Site) -> None:
    adopt(site, old(site, "atom", [row(n, f"urn:old:{n}") for n in (10, 11)]))
    site.build()
    site.write("new.md", title="New", id="urn:old:11", webUrl=url(99))
    site.build(epoch=LATER)
    assert shown(site, "atom")["Item 11"] == "urn:old:11"
    assert shown(site, "atom")["New"].startswith("tag:example.org")


def test_what_is_no_feed_or_of_another_site_is_refused(site: Site) -> None:
    file = site.root / "page.html"
    file.write_text("<html/>", encoding="utf-8")
    assert "page.html: it is a web page, and no feed" in adopt(site, file, code=2)["said"]
    assert "No such file" in adopt(site, site.root / "none.xml", code=2)["said"]
    strange = old(site, "rss", [row(n, guid(n), title="?") for n in (70, 80)])
    assert "content.link_template" in adopt(site, strange, code=1)["said"]
    assert not site.ledger.exists()


# --- the guard ---------------------------------------------------------------------------


def put_out(site: Site, format: str, own: Callable[[int], str]) -> Path:
    """Let the generator of the site write its feed where ours will be."""
    path = site.out / FORMATS[format]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WRITERS[format]([row(n, own(n)) for n in OUT]), encoding="utf-8")
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_a_feed_of_others_with_other_ids_in_out_is_refused(site: Site, format: str) -> None:
    path = put_out(site, format, guid)
    done = site.run("build")
    assert done.code == 3
    assert f"feedpub adopt {site.out}." in done.stderr
    assert f"{OUT_AT_FIRST} of {OUT_AT_FIRST} published items" in done.stderr
    assert "would be refused" in site.run("build", "--dry-run").stderr
    adopt(site, site.out)
    path.unlink()
    site.build()
    assert shown(site, format) == titled(guid, OUT)


def test_after_adopting_a_new_item_in_the_feed_of_others_has_an_id_of_ours(site: Site) -> None:
    for number in OUT[3:]:
        (site.content / name(number)).unlink()
    path = put_out(site, "atom", guid)
    adopt(site, path)
    site.fill()
    assert site.run("build", epoch=LATER).code == 1, "only the file is in the way"


def test_a_feed_of_others_can_be_ignored_once_for_all(site: Site) -> None:
    put_out(site, "atom", guid)
    assert site.run("build", "--accept-id-change").code == 1, "it is not ours to replace"
    assert "accept" not in site.run("build", epoch=LATER).stderr


def test_an_adopted_format_does_not_speak_for_the_others(site: Site) -> None:
    adopt(site, old(site, "atom", [row(n, guid(n)) for n in OUT]))
    put_out(site, "rss", guid)
    assert site.run("build").code == 3


def test_what_the_generator_writes_again_is_not_asked_where_the_ledger_tells_more(
    site: Site,
) -> None:
    site.build()
    shutil.rmtree(site.state)
    shutil.rmtree(site.out)
    put_out(site, "atom", guid)
    assert site.run("build", epoch=LATER).code == 1, "only the file is in the way"


def test_adopted_ids_survive_the_loss_of_the_state(site: Site) -> None:
    adopt(site, *(old(site, f, [row(n, f"{f}:{n}") for n in OUT]) for f in FORMATS))
    site.build()
    shutil.rmtree(site.state)
    site.ledger.unlink()
    assert site.run("build", epoch=LATER).code == 3, "the feeds in out/ still know them"


# --- matching and the rule ---------------------------------------------------------------


def story(number: int, link: str, title: str = "", day: int = 0) -> Story:
    published = EPOCH + day * DAY
    return Story(
        *(str(number), "", "", "", "", "", digest(title), published, "", "", 0, published),
        link=link,
    )


def entry(own: str, link: str, title: str = "", day: int = 0) -> ReadEntry:
    return ReadEntry(own, link, title, EPOCH + day * DAY, None, "")


@pytest.mark.parametrize(
    "link",
    [
        "http://e.org/a",
        "https://e.org/a/",
        "https://E.org:443/a.html",
        "https://e.org/a/index.html?utm_source=rss",
        "https://e.org/%61",
    ],
)
def test_links_match_as_people_take_them(link: str) -> None:
    found = matched(
        [entry("x", link)], [story(1, "https://e.org/a.html"), story(2, "https://e.org/b")]
    )
    assert found == {"x": "1"}


def test_title_and_date_match_what_moved_but_nothing_that_is_not_alone() -> None:
    ours = [story(1, "https://e.org/1", "A", 1), story(2, "https://e.org/2", "A", 2)]
    ours += [story(3, "https://e.org/3", "B", 3), story(4, "https://e.org/4", "B", 3)]
    theirs = [entry("x", "https://old.org/x", "A", 1), entry("y", "https://old.org/y", "B", 3)]
    assert matched(theirs, ours) == {"x": "1"}


RULES: dict[str, tuple[str, str]] = {
    "link": ("https://e.org{path}", "https://e.org{0}.html"),
    "http": ("http://e.org{path}", "http://e.org{0}.html"),
    "jekyll": ("https://e.org{path without suffix}", "https://e.org{0}"),
    "slash": ("https://e.org{path without suffix}/", "https://e.org{0}/"),
    "pelican": ("tag:e.org,{date}:{path}", "tag:e.org,{1:%Y-%m-%d}:{0}.html"),
    "fixed": ("tag:e.org,2005:{path}", "tag:e.org,2005:{0}.html"),
}
"""What people are shown of a rule, and how it makes ids of the path and the day."""

PATHS = st.from_regex(r"/[a-z]{1,8}/[a-z0-9-]{1,8}x", fullmatch=True)


@pytest.mark.parametrize("kind", RULES)
@settings(max_examples=40)
@given(
    paths=st.lists(PATHS, min_size=3, max_size=9, unique=True),
    days=st.randoms(use_true_random=False),
)
def test_a_rule_is_found_and_gives_every_id(kind: str, paths: list[str], days: Any) -> None:
    told, pattern = RULES[kind]
    dates = [days.randrange(900) for _ in paths]
    stories = [story(n, f"https://e.org{p}.html", day=dates[n]) for n, p in enumerate(paths)]
    instants = [datetime.fromtimestamp(s.published, UTC) for s in stories]
    made = [pattern.format(path, at) for path, at in zip(paths, instants, strict=True)]
    rule = rule_of([*zip(made[:-1], stories[:-1], strict=True)], "https://e.org/", UTC)
    assert rule is not None
    assert str(rule) == told
    assert rule.id(stories[-1], "https://e.org/", UTC) == made[-1], "one that it has not seen"


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=4))
def test_a_rule_holds_for_all_that_matched_or_there_is_none(pairs: list[tuple[str, str]]) -> None:
    matches = [
        (own, story(n, f"https://e.org/{path}", day=n)) for n, (own, path) in enumerate(pairs)
    ]
    rule = rule_of(matches, "https://e.org/", UTC)
    assert rule is None or all(rule.id(s, "https://e.org/", UTC) == own for own, s in matches)


def test_one_id_that_differs_and_there_is_no_rule() -> None:
    stories = [story(n, f"https://e.org/{n}") for n in range(9)]
    matches = [(s.link, s) for s in stories]
    assert rule_of(matches, "https://e.org/", UTC)
    assert (
        rule_of([*matches[:-1], ("https://e.org/other", stories[-1])], "https://e.org/", UTC)
        is None
    )
    assert rule_of([("post-0", stories[0])], "https://e.org/", UTC) is None
    assert rule_of([("urn:x/0", stories[0])], "https://e.org/", UTC) is None, "one is no rule"


def test_a_rule_without_the_path_of_the_site_and_with_readable_escapes() -> None:
    stories = [story(n, f"https://e.org/blog/%C3%A4{n}.html") for n in range(3)]
    matches = [(f"https://e.org/ä{n}", s) for n, s in enumerate(stories)]
    rule = rule_of(matches, "https://e.org/blog/", UTC)
    assert rule is not None
    assert str(rule) == "https://e.org{path without suffix}"


# --- ids in front matter -------------------------------------------------------------------


def test_i2_an_id_that_comes_after_the_item_was_out_says_so(site: Site) -> None:
    site.edit(7, id="urn:early")
    site.edit(5, id="a word from the beginning")
    site.build()
    before = site.ids()
    site.edit(6, id="urn:late")
    site.edit(7, id="urn:other")
    site.edit(8, id="not an address")
    report = site.build(epoch=LATER)
    late = [p for p in report["problems"] if p["code"] == "id-late"]
    assert [p["path"] for p in late] == [name(6), name(7), name(8)]
    assert site.ids() == before
    for number, own in ((6, None), (7, "urn:early"), (8, None)):
        site.edit(number, id=own)
    assert "id-late" not in {p["code"] for p in site.build(epoch=LATER + DAY)["problems"]}
