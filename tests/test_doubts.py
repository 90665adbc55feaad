"""X5, D10: what is not believed without a person's word, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Site

from feedpub.core.doubts import Moment, after, extended, is_many, lost, most_out, updates

HOUR = 3_600


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A hundred items that were built a week ago."""
    site = Site(tmp_path / "site")
    for number in range(100):
        site.write(f"i{number:03}.md", title=f"Item {number}", publishedDateTime="2025-12-01",
                   webUrl=f"https://www.example.org/{number}")  # fmt: skip
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


# the history --------------------------------------------------------------------------------------


def test_a_history_is_of_a_day_and_its_moments_of_a_minute() -> None:
    history = extended((), Moment(600, 500, 3, 100), left=400)
    history = extended(history, Moment(659, 400, 2, 10), left=390)
    assert history == (Moment(659, 500, 5, 110),)
    history = extended(history, Moment(660, 390, 1, 0), left=390)
    assert (len(history), most_out(history), lost(history), updates(history)) == (2, 500, 110, 6)
    assert updates(after(history, 659, 700)) == 1


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
