"""Digests (N4): when they are made, of what, and that nothing is in two of them or in none."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from small_site import DAY, EPOCH, Site

from feedpub.catalogue.encoding import converted, record
from feedpub.core import compose
from feedpub.core.model import Entry
from feedpub.core.policy import DigestRule
from feedpub.core.selection import Digest, Member, Period, boundary, new_digest, pending, period
from feedpub.core.stories import Authority

ZONES = [
    ZoneInfo(name)
    for name in (
        *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"),
        *("America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu", "UTC"),
    )
]
RULES = st.builds(
    lambda every, number, minute: DigestRule(
        "", every, (number if every == "month" else number % 7, minute)
    ),
    st.sampled_from(["day", "week", "month"]),
    st.integers(1, 31),
    st.integers(0, 1439),
)
NOW = st.integers(1_000_000_000, 2_000_000_000)


def at(zone: str, rule: DigestRule, *day: int) -> str:
    """Return the boundary of a day in UTC."""
    instant = boundary(rule, ZoneInfo(zone), date(*day))
    return datetime.fromtimestamp(instant, UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("zone", "time", "day", "expected"),
    [
        ("Europe/Berlin", "07:00", (2026, 1, 5), "01-05 06:00"),
        ("Europe/Berlin", "02:30", (2026, 3, 29), "03-29 01:00"),  # 02:00 to 03:00 is left out
        ("Europe/Berlin", "02:30", (2026, 10, 25), "10-25 00:30"),  # the first of the two
        ("America/New_York", "02:00", (2026, 3, 8), "03-08 07:00"),
        ("America/New_York", "01:59", (2026, 11, 1), "11-01 05:59"),
        ("Australia/Lord_Howe", "02:15", (2026, 10, 4), "10-03 15:30"),  # by half an hour
        ("Australia/Lord_Howe", "01:45", (2026, 4, 5), "04-04 14:45"),
        ("Pacific/Apia", "07:00", (2011, 12, 30), "12-30 10:00"),  # a day that never was
        ("America/Sao_Paulo", "00:00", (2018, 11, 4), "11-04 03:00"),  # no midnight
    ],
)
def test_what_clocks_leave_out_comes_with_the_next_minute_that_exists(
    zone: str, time: str, day: tuple[int, int, int], expected: str
) -> None:
    hour, minute = map(int, time.split(":"))
    assert at(zone, DigestRule("", "day", (0, hour * 60 + minute)), *day) == expected


def test_the_last_days_that_there_are_have_periods() -> None:
    assert period(DigestRule("", "month", (31, 0)), ZONES[0], 253_402_300_799).start == date(
        9998, 11, 30
    )


def test_a_month_without_the_day_ends_with_its_last_one() -> None:
    rule, now = (
        DigestRule("", "month", (31, 420)),
        int(datetime(2026, 1, 15, tzinfo=UTC).timestamp()),
    )
    found = [datetime.fromtimestamp(now := period(rule, UTC, now).ends, UTC) for _ in range(5)]
    assert [f"{d:%m-%d}" for d in found] == ["01-31", "02-28", "03-31", "04-30", "05-31"]


@given(RULES, st.sampled_from(ZONES), NOW)
def test_periods_follow_each_other_without_gap_or_overlap(
    rule: DigestRule, zone: ZoneInfo, now: int
) -> None:
    last = period(rule, zone, now)
    assert last.ended <= now < last.ends
    longest = {"day": 3, "week": 9, "month": 33}[rule.every]
    assert last.ends - last.ended <= longest * 86_400
    # Whatever instant of the period one looks from, its bounds are the same.
    for moment in (last.ended, last.ends - 1):
        assert period(rule, zone, moment) == last
    assert period(rule, zone, last.ends).start > last.start
    local = datetime.fromtimestamp(last.ended, zone)
    assert last.start < local.date() <= last.start + timedelta(days=longest)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_each_day_of_twenty_years_has_one_boundary(zone: ZoneInfo) -> None:
    chance = Random(str(zone))
    rules = [DigestRule("", "day", (0, chance.randrange(1440))) for _ in range(2)]
    for rule in rules:
        days = [date(2007, 1, 1) + timedelta(n) for n in range(7300)]
        found = [boundary(rule, zone, day) for day in days]
        assert all(first <= second for first, second in pairwise(found))
        assert sum(first == second for first, second in pairwise(found)) <= 1  # Apia's lost day


# histories, without builds -----------------------------------------------------------------------

AUTHORITY = Authority("example.org", "2026-01-01")


class Desk:
    """A feed and its digests through a random time; `late` are items that come in with an old date."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.zone = self.chance.choice(ZONES)
        self.now = self.chance.randrange(1_300_000_000, 1_700_000_000)
        self.rule = self._rule()
        self.source = "a"
        self.begun = self.looked = self._last().ended
        self.members: dict[int, Member] = {}
        self.withdrawn: set[str] = set()
        self.made: list[Digest] = []

    def _rule(self) -> DigestRule:
        every = self.chance.choice(["day", "day", "week", "month"])
        day = self.chance.randint(1, 31) if every == "month" else self.chance.randrange(7)
        return DigestRule("", every, (day, self.chance.randrange(1440)), self.chance.randint(1, 4))

    def _last(self) -> Period:
        return period(self.rule, self.zone, self.now)

    def add(self, back: int = 0) -> None:
        """Put an item in, which entered so many seconds ago."""
        number = len(self.members)
        self.members[number] = Member(self.now - back, self.now, f"item:{number}", number)

    def run(self) -> None:
        """Do what a rescan does: at most one digest comes of it."""
        last, before = self._last(), [*self.made]
        if last.ended <= self.looked:
            return
        self.looked = last.ended
        there = [m for m in self.members.values() if m.id not in self.withdrawn]
        there.sort(key=lambda m: m.entered, reverse=True)
        found = pending(there, self.made, self.begun, self.source, last.ended)
        if len(found) >= self.rule.minimum:
            entries = [Entry(m.id, m.id, f"https://x.test/{m.id}", m.published, 0) for m in found]
            given = self.made, AUTHORITY, self.zone
            self.made.append(new_digest(("feed", "Weekly", self.source), last, entries, *given))
        assert self.made[: len(before)] == before, "what is out stays as it is"

    def step(self) -> None:
        """Let something happen."""
        match self.chance.randrange(12):
            case 0:
                self.add(back=self.chance.randrange(3 * 86_400))
            case 1:
                self.rule = self._rule()
            case 2:  # the clock is set back, a little
                self.now -= self.chance.randrange(86_400)
            case 3:
                self.source = self.chance.choice("ab")
            case 4 if self.members:
                gone = self.chance.choice([*self.members.values()]).id
                self.withdrawn.add(gone)
                self.made = [digest.without({gone}) for digest in self.made]
            case 5:  # lost but for the ledger
                rows = [json.loads(json.dumps(record(d))) for d in self.made]
                self.made = [converted(Digest, row) for row in rows]
            case 6:
                self.now += self.chance.randrange(90 * 86_400)  # nobody looked for long
            case _:
                self.add()
        self.now += self.chance.randrange(2 * 86_400)
        self.run()


@pytest.mark.parametrize(
    "seeds", [range(100), pytest.param(range(100, 1000), marks=pytest.mark.slow)], ids=str
)
def test_n4_no_item_is_told_of_twice_or_missed_in_a_thousand_histories(seeds: range) -> None:
    for seed in seeds:
        desk = Desk(seed)
        counts = []
        for _ in range(24):
            before = len(desk.made)
            desk.step()
            counts.append(len(desk.made) - before)
        desk.rule = desk.rule._replace(minimum=1)
        desk.now = period(desk.rule, desk.zone, desk.now + 86_400).ends
        desk.run()
        told = [own for digest in desk.made for own in digest.stories]
        assert len(told) == len({*told}), (seed, "twice")
        since = max([desk.begun, *(d.instant for d in desk.made if d.source != desk.source)])
        due = {m.id for m in desk.members.values() if m.entered > since}
        due -= desk.withdrawn
        assert due <= {*told}, (seed, "missed")
        assert max(counts) <= 1, (seed, "burst")
        assert len({d.start for d in desk.made}) == len({d.id for d in desk.made}) == len(desk.made)
        assert not {item.id for d in desk.made for item in d.items} & desk.withdrawn
        assert [d.instant for d in desk.made] == sorted(d.instant for d in desk.made)


# through the command line ------------------------------------------------------------------------


def digests_of(site: Site, feed: str = "weekly") -> list[dict[str, Any]]:
    """Return the items of a feed as JSON Feed has them."""
    told = json.loads((site.out / "feeds" / feed / "feed.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = told["items"]
    return found


def links(html: str) -> list[str]:
    """Return what is linked to from a text, in its order."""
    return re.findall(r'href="([^"]+)"', html)


def weekly(site: Site, **digest: Any) -> Site:
    """Give a site a feed of digests, by default one a week."""
    given = {"of": "everything", "every": "week", "on": "monday 07:00", **digest}
    site.configure(feeds={"named": {"weekly": {"title": "Weekly", "digest": given}}})
    return site


def news(site: Site, number: int, **fields: Any) -> str:
    """Write an item without a date: it is dated by the build that sees it. Return its address."""
    link = f"https://www.example.org/news/{number}"
    site.write(f"news{number}.md", title=f"News <{number}> & more", webUrl=link, **fields)
    return link


MONDAY = 5 * DAY - 17 * 3600 + EPOCH
"""2026-01-05T07:00:00Z"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that was built on 2026-01-01, with digests each Monday; 2025-12-31 is in the first."""
    made = weekly(Site(tmp_path, ledger=True))
    made.write("old.md", title="Old", webUrl="https://www.example.org/o", date="2025-12-20")
    made.write("eve.md", title="Eve", webUrl="https://www.example.org/eve", date="2025-12-31")
    made.build()
    return made


def test_n4_a_digest_is_an_entry_with_a_page_and_its_items_as_a_list(site: Site) -> None:
    related = [{"title": "Other <b>", "webUrl": "https://other.example/6"}]
    link = news(site, 1, related=related, provider={"name": "Wire"}, topics=["Web"])
    site.build(epoch=EPOCH + DAY)
    assert digests_of(site) == []
    site.build(epoch=MONDAY)
    [item] = digests_of(site)
    assert item["date_published"] == "2026-01-05T07:00:00Z"
    assert item["title"] == "Weekly: 2025-12-29 – 2026-01-05"
    expected = [link, "https://other.example/6", "https://www.example.org/eve"]
    assert links(item["content_html"]) == expected
    assert "News &lt;1&gt; &amp; more" in item["content_html"]
    assert '· Wire · <time datetime="2026-01-02">' in item["content_html"]
    assert "<ul><li><a" in item["content_html"].partition("other.example")[0]
    page = (site.out / "feeds/weekly/2025-12-29/index.html").read_text(encoding="utf-8")
    assert item["url"] == "https://feeds.example.org/feeds/weekly/2025-12-29/"
    assert [url for url in links(page) if url in expected] == expected
    assert '"../../../feedpub.css"' in page
    assert (
        '<link rel="canonical" href="https://feeds.example.org/feeds/weekly/2025-12-29/"/>' in page
    )
    assert '<a href="../../../feeds/weekly/index.html">All digests of this feed</a>' in page
    feed = (site.out / "feeds/weekly/index.html").read_text(encoding="utf-8")
    assert item["url"] in feed
    assert "All digests" not in feed
    listed = json.loads((site.out / "feeds.json").read_text(encoding="utf-8"))["feeds"]
    assert [f["items"] for f in listed if f["title"] == "Weekly"] == [1]


@pytest.mark.parametrize("pages", [True, False])
def test_f6_a_feed_shows_the_beginning_of_a_long_digest_and_its_page_all(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, pages: bool
) -> None:
    monkeypatch.setattr(compose, "_MOST", 1000)
    site.configure(feeds={**site.config["feeds"], "pages": pages})
    told = [news(site, number) for number in range(30)]
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    [item] = digests_of(site)
    shown = links(item["content_html"])
    assert {*told} <= {*shown} or pages
    if pages:
        assert len(item["content_html"]) < 1200
        page = (site.out / "feeds/weekly/2025-12-29/index.html").read_text(encoding="utf-8")
        assert {*told} <= {*links(page)}
        assert shown.pop() == item["url"]
        assert f">{31 - len(shown)} more</a>" in item["content_html"]


def test_n4_what_is_out_stays_whatever_becomes_of_its_items_but_for_takedowns(site: Site) -> None:
    for number in range(3):
        news(site, number, related=[{"title": "Eve", "webUrl": "https://www.example.org/eve"}])
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    before, page = digests_of(site), site.out / "feeds/weekly/2025-12-29/index.html"
    assert links(before[0]["content_html"]).count("https://www.example.org/eve") == 4
    # Other words, another name of the feed, another address, and one that is not wanted any more.
    site.write("news1.md", title="Anew", webUrl="https://www.example.org/news/1", topics=["X"])
    site.config["feeds"]["named"]["weekly"]["title"] = "The week"
    site.build(epoch=MONDAY + 3600)
    assert digests_of(site) == before
    # Withdrawn: the line of the item, and each link to it.
    bytes_before = page.read_bytes()
    site.write("eve.md", title="Eve", webUrl="https://www.example.org/eve", draft="true")
    site.build(epoch=MONDAY + 7200)
    [item] = digests_of(site)
    assert [*map(links, [item["content_html"]])] == [
        [url for url in links(before[0]["content_html"]) if not url.endswith("/eve")]
    ]
    assert "Eve" not in item["content_html"] + item.get("summary", "")
    assert {**item, "content_html": "", "summary": ""} == {
        **before[0],
        "content_html": "",
        "summary": "",
    }
    assert bytes_before != page.read_bytes()
    assert b"example.org/eve" not in page.read_bytes()
    lines = site.ledger.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith('{"digest"') and "Eve" in line]
    # It is not in the next one either, when it is out again.
    site.write("eve.md", title="Eve", webUrl="https://www.example.org/eve")
    site.build(epoch=MONDAY + 10_000)
    site.build(epoch=MONDAY + 7 * DAY)
    assert digests_of(site) == [item]


def test_x4_no_page_of_a_digest_stays_where_a_feed_has_items_now(site: Site) -> None:
    """Nobody would take down from it what is withdrawn."""
    news(site, 1)
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    page = "feeds/weekly/2025-12-29/index.html"
    assert b"News" in site.feeds()[page]
    site.configure(feeds={"named": {"weekly": {"any": [{"title": "News"}]}}})
    site.build(epoch=MONDAY + DAY)
    assert page not in site.feeds()
    weekly(site).build(epoch=MONDAY + 2 * DAY)
    assert b"News" in site.feeds()[page]


def test_n4_few_items_wait_for_the_next_digest_and_missed_periods_have_one(site: Site) -> None:
    weekly(site, minimum=3)
    first = news(site, 1)
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    assert digests_of(site) == []
    second = news(site, 2)
    site.build(epoch=MONDAY + 8 * DAY)  # it was not there by the boundary a day before
    assert digests_of(site) == []
    site.build(epoch=MONDAY + 36 * DAY)
    [item] = digests_of(site)
    assert item["date_published"] == "2026-02-09T07:00:00Z"
    eve = "https://www.example.org/eve"
    assert links(item["content_html"]) == [second, first, eve]


def test_n4_an_item_that_comes_to_a_feed_late_is_in_its_next_digest(site: Site) -> None:
    weekly(site, of="topic/Web")
    one = news(site, 1, topics=["Web"])
    news(site, 2)
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    two = news(site, 2, topics=["Web"])
    site.build(epoch=MONDAY + 60)
    site.build(epoch=MONDAY + 7 * DAY)
    assert [links(each["content_html"]) for each in digests_of(site)] == [[two], [one]]


def test_n4_a_digest_of_a_kind_is_a_feed_for_each_that_follows_a_renamed_topic(site: Site) -> None:
    weekly(site, of="topic")
    one = news(site, 1, topics=["Go", "C++"])
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    assert {p.name for p in (site.out / "feeds").iterdir()} > {"weekly-go", "weekly-c-plus-plus"}
    before = digests_of(site, "weekly-go")
    assert [links(each["content_html"]) for each in before] == [[one]]
    assert before[0]["title"].startswith("Weekly: Go: ")
    site.configure(topics={"define": {"Golang": {"aliases": ["Go"]}}, "retired": ["C++"]})
    two = news(site, 2, topics=["Golang"])
    site.build(epoch=MONDAY + DAY)
    site.build(epoch=MONDAY + 7 * DAY)
    after = digests_of(site, "weekly-go")
    assert after[1:] == before
    assert links(after[0]["content_html"]) == [two]
    [last] = digests_of(site, "weekly-c-plus-plus")
    assert last["title"] == "This feed has ended: Weekly: C++"
    assert not (site.out / "feeds/weekly-c-plus-plus/2025-12-29").exists()
    own = {"slug": "woche", "description": "All of it", "digest": {"of": "topic"}}
    site.configure(feeds={"named": {"weekly": own}})
    site.build(epoch=MONDAY + 8 * DAY)
    assert digests_of(site, "woche-go") == digests_of(site, "weekly-go")
    assert b"<subtitle>All of it</subtitle>" in (site.out / "feeds/woche-go/atom.xml").read_bytes()


def test_n4_topics_that_are_not_out_yet_have_no_digests(site: Site) -> None:
    site.configure(topics={"minimum": 2})
    weekly(site, of="topic")
    news(site, 1, topics=["Go", "C++"])
    site.build(epoch=EPOCH + DAY)
    assert {p.name for p in (site.out / "feeds").iterdir()} == {"weekly"}  # it says that it ended
    news(site, 2, topics=["Go"])
    site.build(epoch=EPOCH + DAY + 1)
    assert {p.name for p in (site.out / "feeds").iterdir()} == {"weekly", "weekly-go"}
    assert not site.build(epoch=EPOCH + DAY + 2)["feeds"]["written"]


def test_n4_a_clock_that_ran_ahead_makes_no_item_come_twice_d10(site: Site) -> None:
    one = news(site, 1)
    site.build(epoch=MONDAY + 200 * DAY)  # it is dated then
    site.build(epoch=MONDAY + 207 * DAY)
    ahead = digests_of(site)
    assert [link for each in ahead for link in links(each["content_html"])].count(one) == 1
    two = news(site, 2)
    assert site.run("build", epoch=MONDAY + DAY).code == 3
    site.build("--accept-clock", epoch=MONDAY + DAY)
    site.build(epoch=MONDAY + 7 * DAY)
    site.build(epoch=MONDAY + 14 * DAY)
    after = digests_of(site)
    told = [link for each in after for link in links(each["content_html"])]
    assert sorted(told) == sorted({*told})
    assert {one, two} <= {*told}
    assert {each["id"] for each in ahead} < {each["id"] for each in after}
    assert all(each["date_published"] < "2026-01-20" for each in after)


def test_n4_a_lost_state_with_the_text_ledger_gives_the_same_bytes_d9(
    site: Site, tmp_path: Path
) -> None:
    weekly(site, of="topic", every="day", on="07:00")
    for day in range(1, 5):
        news(site, day, topics=["Web", "Go"][: 1 + day % 2])
        site.build(epoch=EPOCH + day * DAY)
    (site.content / "news1.md").unlink()
    news(site, 5, topics=["Web"])
    site.build(epoch=EPOCH + 5 * DAY)
    eight = EPOCH + 5 * DAY + 8 * 3600
    site.build(epoch=eight)  # a digest and nothing else; the first page counts it
    other = site.copy(tmp_path / "other", "ledger.jsonl")
    other.build(epoch=eight)
    assert other.feeds() == site.feeds()
    assert other.ledger.read_bytes() == site.ledger.read_bytes()
    assert len(digests_of(site, "weekly-web")) == 5
    # What is left of a state that was lost whole goes: nobody would take anything out of it.
    bare = site.copy(tmp_path / "bare", "out")
    (bare.root / "ledger.jsonl").unlink(missing_ok=True)
    bare.build(epoch=eight)
    assert not [path for path in bare.feeds() if "/2026-" in path]


ASKED: tuple[dict[str, Any], ...] = (
    {"every": "day", "on": "07:00"},
    {"every": "day", "on": "19:00", "minimum": 2},
    {"every": "week", "on": "wednesday 12:00"},
    {"every": "month", "on": "31 00:00"},
    {"every": "week", "on": "sun 7:00", "of": "topic/Web"},
)


def play(site: Site, seed: int, steps: int) -> None:
    """Have a random history of builds: none may tell of an item twice, or change what is out."""
    chance, now, out, gone = Random(seed), EPOCH, dict[int, str](), set[str]()
    before = digests_of(weekly(site))
    for number in range(steps):
        match chance.randrange(6):
            case 0:
                weekly(site, **chance.choice(ASKED))
            case 1 if out:
                gone.add(out[again := chance.choice([*out])])
                news(site, again, removed="true")
            case 2 if out:
                again = chance.choice([*out])
                news(site, again, topics=["Web", "Go"], removed="true" * (out[again] in gone))
            case 3:  # a fresh checkout
                shutil.rmtree(site.state)
                shutil.rmtree(site.out)
            case 4:
                now -= chance.randrange(DAY)
        out[number] = news(site, number, topics=["Web"])
        now += chance.randrange(3 * DAY)
        site.build(epoch=now)
        after = digests_of(site)
        come = len(after) - len(before)
        assert come in (0, 1), (seed, number)
        for old, new in zip(before, after[come:], strict=True):
            assert {**old, **CONTENT} == {**new, **CONTENT}, (seed, number)
            left = [link for link in links(old["content_html"]) if link not in gone]
            assert links(new["content_html"]) == left, (seed, number)
        before = after
    weekly(site, every="day", on="07:00")
    site.build(epoch=now + 2 * DAY)
    site.build(epoch=now + 3 * DAY)
    found = [link for each in digests_of(site) for link in links(each["content_html"])]
    assert len(found) == len({*found}), seed
    assert {*out.values()} - gone <= {*found}, seed


CONTENT = {"content_html": "", "summary": ""}
"""What a takedown may change in an item."""


@pytest.mark.parametrize("seed", range(3))
def test_n4_another_time_or_feed_or_a_lost_state_repeats_and_loses_nothing(
    site: Site, seed: int
) -> None:
    play(site, seed, 7)


@pytest.mark.parametrize(
    ("digest", "told"),
    [
        ({"of": "topic", "on": "noon"}, 'is no time; write "07:00", "monday 07:00" or "1 07:00"'),
        ({"of": "topic", "on": "25:00"}, "is no time"),
        ({"of": "topic", "every": "month", "on": "32 07:00"}, "is no time"),
        ({"of": "topic", "on": "1 07:00"}, 'does not fit every: week; write "monday 07:00"'),
        (
            {"of": "topic", "every": "day", "on": "mon 7:00"},
            'does not fit every: day; write "07:00"',
        ),
        (
            {"of": "topic", "every": "month", "on": "mon 7:00"},
            'does not fit every: month; write "1 07:00"',
        ),
        ({"of": "author"}, "is a feed of a kind that feeds.by has not; add author there"),
        ({"of": "named/weakly"}, "is no feed of feeds.named; did you mean weekly?"),
        ({"of": "topic", "minimum": 0}, "is out of bounds; write 1 to"),
        ({"of": "topic", "every": "year"}, "is not one of day, week, month"),
        ({}, "lets nothing in; give it a rule"),
    ],
)
def test_what_is_wrong_with_a_digest_is_told(
    tmp_path: Path, digest: dict[str, Any], told: str
) -> None:
    site = Site(tmp_path)
    site.configure(feeds={"named": {"weekly": {"digest": digest}}})
    done = site.run("check")
    assert done.code == 2
    assert told in done.stderr


def test_a_digest_has_a_rule_or_is_of_a_feed_of_items(tmp_path: Path) -> None:
    site = Site(tmp_path)
    own = {"digest": {"of": "topic"}, "all": [{"topic": "Web"}]}
    apart = {"except": ["a.md"], "digest": {"of": "topic"}}
    all_ = {"digest": {"of": "named/weekly"}}
    site.configure(feeds={"named": {"weekly": own, "all": all_, "apart": apart}})
    told = site.run("check").stderr
    assert "apart.digest.of: stands beside a rule" in told
    assert "weekly.digest.of: stands beside a rule of the feed's own; keep one of them" in told
    assert "all.digest.of: has digests itself; name a feed of items" in told


def test_a_digest_of_a_topic_that_no_item_has_is_told_of(site: Site) -> None:
    news(site, 1, topics=["Web"])
    done = weekly(site, of="Wab").run("check", "--report", "json")
    told = [p["message"] for p in done.report["problems"] if p["code"] == "name-unmatched"]
    assert told == ["feeds.named.weekly.digest: Wab is a topic that no item has; did you mean Web?"]


def test_n4_digests_of_another_feed_do_not_tell_of_what_that_had_long_ago(site: Site) -> None:
    weekly(site, of="topic/Go")
    go = news(site, 1, topics=["Go"])
    news(site, 2, topics=["Web"])
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    weekly(site, of="topic/Web")
    web = news(site, 3, topics=["Web"])
    site.build(epoch=MONDAY + DAY)
    site.build(epoch=MONDAY + 7 * DAY)
    assert [links(each["content_html"]) for each in digests_of(site)] == [[web], [go]]


def test_n4_a_digest_of_its_own_rule_holds_what_that_lets_in_without_archives(site: Site) -> None:
    own = {"digest": {"on": "monday 07:00"}, "all": [{"heat": 50}]}
    site.configure(feeds={"archive": "all", "window": {"items": 1}, "named": {"weekly": own}})
    hot = [news(site, number, heat=60 + number) for number in range(3)]
    news(site, 9, heat=10)
    site.build(epoch=EPOCH + DAY)
    done = site.run("build", "--dry-run", epoch=MONDAY)
    assert "feeds/weekly/: 1 new\nwould replace" in done.stdout, done.stdout
    site.build(epoch=MONDAY)
    [item] = digests_of(site)
    assert sorted(links(item["content_html"])) == hot
    assert {p.name for p in (site.out / "feeds/weekly").iterdir() if p.is_dir()} == {"2025-12-29"}
    # What leaves the feed by its score stays in the digest, and nothing is told of it.
    news(site, 0, heat=1)
    site.build(epoch=MONDAY + DAY)
    assert digests_of(site) == [item]
    news(site, 1, removed="true")
    site.build(epoch=MONDAY + 2 * DAY)
    assert sorted(links(digests_of(site)[0]["content_html"])) == [hot[0], hot[2]]
    assert b"deleted-entry" not in (site.out / "feeds/weekly/atom.xml").read_bytes()
    # Pages follow what the site says of itself, as all do.
    site.configure(site={"title": "Another name"})
    site.build(epoch=MONDAY + 3 * DAY)
    page = (site.out / "feeds/weekly/2025-12-29/index.html").read_text(encoding="utf-8")
    assert "Another name" in page
    # One that somebody removed comes back, though nothing else of its feed changed.
    (site.out / "feeds/weekly/2025-12-29/index.html").unlink()
    site.build(epoch=MONDAY + 3 * DAY)
    assert (site.out / "feeds/weekly/2025-12-29/index.html").read_text(encoding="utf-8") == page


def test_n4_a_link_that_was_there_before_its_item_goes_with_it(site: Site) -> None:
    two = "https://www.example.org/news/2"
    one = news(site, 1, related=[{"title": "Secret", "webUrl": f"{two}?utm_source=x"}])
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    assert "Secret" in digests_of(site)[0]["content_html"]
    news(site, 2)
    site.build(epoch=MONDAY + DAY)
    news(site, 2, deleted="true")
    site.build(epoch=MONDAY + 2 * DAY)
    [item] = digests_of(site)
    assert links(item["content_html"]) == [one, "https://www.example.org/eve"]


def test_n4_t6_pages_of_digests_stay_where_they_were_when_feeds_move(site: Site) -> None:
    link = news(site, 1)
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=MONDAY)
    site.configure(feeds={"folders": {"named": "lists/of"}})
    site.build(epoch=MONDAY + DAY)
    for folder in ("feeds/weekly", "lists/of/weekly"):
        page = (site.out / folder / "2025-12-29/index.html").read_text(encoding="utf-8")
        assert link in page
        assert '<link rel="canonical" href="https://feeds.example.org/lists/of/weekly/2025' in page
        assert "https://feeds.example.org/feedpub.css" in page
