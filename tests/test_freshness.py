"""What tells that readers get no news: quiet feeds (F11), and a site.url that is not where they ask."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from running_service import Service, serving
from small_site import DAY, EPOCH, Site, url

from feedpub import config as configs
from feedpub.config import meaning
from feedpub.service import control

NEWEST = EPOCH - 20 * DAY + 8 * 3600  # item 11: 2025-12-12T08:00:00Z


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path).fill()


def listed(site: Site) -> dict[str, dict[str, Any]]:
    """Return what feeds.json says of each feed, by its title."""
    told = json.loads((site.out / "feeds.json").read_bytes())
    return {feed["title"].removesuffix(" · Small site"): feed for feed in told["feeds"]}


def quiet(site: Site, command: str, *, epoch: int) -> dict[str, str]:
    """Return the messages about quiet feeds of a command, by where they are."""
    found = site.run(command, "--report", "json", epoch=epoch).report["problems"]
    assert {p["severity"] for p in found if p["code"] == "feed-quiet"} <= {"warning"}
    return {p["path"]: p["message"] for p in found if p["code"] == "feed-quiet"}


# --- lists and pages -----------------------------------------------------------------------------


def test_the_list_and_the_page_say_when_a_feed_last_changed(site: Site) -> None:
    """F11, D8: `newest` is of its newest item, `updated` that of its documents; neither the clock."""
    site.build()
    before, page = listed(site), site.out / "topics" / "rivers" / "index.html"
    assert before["Rivers"]["updated"] == before["Rivers"]["newest"] == "2025-12-10T08:00:00Z"
    assert ", updated <" not in page.read_text()
    site.edit(8, title="Another")
    site.build(epoch=EPOCH + DAY)
    after = listed(site)
    assert after["Rivers"] == before["Rivers"] | {"updated": "2026-01-02T00:00:00Z"}
    assert "<updated>2026-01-02T00:00:00Z</updated>" in (page.parent / "atom.xml").read_text()
    told = re.compile(r">2025-12-10</time>, updated <time [^>]*>2026-01-02</time>")
    assert told.search(page.read_text())
    assert told.search((site.out / "index.html").read_text())
    assert after["C++"] == before["C++"]
    looks = site.looks()
    site.build(epoch=EPOCH + 300 * DAY)
    assert site.looks() == looks, "time alone changes no file (D9)"


# --- feeds that should have news -----------------------------------------------------------------


def test_a_feed_that_should_have_news_and_has_none_is_told_of(site: Site) -> None:
    site.configure(topics={"define": {"rivers": {"expect": "12h"}, "Unheard": {"expect": "1d"}}})
    site.configure(feeds={"named": {"Dry": {"expect": "100d", "none": [{"topic": "Rivers"}]}}})
    newest = EPOCH - 22 * DAY + 8 * 3600
    assert quiet(site, "build", epoch=newest + 12 * 3600) == {}
    late = quiet(site, "build", epoch=newest + 12 * 3600 + 1)
    assert late == {
        "topics/rivers/": "rivers: nothing new since 2025-12-10T08:00:00Z, expected every 12 h"
    }, "nor is anything said of what has no feed, but that it has none"
    assert late == quiet(site, "check", epoch=EPOCH) == quiet(site, "build", epoch=EPOCH)
    shown = site.run("build", "--strict", epoch=EPOCH)
    assert shown.code == 4
    assert f"{Path('out/topics/rivers')}/: warning: rivers: nothing new" in shown.stderr
    assert quiet(site, "check", epoch=newest) == {}
    site.configure(topics={"except": ["Rivers"]})
    assert quiet(site, "build", epoch=EPOCH) == {}, "it is not out any more"
    site.configure(topics={"except": []})
    much_later = quiet(site, "check", epoch=EPOCH + 100 * DAY + 1)
    assert sorted(much_later) == ["feeds/dry/", "topics/rivers/"]
    assert much_later["feeds/dry/"].startswith("Dry: nothing new since 2026-01-01")


def test_news_is_what_enters_a_feed_not_what_is_edited_or_dated(site: Site) -> None:
    site.configure(feeds={"expect": "1d"})
    site.build()
    site.edit(10, title="An edit is no news")
    assert quiet(site, "build", epoch=EPOCH + 2 * DAY)["./"].startswith("everything: nothing new")
    site.write("late.md", title="Approved late", webUrl=url(99), publishedDateTime="2025-11-01")
    assert quiet(site, "build", epoch=EPOCH + 2 * DAY) == {}
    assert [*quiet(site, "build", epoch=EPOCH + 3 * DAY + 1)] == ["./"]


def test_an_empty_feed_waits_since_it_is_there(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.configure(feeds={"expect": "1d"})
    assert quiet(site, "build", epoch=EPOCH) == {}
    assert "since 2026-01-01T00:00:00Z" in quiet(site, "build", epoch=EPOCH + DAY + 1)["./"]


def test_of_digests_each_is_news(site: Site) -> None:
    daily = {"every": "day", "on": "07:00", "minimum": 1}
    named = {"Day": {"expect": "2d", "digest": daily | {"of": "everything"}}}
    named["Topics"] = {"expect": "2d", "digest": daily | {"of": "topic"}}
    site.configure(feeds={"named": named}, topics={"only": ["AI"]})
    site.build()
    site.edit(4, topics=["Web"])
    site.write("new.md", title="New", webUrl=url(99), publishedDateTime="2026-01-01T09:00:00Z")
    assert quiet(site, "build", epoch=EPOCH + DAY + 8 * 3600) == {}
    seven = EPOCH + 2 * DAY + 7 * 3600
    [path] = quiet(site, "build", epoch=seven)
    assert path == "feeds/topics-ai/", "a digest of AI was not due since it is there"
    assert [*quiet(site, "check", epoch=seven + 2 * DAY)] == [path]
    late = quiet(site, "check", epoch=seven + 2 * DAY + 1)
    assert late["feeds/day/"].startswith("Day: nothing new since 2026-01-03T07:00:00Z")
    assert late[path].startswith("Topics: AI: nothing new since 2026-01-01T00:00:00Z")


CLOCK_OF_A_FILE = """
import sys
from pathlib import Path
from feedpub.cli import main
from feedpub.service.schedule import Clock

Clock.now = lambda self: int(Path("clock").read_text())
sys.argv[0] = "feedpub"
main()
"""
"""The clock says what the file `clock` does."""


def test_a_service_sees_by_time_alone_that_a_feed_is_quiet(site: Site) -> None:
    """F11: no rescan comes, and nothing changed."""

    def set_clock(now: int) -> None:
        (site.root / "clock.new").write_text(str(now))
        (site.root / "clock.new").rename(site.root / "clock")

    set_clock(NEWEST)
    defined = {"Rivers": {"expect": "31d"}}
    site.configure(feeds={"expect": "1d"}, topics={"define": defined}, schedule={"watch": False})
    with serving(site, launcher=("-c", CLOCK_OF_A_FILE)) as service:
        assert figures(service) == {"./": 0, "topics/rivers/": 0}
        assert service.get("/readyz").text == "ready\n"
        set_clock(NEWEST + DAY + 1)
        told = service.wait_until("/readyz", 200, "everything").text
        assert told == (
            "ready\neverything: nothing new since 2025-12-12T08:00:00Z, expected every 1 d\n"
        )
        assert figures(service) == {"./": 1, "topics/rivers/": 0}
        assert service.metric('feedpub_rescans_total{outcome="done"}') == 1
        assert service.metric("feedpub_alarm") == 0
        site.write("new.md", title="New", webUrl=url(99), publishedDateTime="2025-12-13T08:00:00Z")
        asked = site.run_process("refresh")
        assert asked.code == 0, asked.stderr
        assert service.get("/readyz").text == "ready\n"
        set_clock(NEWEST + 40 * DAY)
        mark = service.mark
        assert "feed-quiet" in site.run_process("refresh", "--report", "json").stdout
        service.wait_for('"warning".*Rivers: nothing new', mark)
        assert figures(service) == {"./": 1, "topics/rivers/": 1}
        site.configure(topics={"define": {}})
        service.signal(signal.SIGHUP)
        service.wait_for("is in use")
        site.run_process("refresh")
        assert figures(service) == {"./": 1}, "what is not expected has no figure"


def figures(service: Service) -> dict[str, float]:
    """Return what /metrics says of quiet feeds."""
    found = re.findall(r'feedpub_feed_quiet\{feed="(.*)"\} (.*)', service.get("/metrics").text)
    return {feed: float(value) for feed, value in found}


# --- where readers ask ---------------------------------------------------------------------------


def ask_by(service: Service, host: str, path: str = "/atom.xml", times: int = 9) -> None:
    """Ask for a document by that name of the machine."""
    for _ in range(times):
        assert service.get(path, {"Host": host}).status in {200, 404}


def elsewhere(site: Site) -> list[str]:
    """Return what `check` says of where readers ask for feeds, as people see it."""
    done = site.run("check")
    assert done.code == (4 if "[site-elsewhere]" in done.stdout else done.code)
    return [line for line in done.stdout.splitlines() if "[site-elsewhere]" in line]


def test_h10_check_says_where_readers_ask_for_feeds(site: Site) -> None:
    assert elsewhere(site) == [], "nobody can be asked"
    with serving(site) as service:
        ask_by(service, "localhost:8080")
        ask_by(service, f"127.0.0.1:{service.port}")
        ask_by(service, "[::1]")
        ask_by(service, "bots.example.net", "/")
        ask_by(service, "bots.example.net", "/feeds.opml")
        ask_by(service, "bots.example.net", "/nothing.xml")
        ask_by(service, "Once.example.net", times=2)
        assert elsewhere(site) == [], "health checks, what is no feed, and slips are no readers"
        ask_by(service, "Feeds.example.net:8080", "/topics/web/feed.json")
        [told] = elsewhere(site)
        assert told.startswith(
            "feedpub.yaml:1: warning: readers ask for feeds at feeds.example.net"
        )
        assert "feeds.example.net:8080, never at site.url, https://feeds.example.org/:" in told
        assert not [line for line in service.lines if '"check"' in line], (
            "nor does it cause a rescan"
        )
        ask_by(service, "feeds.example.org")
        assert elsewhere(site) == [], "site.url leads here: other names may as well"
        ask_by(service, "feeds.example.net", times=200)
        assert len(elsewhere(site)) == 1, "what nobody asks for any more is forgotten"
        for number in range(150):
            ask_by(service, f"{number}.example.net", times=2)
        known = control.ask(site.state, {"cause": "check"})
        assert known is not None
        assert 0 < len(known["hosts"]) < 70
    assert elsewhere(site) == []


@pytest.mark.parametrize(
    ("url", "host", "is_right"),
    [
        ("https://feeds.example.org/", "feeds.example.org:443", True),
        ("https://feeds.example.org:8443/", "feeds.example.org:8443", True),
        ("https://feeds.example.org:8443/", "feeds.example.org", True),  # proxies leave it out
        ("https://feeds.example.org/", "feeds.example.org:8080", False),
        ("https://feeds.example.org/", "www.feeds.example.org", False),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080", True),
        ("http://[2001:db8::1]:8080/", "[2001:db8::2]:8080", False),
    ],
)
def test_h10_hosts_compare_with_site_url(site: Site, url: str, host: str, is_right: bool) -> None:
    site.configure(site={"url": url})
    config = configs.load(site.root / "feedpub.yaml")
    found = meaning.elsewhere(config, {host: 5})
    assert [each.severity.label for each in found] == ["warning"] * (not is_right)
    assert meaning.elsewhere(config, {host: 4}) == []


def test_h10_beside_a_hub_readers_are_lost(site: Site) -> None:
    site.configure(push={"hubs": ["https://hub.example.net/"]})
    config = configs.load(site.root / "feedpub.yaml")
    [found] = meaning.elsewhere(config, {"feeds.example.net": 5})
    assert found.severity.label == "error"
