"""What the front matter of an item says of feeds, and the hand lists of named ones (N3, S3)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from small_site import DAY, EPOCH, Site

DAYS = [EPOCH + n * DAY for n in range(40)]
A, B = "posts/a.md", "posts/b.md"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two items, of which one links to the other in its text and beside it."""
    site = Site(tmp_path, ledger=True)
    site.configure(content={"link_template": "/{slug}/"})
    write(site, A)
    link = {"related": [{"title": "The other", "webUrl": "https://www.example.org/a/"}]}
    write(site, B, "See [the other](a.md).", **link)
    return site


def write(site: Site, path: str, body: str = "Text", **fields: Any) -> None:
    """Write an item that is dated before the first build."""
    given = {"date": "2025-12-01T00:00:00Z", "topics": ["AI", "Go"], "title": path[6:7].upper()}
    site.write(path, body, **given | fields)


def shown(site: Site, folder: str = "") -> dict[str, dict[str, Any]]:
    """The entries of a feed by title."""
    document = json.loads((site.out / folder / "feed.json").read_bytes())
    return {item["title"]: item for item in document["items"]}


def titles(site: Site, folder: str = "") -> str:
    """The titles in a feed, in the order of the alphabet."""
    return "".join(sorted(shown(site, folder)))


# feeds: false


def test_s3_what_is_in_no_feed_is_on_the_site_and_links_lead_to_it(site: Site) -> None:
    write(site, A, feeds="false", date=None)
    report = site.build("--files")
    assert titles(site) == titles(site, "topics/ai") == "B"
    entry = shown(site)["B"]
    assert '<a href="https://www.example.org/a/">the other</a>' in entry["content_html"]
    assert "_feedpub" not in entry or "item_id" not in json.dumps(entry["_feedpub"])
    assert [file["status"] for file in report["files"]] == ["withheld"]
    assert "on the site and in no feed" in report["files"][0]["reason"]
    assert report["problems"] == []


def test_s3_to_leave_all_feeds_is_a_takedown_and_to_come_back_is_no_news(site: Site) -> None:
    site.build()
    before = shown(site)
    write(site, A, feeds="false")
    report = site.build(epoch=DAYS[1])
    assert report["withdrawals"] == [A]
    assert b"deleted-entry" in (site.out / "atom.xml").read_bytes()
    assert b"deleted-entry" in (site.out / "topics/ai/atom.xml").read_bytes()
    assert titles(site) == "B"
    assert "https://www.example.org/a/" in shown(site)["B"]["content_html"]
    write(site, A)
    site.build(epoch=DAYS[2])
    assert shown(site)["A"] == before["A"]
    assert b"deleted-entry" not in (site.out / "atom.xml").read_bytes()


@pytest.mark.parametrize("flag", ["draft: true", "published: false", "feeds: false"])
def test_s3_what_no_feed_shows_leaves_no_words_in_the_state(site: Site, flag: str) -> None:
    """X4: neither its title nor what it links to, whatever clauses and growth ask for."""
    site.configure(feeds={"growth": "note", "named": {"own": {"all": [{"title": "Hushed"}]}}})
    related = [{"title": "Hushed link", "webUrl": "https://hushed.example/"}]
    write(site, A, title="Hushed words", related=related)

    def state() -> bytes:
        return b"".join(file.read_bytes() for file in site.state.iterdir())

    site.build()
    assert b"ushed words" in state()
    file = site.content / A
    file.write_text(file.read_text(encoding="utf-8").replace("---", f"---\n{flag}", 1))
    site.build(epoch=DAYS[1])
    assert re.findall(rb"[Hh]ushed.*", state()) == []


def test_s3_what_is_dated_ahead_is_nowhere_also_if_it_wants_no_feed(site: Site) -> None:
    write(site, A, feeds="false", date="2026-01-02T00:00:00Z", expiryDate="2026-01-04T00:00:00Z")
    site.build()
    assert "/a/" not in shown(site)["B"]["content_html"], "the site does not have it either"
    site.build(epoch=DAYS[1])
    assert "/a/" in shown(site)["B"]["content_html"]
    site.build(epoch=DAYS[3])
    assert "/a/" not in shown(site)["B"]["content_html"], "it expired"


@pytest.mark.parametrize("flag", ["feeds: false", "draft: true"])
def test_d3_what_changes_while_no_feed_has_it_is_an_update_when_it_is_back(
    site: Site, flag: str
) -> None:
    """Also where it was dated ahead meanwhile."""
    key, value = flag.split(": ")
    site.build()
    write(site, A, **{key: value})
    site.build(epoch=DAYS[1])
    write(site, A, date="2026-01-05T00:00:00Z", **{key: value})
    for day in (2, 8):
        site.build(epoch=DAYS[day])
        assert titles(site) == "B"
    write(site, A, date="2026-01-05T00:00:00Z")
    site.build(epoch=DAYS[9])
    assert shown(site)["A"]["date_modified"] == "2026-01-10T00:00:00Z"


def test_i4_of_several_files_the_one_that_wants_no_feed_counts_for_nothing(site: Site) -> None:
    write(site, A, id="x", feeds="false", topics=["AI", "Secret"])
    write(site, B, id="x")
    report = site.build("--files")
    assert [item["url"] for item in shown(site).values()] == ["https://www.example.org/b/"]
    assert not (site.out / "topics/secret").exists()
    assert "on the site and in no feed" in report["files"][0]["reason"]
    write(site, B, id="x", removed="true")
    report = site.build("--files", epoch=DAYS[1])
    assert "another file" in report["files"][0]["reason"]
    assert titles(site) == ""


@pytest.mark.parametrize(
    "spoiled", ["feeds: false\ntitle: [", "feeds: no\ndate: x", "---\nfeeds: Off"]
)
def test_x6_a_broken_file_that_wants_no_feed_is_in_none(site: Site, spoiled: str) -> None:
    site.build()
    (site.content / A).write_text(f"---\n{spoiled}\n---\n", encoding="utf-8")
    site.run("build", epoch=DAYS[1])
    assert titles(site) == "B"


def test_s3_what_others_mean_by_feeds_has_no_effect(site: Site) -> None:
    for value in ("podcast", ["a", "false"], "12", {"rss": "x"}):
        write(site, A, feeds=value)
        report = site.build(epoch=DAYS[1])
        assert titles(site) == "AB"
        assert [(p["code"], p["severity"]) for p in report["problems"]] == [
            ("field-invalid", "warning")
        ]
    for value in ("true", "yes"):
        write(site, A, feeds=value)
        assert site.build(epoch=DAYS[1])["problems"] == []


def test_s3_the_key_may_be_another_or_none(site: Site) -> None:
    write(site, A, feeds="false")
    site.configure(content={"withhold": {"feeds": []}})
    site.build()
    assert titles(site) == "AB"
    site.configure(content={"withhold": {}, "fields": {"feeds": ["channels"]}})
    write(site, A, channels="false")
    site.build(epoch=DAYS[1])
    assert titles(site) == "B"


# feeds: {only, not}


def test_n3_an_item_says_which_feeds_it_may_be_in(site: Site) -> None:
    site.configure(feeds={"named": {"picks": {"all": [{"topic": "AI"}]}}})
    site.build()
    write(site, A, feeds={"only": ["picks", "topic/go"]})
    write(site, B, feeds={"not": ["picks", "AI"]})
    report = site.build()
    folders = ("", "topics/ai", "topics/go", "feeds/picks")
    assert [titles(site, folder) for folder in folders] == ["B", "", "AB", "A"]
    assert report["problems"] == []
    write(site, A, feeds={"ONLY": "everything"})
    site.build(epoch=DAYS[1])
    assert [titles(site, folder) for folder in folders] == ["AB", "", "B", ""]
    assert b"deleted-entry" not in (site.out / "feeds/picks/atom.xml").read_bytes()


def test_n3_what_cannot_be_read_lets_nothing_in(site: Site) -> None:
    for value in ({"only": {"x": "y"}}, {"only": [["AI"]], "not": []}, {"only": "Go", "to": "AI"}):
        write(site, A, feeds=value)
        report = site.build(epoch=DAYS[1])
        assert titles(site) == titles(site, "topics/ai") == "B"
        assert "field-invalid" in {p["code"] for p in report["problems"]}


def test_s3_a_feed_that_there_is_not_is_told_at_the_item(site: Site) -> None:
    site.configure(feeds={"named": {"picks": {"all": [{"topic": "AI"}]}}})
    write(site, A, feeds={"only": ["pick"], "not": ["everything"]})
    write(site, B, feeds={"not": ["zebra", "author/x", "Go", "topic/ai", "named/picks"]})
    for command in ("build", "check"):
        told = {
            p["path"]: p["message"]
            for p in site.run(command, "--report", "json").report["problems"]
        }
        assert told == {
            A: "feeds names a feed that is not there; did you mean picks?",
            B: "feeds names a feed that is not there; name one of feeds.named, or topic/NAME",
        }
    assert site.run("check", str(site.content / A), "--report", "json").report["problems"] == []
    site.configure(feeds={"named": {"selection": {"all": [{"topic": "AI"}]}}})
    first, *_ = site.build(epoch=DAYS[1])["problems"]
    assert first["message"].endswith("; name one of feeds.named, or topic/NAME"), "picks has ended"


# by hand


def test_n3_items_come_in_and_stay_out_by_hand_under_each_of_their_names(site: Site) -> None:
    write(site, A, id="first")
    site.build()
    names = [
        "first",
        A,
        "https://www.example.org/a/",
        "http://www.example.org/a/",
        shown(site)["A"]["id"],
    ]
    for at, name in enumerate(names, 1):
        named = {"in": {"items": [name]}, "out": {"all": [{"topic": "AI"}], "except": [name]}}
        site.configure(feeds={"named": named})
        report = site.build(epoch=DAYS[at])
        assert (titles(site, "feeds/in"), titles(site, "feeds/out")) == ("A", "B"), name
        assert report["problems"] == []


@pytest.mark.parametrize("command", ["build", "check"])
def test_n3_a_name_by_hand_that_no_item_has_is_told(site: Site, command: str) -> None:
    named = {"picks": {"items": ["post/a.md", A], "except": ["https://www.example.org/c/"]}}
    site.configure(feeds={"named": named})
    told = site.run(command, "--report", "json").report["problems"]
    assert [p["code"] for p in told] == ["name-unmatched"] * 2
    assert told[0]["path"].endswith("feedpub.yaml")
    texts = "\n".join(p["message"] for p in told)
    assert (
        f'feeds.named.picks.items: "post/a.md" is no id, address, or path in content.root of an item; did you mean "{A}"?'
        in texts
    )
    assert (
        'feeds.named.picks.except: "https://www.example.org/c/" is no id, address, or path in content.root of an item; did you'
        in texts
    )


# unique


def test_n3_of_feeds_that_share_items_the_first_that_wants_one_has_it(site: Site) -> None:
    write(site, B, topics=["AI"])
    named = {"go": {"all": [{"topic": "Go"}]}, "all": {"any": [{"topic": "AI"}]}}
    site.configure(feeds={"named": named})
    site.build()
    site.configure(feeds={"unique": [["go", "all", "topic/ai"]]})
    site.build()
    folders = ("", "feeds/go", "feeds/all", "topics/ai", "topics/go")
    assert [titles(site, folder) for folder in folders] == ["AB", "A", "B", "", "A"]
    site.configure(feeds={"unique": [["all", "go"]]})
    site.build(epoch=DAYS[1])
    assert [titles(site, folder) for folder in folders] == ["AB", "", "AB", "AB", "A"]
    assert b"deleted-entry" not in (site.out / "feeds/go/atom.xml").read_bytes()


def test_n3_what_cannot_be_meant_by_unique_is_told(site: Site) -> None:
    site.configure(feeds={"named": {"best": {"all": [{"topic": "AI"}]}}})
    for bundle, told in (
        (
            ["best", "named/bst"],
            "feeds.unique[0][1]: is no feed of feeds.named; did you mean best?",
        ),
        (["author/Ann", "best"], "feeds.unique[0][0]: is a feed of a kind that feeds.by has not"),
        (["best", "best"], "feeds.unique[0]: has a name twice"),
    ):
        site.configure(feeds={"unique": [bundle]})
        done = site.run("build")
        assert (done.code, told in done.stderr) == (2, True), done.stderr
    site.configure(feeds={"unique": [["best", "topic/Goo"]]})
    [problem] = site.build()["problems"]
    assert (
        problem["message"]
        == "feeds.unique: topic/Goo is a topic that no item has; did you mean Go?"
    )


# explain


def explained(site: Site, path: str) -> dict[str, str]:
    """What `explain` says of each named feed."""
    told = site.run("explain", site.content / path, epoch=DAYS[9]).stdout
    lines = told.partition("Named feeds\n")[2].splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def test_n3_explain_says_of_each_named_feed_what_lets_in_or_keeps_out(site: Site) -> None:
    named = {
        "ai": {"all": [{"topic": "AI"}, {"none": [{"topic": "Go"}]}]},
        "loud": {"at_least": {"heat": 60}},
        "best": {"top": 1, "within": "30d"},
        "mine": {"title": "By hand", "items": [A], "except": [B]},
        "go": {"any": [{"topic": "Go"}, {"title": "zebra"}]},
        "late": {"also": {"all": [{"topic": "AI"}]}, "top": 1, "by": "heat"},
        "weekly": {"digest": {"of": "topic", "every": "week", "on": "monday 07:00"}},
    }
    site.configure(feeds={"named": named, "unique": [["best", "go"]]})
    write(site, A, heat=70, quality=5, topics=["AI"], feeds={"not": ["late"]})
    write(site, B, heat=50, quality=9)
    site.build()
    assert "Named feeds" not in site.run("explain", site.content / "x.md").stdout
    assert "feeds.not[0]" in site.run("explain", site.content / A, epoch=DAYS[9]).stdout
    first, second = explained(site, A), explained(site, B)
    assert (
        first.pop("weekly") == second.pop("weekly") == "not in: it lists what is new in other feeds"
    )
    assert first == {
        "ai": "in: all [topic: ai, none [topic: go]]",
        "loud": "in: all [heat: 60]; heat is 70, it leaves below 48",
        "best": "not in: not among the best 1 by quality; every item",
        "mine": "in: items: posts/a.md",
        "go": "not in: all [any [topic: go, title: zebra]]",
        "late": "not in: the front matter of the item says so (feeds)",
    }
    assert second == {
        "ai": "not in: all [none [topic: go]]",
        "loud": "not in: all [heat: 60]; heat is 50, it leaves below 48",
        "best": "in: every item; among the best 1 by quality",
        "mine": "not in: except: posts/b.md",
        "go": "not in: feeds.unique gives it to named best; all [any [topic: go]]",
        "late": "in: all [topic: ai]",
    }
    verdict = site.run("explain", site.content / B, epoch=DAYS[9]).stdout.splitlines()[1]
    assert "best" in verdict, "by its place"
    assert "go" not in verdict, "by feeds.unique"
    told = site.run("explain", site.content / A, epoch=DAYS[9]).stdout
    assert "named mine" in told.splitlines()[1], "as the config calls it"
    write(site, B, heat=50, quality=1)
    site.build(epoch=DAYS[1])
    write(site, B, heat=70, quality=1, topics=["AI"])
    site.build(epoch=DAYS[2])
    assert explained(site, B)["loud"].endswith("; admitted 2026-01-03T00:00:00Z")
    told = "in: every item; not among the best 1 by quality, but it stays"
    assert explained(site, B)["best"] == told


# dry runs


def test_n3_a_dry_run_names_what_comes_late_goes_or_is_at_its_place(site: Site) -> None:
    write(site, "posts/c.md", heat=10)
    site.configure(feeds={"named": {"loud": {"at_least": {"heat": 60}}}})
    site.build()
    write(site, A, heat=90)
    write(site, "posts/d.md", heat=90, date=None)
    lines = site.run("build", "--dry-run", epoch=DAYS[1]).stdout.splitlines()
    at = lines.index("out/feeds/loud/: 1 new, 1 late")
    assert lines[at + 1 : at + 3] == [
        "  new: content/posts/d.md",
        "  late: content/posts/a.md",
    ]
    site.build(epoch=DAYS[1])
    write(site, A, heat=1)
    (site.content / "posts/d.md").unlink()
    site.configure(feeds={"named": {"loud": {"any": [{"heat": 10}, {"topic": "None"}]}}})
    done = site.run("build", "--dry-run", "--report", "json", epoch=DAYS[2])
    [row] = [row for row in done.report["changes"] if row["folder"] == "feeds/loud/"]
    assert row["items"] == {
        "new": ["posts/c.md"],
        "left": ["posts/a.md"],
        "withdrawn": ["posts/d.md"],
    }
    assert (row["new"], row["late"], row["left"], row["withdrawn"]) == (1, 0, 1, 1)
    site.configure(feeds={"named": {}})
    done = site.run("build", "--dry-run", "--report", "json", epoch=DAYS[2])
    [row] = [row for row in done.report["changes"] if row["folder"] == "feeds/loud/"]
    assert (row["fate"], row["left"], row["items"]) == ("ends", 1, {}), "as many as were there"


def test_n3_what_moves_by_a_change_of_unique_is_no_news(site: Site) -> None:
    named = {"ai": {"all": [{"topic": "AI"}]}, "go": {"all": [{"topic": "Go"}]}}
    site.configure(feeds={"named": named, "unique": [["ai", "go"]]})
    site.build()
    assert (titles(site, "feeds/ai"), titles(site, "feeds/go")) == ("AB", "")
    site.configure(feeds={"unique": [["go", "ai"]]})
    done = site.run("build", "--dry-run", epoch=DAYS[1]).stdout
    assert "out/feeds/ai/: 2 no longer in it" in done
    assert "out/feeds/go/: 2 new" in done
    site.build(epoch=DAYS[1])
    assert (titles(site, "feeds/ai"), titles(site, "feeds/go")) == ("", "AB")
    assert "admitted" not in explained(site, A)["go"], "at its place, not as news of today"


def test_n3_what_another_rule_of_the_first_feed_leaves_to_the_next_is_no_news(site: Site) -> None:
    named = {"go": {"all": [{"topic": "Go"}]}, "ai": {"all": [{"topic": "AI"}]}}
    site.configure(feeds={"named": named, "unique": [["go", "ai"]]})
    site.build()
    site.configure(feeds={"named": named | {"go": {"all": [{"topic": "Rust"}]}}})
    lines = site.run("build", "--dry-run", epoch=DAYS[1]).stdout.splitlines()
    assert "out/feeds/ai/: 2 new" in lines
    assert "out/feeds/go/: 2 no longer in it" in lines
