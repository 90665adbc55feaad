"""The state in a PostgreSQL database: what is published is what SQLite gives, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Site

pytestmark = pytest.mark.engines


@pytest.fixture
def site(tmp_path: Path, database: str) -> Site:
    made = Site(tmp_path / "site").fill()
    made.configure(state={"url": database})
    return made


def test_a_site_is_built_and_an_unchanged_one_writes_nothing(site: Site, tmp_path: Path) -> None:
    other = site.copy(tmp_path / "other")
    del other.config["state"]["url"]
    other.configure()
    for each in (site, other):
        each.build()
    assert site.feeds() == other.feeds()
    looks = site.looks()
    site.build(epoch=EPOCH + DAY)
    assert site.looks() == looks
    assert not (site.state / "catalogue.sqlite3").exists()
