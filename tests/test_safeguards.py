"""X5, D10: what is not believed without a person's word, and for how long."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from command import Run, run_here
from small_site import DAY, EPOCH, Site

from feedpub.core.safeguards import Moment, after, extended, is_many, lost, most_out

HOUR = 3_600


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hundred items that are out."""
    return filled(Site(tmp_path / "site"))


def filled(site: Site) -> Site:
    for number in range(100):
        site.edit(number, publishedDateTime="2025-12-01", draft=None)
    site.build()
    return site


def remove(site: Site, count: int) -> None:
    for path in sorted(site.content.iterdir())[:count]:
        path.unlink()


# many at once -------------------------------------------------------------------------------------


def test_x5_what_goes_piece_by_piece_within_a_day_is_many(site: Site) -> None:
    now = EPOCH + 7 * DAY
    remove(site, 45)
    assert site.build(epoch=now)["items"]["published"] == 55
    remove(site, 24)
    for later in (HOUR, 3 * DAY, 5 * DAY):  # nor is it believed because it is long ago
        held = site.run("build", epoch=now + later)
        assert held.code == 3
        assert "69 of 100 items vanished within a day, 24 of them now" in held.stderr
    assert len(site.ids()) == 55
    assert site.build("--accept-removals", epoch=now + 5 * DAY)["items"]["published"] == 31
    remove(site, 1)  # what was accepted is not told again
    assert site.build(epoch=now + 5 * DAY)["items"]["published"] == 30


def test_x5_a_text_ledger_alone_tells_what_went_within_a_day(tmp_path: Path) -> None:
    site = filled(Site(tmp_path / "site", ledger=True))

    def build(count: int, later: int, *options: str) -> Run:
        remove(site, count)
        if site.state.exists():
            shutil.rmtree(site.state)
        return site.run("build", *options, epoch=EPOCH + 7 * DAY + later)

    assert build(45, 0).code == 0
    refused = build(24, HOUR)
    assert refused.code == 3
    assert "69 of 100 items vanished within a day, 24 of them now" in refused.stderr
    assert "takedowns" not in refused.stderr
    flagged = site.edit(99, draft=True)
    assert f"takedowns wait for it, too (first: {flagged.name})" in build(0, HOUR).stderr
    assert build(0, HOUR, "--accept-removals").code == 0
    assert build(3, 2 * HOUR).code == 0, "what was accepted is not told again"
    assert build(20, 3 * HOUR).code == 3


def test_x5_what_goes_day_by_day_is_believed(site: Site) -> None:
    for day, left in ((7, 55), (9, 31), (11, 17)):
        remove(site, {55: 45, 31: 24, 17: 14}[left])
        assert site.build(epoch=EPOCH + day * DAY)["items"]["published"] == left


def test_x5_what_came_back_is_not_gone(site: Site) -> None:
    away = {path: path.read_bytes() for path in sorted(site.content.iterdir())[:45]}
    for turn in range(3):
        remove(site, 45)
        site.build(epoch=EPOCH + 7 * DAY + turn * HOUR)
        for path, data in away.items():
            path.write_bytes(data)
        site.build(epoch=EPOCH + 7 * DAY + turn * HOUR + 60)


# what authors flag --------------------------------------------------------------------------------


def test_x5_flags_work_at_once_and_are_said_first_where_they_are_many(site: Site) -> None:
    for number in range(60):
        site.edit(number, draft=True)
    line = "60 of 100 items are withdrawn (first: i00.md, i01.md, i02.md, i03.md, i04.md, …)"
    tried = site.run("build", "--dry-run")
    assert (tried.code, tried.stderr.splitlines()[0]) == (0, line)
    assert "would withdraw content/i59.md" in tried.stdout.splitlines()
    done = site.run("build")
    assert (done.code, done.stderr.splitlines()[0]) == (0, line)
    assert len(site.ids()) == 40
    assert line not in site.run("build").stderr
    site.edit(60, draft=True)
    assert "are withdrawn" not in site.run("build").stderr, "one is not many"


def test_x5_what_other_rules_withhold_is_said_though_it_is_little(site: Site) -> None:
    for number in (3, 4):
        site.edit(number, publishedDateTime="2025-12-01", status="seedling")
    assert "are withdrawn" not in site.run("build").stderr
    site.configure(content={"withhold": {"status": ["seedling"]}})
    line = "2 of 100 items are withdrawn by other rules or another config (first: i03.md, i04.md)"
    report = site.run("build", "--dry-run", "--report", "json").report
    assert (report["notice"], report["withdrawals"]) == (line, ["i03.md", "i04.md"])
    assert site.run("build").stderr.splitlines()[0] == line


# the clock ----------------------------------------------------------------------------------------


def test_d10_a_clock_that_went_back_changes_nothing_until_accepted(site: Site) -> None:
    later = EPOCH + 30 * DAY
    site.write("new.md", title="New", publishedDateTime="2026-01-20", webUrl="https://a.example/")
    site.build(epoch=later)
    before = site.feeds()
    site.write("new.md", title="New, mended", publishedDateTime="2026-01-20",
               webUrl="https://a.example/")  # fmt: skip
    for options in ((), ("--dry-run",), ("--full",)):
        refused = site.run("build", *options, epoch=EPOCH)
        assert refused.code == 3
        assert "the clock says 2026-01-01T00:00:00Z" in refused.stderr
        assert "the last build was at 2026-01-31T00:00:00Z" in refused.stderr
        assert "--accept-clock" in refused.stderr
    assert site.feeds() == before
    assert site.build(epoch=later - DAY + 1)["items"]["published"] == 101, "less than a day is none"
    assert site.build("--accept-clock", epoch=EPOCH)["items"]["scheduled"] == 1
    site.edit(0, publishedDateTime="2025-12-01", heat=7)
    assert site.build(epoch=EPOCH + 60)["items"]["published"] == 100, "the new base is that"


def test_d10_an_instant_that_is_named_is_refused_only_where_something_changes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = site.feeds()
    assert site.build(epoch=EPOCH - 9 * DAY)["items"]["published"] == 100
    assert site.build("--full", epoch=EPOCH - 9 * DAY)["items"]["published"] == 100
    assert site.feeds() == before
    site.configure(site={"title": "Another"})
    assert site.run("build", epoch=EPOCH - 9 * DAY).code == 3
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr("time.time", lambda: EPOCH - 9 * DAY)
    refused = run_here(*site.command("build"), cwd=site.root)
    assert (refused.code, site.feeds()) == (3, before), "a clock that is wrong is wrong in any case"


@pytest.mark.parametrize("kept", ["state", "ledger"])
def test_d10_most_of_what_is_out_is_not_put_off(tmp_path: Path, kept: str) -> None:
    site = Site(tmp_path / "site", ledger=True).fill(range(30))
    site.build(epoch=EPOCH + 60 * DAY)
    before = site.feeds()
    if kept == "ledger":
        shutil.rmtree(site.state)
    refused = site.run("build", epoch=EPOCH - 30 * DAY)
    assert refused.code == 3
    assert "2025-12-02" in refused.stderr
    assert "2026-03-02" in refused.stderr or kept == "ledger"
    assert site.feeds() == before


def test_d10_dates_that_put_off_most_are_refused_as_well(site: Site) -> None:
    for number in range(60):
        site.edit(number, publishedDateTime="2062-12-01", draft=None)
    refused = site.run("build", epoch=EPOCH + 60)
    assert refused.code == 3
    assert "60 of 100 items that are out would be scheduled" in refused.stderr
    assert len(site.ids()) == 100
    assert site.build("--accept-clock", epoch=EPOCH + 60)["items"]["scheduled"] == 60


def test_d6_an_undated_item_is_not_scheduled_by_a_clock_a_second_behind(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", ledger=True)
    site.write("a.md", title="A", webUrl="https://a.example/")
    site.build()
    before = site.feeds()
    for _ in range(2):
        assert site.build("--full", epoch=EPOCH - 1)["items"]["published"] == 1
        assert site.feeds() == before
        shutil.rmtree(site.state)


def test_d10_what_a_clock_that_ran_ahead_dated_is_of_the_present_once_it_is_accepted(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path / "site", ledger=True)
    for number in range(70):
        site.edit(number, publishedDateTime="2024-01-01", topics=["Web"])
    site.write("undated.md", title="Undated", webUrl="https://a.example/", topics=["Web"])
    site.edit(70, topics=["Web"], publishedDateTime="2024-01-01")
    site.build()
    ahead = EPOCH + 5_000 * DAY
    site.write("late.md", title="Late", webUrl="https://b.example/", topics=["Web"])
    for number in range(60):
        site.edit(number, publishedDateTime="2024-01-01", topics=["Web"], title=f"New {number}")
    site.edit(70, draft=True)
    site.build(epoch=ahead)
    present = EPOCH + DAY
    site.edit(69, publishedDateTime="2024-01-01", topics=["Web"], title="Now")
    assert site.run("build", epoch=present).code == 3
    site.build("--accept-clock", epoch=present)
    site.write("news.md", title="News", webUrl="https://c.example/", topics=["Web"])
    site.build(epoch=present + 60)
    assert "News" in site.ids()
    for path, data in site.feeds().items():
        assert b"2039" not in data, path
    instants = re.findall(r":(\d{10})\b", site.ledger.read_text(encoding="ascii"))
    assert max(map(int, instants)) <= present + 30 * DAY
    shutil.rmtree(site.state)
    site.build("--full", epoch=present + 60)
    assert "News" in site.ids()
    site.build(epoch=present + 40 * DAY)
    assert b"deleted-entry" not in (site.out / "atom.xml").read_bytes()


# the history --------------------------------------------------------------------------------------


def test_a_history_is_of_a_day_and_its_moments_of_a_minute() -> None:
    history = extended((), Moment(600, 500, 3, 100), left=400)
    history = extended(history, Moment(659, 400, 2, 10), left=390)
    assert history == (Moment(659, 500, 5, 110),)
    history = extended(history, Moment(660, 390, 1, 0), left=390)
    assert (len(history), most_out(history), lost(history)) == (2, 500, 110)
    assert after(history, 659, 700) == (Moment(660, 390, 1, 0),)


def test_a_history_of_a_clock_that_ran_ahead_is_of_now() -> None:
    assert after((Moment(9_000_000, 5),), 0, 1_000) == (Moment(1_000, 5),)


def test_what_was_accepted_is_the_new_base() -> None:
    history = extended((Moment(0, 100, 7),), Moment(60, 100, 0, 60), left=40)
    assert history == (Moment(0, 40, 7), Moment(60, 40, 0, 0))


@pytest.mark.parametrize(
    ("count", "of", "many"), [(10, 10, False), (11, 22, False), (11, 21, True)]
)
def test_many_are_more_than_half_and_more_than_ten(count: int, of: int, many: bool) -> None:
    assert is_many(count, of) is many
