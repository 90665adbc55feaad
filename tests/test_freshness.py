"""How fresh feeds are: what lists and pages say, and feeds that should have news and have none (F11)."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from running_service import Service, serving
from small_site import DAY, EPOCH, Site, url

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
        "topics/rivers/": "topic/rivers: nothing new since 2025-12-10T08:00:00Z, expected every 12 h"
    }, "nor is anything said of what has no feed, but that it has none"
    assert late == quiet(site, "check", epoch=EPOCH) == quiet(site, "build", epoch=EPOCH)
    shown = site.run("build", "--strict", epoch=EPOCH)
    assert shown.code == 4
    assert f"{Path('out/topics/rivers')}/: warning: topic/rivers: nothing new" in shown.stderr
    assert quiet(site, "check", epoch=newest) == {}
    much_later = quiet(site, "check", epoch=EPOCH + 100 * DAY + 1)
    assert sorted(much_later) == ["feeds/dry/", "topics/rivers/"]
    assert much_later["feeds/dry/"].startswith("named/Dry: nothing new since 2026-01-01")


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


CLOCK_OF_A_FILE = """
import sys
from pathlib import Path
from feedpub.cli import main
from feedpub.service.worker import Clock

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
        assert figures(service) == {"everything": 0, "topic/Rivers": 0}
        assert service.get("/readyz").text == "ready\n"
        set_clock(NEWEST + DAY + 1)
        told = service.wait_until("/readyz", 200, "everything").text
        assert told == (
            "ready\neverything: nothing new since 2025-12-12T08:00:00Z, expected every 24 h\n"
        )
        assert figures(service) == {"everything": 1, "topic/Rivers": 0}
        assert service.metric('feedpub_rescans_total{outcome="done"}') == 1
        assert service.metric("feedpub_alarm") == 0
        site.write("new.md", title="New", webUrl=url(99), publishedDateTime="2025-12-13T08:00:00Z")
        asked = site.run_process("refresh")
        assert asked.code == 0, asked.stderr
        assert service.get("/readyz").text == "ready\n"
        set_clock(NEWEST + 40 * DAY)
        mark = service.mark
        assert "feed-quiet" in site.run_process("refresh", "--report", "json").stdout
        service.wait_for('"warning".*topic/Rivers: nothing new', mark)
        assert figures(service) == {"everything": 1, "topic/Rivers": 1}
        site.configure(topics={"define": {}})
        service.signal(signal.SIGHUP)
        service.wait_for("is in use")
        site.run_process("refresh")
        assert figures(service) == {"everything": 1}, "what is not expected has no figure"


def figures(service: Service) -> dict[str, float]:
    """Return what /metrics says of quiet feeds."""
    found = re.findall(r'feedpub_feed_quiet\{feed="(.*)"\} (.*)', service.get("/metrics").text)
    return {feed: float(value) for feed, value in found}
